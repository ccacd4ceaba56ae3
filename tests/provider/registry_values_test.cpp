// Every registry value that VA2 documents, by name: its default in a new machine and what it
// changes.
#include <boost/test/unit_test.hpp>

#include "provider/settings.hpp"
#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using test::TestMachine;

TestMachine machine(const char* role) { return TestMachine({"vista-sp1", role, {}}); }
Settings settings(TestMachine& m) { return read_settings(m.view()); }
std::vector<Publication> wanted(TestMachine& m) {
  return publications(m.host, MachineState::read(m.host, m.view()), settings(m));
}
std::optional<FileTime> attempt(TestMachine& m) {
  const MachineState state = MachineState::read(m.host, m.view());
  return next_attempt(state.base().license, policy_of(*state.base().product, *m.host.resolved.os),
                      timers_of(settings(m)), m.clock.now());
}
const FileTime kStart = test::kStart;

BOOST_AUTO_TEST_SUITE(registry_values)

BOOST_AUTO_TEST_CASE(have_their_documented_defaults_in_a_new_machine) {
  auto m = machine("kms-client");
  const auto table = test::schema()->instances("root\\slwmi", "SlwmiRegistryValue");
  BOOST_TEST_REQUIRE((table != nullptr));
  BOOST_TEST(table->rows().size() == 19u);
  for (const cim::Instance& row : table->rows()) {
    const std::string expected =
        row.get("Seeded").as_boolean() ? std::string(row.get("Default").as_text()) : "(none)";
    BOOST_TEST_CONTEXT(row.relpath()) {
      BOOST_TEST(m.value(row.get("Path").as_text(), row.get("Name").as_text()) == expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(DisableDnsPublishing) {
  auto m = machine("kms-host");
  BOOST_TEST((wanted(m) == std::vector<Publication>{{"contoso.com", "PC1.contoso.com", 1688}}));
  for (const std::uint32_t number : {1u, 7u}) {
    m.set(paths::kSl, "DisableDnsPublishing", reg::make_dword(number));
    BOOST_TEST(wanted(m).empty());
  }
  m.set(paths::kSl, "DisableDnsPublishing", reg::make_sz("1"));  // of another type: as if absent
  BOOST_TEST(wanted(m).size() == 1u);
  auto client = machine("kms-client");
  BOOST_TEST(wanted(client).empty());
}

BOOST_AUTO_TEST_CASE(EnableKmsLowPriority) {
  auto m = machine("kms-host");
  BOOST_TEST(!settings(m).low_priority);
  m.set(paths::kSl, "EnableKmsLowPriority", reg::make_dword(2));
  BOOST_TEST(settings(m).low_priority);
}

BOOST_AUTO_TEST_CASE(KeyManagementServiceName_and_KeyManagementServicePort) {
  auto m = machine("kms-client");
  m.set(paths::kSl, "KeyManagementServiceName", reg::make_sz("kms01"));
  BOOST_TEST(m.call("SoftwareLicensingProduct", "Activate") == HResult::kSOk);
  BOOST_TEST(m.network.asked.back() == "kms01:1688");
  for (const char* bad : {"", "0", "65536", "x", "16 88"}) {
    m.set(paths::kSl, "KeyManagementServicePort", reg::make_sz(bad));
    BOOST_TEST(!settings(m).kms_port.has_value());
    BOOST_TEST(m.call("SoftwareLicensingProduct", "Activate") == HResult::kSOk);
    BOOST_TEST(m.network.asked.back() == "kms01:1688");
  }
  m.set(paths::kSl, "KeyManagementServicePort", reg::make_sz("65535"));
  BOOST_TEST(m.call("SoftwareLicensingProduct", "Activate") == HResult::kSOk);
  BOOST_TEST(m.network.asked.back() == "kms01:65535");
  // VA2: "to force the use of a specific TCP port by the KMS client", however it found the host.
  m.remove(paths::kSl, "KeyManagementServiceName");
  BOOST_TEST(m.call("SoftwareLicensingProduct", "Activate") == HResult::kSOk);
  BOOST_TEST(m.network.asked.back() == "kms.contoso.com:65535");
  BOOST_TEST(m.value(paths::kServiceSl, "DiscoveredKeyManagementServicePort") == "1688");
  m.set(paths::kServiceSl, "DiscoveredKeyManagementServiceName", reg::make_sz("cached"));
  BOOST_TEST(m.call("SoftwareLicensingProduct", "Activate") == HResult::kSOk);
  BOOST_TEST(m.network.asked.back() == "cached:65535");
  m.remove(paths::kSl, "KeyManagementServicePort");
  BOOST_TEST(m.call("SoftwareLicensingProduct", "Activate") == HResult::kSOk);
  BOOST_TEST(m.network.asked.back() == "cached:1688");
}

BOOST_AUTO_TEST_CASE(KeyManagementServiceListeningPort) {
  auto m = machine("kms-host");
  m.set(paths::kSl, "KeyManagementServiceListeningPort", reg::make_sz("1700"));
  BOOST_TEST(wanted(m).at(0).port == 1700);
  m.set(paths::kSl, "KeyManagementServiceListeningPort",
        reg::make_dword(1700));  // documented as REG_SZ
  BOOST_TEST(wanted(m).at(0).port == 1688);
}

BOOST_AUTO_TEST_CASE(DnsDomainPublishList) {
  auto m = machine("kms-host");
  const std::vector<std::string> list = {"fabrikam.com", "CONTOSO.com", "fabrikam.com",
                                         "adatum.com"};
  m.set(paths::kSl, "DnsDomainPublishList", reg::make_multi_sz(list));
  std::vector<std::string> domains;
  for (const Publication& p : wanted(m)) domains.push_back(p.domain);
  BOOST_TEST(domains == (std::vector<std::string>{"contoso.com", "fabrikam.com", "adatum.com"}),
             boost::test_tools::per_element());
}

// covers: registry.VLActivationInterval, registry.VLRenewalInterval
BOOST_AUTO_TEST_CASE(VLActivationInterval_and_VLRenewalInterval_drive_the_attempts) {
  auto m = machine("kms-client");
  BOOST_TEST((attempt(m) == kStart));
  m.network.trouble = HResult::kRpcSServerUnavailable;
  BOOST_TEST(m.call("SoftwareLicensingProduct", "Activate") == HResult::kRpcSServerUnavailable);
  BOOST_TEST((attempt(m) == kStart + minutes(120)));
  m.set(paths::kSl, "VLActivationInterval", reg::make_dword(15));
  BOOST_TEST((attempt(m) == kStart + minutes(15)));
  m.set(paths::kSl, "VLActivationInterval", reg::make_dword(14));  // out of range: the default
  BOOST_TEST((attempt(m) == kStart + minutes(120)));
  m.network.trouble = HResult::kSOk;
  m.advance(120);
  BOOST_TEST(m.call("SoftwareLicensingProduct", "Activate") == HResult::kSOk);
  BOOST_TEST((attempt(m) == kStart + minutes(120 + 44)));  // what the host said
  BOOST_TEST(!attempt(*std::make_unique<TestMachine>(Profile{"vista-sp1", "mak", {}})).has_value());
}

BOOST_AUTO_TEST_CASE(KeyManagementServiceVersion) {
  auto m = machine("kms-host");
  BOOST_TEST(!settings(m).kms_version.has_value());
  m.set(paths::kSl, "KeyManagementServiceVersion", reg::make_sz("6.0.6001.18000"));
  BOOST_TEST((settings(m).kms_version == "6.0.6001.18000"));
}

BOOST_AUTO_TEST_CASE(UserOperations) {  // the whole table: authority_test.cpp
  auto m = machine("mak");
  const auto rearm = [&] {
    const auto done =
        m.call(test::principal("standard", "slmgr"), "SoftwareLicensingService", "ReArmWindows");
    return done ? HResult::kSOk : done.error().code;
  };
  BOOST_TEST(rearm() == HResult::kEAccessdenied);
  m.set(paths::kSl, "UserOperations", reg::make_dword(1));
  BOOST_TEST(rearm() == HResult::kSOk);
}

BOOST_AUTO_TEST_CASE(Manual) {
  auto m = machine("kms-client");
  m.set(paths::kActivation, "Manual", reg::make_dword(1));
  BOOST_TEST(!attempt(m).has_value());
  BOOST_TEST(m.call("SoftwareLicensingProduct", "Activate") == HResult::kSOk);  // by hand
  BOOST_TEST(attempt(m).has_value());                                           // renewals go on
}

BOOST_AUTO_TEST_CASE(NotificationDisabled) {
  auto m = machine("kms-client");
  BOOST_TEST(shows_notices(m.status(), settings(m)));
  m.set(paths::kActivation, "NotificationDisabled", reg::make_dword(1));
  BOOST_TEST(!shows_notices(m.status(), settings(m)));
  auto licensed = machine("kms-host");
  BOOST_TEST(!shows_notices(licensed.status(), settings(licensed)));
}

BOOST_AUTO_TEST_CASE(
    KeyManagementServiceRegisteredDomainName_and_KeyManagementServiceRegisteredHostName_and_KeyManagementServiceRegisteredPortNumber) {
  auto m = machine("kms-host");
  BOOST_TEST(must_publish(wanted(m), settings(m)));
  BOOST_TEST(m.service().publish().has_value());
  BOOST_TEST(m.value(paths::kServiceSl, "KeyManagementServiceRegisteredDomainName") ==
             "contoso.com");
  BOOST_TEST(m.value(paths::kServiceSl, "KeyManagementServiceRegisteredHostName") ==
             "PC1.contoso.com");
  BOOST_TEST(m.value(paths::kServiceSl, "KeyManagementServiceRegisteredPortNumber") == "1688");
  BOOST_TEST(!must_publish(wanted(m), settings(m)));
  m.host.facts.name = "PC2";  // a renamed host publishes again
  BOOST_TEST(must_publish(wanted(m), settings(m)));
  m.host.facts.name = "PC1";
  m.host.facts.domain = "fabrikam.com";
  BOOST_TEST(must_publish(wanted(m), settings(m)));
  m.host.facts.domain = "contoso.com";
  m.set(paths::kSl, "KeyManagementServiceListeningPort", reg::make_sz("1700"));
  BOOST_TEST(must_publish(wanted(m), settings(m)));
}

BOOST_AUTO_TEST_CASE(DiscoveredKeyManagementServiceName_and_DiscoveredKeyManagementServicePort) {
  auto m = machine("kms-client");
  m.set(paths::kServiceSl, "DiscoveredKeyManagementServiceName", reg::make_sz("cached"));
  m.set(paths::kServiceSl, "DiscoveredKeyManagementServicePort", reg::make_sz("1701"));
  BOOST_TEST(m.call("SoftwareLicensingProduct", "Activate") == HResult::kSOk);
  BOOST_TEST(m.network.asked.back() == "cached:1701");
  BOOST_TEST((settings(m).discovered_name == "cached"));
  BOOST_TEST((settings(m).discovered_port == "1701"));
}

BOOST_AUTO_TEST_CASE(CustomerPID) {
  auto m = machine("kms-client");
  m.set(paths::kServiceSl, "CustomerPID", reg::make_sz("p"));
  BOOST_TEST(m.text("SoftwareLicensingService", "KeyManagementServiceProductKeyID") == "p");
  BOOST_TEST((settings(m).customer_pid == "p"));
}

BOOST_AUTO_TEST_CASE(Disabled_refuses_Windows_Anytime_Upgrade) {
  const auto link = [](TestMachine& m) {
    return anytime_upgrade(*m.host.resolved.product, *m.host.resolved.os, settings(m));
  };
  TestMachine business({"vista-sp1", "kms-client", "Business"});
  BOOST_TEST((link(business) == AnytimeUpgrade::kOffered));
  business.set(
      "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\Explorer\\WAU",
      "Disabled", reg::make_dword(1));
  BOOST_TEST((link(business) == AnytimeUpgrade::kRefused));
  TestMachine enterprise, server({"2008", "kms-client", {}}), oem({"vista-sp1", "oem", "Business"});
  BOOST_TEST((link(enterprise) == AnytimeUpgrade::kAbsent));
  BOOST_TEST((link(server) == AnytimeUpgrade::kAbsent));
  BOOST_TEST((link(oem) == AnytimeUpgrade::kAbsent));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
