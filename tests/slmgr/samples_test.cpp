// VA2 prints what slmgr showed on two machines ("Managing License States"). Here are these
// machines, as WMI would have answered, and the script's output line by line.
#include <boost/test/unit_test.hpp>

#include "recorded_machine.hpp"

namespace {

using namespace slwmi;               // NOLINT(google-build-using-namespace)
using namespace slwmi::slmgr;        // NOLINT(google-build-using-namespace): the unit under test
using namespace slwmi::slmgr::test;  // NOLINT(google-build-using-namespace)
using cim::Value;

Row::Fields product() {
  return {
      {"ID", Value::text("14478aca-ea15-4958-ac34-359281101c99")},
      {"ApplicationID", Value::text("55c92734-d682-4d71-983e-d6ec3f16059f")},
      {"PartialProductKey", Value::text("RHXCM")},
      {"LicenseIsAddon", Value::boolean(false)},
      {"Description", Value::text("Windows Operating System - Vista, ENVIRONMENT channel")},
      {"Name", Value::text("Windows(TM) Vista, Enterprise edition")},
      {"LicenseStatus", Value::uint32(1)},
      {"LicenseStatusReason", Value::uint32(0)},
      {"GracePeriodRemaining", Value::uint32(43162)},
      {"EvaluationEndDate", Value::datetime(*from_civil({2007, 11, 29, 16, 59, 59}))},
      {"ProductKeyID", Value::text("11111-00140-009-000002-03-1033-5384.0000-1942006")},
      {"OfflineInstallationId",
       Value::text("000963843315259493598506854253663081409973656140419231")},
  };
}

Recorded kms_client() {
  Recorded machine;
  machine.service = {
      {"Version", Value::text("6.0.5384.4")},
      {"IsKeyManagementServiceMachine", Value::uint32(0)},
      {"RequiredClientCount", Value::uint32(25)},
      {"ClientMachineID", Value::text("45d450a8-2bef-4f04-9271-6104516a1b60")},
      {"KeyManagementServiceMachine", Value::null(cim::Type::kString)},
      {"KeyManagementServiceProductKeyID",
       Value::text("11111-00140-008-805425-03-1033-5384.0000-1752006")},
      {"VLActivationInterval", Value::uint32(120)},
      {"VLRenewalInterval", Value::uint32(10080)},
  };
  machine.products = {product()};
  return machine;
}

Recorded kms_host() {
  Recorded machine;
  machine.service = {
      {"Version", Value::text("6.0.5384.4")},
      {"IsKeyManagementServiceMachine", Value::uint32(1)},
      {"RequiredClientCount", Value::uint32(kUnset)},
      {"KeyManagementServiceCurrentCount", Value::uint32(7)},
      {"KeyManagementServiceTotalRequests", Value::uint32(9)},
  };
  machine.products = {product()};
  return machine;
}

using Lines = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(samples)

BOOST_AUTO_TEST_CASE(dli_on_a_kms_client) {
  Recorded machine = kms_client();
  const Finished done = run_on(machine, {"/dli"});
  const Lines expected = {
      "Name: Windows(TM) Vista, Enterprise edition",
      "Description: Windows Operating System - Vista, ENVIRONMENT channel",
      "Partial Product Key: RHXCM",
      "License Status: Licensed",
      "Volume activation expiration: 43162 minutes (29 days)",
      "Evaluation End Date: 11/29/2007 4:59:59 PM",
      "Key Management Service client information",
      "Client Machine ID (CMID): 45d450a8-2bef-4f04-9271-6104516a1b60",
      "DNS auto-discovery: KMS name not available from DNS",
      "KMS machine extended PID: 11111-00140-008-805425-03-1033-5384.0000-1752006",
      "Activation interval: 120 minute(s)",
      "Renewal interval: 10080 minute(s)",
  };
  BOOST_TEST(lines_of(done.text) == expected, boost::test_tools::per_element());
  BOOST_TEST(done.exit_code == 0);
}

BOOST_AUTO_TEST_CASE(dli_on_a_kms_host) {
  Recorded machine = kms_host();
  const Finished done = run_on(machine, {"-DLI"});
  const Lines expected = {
      "Name: Windows(TM) Vista, Enterprise edition",
      "Description: Windows Operating System - Vista, ENVIRONMENT channel",
      "Partial Product Key: RHXCM",
      "License Status: Licensed",
      "Volume activation expiration: 43162 minutes (29 days)",
      "Evaluation End Date: 11/29/2007 4:59:59 PM",
      "Key Management Service is enabled on this machine",
      "Current count: 7",
      "Listening on Port: 1688",
      "DNS Publishing: Enabled",
      "KMS priority: Normal",
  };
  BOOST_TEST(lines_of(done.text) == expected, boost::test_tools::per_element());
  BOOST_TEST(done.exit_code == 0);
}

// The guide shows five lines of it; they come in this order, among those of /dli.
BOOST_AUTO_TEST_CASE(dlv_on_a_kms_host) {
  Recorded machine = kms_host();
  const Lines shown = lines_of(run_on(machine, {"/dlv"}).text);
  const Lines sample = {
      "Software licensing service version: 6.0.5384.4",
      "ActivationID: 14478aca-ea15-4958-ac34-359281101c99",
      "ApplicationID: 55c92734-d682-4d71-983e-d6ec3f16059f",
      "Extended PID: 11111-00140-009-000002-03-1033-5384.0000-1942006",
      "Installation ID: 000963843315259493598506854253663081409973656140419231",
  };
  auto at = shown.begin();
  for (const std::string& line : sample) {
    at = std::find(at, shown.end(), line);
    BOOST_TEST((at != shown.end()), line);
  }
  const Lines short_form = lines_of(run_on(machine, {"/dli"}).text);
  at = shown.begin();
  for (const std::string& line : short_form) {
    at = std::find(at, shown.end(), line);
    BOOST_TEST((at != shown.end()), line);
  }
}

// The layout around the labels: what belongs to the KMS is indented behind a blank line.
BOOST_AUTO_TEST_CASE(the_parts_of_the_output_are_set_apart) {
  Recorded machine = kms_client();
  const std::string text = run_on(machine, {"/dlv"}).text;
  BOOST_TEST(text.starts_with("Software licensing service version: 6.0.5384.4\n\nName: "));
  BOOST_TEST((text.find("\n\nKey Management Service client information\n    Client Machine ID "
                        "(CMID): 45d450a8") != std::string::npos));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(display)

void set(Row::Fields& fields, std::string_view name, Value value) {
  for (auto& [known, old] : fields)
    if (known == name) {
      old = std::move(value);
      return;
    }
  fields.emplace_back(name, std::move(value));
}

const struct {
  const char* why;
  std::uint32_t status, minutes, reason;
  const char* expected;  // lines of /dli behind the partial product key
} kStatuses[] = {
    {"unlicensed", 0, 0, 0, "License Status: Unlicensed\n"},
    {"licensed for good", 1, 0, 0, "License Status: Licensed\n"},
    {"a day less a minute is no day", 1, 1439, 0,
     "License Status: Licensed\nVolume activation expiration: 1439 minutes (0 days)\n"},
    {"initial grace", 2, 43200, 0x4004F00C,
     "License Status: Initial grace period\nTime remaining: 43200 minute(s) (30 day(s))\n"},
    {"additional grace", 3, 1441, 0x4004F00D,
     "License Status: Additional grace period (KMS license expired or hardware out of "
     "tolerance)\nTime remaining: 1441 minute(s) (1 day(s))\n"},
    {"non-genuine grace", 4, 5, 0x4004F065,
     "License Status: Non-genuine grace period\nTime remaining: 5 minute(s) (0 day(s))\n"},
    {"the grace period is over", 5, 0, 0xC004F009,
     "License Status: Notification\nNotification Reason: 0xC004F009 (grace time expired)\n"},
    {"not genuine", 5, 0, 0xC004F200,
     "License Status: Notification\nNotification Reason: 0xC004F200 (non-genuine)\n"},
    {"another reason", 5, 0, 0xC004F00F,
     "License Status: Notification\nNotification Reason: 0xC004F00F\n"},
    {"a status of later versions", 6, 10, 0,
     "License Status: Unknown (6)\nTime remaining: 10 minute(s) (0 day(s))\n"},
};

BOOST_AUTO_TEST_CASE(each_status_has_its_lines) {
  for (const auto& row : kStatuses) {
    Recorded machine = kms_client();
    machine.service = {{"Version", Value::text("6.0.6001.18000")}};
    Row::Fields& fields = machine.products[0];
    set(fields, "EvaluationEndDate", Value::datetime(FileTime{}));
    set(fields, "LicenseStatus", Value::uint32(row.status));
    set(fields, "GracePeriodRemaining", Value::uint32(row.minutes));
    set(fields, "LicenseStatusReason", Value::uint32(row.reason));
    const std::string text = run_on(machine, {"/dli"}).text;
    constexpr std::string_view kBefore = "Partial Product Key: RHXCM\n";
    const std::size_t at = text.find(kBefore);
    BOOST_REQUIRE(at != std::string::npos);
    BOOST_TEST_CONTEXT(row.why) BOOST_TEST(text.substr(at + kBefore.size()) == row.expected);
  }
}

const struct {
  const char* why;
  const char* registered;  // KeyManagementServiceMachine
  std::map<std::string, Value, IgnoreCaseLess> registry;
  std::uint32_t refusal;
  const char* line;
} kNames[] = {
    {"set, with the usual port", "kms1", {}, 0, "Registered KMS machine name: kms1:1688"},
    {"set, with a port",
     "kms1",
     {{"KeyManagementServicePort", Value::text("1700")}},
     0,
     "Registered KMS machine name: kms1:1700"},
    {"a port that is none",
     "kms1",
     {{"KeyManagementServicePort", Value::text("99999")}},
     0,
     "Registered KMS machine name: kms1:1688"},
    {"set and found: what was set counts",
     "kms1",
     {{"DiscoveredKeyManagementServiceName", Value::text("kms2.contoso.com")}},
     0,
     "Registered KMS machine name: kms1:1688"},
    {"found",
     "",
     {{"DiscoveredKeyManagementServiceName", Value::text("kms2.contoso.com")},
      {"DiscoveredKeyManagementServicePort", Value::text("1689")}},
     0,
     "KMS machine name from DNS: kms2.contoso.com:1689"},
    {"neither", "", {}, 0, "DNS auto-discovery: KMS name not available from DNS"},
    {"the service account's key is not for everybody",
     "",
     {},
     5,
     "DNS auto-discovery: only an administrator may read the KMS name"},
};

BOOST_AUTO_TEST_CASE(a_client_shows_where_its_host_comes_from) {
  for (const auto& row : kNames) {
    Recorded machine = kms_client();
    set(machine.service, "KeyManagementServiceMachine", Value::text(row.registered));
    machine.registry = row.registry;
    if (row.refusal != 0) machine.refusals["GetStringValue"] = row.refusal;
    const Lines lines = lines_of(run_on(machine, {"/dli"}).text);
    BOOST_TEST_CONTEXT(row.why) BOOST_TEST((std::count(lines.begin(), lines.end(), row.line) == 1));
  }
}

BOOST_AUTO_TEST_CASE(a_host_shows_its_settings_and_dlv_its_counters) {
  Recorded machine = kms_host();
  machine.registry = {{"KeyManagementServiceListeningPort", Value::text("1700")},
                      {"DisableDnsPublishing", Value::uint32(1)},
                      {"EnableKmsLowPriority", Value::uint32(1)}};
  const char* const counters[] = {
      "FailedRequests",   "UnlicensedRequests",      "LicensedRequests",    "OOBGraceRequests",
      "OOTGraceRequests", "NonGenuineGraceRequests", "NotificationRequests"};
  std::uint32_t count = 0;
  for (const char* name : counters)
    set(machine.service, std::string("KeyManagementService") + name, Value::uint32(++count));
  const Lines expected = {
      "Key Management Service is enabled on this machine",
      "Current count: 7",
      "Listening on Port: 1700",
      "DNS Publishing: Disabled",
      "KMS priority: Low",
      "Key Management Service cumulative requests received from clients",
      "Total requests received: 9",
      "Failed requests received: 1",
      "Requests with License Status Unlicensed: 2",
      "Requests with License Status Licensed: 3",
      "Requests with License Status Initial grace period: 4",
      "Requests with License Status License expired or Hardware out of tolerance: 5",
      "Requests with License Status Non-genuine grace period: 6",
      "Requests with License Status Notification: 7",
  };
  Lines shown = lines_of(run_on(machine, {"/dlv"}).text);
  shown.erase(shown.begin(), std::find(shown.begin(), shown.end(), expected.front()));
  BOOST_TEST(shown == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_host_that_nobody_asked_has_the_count_that_scripts_see_and_no_counters) {
  Recorded machine = kms_host();
  set(machine.service, "KeyManagementServiceCurrentCount", Value::uint32(kUnset));
  set(machine.service, "KeyManagementServiceTotalRequests", Value::uint32(kUnset));
  const Lines lines = lines_of(run_on(machine, {"/dlv"}).text);
  BOOST_TEST((std::count(lines.begin(), lines.end(), "Current count: -1") == 1));
  BOOST_TEST((lines.back() == "KMS priority: Normal"));
}

BOOST_AUTO_TEST_CASE(dlv_shows_the_urls_of_everything_but_kms_clients) {
  Recorded machine = kms_host();
  set(machine.products[0], "ProcessorURL", Value::text("http://p"));
  set(machine.products[0], "MachineURL", Value::text("http://m"));
  set(machine.products[0], "UseLicenseURL", Value::text("http://u"));
  set(machine.products[0], "ProductKeyURL", Value::null(cim::Type::kString));
  const auto urls = [&] {
    Lines lines = lines_of(run_on(machine, {"/dlv"}).text);
    std::erase_if(lines,
                  [](const std::string& line) { return line.find("URL") == std::string::npos; });
    return lines;
  };
  const Lines expected = {"Processor Certificate URL: http://p",
                          "Machine Certificate URL: http://m", "Use License URL: http://u"};
  BOOST_TEST(urls() == expected, boost::test_tools::per_element());
  set(machine.products[0], "Description", Value::text("Vista, VOLUME_KMSCLIENT channel"));
  BOOST_TEST(urls().empty());
}

// Vista RTM has neither property; asking for them would be an invalid query.
BOOST_AUTO_TEST_CASE(properties_of_sp1_are_not_asked_of_rtm) {
  const std::string_view properties[] = {"LicenseStatusReason",
                                         "KeyManagementServiceNotificationRequests"};
  for (const auto& [version, asked] :
       {std::pair{"6.0.6000.16386", false}, std::pair{"6.0.6001.18000", true}}) {
    Recorded machine = kms_client();
    set(machine.service, "Version", Value::text(version));
    run_on(machine, {"/dlv"});
    std::string all;
    for (const std::string& query : machine.queries) all += query + "\n";
    for (const std::string_view property : properties)
      BOOST_TEST((all.find(property) != std::string::npos) == asked);
  }
}

BOOST_AUTO_TEST_SUITE_END()
