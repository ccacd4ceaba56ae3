#include <algorithm>

#include "base/text.hpp"
#include "world/store_impl.hpp"

namespace slwmi::world {
namespace {

// Every simulation starts on the day that the guide is dated.
constexpr CivilTime kStart{2008, 3, 1, 0, 0, 0, 0};

constexpr const char* kTables = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE profile(id INTEGER PRIMARY KEY, os TEXT NOT NULL, role TEXT NOT NULL, edition TEXT NOT NULL,
  UNIQUE(os, role, edition)) STRICT;
CREATE TABLE text(id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE reg_key(id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, name TEXT NOT NULL COLLATE WINDOWS,
  UNIQUE(parent, name)) STRICT;
INSERT INTO reg_key VALUES(1, 0, 'HKEY_LOCAL_MACHINE'), (2, 0, 'HKEY_USERS');
CREATE TABLE machine(id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE WINDOWS UNIQUE, profile INTEGER NOT NULL,
  domain INTEGER NOT NULL, list INTEGER NOT NULL DEFAULT 0, flags INTEGER NOT NULL DEFAULT 0,
  hardware INTEGER NOT NULL DEFAULT 0, installed INTEGER NOT NULL, started INTEGER NOT NULL) STRICT;
CREATE TABLE own_key(machine INTEGER NOT NULL, key INTEGER NOT NULL, spelling INTEGER NOT NULL, security BLOB,
  created INTEGER NOT NULL, deleted INTEGER NOT NULL, secured INTEGER NOT NULL, written INTEGER NOT NULL,
  digest INTEGER NOT NULL, PRIMARY KEY(machine, key)) STRICT, WITHOUT ROWID;
CREATE TABLE own_value(machine INTEGER NOT NULL, key INTEGER NOT NULL, name TEXT NOT NULL COLLATE WINDOWS,
  type INTEGER NOT NULL, data BLOB, written INTEGER NOT NULL, born INTEGER NOT NULL, sequence INTEGER NOT NULL,
  digest INTEGER NOT NULL, PRIMARY KEY(machine, key, name)) STRICT, WITHOUT ROWID;
CREATE TABLE layer(id INTEGER PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, hash BLOB NOT NULL,
  ops BLOB NOT NULL, UNIQUE(name, hash, description)) STRICT;
CREATE TABLE layer_list(id INTEGER PRIMARY KEY, layers BLOB NOT NULL, generation INTEGER NOT NULL,
  applied INTEGER NOT NULL) STRICT;
CREATE TABLE journal(generation INTEGER PRIMARY KEY, kind INTEGER NOT NULL, machine INTEGER NOT NULL,
  at INTEGER NOT NULL) STRICT;
CREATE TABLE blob(name TEXT PRIMARY KEY, data BLOB NOT NULL, digest INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)sql";

}  // namespace

Store::Store() = default;
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
  const auto version = [&]() -> Result<std::int64_t> {
    SL_SQL(query, "PRAGMA user_version");
    SL_CHECK(query->step());
    return query->integer(0);
  };
  SL_TRY(std::int64_t found, version());
  if (found == 0) {
    SL_TRY(Database::Write write, db_->begin_write());
    SL_TRY(found, version());  // another process may have been first
    if (found == 0) {
      const auto objects = [&]() -> Result<std::int64_t> {
        SL_SQL(query, "SELECT count(*) FROM sqlite_schema");
        SL_CHECK(query->step());
        return query->integer(0);
      };
      SL_TRY(const std::int64_t count, objects());
      if (count != 0)
        return fail(HResult::kErrorFileCorrupt, db_->path() + " is a database, but no world");
      SL_CHECK(db_->execute(kTables));
      SL_CHECK(db_->execute(("PRAGMA user_version=" + std::to_string(kFormatVersion) +
                             "; PRAGMA application_id=" + std::to_string(kApplicationId))
                                .c_str()));
      SL_SQL(insert, "INSERT INTO meta VALUES(?,?)");
      SL_CHECK(insert->bind(1, "seed").bind(2, seed).run());
      SL_CHECK(insert->bind(1, "clock").bind(2, from_civil(kStart)->ticks).run());
      SL_CHECK(write.commit());
    }
  }
  if (found > kFormatVersion) {
    return fail(HResult::kErrorNotSupported, db_->path() + " was made by a newer version (format " +
                                                 std::to_string(found) + ")");
  }
  SL_SQL(query, "SELECT value FROM meta WHERE name='seed'");
  SL_TRY(const bool row, query->step());
  if (!row) return fail(HResult::kErrorFileCorrupt, db_->path() + " is no world");
  seed_ = query->number(0);
  const std::lock_guard lock(mutex_);
  word_ = db_->change_word() - 1;
  return catch_up();
}

void Store::forget_all() {
  machines_.clear();
  lists_.clear();
  layers_.clear();
  names_->clear();
  profiles_.clear();
  image_of_profile_.clear();
}

Result<> Store::catch_up() {
  const std::uint64_t word = db_->change_word();
  if (word == word_) return {};
  SL_CHECK(follow_journal());
  word_ = word;
  return {};
}

Result<> Store::follow_journal() {
  bool clock = generation_ == 0;
  {
    SL_SQL(
        query,
        "SELECT generation, kind, machine FROM journal WHERE generation > ? ORDER BY generation");
    query->bind(1, generation_);
    for (;;) {
      SL_TRY(const bool row, query->step());
      if (!row) break;
      generation_ = query->number(0);
      const auto machine = machines_.find(static_cast<MachineId>(query->integer(2)));
      switch (static_cast<JournalKind>(query->integer(1))) {
        case JournalKind::kRegistry:
          if (machine != machines_.end()) machine->second.own_loaded = false;
          break;
        case JournalKind::kMachineRow:
          if (machine != machines_.end()) machine->second.row_loaded = false;
          break;
        case JournalKind::kMachines:
        case JournalKind::kPolicies:
          for (auto& [id, each] : machines_) each.row_loaded = false;
          break;
        case JournalKind::kRestored:
          forget_all();
          ++schema_epoch_;
          clock = true;
          break;
        case JournalKind::kClock:
          clock = true;
          break;
        case JournalKind::kLedger:
          break;
        case JournalKind::kSchema:
          break;
      }
    }
  }
  if (!clock) return {};
  SL_SQL(query, "SELECT value FROM meta WHERE name='clock'");
  SL_CHECK(query->step());
  now_ = FileTime{query->number(0)};
  return {};
}

Result<reg::Generation> Store::record(JournalKind kind, MachineId machine) {
  SL_SQL(insert, "INSERT INTO journal VALUES(?,?,?,?)");
  const reg::Generation generation = generation_ + 1;
  SL_CHECK(insert->bind(1, generation)
               .bind(2, static_cast<std::uint32_t>(kind))
               .bind(3, machine)
               .bind(4, now_.ticks)
               .run());
  return generation;
}

Result<> Store::finish(Database::Write& write, reg::Generation generation) {
  SL_TRY(word_, write.commit());
  generation_ = generation;
  return {};
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
  SL_TRY(Database::Write write, db_->begin_write());
  SL_CHECK(follow_journal());
  SL_SQL(update, "UPDATE meta SET value=? WHERE name='clock'");
  SL_CHECK(update->bind(1, time.ticks).run());
  SL_TRY(const reg::Generation generation, record(JournalKind::kClock, 0));
  SL_CHECK(finish(write, generation));
  now_ = time;
  return {};
}

Result<std::vector<JournalEntry>> Store::journal(reg::Generation after, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  SL_SQL(query,
         "SELECT generation, kind, machine, at FROM journal WHERE generation > ? ORDER BY "
         "generation LIMIT ?");
  query->bind(1, after).bind(2, static_cast<std::uint64_t>(limit));
  std::vector<JournalEntry> out;
  for (;;) {
    SL_TRY(const bool row, query->step());
    if (!row) return out;
    out.push_back({query->number(0), static_cast<JournalKind>(query->integer(1)),
                   static_cast<MachineId>(query->integer(2)), FileTime{query->number(3)}});
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
