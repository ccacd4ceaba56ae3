#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "base/hash.hpp"
#include "provider/kms/client.hpp"
#include "tests/provider/printing.hpp"

namespace slwmi::licensing {
namespace {

using H = HResult;

const FileTime kStart = time_of(214'000'000);
FileTime after(std::int64_t n) { return kStart + minutes(n); }

Policy kms_policy() {
  Policy policy;
  policy.channel = Channel::kKmsClient;
  policy.notification = true;
  return policy;
}

License with_key(FileTime at = kStart) {
  Event key;
  key.kind = EventKind::kKeyInstalled;
  key.key_group = 7;
  key.key_serial = 1;
  return step({}, kms_policy(), key, at).next;
}

// A world of hosts whose answers a test sets, and one client.
struct Fixture {
  ClientFacts facts;
  ClientSettings settings;
  std::vector<KmsServer> dns = {{"a", 1688, 1}};
  HResult dns_code = H::kSOk;
  std::map<std::string, kms::Reply, std::less<>> hosts;
  std::function<kms::Reply(const kms::Question&)>
      host;  // answers for all of them, when there is one
  std::vector<std::string> asked;
  std::vector<KmsExchange> log;
  kms::Question last;

  Fixture() {
    facts.policy = kms_policy();
    facts.seed = 5;
    facts.machine = 9;
    facts.required = 25;
    facts.product = 7;
    for (const char* name : {"a", "b", "c", "d"}) answer(name, 25);
  }
  void answer(const char* name, std::uint32_t count) {
    kms::Reply reply;
    reply.code = H::kSOk;
    reply.processed = true;
    reply.machine = static_cast<std::uint32_t>(name[0] - 'a' + 1);
    reply.count = count;
    reply.activation_interval = 33;
    reply.renewal_interval = 44;
    hosts[name] = reply;
  }
  void refuse(const char* name, HResult code, bool processed) {
    kms::Reply reply;
    reply.code = code;
    reply.served = processed ? code : H::kSOk;
    reply.processed = processed;
    hosts[name] = reply;
  }
  Attempt attempt(const License& license, FileTime now = kStart) {
    asked.clear();
    log.clear();
    const auto find = [&](std::span<const KmsServer>& servers) {
      servers = dns;
      return dns_code;
    };
    const auto ask = [&](const KmsServer& server, const kms::Question& question) {
      asked.emplace_back(server.name);
      last = question;
      if (host) return host(question);
      const auto known = hosts.find(server.name);
      return known == hosts.end() ? kms::Reply{} : known->second;
    };
    const auto write = [&](const KmsServer&, const KmsExchange& exchange) {
      log.push_back(exchange);
    };
    return attempt_activation(license, facts, settings, now, {find, ask, write});
  }
};

Status status_of(const License& license, FileTime now) {
  return status_at(license, kms_policy(), now);
}

BOOST_AUTO_TEST_SUITE(kms_client)

BOOST_AUTO_TEST_CASE(is_licensed_by_a_host_that_has_counted_enough) {
  const struct {
    std::uint32_t count, required;
    HResult result;
  } kRows[] = {
      {24, 25, H::kSlEVlNotEnoughCount},
      {25, 25, H::kSOk},
      {26, 25, H::kSOk},
      {0, 5, H::kSlEVlNotEnoughCount},
      {4, 5, H::kSlEVlNotEnoughCount},
      {5, 5, H::kSOk},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.count << " of " << row.required) {
      Fixture f;
      f.facts.required = row.required;
      f.answer("a", row.count);
      const Attempt done = f.attempt(with_key());
      BOOST_TEST(done.result == row.result);
      const bool bound = row.result == H::kSOk;
      BOOST_TEST(status_of(done.next, kStart).status ==
                 (bound ? LicenseStatus::kLicensed : LicenseStatus::kOobGrace));
      // The host's intervals count from its first answer, and the host is remembered.
      BOOST_TEST(done.next.activation_interval == 33u);
      BOOST_TEST(done.next.renewal_interval == 44u);
      BOOST_TEST(done.discovered);
      BOOST_TEST(done.server.name == "a");
      BOOST_TEST_REQUIRE(f.log.size() == 1u);
      const KmsExchange& e = f.log[0];
      BOOST_TEST(e.has(ExchangePart::kRequested));
      BOOST_TEST(e.has(ExchangePart::kProcessed));
      BOOST_TEST(e.has(ExchangePart::kServed));
      BOOST_TEST(e.has(ExchangePart::kBound) == bound);
      // VA2's example of 12289: HRESULT 0x0, flags 0x4000008.
      BOOST_TEST(e.processed == H::kSOk);
      BOOST_TEST(status_flags(e) == (bound ? 0x8u : 0x4000008u));
      BOOST_TEST(e.count == row.count);
      BOOST_TEST(e.required == row.required);
    }
  }
}

BOOST_AUTO_TEST_CASE(says_what_it_is) {
  Fixture f;
  f.facts.virtual_machine = true;
  f.facts.clock_skew = 7;
  f.facts.slic_table = true;
  License license = with_key();
  license.previous_client_id = 77;
  const Attempt done = f.attempt(license, after(10));
  BOOST_TEST(f.last.client_id == done.next.client_id);
  BOOST_TEST(f.last.previous_client_id == 77u);
  BOOST_TEST((f.last.client_time == after(10)));
  BOOST_TEST(f.last.required == 25u);
  BOOST_TEST(f.last.minutes == kGraceMinutes - 10);
  BOOST_TEST(f.last.product == 7u);
  BOOST_TEST(f.last.status == 2u);
  BOOST_TEST(f.last.virtual_machine);
  BOOST_TEST(!f.last.prerelease);
  const KmsExchange& e = f.log.at(0);
  BOOST_TEST((e.time == after(3)));
  BOOST_TEST(e.client_skew == 7);
  BOOST_TEST(e.client == 9u);
  BOOST_TEST(e.host == 1u);
  BOOST_TEST(e.port == 1688u);
  BOOST_TEST(e.client_id == done.next.client_id);
  BOOST_TEST(e.minutes == kGraceMinutes - 10);
  BOOST_TEST(e.status == 2u);
  BOOST_TEST(e.has(ExchangePart::kVirtualMachine));
  BOOST_TEST(status_flags(e) == 0u);  // an ACPI_SLIC table with its marker: no warning
}

BOOST_AUTO_TEST_CASE(makes_its_id_with_the_first_request_and_keeps_it) {
  Fixture f;
  f.refuse("a", H::kRpcSServerUnavailable, false);
  const Attempt first = f.attempt(with_key());
  BOOST_TEST(first.result == H::kRpcSServerUnavailable);
  BOOST_TEST(first.next.client_id != 0u);
  const Attempt second = f.attempt(first.next, after(120));
  BOOST_TEST(second.next.client_id == first.next.client_id);
  Fixture other;
  other.facts.seed = 6;
  BOOST_TEST(other.attempt(with_key()).next.client_id != first.next.client_id);
}

BOOST_AUTO_TEST_CASE(looks_for_its_host_in_the_documented_order) {
  const KmsServer fixed{"f", 1700, 0}, cached{"c", 1701, 0};
  const struct {
    const char* why;
    bool has_fixed, has_cached;
    std::vector<const char*> down;
    std::vector<std::string> asked;
    HResult result;
    bool discovered;
  } kRows[] = {
      {"a fixed host and no other", true, true, {}, {"f"}, H::kSOk, false},
      {"a fixed host that is down", true, true, {"f"}, {"f"}, H::kRpcSServerUnavailable, false},
      {"the cached host", false, true, {}, {"c"}, H::kSOk, false},
      {"DNS after the cached host", false, true, {"c"}, {"c", "a"}, H::kSOk, true},
      {"DNS", false, false, {}, {"a"}, H::kSOk, true},
      {"nobody", false, false, {"a"}, {"a"}, H::kRpcSServerUnavailable, false},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      Fixture f;
      f.answer("f", 25);
      if (row.has_fixed) f.settings.fixed = fixed;
      if (row.has_cached) f.settings.cached = cached;
      for (const char* name : row.down) f.refuse(name, H::kRpcSServerUnavailable, false);
      const Attempt done = f.attempt(with_key());
      BOOST_TEST(done.result == row.result);
      BOOST_TEST(f.asked == row.asked, boost::test_tools::per_element());
      BOOST_TEST(done.discovered == row.discovered);
      BOOST_TEST(f.log.size() == row.asked.size());
    }
  }
}

BOOST_AUTO_TEST_CASE(asks_every_host_of_dns_once_until_one_answers) {
  Fixture f;
  f.dns = {{"a", 1688, 1}, {"b", 1688, 2}, {"c", 1688, 3}, {"d", 1688, 4}};
  for (const char* name : {"a", "b", "c", "d"}) f.refuse(name, H::kRpcSServerUnavailable, false);
  std::set<std::vector<std::string>> orders;
  for (int i = 0; i < 200; ++i) {
    const Attempt done = f.attempt(with_key(), after(i));
    BOOST_TEST(done.result == H::kRpcSServerUnavailable);
    BOOST_TEST(std::set<std::string>(f.asked.begin(), f.asked.end()).size() == 4u);
    orders.insert(f.asked);
  }
  BOOST_TEST(orders.size() == 8u);  // four that may be first, two strides that reach all
  f.answer("c", 25);
  for (int i = 0; i < 20; ++i) {
    const Attempt done = f.attempt(with_key(), after(i));
    BOOST_TEST(done.result == H::kSOk);
    BOOST_TEST(done.server.name == "c");
    BOOST_TEST(f.log.back().has(ExchangePart::kBound));
    for (std::size_t k = 0; k + 1 < f.log.size(); ++k)
      BOOST_TEST(f.log[k].requested == H::kRpcSServerUnavailable);
  }
}

BOOST_AUTO_TEST_CASE(chooses_among_the_hosts_evenly_and_by_the_seed) {
  Fixture f;
  f.dns = {{"a", 1688, 1}, {"b", 1688, 2}, {"c", 1688, 3}};
  std::map<std::string, int> chosen;
  for (int i = 0; i < 3000; ++i) {
    f.attempt(with_key(), after(i));
    ++chosen[f.asked.at(0)];
  }
  for (const auto& [name, times] : chosen) BOOST_TEST((times > 900 && times < 1100), name);
  Fixture again;
  again.dns = f.dns;
  again.attempt(with_key(), after(2999));
  BOOST_TEST(again.asked == f.asked, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(drops_a_cached_host_that_failed_from_the_list) {
  Fixture f;
  f.settings.cached = f.dns[0];
  f.refuse("a", H::kRpcSServerUnavailable, false);
  f.dns.push_back({"b", 1688, 2});
  const Attempt done = f.attempt(with_key());
  BOOST_TEST(f.asked == (std::vector<std::string>{"a", "b"}), boost::test_tools::per_element());
  BOOST_TEST(done.result == H::kSOk);
  f.dns.pop_back();
  BOOST_TEST(f.attempt(with_key()).result == H::kRpcSServerUnavailable);
  BOOST_TEST(f.asked.size() == 1u);
}

BOOST_AUTO_TEST_CASE(passes_codes_on_and_writes_them_down) {
  const struct {
    const char* why;
    HResult code;
    bool from_dns, processed;
  } kRows[] = {
      {"DNS server failure", H::kDnsErrorRcodeServerFailure, true, false},
      {"no such name", H::kDnsErrorRcodeNameError, true, false},
      {"no records", H::kDnsInfoNoRecords, true, false},
      {"unreachable", H::kRpcSServerUnavailable, false, false},
      {"no answer", H::kSlEVlBindingServiceNotEnabled, false, true},
      {"host not activated", H::kSlEVlKeyManagementServiceNotActivated, false, true},
      {"beta", H::kSlEVlKeyManagementServiceIdMismatch, false, true},
      {"clock", H::kSlEMismatchedProductSku, false, true},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      Fixture f;
      if (row.from_dns)
        f.dns_code = row.code;
      else
        f.refuse("a", row.code, row.processed);
      const Attempt done = f.attempt(with_key());
      BOOST_TEST(done.result == row.code);
      BOOST_TEST_REQUIRE(f.log.size() == 1u);
      const KmsExchange& e = f.log[0];
      BOOST_TEST(e.has(ExchangePart::kRequested));
      BOOST_TEST(e.requested == row.code);
      BOOST_TEST(!e.has(ExchangePart::kProcessed));
      BOOST_TEST(e.has(ExchangePart::kServed) == row.processed);
      BOOST_TEST(e.has(BindingFlag::kNoRegistration) == row.from_dns);
      BOOST_TEST(e.host == (row.from_dns ? 0u : 1u));
      BOOST_TEST(done.next.attempted_at == minute_of(kStart));
      BOOST_TEST(done.next.activation_interval == 0u);
    }
  }
  Fixture none;
  none.dns.clear();
  BOOST_TEST(none.attempt(with_key()).result == H::kDnsInfoNoRecords);
}

BOOST_AUTO_TEST_CASE(cannot_make_a_request_on_firmware_without_the_marker) {
  Fixture f;
  f.facts.slic_table = f.facts.unqualified = true;
  const Attempt done = f.attempt(with_key());
  BOOST_TEST(done.result == H::kSlEVlNotWindowsSlp);
  BOOST_TEST(f.asked.empty());
  BOOST_TEST(done.next.client_id == 0u);
  BOOST_TEST_REQUIRE(f.log.size() == 1u);
  BOOST_TEST(f.log[0].requested == H::kSlEVlNotWindowsSlp);
  BOOST_TEST(status_flags(f.log[0]) == 0x08000000u);
  BOOST_TEST(!f.log[0].has(ExchangePart::kServed));
  BOOST_TEST((next_attempt(done.next, kms_policy(), {}, kStart) == after(120)));
}

BOOST_AUTO_TEST_CASE(leaves_a_licence_that_cannot_be_activated_alone) {
  License tampered = with_key(), reset = with_key();
  tampered.set(LicenseFlag::kTampered);
  reset.set(LicenseFlag::kRearmPending);
  const struct {
    const char* why;
    License license;
    HResult code;
  } kRows[] = {
      {"no key", {}, H::kSlEPkeyNotInstalled},
      {"tampered", tampered, H::kSlRemappingSpPubTsTampered},
      {"reset pending", reset, H::kSlRemappingSpPubTsRearmed},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      Fixture f;
      const Attempt done = f.attempt(row.license);
      BOOST_TEST(done.result == row.code);
      BOOST_TEST((done.next == row.license));
      BOOST_TEST(f.log.empty());
      BOOST_TEST(f.asked.empty());
      BOOST_TEST(!next_attempt(row.license, kms_policy(), {}, kStart).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(marks_a_registration_that_it_passed_over) {
  Fixture f;
  f.settings.invalid_registration = true;
  BOOST_TEST(f.attempt(with_key()).result == H::kSOk);
  BOOST_TEST(status_flags(f.log.at(0)) == 0x02000008u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(kms_client_timers)

std::optional<FileTime> next(const License& license, FileTime now, ClientTimers timers = {}) {
  return next_attempt(license, kms_policy(), timers, now);
}

BOOST_AUTO_TEST_CASE(try_at_the_start_and_every_activation_interval) {
  Fixture f;
  f.refuse("a", H::kRpcSServerUnavailable, false);
  License license = with_key();
  BOOST_TEST((next(license, kStart) == kStart));
  BOOST_TEST((next(license, after(5)) == after(5)));  // overdue
  for (int i = 0; i < 5; ++i) {
    license = f.attempt(license, after(120 * i)).next;
    BOOST_TEST((next(license, after(120 * i)) == after(120 * i + 120)));
    BOOST_TEST((next(license, after(120 * i + 119)) == after(120 * i + 120)));
    BOOST_TEST((next(license, after(120 * i + 121)) == after(120 * i + 121)));
    ClientTimers quick;
    quick.activation_interval = 15;
    BOOST_TEST((next(license, after(120 * i), quick) == after(120 * i + 15)));
  }
}

BOOST_AUTO_TEST_CASE(renew_every_renewal_interval_of_the_host) {
  Fixture f;
  License license = f.attempt(with_key()).next;
  BOOST_TEST((next(license, kStart) == after(44)));
  license = f.attempt(license, after(44)).next;
  BOOST_TEST((next(license, after(44)) == after(88)));
  BOOST_TEST(status_of(license, after(44)).remaining == kKmsValidityMinutes);
  f.answer("a", 24);  // an answer, but no renewal
  license = f.attempt(license, after(88)).next;
  BOOST_TEST(status_of(license, after(88)).remaining == kKmsValidityMinutes - 44);
  BOOST_TEST((next(license, after(88)) == after(88 + 15)));
}

BOOST_AUTO_TEST_CASE(watch_the_network_for_15_minutes_when_a_renewal_failed_and_fall_back) {
  Fixture f;
  f.hosts["a"].renewal_interval = 10080;
  f.hosts["a"].activation_interval = 120;
  License license = f.attempt(with_key()).next;
  BOOST_TEST((next(license, kStart) == after(10080)));
  f.refuse("a", H::kRpcSServerUnavailable, false);
  license = f.attempt(license, after(10080)).next;
  BOOST_TEST((next(license, after(10080)) == after(10080 + 15)));
  BOOST_TEST((next(license, after(10080 + 14)) == after(10080 + 15)));
  BOOST_TEST((next(license, after(10080 + 16)) == after(10080 + 16)));
  License back = license;
  for (int i = 0; i < 3; ++i) {
    const int at = 10080 + 15 + 120 * i;
    license = f.attempt(license, after(at)).next;
    BOOST_TEST((next(license, after(at)) == after(at + 120)));
  }
  // The network came back during the watch.
  f.answer("a", 25);
  back = f.attempt(back, after(10080 + 15)).next;
  BOOST_TEST((next(back, after(10080 + 15)) == after(10080 + 15 + 44)));
  // The next failure is watched again.
  f.refuse("a", H::kRpcSServerUnavailable, false);
  back = f.attempt(back, after(10200)).next;
  BOOST_TEST((next(back, after(10200)) == after(10215)));
}

// The end of the watch does not depend on when one asks for it.
BOOST_AUTO_TEST_CASE(watch_on_when_the_licence_expires_meanwhile) {
  Fixture f;
  License license = f.attempt(with_key()).next;
  f.refuse("a", H::kRpcSServerUnavailable, false);
  const std::int64_t end = kKmsValidityMinutes;
  license = f.attempt(license, after(end - 10)).next;
  for (const int minute : {-10, -1, 0, 4}) {
    BOOST_TEST_CONTEXT(minute)
    BOOST_TEST((next(license, after(end + minute)) == after(end + 5)));
  }
  license = f.attempt(license, after(end + 5)).next;
  BOOST_TEST((next(license, after(end + 5)) == after(end + 5 + 33)));
}

BOOST_AUTO_TEST_CASE(go_on_after_the_licence_expired) {
  Fixture f;
  License license = f.attempt(with_key()).next;
  f.refuse("a", H::kRpcSServerUnavailable, false);
  const std::int64_t end = kKmsValidityMinutes;
  license = f.attempt(license, after(end - 20)).next;
  BOOST_TEST((next(license, after(end - 20)) == after(end - 5)));
  license = f.attempt(license, after(end - 5)).next;
  BOOST_TEST((next(license, after(end - 5)) == after(end + 28)));  // 33, as the host said
  license = f.attempt(license, after(end + 28)).next;
  BOOST_TEST(status_of(license, after(end + 28)).status == LicenseStatus::kOotGrace);
  BOOST_TEST((next(license, after(end + 28)) == after(end + 61)));
  const std::int64_t over = end + kGraceMinutes;
  license = f.attempt(license, after(over)).next;
  BOOST_TEST(status_of(license, after(over)).status == LicenseStatus::kNotification);
  BOOST_TEST((next(license, after(over)) == after(over + 33)));
  f.answer("a", 25);
  license = f.attempt(license, after(over + 33)).next;
  BOOST_TEST(status_of(license, after(over + 33)).status == LicenseStatus::kLicensed);
}

BOOST_AUTO_TEST_CASE(stop_with_Manual_but_for_renewals_of_what_is_licensed) {
  ClientTimers manual;
  manual.automatic = false;
  Fixture f;
  License license = with_key();
  BOOST_TEST(!next(license, kStart, manual).has_value());
  f.hosts["a"].renewal_interval = 43200;
  license = f.attempt(license).next;
  BOOST_TEST((next(license, kStart, manual) == after(43200)));
  f.refuse("a", H::kRpcSServerUnavailable, false);
  const std::int64_t end = kKmsValidityMinutes;
  License last = f.attempt(license, after(end - 16)).next;
  BOOST_TEST((next(last, after(end - 16), manual) == after(end - 1)));
  last = f.attempt(license, after(end - 15)).next;
  BOOST_TEST(!next(last, after(end - 15), manual).has_value());  // due in the first minute of grace
}

BOOST_AUTO_TEST_CASE(start_anew_with_a_key_a_reset_or_a_restart) {
  Fixture f;
  f.answer("a", 1);
  const License tried = f.attempt(with_key(), after(10)).next;
  BOOST_TEST((next(tried, after(10)) == after(43)));
  Event event;
  event.kind = EventKind::kRestarted;
  BOOST_TEST((next(step(tried, kms_policy(), event, after(20)).next, after(20)) == after(20)));
  event.kind = EventKind::kGeneralized;
  BOOST_TEST((next(step(tried, kms_policy(), event, after(20)).next, after(20)) == after(20)));
  event.kind = EventKind::kKeyInstalled;
  BOOST_TEST((next(step(tried, kms_policy(), event, after(20)).next, after(20)) == after(20)));
  // A licensed client keeps its renewal.
  f.answer("a", 25);
  const License licensed = f.attempt(tried, after(43)).next;
  event.kind = EventKind::kRestarted;
  BOOST_TEST((next(step(licensed, kms_policy(), event, after(50)).next, after(50)) == after(87)));
  // Hardware out of tolerance: VA2 advises a restart, which tries at once.
  event.kind = EventKind::kHardwareChanged;
  const License changed = step(licensed, kms_policy(), event, after(50)).next;
  event.kind = EventKind::kRestarted;
  BOOST_TEST((next(step(changed, kms_policy(), event, after(51)).next, after(51)) == after(51)));
}

BOOST_AUTO_TEST_CASE(are_for_kms_clients_only) {
  for (const Channel channel : {Channel::kMak, Channel::kRetail, Channel::kKmsHost,
                                Channel::kOemSlp, Channel::kTimebasedEval}) {
    Policy policy = kms_policy();
    policy.channel = channel;
    BOOST_TEST(!next_attempt(with_key(), policy, {}, kStart).has_value());
  }
  BOOST_TEST(next(with_key(), kStart).has_value());
}

// Renewals do what attempt_activation() and answer() do, wherever they apply.
BOOST_AUTO_TEST_CASE(of_the_usual_kind_are_as_any_attempt) {
  constexpr std::uint16_t kGood = 1 | 4;  // kHasKey, kKmsActivated
  std::uint64_t drawn = 0;
  const auto below = [&](std::uint64_t bound) { return random_below(mix64(++drawn), bound); };
  const auto sometimes = [&] { return below(8) == 0; };
  int granted = 0, unsteady = 0, unusual = 0, refused = 0;
  for (int i = 0; i < 4'000; ++i) {
    const FileTime now{after(1).ticks + below(2) * below(600'000'000)};
    ClientFacts facts;
    facts.policy = kms_policy();
    facts.required = below(2) == 0 ? 25 : 5;
    facts.product = 401;
    facts.clock_skew = static_cast<std::int32_t>(below(3)) - 1;
    facts.virtual_machine = below(2) == 0;
    facts.slic_table = below(2) == 0;
    facts.unqualified = sometimes();
    facts.prerelease = sometimes();
    if (sometimes()) facts.policy.evaluation_end = after(static_cast<std::int64_t>(below(5)));
    const KmsServer server{"a", static_cast<std::uint16_t>(below(3) + 1688), 1};

    kms::HostFacts host;
    host.activated = !sometimes();
    host.prerelease = sometimes();
    host.counts_virtual_machines = below(2) == 0;
    host.machine = 9;
    host.clock_skew = static_cast<std::int32_t>(below(2));
    host.activation_interval = static_cast<std::uint32_t>(below(70'000));
    host.renewal_interval = static_cast<std::uint32_t>(below(70'000));
    const FileTime host_now = now + minutes(sometimes() ? 300 : 0);
    kms::HostState state;
    state.largest_requirement = sometimes() ? 0 : static_cast<std::uint32_t>(5 + 20 * below(2));
    const std::uint64_t known = 3 + below(50);
    for (std::uint64_t k = 0; k < known; ++k)
      state.clients.append({k + 1, minute_of(host_now) -
                                       (sometimes() ? 0 : kms::kMemoryMinutes - 1) -
                                       (k == 0 && sometimes() ? 2 : 0)});
    kms::HostState same = state;

    const kms::HostState before = state;
    Renewals renewals(facts, server, state, host);
    const bool any = renewals.at(now, host_now);
    BOOST_TEST_REQUIRE((state == before));
    if (!any) ++unsteady;
    for (std::uint32_t machine = 100; machine < 110; ++machine) {
      License license;
      license.flags = sometimes() ? static_cast<std::uint16_t>(below(1 << 11)) : kGood;
      if (sometimes()) license.flags |= static_cast<std::uint16_t>(1u << below(11));
      constexpr std::uint32_t kAges[] = {0, 1, 10080, kKmsValidityMinutes - 1, kKmsValidityMinutes};
      license.activated_at = minute_of(kStart) + 1 - kAges[below(5)];
      license.attempted_at = license.activated_at;
      license.out_of_tolerance_at = license.non_genuine_at = license.activated_at;
      license.renewal_interval = static_cast<std::uint16_t>(sometimes() ? 0 : below(65536));
      license.client_id = sometimes() ? 0 : below(2) == 0 ? 1 + below(60) : mix64(i);
      license.previous_client_id = below(2);

      License renewed = license;
      const kms::HostState kept = state;
      License* const one[] = {&renewed};
      ClientPart part[] = {{0, machine, 0}};
      const bool done = any && renewals.renew(one, part) == 1;
      if (!done) {
        BOOST_TEST_REQUIRE((renewed == license));
        BOOST_TEST_REQUIRE((state == kept));
      }
      Fixture f;
      f.facts = facts;
      f.facts.machine = machine;
      f.settings.fixed = server;
      f.host = [&](const kms::Question& question) {
        return kms::answer(same, host, question, host_now);
      };
      const Attempt whole = f.attempt(license, now);
      if (!done) {
        if (any) {
          ++unusual;
          const Status status = status_at(license, facts.policy, now);
          BOOST_TEST((license.flags != kGood || license.client_id == 0 ||
                      facts.policy.evaluation_end != FileTime{} ||
                      status.status != LicenseStatus::kLicensed));
        }
        refused += whole.result != H::kSOk ? 1 : 0;
        state = same;  // the attempt has asked the host
        continue;
      }
      ++granted;
      BOOST_TEST_REQUIRE((whole.result == H::kSOk));
      BOOST_TEST_REQUIRE((renewed == whole.next));
      BOOST_TEST_REQUIRE((state == same));
      BOOST_TEST_REQUIRE(f.log.size() == 1u);
      BOOST_TEST_REQUIRE((with(renewals.exchange(), part[0]) == f.log[0]));
      for (const bool automatic : {true, false}) {
        const ClientTimers timers{.automatic = automatic};
        BOOST_TEST_REQUIRE((next_attempt(renewed, facts.policy, timers, now) ==
                            next_renewal(renewed, timers, now)));
      }
    }
  }
  BOOST_TEST(granted > 3000);
  BOOST_TEST(unsteady > 1000);
  BOOST_TEST(unusual > 3000);
  BOOST_TEST(refused > 3000);
}

// A host that remembers so many clients, the machines' among them, and its renewals.
struct ManyAtOnce {
  kms::HostState state;
  kms::HostFacts host;
  std::optional<Renewals> renewals;
  explicit ManyAtOnce(std::uint64_t known) {
    state.largest_requirement = 25;
    for (std::uint64_t id = 1; id <= known; ++id) state.clients.append({id, minute_of(kStart)});
    ClientFacts facts;
    facts.policy = kms_policy();
    facts.required = 25;
    host.activated = true;
    host.renewal_interval = 4000;
    renewals.emplace(facts, KmsServer{"a", 1688, 1}, state, host);
    BOOST_TEST_REQUIRE(renewals->at(after(1), after(1)));
  }
};

License to_renew(std::uint64_t client_id) {
  License license;
  license.flags = 1 | 4;  // kHasKey, kKmsActivated
  license.activated_at = license.attempted_at = minute_of(kStart);
  license.client_id = client_id;
  return license;
}

BOOST_AUTO_TEST_CASE(of_several_at_once_are_as_one_after_the_other) {
  constexpr std::size_t kMachines = 12;
  int once = 0, alike = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    const std::uint64_t known = 25 + random_below(mix64(i), 26);  // 50 are all that it holds
    std::vector<License> licenses;
    std::vector<ClientPart> parts, alike_parts;
    for (std::uint32_t k = 0; k < kMachines; ++k) {
      licenses.push_back(to_renew(1 + random_below(mix64(i * kMachines + k), 60)));
      parts.push_back({0, k, 0});
      alike_parts.push_back({licenses.back().client_id, k, 0});
    }
    const std::size_t barred = random_below(mix64(i + 1'000'000), 2 * kMachines);
    ManyAtOnce many(known), each(known), one_for_all(known);
    License leader = licenses.front();
    const bool led = one_for_all.renewals->renew(leader, alike_parts);
    BOOST_TEST(led == (known == 50));

    std::vector<License> alone = licenses;
    if (barred < kMachines) licenses[barred].client_id = alone[barred].client_id = 0;
    std::vector<License*> places;
    for (License& license : licenses) places.push_back(&license);
    const std::size_t done = many.renewals->renew(places, parts);
    BOOST_TEST(done == (barred == 0 ? 0 : known < 50 ? 1 : std::min(barred, kMachines)));
    for (std::uint32_t k = 0; k < done; ++k) {
      License* const one[] = {&alone[k]};
      ClientPart part[] = {{0, k, 0}};
      BOOST_TEST_REQUIRE(each.renewals->renew(one, part) == 1u);
      BOOST_TEST(
          (with(many.renewals->exchange(), parts[k]) == with(each.renewals->exchange(), part[0])));
      ++once;
      if (!led) continue;
      License follower = licenses[k];
      follower.activated_at = follower.attempted_at = minute_of(kStart);
      take_renewal(follower, leader);
      BOOST_TEST((follower == alone[k]));
      BOOST_TEST((with(one_for_all.renewals->exchange(), alike_parts[k]) ==
                  with(each.renewals->exchange(), part[0])));
      ++alike;
    }
    BOOST_TEST((licenses == alone));
    BOOST_TEST((many.state == each.state));
    if (led && done == kMachines) BOOST_TEST((one_for_all.state == each.state));
  }
  BOOST_TEST(once > 500);
  BOOST_TEST(alike > 100);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
