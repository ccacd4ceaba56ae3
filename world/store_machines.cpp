// The store's machines: rows, names, and filling the picture.
#include <algorithm>

#include "base/text.hpp"
#include "world/store_impl.hpp"

namespace slwmi::world {
namespace {

// Numbers come from machines that were there.
tl::unexpected<Error> no_machine() {
  return fail(HResult::kErrorNotFound, "the machine was removed");
}

std::uint64_t profile_digest(const StoredProfile& profile) {
  return row_digest("profile", {hash64(profile.os), hash64(profile.role)}, profile.edition);
}

// All of the row but its list, which digest_of_list adds by exclusive or, so that a push changes
// both without reading the rest.
std::uint64_t digest_of_row(MachineId id, std::string_view name, std::uint32_t profile,
                            std::uint32_t domain, std::uint32_t site, std::uint32_t flags,
                            std::uint32_t hardware, FileTime installed, FileTime started) {
  static const std::uint64_t kTable = hash64("machine");
  return row_digest(
      kTable, {id, profile, domain, site, flags, hardware, installed.ticks, started.ticks}, name);
}

Result<> check_flags(std::uint32_t flags) {
  if (flags <= kMaxMachineFlags) return {};
  return fail(HResult::kEInvalidarg, "a machine has at most 24 flags");
}

std::uint64_t old_name_digest(MachineId id, reg::Generation generation, FileTime until,
                              std::string_view name, std::string_view domain) {
  return row_digest("old_name", {id, generation, until.ticks, hash64(domain)}, name);
}

}  // namespace

std::uint64_t Store::digest_of_list(MachineId id, std::uint32_t list) {
  static const std::uint64_t kTable = hash64("list");
  return row_digest(kTable, {id, list});
}

std::uint64_t Store::digest_of(MachineId id, const Machine& row) {
  return digest_of_row(id, row.name, row.profile, row.domain, row.site, row.flags, row.hardware,
                       row.installed, row.started) ^
         digest_of_list(id, row.list);
}

Result<std::uint32_t> Store::profile_id(const StoredProfile& profile) {
  for (const auto& [id, known] : profiles_) {
    if (*known == profile) return id;
  }
  SL_SQL(query, "SELECT id FROM profile WHERE os=? AND role=? AND edition=?");
  SL_TRY(const bool there,
         query->bind(1, profile.os).bind(2, profile.role).bind(3, profile.edition).step());
  if (there) return static_cast<std::uint32_t>(query->integer(0));
  SL_SQL(insert, "INSERT INTO profile(os, role, edition, digest) VALUES(?,?,?,?) RETURNING id");
  insert->bind(1, profile.os).bind(2, profile.role).bind(3, profile.edition);
  SL_CHECK(insert->bind(4, profile_digest(profile)).step());
  const auto out = static_cast<std::uint32_t>(insert->integer(0));
  SL_CHECK(insert->step());
  return out;
}

Result<std::vector<MachineId>> Store::add_machines(std::span<const NewMachine> machines) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  SL_SQL(exists, "SELECT 1 FROM machine WHERE name=?");
  SL_SQL(insert,
         "INSERT INTO machine(id, name, profile, domain, site, flags, installed, started, digest) "
         "VALUES(?,?,?,?,?,?,?,?,?)");
  SL_TRY(MachineId id, last_machine_id());
  std::vector<MachineId> out;
  out.reserve(machines.size());
  std::map<std::string_view, std::uint32_t> texts;
  const auto number_of = [&](std::string_view text) -> Result<std::uint32_t> {
    auto [known, is_new] = texts.try_emplace(text, 0);
    if (is_new) {
      SL_TRY(known->second, text_number(text));
    }
    return known->second;
  };
  std::map<StoredProfile, std::uint32_t> profiles;
  for (const NewMachine& machine : machines) {
    SL_CHECK(check_flags(machine.flags));
    SL_TRY(const std::uint32_t domain, number_of(machine.domain));
    SL_TRY(const std::uint32_t site, number_of(machine.site));
    auto [profile, new_profile] = profiles.try_emplace(machine.profile, 0);
    if (new_profile) {
      SL_TRY(profile->second, profile_id(machine.profile));
    }
    SL_TRY(const bool taken, exists->bind(1, machine.name).step());
    exists->reset();
    if (taken)
      return fail(HResult::kErrorAlreadyExists, "there is a machine " + machine.name + " already");
    ++id;
    const FileTime installed = machine.installed == FileTime{} ? now_ : machine.installed;
    const std::uint64_t digest = digest_of_row(id, machine.name, profile->second, domain, site,
                                               machine.flags, 0, installed, installed) ^
                                 digest_of_list(id, 0);
    insert->bind(1, id).bind(2, machine.name).bind(3, profile->second).bind(4, domain);
    insert->bind(5, site).bind(6, machine.flags);
    insert->bind(7, installed.ticks).bind(8, installed.ticks);
    insert->bind(9, digest);
    SL_CHECK(insert->run());
    out.push_back(id);
  }
  SL_TRY(const reg::Generation generation, record(JournalKind::kMachines, 0));
  SL_CHECK(write.commit(generation));
  changed(JournalKind::kMachines);
  return out;
}

Result<> Store::remove_machine(MachineId id) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  SL_CHECK(keep_name(id));
  SL_SQL(values, "DELETE FROM own_value WHERE machine=?");
  SL_CHECK(values->bind(1, id).run());
  SL_SQL(keys, "DELETE FROM own_key WHERE machine=?");
  SL_CHECK(keys->bind(1, id).run());
  SL_SQL(thawed, "DELETE FROM thawed WHERE machine=?");
  SL_CHECK(thawed->bind(1, id).run());
  SL_SQL(row, "DELETE FROM machine WHERE id=?");
  SL_CHECK(row->bind(1, id).run());
  SL_TRY(const reg::Generation generation, record(JournalKind::kMachines, id));
  SL_CHECK(write.commit(generation));
  machines_->erase(id);
  changed(JournalKind::kMachines);
  return {};
}

Result<std::optional<MachineId>> Store::find_machine(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return at_one_state(found_before(name).has_value(), [&] { return find(name); });
}

Result<std::vector<MachineId>> Store::find_machines(std::span<const std::string> names) {
  const std::lock_guard lock(mutex_);
  return at_one_state(false, [&]() -> Result<std::vector<MachineId>> {
    std::vector<MachineId> out;
    out.reserve(names.size());
    for (const std::string& name : names) {
      SL_TRY(const std::optional<MachineId> id, find(name));
      if (!id) return fail(HResult::kErrorNotFound, "there is no machine " + name);
      out.push_back(*id);
    }
    return out;
  });
}

// Names are asked for again and again. Whose it was is a hint: that machine's row must say so
// still.
std::optional<MachineId> Store::found_before(std::string_view name) const {
  const auto hint = found_.find(name);
  if (hint == found_.end()) return std::nullopt;
  const Machine* const machine = machines_->find(hint->second);
  if (machine == nullptr || !machine->row_loaded || !equal_ignore_case(machine->name, name))
    return std::nullopt;
  return hint->second;
}

// The row is loaded, too: it proves that the index told the truth.
Result<std::optional<MachineId>> Store::find(std::string_view name) {
  if (const auto known = found_before(name)) return known;
  SL_SQL(query, "SELECT id FROM machine WHERE name=?");
  SL_TRY(const bool row, query->bind(1, name).step());
  if (!row) return std::optional<MachineId>();
  const auto id = static_cast<MachineId>(query->integer(0));
  SL_TRY(const Machine* machine, load(id));
  if (!equal_ignore_case(machine->name, name)) return damaged("the name " + std::string(name));
  constexpr std::size_t kMostFound = 1024;
  if (found_.size() >= kMostFound) found_.clear();
  found_.insert_or_assign(std::string(name), id);
  return std::optional<MachineId>(id);
}

// The machine's row; its own writes only when they are asked for.
Result<Store::Machine*> Store::load(MachineId id) {
  Machine* const known = machines_->find(id);
  if (known != nullptr && known->row_loaded) return known;
  SL_SQL(query,
         "SELECT name, profile, domain, list, flags, hardware, installed, started, digest, site "
         "FROM machine WHERE id=?");
  SL_TRY(const bool row, query->bind(1, id).step());
  if (!row) {
    machines_->erase(id);
    return no_machine();
  }
  Machine machine;
  if (known != nullptr) machine = *known;
  machine.name = std::string(query->text(0));
  machine.profile = static_cast<std::uint32_t>(query->integer(1));
  machine.domain = static_cast<std::uint32_t>(query->integer(2));
  machine.list = static_cast<std::uint32_t>(query->integer(3));
  machine.flags = static_cast<std::uint32_t>(query->integer(4)) & kMaxMachineFlags;
  machine.hardware = static_cast<std::uint32_t>(query->integer(5));
  machine.installed = FileTime{query->number(6)};
  machine.started = FileTime{query->number(7)};
  machine.site = static_cast<std::uint32_t>(query->integer(9));
  if (digest_of(id, machine) != query->number(8))
    return damaged("machine number " + std::to_string(id));
  SL_CHECK(load_profile(machine.profile));
  for (const std::uint32_t text : {machine.domain, machine.site}) {
    if (names_->texts.contains(text)) continue;
    SL_TRY(names_->texts[text], text_of_number(text));
  }
  machine.row_loaded = true;
  Machine& out = machines_->at(id);
  out = std::move(machine);
  return &out;
}

Result<> Store::load_profile(std::uint32_t id) {
  if (profiles_.contains(id)) return {};
  SL_SQL(query, "SELECT os, role, edition, digest FROM profile WHERE id=?");
  SL_TRY(const bool row, query->bind(1, id).step());
  const StoredProfile profile{std::string(query->text(0)), std::string(query->text(1)),
                              std::string(query->text(2))};
  if (!row || profile_digest(profile) != query->number(3))
    return damaged("profile number " + std::to_string(id));
  profiles_[id] = &*profile_values_.insert(profile).first;
  return {};
}

Result<MachineId> Store::last_machine_id() {
  SL_SQL(query, "SELECT seq FROM sqlite_sequence WHERE name='machine'");
  SL_TRY(const bool row, query->step());
  return row ? static_cast<MachineId>(query->integer(0)) : 0;
}

bool Store::row_ready(MachineId id) const {
  const Machine* const found = machines_->find(id);
  return found != nullptr && found->row_loaded;
}

bool Store::view_ready(MachineId id) const {
  const Machine* const found = machines_->find(id);
  return found != nullptr && found->row_loaded && found->own_loaded &&
         (found->list == 0 || lists_.contains(found->list));
}

Result<MachineInfo> Store::info(MachineId id) {
  const std::lock_guard lock(mutex_);
  return at_one_state(row_ready(id), [&]() -> Result<MachineInfo> {
    SL_TRY(const Machine* machine, load(id));
    return MachineInfo{id,
                       machine->name,
                       names_->texts[machine->domain],
                       profiles_[machine->profile],
                       machine->installed,
                       machine->started,
                       machine->flags,
                       machine->hardware,
                       names_->texts[machine->site]};
  });
}

Result<> Store::set_started(MachineId id, FileTime time) {
  return change_row(id, [&](Machine& machine) -> Result<> {
    machine.started = time;
    return {};
  });
}

Result<> Store::count_hardware_change(MachineId id) {
  return change_row(id, [&](Machine& machine) -> Result<> {
    ++machine.hardware;
    return {};
  });
}

Result<> Store::set_row(MachineId id, const MachineInfo& row) {
  SL_CHECK(check_flags(row.flags));
  return change_row(id, [&](Machine& machine) -> Result<> {
    SL_TRY(const std::uint32_t domain, text_number(row.domain));
    if (machine.name != row.name || machine.domain != domain) SL_CHECK(keep_name(id));
    machine.name = row.name;
    machine.domain = domain;
    SL_TRY(machine.site, text_number(row.site));
    SL_TRY(machine.profile, profile_id(*row.profile));
    machine.flags = row.flags & kMaxMachineFlags;
    machine.hardware = row.hardware;
    return {};
  });
}

Result<> Store::change_row(MachineId id, const std::function<Result<>(Machine&)>& change) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  SL_TRY(Machine * machine, load(id));
  machine->row_loaded = false;  // until it is read again
  SL_CHECK(change(*machine));
  SL_CHECK(put_row(id, *machine));
  SL_TRY(const reg::Generation generation, record(JournalKind::kMachineRow, id));
  SL_CHECK(write.commit(generation));
  changed(JournalKind::kMachineRow);
  return {};
}

Result<> Store::put_row(MachineId id, const Machine& machine) {
  SL_SQL(update,
         "UPDATE machine SET name=?, domain=?, flags=?, hardware=?, started=?, digest=?, site=?, "
         "profile=?, installed=? WHERE id=?");
  update->bind(1, machine.name).bind(2, machine.domain).bind(3, std::uint32_t{machine.flags});
  update->bind(4, machine.hardware).bind(5, machine.started.ticks);
  update->bind(6, digest_of(id, machine)).bind(7, machine.site).bind(8, machine.profile);
  return update->bind(9, machine.installed.ticks).bind(10, id).run();
}

Result<> Store::reinstall(MachineId id) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  SL_TRY(Machine * machine, load(id));
  SL_CHECK(thaw(id, *machine));
  SL_TRY(const reg::HiveView before, make_view(id, *machine));
  tell_witnesses(id, before, now_);
  machine->row_loaded = false;
  machine->own_loaded = false;
  machine->written = generation_ + 1;
  for (const char* text :
       {"DELETE FROM own_value WHERE machine=?", "DELETE FROM own_key WHERE machine=?"}) {
    SL_SQL(remove, text);
    SL_CHECK(remove->bind(1, id).run());
  }
  machine->installed = now_;
  machine->started = now_;
  machine->flags = (machine->flags & ~std::uint32_t{kTamperedFiles}) & kMaxMachineFlags;
  SL_CHECK(put_row(id, *machine));
  constexpr auto kKind = JournalKind::kMachineRow | JournalKind::kRegistry;
  SL_TRY(const reg::Generation generation, record(kKind, id));
  SL_CHECK(write.commit(generation));
  changed(kKind);
  return {};
}

// Remembers the name that the machine has until now.
Result<> Store::keep_name(MachineId id) {
  SL_SQL(query, "SELECT name, (SELECT value FROM text WHERE id=domain) FROM machine WHERE id=?");
  SL_TRY(const bool row, query->bind(1, id).step());
  if (!row) return no_machine();
  const reg::Generation generation = generation_ + 1;
  SL_SQL(insert, "INSERT INTO old_name VALUES(?,?,?,?,?,?)");
  insert->bind(1, id).bind(2, generation).bind(3, now_.ticks);
  insert->bind(4, query->text(0)).bind(5, query->text(1));
  return insert->bind(6, old_name_digest(id, generation, now_, query->text(0), query->text(1)))
      .run();
}

Result<MachineName> Store::name_at(MachineId id, FileTime time) {
  const std::lock_guard lock(mutex_);
  return at_one_state(false, [&]() -> Result<MachineName> {
    const bool there = load(id).has_value();
    SL_SQL(query,
           "SELECT generation, until, name, domain, digest FROM old_name WHERE machine=? ORDER BY "
           "generation");
    query->bind(1, id);
    std::optional<MachineName> last;
    for (;;) {
      SL_TRY(const bool row, query->step());
      if (!row) break;
      const FileTime until{query->number(1)};
      if (old_name_digest(id, query->number(0), until, query->text(2), query->text(3)) !=
          query->number(4))
        return damaged("an old name of machine number " + std::to_string(id));
      last = MachineName{std::string(query->text(2)), std::string(query->text(3))};
      if (time < until) return *last;
    }
    if (!there && !last) return no_machine();
    if (!there) return *last;
    const Machine& machine = *machines_->find(id);
    return MachineName{machine.name, names_->texts[machine.domain]};
  });
}

Result<std::vector<OldName>> Store::old_names() {
  const std::lock_guard lock(mutex_);
  return at_one_state(false, [&]() -> Result<std::vector<OldName>> {
    SL_SQL(
        query,
        "SELECT machine, generation, until, name, domain, digest FROM old_name ORDER BY machine, "
        "generation");
    std::vector<OldName> out;
    for (;;) {
      SL_TRY(const bool row, query->step());
      if (!row) return out;
      const auto id = static_cast<MachineId>(query->integer(0));
      const FileTime until{query->number(2)};
      if (old_name_digest(id, query->number(1), until, query->text(3), query->text(4)) !=
          query->number(5))
        return damaged("an old name of machine number " + std::to_string(id));
      out.push_back({id, until, {std::string(query->text(3)), std::string(query->text(4))}});
    }
  });
}

Result<std::shared_ptr<const MachineColumns>> Store::all_machines() {
  const std::lock_guard lock(mutex_);
  SL_CHECK(at_one_state(columns_ != nullptr, [&]() -> Result<> {
    if (columns_ != nullptr) return {};
    SL_TRY(MachineColumns columns, read_columns());
    columns_ = std::make_shared<const MachineColumns>(std::move(columns));
    return {};
  }));
  return columns_;
}

Result<MachineColumns> Store::read_columns() {
  MachineColumns out;
  out.generation = generation_;
  std::unordered_map<std::uint32_t, std::uint32_t> profiles;
  std::unordered_map<std::uint32_t, std::uint32_t> texts;
  // What a number became of, which most rows share with the one before.
  struct Last {
    std::optional<std::uint32_t> number;
    std::uint32_t place = 0;
  };
  Last domain, site, profile;
  const auto text_of = [&](std::uint32_t number, Last& last) -> Result<> {
    if (number == last.number) return {};
    const auto [known, is_new] =
        texts.try_emplace(number, static_cast<std::uint32_t>(out.texts.size()));
    if (is_new) {
      SL_TRY(std::string text, text_of_number(number));
      out.texts.push_back(std::move(text));
    }
    last = {number, known->second};
    return {};
  };
  const auto profile_of = [&](std::uint32_t number) -> Result<> {
    if (number == profile.number) return {};
    const auto [known, is_new] =
        profiles.try_emplace(number, static_cast<std::uint32_t>(out.profiles.size()));
    if (is_new) {
      SL_CHECK(load_profile(number));
      out.profiles.push_back(profiles_[number]);
    }
    profile = {number, known->second};
    return {};
  };
  SL_SQL(
      query,
      "SELECT id, name, profile, domain, site, list, flags, hardware, installed, started, digest "
      "FROM machine ORDER BY id");
  for (;;) {
    SL_TRY(const bool row, query->step());
    if (!row) return out;
    const auto number = [&](int column) {
      return static_cast<std::uint32_t>(query->integer(column));
    };
    const MachineId id = number(0);
    const std::string_view name = query->text(1);
    const std::uint32_t profile_id = number(2), domain_text = number(3), site_text = number(4),
                        list = number(5), flags = number(6), hardware = number(7);
    const FileTime installed{query->number(8)};
    const FileTime started{query->number(9)};
    const std::uint64_t digest = digest_of_row(id, name, profile_id, domain_text, site_text, flags,
                                               hardware, installed, started) ^
                                 digest_of_list(id, list);
    if (digest != query->number(10)) return damaged("machine number " + std::to_string(id));
    SL_CHECK(profile_of(profile_id));
    SL_CHECK(text_of(domain_text, domain));
    SL_CHECK(text_of(site_text, site));
    out.id.push_back(id);
    out.names += name;
    out.name_end.push_back(static_cast<std::uint32_t>(out.names.size()));
    out.profile.push_back(profile.place);
    out.domain.push_back(domain.place);
    out.site.push_back(site.place);
    out.policies.push_back(list);
    out.flags.push_back(flags);
    out.hardware.push_back(hardware);
    out.installed.push_back(installed);
    out.started.push_back(started);
  }
}

Result<std::vector<std::string>> Store::names() {
  const std::lock_guard lock(mutex_);
  SL_SQL(query, "SELECT name FROM machine ORDER BY name");
  std::vector<std::string> out;
  for (;;) {
    SL_TRY(const bool row, query->step());
    if (!row) return out;
    out.emplace_back(query->text(0));
  }
}

Result<std::vector<MachineId>> Store::ids() {
  const std::lock_guard lock(mutex_);
  SL_SQL(query, "SELECT id FROM machine ORDER BY name");
  std::vector<MachineId> out;
  for (;;) {
    SL_TRY(const bool row, query->step());
    if (!row) return out;
    out.push_back(static_cast<MachineId>(query->integer(0)));
  }
}

Result<std::optional<MachineId>> Store::oldest_machine() {
  const std::lock_guard lock(mutex_);
  SL_SQL(query, "SELECT min(id) FROM machine");
  SL_CHECK(query->step());
  const auto id = static_cast<MachineId>(query->integer(0));  // 0 where there is none
  return id == 0 ? std::optional<MachineId>() : id;
}

Result<std::vector<MachineId>> Store::in_role(std::string_view domain, std::string_view role) {
  const std::lock_guard lock(mutex_);
  SL_SQL(query,
         "SELECT id FROM machine WHERE profile IN (SELECT id FROM profile WHERE role=?) AND "
         "domain=(SELECT id FROM text WHERE value=?) ORDER BY id");
  query->bind(1, role).bind(2, domain);
  std::vector<MachineId> out;
  for (;;) {
    SL_TRY(const bool row, query->step());
    if (!row) return out;
    out.push_back(static_cast<MachineId>(query->integer(0)));
  }
}

Result<std::size_t> Store::machine_count() {
  const std::lock_guard lock(mutex_);
  SL_SQL(query, "SELECT count(*) FROM machine");
  SL_CHECK(query->step());
  return static_cast<std::size_t>(query->integer(0));
}

}  // namespace slwmi::world
