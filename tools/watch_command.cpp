// `slwmi watch`: the events of a notification query, as they come.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <limits>
#include <thread>

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

// Ctrl+C ends the command as it should end, not the process.
class Interruptible {
 public:
  Interruptible() : before_(std::signal(SIGINT, [](int) { interrupted = true; })) {
    interrupted = false;
  }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;
  ~Interruptible() { std::signal(SIGINT, before_); }

 private:
  void (*before_)(int);
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

// Waits as long as it is told, until `left` is over or somebody interrupts.
class Patience {
 public:
  explicit Patience(TickSpan left) : left_(left) {}
  std::optional<TickSpan> operator()(TickSpan span) {
    if (interrupted || left_.ticks <= 0) return std::nullopt;
    const TickSpan nap = std::min(span, left_);
    std::this_thread::sleep_for(std::chrono::nanoseconds(nap.ticks * 100));
    left_.ticks -= nap.ticks;
    return nap;
  }

 private:
  TickSpan left_;
};

Outcome run_watch(Invocation& in) {
  SL_TRY(const std::string wql, query_argument(in));
  constexpr std::uint64_t kForever = std::numeric_limits<std::int64_t>::max() / kTicksPerSecond;
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
  Patience patience(minutes ? TickSpan{}
                            : seconds(static_cast<std::int64_t>(std::min(timeout, kForever))));
  RowPrinter rows(in.out(), list_by_default(in));
  while (rows.count() < most) {
    SL_TRY(const auto event, events.next(patience));
    if (!event) break;
    rows.add(record_of_event(*event, events.columns()));
    if (!in.out().flush()) break;  // nobody reads on
  }
  rows.finish();
  return kDone;
}

constexpr Argument kWql[] = {{"WQL", "the notification query; \"-\" reads it from standard input"}};
constexpr Option kOptions[] = {
    {"--advance", "TIME", "let that much time pass in the world, and print what happened: 30d"},
    {"--timeout", "SECONDS", "wait no longer than that"},
    {"--count", "N", "stop after N events"},
};
constexpr Command kCommands[] = {
    {"", "print the events of a notification query as they come", kWql, kOptions,
     "Whatever process changes the world, its events are seen: __InstanceCreationEvent, "
     "__InstanceModificationEvent and __InstanceDeletionEvent, looked at WITHIN so many seconds of "
     "the world's time, those of the registry (-n 'root\\default'), and groups of events. Ends "
     "with Ctrl+C, --timeout or --count; with --advance when that time has passed. Lists and JSON "
     "come at once, tables and CSV at the end.",
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
