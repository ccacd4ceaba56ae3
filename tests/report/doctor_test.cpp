// VA2's troubleshooting tables, row by row: a world is driven into the problem, the troubleshooter
// shows it, the guide's cure is taken, and it shows it no more.
#include "report/doctor.hpp"

#include <set>

#include <boost/test/unit_test.hpp>

#include "provider/activation_service.hpp"
#include "provider/firmware.hpp"
#include "tests/world/kms_lab.hpp"
#include "world/net/dns.hpp"

using namespace slwmi;
using namespace slwmi::report;
using world::net::FaultKind;
using world::test::KmsLab;
using world::test::must;

namespace {

using Step = std::function<void(KmsLab&)>;

Diagnosis diagnosis(KmsLab& lab, const char* machine) {
  return must(diagnose(*lab.world, lab.machine(machine).id()));
}

const Finding* trouble(const Diagnosis& diagnosis, Issue issue, std::string_view check) {
  for (const Finding& each : diagnosis.findings)
    if (each.issue == issue && each.check == check && each.kind == Finding::Kind::kTrouble)
      return &each;
  return nullptr;
}

void activate(KmsLab& lab, const char* machine) { KmsLab::must(lab.activate(machine)); }
void try_to_activate(KmsLab& lab, const char* machine) { static_cast<void>(lab.activate(machine)); }
void install(KmsLab& lab, const char* machine, std::string_view channel, std::uint32_t serial = 2) {
  KmsLab::must(lab.install(machine, lab.key(channel, serial)));
}
void set_zone(KmsLab& lab, world::net::Updates updates) {
  lab.change([&](world::net::Model& model) {
    must(world::net::ensure_zone(model, "contoso.com"))->updates = updates;
  });
}
void add_record(KmsLab& lab, const std::string& host) {
  lab.change([&](world::net::Model& model) {
    must(world::net::add_record(model, "contoso.com", {host}));
  });
}
void set_kms(KmsLab& lab, const char* name, const char* value) {
  lab.set("PC1", licensing::paths::kSl, name, reg::make_sz(value));
}
void forget_kms(KmsLab& lab) {
  auto registry = must(lab.machine("PC1").registry(must(find_principal("system"))));
  reg::Key key = must(registry.open(licensing::paths::kSl, reg::access::kAllAccess));
  must(key.remove_value("KeyManagementServiceName"));
}
void cut_off(KmsLab& lab) {
  lab.fault(FaultKind::kHostUnreachable, "PC1");
  try_to_activate(lab, "PC1");
}
void reconnect(KmsLab& lab) {
  lab.no_faults();
  activate(lab, "PC1");
}
// SRV5 comes from an image of SRV1 that nobody generalized.
void clone(KmsLab& lab) {
  lab.add({.name = "SRV5", .os = "2008"});
  auto from = must(lab.machine("SRV1").registry(must(find_principal("system"))));
  auto to = must(lab.machine("SRV5").registry(must(find_principal("system"))));
  const reg::Key store = must(from.open(licensing::paths::kStore));
  for (const reg::ValueEntry& value : must(store.values()))
    must(to.set(licensing::paths::kStore, value.name, value.data));
  try_to_activate(lab, "SRV5");
}
void mend_clone(KmsLab& lab) {
  must(lab.machine("SRV5").generalize());
  try_to_activate(lab, "SRV5");
}

const struct {
  Issue issue;
  const char* check;
  const char* why;
  const char* machine;
  Step spoil, cure;
  const char* what;  // part of what the finding says
  const char* advice = "";
} kCases[] = {
    {Issue::kKmsActivated, "state", "a new client", "PC1", [](KmsLab&) {},
     [](KmsLab& lab) { activate(lab, "PC1"); }, "not activated: Initial grace", "slmgr /ato"},
    {Issue::kKmsWillNotActivate, "threshold", "a Vista client needs 25", "VISTA",
     [](KmsLab& lab) { lab.add({.name = "VISTA"}); },
     [](KmsLab& lab) {
       for (int i = 0; i < 20; ++i) {
         const std::string name = "V" + std::to_string(i);
         lab.add({.name = name});
         try_to_activate(lab, name.c_str());
       }
       activate(lab, "VISTA");
     },
     "The count of KMS1.contoso.com is 4; this client needs 25", "physical computers"},
    {Issue::kKmsWillNotActivate, "event 12289", "the attempt failed", "PC1", cut_off, reconnect,
     "ended with 0x800706BA"},
    {Issue::kKmsWillNotActivate, "KMS host name", "a name that nobody has", "PC1",
     [](KmsLab& lab) { set_kms(lab, "KeyManagementServiceName", "kms9.contoso.com"); }, forget_kms,
     "No machine is called kms9.contoso.com", "slmgr /ckms"},
    {Issue::kKmsWillNotActivate, "KMS host name", "no record in DNS", "PC1",
     [](KmsLab& lab) { lab.remove_record("KMS1.contoso.com"); },
     [](KmsLab& lab) { add_record(lab, "KMS1.contoso.com"); }, "DNS answers 0x8007232B",
     "slmgr /skms"},
    {Issue::kKmsWillNotActivate, "KMS host name", "a name of a wrong type, which is passed over",
     "PC1",
     [](KmsLab& lab) {
       lab.remove_record("KMS1.contoso.com");
       lab.set("PC1", licensing::paths::kSl, "KeyManagementServiceName", reg::make_dword(1));
     },
     [](KmsLab& lab) { set_kms(lab, "KeyManagementServiceName", "KMS1"); }, "REG_SZ",
     "slmgr /skms"},
    {Issue::kKmsWillNotActivate, "KMS host name", "a machine that is no host", "PC1",
     [](KmsLab& lab) { set_kms(lab, "KeyManagementServiceName", "SRV1"); }, forget_kms,
     "SRV1 is no KMS host"},
    {Issue::kKmsWillNotActivate, "KMS port", "another port than the host listens on", "PC1",
     [](KmsLab& lab) {
       set_kms(lab, "KeyManagementServiceName", "KMS1");
       set_kms(lab, "KeyManagementServicePort", "1700");
     },
     [](KmsLab& lab) { set_kms(lab, "KeyManagementServicePort", "1688"); },
     "listens on port 1688, not on 1700", "slmgr /skms KMS1:1688"},
    {Issue::kKmsWillNotActivate, "KMS host accessible", "no way between the machines", "PC1",
     [](KmsLab& lab) { lab.fault(FaultKind::kHostUnreachable, "PC1"); },
     [](KmsLab& lab) { lab.no_faults(); }, "does not reach KMS1.contoso.com:1688"},
    {Issue::kKmsWillNotActivate, "firewall", "a closed port", "PC1",
     [](KmsLab& lab) {
       lab.change([](world::net::Model& model) { model.ports.push_back({{.name = "PC1"}, {}}); });
     },
     [](KmsLab& lab) { lab.change([](world::net::Model& model) { model.ports.clear(); }); },
     "does not reach KMS1.contoso.com:1688", "Open TCP port 1688"},
    {Issue::kKmsWillNotActivate, "event 12290", "the host has no entry of the request", "PC1",
     cut_off, reconnect, "No KMS host logged that request"},
    {Issue::kKmsWillNotActivate, "response", "the answer does not come back", "PC1",
     [](KmsLab& lab) {
       lab.fault(FaultKind::kResponseLost, "PC1");
       try_to_activate(lab, "PC1");
     },
     reconnect, "the client did not get the response", "stateful"},
    {Issue::kKmsWillNotActivate, "KMS host", "a host that was not activated", "PC1",
     [](KmsLab& lab) {
       lab.add({.name = "KMS2", .os = "2008", .role = "kms-host"});
       install(lab, "KMS2", "VOLUME_KMS");  // a new key is not activated yet
       set_kms(lab, "KeyManagementServiceName", "KMS2");
     },
     [](KmsLab& lab) { activate(lab, "KMS2"); }, "KMS2 is not activated"},
    {Issue::kKmsWillNotActivate, "KMS host", "a host whose hardware changed", "PC1",
     [](KmsLab& lab) { lab.happened("KMS1", licensing::EventKind::kHardwareChanged); },
     [](KmsLab& lab) { activate(lab, "KMS1"); }, "KMS1.contoso.com is not activated"},
    {Issue::kKmsActivated, "state", "a client that is not genuine", "PC1",
     [](KmsLab& lab) {
       activate(lab, "PC1");
       lab.happened("PC1", licensing::EventKind::kMarkedNonGenuine, true);
     },
     [](KmsLab& lab) { lab.happened("PC1", licensing::EventKind::kValidated, true); },
     "Non-genuine grace", "slwmi genuine validate PC1"},
    {Issue::kKmsErrorCode, "error code", "a client without a key", "PC1",
     [](KmsLab& lab) {
       KmsLab::must(lab.session("PC1").call(lab.product("PC1"), "UninstallProductKey"));
     },
     [](KmsLab& lab) { install(lab, "PC1", "VOLUME_KMSCLIENT"); }, "0xC004F014"},
    {Issue::kKmsErrorCode, "error code", "a code in event 12288", "PC1",
     [](KmsLab& lab) {
       lab.remove_record("KMS1.contoso.com");
       try_to_activate(lab, "PC1");
     },
     [](KmsLab& lab) {
       add_record(lab, "KMS1.contoso.com");
       activate(lab, "PC1");
     },
     "Event 12288 has 0x8007232B: "},
    {Issue::kNotCounted, "client machine ID", "a clone shares its ID", "SRV5", clone, mend_clone,
     "also that of SRV1.contoso.com", "sysprep /generalize"},
    {Issue::kNotCounted, "client machine IDs", "a host's clients share IDs", "KMS1", clone,
     mend_clone, "SRV1.contoso.com, SRV5.contoso.com", "slmgr /rearm"},
    {Issue::kNoDynamicDns, "service record", "a server without dynamic updates", "KMS2",
     [](KmsLab& lab) {
       set_zone(lab, world::net::Updates::kUnsupported);
       lab.add({.name = "KMS2", .os = "2008", .role = "kms-host"});
     },
     [](KmsLab& lab) { add_record(lab, "KMS2.contoso.com"); }, "refuses its update (0x8007232C)",
     "slwmi net record add contoso.com KMS2.contoso.com"},
    {Issue::kNoDynamicDns, "service record", "a server that restricts writing", "KMS2",
     [](KmsLab& lab) {
       set_zone(lab, world::net::Updates::kRefused);
       lab.add({.name = "KMS2", .os = "2008", .role = "kms-host"});
     },
     [](KmsLab& lab) {
       lab.change([](world::net::Model& model) {
         world::net::find_zone(model, "contoso.com")->writers = {"KMS2"};
       });
       must(lab.machine("KMS2").restart());
     },
     "refuses its update (0x8007232D)", "write access"},
    {Issue::kOnlyFirstHost, "service record", "the second host of a zone as installed", "KMS2",
     [](KmsLab& lab) {
       set_zone(lab, world::net::Updates::kFirstHost);
       lab.add({.name = "KMS2", .os = "2008", .role = "kms-host"});
     },
     [](KmsLab& lab) {
       set_zone(lab, world::net::Updates::kEveryHost);
       must(lab.machine("KMS2").restart());
     },
     "belongs to KMS1.contoso.com", "every-host"},
    {Issue::kKmsKeyOnClient, "product key", "a KMS key on a client", "PC1",
     [](KmsLab& lab) { install(lab, "PC1", "VOLUME_KMS"); },
     [](KmsLab& lab) { install(lab, "PC1", "VOLUME_KMSCLIENT"); }, "has a KMS key", "SETUPKEY"},
    {Issue::kKmsKeyOnClient, "service record", "what that key left in DNS", "PC1",
     [](KmsLab& lab) {
       install(lab, "PC1", "VOLUME_KMS");
       must(lab.machine("PC1").restart());
       add_record(lab, "PC1.contoso.com");
       install(lab, "PC1", "VOLUME_KMSCLIENT");
       must(lab.machine("PC1").restart());
     },
     [](KmsLab& lab) { lab.remove_record("PC1.contoso.com"); }, "DNS names it as a KMS host",
     "slwmi net record remove contoso.com PC1.contoso.com"},
    {Issue::kMakActivated, "state", "a new machine with a MAK", "MAK1",
     [](KmsLab& lab) { lab.add({.name = "MAK1", .os = "2008", .role = "mak"}); },
     [](KmsLab& lab) { activate(lab, "MAK1"); }, "not activated"},
    {Issue::kKmsActivated, "state", "a reset that waits for the restart", "PC1",
     [](KmsLab& lab) {
       KmsLab::must(lab.session("PC1").call(world::test::kService, "ReArmWindows"));
       try_to_activate(lab, "PC1");
     },
     [](KmsLab& lab) {
       must(lab.machine("PC1").restart());
       activate(lab, "PC1");
     },
     "not activated", "Restart it"},
    {Issue::kMakActivated, "state", "a trusted store that was altered", "MAK1",
     [](KmsLab& lab) {
       lab.add({.name = "MAK1", .os = "2008", .role = "mak"});
       activate(lab, "MAK1");
       lab.happened("MAK1", licensing::EventKind::kTampered);
     },
     [](KmsLab& lab) {
       lab.happened("MAK1", licensing::EventKind::kInstalled);
       install(lab, "MAK1", "VOLUME_MAK");
       activate(lab, "MAK1");
     },
     "not activated", "Install the operating system again"},
    {Issue::kMakActivated, "state", "an OEM machine whose firmware was replaced", "OEM1",
     [](KmsLab& lab) {
       lab.add({.name = "OEM1", .os = "vista-sp1", .role = "oem"});
       must(lab.machine("OEM1").replace_board(licensing::Firmware::kNone));
     },
     [](KmsLab& lab) { must(lab.machine("OEM1").replace_board(licensing::Firmware::kMarked)); },
     "Additional grace", "its firmware activates it"},
    {Issue::kMakNoInternet, "Internet", "no way to the activation service", "MAK1",
     [](KmsLab& lab) {
       lab.add({.name = "MAK1", .os = "2008", .role = "mak"});
       lab.fault(FaultKind::kServiceUnreachable, "MAK1");
       try_to_activate(lab, "MAK1");
     },
     [](KmsLab& lab) { KmsLab::must(lab.telephone("MAK1")); }, "does not reach", "telephone"},
    {Issue::kMakBothFail, "activation service", "a key that the service has blocked", "MAK1",
     [](KmsLab& lab) {
       lab.add({.name = "MAK1", .os = "2008", .role = "mak"});
       install(lab, "MAK1", "VOLUME_MAK", 7);
       must(lab.world->block_key(lab.key("VOLUME_MAK", 7)));
       try_to_activate(lab, "MAK1");
     },
     [](KmsLab& lab) {
       install(lab, "MAK1", "VOLUME_MAK", 8);
       activate(lab, "MAK1");
     },
     "refused the key (0xC004C003)", "Call the activation centre"},
    {Issue::kMakErrorCode, "error code", "a code in event 8198", "MAK1",
     [](KmsLab& lab) {
       lab.add({.name = "MAK1", .os = "2008", .role = "mak"});
       lab.fault(FaultKind::kServiceTimeout, "MAK1");
       try_to_activate(lab, "MAK1");
     },
     [](KmsLab& lab) {
       lab.no_faults();
       activate(lab, "MAK1");
     },
     "Event 8198 has 0x80072EE2: "},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(doctor)

// covers: Table 1 row 1, Table 1 row 2, Table 1 row 3, Table 1 row 4, Table 1 row 5, Table 1 row 6
// covers: Table 1 row 7, Table 2 row 1, Table 2 row 2, Table 2 row 3, Table 2 row 4
BOOST_AUTO_TEST_CASE(each_row_of_both_tables_is_found_and_cured) {
  std::set<Issue> met;
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(row_name(c.issue) << ", " << c.check << ": " << c.why) {
      KmsLab lab;
      c.spoil(lab);
      const Diagnosis before = diagnosis(lab, c.machine);
      const Finding* const finding = trouble(before, c.issue, c.check);
      BOOST_TEST_REQUIRE(finding != nullptr);
      BOOST_TEST(finding->what.find(c.what) != std::string::npos, finding->what);
      BOOST_TEST(finding->advice.find(c.advice) != std::string::npos, finding->advice);
      BOOST_TEST(!finding->advice.empty());
      BOOST_TEST(!before.is_well());
      c.cure(lab);
      BOOST_TEST((trouble(diagnosis(lab, c.machine), c.issue, c.check) == nullptr));
      met.insert(c.issue);
    }
  }
  BOOST_TEST(met.size() == kIssues);
}

BOOST_AUTO_TEST_CASE(what_works_has_no_trouble) {
  KmsLab lab;
  activate(lab, "PC1");
  for (const char* machine : {"PC1", "KMS1"}) {
    BOOST_TEST_CONTEXT(machine) {
      const Diagnosis well = diagnosis(lab, machine);
      BOOST_TEST(well.is_well());
      BOOST_TEST(well.findings.size() >= 3u);
      for (const auto& row : to_table(well, false).rows) BOOST_TEST(to_text(row[3]) == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(nobody_is_sent_to_activate_what_can_no_longer_be_activated) {
  using licensing::Channel;
  for (const Channel channel : {Channel::kKmsClient, Channel::kMak, Channel::kTimebasedEval}) {
    DoctorFacts facts;
    facts.channel = channel;
    facts.has_key = true;
    facts.status = {licensing::LicenseStatus::kUnlicensed, HResult::kSlEValidityTimeExpired, 0};
    const std::vector<Finding> found = judge(facts);
    BOOST_TEST(found.at(0).check == "state");
    BOOST_TEST(found.at(0).advice.find("permanent licence") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(nobody_is_sent_to_activate_what_waits_for_a_restart) {
  KmsLab lab;
  KmsLab::must(lab.session("PC1").call(world::test::kService, "ReArmWindows"));
  for (const Finding& each : diagnosis(lab, "PC1").findings)
    BOOST_TEST(each.advice.find("/ato") == std::string::npos, each.advice);
}

BOOST_AUTO_TEST_CASE(a_request_that_was_never_made_is_missed_by_no_host) {
  KmsLab lab;
  lab.add({.name = "OLD1", .slic_table = true});  // without a Windows marker
  try_to_activate(lab, "OLD1");
  const Diagnosis found = diagnosis(lab, "OLD1");
  BOOST_TEST((trouble(found, Issue::kKmsWillNotActivate, "event 12290") == nullptr));
  const Finding* const code = trouble(found, Issue::kKmsErrorCode, "error code");
  BOOST_TEST_REQUIRE(code != nullptr);
  BOOST_TEST(code->what.find("0xC004F035") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_name_of_a_wrong_type_is_a_remark_as_long_as_dns_names_a_host) {
  KmsLab lab;
  lab.set("PC1", licensing::paths::kSl, "KeyManagementServicePort", reg::make_dword(1688));
  activate(lab, "PC1");
  const Diagnosis found = diagnosis(lab, "PC1");
  BOOST_TEST(found.is_well());
  BOOST_TEST(std::any_of(found.findings.begin(), found.findings.end(), [](const Finding& each) {
    return each.kind == Finding::Kind::kRemark && each.what.find("REG_SZ") != std::string::npos;
  }));
}

BOOST_AUTO_TEST_CASE(a_count_that_fell_is_no_trouble_of_who_is_licensed) {
  KmsLab lab;
  activate(lab, "PC1");
  must(lab.world->advance(31 * 24 * 60));  // PC1 alone renews
  const Diagnosis found = diagnosis(lab, "PC1");
  BOOST_TEST((trouble(found, Issue::kKmsActivated, "state") == nullptr));
  BOOST_TEST((trouble(found, Issue::kKmsWillNotActivate, "threshold") == nullptr));
  BOOST_TEST((trouble(diagnosis(lab, "SRV1"), Issue::kKmsWillNotActivate, "threshold") != nullptr));
}

BOOST_AUTO_TEST_CASE(a_stale_record_is_a_remark_as_long_as_another_host_serves) {
  KmsLab lab;
  add_record(lab, "gone.contoso.com");
  const Diagnosis found = diagnosis(lab, "PC1");
  BOOST_TEST((trouble(found, Issue::kKmsWillNotActivate, "KMS host name") == nullptr));
  BOOST_TEST(std::any_of(found.findings.begin(), found.findings.end(), [](const Finding& each) {
    return each.kind == Finding::Kind::kRemark &&
           each.what == "No machine is called gone.contoso.com.";
  }));
}

BOOST_AUTO_TEST_CASE(a_host_that_is_cached_and_in_dns_is_looked_at_once) {
  KmsLab lab;
  activate(lab, "PC1");
  const Diagnosis well = diagnosis(lab, "PC1");
  BOOST_TEST(std::count_if(well.findings.begin(), well.findings.end(),
                           [](const Finding& each) { return each.check == "KMS host"; }) == 1);
}

BOOST_AUTO_TEST_CASE(shared_ids_are_forgotten_with_the_computers_and_when_they_part) {
  KmsLab lab;
  const auto shares = [&](const char* machine, const char* check) {
    return trouble(diagnosis(lab, machine), Issue::kNotCounted, check) != nullptr;
  };
  clone(lab);
  BOOST_TEST(shares("SRV1", "client machine ID"));
  BOOST_TEST(shares("KMS1", "client machine IDs"));
  mend_clone(lab);
  BOOST_TEST(!shares("SRV1", "client machine ID"));
  BOOST_TEST(!shares("KMS1", "client machine IDs"));

  KmsLab other;
  clone(other);
  must(other.world->advance(31 * 24 * 60));
  BOOST_TEST(
      (trouble(diagnosis(other, "KMS1"), Issue::kNotCounted, "client machine IDs") == nullptr));
}

BOOST_AUTO_TEST_CASE(refusals_are_of_the_key_that_is_installed) {
  for (const auto& [state, code] : {std::pair{licensing::KeyState::kUnsupported, "(0xC004B100)"},
                                    std::pair{licensing::KeyState::kInvalid, "(0xC004C001)"}}) {
    KmsLab lab;
    lab.add({.name = "MAK1", .os = "2008", .role = "mak"});
    install(lab, "MAK1", "VOLUME_MAK", 7);
    must(lab.world->set_key_state(lab.key("VOLUME_MAK", 7), state));
    try_to_activate(lab, "MAK1");
    const Diagnosis before = diagnosis(lab, "MAK1");
    const Finding* const refused = trouble(before, Issue::kMakBothFail, "activation service");
    BOOST_TEST_REQUIRE(refused != nullptr);
    BOOST_TEST(refused->what.find(code) != std::string::npos, refused->what);
    BOOST_TEST((trouble(before, Issue::kMakErrorCode, "error code") != nullptr));
    install(lab, "MAK1", "VOLUME_MAK", 8);
    const Diagnosis after = diagnosis(lab, "MAK1");
    BOOST_TEST((trouble(after, Issue::kMakBothFail, "activation service") == nullptr));
    BOOST_TEST((trouble(after, Issue::kMakErrorCode, "error code") == nullptr));
  }
}

BOOST_AUTO_TEST_CASE(a_client_that_became_a_host_on_purpose_is_only_remarked) {
  KmsLab lab;
  lab.add({.name = "SRV9", .os = "2008"});
  install(lab, "SRV9", "VOLUME_KMS");
  activate(lab, "SRV9");
  BOOST_TEST((trouble(diagnosis(lab, "SRV9"), Issue::kKmsKeyOnClient, "product key") != nullptr));
  set_kms(lab, "KeyManagementServiceName", "SRV9");
  try_to_activate(lab, "PC1");
  BOOST_TEST((trouble(diagnosis(lab, "SRV9"), Issue::kKmsKeyOnClient, "product key") == nullptr));
}

BOOST_AUTO_TEST_CASE(rows_are_numbered_as_in_the_guide) {
  BOOST_TEST_REQUIRE(issue_rows().size() == kIssues);
  std::string all;
  for (const IssueRow& row : issue_rows())
    all += std::to_string(row.table) + "." + std::to_string(row.row) + " ";
  BOOST_TEST(all == "1.1 1.2 1.3 1.4 1.5 1.6 1.7 2.1 2.2 2.3 2.4 ");
  BOOST_TEST(row_name(Issue::kMakNoInternet) == "Table 2, row 2");
}

BOOST_AUTO_TEST_SUITE_END()
