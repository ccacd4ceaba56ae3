#include "world/world.hpp"

#include <boost/test/unit_test.hpp>

#include "policy/document.hpp"
#include "registry/value.hpp"
#include "tests/world/fixture.hpp"

using namespace slwmi;
using namespace slwmi::world;

namespace {

using world::test::connect;
using world::test::must;

constexpr const char* kService = "SoftwareLicensingService.Version=\"6.0.6001.18000\"";

std::unique_ptr<World> small_world() {
  auto world = must(World::in_memory(7));
  must(world->add_machine({.name = "PC1"}));
  must(world->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host"}));
  return world;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(world_facade)

BOOST_AUTO_TEST_CASE(a_new_machine_answers_queries_with_the_documented_defaults) {
  auto world = small_world();
  Session session = connect(*world, "pc1", "standard");
  const auto rows = must(session.query(
      "SELECT VLRenewalInterval, VLActivationInterval FROM SoftwareLicensingService"));
  BOOST_REQUIRE(rows.size() == 1u);
  BOOST_TEST(rows[0].get("VLRenewalInterval").as_uint32() == 10080u);
  BOOST_TEST(rows[0].get("VLActivationInterval").as_uint32() == 120u);
  BOOST_TEST(must(session.query("SELECT * FROM SoftwareLicensingProduct")).size() > 5u);
}

BOOST_AUTO_TEST_CASE(a_denied_call_changes_nothing_and_an_allowed_one_shows_at_once) {
  auto world = small_world();
  const std::string before = must(world->digest());
  Session user = connect(*world, "KMS1", "standard");
  const Parameters interval{{"RenewalInterval", cim::Value::uint32(120)}};
  const auto denied = user.call(kService, "SetVLRenewalInterval", interval);
  BOOST_REQUIRE(!denied.has_value());
  BOOST_TEST(value_of(denied.error().code) == 0x80070005u);
  BOOST_TEST(must(world->digest()) == before);
  Session admin = connect(*world, "KMS1");
  BOOST_TEST(
      must(admin.call(kService, "SetVLRenewalInterval", interval)).return_value.as_uint32() == 0u);
  BOOST_TEST(must(user.read(kService, "VLRenewalInterval")).as_uint32() == 120u);
  BOOST_TEST(must(world->digest()) != before);
}

BOOST_AUTO_TEST_CASE(a_push_is_seen_by_the_next_query_and_its_removal_restores) {
  auto world = small_world();
  Session session = connect(*world, "PC1");
  const policy::Document document =
      must(policy::make_document("kms", "",
                                 {{"KeyManagementServiceName", {"kms01.contoso.com"}, false},
                                  {"VLActivationInterval", {"60"}, false}}));
  const std::vector<std::string> targets{"PC1"};
  must(world->apply_policy(document, targets));
  BOOST_TEST(must(session.read(kService, "KeyManagementServiceMachine")).as_text() ==
             "kms01.contoso.com");
  BOOST_TEST(must(session.read(kService, "VLActivationInterval")).as_uint32() == 60u);
  BOOST_TEST(must(world->policies_of("PC1")).size() == 1u);
  must(world->remove_policy("KMS", targets));
  BOOST_TEST(must(session.read(kService, "KeyManagementServiceMachine")).is_null());
  BOOST_TEST(must(session.read(kService, "VLActivationInterval")).as_uint32() == 120u);
}

BOOST_AUTO_TEST_CASE(snapshots_bring_everything_back) {
  auto world = small_world();
  must(world->snapshot("fresh"));
  const std::string before = must(world->digest());
  Session session = connect(*world, "KMS1");
  must(session.call(kService, "SetVLActivationInterval",
                    {{"ActivationInterval", cim::Value::uint32(15)}}));
  must(world->advance(60));
  must(world->add_machine({.name = "PC2"}));
  BOOST_TEST(must(world->digest()) != before);
  must(world->restore("FRESH"));
  BOOST_TEST(must(world->digest()) == before);
  BOOST_TEST(must(session.read(kService, "VLActivationInterval")).as_uint32() == 120u);
  BOOST_TEST(value_of(world->restore("nothing").error().code) == value_of(HResult::kErrorNotFound));
}

BOOST_AUTO_TEST_CASE(a_snapshot_is_replaced_only_when_asked) {
  auto world = small_world();
  must(world->snapshot("fresh"));
  const std::string before = must(world->digest());
  must(world->advance(60));
  BOOST_TEST(value_of(world->snapshot("Fresh").error().code) ==
             value_of(HResult::kErrorAlreadyExists));
  must(world->restore("fresh"));
  BOOST_TEST(must(world->digest()) == before);
  must(world->advance(60));
  const std::string after = must(world->digest());
  must(world->snapshot("Fresh", true));
  BOOST_TEST(must(world->snapshot_names()) == std::vector<std::string>{"Fresh"},
             boost::test_tools::per_element());
  must(world->restore("fresh"));
  BOOST_TEST(must(world->digest()) == after);
}

BOOST_AUTO_TEST_CASE(a_path_means_what_it_means_after_the_computer_got_another_name) {
  auto world = must(World::in_memory());
  must(world->add_machine({.name = "PC1"}));
  Session session = connect(*world, "PC1");
  const std::string below = "\\root\\cimv2:" + std::string(kService);
  BOOST_TEST(must(session.read("\\\\PC1" + below, "VLRenewalInterval")).as_uint32() == 10080u);
  must(world->rename_machine("PC1", "PC2"));
  const auto old = session.read("\\\\PC1" + below, "VLRenewalInterval");
  BOOST_REQUIRE(!old.has_value());
  BOOST_TEST(value_of(old.error().code) == value_of(HResult::kWbemEInvalidObjectPath));
  BOOST_TEST(must(session.read("\\\\PC2" + below, "VLRenewalInterval")).as_uint32() == 10080u);
}

BOOST_AUTO_TEST_CASE(users_classes_are_served_like_the_built_in_ones) {
  auto world = small_world();
  must(
      world->compile_mof("class Lab { [key] string Name; uint32 Size; };\n"
                         "instance of Lab { Name = \"a\"; Size = 1; };\n"
                         "instance of Lab { Name = \"b\"; Size = 20; };"));
  Session session = connect(*world, "PC1");
  BOOST_TEST(must(session.query("SELECT Name FROM Lab WHERE Size > 5")).size() == 1u);
  BOOST_TEST(must(session.get("Lab.Name=\"b\"")).get("Size").as_uint32() == 20u);
  const auto bad = world->compile_mof("class Lab2 { uint32 Size }");
  BOOST_TEST(value_of(bad.error().code) == value_of(HResult::kWbemmofEExpectedSemi));
  BOOST_TEST(must(session.query("SELECT * FROM meta_class WHERE __CLASS = 'Lab'")).size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_clock_moves_only_when_told) {
  auto world = small_world();
  BOOST_TEST(format_iso8601(must(world->now())) == "2008-03-01T00:00:00Z");
  must(world->advance(90));
  BOOST_TEST(format_iso8601(must(world->now())) == "2008-03-01T01:30:00Z");
  BOOST_TEST(value_of(world->advance(~std::uint64_t{0}).error().code) == 0x80070057u);
}

BOOST_AUTO_TEST_CASE(machines_are_all_or_none) {
  auto world = small_world();
  const std::vector<MachineSpec> specs{{.name = "A"}, {.name = "pc1"}};
  BOOST_TEST(value_of(world->add_machines(specs).error().code) ==
             value_of(HResult::kErrorAlreadyExists));
  BOOST_TEST(must(world->machine_count()) == 2u);
  BOOST_TEST(value_of(world->add_machine({.name = "a b"}).error().code) ==
             value_of(HResult::kErrorInvalidName));
  BOOST_TEST(value_of(world->add_machine({.name = "C", .os = "xp"}).error().code) ==
             value_of(HResult::kErrorNotFound));
}

BOOST_AUTO_TEST_CASE(the_oldest_machine_is_the_one_that_was_added_first) {
  auto world = must(World::in_memory(7));
  BOOST_TEST(!must(world->oldest_machine()).has_value());
  for (const char* name : {"PC2", "PC1", "KMS1"}) must(world->add_machine({.name = name}));
  BOOST_TEST(must(must(world->oldest_machine())->name()) == "PC2");
  must(world->remove_machine("pc2"));
  BOOST_TEST(must(must(world->oldest_machine())->name()) == "PC1");
}

BOOST_AUTO_TEST_SUITE_END()
