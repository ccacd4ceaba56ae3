// The health rules of the KMS Management Pack over logs that the tests write, and over a real host.
#include "report/health.hpp"

#include <boost/test/unit_test.hpp>

#include "provider/machine_state.hpp"
#include "tests/report/lab.hpp"
#include "tests/world/licensing_fixture.hpp"
#include "world/net/model.hpp"

using namespace slwmi;
using namespace slwmi::report;
using namespace slwmi::report::test;
using licensing::EventId;
using licensing::ExchangePart;
using licensing::KmsExchange;
using licensing::LogEntry;

namespace {

LogEntry entry(EventId id, FileTime time, std::vector<licensing::EventValue> values) {
  return licensing::make_entry(id, time, std::move(values));
}
LogEntry started(FileTime time) {
  return entry(EventId::kServiceStarted, time, {"6.0.6001.18000"});
}
const HResult kDamaged = hresult_from_win32(13);

// "0d Success; 2d Error: 24h" - days and hours since the start, and the severity.
std::string shown(const std::vector<Change>& changes) {
  std::string out;
  for (const Change& change : changes) {
    const auto hours = whole_minutes(change.time - kStart) / 60;
    out += std::to_string(hours) + "h " + std::string(to_text(change.severity)) + "; ";
  }
  return out;
}

KmsExchange request(std::uint64_t id, std::int64_t hour, std::uint32_t required = 5) {
  KmsExchange out;
  out.time = kStart + hours(hour);
  out.client = static_cast<std::uint32_t>(id);
  out.client_id = id;
  out.required = static_cast<std::uint16_t>(required);
  out.set(ExchangePart::kServed);
  return out;
}

const Change& of(const HostHealth& health, Rule rule) {
  for (const Change& change : health.rules)
    if (change.rule == rule) return change;
  BOOST_FAIL("no verdict of " << to_text(rule));
  return health.rules.front();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(health)

// covers: rule initialization
BOOST_AUTO_TEST_CASE(initialization_fails_with_12291_until_the_service_lives) {
  const auto failed_at = [](std::int64_t hour) {
    return licensing::failure(EventId::kKmsInitializationFailed, kDamaged, kStart + hours(hour));
  };
  {
    InitializationRule rule(kStart);
    rule.add(started(kStart + hours(1)));
    rule.add(failed_at(1));
    rule.add(started(kStart + hours(2)));
    rule.add(failed_at(2));  // the restart did not help
    rule.add(request(1, 3));
    BOOST_TEST(shown(rule.changes()) == "0h Success; 1h Critical Error; 3h Success; ");
    BOOST_TEST(rule.changes()[1].what.find("12291, 0x8007000D") != std::string::npos);
  }
  {
    InitializationRule rule(kStart);
    rule.add(failed_at(1));
    rule.add(licensing::publishing_done("contoso.com", kStart + hours(4)));
    BOOST_TEST(shown(rule.changes()) == "0h Success; 1h Critical Error; 4h Success; ");
  }
  {
    InitializationRule rule(kStart);
    rule.add(started(kStart + hours(1)));
    rule.add(
        licensing::failure(EventId::kRenewalTimerFailed, HResult::kEInvalidarg, kStart + hours(1)));
    rule.add(request(1, 2));  // serves with its default, so that this tells nothing of the timer
    BOOST_TEST(shown(rule.changes()) == "0h Success; 1h Warning; ");
    rule.add(started(kStart + hours(5)));
    BOOST_TEST(shown(rule.changes()) == "0h Success; 1h Warning; 5h Success; ");
  }
  {
    InitializationRule rule(kStart);
    rule.add(failed_at(0));  // as soon as it is installed: there was no better time
    rule.add(
        licensing::failure(EventId::kRenewalTimerFailed, HResult::kEInvalidarg, kStart + hours(1)));
    rule.add(started(kStart + hours(1)));  // the start that complained
    BOOST_TEST(shown(rule.changes()) == "0h Critical Error; 1h Warning; ");
  }
}

// covers: rule DNS publishing
BOOST_AUTO_TEST_CASE(publishing_fails_by_domain) {
  PublishingRule rule(kStart);
  const auto refused = [](const char* domain, std::int64_t hour) {
    return licensing::publishing_failed(HResult::kDnsErrorRcodeRefused, domain,
                                        kStart + hours(hour));
  };
  rule.add(licensing::publishing_done("contoso.com", kStart + hours(1)));
  rule.add(refused("contoso.com", 2));
  rule.add(refused("fabrikam.com", 3));
  rule.add(licensing::publishing_done("CONTOSO.com", kStart + hours(4)));
  rule.add(licensing::publishing_done("fabrikam.com", kStart + hours(5)));
  BOOST_TEST(shown(rule.changes()) == "0h Success; 2h Error; 3h Error; 4h Error; 5h Success; ");
  BOOST_TEST(rule.changes()[2].what.find("contoso.com") != std::string::npos);
  BOOST_TEST(rule.changes()[3].what.find("contoso.com") == std::string::npos);
  BOOST_TEST(rule.changes()[3].what.find("fabrikam.com") != std::string::npos);
}

// covers: rule count
BOOST_AUTO_TEST_CASE(a_count_is_low_before_it_is_reached_and_bad_when_it_drops) {
  CountRule rule(kStart);
  for (int i = 1; i <= 4; ++i) rule.add(request(static_cast<std::uint64_t>(i), i));
  rule.add(request(4, 5));  // the same once more
  KmsExchange in_vm = request(9, 6);
  in_vm.set(ExchangePart::kVirtualMachine);
  rule.add(in_vm);  // is served, and not counted
  KmsExchange refused = request(10, 7);
  refused.served = HResult::kSlEVlKeyManagementServiceIdMismatch;
  rule.add(refused);
  BOOST_TEST(rule.count() == 4u);
  rule.add(request(5, 8));
  BOOST_TEST(rule.count() == 5u);
  // The first is forgotten 30 days after it was seen, at 721 hours; the last at 728.
  rule.finish(kStart + hours(727));
  BOOST_TEST(rule.count() == 1u);
  BOOST_TEST(shown(rule.changes()) == "0h Success; 1h Warning; 8h Success; 721h Error; ");
  BOOST_TEST(rule.changes()[1].what == "The count never was the 5 that clients need.");
  BOOST_TEST(rule.changes()[3].what == "The count dropped below the 5 that clients need.");
  rule.finish(kStart + hours(800));  // nobody needs anything any more
  BOOST_TEST(rule.needed() == 0u);
  BOOST_TEST(shown(rule.changes()) ==
             "0h Success; 1h Warning; 8h Success; 721h Error; 728h Success; ");
}

BOOST_AUTO_TEST_CASE(the_largest_requirement_decides_and_the_table_is_twice_as_large) {
  CountRule rule(kStart);
  for (int i = 1; i <= 12; ++i) rule.add(request(static_cast<std::uint64_t>(i), i));
  BOOST_TEST(rule.count() == 10u);
  rule.add(request(13, 13, 25));  // a client of Windows Vista comes
  BOOST_TEST(rule.count() == 11u);
  BOOST_TEST(rule.needed() == 25u);
  BOOST_TEST(shown(rule.changes()) == "0h Success; 1h Warning; 5h Success; 13h Warning; ");
  for (int i = 14; i <= 80; ++i) rule.add(request(static_cast<std::uint64_t>(i), i, 25));
  BOOST_TEST(rule.count() == 50u);
  BOOST_TEST((rule.changes().back().severity == Severity::kSuccess));
}

// covers: rule activity
BOOST_AUTO_TEST_CASE(eight_hours_without_a_request_are_told) {
  ActivityRule rule(kStart);
  rule.add(request(1, 8));   // in time
  rule.add(request(1, 16));  // exactly 8 hours
  rule.add(request(1, 25));  // 9 hours
  rule.finish(kStart + hours(40));
  BOOST_TEST(shown(rule.changes()) == "0h Success; 24h Warning; 25h Success; 33h Warning; ");
  ActivityRule never(kStart);
  never.finish(kStart + hours(8));
  BOOST_TEST(shown(never.changes()) == "0h Success; ");
  never.finish(kStart + hours(9));
  BOOST_TEST(shown(never.changes()) == "0h Success; 8h Warning; ");
  BOOST_TEST(never.changes()[1].what == "No client ever asked.");
}

BOOST_AUTO_TEST_CASE(every_trouble_has_advice_and_success_has_none) {
  for (std::size_t i = 0; i < kRules; ++i) {
    const Rule rule = static_cast<Rule>(i);
    BOOST_TEST(advice(rule, Severity::kSuccess).empty());
    BOOST_TEST(!advice(rule, Severity::kWarning).empty());
    BOOST_TEST(!advice(rule, Severity::kCriticalError).empty());
  }
}

BOOST_AUTO_TEST_CASE(a_host_of_a_world_is_judged_by_its_own_log_only) {
  Lab lab;
  const auto pc = lab.clients(2);
  const std::uint32_t second = lab.add({.name = "KMS2", .os = "2008", .role = "kms-host"});
  lab.log(
      std::vector{lab.granted(pc[0], kStart + hours(1)), lab.granted(pc[1], kStart + hours(2))});
  lab.log(licensing::publishing_failed(HResult::kDnsErrorRcodeRefused, "contoso.com",
                                       kStart + hours(3)),
          second);
  lab.clock(kStart + hours(4));
  const Health both = must(health_of(*lab.world));
  BOOST_TEST_REQUIRE(both.hosts.size() == 2u);
  const HostHealth& first = both.hosts[0];
  BOOST_TEST(first.count == 2u);
  BOOST_TEST(first.needed == 25u);
  BOOST_TEST((first.last_request.value() == kStart + hours(2)));
  BOOST_TEST((first.worst == Severity::kWarning));
  BOOST_TEST((of(first, Rule::kPublishing).severity == Severity::kSuccess));
  BOOST_TEST((of(first, Rule::kCount).severity == Severity::kWarning));
  BOOST_TEST((of(first, Rule::kActivity).severity == Severity::kSuccess));
  BOOST_TEST((of(both.hosts[1], Rule::kPublishing).severity == Severity::kError));
  BOOST_TEST(!both.hosts[1].last_request.has_value());
  BOOST_TEST((both.worst() == Severity::kError));

  const Health one = must(health_of(*lab.world, {"KMS1.contoso.com"}));
  BOOST_TEST_REQUIRE(one.hosts.size() == 1u);
  BOOST_TEST((one.worst() == Severity::kWarning));
  BOOST_TEST((health_of(*lab.world, {"PC1"}).error().code == HResult::kErrorNotFound));

  const Report report = to_report(both);
  BOOST_TEST(report.table.rows.size() == 10u);
  BOOST_TEST_REQUIRE(report.timelines.size() == 2u);
  BOOST_TEST(report.timelines[0].lines.size() == 5u);
  BOOST_TEST(report.figures[2].value == 1u);
  const Table history = history_table(both, kStart + hours(3));
  BOOST_TEST_REQUIRE(history.rows.size() == 1u);
  BOOST_TEST(to_text(history.rows[0][1]) == "KMS2.contoso.com");
}

// Two clients; the second, as the log of the first says, was a host once.
void add_former_host(Lab& lab) {
  const auto pc = lab.clients(2);
  KmsExchange once = lab.granted(pc[0], kStart);
  once.host = pc[1];
  lab.log(once);
}

BOOST_AUTO_TEST_CASE(what_is_no_host_any_more_is_nobodys_trouble) {
  Lab lab;
  add_former_host(lab);
  lab.clock(kStart + days(1));
  const auto hosts = must(kms_hosts(*lab.world));
  BOOST_TEST_REQUIRE(hosts.size() == 2u);
  BOOST_TEST((hosts[1].membership == Membership::kFormer));
  const Health health = must(health_of(*lab.world));
  BOOST_TEST_REQUIRE(health.hosts.size() == 1u);
  BOOST_TEST(health.hosts[0].host.name == "KMS1");
}

// A host may be one that no log tells of: nothing was published and nobody asked.
BOOST_AUTO_TEST_CASE(a_key_that_was_installed_later_makes_a_host) {
  Lab lab;
  lab.add({.name = "SRV1", .os = "2008"});
  lab.add({.name = "SRV2", .os = "2008"});
  const auto install = [&](std::string_view name, std::string_view channel) {
    lab.set(name, licensing::paths::kSl, "DisableDnsPublishing", reg::make_dword(1));
    const std::string key = must(lab.world->product_key("Enterprise", channel, 3, "2008"));
    BOOST_TEST(world::test::install_key(*lab.world, name, key) == HResult::kSOk);
  };
  const auto names = [&] {
    std::string out;
    for (const KmsHost& host : must(kms_hosts(*lab.world))) out += host.name + " ";
    return out;
  };
  install("SRV1", "VOLUME_KMS");
  install("SRV2", "VOLUME_MAK");
  BOOST_TEST(names() == "KMS1 SRV1 ");
  install("SRV1", "VOLUME_MAK");
  BOOST_TEST(names() == "KMS1 ");
}

// "Set this for MOM automatic discovery ... Delete this value if the KMS is no longer functional."
// covers: registry.KeyManagementServiceVersion
BOOST_AUTO_TEST_CASE(a_value_that_was_left_keeps_a_former_host_in_the_group) {
  Lab lab;
  add_former_host(lab);
  const auto membership = [&] { return must(kms_hosts(*lab.world)).at(1).membership; };
  BOOST_TEST((membership() == Membership::kFormer));
  lab.set("PC2", licensing::paths::kSl, "KeyManagementServiceVersion", reg::make_sz("6.0"));
  BOOST_TEST((membership() == Membership::kDiscovered));
  lab.set("PC2", licensing::paths::kSl, "KeyManagementServiceVersion", reg::make_dword(6));
  BOOST_TEST((membership() == Membership::kFormer));
}

// covers: rule agent
BOOST_AUTO_TEST_CASE(a_host_that_the_agent_does_not_find_has_one_verdict_until_the_group_has_it) {
  Lab lab;
  const auto pc = lab.clients(1);
  lab.host = lab.add({.name = "KMS2", .os = "vista-rtm", .role = "kms-host"});
  lab.make_sixty_four_bit("KMS2");
  lab.log(lab.granted(pc[0], kStart));
  const Health before = must(health_of(*lab.world, {"KMS2"}));
  BOOST_TEST_REQUIRE(before.hosts.size() == 1u);
  BOOST_TEST(before.hosts[0].rules.size() == 1u);
  BOOST_TEST((of(before.hosts[0], Rule::kAgent).severity == Severity::kWarning));
  must(add_to_custom_group(*lab.world, "KMS2"));
  const Health after = must(health_of(*lab.world, {"KMS2"}));
  BOOST_TEST(after.hosts[0].rules.size() == kRules);
  BOOST_TEST((of(after.hosts[0], Rule::kAgent).severity == Severity::kSuccess));
  BOOST_TEST(after.hosts[0].count == 1u);
}

BOOST_AUTO_TEST_CASE(a_real_host_that_cannot_publish_and_cannot_start_shows_it) {
  Lab lab;
  must(lab.world->change_network([](world::net::Model& model) -> Result<> {
    SL_TRY(world::net::Zone * zone, world::net::ensure_zone(model, "contoso.com"));
    zone->updates = world::net::Updates::kRefused;
    return {};
  }));
  const world::Machine host = must(lab.world->machine("KMS1"));
  lab.set("KMS1", licensing::paths::kSl, "KeyManagementServiceListeningPort", reg::make_sz("1700"));
  must(lab.world->advance(60));
  must(host.restart());
  const auto verdict = [&](Rule rule) {
    return of(must(health_of(*lab.world)).hosts.at(0), rule).severity;
  };
  BOOST_TEST((verdict(Rule::kPublishing) == Severity::kError));
  must(lab.world->change_network([](world::net::Model& model) -> Result<> {
    world::net::find_zone(model, "contoso.com")->updates = world::net::Updates::kEveryHost;
    return {};
  }));
  must(lab.world->advance(60));
  must(host.restart());
  BOOST_TEST((verdict(Rule::kPublishing) == Severity::kSuccess));

  lab.set("KMS1", licensing::paths::kStore, licensing::kKmsHostValue,
          reg::make_binary(Bytes(3, std::byte{1})));
  must(host.restart());
  BOOST_TEST((verdict(Rule::kInitialization) == Severity::kCriticalError));
}

BOOST_AUTO_TEST_SUITE_END()
