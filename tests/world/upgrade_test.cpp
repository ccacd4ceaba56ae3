// A service pack over a machine, and another installation: what stays, what it means afterwards.
// Source: VA2 "Recovering from RFM" and "Recovering from a Non-Genuine State".
#include "world/upgrade.hpp"

#include <memory>

#include "registry/value.hpp"
#include "tests/world/licensing_fixture.hpp"
#include "world/experience.hpp"
#include "world/genuine.hpp"

namespace slwmi::world::test {
namespace {

using licensing::LicenseStatus;
using H = HResult;
constexpr std::uint64_t kDay = 24 * 60;
constexpr std::string_view kSl =
    "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";

Machine pc(World& world) { return must(world.machine("PC1")); }

std::unique_ptr<World> rtm(const char* role = "mak", const char* edition = "Enterprise") {
  auto world = must(World::in_memory(7));
  must(world->add_machine({.name = "PC1", .os = "vista-rtm", .role = role, .edition = edition}));
  return world;
}

void reset(World& world) {
  BOOST_TEST(call(world, "PC1", "ReArmWindows") == H::kSOk);
  must(pc(world).restart());
}

BOOST_AUTO_TEST_SUITE(service_pack)

BOOST_AUTO_TEST_CASE(keeps_the_licence_and_its_minutes) {
  const struct {
    const char* why;
    const char* role;
    void (*before)(World&);
    licensing::Status after;
    bool advised;
  } kCases[] = {
      {"in the initial grace period",
       "mak",
       [](World& w) { must(w.advance(100)); },
       {LicenseStatus::kOobGrace, H::kSlIOobGracePeriod, 43100},
       false},
      {"activated for good",
       "mak",
       [](World& w) { BOOST_TEST(call(w, "PC1", "Activate") == H::kSOk); },
       {LicenseStatus::kLicensed, H::kSOk, 0},
       false},
      {"in its last minute of grace",
       "mak",
       [](World& w) { must(w.advance(30 * kDay - 1)); },
       {LicenseStatus::kOobGrace, H::kSlIOobGracePeriod, 1},
       false},
      {"reduced: it notifies afterwards",
       "mak",
       [](World& w) { must(w.advance(30 * kDay)); },
       {LicenseStatus::kNotification, H::kSlEGraceTimeExpired, 0},
       true},
      {"reduced and reset before, as advised",
       "mak",
       [](World& w) {
         must(w.advance(30 * kDay));
         reset(w);
       },
       {LicenseStatus::kOobGrace, H::kSlIOobGracePeriod, 43200},
       false},
      {"non-genuine",
       "mak",
       [](World& w) {
         must(pc(w).happened({.kind = licensing::EventKind::kMarkedNonGenuine, .granted = true}));
         must(w.advance(10));
       },
       {LicenseStatus::kNonGenuineGrace, H::kSlINongenuineGracePeriod, 43190},
       false},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      auto world = rtm(c.role, "Business");
      c.before(*world);
      const Row before = product_of(*world, "PC1");
      BOOST_TEST((must(upgrade_advice(pc(*world), "vista-sp1")).size() == (c.advised ? 1u : 0u)));
      must(upgrade(pc(*world), "vista-sp1"));
      BOOST_TEST(must(pc(*world).version()) == "6.0.6001");
      BOOST_TEST((status_of(*world, "PC1") == c.after));
      const Row after = product_of(*world, "PC1");
      for (const char* same : {"ID", "Name", "PartialProductKey"})
        BOOST_TEST(after.get(same).as_text() == before.get(same).as_text());
    }
  }
}

BOOST_AUTO_TEST_CASE(lifts_the_limit_of_resets_and_keeps_those_used) {
  auto world = rtm();
  for (int i = 0; i < 3; ++i) reset(*world);
  BOOST_TEST(call(*world, "PC1", "ReArmWindows") == H::kSlRemappingSpPubTsMaxRearmReached);
  const auto advice = must(upgrade_advice(pc(*world), "vista-sp1"));
  BOOST_TEST_REQUIRE(advice.size() == 1u);
  BOOST_TEST(advice[0] == "Resets of the activation timers: 3 used of 3 before, of 5 afterwards.");
  must(upgrade(pc(*world), "vista-sp1"));
  for (int i = 0; i < 2; ++i) reset(*world);
  BOOST_TEST(call(*world, "PC1", "ReArmWindows") == H::kSlRemappingSpPubTsMaxRearmReached);
}

BOOST_AUTO_TEST_CASE(restarts_as_the_new_version) {
  auto world = rtm("kms-client");
  auto registry = must(pc(*world).registry(must(find_principal("administrator"))));
  must(registry.set(kSl, "KeyManagementServiceName", reg::make_sz("kms.contoso.com")));
  Session session = connect(*world, "PC1");
  const char* const query = "SELECT * FROM SoftwareLicensingService";
  BOOST_TEST((must(session.query(query))
                  .front()
                  .cls()
                  ->find_slot("KeyManagementServiceNotificationRequests") < 0));
  BOOST_TEST(call(*world, "PC1", "ReArmWindows") == H::kSOk);
  must(upgrade(pc(*world), "vista-sp1"));
  BOOST_TEST(events_of(*world, "PC1").ends_with("902 6.0.6001.18000; "));
  const Row service = must(session.query(query)).front();
  BOOST_TEST(service.get("Version").as_text() == "6.0.6001.18000");
  BOOST_TEST(service.get("KeyManagementServiceMachine").as_text() == "kms.contoso.com");
  BOOST_TEST((service.cls()->find_slot("KeyManagementServiceNotificationRequests") >= 0));
  BOOST_TEST(call(*world, "PC1", "ReArmWindows") == H::kSOk, "the pending one took effect");
  const Row os = must(session.query("SELECT * FROM Win32_OperatingSystem")).front();
  BOOST_TEST(os.get("CSDVersion").as_text() == "Service Pack 1");
}

BOOST_AUTO_TEST_CASE(is_refused_where_it_does_not_fit) {
  auto world = rtm();
  must(world->add_machine({.name = "SRV1", .os = "2008"}));
  const std::string before = must(world->digest());
  BOOST_TEST(code_of(upgrade(pc(*world), "2008")) == H::kEInvalidarg);
  BOOST_TEST(code_of(upgrade(pc(*world), "vista-rtm")) == H::kEInvalidarg);
  BOOST_TEST(code_of(upgrade(pc(*world), "xp")) == H::kErrorNotFound);
  BOOST_TEST(code_of(upgrade(must(world->machine("SRV1")), "vista-sp1")) == H::kEInvalidarg);
  BOOST_TEST(must(world->digest()) == before);
}

BOOST_AUTO_TEST_CASE(lasts_in_the_file) {
  const Folder folder;
  const std::string path = folder.file();
  {
    auto world = must(World::open(path, World::Mode::kCreate, 7));
    must(world->add_machine({.name = "PC1", .os = "vista-rtm", .role = "mak"}));
    BOOST_TEST(call(*world, "PC1", "Activate") == H::kSOk);
    auto other = must(World::open(path));
    BOOST_TEST(must(must(other->machine("PC1")).version()) == "6.0.6000");
    must(upgrade(pc(*world), "vista-sp1"));
    BOOST_TEST(must(must(other->machine("PC1")).version()) == "6.0.6001", "seen by others");
  }
  auto world = must(World::open(path));
  BOOST_TEST(must(pc(*world).profile()) == "vista-sp1-mak");
  BOOST_TEST((status_of(*world, "PC1").status == LicenseStatus::kLicensed));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(another_installation)

BOOST_AUTO_TEST_CASE(cures_what_was_altered_and_forgets_the_rest) {
  const Folder folder;
  const std::string path = folder.file();
  auto world = must(World::open(path, World::Mode::kCreate, 7));
  auto other = must(World::open(path));
  must(world->add_machine({.name = "PC1", .role = "mak", .site = "Ulm"}));
  BOOST_TEST(call(*world, "PC1", "Activate") == H::kSOk);
  auto registry = must(pc(*world).registry(must(find_principal("administrator"))));
  must(registry.set(kSl, "KeyManagementServiceName", reg::make_sz("kms.contoso.com")));
  must(tamper_files(pc(*world)));
  BOOST_TEST(code_of(validate(pc(*world))) == H::kSlENotGenuine);
  must(pc(*world).happened({.kind = licensing::EventKind::kTampered}));
  BOOST_TEST(call(*world, "PC1", "Activate") == H::kSlRemappingSpPubTsTampered);
  must(world->advance(1000));

  must(reinstall(pc(*world)));
  for (World* each : {world.get(), other.get()}) {
    BOOST_TEST((status_of(*each, "PC1") ==
                licensing::Status{LicenseStatus::kOobGrace, H::kSlIOobGracePeriod, 43200}));
    BOOST_TEST(events_of(*each, "PC1") == "");
    BOOST_TEST(must(must(each->machine("PC1")).site()) == "Ulm");
    auto theirs = must(must(each->machine("PC1")).registry(must(find_principal("administrator"))));
    BOOST_TEST(theirs.get(kSl, "KeyManagementServiceName").error().code == H::kErrorFileNotFound);
  }
  BOOST_TEST(call(*world, "PC1", "Activate") == H::kSOk);
  BOOST_TEST(code_of(validate(pc(*world))) == H::kSOk);
  BOOST_TEST((must(genuine_status(pc(*world))).state == licensing::GenuineState::kGenuine));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(user_experience)

BOOST_AUTO_TEST_CASE(follows_policy_network_and_clock_of_the_machine) {
  auto world = rtm("mak", "Business");
  BOOST_TEST(must(experience(pc(*world))).status == "30 days left to activate Windows");
  must(world->advance(30 * kDay));
  const auto seen = must(experience(pc(*world)));
  BOOST_TEST((seen.functionality == licensing::Functionality::kReduced));
  BOOST_TEST_REQUIRE(seen.logon.has_value());
  BOOST_TEST(!seen.logon->choices.back().offered);
  Session session = connect(*world, "PC1", "standard", "root\\slwmi");
  const auto rows = must(session.query("SELECT Functionality FROM SlwmiUserExperience"));
  BOOST_TEST(rows.front().get("Functionality").as_text() == "reduced");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::world::test
