// The store's commits: what several machines, the event log, the fleet's pages and the world itself
// change together, in one transaction and one generation.
#include <algorithm>

#include "world/store_impl.hpp"

namespace slwmi::world {
namespace {

// A commit of more machines than these is one of "all" in the journal: readers then look at every
// machine that they hold.
constexpr std::size_t kNamedMachines = 64;

tl::unexpected<Error> conflict(MachineId id) {
  return fail(HResult::kErrorTransactionalConflict,
              "machine number " + std::to_string(id) + " was written meanwhile");
}

bool names_nothing(const Commit& what) {
  const bool idle =
      std::all_of(what.machines.begin(), what.machines.end(), [](const MachineChanges& each) {
        return each.changes.ops.empty() && each.changes.events.empty();
      });
  return idle && what.events.empty() && what.fleet.empty() && what.blobs.empty() && !what.clock;
}

}  // namespace

Result<reg::Generation> Store::commit(const Commit& what) {
  const std::lock_guard lock(mutex_);
  if (names_nothing(what)) return generation_;
  SL_TRY(Writing write, Writing::begin(*this));
  if (Result<> fits = check(what); !fits) {
    write.leave();
    return fail(std::move(fits).error());
  }
  const reg::Generation generation = generation_ + 1;
  JournalKind kind = JournalKind::kNone;
  std::vector<MachineId> written;
  std::vector<reg::Overlay> own(what.machines.size());
  std::vector<EventChunk> events(what.events.begin(), what.events.end());
  std::vector<Bytes> attached;  // what `events` of the machines show
  attached.reserve(what.machines.size());
  for (std::size_t i = 0; i < what.machines.size(); ++i) {
    const auto& [id, changes] = what.machines[i];
    SL_TRY(Machine * machine, load(id));
    if (!changes.ops.empty()) {
      SL_TRY(own[i], write_own(id, *machine, changes));
      written.push_back(id);
    }
    if (changes.events.empty()) continue;
    Bytes& data = attached.emplace_back();
    for (const Bytes& event : changes.events) data.insert(data.end(), event.begin(), event.end());
    EventChunk chunk{.machine = id,
                     .first = changes.now,
                     .last = changes.now,
                     .count = static_cast<std::uint32_t>(changes.events.size()),
                     .data = data};
    if (hooks_.adopt) SL_CHECK(hooks_.adopt(data, chunk));
    events.push_back(chunk);
  }
  if (!written.empty()) kind = kind | JournalKind::kRegistry;
  if (!events.empty()) {
    SL_CHECK(put_events(events, generation));
    kind = kind | JournalKind::kEvents;
  }
  const FileTime at = what.clock.value_or(now_);
  if (!what.fleet.empty()) SL_CHECK(tell_witnesses());
  for (const FleetPage& page : what.fleet) {
    SL_CHECK(put_fleet(page, generation, at));
    kind = kind | JournalKind::kFleet;
  }
  for (const NamedBlob& blob : what.blobs) {
    SL_CHECK(put_blob(blob.name, blob.data));
    kind = kind | blob.kind | JournalKind::kBlob;
  }
  if (what.clock) {
    SL_CHECK(set_meta("clock", what.clock->ticks));
    kind = kind | JournalKind::kClock;
  }
  const bool one = written.size() == 1;
  const bool few = written.size() > 1 && written.size() <= kNamedMachines;
  SL_CHECK(record(kind, one ? written.front() : 0,
                  few ? std::span<const MachineId>(written) : std::span<const MachineId>()));
  SL_CHECK(write.commit(generation));

  for (std::size_t i = 0; i < what.machines.size(); ++i) {
    if (what.machines[i].changes.ops.empty()) continue;
    Machine& machine = machines_->at(what.machines[i].machine);
    machine.own = std::move(own[i]);
    machine.written = generation;
  }
  if (has(kind, JournalKind::kFleet)) fleet_changed(generation);
  changed(kind);
  for (const NamedBlob& blob : what.blobs)
    keep_blob(blob.name, Bytes(blob.data.begin(), blob.data.end()));
  if (what.clock) now_ = *what.clock;
  return generation;
}

// Whether the state that the changes were decided on is still there.
Result<> Store::check(const Commit& what) {
  for (const auto& [id, changes] : what.machines) {
    SL_TRY(const Machine* machine, load(id));
    if (changes.exclusive && written_after(*machine, changes.base)) return conflict(id);
  }
  for (const NamedBlob& blob : what.blobs) {
    if (!blob.before) continue;
    SL_TRY(const std::optional<Bytes> now, this->blob(blob.name));
    const ByteSpan data = now ? ByteSpan(*now) : ByteSpan();
    if (!std::equal(data.begin(), data.end(), blob.before->begin(), blob.before->end()))
      return fail(HResult::kErrorTransactionalConflict,
                  std::string(blob.name) + " was changed meanwhile");
  }
  return what.fleet.empty() ? Result<>() : check_fleet(what);
}

Result<> Store::in_turn(FunctionRef<Result<>()> work) {
  const std::lock_guard lock(mutex_);
  SL_CHECK(db_->begin_turn());
  Result<> done = work();
  db_->end_turn();
  return done;
}

Result<> Store::as_one(FunctionRef<Result<>()> work) {
  const std::lock_guard lock(mutex_);
  SL_CHECK(db_->begin_whole());
  Result<> done = work();
  Result<> kept = db_->end_whole(done.has_value());
  if (done && kept) return {};
  // The picture shows what has not come to be.
  changed(JournalKind::kRestored);
  forget_all();
  generation_ = 0;
  return done ? kept : done;
}

}  // namespace slwmi::world
