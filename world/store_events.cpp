// The store's event log: chunks of entries that nothing here looks into, each with a digest. Those
// of many machines are large and have a table by number alone: SQLite compares the rows of a table
// without row numbers as a whole, and would read large ones again at each insertion.
#include <algorithm>
#include <limits>

#include "world/store_impl.hpp"

namespace slwmi::world {
namespace {

// A chunk's number is the generation of its commit and its place there.
constexpr int kPlaceBits = 20;
constexpr std::size_t kMaxChunks = std::size_t{1} << kPlaceBits;

std::uint64_t chunk_digest(const EventChunk& chunk) {
  return row_digest("event",
                    {chunk.id, chunk.machine, chunk.first.ticks, chunk.last.ticks, chunk.count}, {},
                    chunk.data);
}

Result<EventChunk> chunk_of(const Statement& row) {
  EventChunk out{.id = row.number(1),
                 .machine = static_cast<MachineId>(row.integer(0)),
                 .first = FileTime{row.number(2)},
                 .last = FileTime{row.number(3)},
                 .count = static_cast<std::uint32_t>(row.integer(4)),
                 .data = row.blob(5)};
  if (chunk_digest(out) != row.number(6)) return damaged("events number " + std::to_string(out.id));
  return out;
}

}  // namespace

Result<> Store::put_events(std::span<const EventChunk> chunks, reg::Generation generation) {
  if (chunks.size() > kMaxChunks)
    return fail(HResult::kEInvalidarg, "too many chunks of events in one commit");
  SL_SQL(of_one, "INSERT INTO event VALUES(?7,?1,?2,?3,?4,?5,?6)");
  SL_SQL(of_many, "INSERT INTO fleet_event VALUES(?1,?2,?3,?4,?5,?6)");
  std::uint64_t id = generation << kPlaceBits;
  for (EventChunk chunk : chunks) {
    chunk.id = id++;
    Statement& insert = chunk.machine == 0 ? *of_many : *of_one;
    insert.bind(1, chunk.id).bind(2, chunk.first.ticks).bind(3, chunk.last.ticks);
    insert.bind(4, chunk.count).bind(5, chunk.data).bind(6, chunk_digest(chunk));
    if (chunk.machine != 0) insert.bind(7, chunk.machine);
    SL_CHECK(insert.run());
  }
  return {};
}

Result<> Store::read_events(const EventQuery& query, FunctionRef<bool(const EventChunk&)> sink) {
  const std::lock_guard lock(mutex_);
  return at_one_state(false, [&]() -> Result<> {
    struct Place {
      std::uint64_t id;
      MachineId machine;
    };
    std::vector<Place> found;
    {
      SL_SQL(all, "SELECT machine, id FROM any_event WHERE last>=? AND first<=? AND id>?");
      SL_SQL(some,
             "SELECT machine, id FROM any_event WHERE last>=? AND first<=? AND id>? "
             "AND machine IN (0, ?)");
      Statement& chunks = query.machine == 0 ? *all : *some;
      chunks.bind(1, query.from.ticks).bind(2, query.to.ticks).bind(3, query.after);
      if (query.machine != 0) chunks.bind(4, query.machine);
      for (;;) {
        SL_TRY(const bool row, chunks.step());
        if (!row) break;
        found.push_back({chunks.number(1), static_cast<MachineId>(chunks.integer(0))});
      }
    }
    std::sort(found.begin(), found.end(), [](Place a, Place b) { return a.id < b.id; });
    SL_SQL(one, "SELECT * FROM any_event WHERE machine=? AND id=?");
    for (const Place place : found) {
      SL_CHECK(one->bind(1, place.machine).bind(2, place.id).step());
      SL_TRY(const EventChunk chunk, chunk_of(*one));
      const bool more = sink(chunk);
      one->reset();
      if (!more) break;
    }
    return {};
  });
}

Result<EventTotals> Store::event_totals(const EventQuery& query) {
  const std::lock_guard lock(mutex_);
  SL_SQL(
      sums,
      "SELECT count(*), ifnull(sum(count), 0), ifnull(sum(length(data)), 0) FROM any_event WHERE "
      "last>=?1 AND first<=?2 AND (?3=0 OR machine IN (0, ?3))");
  SL_CHECK(sums->bind(1, query.from.ticks).bind(2, query.to.ticks).bind(3, query.machine).step());
  return EventTotals{sums->number(0), sums->number(1), sums->number(2)};
}

std::uint64_t Store::event_epoch() {
  const std::lock_guard lock(mutex_);
  (void)catch_up();  // a failure shows in the next read
  return event_epoch_;
}

Result<> Store::erase_events(const EventQuery& query) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  SL_SQL(drop, "DELETE FROM event WHERE first>=?1 AND last<=?2 AND (?3=0 OR machine=?3)");
  SL_SQL(drop_many, "DELETE FROM fleet_event WHERE first>=?1 AND last<=?2 AND ?3=0");
  for (Statement* const each : {&*drop, &*drop_many}) {
    each->bind(1, query.from.ticks).bind(2, query.to.ticks).bind(3, query.machine);
    SL_CHECK(each->run());
  }
  SL_TRY(const reg::Generation generation,
         record(JournalKind::kEvents | JournalKind::kRestored, 0));
  SL_CHECK(write.commit(generation));
  changed(JournalKind::kRestored);
  return {};
}

// Adds up the hashes of all entries: neither their order nor the cut into chunks matters.
Result<> Store::fold_events(Hash128& hash) {
  std::uint64_t sum = 0;
  std::uint64_t count = 0;
  SL_SQL(query, "SELECT * FROM any_event");
  for (;;) {
    SL_TRY(const bool row, query->step());
    if (!row) break;
    SL_TRY(const EventChunk chunk, chunk_of(*query));
    count += chunk.count;
    if (hooks_.events) {
      SL_TRY(const std::uint64_t entries, hooks_.events(chunk));
      sum += entries;
    } else {
      sum += combine(hash64(chunk.data), chunk.machine);
    }
  }
  hash = {combine(hash.high, combine(sum, count)), combine(hash.low, combine(count, sum))};
  return {};
}

}  // namespace slwmi::world
