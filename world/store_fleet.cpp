// The store's fleet pages: packed records that stand for registry values. A row counts as an own
// write of its page's generation. The first other own write of its machine thaws it: what it stands
// for becomes ordinary rows, and the row no longer counts until a later page brings it again.
#include <algorithm>
#include <unordered_set>

#include "world/store_impl.hpp"

namespace slwmi::world {
namespace {

constexpr std::size_t kPagesKept = 8;

std::uint64_t page_digest(std::uint32_t page, reg::Generation generation, FileTime at,
                          ByteSpan data) {
  return row_digest("fleet", {page, generation, at.ticks}, {}, data);
}

std::uint64_t thawed_digest(MachineId id, reg::Generation generation) {
  return row_digest("thawed", {id, generation});
}

}  // namespace

Result<std::vector<std::uint32_t>> Store::text_numbers(std::span<const std::string> texts) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  std::vector<std::uint32_t> out;
  for (const std::string& text : texts) {
    SL_TRY(const std::uint32_t number, text_number(text));
    out.push_back(number);
  }
  SL_CHECK(write.commit(generation_));
  return out;
}

Result<std::vector<std::string>> Store::texts(std::span<const std::uint32_t> numbers) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  out.reserve(numbers.size());
  for (const std::uint32_t number : numbers) {
    SL_TRY(std::string text, text_of_number(number));
    out.push_back(std::move(text));
  }
  return out;
}

Result<const Store::StoredFleetPage*> Store::fleet_page(std::uint32_t page) {
  if (const auto known = fleet_pages_.find(page); known != fleet_pages_.end())
    return known->second.get();
  std::unique_ptr<StoredFleetPage> out;
  {
    SL_SQL(query, "SELECT generation, at, data, digest FROM fleet WHERE page=?");
    SL_TRY(const bool row, query->bind(1, page).step());
    if (row) {
      out = std::make_unique<StoredFleetPage>();
      out->generation = query->number(0);
      out->at = FileTime{query->number(1)};
      if (page_digest(page, out->generation, out->at, query->blob(2)) != query->number(3))
        return damaged("fleet page " + std::to_string(page));
      SL_TRY(out->rows, decode_fleet_rows(query->blob(2)));
    }
  }
  if (out != nullptr) {
    const MachineId first = page * kFleetPageRows;
    SL_SQL(thawed, "SELECT machine, generation, digest FROM thawed WHERE machine BETWEEN ? AND ?");
    thawed->bind(1, first).bind(2, first + kFleetPageRows - 1);
    for (;;) {
      SL_TRY(const bool row, thawed->step());
      if (!row) break;
      const auto id = static_cast<MachineId>(thawed->integer(0));
      if (thawed_digest(id, thawed->number(1)) != thawed->number(2))
        return damaged("the thawed machine number " + std::to_string(id));
      if (thawed->number(1) > out->generation) out->rows[id - first] = {};
    }
  }
  if (fleet_pages_.size() >= kPagesKept) fleet_pages_.clear();
  return (fleet_pages_[page] = std::move(out)).get();
}

Result<> Store::add_fleet_row(MachineId id, Machine& machine, reg::OwnDelta* delta) {
  machine.in_fleet = false;
  SL_TRY(const StoredFleetPage* page, fleet_page(id / kFleetPageRows));
  if (page == nullptr) return {};
  const FleetRow row = page->rows[id % kFleetPageRows];
  if (row.product == 0) return {};
  FleetTexts texts;
  SL_TRY(texts.product, text_of_number(row.product));
  if (row.host != 0) {
    SL_TRY(texts.host, text_of_number(row.host));
  }
  if (row.pid != 0) {
    SL_TRY(texts.pid, text_of_number(row.pid));
  }
  SL_TRY(std::vector<reg::Op> ops, hooks_.fleet(row, texts));
  SL_TRY(reg::ImagePtr image, this->image(machine.profile));
  const reg::HiveView below(std::move(image), nullptr, std::move(machine.own),
                            page->generation - 1);
  machine.own =
      below.after({.ops = std::move(ops), .now = page->at}, page->generation, delta).own();
  machine.in_fleet = true;
  return {};
}

// Before any other own write: the rows of what the fleet row stands for.
Result<> Store::thaw(MachineId id, Machine& machine) {
  reg::OwnDelta delta;
  if (!machine.own_loaded) SL_CHECK(load_own(id, machine, &delta));
  if (!machine.in_fleet) return {};
  if (delta.keys.empty() && delta.values.empty()) SL_CHECK(load_own(id, machine, &delta));
  SL_TRY(const StoredFleetPage* page, fleet_page(id / kFleetPageRows));
  SL_CHECK(write_delta(id, reg::Overlay(), delta, page->generation, page->at));
  const reg::Generation generation = generation_ + 1;
  SL_SQL(put, "INSERT OR REPLACE INTO thawed VALUES(?,?,?)");
  SL_CHECK(put->bind(1, id).bind(2, generation).bind(3, thawed_digest(id, generation)).run());
  machine.in_fleet = false;
  fleet_pages_.erase(id / kFleetPageRows);
  return {};
}

// No machine with a row may have own writes newer than the state that the rows follow from.
Result<> Store::check_fleet(const Commit& what) {
  std::unordered_set<MachineId> rows;
  for (const FleetPage& page : what.fleet) {
    if (page.rows.size() != kFleetPageRows)
      return fail(HResult::kEInvalidarg, "a fleet page has 1024 rows");
    for (std::uint32_t i = 0; i < kFleetPageRows; ++i)
      if (page.rows[i].product != 0) rows.insert(page.page * kFleetPageRows + i);
  }
  for (const auto& [id, changes] : what.machines) {
    if (rows.contains(id) && !changes.ops.empty())
      return fail(HResult::kEInvalidarg, "a machine with a fleet row and changes of its own");
  }
  if (what.fleet_base == generation_) return {};
  const auto moved = [] {
    return fail(HResult::kErrorTransactionalConflict,
                "a machine of the fleet was written meanwhile");
  };
  SL_SQL(query,
         "SELECT generation, kind, machine, at, machines, digest FROM journal WHERE generation > ? "
         "ORDER BY generation");
  query->bind(1, what.fleet_base);
  for (reg::Generation next = what.fleet_base + 1;; ++next) {
    SL_TRY(const bool row, query->step());
    if (!row) return {};
    SL_TRY(const JournalEntry entry, journal_entry(*query));
    if (entry.generation != next) return moved();  // or what may have: it was pruned
    if (has(entry.kind, JournalKind::kRestored | JournalKind::kFleet)) return moved();
    if (!has(entry.kind, JournalKind::kRegistry)) continue;
    if (entry.machine == 0 && entry.machines.empty()) return moved();
    if (rows.contains(entry.machine)) return moved();
    for (const MachineId id : entry.machines)
      if (rows.contains(id)) return moved();
  }
}

Result<> Store::put_fleet(const FleetPage& page, reg::Generation generation, FileTime at) {
  std::vector<FleetRow> merged;
  std::span<const FleetRow> rows = page.rows;
  const auto absent = [](const FleetRow& row) { return row.product == 0; };
  if (std::any_of(rows.begin(), rows.end(), absent)) {
    SL_TRY(const StoredFleetPage* before, fleet_page(page.page));
    if (before != nullptr) {
      merged = page.rows;
      for (std::uint32_t i = 0; i < kFleetPageRows; ++i)
        if (absent(merged[i])) merged[i] = before->rows[i];
      rows = merged;
    }
  }
  const Bytes data = encode(rows);
  SL_SQL(put, "INSERT OR REPLACE INTO fleet VALUES(?,?,?,?,?)");
  put->bind(1, page.page).bind(2, generation).bind(3, at.ticks).bind(4, ByteSpan(data));
  SL_CHECK(put->bind(5, page_digest(page.page, generation, at, data)).run());
  // Every row counts again: those that were thawed are in `rows`, or have none there.
  const MachineId first = page.page * kFleetPageRows;
  SL_SQL(drop, "DELETE FROM thawed WHERE machine BETWEEN ? AND ?");
  return drop->bind(1, first).bind(2, first + kFleetPageRows - 1).run();
}

// After a commit of pages here: what is held of machines may be older than their rows.
void Store::fleet_changed(reg::Generation generation) {
  fleet_pages_.clear();
  machines_->for_each([](Machine& machine) { machine.own_loaded = false; });
  many_written_ = generation;
}

Result<Store::Fleet> Store::fleet() {
  const std::lock_guard lock(mutex_);
  return at_one_state(false, [&]() -> Result<Fleet> {
    Fleet out;
    out.generation = generation_;
    std::vector<std::uint32_t> numbers;
    {
      SL_SQL(query, "SELECT page FROM fleet ORDER BY page");
      for (;;) {
        SL_TRY(const bool row, query->step());
        if (!row) break;
        numbers.push_back(static_cast<std::uint32_t>(query->integer(0)));
      }
    }
    std::unordered_set<MachineId> rows;
    for (const std::uint32_t number : numbers) {
      SL_TRY(const StoredFleetPage* page, fleet_page(number));
      for (std::uint32_t i = 0; i < kFleetPageRows; ++i)
        if (page->rows[i].product != 0) rows.insert(number * kFleetPageRows + i);
      out.pages.push_back({number, page->rows});
    }
    std::set<MachineId> written;
    const auto gather = [&](Statement& query) -> Result<> {
      for (;;) {
        SL_TRY(const bool row, query.step());
        if (!row) return {};
        const auto id = static_cast<MachineId>(query.integer(0));
        if (!rows.contains(id)) written.insert(id);
      }
    };
    // From one machine to the next by the index, however much each has written.
    SL_SQL(values,
           "WITH RECURSIVE m(id) AS (SELECT min(machine) FROM own_value UNION ALL SELECT (SELECT "
           "min(machine) FROM own_value WHERE machine > id) FROM m WHERE id IS NOT NULL) SELECT id "
           "FROM m WHERE id IS NOT NULL");
    SL_CHECK(gather(*values));
    SL_SQL(keys,
           "WITH RECURSIVE m(id) AS (SELECT min(machine) FROM own_key UNION ALL SELECT (SELECT "
           "min(machine) FROM own_key WHERE machine > id) FROM m WHERE id IS NOT NULL) SELECT id "
           "FROM m WHERE id IS NOT NULL");
    SL_CHECK(gather(*keys));
    out.written.assign(written.begin(), written.end());
    return out;
  });
}

}  // namespace slwmi::world
