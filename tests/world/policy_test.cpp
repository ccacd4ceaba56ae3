// Pushes through a world: what machines then see, in this world and in another process's.
#include <set>

#include <boost/test/unit_test.hpp>

#include "policy/catalogue.hpp"
#include "policy/document.hpp"
#include "policy/plan.hpp"
#include "policy/targeting.hpp"
#include "registry/registry.hpp"
#include "tests/world/fixture.hpp"

using namespace slwmi;
using world::test::connect;
using world::test::must;

namespace {

policy::Document document(std::string_view text) {
  return must(policy::parse_document(as_bytes(text), "test"));
}

std::vector<std::string> add(world::World& world, std::size_t count,
                             const char* role = "kms-client") {
  std::vector<world::MachineSpec> specs(count);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    specs[i].name =
        std::string(role[0] == 'k' && role[4] == 'h' ? "KMS" : "PC") + std::to_string(i);
    specs[i].role = role;
    names.push_back(specs[i].name);
  }
  must(world.add_machines(specs));
  return names;
}

// A property of the licensing service as a standard user's query shows it.
std::string shown(world::World& world, const std::string& machine, const std::string& property) {
  auto session = connect(world, machine, "standard");
  const auto rows = must(session.query("SELECT " + property + " FROM SoftwareLicensingService"));
  BOOST_REQUIRE(rows.size() == 1u);
  const cim::Value& value = rows[0].get(property);
  return value.is_null() ? "null" : value.to_display();
}

const char* const kClients =
    R"({"policy":"clients","settings":{"KeyManagementServiceName":"kms.contoso.com",
    "VLRenewalInterval":"2 days","Manual":1}})";

}  // namespace

BOOST_AUTO_TEST_SUITE(world_policy)

BOOST_AUTO_TEST_CASE(a_push_shows_in_the_next_query_and_goes_without_a_trace) {
  const auto world = must(world::World::in_memory());
  const auto names = add(*world, 3);
  const std::string before = shown(*world, "PC1", "VLRenewalInterval");
  BOOST_TEST(before == "10080");
  const auto plan = must(world->plan_policy(document(kClients), names));
  BOOST_TEST(plan.machines_changed == 3u);
  BOOST_TEST(plan.groups.size() == 1u);
  BOOST_TEST(shown(*world, "PC1", "VLRenewalInterval") == before);

  must(world->apply_policy(document(kClients), names));
  BOOST_TEST(shown(*world, "PC1", "VLRenewalInterval") == "2880");
  BOOST_TEST(shown(*world, "PC2", "KeyManagementServiceMachine") == "kms.contoso.com");
  BOOST_TEST(!must(world->plan_policy(document(kClients), names)).differs());
  BOOST_TEST(must(world->policies_of("PC1")) == std::vector<std::string>{"clients"},
             boost::test_tools::per_element());

  must(world->remove_policy("CLIENTS", names));
  BOOST_TEST(shown(*world, "PC1", "VLRenewalInterval") == before);
  BOOST_TEST(must(world->policies_of("PC1")).empty());
  BOOST_TEST(must(world->policy_status()).empty());
}

BOOST_AUTO_TEST_CASE(a_second_push_writes_nothing) {
  const auto world = must(world::World::in_memory());
  const auto names = add(*world, 3);
  const std::uint64_t first = must(world->apply_policy(document(kClients), names));
  BOOST_TEST(must(world->generation()) == first);
  BOOST_TEST(must(world->apply_policy(document(kClients), names)) == first);
  BOOST_TEST(must(world->generation()) == first);
}

BOOST_AUTO_TEST_CASE(an_own_write_after_the_push_wins_until_the_next_push) {
  const auto world = must(world::World::in_memory());
  const auto names = add(*world, 2, "kms-host");
  must(world->apply_policy(document(kClients), names));
  auto session = must(must(world->machine("KMS0")).connect(must(find_principal("administrator"))));
  const std::string path =
      must(session.query("SELECT * FROM SoftwareLicensingService"))[0].relpath();
  must(session.call(path, "SetVLRenewalInterval", {{"RenewalInterval", cim::Value::uint32(600)}}));
  BOOST_TEST(shown(*world, "KMS0", "VLRenewalInterval") == "600");
  // Taking another policy away does not raise this one over the write.
  must(world->apply_policy(document(R"({"policy":"other","settings":{"UserOperations":1}})"),
                           std::vector<std::string>{"KMS1"}));
  must(world->remove_policy("other", names));
  BOOST_TEST(shown(*world, "KMS0", "VLRenewalInterval") == "600");
  const auto drift = must(world->plan_policy(document(kClients), names));
  BOOST_TEST(drift.machines_changed == 1u);
  BOOST_TEST(drift.groups.size() == 2u);
  must(world->apply_policy(document(kClients), names));
  BOOST_TEST(shown(*world, "KMS0", "VLRenewalInterval") == "2880");
  must(world->remove_policy("clients", names));
  BOOST_TEST(shown(*world, "KMS0", "VLRenewalInterval") == "600");
  BOOST_TEST(shown(*world, "KMS1", "VLRenewalInterval") == "10080");
}

BOOST_AUTO_TEST_CASE(a_push_is_all_or_nothing) {
  const auto world = must(world::World::in_memory());
  add(*world, 2);
  const std::uint64_t before = must(world->generation());
  const auto failed =
      world->apply_policy(document(kClients), std::vector<std::string>{"PC0", "PC9"});
  BOOST_REQUIRE(!failed.has_value());
  BOOST_TEST((failed.error().code == HResult::kErrorNotFound));
  BOOST_TEST(must(world->generation()) == before);
  BOOST_TEST(shown(*world, "PC0", "VLRenewalInterval") == "10080");
}

BOOST_AUTO_TEST_CASE(status_tells_what_is_where) {
  const auto world = must(world::World::in_memory());
  const auto names = add(*world, 4);
  must(world->apply_policy(document(kClients), names));
  const std::uint64_t last =
      must(world->apply_policy(document(R"({"policy":"part","settings":{"UserOperations":1}})"),
                               std::vector<std::string>{"PC1", "PC2"}));
  const auto status = must(world->policy_status());
  BOOST_REQUIRE(status.size() == 2u);
  BOOST_TEST(status[0].name == "clients");
  BOOST_TEST(status[0].machines == 4u);
  BOOST_TEST(status[0].settings == 3u);
  BOOST_TEST(status[1].machines == 2u);
  BOOST_TEST(status[1].generation == last);
  const std::vector<std::string> order{"clients", "part"};
  BOOST_TEST(must(world->policies_of("PC2")) == order, boost::test_tools::per_element());
  const auto back = must(world->policy_document("Part"));
  BOOST_TEST(
      to_hex(must(policy::compile(back)).hash) ==
      to_hex(must(policy::compile(document(R"({"policy":"part","settings":{"UserOperations":1}})")))
                 .hash));
  BOOST_TEST((world->policy_document("none").error().code == HResult::kErrorNotFound));
}

BOOST_AUTO_TEST_CASE(lasts_in_the_file_and_reaches_worlds_that_are_open) {
  const world::test::Folder folder;
  const auto one = must(world::World::open(folder.file(), world::World::Mode::kCreate));
  const auto names = add(*one, 3);
  const auto other = must(world::World::open(folder.file(), world::World::Mode::kOpen));
  BOOST_TEST(shown(*other, "PC2", "VLRenewalInterval") == "10080");
  must(one->apply_policy(document(kClients), names));
  BOOST_TEST(shown(*other, "PC2", "VLRenewalInterval") == "2880");
  const auto third = must(world::World::open(folder.file(), world::World::Mode::kOpen));
  BOOST_TEST(shown(*third, "PC0", "VLRenewalInterval") == "2880");
  must(third->remove_policy("clients", names));
  BOOST_TEST(shown(*one, "PC1", "VLRenewalInterval") == "10080");
  BOOST_TEST(must(one->digest()) == must(third->digest()));
}

BOOST_AUTO_TEST_CASE(reaches_a_fleet_by_one_layer) {
  const auto world = must(world::World::in_memory());
  const auto names = add(*world, 2000);
  const auto plan = must(world->plan_policy(document(kClients), names));
  BOOST_TEST(plan.groups.size() == 1u);
  BOOST_TEST(plan.counts.changes() == 6000u);
  must(world->apply_policy(document(kClients), names));
  for (std::size_t i = 0; i < names.size(); i += 199) {
    BOOST_TEST(shown(*world, names[i], "VLRenewalInterval") == "2880");
  }
}

BOOST_AUTO_TEST_CASE(targets_mean_machines_by_name_role_version_and_query) {
  const auto world = must(world::World::in_memory());
  must(world->add_machine({.name = "PC1"}));
  must(world->add_machine({.name = "PC2", .os = "vista-rtm", .role = "mak"}));
  must(world->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host"}));
  struct {
    const char* target;
    std::vector<std::string> machines;
  } const rows[] = {
      {"all", {"KMS1", "PC1", "PC2"}},
      {"pc* !PC1", {"PC2"}},
      {"role=kms-host", {"KMS1"}},
      {"os=vista-rtm", {"PC2"}},
      {"wmi=SELECT * FROM Win32_OperatingSystem WHERE ProductType = 3", {"KMS1"}},
      {"nobody", {}},
  };
  const Principal caller = *find_principal("administrator");
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.target) {
      const auto selection =
          must(world->select_machines(must(policy::parse_targets(row.target)), caller));
      BOOST_TEST(selection.machines == row.machines, boost::test_tools::per_element());
    }
  }
  const auto wrong = world->select_machines(
      must(policy::parse_targets("wmi=SELECT Nothing FROM Win32_OperatingSystem")), caller);
  BOOST_REQUIRE(!wrong.has_value());
  BOOST_TEST((wrong.error().code == HResult::kWbemEInvalidQuery));
}

BOOST_AUTO_TEST_SUITE_END()
