// 2,000 random worlds under the laws; `slwmi sim fuzz` runs as many more as one likes.
#include "world/simulation/fuzz.hpp"

#include <boost/test/unit_test.hpp>

using namespace slwmi;
using namespace slwmi::world;
using namespace slwmi::world::simulation;

BOOST_AUTO_TEST_SUITE(simulation_laws)

BOOST_AUTO_TEST_CASE(hold_in_2000_random_worlds_and_every_fault_fires) {
  FuzzTotals totals;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const auto broken = fuzz(seed, totals, 100);
    BOOST_REQUIRE_MESSAGE(broken.has_value(),
                          "seed " << seed << (broken ? "" : ": " + broken.error().message));
    for (const std::string& law : *broken) BOOST_ERROR("seed " << seed << ": " << law);
  }
  BOOST_TEST(totals.worlds == 2000u);
  BOOST_TEST(totals.compared == 20u);
  BOOST_TEST(totals.exchanges > 100'000u);
  BOOST_TEST(totals.activations > 10'000u);
  for (const net::FaultInfo& info : net::fault_kinds())
    BOOST_TEST_CONTEXT(info.name) BOOST_TEST(totals.faults[info.kind] > 0u);
}

BOOST_AUTO_TEST_CASE(a_seed_describes_one_world) {
  const Description one = random_description(7), same = random_description(7);
  BOOST_TEST(one.machine_count() == same.machine_count());
  BOOST_TEST((one.network == same.network));
  BOOST_TEST(one.duration == same.duration);
  std::uint64_t different = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    different += random_description(seed).machine_count() != one.machine_count() ? 1 : 0;
  BOOST_TEST(different > 10u);
}

BOOST_AUTO_TEST_SUITE_END()
