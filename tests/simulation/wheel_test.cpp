#include "world/simulation/wheel.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <boost/test/unit_test.hpp>

#include "base/hash.hpp"

using namespace slwmi;
using namespace slwmi::world::simulation;

namespace {

constexpr Minute kStart = 214'000'000;  // in 2008
constexpr Minute kDay = 24 * 60;

// A wheel beside an ordered set of (due, machine), which is what it stands for.
struct Pair {
  Wheel wheel;
  std::set<std::pair<Minute, std::uint32_t>> model;

  void schedule(std::uint32_t machine, Minute due) {
    wheel.schedule(machine, due);
    model.emplace(due, machine);
  }
  bool has(std::uint32_t machine) const {
    return std::any_of(model.begin(), model.end(),
                       [&](const auto& entry) { return entry.second == machine; });
  }
  // What the set has next, taken out of it.
  std::pair<Minute, std::vector<std::uint32_t>> take_of_model() {
    const Minute minute = model.begin()->first;
    std::vector<std::uint32_t> machines;
    while (!model.empty() && model.begin()->first == minute) {
      machines.push_back(model.begin()->second);
      model.erase(model.begin());
    }
    return {minute, machines};
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(timing_wheel)

BOOST_AUTO_TEST_CASE(machines_of_a_minute_come_in_the_order_of_their_numbers) {
  for (const std::uint32_t count : {3u, 71u, 5000u}) {
    Wheel wheel(kStart);
    for (std::uint32_t i = count; i-- > 0;) wheel.schedule((i * 7) % count, kStart + 120);
    BOOST_REQUIRE(wheel.next(kStart + 120).has_value());
    const auto& machines = wheel.take(kStart + 120);
    BOOST_TEST(machines.size() == count);
    BOOST_TEST(std::is_sorted(machines.begin(), machines.end()));
  }
}

BOOST_AUTO_TEST_CASE(every_distance_is_kept_to_the_minute) {
  struct {
    const char* why;
    Minute ahead;
  } const kRows[] = {
      {"this very minute", 0},
      {"the next", 1},
      {"the shortest interval", 15},
      {"a week", 7 * kDay},
      {"the last minute of the lowest level", (1u << 14) - 1},
      {"the first of the middle level", 1u << 14},
      {"the longest interval", 30 * kDay},
      {"180 days", 180 * kDay},
      {"the last minute of the middle level", (1u << 22) - 1},
      {"the first of the highest level", 1u << 22},
      {"a thousand years", 1000u * 365 * kDay},
      {"the end of the numbers but one", Wheel::kEnd - 1 - kStart},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      Wheel wheel(kStart);
      wheel.schedule(0, kStart + row.ahead);
      if (row.ahead > 0) BOOST_TEST(!wheel.next(kStart + row.ahead - 1).has_value());
      BOOST_TEST(wheel.next(Wheel::kEnd - 1).value_or(0) == kStart + row.ahead);
      BOOST_TEST(wheel.take(kStart + row.ahead) == std::vector<std::uint32_t>{0});
      BOOST_TEST(!wheel.next(Wheel::kEnd - 1).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_minute_that_has_passed_counts_as_now) {
  Wheel wheel(kStart);
  wheel.schedule(0, kStart - 500);
  BOOST_TEST(wheel.next(kStart).value_or(0) == kStart);
}

BOOST_AUTO_TEST_CASE(agrees_with_an_ordered_set_over_random_histories) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    constexpr std::uint32_t kMachines = 90;
    Pair both{Wheel(kStart), {}};
    std::uint64_t draw = seed;
    const auto below = [&](std::uint64_t bound) {
      return random_below(draw = mix64(draw + 1), bound);
    };
    Minute now = kStart;
    for (int i = 0; i < 400; ++i) {
      const auto machine = static_cast<std::uint32_t>(below(kMachines));
      const std::uint64_t reach = below(4);  // near, a block, some blocks, years
      const auto ahead = static_cast<Minute>(below(reach == 0   ? 40
                                                   : reach == 1 ? 20'000
                                                   : reach == 2 ? 300'000
                                                                : 20'000'000));
      if (!both.has(machine)) both.schedule(machine, now + ahead);
      if (below(3) != 0 || both.model.empty()) continue;
      const Minute first = both.model.begin()->first;
      if (first > now && below(2) == 0) {  // a break before it
        const Minute until = now + static_cast<Minute>(below(first - now));
        BOOST_TEST(!both.wheel.next(until).has_value());
        now = until;
        continue;
      }
      const auto [minute, machines] = both.take_of_model();
      BOOST_REQUIRE(both.wheel.next(Wheel::kEnd - 1).value_or(0) == minute);
      BOOST_REQUIRE(both.wheel.take(minute) == machines);
      now = minute + 1;
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
