// A licence record that somebody damaged while nobody looked, in worlds run by both drivers: the
// machine notices as time goes on.
#include <boost/test/unit_test.hpp>

#include "provider/settings.hpp"
#include "tests/support/expect.hpp"
#include "world/event_logs.hpp"
#include "world/simulation/engine.hpp"
#include "world/world.hpp"

using namespace slwmi;
using namespace slwmi::world;
using namespace slwmi::world::simulation;

namespace {

using test::must;

void run_days(World& world, int count, Driver driver) {
  RunOptions options;
  options.driver = driver;
  must(run(world.shared(), must(world.now()) + days(count), options));
}

// Five servers and their host; one record of `victim` is damaged after a day. The digest and the
// number of events after two more.
std::pair<std::string, std::size_t> digest(std::string_view victim, Driver driver) {
  auto world = must(World::in_memory(1));
  must(world->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host"}));
  for (int i = 1; i <= 5; ++i)
    must(world->add_machine({.name = "SV" + std::to_string(i), .os = "2008"}));
  // So that the host has a record, too.
  must(must(world->machine("KMS1")).happened({.kind = licensing::EventKind::kHardwareChanged}));
  run_days(*world, 1, driver);
  const Machine machine = must(world->machine(victim));
  auto registry = must(machine.registry(must(find_principal("system"))));
  auto store = must(registry.open(licensing::paths::kStore, reg::access::kAllAccess));
  std::size_t records = 0;
  for (const reg::ValueEntry& value : must(store.values())) {
    if (value.name.size() != 36) continue;  // an activation ID names a record
    must(store.set(value.name, reg::make_binary(as_bytes(std::string_view("damaged")))));
    ++records;
  }
  BOOST_TEST(records == 1u);
  run_days(*world, 2, driver);
  return {must(world->digest()), must(machine.events(EventFilter{})).size()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(damaged_records)

BOOST_AUTO_TEST_CASE(are_found_by_both_drivers) {
  for (const char* victim : {"SV1", "KMS1"}) {
    BOOST_TEST_CONTEXT(victim) {
      const auto fleet = digest(victim, Driver::kFleet);
      const auto provider = digest(victim, Driver::kProvider);
      BOOST_TEST(fleet.second == provider.second);
      BOOST_TEST(fleet.first == provider.first);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
