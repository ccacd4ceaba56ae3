// `slwmi clock`: the world's time, which moves only here.
#include "base/duration.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/cli/values.hpp"
#include "tools/commands.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

Outcome print_now(Invocation& in, world::World& world) {
  SL_TRY(const FileTime now, world.now());
  if (in.row_style().chosen) {
    RowPrinter rows = in.rows();
    rows.add({{"Clock", format_iso8601(now)}, {"Datetime", format_cim_datetime(now)}});
    rows.finish();
  } else {
    in.out() << format_iso8601(now) << '\n';
  }
  return kDone;
}

Outcome run_show(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  return print_now(in, *world);
}

Outcome run_advance(Invocation& in) {
  const std::string text = in.value("TIME");
  const auto minutes = parse_duration(text);
  if (!minutes) {
    return usage(
        "\"" + text +
        "\" is no length of time; write weeks, days, hours and minutes as in 30d, 12h or 1d90m");
  }
  SL_TRY(world::World * world, in.world());
  SL_CHECK(world->advance(*minutes));
  return print_now(in, *world);
}

Outcome run_set(Invocation& in) {
  SL_TRY(const FileTime time, time_of_word(in.value("TIME")));
  SL_TRY(world::World * world, in.world());
  SL_CHECK(world->set_clock(time));
  return print_now(in, *world);
}

constexpr Argument kLength[] = {
    {"TIME", "weeks, days, hours and minutes: 2w, 30d, 12h, 90m, 1d12h"}};
constexpr Argument kTime[] = {
    {"TIME", "a date or a time in UTC: 2008-06-01, 2008-06-01T12:30:00Z"}};

constexpr Command kCommands[] = {
    {"show",
     "the time in the world, UTC",
     {},
     {},
     "",
     "slwmi clock show\nslwmi clock show --json",
     run_show},
    {"advance",
     "let time pass",
     kLength,
     {},
     "Prints the new time. Timers that end meanwhile take effect.",
     "slwmi clock advance 30d\nslwmi clock advance 1d90m",
     run_advance},
    {"set",
     "set the time",
     kTime,
     {},
     "Prints the new time.",
     "slwmi clock set 2008-06-01T12:30:00Z",
     run_set},
};

}  // namespace

constexpr Group kClock{"clock", "show, advance and set the world's time", kCommands, "show"};

}  // namespace slwmi::tools
