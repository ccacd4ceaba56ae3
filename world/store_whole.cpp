// The store as a whole: blobs, snapshots inside the file, and the digest of everything that queries
// can see.
#include <algorithm>

#include "base/text.hpp"
#include "registry/security.hpp"
#include "world/store_impl.hpp"

namespace slwmi::world {
namespace {

// What a snapshot holds. The journal goes on: its generations never go back.
constexpr const char* kKept[] = {"meta",     "profile",   "text",        "reg_key",    "machine",
                                 "own_key",  "own_value", "layer",       "layer_list", "blob",
                                 "old_name", "event",     "fleet_event", "fleet",      "thawed"};

// The text with the values in the places of their signs.
std::string filled(std::string_view text, const std::map<char, std::string>& values) {
  std::string out;
  for (const char c : text) {
    const auto value = values.find(c);
    if (value == values.end()) {
      out.push_back(c);
    } else {
      out += value->second;
    }
  }
  return out;
}

// The folded path of a key: the same in every process.
std::string fold_path(reg::KeyId key) {
  const reg::KeyId parent = reg::parent_of(key);
  const std::string_view name = reg::folded_text(reg::name_of(key));
  return parent == reg::KeyId::kNone ? std::string(name)
                                     : fold_path(parent) + "\\" + std::string(name);
}

}  // namespace

Result<std::optional<Bytes>> Store::blob(std::string_view name) {
  const std::lock_guard lock(mutex_);
  using Out = std::optional<Bytes>;
  return at_one_state(blobs_.contains(name), [&]() -> Result<Out> {
    if (const auto known = blobs_.find(name); known != blobs_.end()) return known->second;
    SL_SQL(query, "SELECT data, digest FROM blob WHERE name=?");
    SL_TRY(const bool row, query->bind(1, name).step());
    Out out;
    if (row) {
      const ByteSpan data = query->blob(0);
      if (hash64(data) >> 1 != query->number(1))
        return fail(HResult::kErrorFileCorrupt, std::string(name) + " of the world is damaged");
      out.emplace(data.begin(), data.end());
    }
    keep_blob(name, out);
    return out;
  });
}

void Store::keep_blob(std::string_view name, const std::optional<Bytes>& data) {
  constexpr std::size_t kMostKept = 1 << 16;  // bytes
  if (!data || data->size() <= kMostKept) blobs_.insert_or_assign(std::string(name), data);
}

Result<> Store::set_blob(std::string_view name, ByteSpan data, JournalKind kind) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  SL_CHECK(put_blob(name, data));
  kind = kind | JournalKind::kBlob;
  SL_TRY(const reg::Generation generation, record(kind, 0));
  changed(kind);
  return write.commit(generation);
}

Result<> Store::put_blob(std::string_view name, ByteSpan data) {
  SL_SQL(put,
         "INSERT INTO blob VALUES(?,?,?) ON CONFLICT DO UPDATE SET data=excluded.data, "
         "digest=excluded.digest");
  return put->bind(1, name).bind(2, data).bind(3, hash64(data) >> 1).run();
}

Result<> Store::update_blob(std::string_view name, JournalKind kind,
                            const std::function<Result<Bytes>(ByteSpan)>& change) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  SL_TRY(std::optional<Bytes> before, blob(name));
  SL_TRY(const Bytes after, change(before ? ByteSpan(*before) : ByteSpan()));
  SL_CHECK(put_blob(name, after));
  kind = kind | JournalKind::kBlob;
  SL_TRY(const reg::Generation generation, record(kind, 0));
  changed(kind);
  return write.commit(generation);
}

std::uint64_t Store::schema_epoch() {
  const std::lock_guard lock(mutex_);
  (void)catch_up();  // a failure shows in the next read
  return schema_epoch_;
}

std::uint64_t Store::network_epoch() {
  const std::lock_guard lock(mutex_);
  (void)catch_up();
  return network_epoch_;
}

Result<> Store::snapshot(std::string_view name, bool replace) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  SL_CHECK(
      db_->execute("CREATE TABLE IF NOT EXISTS snapshot(id INTEGER PRIMARY KEY, name TEXT NOT NULL "
                   "COLLATE WINDOWS UNIQUE) STRICT"));
  for (const char* table : kKept) {
    SL_CHECK(db_->execute(
        filled("CREATE TABLE IF NOT EXISTS snapshot_@ AS SELECT 0 AS snapshot, * FROM @ LIMIT 0",
               {{'@', table}})
            .c_str()));
  }
  if (!replace) {
    SL_TRY(Statement taken, db_->prepare("SELECT 1 FROM snapshot WHERE name=?"));
    SL_TRY(const bool there, taken.bind(1, name).step());
    if (there) {
      return fail(HResult::kErrorAlreadyExists,
                  "there is a snapshot " + std::string(name) + " already");
    }
  }
  std::int64_t id = 0;
  {
    SL_TRY(Statement put, db_->prepare("INSERT INTO snapshot(name) VALUES(?) ON CONFLICT(name) DO "
                                       "UPDATE SET name=excluded.name RETURNING id"));
    SL_CHECK(put.bind(1, name).step());
    id = put.integer(0);
    SL_CHECK(put.step());
  }
  for (const char* table : kKept) {
    SL_CHECK(db_->execute(filled("DELETE FROM snapshot_@ WHERE snapshot=#; "
                                 "INSERT INTO snapshot_@ SELECT #, * FROM @",
                                 {{'@', table}, {'#', std::to_string(id)}})
                              .c_str()));
  }
  return write.commit(generation_);
}

Result<std::vector<std::string>> Store::snapshot_names() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  {
    SL_SQL(exists, "SELECT 1 FROM sqlite_schema WHERE name='snapshot'");
    SL_TRY(const bool any, exists->step());
    if (!any) return out;
  }
  SL_TRY(Statement query, db_->prepare("SELECT name FROM snapshot ORDER BY name"));
  for (;;) {
    SL_TRY(const bool row, query.step());
    if (!row) return out;
    out.emplace_back(query.text(0));
  }
}

Result<> Store::restore(std::string_view name) {
  SL_TRY(const std::vector<std::string> names, snapshot_names());
  if (std::none_of(names.begin(), names.end(),
                   [&](const std::string& n) { return equal_ignore_case(n, name); })) {
    return fail(HResult::kErrorNotFound, "there is no snapshot " + std::string(name));
  }
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  SL_CHECK(tell_witnesses());
  std::int64_t id = 0;
  {
    SL_TRY(Statement query, db_->prepare("SELECT id FROM snapshot WHERE name=?"));
    SL_CHECK(query.bind(1, name).step());
    id = query.integer(0);
  }
  for (const char* table : kKept) {
    std::string columns;
    {
      SL_TRY(Statement info, db_->prepare("SELECT group_concat(name) FROM pragma_table_info(?)"));
      SL_CHECK(info.bind(1, std::string_view(table)).step());
      columns = std::string(info.text(0));
    }
    SL_CHECK(db_->execute(
        filled("DELETE FROM @; INSERT INTO @($) SELECT $ FROM snapshot_@ WHERE snapshot=#",
               {{'@', table}, {'$', columns}, {'#', std::to_string(id)}})
            .c_str()));
  }
  SL_TRY(const reg::Generation generation, record(JournalKind::kRestored, 0));
  SL_CHECK(write.commit(generation));
  forget_all();
  changed(JournalKind::kRestored);
  SL_TRY(now_.ticks, meta("clock"));
  return {};
}

Result<Hash128> Store::digest() {
  const std::lock_guard lock(mutex_);
  return at_one_state(false, [this] { return fold_all(); });
}

// Everything in it is of one state: each part's own read finds that it is inside of one.
Result<Hash128> Store::fold_all() {
  SL_TRY(const std::vector<MachineId> machines, ids());
  ByteWriter all;
  const auto text = [&](std::string_view t) {
    all.u32(static_cast<std::uint32_t>(t.size()));
    all.bytes(t);
  };
  {
    SL_TRY(const FileTime time, now());
    all.u64(time.ticks);
    all.u64(seed_);
  }
  Hash128 hash;
  const auto fold = [&] {
    const Hash128 part = hash128(all.data());
    hash = {combine(hash.high, part.high), combine(hash.low, part.low)};
    all = ByteWriter();
  };
  for (const MachineId id : machines) {
    SL_TRY(const MachineInfo row, info(id));
    for (const std::string& t :
         {row.name, row.domain, row.site, row.profile->os, row.profile->role, row.profile->edition})
      text(t);
    all.u64(row.installed.ticks);
    all.u64(row.started.ticks);
    all.u32(row.flags);
    all.u32(row.hardware);
    SL_TRY(const std::vector<StoredPolicy> policies, this->policies(id));
    for (const StoredPolicy& policy : policies) {
      text(policy.name);
      all.u64(policy.hash.high);
    }
    SL_TRY(const reg::HiveView view, this->view(id));
    const reg::Overlay& own = view.own();
    std::vector<std::pair<std::string, std::string>>
        rows;  // by path, whatever ids this process gave
    for (std::size_t i = 0; i < own.key_count(); ++i) {
      const reg::OwnKey key = own.key_at(i);
      std::string content = key.created != 0 ? "c" : "";
      content += key.deleted != 0 ? "d" : "";
      if (key.security != reg::SecurityId::kInherited)
        content += reg::to_sddl(reg::security_of(key.security));
      if (!content.empty()) rows.emplace_back(fold_path(key.key), std::move(content));
    }
    for (std::size_t i = 0; i < own.value_count(); ++i) {
      const reg::OwnValue value = own.value_at(i);
      std::string content =
          (value.deleted ? "-" : std::to_string(static_cast<std::uint32_t>(value.type))) + ":";
      content += as_text(value.data);
      rows.emplace_back(fold_path(value.key) + "\\\\" + std::string(reg::folded_text(value.name())),
                        std::move(content));
    }
    std::sort(rows.begin(), rows.end());
    for (const auto& [path, content] : rows) {
      text(path);
      text(content);
    }
    fold();
  }
  for (const std::string_view name : {"schema", "network"}) {
    SL_TRY(const std::optional<Bytes> data, blob(name));
    if (data) all.bytes(*data);
    fold();
  }
  SL_SQL(names, "SELECT machine, until, name, domain FROM old_name ORDER BY machine, generation");
  for (;;) {
    SL_TRY(const bool row, names->step());
    if (!row) break;
    all.u64(names->number(0));
    all.u64(names->number(1));
    text(names->text(2));
    text(names->text(3));
  }
  fold();
  SL_CHECK(fold_events(hash));
  return hash;
}

}  // namespace slwmi::world
