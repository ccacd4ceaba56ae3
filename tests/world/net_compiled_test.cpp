// What the network answers machines: every code with the thing that causes it and a control beside
// it, windows, shares, links and ports, clocks.
#include <cmath>

#include "base/hash.hpp"
#include "tests/world/net_fixture.hpp"
#include "world/net/compiled.hpp"

namespace slwmi::world::net {
namespace {

constexpr HResult kOk = HResult::kSOk;
constexpr HResult kUnavailable = HResult::kRpcSServerUnavailable;

MachineId resolve(std::string_view host) {
  return equal_ignore_case(host, "kms1.contoso.com") ? 7 : 0;
}

CompiledNetwork compile(Model model, std::uint64_t seed = 1) {
  BOOST_REQUIRE(check(model).has_value());
  return {std::make_shared<const Model>(std::move(model)), seed, resolve};
}

const FileTime kNow = at("2008-03-10");
constexpr Traits kPc{"PC1", "Ulm", "contoso.com", "kms-client"};
constexpr Traits kKms{"KMS1", "Lab", "contoso.com", "kms-host"};

// The questions of one machine, asked of another.
struct Asked {
  HResult lookup, update, reach, response, service, starve = kOk;
  bool operator==(const Asked&) const = default;
};
Asked ask(const CompiledNetwork& net, const Traits& from, const Traits& to, FileTime now = kNow,
          MachineId id = 1) {
  const Profile a = net.profile(from);
  const Profile b = net.profile(to);
  const Peer pc{a, id};
  const Peer host{b, 1000};
  return {net.lookup(pc, now).verdict.code,
          net.update(pc, now).code,
          net.reach(pc, host, kKmsPort, now).code,
          net.response(pc, host, now).code,
          net.service(pc, now).code,
          net.starve(pc, host, now).code};
}

Model found() {
  Model m;
  BOOST_REQUIRE(add_record(m, "contoso.com", {.host = "KMS1.contoso.com"}).has_value());
  return m;
}

Model with_fault(Fault fault) {
  Model m = found();
  BOOST_REQUIRE(add_fault(m, std::move(fault)).has_value());
  return m;
}

BOOST_AUTO_TEST_SUITE(net_compiled)

BOOST_AUTO_TEST_CASE(each_kind_of_fault_answers_its_code_to_its_question_and_machines_only) {
  const struct {
    FaultKind kind;
    Asked asked;
  } kCases[] = {
      {FaultKind::kDnsServerFailure,
       {HResult::kDnsErrorRcodeServerFailure, HResult::kDnsErrorRcodeServerFailure, kOk, kOk, kOk}},
      {FaultKind::kDnsNameMissing, {HResult::kDnsErrorRcodeNameError, kOk, kOk, kOk, kOk}},
      {FaultKind::kDnsNoRecords, {HResult::kDnsInfoNoRecords, kOk, kOk, kOk, kOk}},
      {FaultKind::kNoDnsServers,
       {HResult::kDnsErrorNoDnsServers, HResult::kDnsErrorNoDnsServers, kOk, kOk, kOk}},
      {FaultKind::kNoDnsSuffix,
       {HResult::kErrorInvalidName, HResult::kErrorInvalidName, kOk, kOk, kOk}},
      {FaultKind::kDnsUpdateRefused, {kOk, HResult::kDnsErrorRcodeRefused, kOk, kOk, kOk}},
      {FaultKind::kHostUnreachable, {kOk, kOk, kUnavailable, kOk, kOk}},
      {FaultKind::kResponseLost, {kOk, kOk, kOk, HResult::kSlEVlBindingServiceNotEnabled, kOk}},
      {FaultKind::kServiceUnreachable,
       {kOk, kOk, kOk, kOk, HResult::kErrorInternetNameNotResolved}},
      {FaultKind::kServiceTimeout, {kOk, kOk, kOk, kOk, HResult::kErrorInternetTimeout}},
      {FaultKind::kHostBusy, {kOk, kOk, kOk, kOk, kOk, HResult::kSlEVlBindingServiceNotEnabled}},
  };
  BOOST_TEST(std::size(kCases) + 1 == fault_kinds().size());  // clock skew has its own case
  const Asked fine{kOk, kOk, kOk, kOk, kOk};
  BOOST_TEST((ask(compile(found()), kPc, kKms) == fine));
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(info_of(c.kind).name) {
      const CompiledNetwork net =
          compile(with_fault({.kind = c.kind, .who = match("PC* site=Ulm")}));
      BOOST_TEST((ask(net, kPc, kKms) == c.asked));
      BOOST_TEST((ask(net, {"XP1", "Ulm", "contoso.com", "kms-client"}, kKms) == fine));
      BOOST_TEST((ask(net, {"PC1", "Lab", "contoso.com", "kms-client"}, kKms) == fine));
      const Verdict verdict = net.lookup({net.profile(kPc), 1}, kNow).verdict;
      if (!verdict.ok())
        BOOST_TEST(net.describe(verdict) == "the fault " + std::string(info_of(c.kind).name));
    }
  }
}

BOOST_AUTO_TEST_CASE(faults_of_asked_machines_look_at_both) {
  for (const FaultKind kind :
       {FaultKind::kHostUnreachable, FaultKind::kResponseLost, FaultKind::kHostBusy}) {
    const CompiledNetwork net =
        compile(with_fault({.kind = kind, .who = match("PC*"), .at = match("role=kms-host")}));
    const HResult code = info_of(kind).code;
    const auto asked = [&](const Traits& from, const Traits& to) {
      const Asked a = ask(net, from, to);
      return kind == FaultKind::kHostUnreachable ? a.reach
             : kind == FaultKind::kResponseLost  ? a.response
                                                 : a.starve;
    };
    BOOST_TEST(asked(kPc, kKms) == code);
    BOOST_TEST(asked(kPc, kPc) == kOk);
    BOOST_TEST(asked(kKms, kKms) == kOk);
    BOOST_TEST(asked(kKms, kPc) == kOk);
  }
}

BOOST_AUTO_TEST_CASE(dns_answers_without_faults) {
  Model m = rich_model();
  m.faults.clear();
  const CompiledNetwork net = compile(m);
  const struct {
    const char* why;
    const char* domain;
    HResult code;
    std::size_t targets;
  } kCases[] = {
      {"the records of the domain", "Contoso.com", kOk, 1},
      {"a domain below in the same zone", "emea.contoso.com", kOk, 1},
      {"a name in the zone that nobody wrote", "apac.contoso.com", HResult::kDnsErrorRcodeNameError,
       0},
      {"no zone at all", "example.org", HResult::kDnsErrorRcodeNameError, 0},
      {"only records of other types", "contoso.net", HResult::kDnsInfoNoRecords, 0},
      {"no primary suffix", "", HResult::kErrorInvalidName, 0},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      const Profile profile = net.profile({"PC1", "Ulm", c.domain, "kms-client"});
      const Answer answer = net.lookup({profile, 1}, kNow);
      BOOST_TEST(answer.verdict.code == c.code);
      BOOST_TEST(answer.targets.size() == c.targets);
      const Profile other = net.profile({"PC1", "Ulm", "example.org", "kms-client"});
      BOOST_TEST(net.lookup({other, 1}, c.domain, kNow).verdict.code == c.code);
    }
  }
  const Answer emea = net.lookup({net.profile(kPc), 1}, "emea.contoso.com", kNow);
  BOOST_TEST(emea.targets[0].host == "kms.emea.contoso.com");
  BOOST_TEST(emea.targets[0].port == 1700u);
  BOOST_TEST(emea.targets[0].priority == 10u);
  BOOST_TEST(emea.targets[0].weight == 20u);
  BOOST_TEST(emea.targets[0].machine == 0u);  // a stale or a foreign host
  BOOST_TEST(net.lookup({net.profile(kPc), 1}, kNow).targets[0].machine == 7u);
}

BOOST_AUTO_TEST_CASE(windows_begin_with_their_first_moment_and_end_before_their_last) {
  const FileTime from = at("2008-04-01");
  const FileTime until = at("2008-10-18");
  const struct {
    const char* why;
    Window window;
    FileTime now;
    bool happens;
  } kCases[] = {
      {"always", {}, kNow, true},
      {"before", {from, until}, FileTime{from.ticks - 1}, false},
      {"at its start", {from, until}, from, true},
      {"inside", {from, until}, at("2008-06-01"), true},
      {"at its last moment", {from, until}, FileTime{until.ticks - 1}, true},
      {"at its end", {from, until}, until, false},
      {"open to the past", {{}, until}, kNow, true},
      {"open to the future", {from, {}}, kMaxFileTime, true},
      {"not yet", {from, {}}, kNow, false},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      Model m = with_fault({.window = c.window});
      BOOST_TEST((ask(compile(m), kPc, kKms, c.now).reach == kUnavailable) == c.happens);
      Model ports = found();
      ports.ports.push_back({{}, {}, kKmsPort, false, c.window});
      BOOST_TEST((ask(compile(ports), kPc, kKms, c.now).reach == kUnavailable) == c.happens);
      Model links = found();
      links.links.push_back({"Ulm", "Lab", false, c.window});
      BOOST_TEST((ask(compile(links), kPc, kKms, c.now).reach == kUnavailable) == c.happens);
    }
  }
}

// How many of `machines` x `times` lookups fail, and of how many machines any does.
struct Counted {
  int failures = 0, machines = 0;
};
Counted count(const CompiledNetwork& net, MachineId machines, int times) {
  const Profile profile = net.profile(kPc);
  Counted out;
  for (MachineId id = 1; id <= machines; ++id) {
    int failures = 0;
    for (int t = 0; t < times; ++t) {
      if (!net.lookup({profile, id}, kNow + minutes(120 * t)).verdict.ok()) ++failures;
    }
    out.failures += failures;
    out.machines += failures != 0 ? 1 : 0;
  }
  return out;
}

BOOST_AUTO_TEST_CASE(once_in_n_is_dealt_out_evenly_and_the_same_each_time) {
  for (const std::uint32_t n : {2u, 10u, 100u}) {
    BOOST_TEST_CONTEXT("one in " << n) {
      const Model m = with_fault({.kind = FaultKind::kDnsServerFailure, .one_in = n});
      const Counted counted = count(compile(m), 2000, 50);
      const double expected = 100000.0 / n;
      // Four standard deviations of a fair draw.
      BOOST_TEST(std::abs(counted.failures - expected) < 4 * std::sqrt(expected));
      const Counted again = count(compile(m), 2000, 50);
      BOOST_TEST(again.failures == counted.failures);
      BOOST_TEST(again.machines == counted.machines);
      BOOST_TEST(count(compile(m, 2), 2000, 50).failures != counted.failures);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_share_of_the_machines_is_always_the_same_machines) {
  Fault fault{.kind = FaultKind::kDnsServerFailure, .one_in = 10, .share = Share::kMachines};
  const Counted counted = count(compile(with_fault(fault)), 2000, 50);
  BOOST_TEST(counted.failures == counted.machines * 50);
  BOOST_TEST(std::abs(counted.machines - 200) < 4 * std::sqrt(200.0));
  // Another seed and another name choose others.
  const CompiledNetwork net = compile(with_fault(fault));
  fault.seed = 77;
  const CompiledNetwork seeded = compile(with_fault(fault));
  fault.seed = 0;
  fault.name = "other";
  const CompiledNetwork named = compile(with_fault(fault));
  int same_seeded = 0;
  int same_named = 0;
  const Profile profile = net.profile(kPc);
  for (MachineId id = 1; id <= 2000; ++id) {
    const bool hit = !net.lookup({profile, id}, kNow).verdict.ok();
    same_seeded += hit && !seeded.lookup({profile, id}, kNow).verdict.ok() ? 1 : 0;
    same_named += hit && !named.lookup({profile, id}, kNow).verdict.ok() ? 1 : 0;
  }
  BOOST_TEST(same_seeded < 50);
  BOOST_TEST(same_named < 50);
}

BOOST_AUTO_TEST_CASE(the_draws_are_pinned) {
  // Equal on every compiler: worlds of one seed have one history.
  const CompiledNetwork net =
      compile(with_fault({.name = "pin", .kind = FaultKind::kDnsServerFailure, .one_in = 4}));
  std::string drawn;
  const Profile profile = net.profile(kPc);
  for (MachineId id = 1; id <= 40; ++id)
    drawn += net.lookup({profile, id}, kNow).verdict.ok() ? '.' : 'x';
  BOOST_TEST(drawn == "x.x.xx....x...x..x.x.....x...xxx....xx..");
}

BOOST_AUTO_TEST_CASE(the_attempts_of_one_machine_at_several_hosts_are_several) {
  const CompiledNetwork net = compile(with_fault({.one_in = 2}));
  const Profile pc = net.profile(kPc);
  const Profile kms = net.profile(kKms);
  int differ = 0;
  for (MachineId id = 1; id <= 100; ++id) {
    const bool a = net.reach({pc, id}, {kms, 1001}, kKmsPort, kNow).ok();
    const bool b = net.reach({pc, id}, {kms, 1002}, kKmsPort, kNow).ok();
    differ += a != b ? 1 : 0;
  }
  BOOST_TEST(differ > 25);
  BOOST_TEST(differ < 75);
}

BOOST_AUTO_TEST_CASE(the_last_link_that_fits_decides_either_way) {
  const auto reach = [](std::vector<Link> links, const char* from, const char* to) {
    Model m;
    m.links = std::move(links);
    const CompiledNetwork net = compile(m);
    const Profile a = net.profile({"A", from, "contoso.com", "kms-client"});
    const Profile b = net.profile({"B", to, "contoso.com", "kms-host"});
    const bool there = net.reach({a, 1}, {b, 2}, kKmsPort, kNow).ok();
    BOOST_TEST(net.reach({b, 2}, {a, 1}, kKmsPort, kNow).ok() == there);
    return there;
  };
  const std::vector<Link> cut = {{"Lab", "*", false}};
  const std::vector<Link> bridged = {{"Lab", "*", false}, {"ulm", "LAB", true}};
  const std::vector<Link> inside = {{"Lab", "*", false}, {"Lab", "Lab", true}};
  const struct {
    const char* why;
    const std::vector<Link>& links;
    const char* from;
    const char* to;
    bool reach;
  } kCases[] = {
      {"no link is every link", {}, "Lab", "Ulm", true},
      {"a site cut off", cut, "Lab", "Ulm", false},
      {"the others reach each other", cut, "Rom", "Ulm", true},
      {"a star holds the site itself", cut, "Lab", "Lab", false},
      {"unless a later link says so", inside, "Lab", "Lab", true},
      {"and the default site", cut, "Lab", "Default-First-Site-Name", false},
      {"one link open again", bridged, "Lab", "Ulm", true},
      {"and only that one", bridged, "Lab", "Rom", false},
      {"no route over a third site", bridged, "Rom", "Lab", false},
  };
  for (const auto& c : kCases)
    BOOST_TEST_CONTEXT(c.why) BOOST_TEST(reach(c.links, c.from, c.to) == c.reach);
}

BOOST_AUTO_TEST_CASE(the_last_port_rule_that_fits_decides_one_way) {
  const Match pcs = match("PC*");
  const Match kms = match("role=kms-host");
  const std::vector<PortRule> closed = {{pcs, kms, 1688, false}};
  const std::vector<PortRule> all = {{{}, kms, 0, false}, {match("PC1"), kms, 1700, true}};
  const struct {
    const char* why;
    const std::vector<PortRule>& rules;
    const Traits& from;
    const Traits& to;
    std::uint16_t port;
    bool reach;
  } kCases[] = {
      {"no rule", {}, kPc, kKms, 1688, true},
      {"a closed port", closed, kPc, kKms, 1688, false},
      {"another port", closed, kPc, kKms, 1689, true},
      {"the other way", closed, kKms, kPc, 1688, true},
      {"every port", all, kPc, kKms, 1688, false},
      {"an exception behind it", all, kPc, kKms, 1700, true},
      {"not for others", all, kKms, kKms, 1700, false},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      Model m;
      m.ports = c.rules;
      const CompiledNetwork net = compile(m);
      const Profile a = net.profile(c.from);
      const Profile b = net.profile(c.to);
      const Verdict verdict = net.reach({a, 1}, {b, 2}, c.port, kNow);
      BOOST_TEST(verdict.code == (c.reach ? kOk : kUnavailable));
      BOOST_TEST(net.describe(verdict).empty() == c.reach);
      // Nothing stands between a machine and itself.
      BOOST_TEST(net.reach({a, 2}, {b, 2}, c.port, kNow).ok());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_site_without_internet_keeps_its_machines_from_the_service) {
  const CompiledNetwork net = compile(rich_model());
  BOOST_TEST(ask(net, kKms, kPc).service == HResult::kErrorInternetNameNotResolved);
  BOOST_TEST(ask(net, kPc, kKms).service == kOk);
  BOOST_TEST(net.describe(net.service({net.profile(kKms), 1}, kNow)) ==
             "the site has no way to the Internet");
}

BOOST_AUTO_TEST_CASE(clocks_run_ahead_and_behind_by_the_sum_of_their_faults) {
  Model m;
  const auto skew = [&](const char* who, std::int32_t by, Window window = {}) {
    BOOST_REQUIRE(
        add_fault(m,
                  {.kind = FaultKind::kClockSkew, .who = match(who), .window = window, .skew = by})
            .has_value());
  };
  skew("PC*", 300);
  skew("site=Ulm", -60);
  skew("PC*", 1000, {{}, kNow});
  skew("OLD", -kMaxSkew);
  const CompiledNetwork net = compile(m);
  const Profile pc = net.profile(kPc);
  BOOST_TEST(net.skew({pc, 1}, kNow) == 240);
  BOOST_TEST((net.clock_of({pc, 1}, kNow) == kNow + minutes(240)));
  BOOST_TEST(net.skew({pc, 1}, FileTime{kNow.ticks - 1}) == 1240);
  const Profile kms = net.profile(kKms);
  BOOST_TEST((net.clock_of({kms, 2}, kNow) == kNow));
  BOOST_TEST((net.clock_of({pc, 1}, kMaxFileTime) == kMaxFileTime));
  const std::vector<FileTime> turns{kNow};
  BOOST_TEST((net.clock_turns() == turns));
  BOOST_TEST(compile(found()).clock_turns().empty());
  const Profile old = net.profile({"OLD", "x", "", "mak"});
  BOOST_TEST((net.clock_of({old, 3}, FileTime{100}) == FileTime{1}));
}

BOOST_AUTO_TEST_CASE(machines_that_no_rule_tells_apart_share_a_profile) {
  const CompiledNetwork net = compile(rich_model());
  Profiles profiles(net);
  for (int i = 0; i < 1000; ++i) {
    const std::string name = (i % 2 != 0 ? "PC" : "SRV") + std::to_string(i);
    const std::uint32_t number =
        profiles.add({name, i % 3 == 0 ? "Ulm" : "Rom", "contoso.com", "kms-client"});
    BOOST_TEST((profiles[number] ==
                net.profile({name, i % 3 == 0 ? "Ulm" : "Rom", "contoso.com", "kms-client"})));
  }
  BOOST_TEST(profiles.size() == 4u);
  BOOST_TEST(profiles.add({"PC1", "Rom", "fabrikam.com", "kms-client"}) == 4u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::world::net
