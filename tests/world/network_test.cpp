// The network at work: what machines of a world get when they look for KMS hosts, publish, ask and
// activate, with each trouble and a control beside it.
#include "world/network.hpp"

#include <functional>

#include "provider/event_record.hpp"
#include "registry/value.hpp"
#include "tests/world/fixture.hpp"
#include "tests/world/net_fixture.hpp"
#include "world/event_logs.hpp"
#include "world/net/lookup.hpp"
#include "world/remote.hpp"

namespace slwmi::world {
namespace {

using test::connect;
using test::must;

constexpr std::string_view kSl =
    "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
constexpr std::string_view kServiceSl =
    "HKEY_USERS\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";

std::string installed(Session& session) {
  const auto rows = must(
      session.query("SELECT ID FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"));
  BOOST_REQUIRE(!rows.empty());
  return "SoftwareLicensingProduct.ID=\"" + std::string(rows.front().get("ID").as_text()) + "\"";
}

HResult activate(World& world, std::string_view machine) {
  Session session = connect(world, machine);
  const auto done = session.call(installed(session), "Activate", {});
  return done ? HResult::kSOk : done.error().code;
}

std::uint32_t requests(World& world, std::string_view machine) {
  Session session = connect(world, machine);
  const auto rows =
      must(session.query("SELECT KeyManagementServiceTotalRequests FROM SoftwareLicensingService"));
  const cim::Value total = rows.front().get("KeyManagementServiceTotalRequests");
  return total.as_uint32() == 0xFFFFFFFFu ? 0 : total.as_uint32();
}

void set(World& world, std::string_view machine, std::string_view name,
         const reg::ValueData& data) {
  auto registry =
      must(must(world.machine(machine)).registry(must(find_principal("administrator"))));
  must(registry.set(kSl, name, data));
}

std::string value(World& world, std::string_view machine, std::string_view path,
                  std::string_view name) {
  auto registry = must(must(world.machine(machine)).registry(must(find_principal("system"))));
  const auto found = registry.get(path, name);
  return found ? reg::as_string(found->view()).value_or("(no text)") : "(none)";
}

// "KMS1.contoso.com:1688 OLD.contoso.com:1688"
std::string records(World& world, std::string_view domain = "contoso.com") {
  const auto model = must(world.network());
  const net::ServiceName* const name = net::find_name(*model, domain);
  std::string out;
  if (name == nullptr) return "no name";
  for (const net::SrvRecord& record : name->records)
    out += (out.empty() ? "" : " ") + record.host + ":" + std::to_string(record.port);
  return out;
}

void change(World& world, const std::function<void(net::Model&)>& edit) {
  must(world.change_network([&](net::Model& model) -> Result<> {
    edit(model);
    return {};
  }));
}

void fault(World& world, net::FaultKind kind, std::string_view who = "all",
           std::string_view at = "all") {
  change(world, [&](net::Model& model) {
    must(net::add_fault(model, {.kind = kind, .who = net::match(who), .at = net::match(at)}));
  });
}

// PC1, and an activated host that it finds.
std::unique_ptr<World> lab() {
  auto world = must(World::in_memory(7));
  must(world->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host", .site = "Lab"}));
  must(world->add_machine({.name = "PC1", .site = "Ulm"}));
  BOOST_REQUIRE(activate(*world, "KMS1") == HResult::kSOk);
  return world;
}

BOOST_AUTO_TEST_SUITE(network)

// covers: registry.EnableKmsLowPriority
BOOST_AUTO_TEST_CASE(each_trouble_of_an_activation_has_its_code_and_only_some_reach_the_host) {
  const struct {
    const char* why;
    HResult code;
    bool counted;
    std::function<void(World&)> spoil;
  } kCases[] = {
      {"nothing is wrong but the count", HResult::kSlEVlNotEnoughCount, true, [](World&) {}},
      {"the DNS server fails", HResult::kDnsErrorRcodeServerFailure, false,
       [](World& w) { fault(w, net::FaultKind::kDnsServerFailure, "PC1"); }},
      {"it fails for others", HResult::kSlEVlNotEnoughCount, true,
       [](World& w) { fault(w, net::FaultKind::kDnsServerFailure, "PC2"); }},
      {"the record was removed", HResult::kDnsErrorRcodeNameError, false,
       [](World& w) {
         change(w, [](net::Model& m) { must(net::remove_records(m, "contoso.com", "")); });
       }},
      {"DNS denies the name", HResult::kDnsErrorRcodeNameError, false,
       [](World& w) { fault(w, net::FaultKind::kDnsNameMissing, "site=Ulm"); }},
      {"the name has other records only", HResult::kDnsInfoNoRecords, false,
       [](World& w) {
         change(w, [](net::Model& m) {
           must(net::set_other_records(m, "contoso.com", true));
           must(net::remove_records(m, "contoso.com", ""));
         });
       }},
      {"DNS has no records for this client", HResult::kDnsInfoNoRecords, false,
       [](World& w) { fault(w, net::FaultKind::kDnsNoRecords, "role=kms-client"); }},
      {"no DNS server is configured", HResult::kDnsErrorNoDnsServers, false,
       [](World& w) { fault(w, net::FaultKind::kNoDnsServers, "PC1"); }},
      {"no primary suffix", HResult::kErrorInvalidName, false,
       [](World& w) { fault(w, net::FaultKind::kNoDnsSuffix, "PC1"); }},
      {"another domain has no host", HResult::kDnsErrorRcodeNameError, false,
       [](World& w) { must(w.move_machine("PC1", "fabrikam.com", "")); }},
      {"the host is gone, its record stale", HResult::kRpcSServerUnavailable, false,
       [](World& w) {
         must(w.add_machine({.name = "KMS2", .os = "2008", .role = "kms-host"}));
         must(w.remove_machine("KMS2"));
         change(w, [](net::Model& m) {
           must(net::remove_records(m, "contoso.com", "KMS1.contoso.com"));
         });
       }},
      {"the record has another port", HResult::kRpcSServerUnavailable, false,
       [](World& w) {
         change(w, [](net::Model& m) {
           net::find_zone(m, "contoso.com")->names[0].records[0].port = 1700;
         });
       }},
      {"the port is closed at the host", HResult::kRpcSServerUnavailable, false,
       [](World& w) {
         change(w, [](net::Model& m) { m.ports.push_back({{}, net::match("KMS1"), 1688}); });
       }},
      {"another port is closed", HResult::kSlEVlNotEnoughCount, true,
       [](World& w) {
         change(w, [](net::Model& m) { m.ports.push_back({{}, net::match("KMS1"), 1689}); });
       }},
      {"the sites have no link", HResult::kRpcSServerUnavailable, false,
       [](World& w) {
         change(w, [](net::Model& m) { m.links.push_back({"Ulm", "Lab", false}); });
       }},
      {"the host does not answer", HResult::kRpcSServerUnavailable, false,
       [](World& w) { fault(w, net::FaultKind::kHostUnreachable, "all", "role=kms-host"); }},
      {"the response is lost", HResult::kSlEVlBindingServiceNotEnabled, true,
       [](World& w) { fault(w, net::FaultKind::kResponseLost, "site=Ulm", "KMS1"); }},
      {"the host has much to do", HResult::kSlEVlNotEnoughCount, true,
       [](World& w) { fault(w, net::FaultKind::kHostBusy, "PC1", "KMS1"); }},
      {"the host has low priority", HResult::kSlEVlNotEnoughCount, true,
       [](World& w) { set(w, "KMS1", "EnableKmsLowPriority", reg::make_dword(1)); }},
      {"it has both", HResult::kSlEVlBindingServiceNotEnabled, false,
       [](World& w) {
         set(w, "KMS1", "EnableKmsLowPriority", reg::make_dword(1));
         fault(w, net::FaultKind::kHostBusy, "PC1", "KMS1");
       }},
      {"the client's clock is five hours ahead", HResult::kSlEMismatchedProductSku, false,
       [](World& w) {
         change(w, [](net::Model& m) {
           must(net::add_fault(
               m, {.kind = net::FaultKind::kClockSkew, .who = net::match("PC1"), .skew = 300}));
         });
       }},
      {"the host's clock is, too", HResult::kSlEVlNotEnoughCount, true,
       [](World& w) {
         change(w, [](net::Model& m) {
           must(net::add_fault(m, {.kind = net::FaultKind::kClockSkew, .skew = 300}));
         });
       }},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      auto world = lab();
      c.spoil(*world);
      BOOST_TEST(activate(*world, "PC1") == c.code);
      const bool there = world->machine("KMS1").has_value();
      BOOST_TEST((there && requests(*world, "KMS1") == 1) == c.counted);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_activation_service_may_be_out_of_reach) {
  const struct {
    const char* why;
    HResult code;
    std::function<void(World&)> spoil;
  } kCases[] = {
      {"nothing is wrong", HResult::kSOk, [](World&) {}},
      {"it is not found", HResult::kErrorInternetNameNotResolved,
       [](World& w) { fault(w, net::FaultKind::kServiceUnreachable, "MAK1"); }},
      {"it does not answer", HResult::kErrorInternetTimeout,
       [](World& w) { fault(w, net::FaultKind::kServiceTimeout, "role=mak"); }},
      {"others do not find it", HResult::kSOk,
       [](World& w) { fault(w, net::FaultKind::kServiceTimeout, "role=retail"); }},
      {"the site has no way to it", HResult::kErrorInternetNameNotResolved,
       [](World& w) {
         change(w, [](net::Model& m) { must(net::ensure_site(m, "Lab"))->internet = false; });
       }},
      {"another site has none", HResult::kSOk,
       [](World& w) {
         change(w, [](net::Model& m) { must(net::ensure_site(m, "Ulm"))->internet = false; });
       }},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      auto world = must(World::in_memory(7));
      must(world->add_machine({.name = "MAK1", .role = "mak", .site = "Lab"}));
      c.spoil(*world);
      BOOST_TEST(activate(*world, "MAK1") == c.code);
      Session session = connect(*world, "MAK1");
      const auto ticket = session.call(
          "SoftwareLicensingService.Version=\"6.0.6001.18000\"", "AcquireGenuineTicket",
          {{"TemplateId", cim::Value::text("t")}, {"ServerUrl", cim::Value::text("u")}});
      BOOST_TEST((ticket ? HResult::kSOk : ticket.error().code) == c.code);
    }
  }
}

BOOST_AUTO_TEST_CASE(new_hosts_are_in_dns_and_remember_what_they_wrote) {
  auto world = lab();
  BOOST_TEST(records(*world) == "KMS1.contoso.com:1688");
  BOOST_TEST(value(*world, "KMS1", kServiceSl, "KeyManagementServiceRegisteredHostName") ==
             "KMS1.contoso.com");
  BOOST_TEST(value(*world, "KMS1", kServiceSl, "KeyManagementServiceRegisteredDomainName") ==
             "contoso.com");
  BOOST_TEST(value(*world, "KMS1", kServiceSl, "KeyManagementServiceRegisteredPortNumber") ==
             "1688");
  const std::vector<MachineSpec> more = {
      {.name = "PC2"},
      {.name = "KMS2", .os = "2008", .role = "kms-host", .domain = "fabrikam.com"},
      {.name = "KMS3", .os = "2008", .role = "KMS-host"}};
  must(world->add_machines(more));
  BOOST_TEST(records(*world) == "KMS1.contoso.com:1688 KMS3.contoso.com:1688");
  BOOST_TEST(records(*world, "fabrikam.com") == "KMS2.fabrikam.com:1688");
  BOOST_TEST(must(world->lookup(must(world->machine("PC1")))).size() == 2u);
  BOOST_TEST(must(world->lookup(must(world->machine("PC1")), "fabrikam.com")).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_restart_publishes_what_the_registry_says_by_then) {
  auto world = lab();
  set(*world, "KMS1", "KeyManagementServiceListeningPort", reg::make_sz("1700"));
  set(*world, "KMS1", "DnsDomainPublishList",
      reg::make_multi_sz(std::vector<std::string>{"fabrikam.com", "nowhere.example"}));
  must(world->add_machine({.name = "PC2", .domain = "fabrikam.com"}));
  BOOST_TEST(records(*world) == "KMS1.contoso.com:1688");
  must(must(world->machine("KMS1")).restart());
  BOOST_TEST(records(*world) == "KMS1.contoso.com:1700");
  BOOST_TEST(records(*world, "fabrikam.com") == "KMS1.contoso.com:1700");
  BOOST_TEST(records(*world, "nowhere.example") == "no name");  // nobody's zone
  BOOST_TEST(activate(*world, "PC2") == HResult::kSlEVlNotEnoughCount);
  set(*world, "KMS1", "DisableDnsPublishing", reg::make_dword(1));
  change(*world, [](net::Model& m) { must(net::remove_records(m, "contoso.com", "")); });
  must(must(world->machine("KMS1")).restart());
  BOOST_TEST(records(*world) == "no name");
}

BOOST_AUTO_TEST_CASE(zones_refuse_hosts_until_their_permissions_are_changed) {
  const struct {
    const char* why;
    net::Updates updates;
    const char* before;
    const char* after;  // KMS2 was given the right, and restarted
  } kCases[] = {
      {"only the first host", net::Updates::kFirstHost, "KMS1.contoso.com:1688",
       "KMS1.contoso.com:1688 KMS2.contoso.com:1688"},
      {"a server that restricts writing", net::Updates::kRefused, "no name",
       "KMS2.contoso.com:1688"},
      {"a server without dynamic updates", net::Updates::kUnsupported, "no name", "no name"},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      auto world = must(World::in_memory(7));
      change(*world,
             [&](net::Model& m) { must(net::ensure_zone(m, "contoso.com"))->updates = c.updates; });
      must(world->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host"}));
      must(world->add_machine({.name = "KMS2", .os = "2008", .role = "kms-host"}));
      BOOST_TEST(records(*world) == c.before);
      change(*world, [](net::Model& m) { net::find_zone(m, "contoso.com")->writers = {"KMS2"}; });
      must(must(world->machine("KMS2")).restart());
      BOOST_TEST(records(*world) == c.after);
    }
  }
}

BOOST_AUTO_TEST_CASE(how_each_update_ended_is_told) {
  const struct {
    HResult code;
    std::function<void(World&)> spoil;
  } kCases[] = {
      {HResult::kSOk, [](World&) {}},
      {HResult::kDnsErrorRcodeServerFailure,
       [](World& w) { fault(w, net::FaultKind::kDnsServerFailure, "KMS1"); }},
      {HResult::kDnsErrorNoDnsServers,
       [](World& w) { fault(w, net::FaultKind::kNoDnsServers, "role=kms-host"); }},
      {HResult::kDnsErrorRcodeRefused,
       [](World& w) { fault(w, net::FaultKind::kDnsUpdateRefused, "KMS1"); }},
      {HResult::kDnsErrorRcodeNotImplemented,
       [](World& w) {
         change(w, [](net::Model& m) {
           net::find_zone(m, "contoso.com")->updates = net::Updates::kUnsupported;
         });
       }},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(to_hex(c.code)) {
      auto world = lab();
      c.spoil(*world);
      const Machine host = must(world->machine("KMS1"));
      must(host.restart());
      const auto told = must(host.events({.ids = {12293, 12294}}));
      BOOST_REQUIRE(told.size() == 2u);  // of its first start, and now
      BOOST_TEST(told[0].id() == 12294u);
      BOOST_TEST(told[1].code.value_or(HResult::kSOk) == c.code);
      BOOST_TEST(told[1].parameters.back() == "contoso.com");
      BOOST_TEST(records(*world) == "KMS1.contoso.com:1688");  // of its first start
    }
  }
}

BOOST_AUTO_TEST_CASE(a_rename_publishes_again_and_leaves_a_stale_record) {
  auto world = lab();
  must(world->rename_machine("KMS1", "KMS9"));
  BOOST_TEST(records(*world) == "KMS1.contoso.com:1688 KMS9.contoso.com:1688");
  BOOST_TEST(value(*world, "KMS9", kServiceSl, "KeyManagementServiceRegisteredHostName") ==
             "KMS9.contoso.com");
  BOOST_TEST(!must(world->find_host("KMS1.contoso.com")).has_value());
  // The client passes over the stale record.
  BOOST_TEST(activate(*world, "PC1") == HResult::kSlEVlNotEnoughCount);
  BOOST_TEST(requests(*world, "KMS9") == 1u);
  set(*world, "PC1", "KeyManagementServiceName", reg::make_sz("kms1.contoso.com"));
  BOOST_TEST(activate(*world, "PC1") == HResult::kRpcSServerUnavailable);
  // A machine that is installed with the old name is found by the old record.
  must(world->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host"}));
  BOOST_TEST(records(*world) == "KMS1.contoso.com:1688 KMS9.contoso.com:1688");
  BOOST_TEST(activate(*world, "KMS1") == HResult::kSOk);
  BOOST_TEST(activate(*world, "PC1") == HResult::kSlEVlNotEnoughCount);
  BOOST_TEST(requests(*world, "KMS1") == 1u);
}

BOOST_AUTO_TEST_CASE(renames_and_moves_check_their_names) {
  auto world = lab();
  const std::string before = must(world->digest());
  BOOST_TEST(net::code_of(world->rename_machine("PC1", "kms1")) == HResult::kErrorAlreadyExists);
  BOOST_TEST(net::code_of(world->rename_machine("PC1", "a b")) == HResult::kErrorInvalidName);
  BOOST_TEST(net::code_of(world->rename_machine("PC7", "PC8")) == HResult::kErrorNotFound);
  BOOST_TEST(net::code_of(world->move_machine("PC1", "a..b", "")) == HResult::kErrorInvalidName);
  BOOST_TEST(net::code_of(world->move_machine("PC1", "", "a b")) == HResult::kErrorInvalidName);
  BOOST_TEST(net::code_of(world->add_machine({.name = "X", .site = "*"}).map([](const Machine&) {
             })) == HResult::kErrorInvalidName);
  BOOST_TEST(must(world->digest()) == before);
  must(world->rename_machine("PC1", "pc1"));
  BOOST_TEST(must(must(world->machine("PC1")).name()) == "pc1");
  BOOST_TEST(must(must(world->machine("PC1")).site()) == "Ulm");
  must(world->move_machine("PC1", "", "Bonn"));
  BOOST_TEST(must(must(world->machine("PC1")).site()) == "Bonn");
  must(world->add_machine({.name = "PC2"}));
  BOOST_TEST(must(must(world->machine("PC2")).site()) == net::kDefaultSite);
  const auto sites = must(world->sites());
  BOOST_REQUIRE(sites.size() == 3u);
  BOOST_TEST(sites[0].name == "Bonn");
  BOOST_TEST(sites[1].name == net::kDefaultSite);
  BOOST_TEST(sites[2].machines == 1u);
}

BOOST_AUTO_TEST_CASE(a_fault_begins_and_ends_with_the_clock) {
  auto world = lab();
  const FileTime now = must(world->now());
  change(*world, [&](net::Model& model) {
    must(net::add_fault(model,
                        {.at = net::match("KMS1"), .window = {now + days(1), now + days(2)}}));
  });
  BOOST_TEST(activate(*world, "PC1") == HResult::kSlEVlNotEnoughCount);
  must(world->advance(24 * 60));
  BOOST_TEST(activate(*world, "PC1") == HResult::kRpcSServerUnavailable);
  must(world->advance(24 * 60 - 1));
  BOOST_TEST(activate(*world, "PC1") == HResult::kRpcSServerUnavailable);
  must(world->advance(1));
  BOOST_TEST(activate(*world, "PC1") == HResult::kSlEVlNotEnoughCount);
}

BOOST_AUTO_TEST_CASE(a_machine_sees_its_own_clock) {
  auto world = lab();
  Session open = connect(*world, "PC1");
  const auto status = [](Session& session) {
    return must(session.query("SELECT LicenseStatus FROM SoftwareLicensingProduct WHERE "
                              "PartialProductKey IS NOT NULL"))
        .front()
        .get("LicenseStatus")
        .as_uint32();
  };
  BOOST_TEST(status(open) == 2u);
  change(*world, [](net::Model& model) {
    must(net::add_fault(
        model,
        {.kind = net::FaultKind::kClockSkew, .who = net::match("PC1"), .skew = 31 * 24 * 60}));
  });
  BOOST_TEST(status(open) == 5u);  // its initial grace period is over
  must(world->add_machine({.name = "PC2"}));
  must(world->advance(1));
  BOOST_TEST(status(open) == 5u);
  Session fresh = connect(*world, "PC1"), other = connect(*world, "PC2");
  BOOST_TEST(status(fresh) == 5u);
  BOOST_TEST(status(other) == 2u);
}

BOOST_AUTO_TEST_CASE(names_lead_to_machines) {
  auto world = lab();
  must(world->add_machine({.name = "FREE", .domain = ""}));
  const struct {
    const char* name;
    const char* machine;
  } kCases[] = {
      {"KMS1.contoso.com", "KMS1"},
      {"kms1.CONTOSO.com", "KMS1"},
      {"kms1.contoso.com.", "KMS1"},
      {"kms1", "KMS1"},
      {"kms1.fabrikam.com", ""},
      {"kms1.sub.contoso.com", ""},
      {"kms2.contoso.com", ""},
      {"", ""},
      {"free", "FREE"},
      {"free.contoso.com", ""},
      {"10.0.0.1", ""},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.name) {
      const auto found = must(world->find_host(c.name));
      BOOST_TEST((found ? must(found->name()) : "") == c.machine);
    }
  }
  BOOST_TEST(net::code_of(world->reach(must(world->machine("PC1")), "kms1", 1688)) ==
             HResult::kSOk);
  BOOST_TEST(net::code_of(world->reach(must(world->machine("PC1")), "kms2", 1688)) ==
             HResult::kRpcSServerUnavailable);
}

BOOST_AUTO_TEST_CASE(remote_connections_take_the_same_way) {
  auto world = lab();
  const Machine pc = must(world->machine("PC1"));
  const Principal admin = must(find_principal("administrator"));
  BOOST_TEST(connect_remote(pc, admin, {.machine = "KMS1"}).has_value());
  change(*world, [](net::Model& m) { m.ports.push_back({{}, net::match("KMS1"), 135}); });
  const auto refused = connect_remote(pc, admin, {.machine = "KMS1"});
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().code == HResult::kRpcSServerUnavailable);
  BOOST_TEST(connect_remote(pc, admin, {.machine = "PC1"}).has_value());  // itself
}

BOOST_AUTO_TEST_CASE(changes_that_break_a_rule_change_nothing) {
  auto world = lab();
  const std::string before = must(world->digest());
  const auto wrong = world->change_network([](net::Model& model) -> Result<> {
    model.links.push_back({"Ulm", "", false});
    return {};
  });
  BOOST_TEST(net::code_of(wrong) == HResult::kEInvalidarg);
  const auto failed_half = world->change_network([](net::Model& model) -> Result<> {
    model.links.push_back({"Ulm", "*", false});
    return fail(HResult::kEFail, "no");
  });
  BOOST_TEST(net::code_of(failed_half) == HResult::kEFail);
  BOOST_TEST(must(world->digest()) == before);
  BOOST_TEST(must(world->network())->links.empty());
}

BOOST_AUTO_TEST_CASE(snapshots_and_other_handles_see_the_network) {
  const test::Folder folder;
  auto one = must(World::open(folder.file()));
  auto two = must(World::open(folder.file()));
  must(one->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host"}));
  BOOST_TEST(records(*two) == "KMS1.contoso.com:1688");
  must(one->snapshot("fresh"));
  const std::string before = must(one->digest());
  fault(*two, net::FaultKind::kDnsServerFailure);
  BOOST_TEST(must(one->network())->faults.size() == 1u);
  BOOST_TEST(must(one->digest()) != before);
  must(one->restore("fresh"));
  BOOST_TEST(must(two->network())->faults.empty());
  BOOST_TEST(records(*two) == "KMS1.contoso.com:1688");
  BOOST_TEST(must(two->digest()) == before);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::world
