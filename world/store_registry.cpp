// The store's registry rows: a machine's own writes, one row a value and a key, each with a digest
// over its content so that a damaged row is found and never returned.
#include <algorithm>

#include "base/text.hpp"
#include "registry/security.hpp"
#include "world/store_impl.hpp"

namespace slwmi::world {
namespace {

tl::unexpected<Error> damaged_own(std::string_view what, MachineId machine) {
  return damaged(std::string(what) + " of machine number " + std::to_string(machine));
}

constexpr std::uint64_t kTombstone = 1ull << 32;

std::uint64_t key_row_digest(std::initializer_list<std::uint64_t> numbers, ByteSpan security) {
  return row_digest("own_key", numbers, {}, security);
}
std::uint64_t value_row_digest(std::initializer_list<std::uint64_t> numbers, std::string_view name,
                               ByteSpan data) {
  return row_digest("own_value", numbers, name, data);
}

// A key of which nothing is known but that its values are own ones.
reg::OwnKey untouched(reg::KeyId key) {
  return {.parent = reg::parent_of(key),
          .key = key,
          .spelling = static_cast<reg::SpellingId>(reg::number(reg::name_of(key)))};
}

bool same_but_time(const reg::OwnKey& a, const reg::OwnKey& b) {
  return a.spelling == b.spelling && a.security == b.security && a.created == b.created &&
         a.deleted == b.deleted && a.secured == b.secured;
}

}  // namespace

// The number after the last of a table of names.
Result<std::uint32_t> Store::next_number(const char* last) {
  SL_SQL(query, last);
  SL_CHECK(query->step());
  return static_cast<std::uint32_t>(query->integer(0)) + 1;
}

Result<std::uint32_t> Store::text_number(std::string_view text) {
  {
    SL_SQL(query, "SELECT id, digest FROM text WHERE value=?");
    SL_TRY(const bool there, query->bind(1, text).step());
    const auto id = static_cast<std::uint32_t>(query->integer(0));
    if (there && row_digest("text", {id}, text) != query->number(1)) return damaged(text);
    if (there) return id;
  }
  SL_TRY(const std::uint32_t id, next_number("SELECT max(id) FROM text"));
  SL_SQL(insert, "INSERT INTO text VALUES(?,?,?)");
  SL_CHECK(insert->bind(1, id).bind(2, text).bind(3, row_digest("text", {id}, text)).run());
  return id;
}

Result<std::uint32_t> Store::spelling_number(reg::SpellingId spelling) {
  if (const auto known = names_->spelling_numbers.find(spelling);
      known != names_->spelling_numbers.end())
    return known->second;
  SL_TRY(const std::uint32_t number, text_number(reg::text_of(spelling)));
  names_->spelling_numbers[spelling] = number;
  return number;
}

Result<std::string> Store::text_of_number(std::uint32_t number) {
  SL_SQL(query, "SELECT value, digest FROM text WHERE id=?");
  SL_TRY(const bool row, query->bind(1, number).step());
  if (!row || row_digest("text", {number}, query->text(0)) != query->number(1))
    return damaged("text number " + std::to_string(number));
  return std::string(query->text(0));
}

Result<std::uint32_t> Store::key_number(reg::KeyId key) {
  if (key == reg::KeyId::kLocalMachine || key == reg::KeyId::kUsers) return reg::number(key);
  if (const auto known = names_->key_numbers.find(key); known != names_->key_numbers.end())
    return known->second;
  SL_TRY(const std::uint32_t parent, key_number(reg::parent_of(key)));
  const std::string_view name = reg::folded_text(reg::name_of(key));
  std::uint32_t number = 0;
  {
    SL_SQL(query, "SELECT id, digest FROM reg_key WHERE parent=? AND name=?");
    SL_TRY(const bool there, query->bind(1, parent).bind(2, name).step());
    if (there) number = static_cast<std::uint32_t>(query->integer(0));
    if (there && row_digest("reg_key", {number, parent}, name) != query->number(1))
      return damaged("key " + std::string(name));
  }
  if (number == 0) {
    SL_TRY(number, next_number("SELECT max(id) FROM reg_key"));
    SL_SQL(insert, "INSERT INTO reg_key VALUES(?,?,?,?)");
    const std::uint64_t digest = row_digest("reg_key", {number, parent}, name);
    SL_CHECK(insert->bind(1, number).bind(2, parent).bind(3, name).bind(4, digest).run());
  }
  names_->key_numbers[key] = number;
  return number;
}

Result<reg::KeyId> Store::key_of_number(std::uint32_t number) {
  if (number == 1) return reg::KeyId::kLocalMachine;
  if (number == 2) return reg::KeyId::kUsers;
  if (const auto known = names_->keys.find(number); known != names_->keys.end())
    return known->second;
  std::uint32_t parent_number = 0;
  reg::NameId name{};
  {
    SL_SQL(query, "SELECT parent, name, digest FROM reg_key WHERE id=?");
    SL_TRY(const bool row, query->bind(1, number).step());
    parent_number = static_cast<std::uint32_t>(query->integer(0));
    if (!row || row_digest("reg_key", {number, parent_number}, query->text(1)) != query->number(2))
      return damaged("key number " + std::to_string(number));
    name = reg::intern_name(query->text(1)).id;
  }
  SL_TRY(const reg::KeyId parent, key_of_number(parent_number));
  const reg::KeyId key = reg::intern_key(parent, name);
  names_->keys[number] = key;
  return key;
}

// A key whose values were written has no row for that: the newest of its values says when. So a
// call that sets a value writes one row.
Result<std::vector<Store::StoredKey>> Store::own_keys(MachineId id) {
  std::vector<StoredKey> out;
  SL_SQL(query,
         "SELECT key, spelling, security, created, deleted, secured, touched, written, digest FROM "
         "own_key WHERE machine=?");
  query->bind(1, id);
  for (;;) {
    SL_TRY(const bool row, query->step());
    if (!row) return out;
    const std::uint64_t digest =
        key_row_digest({id, query->number(0), query->number(1), query->number(3), query->number(4),
                        query->number(5), query->number(6), query->number(7)},
                       query->blob(2));
    if (digest != query->number(8)) return damaged_own("a key", id);
    auto& [key, touched] = out.emplace_back();
    SL_TRY(key.key, key_of_number(static_cast<std::uint32_t>(query->integer(0))));
    key.parent = reg::parent_of(key.key);
    SL_TRY(const std::string spelling,
           text_of_number(static_cast<std::uint32_t>(query->integer(1))));
    key.spelling = reg::intern_name(spelling).spelling;
    if (!query->is_null(2)) {
      SL_TRY(const reg::SecurityDescriptor descriptor, reg::parse_security(query->blob(2)));
      key.security = reg::intern_security(descriptor);
    }
    key.created = query->number(3);
    key.deleted = query->number(4);
    key.secured = query->number(5);
    touched = query->number(6);
    key.written = FileTime{query->number(7)};
  }
}

Result<> Store::load_own(MachineId id, Machine& machine, reg::OwnDelta* from_fleet) {
  SL_TRY(std::vector<StoredKey> rows, own_keys(id));
  std::unordered_map<reg::KeyId, std::size_t> places;
  for (std::size_t i = 0; i < rows.size(); ++i) places[rows[i].key.key] = i;
  std::vector<reg::OwnValue> values;
  std::vector<Bytes> data;  // keeps what the spans of `values` show
  SL_SQL(query,
         "SELECT key, name, type, data, written, at, born, sequence, digest FROM own_value WHERE "
         "machine=?");
  query->bind(1, id);
  for (;;) {
    SL_TRY(const bool row, query->step());
    if (!row) break;
    const bool deleted = query->is_null(3);
    const std::uint64_t digest =
        value_row_digest({id, query->number(0), query->number(2) | (deleted ? kTombstone : 0),
                          query->number(4), query->number(5), query->number(6), query->number(7)},
                         query->text(1), query->blob(3));
    if (digest != query->number(8)) return damaged_own("value " + std::string(query->text(1)), id);
    reg::OwnValue value;
    SL_TRY(value.key, key_of_number(static_cast<std::uint32_t>(query->integer(0))));
    value.spelling = reg::intern_name(query->text(1)).spelling;
    value.type = static_cast<reg::ValueType>(query->integer(2));
    value.deleted = deleted;
    value.written = query->number(4);
    value.born = query->number(6);
    value.sequence = static_cast<std::uint32_t>(query->integer(7));
    data.emplace_back(query->blob(3).begin(), query->blob(3).end());
    value.data = data.back();
    values.push_back(value);
    const auto [place, is_new] = places.try_emplace(value.key, rows.size());
    if (is_new) rows.push_back({untouched(value.key), 0});
    StoredKey& key = rows[place->second];
    if (value.written <= key.touched) continue;
    key.touched = value.written;
    key.key.written = FileTime{query->number(5)};
  }
  std::vector<reg::OwnKey> keys;
  keys.reserve(rows.size());
  for (const StoredKey& row : rows) keys.push_back(row.key);
  machine.own = reg::Overlay(keys, values);
  SL_CHECK(add_fleet_row(id, machine, from_fleet));
  machine.own_loaded = true;
  return {};
}

Result<reg::ImagePtr> Store::image(std::uint32_t profile) {
  reg::ImagePtr& image = image_of_profile_[profile];
  if (image == nullptr) {
    SL_TRY(image, hooks_.images(*profiles_[profile]));
  }
  return image;
}

Result<reg::HiveView> Store::make_view(MachineId id, Machine& machine) {
  if (!machine.own_loaded) SL_CHECK(load_own(id, machine));
  SL_TRY(reg::ImagePtr image, this->image(machine.profile));
  reg::LayerListPtr layers;
  if (machine.list != 0) {
    SL_TRY(const List* list, this->list(machine.list));
    layers = list->compiled;
  }
  return reg::HiveView(std::move(image), std::move(layers), machine.own, generation_);
}

Result<reg::HiveView> Store::view(MachineId id) {
  const std::lock_guard lock(mutex_);
  return at_one_state(view_ready(id), [&]() -> Result<reg::HiveView> {
    SL_TRY(Machine * machine, load(id));
    return make_view(id, *machine);
  });
}

bool Store::written_after(const Machine& machine, reg::Generation base) const {
  return std::max({machine.written, many_written_, floor_}) > base;
}

// The machine's own writes after the changes, written to its rows.
Result<reg::Overlay> Store::write_own(MachineId id, Machine& machine,
                                      const reg::ChangeSet& changes) {
  SL_CHECK(thaw(id, machine));
  SL_TRY(const reg::HiveView before, make_view(id, machine));
  tell_witnesses(id, before, changes.now);
  reg::OwnDelta delta;
  const reg::HiveView after = before.after(changes, generation_ + 1, &delta);
  SL_CHECK(write_delta(id, before.own(), delta, generation_ + 1, changes.now));
  return after.own();
}

Result<reg::Generation> Store::commit(MachineId id, const reg::ChangeSet& changes) {
  const MachineChanges one[] = {{id, changes}};
  return commit({.machines = one});
}

Result<reg::Generation> Store::commit_each(std::span<const MachineId> machines,
                                           const reg::ChangeSet& changes) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  for (const MachineId id : machines) {
    SL_TRY(Machine * machine, load(id));
    SL_TRY(machine->own, write_own(id, *machine, changes));
    machine->written = generation_ + 1;
  }
  SL_TRY(const reg::Generation generation, record(JournalKind::kRegistry, 0));
  SL_CHECK(write.commit(generation));
  return generation;
}

void Store::add_witness(MachineId id, Witness& witness) {
  const std::lock_guard lock(mutex_);
  witnesses_.emplace_back(id, &witness);
}

void Store::remove_witness(Witness& witness) {
  const std::lock_guard lock(mutex_);
  std::erase_if(witnesses_, [&](const auto& each) { return each.second == &witness; });
}

void Store::tell_witnesses(MachineId id, const reg::HiveView& before, FileTime at) {
  for (const auto& [machine, witness] : witnesses_) {
    if (machine == id) witness->state_ends(before, std::max(now_, at), now_);
  }
}

Result<> Store::tell_witnesses() {
  for (const auto& [id, witness] : witnesses_) {
    auto machine = load(id);
    if (!machine) continue;  // removed
    SL_TRY(const reg::HiveView before, make_view(id, **machine));
    witness->state_ends(before, now_, now_);
  }
  return {};
}

Result<> Store::write_delta(MachineId id, const reg::Overlay& before, const reg::OwnDelta& delta,
                            reg::Generation generation, FileTime at) {
  const auto told_by_a_value = [&](const reg::OwnKey& key) {
    reg::OwnKey old = untouched(key.key);
    before.find(key.key, old);
    return same_but_time(key, old) &&
           std::any_of(delta.values.begin(), delta.values.end(),
                       [&](const reg::OwnValue& value) { return value.key == key.key; });
  };
  for (const reg::OwnKey& key : delta.keys) {
    if (told_by_a_value(key)) continue;
    SL_TRY(const std::uint32_t number, key_number(key.key));
    SL_TRY(const std::uint32_t spelling, spelling_number(key.spelling));
    Bytes security;
    const bool secured = key.security != reg::SecurityId::kInherited;
    if (secured) security = reg::to_bytes(reg::security_of(key.security));
    SL_SQL(put, "INSERT OR REPLACE INTO own_key VALUES(?,?,?,?,?,?,?,?,?,?)");
    put->bind(1, id).bind(2, number).bind(3, spelling);
    secured ? put->bind(4, ByteSpan(security)) : put->bind_null(4);
    put->bind(5, key.created).bind(6, key.deleted).bind(7, key.secured).bind(8, generation);
    put->bind(9, key.written.ticks);
    put->bind(10, key_row_digest({id, number, spelling, key.created, key.deleted, key.secured,
                                  generation, key.written.ticks},
                                 security));
    SL_CHECK(put->run());
  }
  for (const reg::OwnValue& value : delta.values) {
    SL_TRY(const std::uint32_t number, key_number(value.key));
    const std::string_view name = reg::text_of(value.spelling);
    const auto type = static_cast<std::uint32_t>(value.type);
    reg::OwnValue old;
    const bool there = before.find(value.key, value.name(), old) && old.spelling == value.spelling;
    SL_SQL(write_over,
           "UPDATE own_value SET type=?4, data=?5, written=?6, at=?7, born=?8, sequence=?9, "
           "digest=?10 WHERE machine=?1 AND key=?2 AND name=?3");
    SL_SQL(put, "INSERT OR REPLACE INTO own_value VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)");
    const auto run = [&](Statement& row) -> Result<> {
      row.bind(1, id).bind(2, number).bind(3, name).bind(4, type);
      value.deleted ? row.bind_null(5) : row.bind(5, value.data);
      row.bind(6, value.written).bind(7, at.ticks).bind(8, value.born).bind(9, value.sequence);
      row.bind(10, value_row_digest({id, number, type | (value.deleted ? kTombstone : 0),
                                     value.written, at.ticks, value.born, value.sequence},
                                    name, value.deleted ? ByteSpan() : value.data));
      return row.run();
    };
    // A replacement is a removal and an insertion to SQLite, and touches more pages.
    if (there) SL_CHECK(run(*write_over));
    if (!there || db_->changes() == 0) SL_CHECK(run(*put));
  }
  for (const reg::KeyId key : delta.dropped_keys) {
    SL_TRY(const std::uint32_t number, key_number(key));
    SL_SQL(drop, "DELETE FROM own_key WHERE machine=? AND key=?");
    SL_CHECK(drop->bind(1, id).bind(2, number).run());
  }
  for (const auto& [key, name] : delta.dropped_values) {
    SL_TRY(const std::uint32_t number, key_number(key));
    SL_SQL(drop, "DELETE FROM own_value WHERE machine=? AND key=? AND name=?");
    SL_CHECK(drop->bind(1, id).bind(2, number).bind(3, reg::folded_text(name)).run());
  }
  return {};
}

}  // namespace slwmi::world
