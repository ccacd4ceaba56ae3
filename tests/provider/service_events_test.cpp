// What the methods of the licensing classes leave in the event logs, together with what they write
// or not at all.
#include <boost/test/unit_test.hpp>

#include "provider/license_document.hpp"
#include "tests/provider/logged_machine.hpp"

namespace slwmi::licensing {
namespace {

using test::Logged;

BOOST_AUTO_TEST_SUITE(service_events)

// covers: Event.1003, Event.1004, Event.1016
BOOST_AUTO_TEST_CASE(keys_licences_and_the_status_leave_their_entries) {
  Logged machine({.os = "vista-sp1", .role = "mak"});
  const std::string key = machine.key(Channel::kMak, 7);
  BOOST_TEST(machine.call("SoftwareLicensingService", "InstallProductKey",
                          {{"ProductKey", cim::Value::text(key)}}) == HResult::kSOk);
  BOOST_TEST(machine.news() == "1016 ID " + key.substr(24) + "; ");
  BOOST_TEST(machine.call("SoftwareLicensingService", "RefreshLicenseStatus") == HResult::kSOk);
  BOOST_TEST(machine.news() == "1003 ID ID, 2, 0x4004F00C; ");
  BOOST_TEST(machine.call("SoftwareLicensingService", "InstallProductKey",
                          {{"ProductKey", cim::Value::text("nonsense")}}) ==
             HResult::kSlEInvalidProductKey);
  BOOST_TEST(machine.news() == "", "a refused call leaves nothing");
  const auto license = cim::Value::text(to_document(*machine.host.resolved.product));
  BOOST_TEST(machine.call("SoftwareLicensingService", "InstallLicense", {{"License", license}}) ==
             HResult::kSOk);
  BOOST_TEST(machine.news() == "1004 ID; ");
}

// covers: Event.1036
BOOST_AUTO_TEST_CASE(an_evaluation_that_is_activated_begins_its_period) {
  Logged machine({.os = "vista-sp1", .role = "retail", .edition = "Ultimate"});
  const std::string key = machine.key(Channel::kTimebasedEval, 7, "Ultimate");
  BOOST_TEST(machine.call("SoftwareLicensingService", "InstallProductKey",
                          {{"ProductKey", cim::Value::text(key)}}) == HResult::kSOk);
  machine.news();
  BOOST_TEST(machine.call("SoftwareLicensingProduct", "Activate") == HResult::kSOk);
  BOOST_TEST(machine.news() == "1036 264960 ID; ");  // 1 March to 31 August 2008, 184 days
}

// covers: Event.8198
BOOST_AUTO_TEST_CASE(activation_at_the_service_logs_its_failures) {
  Logged machine({.os = "vista-sp1", .role = "mak"});
  machine.network.trouble = HResult::kErrorInternetNameNotResolved;
  const std::string before = machine.digest();
  BOOST_TEST(machine.call("SoftwareLicensingProduct", "Activate") ==
             HResult::kErrorInternetNameNotResolved);
  BOOST_TEST(machine.news() == "8198 0x80072EE7 ID; ");
  BOOST_TEST(machine.digest() == before, "nothing else was written");
  machine.host.network = nullptr;
  BOOST_TEST(machine.call("SoftwareLicensingProduct", "Activate") ==
             HResult::kErrorInternetNameNotResolved);
  BOOST_TEST(machine.news() == "8198 0x80072EE7 ID; ");
  machine.host.network = &machine.network;
  machine.network.trouble = HResult::kSOk;
  BOOST_TEST(machine.call("SoftwareLicensingProduct", "Activate") == HResult::kSOk);
  BOOST_TEST(machine.news() == "");
}

BOOST_AUTO_TEST_CASE(an_attempt_at_a_kms_leaves_its_exchange) {
  Logged machine;
  machine.network.count = 4;
  BOOST_TEST(machine.call("SoftwareLicensingProduct", "Activate") == HResult::kSlEVlNotEnoughCount);
  BOOST_TEST(machine.news() ==
             "12288 0x0 0x8 kms.contoso.com:1688 ID 2008/3/1 0:00 0 2 43200 ACTID 25; "
             "12289 0x0 0x4000008 0 0 4 33 44 3/1/2008 0:00; ");
  machine.network.count = 25;
  machine.advance(60);
  BOOST_TEST(machine.call("SoftwareLicensingProduct", "Activate") == HResult::kSOk);
  BOOST_TEST(machine.news() ==
             "12288 0x0 0x8 kms.contoso.com:1688 ID 2008/3/1 1:00 0 2 43140 ACTID 25; "
             "12289 0x0 0x8 1 0 25 33 44 3/1/2008 1:00; ");
  machine.network.trouble = HResult::kRpcSServerUnavailable;
  BOOST_TEST(machine.call("SoftwareLicensingProduct", "Activate") ==
             HResult::kRpcSServerUnavailable);
  BOOST_TEST(machine.news().starts_with("12288 0x800706BA "));
}

// covers: Event.1025, Event.8208, Event.8209
BOOST_AUTO_TEST_CASE(a_failed_validation_says_why) {
  Logged machine({.os = "vista-sp1", .role = "mak"});
  const Arguments ticket = {{"TemplateId", cim::Value::text("T1")},
                            {"ServerUrl", cim::Value::text("http://validation.contoso.com")}};
  machine.network.trouble = HResult::kErrorInternetNameNotResolved;
  BOOST_TEST(machine.call("SoftwareLicensingService", "AcquireGenuineTicket", ticket) ==
             HResult::kErrorInternetNameNotResolved);
  BOOST_TEST(machine.news() == "8208 0x80072EE7 T1; ");
  machine.network.trouble = HResult::kSOk;
  machine.network.verdict = {HResult::kSlEChpaProductKeyBlocked};
  BOOST_TEST(machine.call("SoftwareLicensingService", "AcquireGenuineTicket", ticket) ==
             HResult::kSlENotGenuine);
  BOOST_TEST(machine.news() == "8209 0xC004C003 ID; 1025 4 43200 ID; ");
}

// covers: Event.900, Event.902, Event.903, Event.1040
BOOST_AUTO_TEST_CASE(a_restart_stops_and_starts_the_service) {
  Logged machine;
  machine.advance(10 * 24 * 60);
  BOOST_TEST(machine.call("SoftwareLicensingService", "ReArmWindows") == HResult::kSOk);
  BOOST_TEST(machine.news() == "");
  BOOST_TEST(machine.service().restarted().has_value());
  BOOST_TEST(machine.news() == "903; 900; 902 6.0.6001.18000; 1025 2 43200 ID; ");
  Event hardware;
  hardware.kind = EventKind::kHardwareChanged;
  BOOST_TEST(machine.service().happened(hardware).has_value());
  BOOST_TEST(machine.news() == "1040 ID; ");
}

BOOST_AUTO_TEST_CASE(a_log_keeps_a_text_of_any_length) {
  Logged machine({.os = "vista-sp1", .role = "mak"});
  machine.network.trouble = HResult::kErrorInternetNameNotResolved;
  const Arguments ticket = {{"TemplateId", cim::Value::text(std::string(100'000, 't'))},
                            {"ServerUrl", cim::Value::text("http://validation.contoso.com")}};
  BOOST_TEST(machine.call("SoftwareLicensingService", "AcquireGenuineTicket", ticket) ==
             HResult::kErrorInternetNameNotResolved);
  BOOST_TEST(machine.news().size() < kMaxEventText + 100);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
