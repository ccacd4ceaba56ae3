#include <algorithm>

#include "base/text.hpp"
#include "world/store_impl.hpp"

namespace slwmi::world {
namespace {

// Every simulation starts on the day that the guide is dated.
constexpr CivilTime kStart{2008, 3, 1, 0, 0, 0, 0};

constexpr const char* kTables = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL, digest INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE profile(id INTEGER PRIMARY KEY, os TEXT NOT NULL, role TEXT NOT NULL, edition TEXT NOT NULL,
  digest INTEGER NOT NULL, UNIQUE(os, role, edition)) STRICT;
CREATE TABLE text(id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE, digest INTEGER NOT NULL) STRICT;
CREATE TABLE reg_key(id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, name TEXT NOT NULL COLLATE WINDOWS,
  digest INTEGER NOT NULL, UNIQUE(parent, name)) STRICT;
INSERT INTO reg_key VALUES(1, 0, 'HKEY_LOCAL_MACHINE', 0), (2, 0, 'HKEY_USERS', 0);
CREATE TABLE machine(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL COLLATE WINDOWS UNIQUE, profile INTEGER NOT NULL,
  domain INTEGER NOT NULL, list INTEGER NOT NULL DEFAULT 0, flags INTEGER NOT NULL DEFAULT 0,
  hardware INTEGER NOT NULL DEFAULT 0, installed INTEGER NOT NULL, started INTEGER NOT NULL,
  digest INTEGER NOT NULL) STRICT;
CREATE TABLE own_key(machine INTEGER NOT NULL, key INTEGER NOT NULL, spelling INTEGER NOT NULL, security BLOB,
  created INTEGER NOT NULL, deleted INTEGER NOT NULL, secured INTEGER NOT NULL, written INTEGER NOT NULL,
  digest INTEGER NOT NULL, PRIMARY KEY(machine, key)) STRICT, WITHOUT ROWID;
CREATE TABLE own_value(machine INTEGER NOT NULL, key INTEGER NOT NULL, name TEXT NOT NULL COLLATE WINDOWS,
  type INTEGER NOT NULL, data BLOB, written INTEGER NOT NULL, born INTEGER NOT NULL, sequence INTEGER NOT NULL,
  digest INTEGER NOT NULL, PRIMARY KEY(machine, key, name)) STRICT, WITHOUT ROWID;
CREATE TABLE layer(id INTEGER PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, hash BLOB NOT NULL,
  ops BLOB NOT NULL, digest INTEGER NOT NULL, UNIQUE(name, hash, description)) STRICT;
CREATE TABLE layer_list(id INTEGER PRIMARY KEY, layers BLOB NOT NULL, generation INTEGER NOT NULL,
  applied INTEGER NOT NULL, digest INTEGER NOT NULL) STRICT;
CREATE TABLE journal(generation INTEGER PRIMARY KEY, kind INTEGER NOT NULL, machine INTEGER NOT NULL,
  at INTEGER NOT NULL, digest INTEGER NOT NULL) STRICT;
CREATE TABLE blob(name TEXT PRIMARY KEY, data BLOB NOT NULL, digest INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)sql";

}  // namespace

Store::Store() : machines_(std::make_unique<Table>()) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& path, Database::Mode mode,
                                           std::uint64_t seed, ImageResolver images) {
  std::unique_ptr<Store> out(new Store);
  SL_TRY(out->db_, Database::open(path, mode));
  out->images_ = std::move(images);
  SL_CHECK(out->prepare(seed));
  return out;
}

Result<std::unique_ptr<Store>> Store::in_memory(std::uint64_t seed, ImageResolver images) {
  std::unique_ptr<Store> out(new Store);
  SL_TRY(out->db_, Database::in_memory());
  out->images_ = std::move(images);
  SL_CHECK(out->prepare(seed));
  return out;
}

Result<> Store::prepare(std::uint64_t seed) {
  sql_ = std::make_unique<Sql>(*db_);
  names_ = std::make_unique<Names>();
  const auto pragma = [&](const char* text) -> Result<std::int64_t> {
    SL_SQL(query, text);
    SL_CHECK(query->step());
    return query->integer(0);
  };
  constexpr const char* kVersion = "PRAGMA user_version";
  SL_TRY(std::int64_t found, pragma(kVersion));
  if (found == 0) {
    SL_TRY(Database::Write write, db_->begin_write());
    SL_TRY(found, pragma(kVersion));  // another process may have been first
    if (found == 0) {
      SL_TRY(const std::int64_t count, pragma("SELECT count(*) FROM sqlite_schema"));
      if (count != 0)
        return fail(HResult::kErrorFileCorrupt, db_->path() + " is a database, but no world");
      SL_CHECK(db_->execute(kTables));
      SL_CHECK(db_->execute(("PRAGMA user_version=" + std::to_string(kFormatVersion) +
                             "; PRAGMA application_id=" + std::to_string(kApplicationId))
                                .c_str()));
      SL_CHECK(set_meta("seed", seed));
      SL_CHECK(set_meta("clock", from_civil(kStart)->ticks));
      SL_CHECK(write.commit());
    }
  }
  if (found > kFormatVersion) {
    return fail(HResult::kErrorNotSupported, db_->path() + " was made by a newer version (format " +
                                                 std::to_string(found) + ")");
  }
  SL_TRY(const std::int64_t application, pragma("PRAGMA application_id"));
  if (application != kApplicationId)
    return fail(HResult::kErrorFileCorrupt, db_->path() + " is no world");
  SL_TRY(seed_, meta("seed"));
  const std::lock_guard lock(mutex_);
  word_ = db_->change_word() - 1;
  return catch_up();
}

void Store::forget_all() {
  machines_->clear();
  lists_.clear();
  layers_.clear();
  names_->clear();
  profiles_.clear();
  image_of_profile_.clear();
}

Result<> Store::catch_up() {
  return at_one_state(true, []() -> Result<> { return {}; });
}

Result<> Store::follow_journal() {
  Result<> done = generation_ == 0 ? join_journal() : read_journal();
  if (!done) {  // begin again next time
    generation_ = 0;
    forget_all();
  }
  return done;
}

Result<> Store::join_journal() {
  {
    SL_SQL(query, "SELECT max(generation) FROM journal");
    SL_CHECK(query->step());
    generation_ = query->number(0);
  }
  ++schema_epoch_;
  SL_TRY(now_.ticks, meta("clock"));
  return {};
}

Result<> Store::read_journal() {
  bool clock = false;
  {
    SL_SQL(query,
           "SELECT generation, kind, machine, at, digest FROM journal WHERE generation > ? ORDER "
           "BY generation");
    query->bind(1, generation_);
    for (;;) {
      SL_TRY(const bool row, query->step());
      if (!row) break;
      SL_TRY(const JournalEntry entry, journal_entry(*query));
      generation_ = entry.generation;
      Machine* const machine = machines_->find(entry.machine);
      switch (entry.kind) {
        case JournalKind::kRegistry:
          if (machine != nullptr) machine->own_loaded = false;
          if (entry.machine != 0) break;
          machines_->for_each([](Machine& each) { each.own_loaded = false; });
          break;
        case JournalKind::kMachineRow:
          if (machine != nullptr) machine->row_loaded = false;
          break;
        case JournalKind::kMachines:
        case JournalKind::kPolicies:
          machines_->erase(entry.machine);
          machines_->for_each([](Machine& each) { each.row_loaded = false; });
          break;
        case JournalKind::kRestored:
          forget_all();
          ++schema_epoch_;
          clock = true;
          break;
        case JournalKind::kClock:
          clock = true;
          break;
        case JournalKind::kSchema:
          ++schema_epoch_;
          break;
        case JournalKind::kLedger:
          break;
      }
    }
  }
  if (clock) {
    SL_TRY(now_.ticks, meta("clock"));
  }
  return {};
}

Result<JournalEntry> Store::journal_entry(const Statement& row) {
  const JournalEntry out{row.number(0), static_cast<JournalKind>(row.integer(1)),
                         static_cast<MachineId>(row.integer(2)), FileTime{row.number(3)}};
  if (journal_digest(out) != row.number(4))
    return damaged("journal entry " + std::to_string(out.generation));
  return out;
}

std::uint64_t Store::journal_digest(const JournalEntry& entry) {
  return row_digest("journal", {entry.generation, static_cast<std::uint64_t>(entry.kind),
                                entry.machine, entry.at.ticks});
}

Result<reg::Generation> Store::record(JournalKind kind, MachineId machine) {
  const JournalEntry entry{generation_ + 1, kind, machine, now_};
  SL_SQL(insert, "INSERT INTO journal VALUES(?,?,?,?,?)");
  SL_CHECK(insert->bind(1, entry.generation)
               .bind(2, static_cast<std::uint32_t>(kind))
               .bind(3, machine)
               .bind(4, now_.ticks)
               .bind(5, journal_digest(entry))
               .run());
  return entry.generation;
}

Result<std::uint64_t> Store::meta(std::string_view name) {
  SL_SQL(query, "SELECT value, digest FROM meta WHERE name=?");
  SL_TRY(const bool row, query->bind(1, name).step());
  if (!row || row_digest("meta", {query->number(0)}, name) != query->number(1))
    return damaged(name);
  return query->number(0);
}

Result<> Store::set_meta(std::string_view name, std::uint64_t value) {
  SL_SQL(put, "INSERT OR REPLACE INTO meta VALUES(?,?,?)");
  return put->bind(1, name).bind(2, value).bind(3, row_digest("meta", {value}, name)).run();
}

Result<reg::Generation> Store::generation() {
  const std::lock_guard lock(mutex_);
  SL_CHECK(catch_up());
  return generation_;
}

Result<FileTime> Store::now() {
  const std::lock_guard lock(mutex_);
  SL_CHECK(catch_up());
  return now_;
}

Result<> Store::set_now(FileTime time) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  SL_CHECK(set_meta("clock", time.ticks));
  SL_TRY(const reg::Generation generation, record(JournalKind::kClock, 0));
  SL_CHECK(write.commit(generation));
  now_ = time;
  return {};
}

Result<std::vector<JournalEntry>> Store::journal(reg::Generation after, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  SL_SQL(query,
         "SELECT generation, kind, machine, at, digest FROM journal WHERE generation > ? ORDER BY "
         "generation LIMIT ?");
  query->bind(1, after).bind(2, static_cast<std::uint64_t>(limit));
  std::vector<JournalEntry> out;
  for (;;) {
    SL_TRY(const bool row, query->step());
    if (!row) return out;
    SL_TRY(const JournalEntry entry, journal_entry(*query));
    out.push_back(entry);
  }
}

// --- MachineStore

Result<const reg::HiveView*> MachineStore::current() {
  const std::uint64_t word = store_.change_word();
  if (word != word_) {
    SL_TRY(view_, store_.view(id_));
    word_ = word;
  }
  return &view_;
}

Result<reg::HiveView> MachineStore::view() {
  SL_TRY(const reg::HiveView* now, current());
  return *now;
}

Result<reg::Generation> MachineStore::commit(const reg::ChangeSet& changes) {
  return store_.commit(id_, changes);
}

}  // namespace slwmi::world
