#include "world/all_machines.hpp"

#include <algorithm>
#include <map>

#include <boost/test/unit_test.hpp>

#include "tests/support/expect.hpp"
#include "world/session.hpp"
#include "world/simulation/build.hpp"
#include "world/simulation/engine.hpp"

using namespace slwmi;
using namespace slwmi::world;

namespace {

using test::must;

// A row as text: whose it is, then its values.
using Rows = std::vector<std::string>;

std::string text_of(const wql::Row& row, std::string_view server) {
  std::string out(server);
  for (std::size_t i = 0; i < row.size(); ++i)
    out += "|" + row.name(i) + "=" + row.value(i).to_mof();
  return out;
}

// Sorted, because rows of different machines come in any order.
Rows of_all(World& world, std::string_view wql) {
  AllMachines session = must(AllMachines::connect(world, must(find_principal("administrator"))));
  Rows out;
  must(session.query_rows(wql, [&](const wql::Row& row) {
    out.push_back(text_of(row, row.server()));
    return true;
  }));
  std::sort(out.begin(), out.end());
  return out;
}

// The same rows, asked of each machine.
Rows of_each(World& world, std::string_view wql) {
  Rows out;
  for (const std::string& name : must(world.machine_names())) {
    const Machine machine = must(world.machine(name));
    Session session = must(machine.connect(must(find_principal("administrator"))));
    must(session.query_rows(wql, [&](const wql::Row& row) {
      out.push_back(text_of(row, name));
      return true;
    }));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::unique_ptr<World> mixed_world() {
  auto world = must(World::in_memory(5));
  const auto description = must(simulation::read_description(as_bytes(std::string_view(R"({
    "machines": [
      {"name": "KMS1", "os": "2008", "role": "kms-host"},
      {"name": "SV#", "os": "2008", "count": 6},
      {"name": "PC#", "count": 4},
      {"name": "MAK1", "role": "mak"}, {"name": "OEM1", "role": "oem"},
      {"name": "OFF1", "role": "unlicensed"}, {"name": "RET1", "os": "2008", "role": "retail"}],
    "network": {"faults": [{"kind": "clock-skew", "who": "PC2", "skew": "2 hours"}]}})"))));
  must(simulation::build(*world, description));
  must(world->advance(3 * 24 * 60));
  return world;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(all_machines)

BOOST_AUTO_TEST_CASE(one_query_gives_what_each_machine_would) {
  auto world = mixed_world();
  const char* const kQueries[] = {
      "SELECT * FROM SoftwareLicensingProduct",
      "SELECT Name FROM SoftwareLicensingProduct WHERE LicenseStatus <> 1",
      "SELECT ID, LicenseStatus, GracePeriodRemaining, PartialProductKey, ProductKeyID FROM "
      "SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL",
      "SELECT OfflineInstallationId FROM SoftwareLicensingProduct WHERE LicenseStatus = 2",
      "SELECT Name FROM SoftwareLicensingProduct WHERE Name LIKE '%Enterprise%' AND "
      "GracePeriodRemaining > 100",
      "SELECT Version, KeyManagementServiceCurrentCount, VLRenewalInterval FROM "
      "SoftwareLicensingService",
      "SELECT Caption, Version FROM Win32_OperatingSystem",
      "SELECT Name FROM Win32_ComputerSystem WHERE Name = 'PC1'",
  };
  for (const char* query : kQueries) {
    BOOST_TEST_CONTEXT(query) {
      const Rows all = of_all(*world, query);
      BOOST_TEST(!all.empty());
      BOOST_TEST(all == of_each(*world, query), boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(follows_what_is_committed) {
  auto world = mixed_world();
  AllMachines session = must(AllMachines::connect(*world, must(find_principal("administrator"))));
  const auto licensed = [&] {
    std::size_t count = 0;
    must(session.query_rows(
        "SELECT LicenseStatus FROM SoftwareLicensingProduct WHERE LicenseStatus = 1",
        [&](const wql::Row&) { return ++count != 0; }));
    return count;
  };
  const std::size_t before = licensed();
  BOOST_TEST(before == 8u);  // the host, six servers, OEM
  must(must(world->machine("SV1")).generalize());
  BOOST_TEST(licensed() == before - 1);
  must(world->remove_machine("SV2"));
  BOOST_TEST(licensed() == before - 2);
  must(world->advance(200));
  BOOST_TEST(licensed() == before - 1);
  must(world->add_machine({.name = "NEW1", .os = "vista-rtm", .role = "oem"}));
  BOOST_TEST(licensed() == before);
}

BOOST_AUTO_TEST_CASE(stops_when_the_sink_has_enough) {
  auto world = mixed_world();
  AllMachines session = must(AllMachines::connect(*world, must(find_principal("administrator"))));
  for (const char* query : {"SELECT Name FROM SoftwareLicensingProduct",
                            "SELECT Version FROM SoftwareLicensingService"}) {
    int rows = 0;
    must(session.query_rows(query, [&](const wql::Row&) { return ++rows < 3; }));
    BOOST_TEST(rows == 3);
  }
}

BOOST_AUTO_TEST_CASE(system_properties_name_the_machine_of_each_row) {
  auto world = mixed_world();
  AllMachines session = must(AllMachines::connect(*world, must(find_principal("administrator"))));
  std::map<std::string, std::string> paths;
  must(
      session.query_rows("SELECT __SERVER, __PATH, ID FROM SoftwareLicensingProduct WHERE "
                         "PartialProductKey IS NOT NULL",
                         [&](const wql::Row& row) {
                           BOOST_TEST(row.value(0).as_text() == row.server());
                           paths[std::string(row.server())] = std::string(row.value(1).as_text());
                           return true;
                         }));
  BOOST_TEST(paths.size() == 14u);
  for (const auto& [server, path] : paths)
    BOOST_TEST(path.substr(0, server.size() + 3) == "\\\\" + server + "\\");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_asked_is_refused) {
  auto world = mixed_world();
  const Principal caller = must(find_principal("administrator"));
  struct {
    const char* what;
    const char* query;
    const char* code;
  } const kBad[] = {
      {"a class nobody has", "SELECT * FROM NoSuchClass", "0x80041010"},
      {"no query", "SELECT", "0x80041017"},
      {"an association", "ASSOCIATORS OF {SoftwareLicensingService.Version='6.0.6001.18000'}",
       "0x80041017"},
  };
  AllMachines session = must(AllMachines::connect(*world, caller));
  for (const auto& row : kBad) {
    BOOST_TEST_CONTEXT(row.what) {
      const auto done = session.query_rows(row.query, [](const wql::Row&) { return true; });
      BOOST_REQUIRE(!done.has_value());
      BOOST_TEST(to_hex(done.error().code) == row.code);
    }
  }
  BOOST_TEST(session.explain("SELECT Name FROM SoftwareLicensingProduct").has_value());
  BOOST_TEST(to_hex(AllMachines::connect(*world, must(find_principal("anonymous"))).error().code) ==
             "0x80041003");
  BOOST_TEST(to_hex(AllMachines::connect(*world, caller, "root\\nowhere").error().code) ==
             "0x8004100E");
}

BOOST_AUTO_TEST_SUITE_END()
