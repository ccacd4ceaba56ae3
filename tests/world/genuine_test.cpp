// A product key goes bad, and the guide's way out of it, on machines of a world with its network.
// Source: VA2 "Recovering from a Non-Genuine State".
#include "world/genuine.hpp"

#include <functional>
#include <memory>

#include "provider/settings.hpp"
#include "tests/world/licensing_fixture.hpp"
#include "world/net/dns.hpp"

namespace slwmi::world::test {
namespace {

using licensing::GenuineState;
using licensing::LicenseStatus;
using H = HResult;

HResult validated(World& world, std::string_view machine) {
  return code_of(validate(must(world.machine(machine))));
}
licensing::GenuineStatus state_of(World& world, std::string_view machine) {
  return must(genuine_status(must(world.machine(machine))));
}
std::string kms_key(World& world, std::uint32_t serial) {
  return must(world.product_key("Enterprise", "VOLUME_KMS", serial, "2008"));
}
std::string names(const std::vector<KeyUse>& uses) {
  std::string out;
  for (const KeyUse& use : uses) out += use.machine + (use.kms_host ? "* " : " ");
  return out;
}

// Two KMS hosts with the same key, and five servers in the domain of each that they activated.
std::unique_ptr<World> lab() {
  auto world = must(World::in_memory(7));
  const auto fill = [&](const char* host, const std::string& server, const char* domain) {
    must(world->add_machine({.name = host, .os = "2008", .role = "kms-host", .domain = domain}));
    BOOST_REQUIRE(install_key(*world, host, kms_key(*world, 21)) == H::kSOk);
    BOOST_REQUIRE(call(*world, host, "Activate") == H::kSOk);
    for (int i = 1; i <= 5; ++i)
      must(
          world->add_machine({.name = server + std::to_string(i), .os = "2008", .domain = domain}));
    for (int i = 0; i < 10; ++i) call(*world, server + std::to_string(i % 5 + 1), "Activate");
    for (int i = 1; i <= 5; ++i)
      BOOST_REQUIRE(
          (status_of(*world, server + std::to_string(i)).status == LicenseStatus::kLicensed));
  };
  fill("KMS1", "SRV", "contoso.com");
  fill("KMS2", "FAB", "fabrikam.com");
  return world;
}

BOOST_AUTO_TEST_SUITE(genuine_state)

BOOST_AUTO_TEST_CASE(a_bad_kms_key_is_replaced_on_every_host) {
  auto world = lab();
  const std::string bad = kms_key(*world, 21), good = kms_key(*world, 22);
  BOOST_TEST(validated(*world, "SRV1") == H::kSOk);
  BOOST_TEST(names(must(uses_of_key(*world, bad))) ==
             "FAB1 FAB2 FAB3 FAB4 FAB5 KMS1* KMS2* SRV1 SRV2 SRV3 SRV4 SRV5 ");
  BOOST_TEST(names(must(uses_of_key(*world, good))) == "");

  must(world->mark_non_genuine(bad));
  BOOST_TEST((status_of(*world, "SRV1").status == LicenseStatus::kLicensed),
             "nothing shows before a validation");
  for (const char* name : {"SRV1", "SRV2", "KMS1"}) {
    BOOST_TEST(validated(*world, name) == H::kSlENotGenuine);
    BOOST_TEST((status_of(*world, name) == licensing::Status{LicenseStatus::kNonGenuineGrace,
                                                             H::kSlINongenuineGracePeriod, 43200}));
    BOOST_TEST(events_of(*world, name).find("8209 0xC004C003; 1025 4 43200; ") !=
               std::string::npos);
  }

  must(world->advance(24 * 60));
  BOOST_TEST(call(*world, "KMS1", "Activate") == H::kSlEChpaProductKeyBlocked,
             "the bad key activates nothing more");
  for (const char* name : {"KMS1", "KMS2"}) {
    BOOST_TEST(install_key(*world, name, good) == H::kSOk);
    BOOST_TEST(call(*world, name, "Activate") == H::kSOk);
  }
  BOOST_TEST((status_of(*world, "KMS1").status == LicenseStatus::kNonGenuineGrace));
  BOOST_TEST(validated(*world, "KMS1") == H::kSOk);
  BOOST_TEST((status_of(*world, "KMS1").status == LicenseStatus::kLicensed));
  BOOST_TEST(names(must(uses_of_key(*world, bad))) ==
             "FAB1 FAB2 FAB3 FAB4 FAB5 SRV1 SRV2 SRV3 SRV4 SRV5 ");

  BOOST_TEST(validated(*world, "SRV1") == H::kSlENotGenuine, "not reactivated yet");
  BOOST_TEST(call(*world, "SRV1", "Activate") == H::kSOk);
  BOOST_TEST((status_of(*world, "SRV1").status == LicenseStatus::kNonGenuineGrace),
             "reactivated, not validated yet");
  BOOST_TEST(status_of(*world, "SRV1").remaining == 43200u - 24 * 60);
  BOOST_TEST(validated(*world, "SRV1") == H::kSOk);
  BOOST_TEST((status_of(*world, "SRV1").status == LicenseStatus::kLicensed));
  BOOST_TEST((state_of(*world, "SRV1").state == GenuineState::kGenuine));

  for (const char* name : {"SRV3", "SRV4", "SRV5"})
    BOOST_TEST(call(*world, name, "Activate") == H::kSOk);
  BOOST_TEST(names(must(uses_of_key(*world, good))) == "KMS1* KMS2* SRV1 SRV3 SRV4 SRV5 ");
  // The other is too late, and comes back all the same.
  must(world->advance(29 * 24 * 60));
  BOOST_TEST(
      (status_of(*world, "SRV2") ==
       licensing::Status{LicenseStatus::kNotification, H::kSlENongenuineGraceTimeExpired, 0}));
  BOOST_TEST(call(*world, "SRV2", "Activate") == H::kSOk);
  BOOST_TEST((status_of(*world, "SRV2").status == LicenseStatus::kNotification));
  BOOST_TEST(validated(*world, "SRV2") == H::kSOk);
  BOOST_TEST((status_of(*world, "SRV2").status == LicenseStatus::kLicensed));
}

// The uses of a key are found in the fleet's records; each machine's own service says the same.
BOOST_AUTO_TEST_CASE(the_uses_of_a_key_are_what_every_machine_answers_for) {
  auto world = lab();
  must(world->add_machine({.name = "mak1", .role = "mak"}));
  must(world->add_machine({.name = "OEM1", .role = "oem"}));
  must(world->add_machine({.name = "NEW1", .role = "unlicensed"}));
  must(world->add_machine(
      {.name = "Later1", .role = "mak", .installed = must(world->now()) + days(3)}));
  const std::string mak = must(world->product_key("Enterprise", "VOLUME_MAK", 9));
  BOOST_TEST(install_key(*world, "mak1", mak) == H::kSOk);
  BOOST_TEST(install_key(*world, "Later1", mak) == H::kSOk);
  BOOST_TEST(install_key(*world, "SRV2", kms_key(*world, 22)) == H::kSOk);  // no client any more
  must(must(world->machine("SRV3")).happened({.kind = licensing::EventKind::kTampered}));
  must(world->change_network([](net::Model& model) -> Result<> {
    net::Fault fault;
    fault.kind = net::FaultKind::kClockSkew;
    fault.who.name = "SRV4";
    fault.skew = 300 * 24 * 60;
    return net::add_fault(model, fault).map([](const auto&) {});
  }));
  const std::string setup =
      licensing::to_text({must(licensing::parse_product_key(must(world->product_key(
                                   "Enterprise", "VOLUME_KMSCLIENT", 1, "2008"))))
                              .group,
                          licensing::kSetupSerial});
  std::size_t used = 0;
  for (const std::string& text :
       {mak, setup, kms_key(*world, 21), kms_key(*world, 22), kms_key(*world, 23)}) {
    const licensing::ProductKey key = must(licensing::parse_product_key(text));
    std::string expected;
    for (const std::string& name : must(world->machine_names())) {
      const auto product = product_of(*world, name);
      const cim::Value partial = product.get("PartialProductKey");
      const bool has = !partial.is_null() && partial.as_text() == licensing::partial_text(key);
      if (!has && must(genuine_status(must(world->machine(name)))).key != key) continue;
      expected += name + " " + std::to_string(product.get("LicenseStatus").as_uint32()) + ", ";
      ++used;
    }
    std::string told;
    for (const KeyUse& use : must(uses_of_key(*world, text)))
      told += use.machine + " " + std::to_string(static_cast<unsigned>(use.status)) + ", ";
    BOOST_TEST_CONTEXT(text) BOOST_TEST(told == expected);
  }
  BOOST_TEST(used > 15u);
}

BOOST_AUTO_TEST_CASE(a_verdict_needs_a_way_to_the_service) {
  auto world = must(World::in_memory(7));
  must(world->add_machine({.name = "PC1", .role = "mak", .site = "Lab"}));
  must(world->add_machine({.name = "PC2", .role = "mak", .site = "Ulm"}));
  must(world->change_network([](net::Model& model) -> Result<> {
    SL_TRY(net::Site * site, net::ensure_site(model, "Lab"));
    site->internet = false;
    return {};
  }));
  BOOST_TEST(validated(*world, "PC1") == H::kErrorInternetNameNotResolved);
  BOOST_TEST(events_of(*world, "PC1") == "8208 0x80072EE7; ");
  BOOST_TEST(validated(*world, "PC2") == H::kSOk);
}

BOOST_AUTO_TEST_CASE(a_changed_byte_of_the_record_is_told_at_the_next_start) {
  auto world = must(World::in_memory(7));
  for (const char* name : {"PC1", "PC2"}) {
    must(world->add_machine({.name = name, .role = "mak"}));
    BOOST_REQUIRE(call(*world, name, "Activate") == H::kSOk);
  }
  const std::string value(product_of(*world, "PC1").get("ID").as_text());
  auto registry = must(must(world->machine("PC1")).registry(must(find_principal("system"))));
  const reg::ValueData record = must(registry.get(licensing::paths::kStore, value));
  const ByteSpan data = record.view().data;
  std::vector<std::byte> bytes(data.begin(), data.end());
  bytes[8] ^= std::byte{1};
  must(registry.set(licensing::paths::kStore, value, reg::make_binary(bytes)));
  BOOST_TEST((state_of(*world, "PC1").state == GenuineState::kTampered));
  BOOST_TEST(events_of(*world, "PC1") == "");
  for (const char* name : {"PC1", "PC2"}) must(must(world->machine(name)).restart());
  BOOST_TEST(events_of(*world, "PC1") == "8209 0xC004D301; 903; 900; 902 6.0.6001.18000; ");
  BOOST_TEST(events_of(*world, "PC2") == "903; 900; 902 6.0.6001.18000; ", "a sound one");
}

BOOST_AUTO_TEST_CASE(altered_files_last_until_a_validation_and_after) {
  auto world = must(World::in_memory(7));
  must(world->add_machine({.name = "PC1", .role = "mak"}));
  BOOST_REQUIRE(call(*world, "PC1", "Activate") == H::kSOk);
  must(tamper_files(must(world->machine("PC1"))));
  BOOST_TEST((status_of(*world, "PC1").status == LicenseStatus::kLicensed));
  BOOST_TEST(validated(*world, "PC1") == H::kSlENotGenuine);
  BOOST_TEST(events_of(*world, "PC1") == "8209 0xC004F027; 1025 4 43200; ");
  BOOST_TEST(call(*world, "PC1", "Activate") == H::kSOk);
  BOOST_TEST(validated(*world, "PC1") == H::kSlENotGenuine, "the files are what they are");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::world::test
