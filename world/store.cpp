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
  domain INTEGER NOT NULL, site INTEGER NOT NULL, list INTEGER NOT NULL DEFAULT 0, flags INTEGER NOT NULL DEFAULT 0,
  hardware INTEGER NOT NULL DEFAULT 0, installed INTEGER NOT NULL, started INTEGER NOT NULL,
  digest INTEGER NOT NULL) STRICT;
CREATE TABLE old_name(machine INTEGER NOT NULL, generation INTEGER NOT NULL, until INTEGER NOT NULL, name TEXT NOT NULL,
  domain TEXT NOT NULL, digest INTEGER NOT NULL, PRIMARY KEY(machine, generation)) STRICT, WITHOUT ROWID;
CREATE TABLE own_key(machine INTEGER NOT NULL, key INTEGER NOT NULL, spelling INTEGER NOT NULL, security BLOB,
  created INTEGER NOT NULL, deleted INTEGER NOT NULL, secured INTEGER NOT NULL, touched INTEGER NOT NULL,
  written INTEGER NOT NULL, digest INTEGER NOT NULL, PRIMARY KEY(machine, key)) STRICT, WITHOUT ROWID;
CREATE TABLE own_value(machine INTEGER NOT NULL, key INTEGER NOT NULL, name TEXT NOT NULL COLLATE WINDOWS,
  type INTEGER NOT NULL, data BLOB, written INTEGER NOT NULL, at INTEGER NOT NULL, born INTEGER NOT NULL,
  sequence INTEGER NOT NULL, digest INTEGER NOT NULL, PRIMARY KEY(machine, key, name)) STRICT, WITHOUT ROWID;
CREATE TABLE layer(id INTEGER PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, hash BLOB NOT NULL,
  ops BLOB NOT NULL, digest INTEGER NOT NULL, UNIQUE(name, hash, description)) STRICT;
CREATE TABLE layer_list(id INTEGER PRIMARY KEY, layers BLOB NOT NULL, generation INTEGER NOT NULL,
  applied INTEGER NOT NULL, digest INTEGER NOT NULL) STRICT;
CREATE TABLE journal(generation INTEGER PRIMARY KEY, kind INTEGER NOT NULL, machine INTEGER NOT NULL,
  at INTEGER NOT NULL, machines BLOB, digest INTEGER NOT NULL) STRICT;
CREATE TABLE event(machine INTEGER NOT NULL, id INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  count INTEGER NOT NULL, data BLOB NOT NULL, digest INTEGER NOT NULL, PRIMARY KEY(machine, id)) STRICT, WITHOUT ROWID;
CREATE TABLE fleet_event(id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
  data BLOB NOT NULL, digest INTEGER NOT NULL) STRICT;
CREATE VIEW any_event AS SELECT * FROM event
  UNION ALL SELECT 0 AS machine, id, first, last, count, data, digest FROM fleet_event;
CREATE TABLE fleet(page INTEGER PRIMARY KEY, generation INTEGER NOT NULL, at INTEGER NOT NULL, data BLOB NOT NULL,
  digest INTEGER NOT NULL) STRICT;
CREATE TABLE thawed(machine INTEGER PRIMARY KEY, generation INTEGER NOT NULL, digest INTEGER NOT NULL) STRICT;
CREATE TABLE blob(name TEXT PRIMARY KEY, data BLOB NOT NULL, digest INTEGER NOT NULL) STRICT;
)sql";

}  // namespace

Store::Store() : machines_(std::make_unique<Table>()) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& path, Database::Mode mode,
                                           std::uint64_t seed, StoreHooks hooks) {
  std::unique_ptr<Store> out(new Store);
  SL_TRY(out->db_, Database::open(path, mode));
  out->hooks_ = std::move(hooks);
  SL_CHECK(out->prepare(seed));
  return out;
}

Result<std::unique_ptr<Store>> Store::in_memory(std::uint64_t seed, StoreHooks hooks) {
  std::unique_ptr<Store> out(new Store);
  SL_TRY(out->db_, Database::in_memory());
  out->hooks_ = std::move(hooks);
  SL_CHECK(out->prepare(seed));
  return out;
}

Result<> Store::prepare(std::uint64_t seed) {
  sql_ = std::make_unique<Sql>(*db_);
  names_ = std::make_unique<Names>();
  if (!hooks_.fleet) hooks_.fleet = expand;
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
      found = kFormatVersion;
    }
  }
  if (found > kFormatVersion) {
    return fail(HResult::kErrorNotSupported, db_->path() + " was made by a newer version (format " +
                                                 std::to_string(found) + ")");
  }
  if (found < kFormatVersion) {
    return fail(HResult::kErrorNotSupported, db_->path() +
                                                 " was made by an older version (format " +
                                                 std::to_string(found) + "); make the world anew");
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
  fleet_pages_.clear();
  blobs_.clear();
  columns_ = nullptr;
  floor_ = generation_;
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
  floor_ = generation_;
  changed(JournalKind::kRestored);
  SL_TRY(now_.ticks, meta("clock"));
  return {};
}

Result<> Store::read_journal() {
  JournalKind seen = JournalKind::kNone;
  bool pruned = false;
  {
    SL_SQL(query,
           "SELECT generation, kind, machine, at, machines, digest FROM journal WHERE generation > "
           "? ORDER BY generation");
    query->bind(1, generation_);
    for (;;) {
      SL_TRY(const bool row, query->step());
      if (!row) break;
      SL_TRY(const JournalEntry entry, journal_entry(*query));
      pruned = entry.generation != generation_ + 1;
      if (pruned) break;
      generation_ = entry.generation;
      seen = seen | entry.kind;
      follow(entry);
    }
  }
  if (pruned) {  // what came between is not known any more
    forget_all();
    return join_journal();
  }
  if (has(seen, JournalKind::kClock | JournalKind::kRestored)) {
    SL_TRY(now_.ticks, meta("clock"));
  }
  return {};
}

void Store::changed(JournalKind kind) {
  using K = JournalKind;
  constexpr K kRows = K::kMachines | K::kMachineRow | K::kRestored;
  if (has(kind, K::kSchema | K::kRestored)) ++schema_epoch_;
  if (has(kind, K::kNetwork | kRows)) ++network_epoch_;
  if (has(kind, kRows | K::kPolicies)) columns_ = nullptr;
  if (has(kind, K::kRestored)) ++event_epoch_;
  if (has(kind, K::kBlob | K::kRestored)) blobs_.clear();
}

// Forgets what the entry says has changed.
void Store::follow(const JournalEntry& entry) {
  changed(entry.kind);
  if (has(entry.kind, JournalKind::kRestored)) {
    forget_all();
    return;
  }
  if (has(entry.kind, JournalKind::kFleet)) fleet_pages_.clear();
  constexpr auto kRows = JournalKind::kMachines | JournalKind::kMachineRow;
  const auto each = [&](auto visit) {
    if (Machine* const machine = machines_->find(entry.machine)) visit(*machine);
    for (const MachineId id : entry.machines) {
      if (Machine* const machine = machines_->find(id)) visit(*machine);
    }
    if (entry.machine == 0 && entry.machines.empty()) machines_->for_each(visit);
  };
  if (has(entry.kind, JournalKind::kMachines)) machines_->erase(entry.machine);
  if (has(entry.kind, kRows | JournalKind::kPolicies))
    each([](Machine& machine) { machine.row_loaded = false; });
  if (has(entry.kind, JournalKind::kRegistry)) {
    each([&](Machine& machine) {
      machine.own_loaded = false;
      machine.written = entry.generation;
    });
    if (entry.machine == 0 && entry.machines.empty()) many_written_ = entry.generation;
  }
  if (has(entry.kind, JournalKind::kFleet)) {
    machines_->for_each([](Machine& machine) { machine.own_loaded = false; });
    many_written_ = entry.generation;
  }
}

Result<JournalEntry> Store::journal_entry(const Statement& row) {
  JournalEntry out{row.number(0), static_cast<JournalKind>(row.integer(1)),
                   static_cast<MachineId>(row.integer(2)), FileTime{row.number(3)}};
  for (ByteReader in(row.blob(4)); !in.at_end() && in.ok();) out.machines.push_back(in.u32());
  if (journal_digest(out) != row.number(5))
    return damaged("journal entry " + std::to_string(out.generation));
  return out;
}

std::uint64_t Store::journal_digest(const JournalEntry& entry) {
  std::uint64_t out = row_digest(
      "journal",
      {entry.generation, static_cast<std::uint64_t>(entry.kind), entry.machine, entry.at.ticks});
  for (const MachineId id : entry.machines) out = combine(out, id) >> 1;
  return out;
}

Result<reg::Generation> Store::record(JournalKind kind, MachineId machine,
                                      std::span<const MachineId> machines) {
  const JournalEntry entry{
      generation_ + 1, kind, machine, now_, {machines.begin(), machines.end()}};
  ByteWriter list;
  for (const MachineId id : machines) list.u32(id);
  SL_SQL(insert, "INSERT INTO journal VALUES(?,?,?,?,?,?)");
  insert->bind(1, entry.generation).bind(2, static_cast<std::uint32_t>(kind)).bind(3, machine);
  insert->bind(4, now_.ticks);
  machines.empty() ? insert->bind_null(5) : insert->bind(5, list.data());
  SL_CHECK(insert->bind(6, journal_digest(entry)).run());
  if (entry.generation % kJournalPrunedAt == 0 && entry.generation > kJournalKept) {
    SL_SQL(prune, "DELETE FROM journal WHERE generation <= ?");
    SL_CHECK(prune->bind(1, entry.generation - kJournalKept).run());
  }
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
  SL_SQL(put,
         "INSERT INTO meta VALUES(?,?,?) ON CONFLICT DO UPDATE SET value=excluded.value, "
         "digest=excluded.digest");
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
         "SELECT generation, kind, machine, at, machines, digest FROM journal WHERE generation > ? "
         "ORDER BY generation LIMIT ?");
  query->bind(1, after).bind(2, static_cast<std::uint64_t>(limit));
  std::vector<JournalEntry> out;
  for (;;) {
    SL_TRY(const bool row, query->step());
    if (!row) return out;
    SL_TRY(JournalEntry entry, journal_entry(*query));
    out.push_back(std::move(entry));
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
