// `slwmi watch`: the events of a notification query, as they come.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <iterator>
#include <limits>
#include <thread>
#include <utility>

#include "base/duration.hpp"
#include "tools/cli/query_text.hpp"
#include "tools/cli/values.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "world/session.hpp"
#include "world/watch.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

std::atomic<bool> interrupted{false};

// Ctrl+C and SIGTERM end the command as it should end, not the process.
class Interruptible {
 public:
  Interruptible() {
    interrupted = false;
    for (std::size_t i = 0; i < std::size(kSignals); ++i)
      before_[i] = std::signal(kSignals[i], [](int) { interrupted = true; });
  }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;
  ~Interruptible() {
    for (std::size_t i = 0; i < std::size(kSignals); ++i) std::signal(kSignals[i], before_[i]);
  }

 private:
  static constexpr int kSignals[] = {SIGINT, SIGTERM};
  void (*before_[std::size(kSignals)])(int);
};

// An event: its class, then what is selected of it.
Record record_of_event(const cim::Instance& event, const std::vector<std::string>& columns) {
  Record record{{"__CLASS", event.cls()->name()}};
  for (const std::string& column : columns)
    if (const cim::Property* property = event.cls()->find_property(column))
      record.push_back({property->name, cell_of(event.at(property->slot))});
  if (!columns.empty()) return record;
  for (Field& field : record_of(event)) record.push_back(std::move(field));
  return record;
}

// Waits as it is told, until the time is over or somebody interrupts; without a time not at all.
class Patience {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Patience(std::optional<std::chrono::seconds> time) : waits_(time.has_value()) {
    if (time) end_ = Clock::now() + *time;
  }
  std::optional<TickSpan> operator()(TickSpan span) const {
    if (interrupted) return std::nullopt;
    if (span == TickSpan{}) return span;
    const auto left = std::chrono::nanoseconds(end_ - Clock::now()).count() / 100;
    if (!waits_ || left <= 0) return std::nullopt;
    const TickSpan nap{std::min<std::int64_t>(span.ticks, left)};
    std::this_thread::sleep_for(std::chrono::nanoseconds(nap.ticks * 100));
    return nap;
  }

 private:
  bool waits_;
  Clock::time_point end_ = {};
};

Outcome run_watch(Invocation& in) {
  SL_TRY(const std::string wql, query_argument(in));
  constexpr std::uint64_t kForever = 1'000'000'000;  // seconds
  SL_TRY(const std::uint64_t timeout, in.number("timeout", kForever));
  SL_TRY(const std::uint64_t most, in.number("count", std::numeric_limits<std::uint64_t>::max()));
  std::optional<std::uint64_t> minutes;
  if (in.has("advance")) {
    minutes = parse_duration(in.value("advance"));
    if (!minutes) return usage("\"" + in.value("advance") + "\" is no length of time");
  }
  SL_TRY(world::World * world, in.world());
  SL_TRY(world::Session session, in.session());
  auto subscribed = session.watch(wql);
  if (!subscribed) return fail_with_query(subscribed.error(), wql);
  world::Subscription& events = *subscribed;
  if (minutes) SL_CHECK(world->advance(*minutes));

  const Interruptible interruptible;
  std::optional<std::chrono::seconds> time;
  if (!minutes) time = std::chrono::seconds(std::min(timeout, kForever));
  const Patience patience(time);
  RowPrinter rows(in.out(), list_by_default(in), RowPrinter::Rows::kAsTheyCome);
  Result<> done;
  // What the machines did in the time that passed was committed at its end, which the last poll
  // does not see: so one more look at the state that they are in now.
  bool looks_once_more = minutes && events.within();
  while (!interrupted && rows.count() < most) {
    const auto event = events.next(patience);
    if (event && !*event && std::exchange(looks_once_more, false)) {
      events.waited(*events.within());
      continue;
    }
    if (!event) done = fail(event.error());
    if (!event || !*event) break;
    rows.add(record_of_event(**event, events.columns()));
    if (!in.out().flush()) break;  // nobody reads on
  }
  rows.finish();
  SL_CHECK(done);
  return kDone;
}

constexpr Argument kWql[] = {{"WQL", "the notification query; \"-\" reads it from standard input"}};
constexpr Option kOptions[] = {
    {"--advance", "TIME", "let that much time pass in the world, and print what happened: 30d"},
    {"--timeout", "SECONDS", "wait no longer than that; with --advance it never waits"},
    {"--count", "N", "stop after N events"},
};
constexpr Command kCommands[] = {
    {"", "print the events of a notification query as they come", kWql, kOptions,
     "Whatever process changes the world, its events are seen: __InstanceCreationEvent, "
     "__InstanceModificationEvent and __InstanceDeletionEvent, looked at WITHIN so many seconds of "
     "the world's time, those of the registry (-n 'root\\default'), and groups of events. Ends "
     "with Ctrl+C, --timeout or --count; with --advance when that time has passed, after a look at "
     "the state that it ended in. Lists and JSON come at once, tables and CSV at the end.",
     "slwmi watch --timeout 1 \"SELECT * FROM __InstanceModificationEvent WITHIN 60 WHERE "
     "TargetInstance ISA "
     "'SoftwareLicensingProduct'\"\n"
     "slwmi watch --advance 40d \"SELECT * FROM __InstanceModificationEvent WITHIN 3600 WHERE "
     "TargetInstance ISA 'SoftwareLicensingProduct' AND PreviousInstance.LicenseStatus = 2 AND "
     "TargetInstance.LicenseStatus <> 2\"",
     run_watch},
};

}  // namespace

constexpr Group kWatch{"watch", "print events as they come", kCommands};

}  // namespace slwmi::tools
