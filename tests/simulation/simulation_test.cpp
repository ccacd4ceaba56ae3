#include "world/simulation/simulation.hpp"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "tests/support/expect.hpp"
#include "tests/support/temporary_folder.hpp"
#include "world/simulation/progress.hpp"
#include "world/world.hpp"

using namespace slwmi;
using namespace slwmi::world;
using namespace slwmi::world::simulation;

namespace {

using test::must;
using Folder = test::TemporaryFolder;

constexpr std::string_view kText = R"({
  "seed": 11, "duration": "60 days", "sample": "2 days", "checkpoint": "1 day",
  "machines": [
    {"name": "KMS1", "os": "2008", "role": "kms-host"},
    {"name": "SV##", "os": "2008", "count": 12, "spread": "5 days"},
    {"name": "PC##", "count": 30, "spread": "20 days"}],
  "actions": [
    {"at": "10 days", "do": "rearm", "machines": "SV0*"},
    {"at": "10 days", "do": "restart", "machines": "SV0*"},
    {"at": "15 days", "do": "rename", "machines": "KMS1", "to": "KMS9"},
    {"at": "20 days", "do": "push", "machines": "PC*", "document":
      {"policy": "quick", "settings": {"VLRenewalInterval": 600}}},
    {"at": "31 days", "do": "change-hardware", "machines": "PC1*"},
    {"at": "40 days", "do": "install-key", "machines": "SV12", "edition": "Standard",
     "channel": "VOLUME_MAK"},
    {"at": "45 days", "do": "mark-non-genuine", "machines": "PC20"},
    {"at": "50 days", "do": "remove", "machines": "PC30"}]})";

struct Outcome {
  std::string digest;
  std::vector<Sample> series;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(World& world, const Simulation& run) {
  return {must(world.digest()), run.series()};
}

Outcome run_whole(Driver driver) {
  auto world = must(World::in_memory(11));
  auto run = must(Simulation::begin(*world, as_bytes(kText)));
  must(run->run({.driver = driver}));
  return outcome_of(*world, *run);
}

// What the world in the folder comes to when its run goes on to the end.
Outcome finish(const Folder& folder) {
  auto world = must(World::open(folder.file(), World::Mode::kOpen));
  auto run = must(Simulation::resume(*world));
  must(run->run({}));
  return outcome_of(*world, *run);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(described_worlds)

BOOST_AUTO_TEST_CASE(actions_and_samples_come_at_their_times) {
  auto world = must(World::in_memory(11));
  auto run = must(Simulation::begin(*world, as_bytes(kText)));
  must(run->run({}));
  const std::vector<Sample>& series = run->series();
  BOOST_REQUIRE(series.size() == 31u);
  for (std::size_t i = 0; i < series.size(); ++i)
    BOOST_TEST((series[i].at == run->start() + days(static_cast<std::int64_t>(2 * i))));
  BOOST_TEST(series.front().by_status[1] == 1u);  // the host
  BOOST_TEST(series[2].by_status[1] > 5u);
  BOOST_TEST(series[4].hosts.at(0).name == "KMS1");
  BOOST_TEST(series[10].hosts.at(0).name == "KMS9");
  BOOST_TEST(series[24].by_status[4] == 1u);  // non-genuine grace
  BOOST_TEST(must(world->machine_count()) == 42u);
  BOOST_TEST(must(world->machine("KMS9")).id() == 1u);
  BOOST_TEST(must(world->policies_of("PC01")).size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_reference_driver_gives_the_same_world_and_series) {
  const Outcome fleet = run_whole(Driver::kFleet);
  const Outcome provider = run_whole(Driver::kProvider);
  BOOST_TEST(fleet.digest == provider.digest);
  BOOST_TEST((fleet.series == provider.series));
}

// What a KMS leaves beside the record lies in fleet rows: policies set and delete it, too.
BOOST_AUTO_TEST_CASE(policies_over_what_a_kms_leaves_leave_both_drivers_and_every_cut_alike) {
  const std::string service =
      R"("HKU\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL")";
  const std::string store = R"("HKLM\\SYSTEM\\CurrentControlSet\\Services\\slsvc\\Store")";
  const std::string documents[] = {
      R"("settings": {"CustomerPID": "x-y-z"})",
      R"("settings": {"DiscoveredKeyManagementServiceName": "kms9.contoso.com"})",
      R"("remove": ["DiscoveredKeyManagementServiceName"])",
      R"("remove": [{"key": )" + service + R"(, "what": "key"}])",
      R"("remove": [{"key": )" + service + R"(, "what": "values"}])",
      R"("remove": [{"key": )" + store + R"(, "what": "values"}])"};
  for (const std::string& document : documents) {
    for (const char* at : {"0m", "5d1h"}) {
      BOOST_TEST_CONTEXT(document << " at " << at) {
        const std::string text =
            R"({"duration": "30 days", "sample": "5 days", "machines": [
            {"name": "KMS1", "os": "2008", "role": "kms-host"},
            {"name": "KMS2", "os": "2008", "role": "kms-host"},
            {"name": "PC##", "count": 30, "spread": "1 day"}],
            "actions": [{"at": ")" +
            std::string(at) +
            R"(", "do": "push", "machines": "all", "document": {"policy": "p", )" + document +
            "}}]}";
        const auto digest = [&](Driver driver, std::vector<int> cuts) {
          auto world = must(World::in_memory(11));
          auto run = must(Simulation::begin(*world, as_bytes(text)));
          for (const int cut : cuts) must(run->run({.driver = driver}, run->start() + days(cut)));
          must(run->run({.driver = driver}));
          return must(world->digest());
        };
        const std::string whole = digest(Driver::kFleet, {});
        BOOST_TEST(digest(Driver::kFleet, {6, 7, 20}) == whole);
        BOOST_TEST(digest(Driver::kProvider, {}) == whole);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_run_that_is_stopped_goes_on_where_it_was) {
  const Folder folder;
  const Outcome whole = run_whole(Driver::kFleet);
  {
    auto world = must(World::open(folder.file(), World::Mode::kCreate, 11));
    auto run = must(Simulation::begin(*world, as_bytes(kText)));
    must(run->run({}, run->start() + days(10)));
    BOOST_TEST((must(run->now()) == run->start() + days(10)));
  }
  for (int i = 0; i < 3; ++i) {
    auto world = must(World::open(folder.file(), World::Mode::kOpen));
    auto run = must(Simulation::resume(*world));
    BOOST_TEST(run->is_of(as_bytes(kText)));
    int checkpoints = 0;
    must(run->run({.progress = [&](FileTime) { return ++checkpoints < 7; }}));
    BOOST_TEST(checkpoints == 7);
  }
  const Outcome pieces = finish(folder);
  BOOST_TEST(pieces.digest == whole.digest);
  BOOST_TEST((pieces.series == whole.series));
}

BOOST_AUTO_TEST_CASE(a_run_that_is_killed_goes_on_from_its_last_checkpoint) {
  const Outcome whole = run_whole(Driver::kFleet);
  const Folder folder;
  {
    auto world = must(World::open(folder.file(), World::Mode::kCreate, 11));
    must(Simulation::begin(*world, as_bytes(kText)));
  }
  int killed = 0;
  for (useconds_t wait = 2000; killed < 40; wait += 1500) {
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
      auto world = World::open(folder.file(), World::Mode::kOpen);
      auto run = world ? Simulation::resume(**world) : fail(world.error());
      ::_exit(run && (*run)->run({}) ? 0 : 1);
    }
    ::usleep(wait);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) {
      BOOST_TEST(WEXITSTATUS(status) == 0);
      break;
    }
    ++killed;
  }
  BOOST_TEST(killed > 0);
  const Outcome pieces = finish(folder);
  BOOST_TEST(pieces.digest == whole.digest);
  BOOST_TEST((pieces.series == whole.series));
}

BOOST_AUTO_TEST_CASE(it_begins_in_a_world_without_machines_only) {
  auto world = must(World::in_memory());
  BOOST_TEST(to_hex(Simulation::resume(*world).error().code) == "0x80070490");
  const auto bad = Simulation::begin(*world, as_bytes(R"({"machines": {"name": "no good"}})"));
  BOOST_REQUIRE(!bad.has_value());
  BOOST_TEST(must(world->machine_count()) == 0u);
  must(world->add_machine({.name = "PC1"}));
  const auto refused = Simulation::begin(*world, as_bytes(R"({"machines": {"name": "PC2"}})"));
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(to_hex(refused.error().code) == "0x800700B7");
  BOOST_TEST(must(world->machine_count()) == 1u);
}

BOOST_AUTO_TEST_CASE(progress_survives_its_bytes_and_damage_is_found) {
  Progress progress;
  progress.description = Bytes(5, std::byte{'x'});
  progress.start = FileTime{1};
  progress.end = FileTime{2};
  progress.actions = 3;
  progress.series = {{FileTime{4}, {1, 2, 3, 4, 5, 6}, {{"KMS1", 7, 8, 9}, {"", 0, 0, 0}}}, {}};
  const Bytes bytes = encode(progress);
  BOOST_TEST((must(decode_progress(bytes)) == progress));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    BOOST_TEST(!decode_progress(ByteSpan(bytes).first(size)).has_value());
  Bytes longer = bytes;
  longer.push_back({});
  BOOST_TEST(!decode_progress(longer).has_value());
  Bytes newer = bytes;
  newer[0] = std::byte{2};
  BOOST_TEST(!decode_progress(newer).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
