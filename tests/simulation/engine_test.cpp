#include "world/simulation/engine.hpp"

#include <boost/test/unit_test.hpp>

#include "base/hash.hpp"
#include "provider/event_log.hpp"
#include "provider/license_document.hpp"
#include "provider/service.hpp"
#include "tests/support/expect.hpp"
#include "world/machine_context.hpp"
#include "world/net/dns.hpp"
#include "world/simulation/build.hpp"
#include "world/simulation/census.hpp"

using namespace slwmi;
using namespace slwmi::world;
using namespace slwmi::world::simulation;

namespace {

using test::must;

Description described(std::string_view text) { return must(read_description(as_bytes(text))); }

std::unique_ptr<World> made(const Description& description) {
  auto world = must(World::in_memory(description.seed));
  must(build(*world, description));
  return world;
}

// The digest at the end of a run that is cut after each of `steps` minutes.
std::string run_in_steps(const Description& description, Driver driver,
                         const std::vector<std::uint64_t>& steps) {
  const auto world = made(description);
  RunOptions options;
  options.driver = driver;
  for (const std::uint64_t step : steps) {
    const FileTime now = must(world->now());
    must(run(world->shared(), now + minutes(static_cast<std::int64_t>(step)), options));
  }
  must(run(world->shared(),
           description.start + minutes(static_cast<std::int64_t>(description.duration)), options));
  return must(world->digest());
}

struct Scenario {
  const char* what;
  const char* text;
};
constexpr Scenario kScenarios[] = {
    {"five servers reach their threshold", R"({"duration": "20 days", "machines": [
        {"name": "KMS1", "os": "2008", "role": "kms-host"},
        {"name": "SV#", "os": "2008", "count": 6, "spread": "2 days"}]})"},
    {"clients, servers, virtual machines and other channels share a host",
     R"({"duration": "40 days", "seed": 3, "machines": [
        {"name": "KMS1", "os": "2008", "role": "kms-host"},
        {"name": "PC##", "count": 27, "spread": "1 day"},
        {"name": "VM#", "os": "2008", "count": 3, "virtual": true},
        {"name": "RTM#", "os": "vista-rtm", "count": 2},
        {"name": "MAK1", "role": "mak"}, {"name": "OEM1", "role": "oem"},
        {"name": "NEW1", "role": "unlicensed"}]})"},
    {"clones of an image that was not generalized count once",
     R"({"duration": "10 days", "images": [{"name": "i", "generalized": false, "age": "5 days"}],
        "machines": [{"name": "KMS1", "os": "2008", "role": "kms-host"},
        {"name": "SV##", "os": "2008", "count": 12, "image": "i", "spread": "1 day"}]})"},
    {"clones of a generalized image count each",
     R"({"duration": "10 days", "images": [{"name": "i"}],
        "machines": [{"name": "KMS1", "os": "2008", "role": "kms-host"},
        {"name": "SV##", "os": "2008", "count": 12, "image": "i"}]})"},
    {"an outage of 200 days ends in additional grace and is cured",
     R"({"duration": "260 days", "machines": [
        {"name": "KMS1", "os": "2008", "role": "kms-host"},
        {"name": "SV#", "os": "2008", "count": 5}],
        "policies": [{"machines": "all", "document": {"policy": "intervals", "settings":
          {"VLActivationInterval": 4000, "VLRenewalInterval": 20000}}}],
        "network": {"faults": [{"kind": "host-unreachable", "who": "SV*", "from": "5 days",
          "until": "205 days"}]}})"},
    {"several hosts, one of them gone for some of the clients",
     R"({"duration": "30 days", "seed": 5, "machines": [
        {"name": "KMS#", "os": "2008", "role": "kms-host", "count": 3, "site": "Ulm"},
        {"name": "SV##", "os": "2008", "count": 20, "site": "Bonn", "spread": "3 days"}],
        "network": {"ports": [{"who": "SV0*", "at": "KMS1"}],
          "links": [{"a": "Ulm", "b": "Bonn", "open": false, "from": "4 days", "until": "6 days"}],
          "faults": [{"kind": "response-lost", "one-in": 3},
                     {"kind": "dns-no-records", "one-in": 4, "share": "machines"}]}})"},
    {"clocks that jump",
     R"({"duration": "30 days", "machines": [
        {"name": "KMS1", "os": "2008", "role": "kms-host"},
        {"name": "SV#", "os": "2008", "count": 9}],
        "network": {"faults": [
          {"kind": "clock-skew", "who": "SV1|SV2", "skew": "3 hours"},
          {"kind": "clock-skew", "who": "SV3", "skew": "-5 hours", "from": "3 days"},
          {"kind": "clock-skew", "who": "SV4", "skew": "26 days", "from": "2 days",
           "until": "9 days"},
          {"kind": "clock-skew", "who": "KMS1", "skew": "2 hours", "from": "5 days"}]}})"},
    {"policies: manual activation, a fixed host, intervals and a port",
     R"({"duration": "20 days", "machines": [
        {"name": "KMS1", "os": "2008", "role": "kms-host"},
        {"name": "SV#", "os": "2008", "count": 9}],
        "policies": [
          {"machines": "SV1", "document": {"policy": "manual", "settings": {"Manual": 1}}},
          {"machines": "SV2", "document": {"policy": "fixed", "settings":
            {"KeyManagementServiceName": "kms1.contoso.com", "KeyManagementServicePort": 1700}}},
          {"machines": "SV3", "document": {"policy": "gone", "settings":
            {"KeyManagementServiceName": "nobody"}}},
          {"machines": "KMS1", "document": {"policy": "host", "settings":
            {"KeyManagementServiceListeningPort": 1700, "VLRenewalInterval": 2000}}}]})"},
    {"a host whose record is refused for some days, and one that is installed later",
     R"({"duration": "20 days", "machines": [
        {"name": "SV#", "os": "2008", "count": 7, "spread": "10 days"},
        {"name": "KMS#", "os": "2008", "role": "kms-host", "count": 2, "start": "8 days",
          "spread": "2 days"},
        {"name": "KMS3", "os": "2008", "role": "kms-host"}],
        "network": {"faults": [
          {"kind": "dns-update-refused", "who": "KMS3|KMS1", "until": "9 days"},
          {"kind": "clock-skew", "who": "KMS3", "skew": "100m", "from": "2d7m", "until": "4d"}]}})"},
    {"a KMS with low priority on a machine that is busy now and then",
     R"({"duration": "10 days", "machines": [
        {"name": "KMS1", "os": "2008", "role": "kms-host"},
        {"name": "SV#", "os": "2008", "count": 6, "spread": "1 day"}],
        "policies": [{"machines": "KMS1", "document": {"policy": "low", "settings":
          {"EnableKmsLowPriority": 1}}}],
        "network": {"faults": [{"kind": "host-busy", "at": "KMS1", "one-in": 2}]}})"},
    {"64-bit Windows, which is a value of their own",
     R"({"duration": "20 days", "machines": [
        {"name": "KMS1", "os": "2008", "role": "kms-host", "x64": true},
        {"name": "SV#", "os": "2008", "count": 4, "x64": true, "spread": "2 days"},
        {"name": "OLD#", "os": "2008", "count": 3}]})"},
    {"a port that is forced, also where DNS names another",
     R"({"duration": "30 days", "machines": [
        {"name": "KMS1", "os": "2008", "role": "kms-host"},
        {"name": "SV##", "os": "2008", "count": 20},
        {"name": "PC##", "count": 60, "spread": "5m"}],
        "policies": [
          {"machines": "KMS1", "document": {"policy": "host", "settings":
            {"KeyManagementServiceListeningPort": 1700}}},
          {"machines": "PC*,SV*0", "document": {"policy": "clients", "settings":
            {"KeyManagementServicePort": 1700}}}],
        "network": {"records": [
          {"domain": "contoso.com", "host": "KMS1.contoso.com", "port": 1688}]}})"},
    {"many that renew in one minute, and between them in another those of another host",
     R"({"duration": "9 days", "machines": [
        {"name": "KMS#", "os": "2008", "role": "kms-host", "count": 2},
        {"name": "PC###", "count": 240}],
        "policies": [
          {"machines": "PC*0,PC*2,PC*4,PC*6,PC*8", "document": {"policy": "one", "settings":
            {"KeyManagementServiceName": "KMS1.contoso.com"}}},
          {"machines": "PC*1,PC*3,PC*5,PC*7,PC*9", "document": {"policy": "two", "settings":
            {"KeyManagementServiceName": "KMS2.contoso.com"}}},
          {"machines": "KMS1", "document": {"policy": "early", "settings":
            {"VLActivationInterval": 17, "VLRenewalInterval": 1000}}},
          {"machines": "KMS2", "document": {"policy": "late", "settings":
            {"VLActivationInterval": 15, "VLRenewalInterval": 1001}}}],
        "network": {"faults": [
          {"kind": "clock-skew", "who": "KMS1", "skew": "5h", "from": "5d", "until": "6d"}]}})"},
    {"many that renew in one minute, until their host forgets others",
     R"({"duration": "90 days", "machines": [
        {"name": "KMS1", "os": "2008", "role": "kms-host"},
        {"name": "SV##", "os": "2008", "count": 20},
        {"name": "PC##", "count": 40}],
        "policies": [{"machines": "all", "document": {"policy": "rare", "settings":
          {"VLRenewalInterval": 28800}}}],
        "network": {"faults": [{"kind": "host-unreachable", "who": "SV*", "from": "5d"}]}})"},
    {"a licence that expires while its client watches the network",
     R"({"duration": "7 days", "machines": [
        {"name": "KMS1", "os": "2008", "role": "kms-host"},
        {"name": "PC##", "count": 27}],
        "network": {"faults": [
          {"kind": "clock-skew", "who": "PC*", "skew": "251261 minutes", "from": "8056 minutes"}]}})"},
    {"nobody to ask",
     R"({"duration": "40 days", "machines": [{"name": "SV#", "os": "2008", "count": 2,
        "domain": ""}, {"name": "PC1", "domain": "fabrikam.com", "slic": true}],
        "policies": [{"document": {"policy": "slow", "settings": {"VLActivationInterval": 5000}}}]})"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(simulation_engine)

BOOST_AUTO_TEST_CASE(both_drivers_and_every_cut_leave_the_same_world) {
  for (const Scenario& scenario : kScenarios) {
    BOOST_TEST_CONTEXT(scenario.what) {
      const Description description = described(scenario.text);
      const std::string whole = run_in_steps(description, Driver::kFleet, {});
      BOOST_TEST(whole != must(made(description)->digest()));
      BOOST_TEST(run_in_steps(description, Driver::kFleet, {1, 59, 1000, 1, 7000}) == whole);
      BOOST_TEST(run_in_steps(description, Driver::kProvider, {}) == whole);
      BOOST_TEST(run_in_steps(description, Driver::kProvider, {3000, 200}) == whole);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_happens_depends_on_the_seed) {
  Description description = described(kScenarios[5].text);
  const std::string one = run_in_steps(description, Driver::kFleet, {});
  BOOST_TEST(run_in_steps(description, Driver::kFleet, {}) == one);
  description.seed = 6;
  BOOST_TEST(run_in_steps(description, Driver::kFleet, {}) != one);
}

// One number over all that happens, so that compilers and drivers can be compared by it.
class Summary final : public Observer {
 public:
  void exchanged(const licensing::KmsExchange& exchange, std::string_view server) override {
    sum_ = combine(sum_, combine(licensing::digest(exchange, server), exchange.client_id));
    ++exchanges_;
  }
  std::string text() const { return std::to_string(exchanges_) + " " + std::to_string(sum_); }

 private:
  std::uint64_t sum_ = 0, exchanges_ = 0;
};

BOOST_AUTO_TEST_CASE(every_compiler_tells_the_same_story) {
  const char* const kStories[] = {
      "50 8222574469207274931",    "334 1434123608489555102",    "1384 17635882851933383194",
      "28 6772761316772697557",    "379 18047852411846397595",   "1885 6345875612823310266",
      "400 14066068765285642814",  "350 2955440904968259526",    "595 13044845289295430598",
      "38 8055074151967950036",    "48 4847440162489855518",     "418 4756425606975249632",
      "7704 14322077485934712703", "17054 16255827579000458881", "534 10746807924583040964",
      "36 4836379871732714571",
  };
  for (std::size_t i = 0; i < std::size(kScenarios); ++i) {
    BOOST_TEST_CONTEXT(kScenarios[i].what) {
      const Description description = described(kScenarios[i].text);
      const auto world = made(description);
      Summary summary;
      RunOptions options;
      options.observer = &summary;
      must(run(world->shared(),
               description.start + minutes(static_cast<std::int64_t>(description.duration)),
               options));
      BOOST_TEST(summary.text() == kStories[i]);
    }
  }
}

// A product that a document gives may lie where another lay that nobody has any more.
BOOST_AUTO_TEST_CASE(a_fleet_follows_licence_documents_however_many_there_were) {
  constexpr std::uint32_t kServers = 4, kDocuments = 400;
  auto world = must(World::in_memory(1));
  std::vector<MachineId> ids;
  for (std::uint32_t i = 0; i < kServers; ++i)
    ids.push_back(must(world->add_machine({.name = "SV" + std::to_string(i), .os = "2008"})).id());
  std::unique_ptr<Fleet> fleet = must(Fleet::load(world->shared()));
  licensing::Product product = *fleet->kind_of(0).product;
  for (std::uint32_t i = 0; i < kDocuments; ++i) {
    product.required_client_count = 100 + i;
    const auto machine = must(MachineContext::make(world->shared(), ids[i % kServers]));
    must(machine->run([&]() -> Result<> {
      SL_CHECK(machine->refresh());
      return licensing::Service(machine->host(), machine->clock())
          .install_license(licensing::to_document(product));
    }));
    must(Fleet::follow(world->shared(), fleet));
    BOOST_TEST_REQUIRE(fleet->kind_of(i % kServers).facts.required == 100 + i);
  }
}

BOOST_AUTO_TEST_CASE(hosts_try_again_after_a_day_until_dns_takes_their_record) {
  auto world = must(World::in_memory(1));
  const FileTime start = must(world->now());
  must(world->change_network([&](net::Model& model) -> Result<> {
    net::Fault fault;
    fault.kind = net::FaultKind::kDnsUpdateRefused;
    fault.window.until = start + days(2) + minutes(1);
    must(net::add_fault(model, fault));
    return {};
  }));
  must(world->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host"}));
  const auto records = [&] {
    const auto model = must(world->network());
    const net::ServiceName* const name = net::find_name(*model, "contoso.com");
    return name == nullptr ? std::size_t{0} : name->records.size();
  };
  BOOST_TEST(records() == 0u);
  must(world->advance(3 * 24 * 60 - 1));
  BOOST_TEST(records() == 0u);
  must(world->advance(1));
  BOOST_TEST(records() == 1u);
}

BOOST_AUTO_TEST_CASE(the_clock_of_a_world_lets_its_machines_act) {
  auto world = must(World::in_memory(1));
  must(world->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host"}));
  for (int i = 1; i <= 5; ++i)
    must(world->add_machine({.name = "SV" + std::to_string(i), .os = "2008"}));
  const auto licensed = [&] {
    const auto fleet = must(Fleet::load(world->shared()));
    return Census(*fleet).count(fleet->now())[1];
  };
  BOOST_TEST(licensed() == 1u);  // the host
  must(world->advance(0));
  BOOST_TEST(licensed() == 1u);
  must(world->advance(1));  // all ask at once; only the fifth finds enough
  BOOST_TEST(licensed() == 2u);
  must(world->advance(118));
  BOOST_TEST(licensed() == 2u);
  must(world->advance(1));  // two hours after the first attempt, to the minute
  BOOST_TEST(licensed() == 6u);
  const FileTime now = must(world->now());
  must(world->set_clock(now - days(1)));  // back: nothing happens
  BOOST_TEST((must(world->now()) == now - days(1)));
  must(world->set_clock(now + days(7)));
  BOOST_TEST(licensed() == 6u);
}

BOOST_AUTO_TEST_SUITE_END()
