#include "world/remote.hpp"

#include <boost/test/unit_test.hpp>

#include "provider/license_document.hpp"
#include "tests/world/fixture.hpp"
#include "world/license_files.hpp"

using namespace slwmi;
using namespace slwmi::world;

namespace {

using world::test::must;

std::unique_ptr<World> lab() {
  auto world = must(World::in_memory(7));
  must(world->add_machine({.name = "PC1"}));
  must(world->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host"}));
  must(world->add_machine({.name = "FAR1", .domain = "fabrikam.com"}));
  return world;
}

// The name of the machine that answers and the SID of who is logged on there; the code on failure.
std::string outcome(World& world, std::string_view caller, const RemoteLogon& logon) {
  const auto session =
      connect_remote(must(world.machine("PC1")), must(find_principal(caller)), logon);
  if (!session) return to_hex(session.error().code);
  return session->server() + (session->caller().elevated ? " administrator" : " user");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(remote_connections)

const struct {
  const char* why;
  const char* caller;
  RemoteLogon logon;
  const char* expected;
} kRows[] = {
    {"an administrator", "administrator", {"KMS1"}, "KMS1 administrator"},
    {"in any case", "administrator", {"kms1"}, "KMS1 administrator"},
    {"by its full name", "administrator", {"kms1.CONTOSO.com"}, "KMS1 administrator"},
    {"in another domain", "administrator", {"far1.fabrikam.com"}, "FAR1 administrator"},
    {"a wrong domain", "administrator", {"kms1.fabrikam.com"}, "0x800706BA"},
    {"no such machine", "administrator", {"KMS9"}, "0x800706BA"},
    {"not elevated here, whole there", "administrator-unelevated", {"KMS1"}, "KMS1 administrator"},
    {"a standard user", "standard", {"KMS1"}, "0x80070005"},
    {"nobody", "anonymous", {"KMS1"}, "0x80070005"},
    {"the system of this machine", "system", {"KMS1"}, "0x80070005"},
    {"a service of it", "network-service", {"KMS1"}, "0x80070005"},
    {"with a name", "standard", {"KMS1", "administrator", "any"}, "KMS1 administrator"},
    {"a name with a domain",
     "standard",
     {"KMS1", "contoso\\Administrator", ""},
     "KMS1 administrator"},
    {"a principal name",
     "standard",
     {"KMS1", "administrator@contoso.com", "x"},
     "KMS1 administrator"},
    {"the name of a standard user", "administrator", {"KMS1", "standard", "x"}, "0x80070005"},
    {"an unknown name", "administrator", {"KMS1", "jane", "x"}, "0x80070005"},
    {"a service's name", "administrator", {"KMS1", "system", "x"}, "0x80070005"},
    {"this machine", "standard", {"."}, "PC1 user"},
    {"this machine by its name", "standard", {"PC1"}, "PC1 user"},
    {"by its full name", "standard", {"pc1.contoso.com"}, "PC1 user"},
    {"with a name", "administrator", {"localhost", "administrator", "x"}, "0x80041064"},
    {"nothing", "administrator", {""}, "0x800706BA"},
};

BOOST_AUTO_TEST_CASE(are_logons_of_administrators) {
  auto world = lab();
  for (const auto& row : kRows) BOOST_TEST_CONTEXT(row.why << ' ' << row.logon.machine)
  BOOST_TEST(outcome(*world, row.caller, row.logon) == row.expected);
}

BOOST_AUTO_TEST_CASE(take_the_accounts_and_passwords_of_the_world) {
  auto world = lab();
  BOOST_REQUIRE(world
                    ->compile_mof(R"(
    instance of SlwmiAccount { Name = "jane"; Principal = "administrator"; Password = "Pa55"; };
    instance of SlwmiAccount { Name = "joe"; Principal = "standard"; };
    instance of SlwmiAccount { Name = "administrator"; Password = "secret"; };)",
                                  "root\\slwmi")
                    .has_value());
  const struct {
    const char* user;
    const char* password;
    const char* expected;
  } rows[] = {
      {"jane", "Pa55", "KMS1 administrator"}, {"CONTOSO\\Jane", "Pa55", "KMS1 administrator"},
      {"jane", "pa55", "0x80070005"},         {"joe", "anything", "0x80070005"},
      {"administrator", "x", "0x80070005"},   {"administrator", "secret", "KMS1 administrator"},
  };
  for (const auto& row : rows)
    BOOST_TEST(outcome(*world, "standard", {"KMS1", row.user, row.password}) == row.expected);
}

BOOST_AUTO_TEST_CASE(reach_any_namespace_that_is_there) {
  auto world = lab();
  const Machine pc = must(world->machine("PC1"));
  const Principal admin = must(find_principal("administrator"));
  BOOST_TEST(must(connect_remote(pc, admin, {"KMS1"}, "root\\default")).ns() == "root\\default");
  const auto missing = connect_remote(pc, admin, {"KMS1"}, "root\\nothing");
  BOOST_TEST(value_of(missing.error().code) == 0x8004100Eu);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(license_files_of_a_machine)

BOOST_AUTO_TEST_CASE(are_the_licences_of_its_media_and_can_be_read_back) {
  auto world = lab();
  const Machine pc = must(world->machine("PC1"));
  Session session = must(pc.connect(must(find_principal("standard"))));
  const auto files = must(license_files(pc));
  BOOST_TEST(files.size() == must(session.query("SELECT ID FROM SoftwareLicensingProduct")).size());
  for (const LicenseFile& file : files) {
    const licensing::Product product = must(licensing::parse_license(file.text));
    BOOST_TEST((file.path.find(product.sku_text + ".xrm-ms") != std::string::npos));
  }
}

BOOST_AUTO_TEST_SUITE_END()
