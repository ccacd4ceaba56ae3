// The options on machines of a world: what each changes, who may use it, and what it says.
#include <boost/test/unit_test.hpp>

#include "recorded_machine.hpp"
#include "registry/value.hpp"
#include "tests/support/expect.hpp"
#include "world/session.hpp"
#include "world/world.hpp"

namespace {

using namespace slwmi;               // NOLINT(google-build-using-namespace)
using namespace slwmi::slmgr;        // NOLINT(google-build-using-namespace): the unit under test
using namespace slwmi::slmgr::test;  // NOLINT(google-build-using-namespace)
using slwmi::test::must;
using world::World;

constexpr std::string_view kSl =
    "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";

using Words = std::vector<std::string>;

// PC1 (a KMS client), MAK1, KMS1, and a file that is the first licence of PC1's media.
struct Lab {
  std::unique_ptr<World> world = must(World::in_memory(7));
  std::string file;

  Lab() {
    must(world->add_machine({.name = "PC1"}));
    must(world->add_machine({.name = "MAK1", .role = "mak"}));
    must(world->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host"}));
    file = must(world::license_files(machine("PC1")))[0].text;
  }

  world::Machine machine(std::string_view name) { return must(world->machine(name)); }

  Finished run(std::string_view name, const Words& words, std::string_view who = "administrator") {
    const auto read = [&](const std::string& path) -> Result<std::string> {
      if (path != "license.xml") return fail(HResult::kErrorFileNotFound, "there is no " + path);
      return file;
    };
    return must(slmgr::run(machine(name), must(find_principal(who)), words, read));
  }

  // The value of the SL key as text; "(none)".
  std::string value(std::string_view name, std::string_view value_name) {
    const reg::Registry registry = must(machine(name).registry(system_principal()));
    const reg::Key key = must(registry.open(kSl, reg::access::kRead));
    const auto data = key.get(value_name);
    if (!data) return "(none)";
    if (const auto number = reg::as_dword(data->view())) return std::to_string(*number);
    return reg::as_string(data->view()).value_or("(other)");
  }

  void set(std::string_view name, std::string_view value_name, std::uint32_t number) {
    const reg::Registry registry = must(machine(name).registry(system_principal()));
    must(must(registry.open(kSl, reg::access::kSetValue)).set(value_name, reg::make_dword(number)));
  }

  std::string service(std::string_view name, const std::string& property) {
    auto session = must(machine(name).connect(must(find_principal("standard"))));
    return must(session.query("SELECT " + property + " FROM SoftwareLicensingService"))[0]
        .get(property)
        .to_display();
  }

  std::string product(std::string_view name, const std::string& property) {
    auto session = must(machine(name).connect(must(find_principal("standard"))));
    const auto rows = must(session.query("SELECT " + property +
                                         " FROM SoftwareLicensingProduct WHERE "
                                         "PartialProductKey IS NOT NULL"));
    return rows.empty() ? "(none)" : rows[0].get(property).to_display();
  }

  std::string confirmation(std::string_view name) {
    return must(world->confirmation_id(product(name, "OfflineInstallationId")));
  }
};

bool denied(const Finished& done) {
  return done.text.find("Error: 0x80070005 ") != std::string::npos ||
         done.text.find("Error: 0x5 ") != std::string::npos;
}

// An invocation of each option that an administrator succeeds with.
std::pair<std::string_view, Words> example(Lab& lab, std::string_view option) {
  const std::string name = "/" + std::string(option);
  if (option == "ipk")
    return {"PC1", {name, must(lab.world->product_key("Enterprise", "VOLUME_MAK", 2))}};
  if (option == "ilc") return {"PC1", {name, "license.xml"}};
  if (option == "ato") return {"MAK1", {name}};
  if (option == "atp") return {"MAK1", {name, lab.confirmation("MAK1")}};
  if (option == "skms") return {"PC1", {name, "kms1.contoso.com:1700"}};
  if (option == "sai" || option == "sri") return {"KMS1", {name, "60"}};
  if (option == "sprt") return {"KMS1", {name, "1700"}};
  if (option == "sdns" || option == "cdns" || option == "spri" || option == "cpri")
    return {"KMS1", {name}};
  return {"PC1", {name}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(elevation)

BOOST_AUTO_TEST_CASE(the_table_says_who_may_use_an_option) {
  for (const Option& option : options()) {
    for (const bool user_operations : {false, true}) {
      for (const std::string_view who : {"administrator", "administrator-unelevated", "standard"}) {
        Lab lab;
        const auto [machine, words] = example(lab, option.name);
        if (user_operations) lab.set(machine, "UserOperations", 1);
        const std::string before = must(lab.world->digest());
        const Finished done = lab.run(machine, words, who);
        const bool may = who == "administrator" || option.elevation == Elevation::kNone ||
                         (option.elevation == Elevation::kUserOperations && user_operations);
        BOOST_TEST_CONTEXT(option.name << " by " << who << " " << user_operations << ": "
                                       << done.text) {
          BOOST_TEST(denied(done) == !may);
          BOOST_TEST((done.exit_code == 0) == may);
          if (may) BOOST_TEST((done.text.find("Error") == std::string::npos));
          if (!may) BOOST_TEST(must(lab.world->digest()) == before);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_callers_tool_is_slmgr_whatever_it_was) {
  Lab lab;
  lab.set("PC1", "UserOperations", 1);
  Principal user = must(find_principal("standard"));
  user.via = "mytool";
  const auto read = [](const std::string&) { return Result<std::string>(std::string()); };
  const Finished done = must(slmgr::run(lab.machine("PC1"), user, Words{"/rearm"}, read));
  BOOST_TEST(done.exit_code == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(options_on_machines)

BOOST_AUTO_TEST_CASE(ipk_installs_a_key_and_marks_kms_hosts_for_monitoring) {
  Lab lab;
  const std::string host = must(lab.world->product_key("Enterprise", "VOLUME_KMS", 2));
  BOOST_TEST(lab.run("PC1", {"/ipk", host}).text ==
             "Installed product key " + host + " successfully.\n");
  BOOST_TEST(lab.product("PC1", "PartialProductKey") == host.substr(host.size() - 5));
  BOOST_TEST(lab.value("PC1", "KeyManagementServiceVersion") == "6.0.6001.18000");
  // The cure for a KMS key on a client: another key, which takes the mark away.
  const std::string setup = must(lab.world->product_key("Enterprise", "VOLUME_KMSCLIENT", 1));
  BOOST_TEST(lab.run("PC1", {"/ipk", setup}).exit_code == 0);
  BOOST_TEST(lab.value("PC1", "KeyManagementServiceVersion") == "(none)");
  BOOST_TEST(lab.service("PC1", "IsKeyManagementServiceMachine") == "0");
}

BOOST_AUTO_TEST_CASE(a_refused_key_changes_nothing_and_has_the_providers_code) {
  const struct {
    const char* why;
    const char* key;
    const char* code;
  } rows[] = {{"no key at all", "nonsense", "0xC004F050"}, {"the empty text", "", "0x80070057"}};
  for (const auto& row : rows) {
    Lab lab;
    const std::string before = must(lab.world->digest());
    const Finished done = lab.run("PC1", {"/ipk", row.key});
    BOOST_TEST_CONTEXT(row.why) {
      BOOST_TEST(done.text.starts_with(std::string("Error: ") + row.code));
      BOOST_TEST(done.exit_code < 0);
      BOOST_TEST(must(lab.world->digest()) == before);
    }
  }
}

BOOST_AUTO_TEST_CASE(upk_removes_the_key_and_then_finds_none) {
  Lab lab;
  BOOST_TEST(lab.run("KMS1", {"/upk"}).text == "Uninstalled product key successfully.\n");
  BOOST_TEST(lab.product("KMS1", "ID") == "(none)");
  for (const Words& words : {Words{"/upk"}, Words{"/dli"}, Words{"/ato"}, Words{"/xpr"}}) {
    const Finished done = lab.run("KMS1", words);
    BOOST_TEST(done.text == "Error: product key not found.\n");
    BOOST_TEST(done.exit_code == 0);
  }
}

BOOST_AUTO_TEST_CASE(an_activation_id_chooses_one_product) {
  Lab lab;
  const std::string id = lab.product("PC1", "ID");
  BOOST_TEST(lab.run("PC1", {"/dli", ascii_upper(id)}).text == lab.run("PC1", {"/dli"}).text);
  const char* const nobody = "00000000-0000-0000-0000-000000000000";
  BOOST_TEST(lab.run("PC1", {"/dli", nobody}).text == "Error: product not found.\n");
  BOOST_TEST(lab.run("PC1", {"/upk", nobody}).text == "Error: product key not found.\n");
  BOOST_TEST(lab.run("PC1", {"/dli", "x' OR ID <> 'x"}).text == "Error: product not found.\n");
  const Finished all = lab.run("PC1", {"/dlv", "ALL"});
  std::size_t unused = 0;
  for (const std::string& line : lines_of(all.text))
    if (line == "This license is not in use.") ++unused;
  auto session = must(lab.machine("PC1").connect(must(find_principal("standard"))));
  BOOST_TEST(unused + 1 == must(session.query("SELECT ID FROM SoftwareLicensingProduct")).size());
}

BOOST_AUTO_TEST_CASE(ato_says_what_it_activates_and_how_it_went) {
  Lab lab;
  const std::string start =
      "Activating Windows(TM) Vista, Enterprise edition (" + lab.product("MAK1", "ID") + ") ...\n";
  BOOST_TEST(lab.run("MAK1", {"/ato"}).text == start + "Product activated successfully.\n");
  BOOST_TEST(lab.product("MAK1", "LicenseStatus") == "1");
  // The host has too few clients: the text so far, then the code.
  const Finished failed = lab.run("PC1", {"/ato"});
  BOOST_TEST(failed.text.starts_with("Activating "));
  BOOST_TEST((failed.text.find("...\nError: 0xC004F038 ") != std::string::npos));
  BOOST_TEST(failed.exit_code == static_cast<std::int32_t>(0xC004F038));
}

BOOST_AUTO_TEST_CASE(ato_does_not_spend_a_licensed_mak_again) {
  Recorded machine;
  machine.products = {{{"ID", cim::Value::text("guid")},
                       {"ApplicationID", cim::Value::text("55c92734-d682-4d71-983e-d6ec3f16059f")},
                       {"PartialProductKey", cim::Value::text("AAAAA")},
                       {"LicenseIsAddon", cim::Value::boolean(false)},
                       {"Description", cim::Value::text("Vista, VOLUME_MAK channel")},
                       {"Name", cim::Value::text("Vista")},
                       {"LicenseStatus", cim::Value::uint32(1)}}};
  run_on(machine, {"/ato"});
  BOOST_TEST((machine.calls == Words{"RefreshLicenseStatus"}));
  machine.products[0][4].second = cim::Value::text("Vista, VOLUME_KMSCLIENT channel");
  machine.calls.clear();
  run_on(machine, {"/ato"});
  BOOST_TEST((machine.calls == Words{"Activate", "RefreshLicenseStatus"}));
}

const struct {
  const char* why;
  std::uint32_t status, reason;
  const char* says;
} kOutcomes[] = {
    {"licensed", 1, 0, "Product activated successfully."},
    {"activated, and not genuine", 4, 0x4004F065, "non-genuine grace period"},
    {"activated, and notified", 5, 0xC004F200, "until a validation"},
    {"notified for another reason", 5, 0xC004F009, "Error: Product activation failed."},
    {"still in grace", 2, 0, "Error: Product activation failed."},
};

BOOST_AUTO_TEST_CASE(the_status_after_the_call_decides_what_is_said) {
  for (const auto& row : kOutcomes) {
    Recorded machine;
    machine.products = {
        {{"ID", cim::Value::text("guid")},
         {"ApplicationID", cim::Value::text("55c92734-d682-4d71-983e-d6ec3f16059f")},
         {"PartialProductKey", cim::Value::text("AAAAA")},
         {"LicenseIsAddon", cim::Value::boolean(false)},
         {"Description", cim::Value::text("Vista, RETAIL channel")},
         {"Name", cim::Value::text("Vista")},
         {"LicenseStatus", cim::Value::uint32(row.status)},
         {"LicenseStatusReason", cim::Value::uint32(row.reason)}}};
    const Finished done = run_on(machine, {"/ato"});
    BOOST_TEST_CONTEXT(row.why) {
      BOOST_TEST((done.text.find(row.says) != std::string::npos));
      BOOST_TEST(done.exit_code == 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(dti_and_atp_activate_by_telephone) {
  Lab lab;
  const std::string id = lab.product("MAK1", "OfflineInstallationId");
  BOOST_TEST(
      lab.run("MAK1", {"/dti"}, "standard").text.starts_with("Installation ID: " + id + "\n"));
  const Finished wrong = lab.run("MAK1", {"/atp", std::string(48, '1')});
  BOOST_TEST(wrong.text.starts_with("Error: 0xC004F04D "));
  BOOST_TEST(lab.run("MAK1", {"/atp", lab.confirmation("MAK1")}).text ==
             "Confirmation ID for product " + lab.product("MAK1", "ID") +
                 " deposited successfully.\n");
  BOOST_TEST(lab.product("MAK1", "LicenseStatus") == "1");
  // KMS clients have none.
  BOOST_TEST(lab.run("PC1", {"/dti"}).text ==
             "This product has no installation ID: it is not activated by telephone.\n");
}

BOOST_AUTO_TEST_CASE(cpky_clears_the_key_from_the_registry_only) {
  Lab lab;
  const std::string before = lab.product("PC1", "PartialProductKey");
  BOOST_TEST(lab.run("PC1", {"/cpky"}).text == "Product key from registry cleared successfully.\n");
  BOOST_TEST(lab.product("PC1", "PartialProductKey") == before);
}

BOOST_AUTO_TEST_CASE(ilc_reads_a_licence_in_each_encoding_that_scripts_write) {
  Lab lab;
  const std::string text = lab.file;
  const auto utf16 = to_utf16le(text);
  const std::string wide =
      "\xFF\xFE" + std::string(reinterpret_cast<const char*>(utf16.data()), utf16.size());
  std::string ansi = text;  // a name with a letter of the ANSI code page
  ansi.insert(ansi.find("Windows(TM)"), "\xE9 ");
  for (const std::string& bytes : {text, "\xEF\xBB\xBF" + text, wide, ansi}) {
    lab.file = bytes;
    BOOST_TEST(lab.run("PC1", {"/ilc", "license.xml"}).text ==
               "License file license.xml installed successfully.\n");
  }
  BOOST_TEST(
      (lab.run("PC1", {"/dli", "all"}).text.find("\xC3\xA9 Windows(TM)") != std::string::npos));
  lab.file = "<wrong/>";
  BOOST_TEST(lab.run("PC1", {"/ilc", "license.xml"}).text.starts_with("Error: 0xC004F01F "));
  BOOST_TEST(lab.run("PC1", {"/ilc", "missing.xml"}).text.starts_with("Error: 0x80070002 "));
}

BOOST_AUTO_TEST_CASE(rilc_installs_the_licences_of_the_media_again) {
  Lab lab;
  const auto files = must(world::license_files(lab.machine("PC1")));
  const std::string before = lab.run("PC1", {"/dlv", "all"}).text;
  const Lab fresh;
  const Words lines = lines_of(lab.run("PC1", {"/rilc"}).text);
  BOOST_TEST(lines.size() == files.size() + 2);
  BOOST_TEST((lines[1] == "License file " + files[0].path + " installed successfully."));
  BOOST_TEST(lab.run("PC1", {"/dlv", "all"}).text == before);
}

BOOST_AUTO_TEST_CASE(rearm_asks_for_a_restart_and_ends_when_none_is_left) {
  Lab lab;
  const std::string done =
      "Command completed successfully.\nPlease restart the system for the changes to take "
      "effect.\n";
  int times = 0;
  while (times < 10) {
    const Finished finished = lab.run("PC1", {"/rearm"});
    if (finished.exit_code != 0) {
      BOOST_TEST(finished.text.starts_with("Error: 0xC004D307 "));
      break;
    }
    BOOST_TEST(finished.text == done);
    ++times;
    // Before the restart there is no second one; the code is not among the script's.
    BOOST_TEST(lab.run("PC1", {"/rearm"}).text ==
               "Error: 0xC004D302 To see what it means run: slui.exe 0x2a 0xC004D302\n");
    must(lab.machine("PC1").restart());
  }
  BOOST_TEST(times == 5);  // Vista SP1 Enterprise
}

const struct {
  const char* why;
  std::uint32_t status, minutes;
  const char* description;
  const char* sentence;
} kEnds[] = {
    {"unlicensed", 0, 0, "VOLUME_MAK", "    Unlicensed"},
    {"for good", 1, 0, "VOLUME_MAK", "    The machine is permanently activated."},
    {"KMS", 1, 60, "VOLUME_KMSCLIENT", "    Volume activation will expire 3/1/2008 1:30:05 PM"},
    {"an evaluation", 1, 1440, "TIMEBASED_EVAL",
     "    Timebased activation will expire 3/2/2008 12:30:05 PM"},
    {"initial", 2, 43200, "RETAIL", "    Initial grace period ends 3/31/2008 12:30:05 PM"},
    {"additional", 3, 1, "VOLUME_MAK", "    Additional grace period ends 3/1/2008 12:31:05 PM"},
    {"non-genuine", 4, 1, "VOLUME_MAK", "    Non-genuine grace period ends 3/1/2008 12:31:05 PM"},
    {"notification", 5, 0, "VOLUME_MAK", "    Windows is in Notification mode"},
    {"unknown", 9, 0, "VOLUME_MAK", "    Unknown license status: 9"},
};

BOOST_AUTO_TEST_CASE(xpr_says_when_the_state_ends_by_the_clock_of_the_machine) {
  for (const auto& row : kEnds) {
    Recorded machine;
    machine.products = {
        {{"ID", cim::Value::text("guid")},
         {"ApplicationID", cim::Value::text("55c92734-d682-4d71-983e-d6ec3f16059f")},
         {"PartialProductKey", cim::Value::text("AAAAA")},
         {"LicenseIsAddon", cim::Value::boolean(false)},
         {"Description", cim::Value::text("Vista, " + std::string(row.description) + " channel")},
         {"Name", cim::Value::text("Vista")},
         {"LicenseStatus", cim::Value::uint32(row.status)},
         {"GracePeriodRemaining", cim::Value::uint32(row.minutes)}}};
    BOOST_TEST_CONTEXT(row.why)
    BOOST_TEST(run_on(machine, {"/xpr"}).text == "Vista:\n" + std::string(row.sentence) + "\n");
  }
}

// --- KMS clients

const struct {
  const char* why;
  const char* argument;
  const char* machine;  // afterwards; "(none)"
  const char* port;
  const char* says;
} kSkms[] = {
    {"a name", "kms1.contoso.com", "kms1.contoso.com", "(none)",
     "Key Management Service machine name set to kms1.contoso.com successfully.\n"},
    {"name and port", "kms1:1700", "kms1", "1700",
     "Key Management Service machine name set to kms1:1700 successfully.\n"},
    {"the port alone leaves the name", ":1701", "old", "1701",
     "Key Management Service port set to 1701 successfully.\n"},
    {"a colon without a port", "kms1:", "kms1", "(none)",
     "Key Management Service machine name set to kms1 successfully.\n"},
    {"IPv6 in brackets", "[fe80::1]:1702", "[fe80::1]", "1702",
     "Key Management Service machine name set to [fe80::1]:1702 successfully.\n"},
    {"no number", "kms1:x", "old", "1234", "Error: 0x8007000D "},
    {"too large", "kms1:65536", "old", "1234", "Error: 0x8007000D "},
    {"zero", "kms1:0", "old", "1234", "Error: 0x8007000D "},
    {"negative", ":-1", "old", "1234", "Error: 0x8007000D "},
    {"hex", ":0x10", "old", "1234", "Error: 0x8007000D "},
    {"IPv6 without brackets is cut at its first colon", "fe80::1", "old", "1234",
     "Error: 0x8007000D "},
    {"nothing", "", "old", "1234", "Error: 0x8007000D "},
    {"a colon alone", ":", "old", "1234", "Error: 0x8007000D "},
    {"no host name", "a b", "old", "1234", "Error: 0x8007007B "},
};

BOOST_AUTO_TEST_CASE(skms_sets_name_and_port_together) {
  for (const auto& row : kSkms) {
    Lab lab;
    lab.run("PC1", {"/skms", "old:1234"});
    const Finished done = lab.run("PC1", {"/skms", row.argument});
    BOOST_TEST_CONTEXT(row.why << ": " << done.text) {
      BOOST_TEST(done.text.starts_with(row.says));
      BOOST_TEST(lab.service("PC1", "KeyManagementServiceMachine") == row.machine);
      BOOST_TEST(lab.value("PC1", "KeyManagementServicePort") == row.port);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_port_that_cannot_be_written_brings_the_old_name_back) {
  Recorded machine;
  machine.service.emplace_back("KeyManagementServiceMachine", cim::Value::text("old"));
  machine.refusals["SetStringValue"] = 5;
  const Finished done = run_on(machine, {"/skms", "new:1700"});
  BOOST_TEST(done.text.starts_with("Error: 0x5 "));
  BOOST_TEST(done.exit_code == 5);
  BOOST_TEST(
      (machine.calls == Words{"SetKeyManagementServiceMachine", "SetKeyManagementServiceMachine"}));
  machine.service.back().second = cim::Value::null(cim::Type::kString);
  machine.calls.clear();
  run_on(machine, {"/skms", "new:1700"});
  BOOST_TEST((machine.calls ==
              Words{"SetKeyManagementServiceMachine", "ClearKeyManagementServiceMachine"}));
}

BOOST_AUTO_TEST_CASE(ckms_forgets_name_and_port) {
  Lab lab;
  lab.run("PC1", {"/skms", "kms1:1700"});
  BOOST_TEST(lab.run("PC1", {"/ckms"}).text ==
             "Key Management Service machine name cleared successfully.\n");
  BOOST_TEST(lab.service("PC1", "KeyManagementServiceMachine") == "");
  BOOST_TEST(lab.value("PC1", "KeyManagementServicePort") == "(none)");
  BOOST_TEST(lab.run("PC1", {"/ckms"}).exit_code == 0);
}

// --- KMS hosts

const struct {
  const char* why;
  Words words;
  const char* value;  // of the SL key
  const char* expected;
  const char* says;
} kHostOptions[] = {
    {"activation interval",
     {"/sai", "60"},
     "VLActivationInterval",
     "60",
     "Volume activation interval set to 60 minutes successfully.\n"},
    {"renewal interval",
     {"/sri", "43200"},
     "VLRenewalInterval",
     "43200",
     "Volume renewal interval set to 43200 minutes successfully.\n"},
    {"port",
     {"/sprt", "1700"},
     "KeyManagementServiceListeningPort",
     "1700",
     "KMS port set to 1700 successfully.\nRestart the Software Licensing service"},
    {"no DNS", {"/cdns"}, "DisableDnsPublishing", "1", "DNS publishing disabled successfully.\n"},
    {"DNS", {"/sdns"}, "DisableDnsPublishing", "0", "DNS publishing enabled successfully.\n"},
    {"low priority",
     {"/cpri"},
     "EnableKmsLowPriority",
     "1",
     "KMS priority set to Low successfully.\n"},
    {"normal priority",
     {"/spri"},
     "EnableKmsLowPriority",
     "0",
     "KMS priority set to Normal successfully.\n"},
};

BOOST_AUTO_TEST_CASE(host_options_write_what_the_guide_documents) {
  for (const auto& row : kHostOptions) {
    Lab lab;
    const Finished done = lab.run("KMS1", row.words);
    BOOST_TEST_CONTEXT(row.why) {
      BOOST_TEST(done.text.starts_with(row.says));
      BOOST_TEST(lab.value("KMS1", row.value) == row.expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_machine_that_is_no_host_gets_a_warning_and_stays_as_it_is) {
  for (const auto& row : kHostOptions) {
    Lab lab;
    const std::string before = must(lab.world->digest());
    const Finished done = lab.run("PC1", row.words);
    BOOST_TEST_CONTEXT(row.why) {
      BOOST_TEST(done.text == "Warning: this option is for KMS hosts, and the machine is none.\n");
      BOOST_TEST(done.exit_code == 0);
      BOOST_TEST(must(lab.world->digest()) == before);
    }
  }
}

const struct {
  Words words;
  std::uint32_t code;
} kBadNumbers[] = {
    {{"/sai", "-5"}, 0x8007000D},         {{"/sai", "x"}, 0x8007000D},
    {{"/sri", "4294967296"}, 0x8007000D}, {{"/sai", "14"}, 0x80070057},
    {{"/sri", "43201"}, 0x80070057},      {{"/sprt", "0"}, 0x8007000D},
    {{"/sprt", "65536"}, 0x8007000D},     {{"/sprt", "port"}, 0x8007000D},
};

BOOST_AUTO_TEST_CASE(bad_numbers_are_refused_with_nothing_changed) {
  for (const auto& row : kBadNumbers) {
    Lab lab;
    const std::string before = must(lab.world->digest());
    const Finished done = lab.run("KMS1", row.words);
    BOOST_TEST_CONTEXT(row.words[0] << ' ' << row.words[1]) {
      BOOST_TEST(done.exit_code == static_cast<std::int32_t>(row.code));
      BOOST_TEST(must(lab.world->digest()) == before);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(remote)

BOOST_AUTO_TEST_CASE(the_option_works_on_the_other_machine) {
  Lab lab;
  BOOST_TEST(lab.run("PC1", {"KMS1", "/dli"}).text == lab.run("KMS1", {"/dli"}).text);
  BOOST_TEST(
      lab.run("PC1", {"kms1.contoso.com", "contoso\\administrator", "x", "/sri", "60"}).exit_code ==
      0);
  BOOST_TEST(lab.value("KMS1", "VLRenewalInterval") == "60");
  BOOST_TEST(lab.service("PC1", "VLRenewalInterval") == "10080");
}

BOOST_AUTO_TEST_CASE(who_cannot_connect_is_told_the_machine_and_the_code) {
  const struct {
    const char* why;
    Words words;
    const char* who;
    std::uint32_t code;
  } rows[] = {
      {"no such machine", {"KMS9", "/dli"}, "administrator", 0x800706BA},
      {"a standard user", {"KMS1", "/dli"}, "standard", 0x80070005},
      {"a standard user's name", {"KMS1", "standard", "x", "/dli"}, "administrator", 0x80070005},
      {"an unknown user", {"KMS1", "jane", "x", "/dli"}, "administrator", 0x80070005},
      {"a user's name at home", {".", "administrator", "x", "/dli"}, "administrator", 0x80041064},
  };
  for (const auto& row : rows) {
    Lab lab;
    const Finished done = lab.run("PC1", row.words, row.who);
    BOOST_TEST_CONTEXT(row.why << ": " << done.text) {
      BOOST_TEST(done.text.starts_with("No connection to the machine " + row.words[0] + ".\n"));
      BOOST_TEST(done.exit_code == static_cast<std::int32_t>(row.code));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_failure_at_home_names_no_machine) {
  Lab lab;
  const Finished done = lab.run("PC1", {"/dli"}, "anonymous");
  BOOST_TEST(done.text.starts_with("Error: 0x80041003 "));
}

BOOST_AUTO_TEST_SUITE_END()
