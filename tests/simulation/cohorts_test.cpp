#include "world/simulation/cohorts.hpp"

#include <boost/test/unit_test.hpp>

using namespace slwmi;
using namespace slwmi::world::simulation;

BOOST_AUTO_TEST_SUITE(cohorts)

BOOST_AUTO_TEST_CASE(are_found_by_their_leader_until_they_dissolve) {
  constexpr std::uint32_t kFirst[] = {2, 4, 7}, kSecond[] = {3, 9};
  const licensing::ClientPart first[] = {{20, 2, 0}, {40, 4, 0}, {70, 7, 0}};
  const licensing::ClientPart second[] = {{30, 3, 0}, {90, 9, 0}};
  Cohorts all(10);
  BOOST_TEST((all.led_by(2) == nullptr));
  all.form(kFirst, {first, 1});
  all.form(kSecond, {second, 2});
  Cohorts::Cohort* const two = all.led_by(2);
  BOOST_TEST_REQUIRE((two != nullptr));
  BOOST_TEST((all.led_by(4) == nullptr), "it follows");
  BOOST_TEST(all.members(*two) == kFirst, boost::test_tools::per_element());
  BOOST_TEST(all.parts(*all.led_by(3))[1].client_id == 90u);
  BOOST_TEST(all.led_by(3)->generation == 2u);
  BOOST_TEST(all.all().size() == 2u);

  all.dissolve(*two);
  BOOST_TEST((all.led_by(2) == nullptr));
  BOOST_TEST(all.members(*two) == kFirst, boost::test_tools::per_element());
  all.form(all.members(*two), {first, 1});
  BOOST_TEST_REQUIRE((all.led_by(2) != nullptr));
  BOOST_TEST(all.members(*all.led_by(2)) == kFirst, boost::test_tools::per_element());
  all.clear();
  BOOST_TEST((all.led_by(2) == nullptr));
  BOOST_TEST((all.led_by(3) == nullptr));
  BOOST_TEST(all.all().empty());
}

BOOST_AUTO_TEST_CASE(have_room_for_all_machines_until_much_is_wasted) {
  constexpr std::uint32_t kMachines = 1000;
  std::vector<std::uint32_t> machines;
  std::vector<licensing::ClientPart> parts(kMachines);
  for (std::uint32_t i = 0; i < kMachines; ++i) machines.push_back(i);
  Cohorts all(kMachines);
  all.form(machines, {parts, 0});
  BOOST_TEST(all.has_room(100));
  BOOST_TEST(!all.has_room(kMachines));
  BOOST_TEST(!all.is_wasteful());
  all.dissolve(*all.led_by(0));
  BOOST_TEST(all.is_wasteful());
  all.clear();
  BOOST_TEST(!all.is_wasteful());
  BOOST_TEST(all.has_room(kMachines));
}

BOOST_AUTO_TEST_SUITE_END()
