// The store's machines: rows, names, and filling the picture.
#include <algorithm>

#include "base/text.hpp"
#include "world/store_impl.hpp"

namespace slwmi::world {
namespace {

tl::unexpected<Error> no_machine(MachineId id) {
  return fail(HResult::kErrorNotFound, "there is no machine number " + std::to_string(id));
}

}  // namespace

Result<std::uint32_t> Store::profile_id(const StoredProfile& profile) {
  for (const auto& [id, known] : profiles_) {
    if (known == profile) return id;
  }
  SL_SQL(insert, "INSERT OR IGNORE INTO profile(os, role, edition) VALUES(?,?,?)");
  SL_CHECK(insert->bind(1, profile.os).bind(2, profile.role).bind(3, profile.edition).run());
  SL_SQL(query, "SELECT id FROM profile WHERE os=? AND role=? AND edition=?");
  SL_CHECK(query->bind(1, profile.os).bind(2, profile.role).bind(3, profile.edition).step());
  return static_cast<std::uint32_t>(query->integer(0));
}

Result<std::vector<MachineId>> Store::add_machines(std::span<const NewMachine> machines) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Database::Write write, db_->begin_write());
  SL_CHECK(follow_journal());
  SL_SQL(text, "INSERT OR IGNORE INTO text(value) VALUES(?)");
  SL_SQL(find_text, "SELECT id FROM text WHERE value=?");
  SL_SQL(exists, "SELECT 1 FROM machine WHERE name=?");
  SL_SQL(
      insert,
      "INSERT INTO machine(name, profile, domain, flags, installed, started) VALUES(?,?,?,?,?,?)");
  SL_SQL(last, "SELECT last_insert_rowid()");
  std::vector<MachineId> out;
  out.reserve(machines.size());
  std::map<std::string_view, std::uint32_t> domains;
  std::map<StoredProfile, std::uint32_t> profiles;
  for (const NewMachine& machine : machines) {
    auto [domain, new_domain] = domains.try_emplace(machine.domain, 0);
    if (new_domain) {
      SL_CHECK(text->bind(1, machine.domain).run());
      SL_CHECK(find_text->bind(1, machine.domain).step());
      domain->second = static_cast<std::uint32_t>(find_text->integer(0));
      find_text->reset();
    }
    auto [profile, new_profile] = profiles.try_emplace(machine.profile, 0);
    if (new_profile) {
      SL_TRY(profile->second, profile_id(machine.profile));
    }
    SL_TRY(const bool taken, exists->bind(1, machine.name).step());
    exists->reset();
    if (taken)
      return fail(HResult::kErrorAlreadyExists, "there is a machine " + machine.name + " already");
    SL_CHECK(insert->bind(1, machine.name)
                 .bind(2, profile->second)
                 .bind(3, domain->second)
                 .bind(4, machine.flags)
                 .bind(5, now_.ticks)
                 .bind(6, now_.ticks)
                 .run());
    SL_CHECK(last->step());
    out.push_back(static_cast<MachineId>(last->integer(0)));
    last->reset();
  }
  SL_TRY(const reg::Generation generation, record(JournalKind::kMachines, 0));
  SL_CHECK(finish(write, generation));
  return out;
}

Result<> Store::remove_machine(MachineId id) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Database::Write write, db_->begin_write());
  SL_CHECK(follow_journal());
  SL_SQL(values, "DELETE FROM own_value WHERE machine=?");
  SL_CHECK(values->bind(1, id).run());
  SL_SQL(keys, "DELETE FROM own_key WHERE machine=?");
  SL_CHECK(keys->bind(1, id).run());
  SL_SQL(row, "DELETE FROM machine WHERE id=?");
  SL_CHECK(row->bind(1, id).run());
  SL_TRY(const reg::Generation generation, record(JournalKind::kMachines, id));
  SL_CHECK(finish(write, generation));
  machines_.erase(id);
  return {};
}

Result<std::optional<MachineId>> Store::find_machine(std::string_view name) {
  const std::lock_guard lock(mutex_);
  SL_SQL(query, "SELECT id FROM machine WHERE name=?");
  SL_TRY(const bool row, query->bind(1, name).step());
  if (!row) return std::optional<MachineId>();
  return std::optional<MachineId>(static_cast<MachineId>(query->integer(0)));
}

// The machine's row; its own writes only when they are asked for.
Result<Store::Machine*> Store::load(MachineId id) {
  Machine& machine = machines_[id];
  if (machine.row_loaded) return &machine;
  SL_SQL(query,
         "SELECT name, profile, domain, list, flags, hardware, installed, started FROM machine "
         "WHERE id=?");
  SL_TRY(const bool row, query->bind(1, id).step());
  if (!row) {
    machines_.erase(id);
    return no_machine(id);
  }
  machine.name = std::string(query->text(0));
  machine.profile = static_cast<std::uint32_t>(query->integer(1));
  machine.domain = static_cast<std::uint32_t>(query->integer(2));
  machine.list = static_cast<std::uint32_t>(query->integer(3));
  machine.flags = static_cast<std::uint32_t>(query->integer(4));
  machine.hardware = static_cast<std::uint32_t>(query->integer(5));
  machine.installed = FileTime{query->number(6)};
  machine.started = FileTime{query->number(7)};
  machine.row_loaded = true;
  if (!profiles_.contains(machine.profile)) {
    SL_SQL(profile, "SELECT os, role, edition FROM profile WHERE id=?");
    SL_CHECK(profile->bind(1, machine.profile).step());
    profiles_[machine.profile] = {std::string(profile->text(0)), std::string(profile->text(1)),
                                  std::string(profile->text(2))};
  }
  if (!names_->domains.contains(machine.domain)) {
    SL_SQL(domain, "SELECT value FROM text WHERE id=?");
    SL_CHECK(domain->bind(1, machine.domain).step());
    names_->domains[machine.domain] = std::string(domain->text(0));
  }
  return &machine;
}

Result<MachineInfo> Store::info(MachineId id) {
  const std::lock_guard lock(mutex_);
  SL_CHECK(catch_up());
  SL_TRY(const Machine* machine, load(id));
  return MachineInfo{id,
                     machine->name,
                     names_->domains[machine->domain],
                     &profiles_[machine->profile],
                     machine->installed,
                     machine->started,
                     machine->flags,
                     machine->hardware};
}

Result<> Store::set_started(MachineId id, FileTime time) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Database::Write write, db_->begin_write());
  SL_CHECK(follow_journal());
  SL_TRY(Machine * machine, load(id));
  SL_SQL(update, "UPDATE machine SET started=? WHERE id=?");
  SL_CHECK(update->bind(1, time.ticks).bind(2, id).run());
  SL_TRY(const reg::Generation generation, record(JournalKind::kMachineRow, id));
  SL_CHECK(finish(write, generation));
  machine->started = time;
  return {};
}

Result<> Store::set_row(MachineId id, const MachineInfo& row) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Database::Write write, db_->begin_write());
  SL_CHECK(follow_journal());
  SL_TRY(Machine * machine, load(id));
  SL_SQL(text, "INSERT OR IGNORE INTO text(value) VALUES(?)");
  SL_CHECK(text->bind(1, row.domain).run());
  SL_SQL(update,
         "UPDATE machine SET name=?, domain=(SELECT id FROM text WHERE value=?), flags=?, "
         "hardware=? WHERE id=?");
  SL_CHECK(update->bind(1, row.name)
               .bind(2, row.domain)
               .bind(3, row.flags)
               .bind(4, row.hardware)
               .bind(5, id)
               .run());
  SL_TRY(const reg::Generation generation, record(JournalKind::kMachineRow, id));
  SL_CHECK(finish(write, generation));
  machine->row_loaded = false;
  return {};
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

std::size_t Store::memory() const {
  std::size_t bytes = machines_.bucket_count() * sizeof(void*);
  for (const auto& [id, machine] : machines_) {
    bytes += sizeof(std::pair<const MachineId, Machine>) + 2 * sizeof(void*) + machine.own.memory();
    if (machine.name.capacity() > 15) bytes += machine.name.capacity() + 1;
  }
  return bytes;
}

}  // namespace slwmi::world
