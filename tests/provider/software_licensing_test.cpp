// Every property of VA2 Appendix 1, row by row and by name: what it shows, and when it is null or
// unset.
#include <boost/test/unit_test.hpp>

#include "provider/pid.hpp"
#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using test::TestMachine;

constexpr std::string_view kProduct = "SoftwareLicensingProduct";
constexpr std::string_view kService = "SoftwareLicensingService";
const std::string kUnsetText = "4294967295";

TestMachine machine(const char* role, const char* os = "vista-sp1") {
  return TestMachine({os, role, {}});
}

BOOST_AUTO_TEST_SUITE(product_properties)

BOOST_AUTO_TEST_CASE(ApplicationID) {
  auto m = machine("kms-client");
  BOOST_TEST(m.text(kProduct, "ApplicationID") == "55c92734-d682-4d71-983e-d6ec3f16059f");
}

// covers: SoftwareLicensingProduct.Description
BOOST_AUTO_TEST_CASE(Description) {
  const struct {
    const char *role, *text;
  } kRows[] = {
      {"kms-client", "Windows Operating System - Vista, VOLUME_KMSCLIENT channel"},
      {"kms-host", "Windows Operating System - Vista, VOLUME_KMS channel"},
      {"mak", "Windows Operating System - Vista, VOLUME_MAK channel"},
      {"retail", "Windows Operating System - Vista, RETAIL channel"},
      {"oem", "Windows Operating System - Vista, OEM_SLP channel"},
  };
  for (const auto& row : kRows) {
    auto m = machine(row.role);
    BOOST_TEST(m.text(kProduct, "Description") == row.text);
  }
}

BOOST_AUTO_TEST_CASE(EvaluationEndDate) {
  auto m = machine("retail");
  BOOST_TEST(m.text(kProduct, "EvaluationEndDate") == "16010101000000.000000-000");
  m.set(paths::kStore, "x", reg::make_dword(1));
  BOOST_TEST(
      m.call(kService, "InstallProductKey",
             {{"ProductKey", cim::Value::text(m.key(Channel::kTimebasedEval, 2, "Ultimate"))}}) ==
      HResult::kSOk);
  BOOST_TEST(m.text(kProduct, "EvaluationEndDate") == "20080831235959.000000-000");
}

BOOST_AUTO_TEST_CASE(GracePeriodRemaining) {
  auto m = machine("kms-client");
  BOOST_TEST(m.text(kProduct, "GracePeriodRemaining") == "43200");
  m.advance(7);
  BOOST_TEST(m.text(kProduct, "GracePeriodRemaining") == "43193");
  BOOST_TEST(machine("kms-host").text(kProduct, "GracePeriodRemaining") == "0");
}

BOOST_AUTO_TEST_CASE(ID) {
  auto m = machine("kms-client");
  BOOST_TEST(m.text(kProduct, "ID") == m.host.resolved.product->sku_text);
  BOOST_TEST(m.rows(kProduct).size() == m.host.resolved.carried.size());
  BOOST_TEST(m.rows(kProduct).size() == 12u);  // every SKU of the media
}

BOOST_AUTO_TEST_CASE(LicenseDependsOn_and_LicenseFamily_and_LicenseIsAddon) {
  auto m = machine("retail");
  int addons = 0;
  for (const cim::Instance& row : m.rows(kProduct)) {
    const bool addon = row.get("LicenseIsAddon").as_boolean();
    addons += addon;
    BOOST_TEST(row.get("LicenseDependsOn").is_null() == !addon);
    BOOST_TEST(parse_guid(row.get("LicenseFamily").as_text()).has_value());
  }
  BOOST_TEST(addons == 1);
}

// covers: SoftwareLicensingProduct.LicenseStatus
BOOST_AUTO_TEST_CASE(LicenseStatus_and_LicenseStatusReason) {
  const struct {
    const char *os, *role, *status;
    std::int64_t minute;
    HResult reason;
  } kRows[] = {
      {"vista-sp1", "kms-client", "2", 0, HResult::kSlIOobGracePeriod},
      {"vista-sp1", "kms-client", "2", 43199, HResult::kSlIOobGracePeriod},
      {"vista-sp1", "kms-client", "5", 43200, HResult::kSlEGraceTimeExpired},
      {"2008", "kms-client", "5", 43200, HResult::kSlEGraceTimeExpired},
      {"vista-rtm", "kms-client", "0", 43200, HResult::kSOk},
      {"vista-sp1", "kms-host", "1", 99999, HResult::kSOk},
      {"vista-sp1", "oem", "1", 99999, HResult::kSOk},
      {"vista-sp1", "unlicensed", "0", 0, HResult::kSlEPkeyNotInstalled},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.os << " " << row.role << " " << row.minute) {
      auto m = machine(row.role, row.os);
      m.advance(row.minute);
      BOOST_TEST(m.text(kProduct, "LicenseStatus") == row.status);
      if (std::string_view(row.os) != "vista-rtm")
        BOOST_TEST(m.read(kProduct, "LicenseStatusReason").as_uint32() == value_of(row.reason));
    }
  }
  auto rtm = machine("kms-client", "vista-rtm");
  BOOST_TEST(rtm.base_product().cls()->find_slot("LicenseStatusReason") == -1);
}

BOOST_AUTO_TEST_CASE(MachineURL_ProcessorURL_ProductKeyURL_UseLicenseURL) {
  const struct {
    const char *property, *link;
  } kUrls[] = {{"ProcessorURL", "51098"},
               {"MachineURL", "51099"},
               {"ProductKeyURL", "51100"},
               {"UseLicenseURL", "51101"}};
  for (const auto& url : kUrls) {
    for (const char* role : {"retail", "mak", "kms-host"})
      BOOST_TEST(machine(role).text(kProduct, url.property) ==
                 std::string("http://go.microsoft.com/fwlink/?LinkId=") + url.link);
    for (const char* role : {"kms-client", "oem"})
      BOOST_TEST(machine(role).read(kProduct, url.property).is_null());
  }
}

// covers: SoftwareLicensingProduct.Name
BOOST_AUTO_TEST_CASE(Name) {
  BOOST_TEST(machine("kms-client").text(kProduct, "Name") ==
             "Windows(TM) Vista, Enterprise edition");
  BOOST_TEST(machine("kms-client", "2008").text(kProduct, "Name") ==
             "Windows Server(TM) 2008, Enterprise edition");
}

BOOST_AUTO_TEST_CASE(OfflineInstallationId) {
  for (const char* role : {"retail", "mak", "kms-host"})
    BOOST_TEST(machine(role).text(kProduct, "OfflineInstallationId").size() == 54u);
  for (const char* role : {"kms-client", "oem", "unlicensed"})
    BOOST_TEST(machine(role).read(kProduct, "OfflineInstallationId").is_null());
}

BOOST_AUTO_TEST_CASE(PartialProductKey) {
  auto m = machine("mak");
  BOOST_TEST(m.text(kProduct, "PartialProductKey") ==
             m.key(Channel::kMak, kSetupSerial).substr(24));
  int with_key = 0;
  for (const cim::Instance& row : m.rows(kProduct))
    with_key += !row.get("PartialProductKey").is_null();
  BOOST_TEST(with_key == 1);
  BOOST_TEST(machine("unlicensed").read(kProduct, "PartialProductKey").is_null());
}

BOOST_AUTO_TEST_CASE(ProductKeyID) {
  auto m = machine("kms-client");
  const std::string group = std::to_string(m.license().key_group);
  BOOST_TEST(m.text(kProduct, "ProductKeyID") ==
             "70007-00" + group + "-000-000001-03-1033-6001.0000-0612008");
  BOOST_TEST(machine("unlicensed").read(kProduct, "ProductKeyID").is_null());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(service_properties)

BOOST_AUTO_TEST_CASE(ClientMachineID) {
  auto m = machine("kms-client");
  BOOST_TEST(m.read(kService, "ClientMachineID").is_null());
  BOOST_TEST(m.call(kProduct, "Activate") == HResult::kSOk);
  const std::string id = m.text(kService, "ClientMachineID");
  BOOST_TEST(parse_guid(id).has_value());
  BOOST_TEST(id == format_guid(client_machine_id(m.network.last.client_id)));
}

BOOST_AUTO_TEST_CASE(IsKeyManagementServiceMachine) {
  BOOST_TEST(machine("kms-host").text(kService, "IsKeyManagementServiceMachine") == "1");
  for (const char* role : {"kms-client", "mak", "oem", "unlicensed"})
    BOOST_TEST(machine(role).text(kService, "IsKeyManagementServiceMachine") == "0");
}

constexpr const char* kCounters[] = {
    "KeyManagementServiceCurrentCount",         "KeyManagementServiceTotalRequests",
    "KeyManagementServiceFailedRequests",       "KeyManagementServiceUnlicensedRequests",
    "KeyManagementServiceLicensedRequests",     "KeyManagementServiceOOBGraceRequests",
    "KeyManagementServiceOOTGraceRequests",     "KeyManagementServiceNonGenuineGraceRequests",
    "KeyManagementServiceNotificationRequests",
};

BOOST_AUTO_TEST_CASE(KeyManagementService_counters_are_unset_without_a_kms_or_a_request) {
  for (const char* role : {"kms-client", "kms-host", "mak"}) {
    auto m = machine(role);
    for (const char* name : kCounters) BOOST_TEST(m.text(kService, name) == kUnsetText);
  }
}

// covers: KeyManagementServiceCurrentCount, KeyManagementServiceTotalRequests
// covers: KeyManagementServiceFailedRequests, KeyManagementServiceUnlicensedRequests
// covers: KeyManagementServiceLicensedRequests, KeyManagementServiceOOBGraceRequests
// covers: KeyManagementServiceOOTGraceRequests, KeyManagementServiceNonGenuineGraceRequests
// covers: KeyManagementServiceNotificationRequests
BOOST_AUTO_TEST_CASE(KeyManagementService_counters_count_requests_by_reported_status) {
  auto m = machine("kms-host");
  for (std::uint8_t i = 1; i <= 21; ++i) {
    kms::Question question;
    question.client_id = i;
    question.required = 25;
    question.status = i % 6;
    question.client_time = m.clock.now();
    BOOST_TEST(m.service().answer_kms(question).value().reply.code == HResult::kSOk);
  }
  kms::Question beta;
  beta.prerelease = true;
  BOOST_TEST(m.service().answer_kms(beta).value().reply.code ==
             HResult::kSlEVlKeyManagementServiceIdMismatch);
  BOOST_TEST(m.text(kService, "KeyManagementServiceCurrentCount") == "21");
  BOOST_TEST(m.text(kService, "KeyManagementServiceTotalRequests") == "21");
  BOOST_TEST(m.text(kService, "KeyManagementServiceFailedRequests") == "1");
  BOOST_TEST(m.text(kService, "KeyManagementServiceUnlicensedRequests") == "3");
  BOOST_TEST(m.text(kService, "KeyManagementServiceLicensedRequests") == "4");
  BOOST_TEST(m.text(kService, "KeyManagementServiceOOBGraceRequests") == "4");
  BOOST_TEST(m.text(kService, "KeyManagementServiceOOTGraceRequests") == "4");
  BOOST_TEST(m.text(kService, "KeyManagementServiceNonGenuineGraceRequests") == "3");
  BOOST_TEST(m.text(kService, "KeyManagementServiceNotificationRequests") == "3");
  m.advance(kms::kMemoryMinutes);
  BOOST_TEST(m.text(kService, "KeyManagementServiceCurrentCount") == "0");
  BOOST_TEST(m.text(kService, "KeyManagementServiceTotalRequests") == "21");
}

BOOST_AUTO_TEST_CASE(KeyManagementServiceMachine) {
  auto m = machine("kms-client");
  BOOST_TEST(m.read(kService, "KeyManagementServiceMachine").is_null());
  m.set(paths::kSl, "KeyManagementServiceName", reg::make_sz("kms01.contoso.com"));
  BOOST_TEST(m.text(kService, "KeyManagementServiceMachine") == "kms01.contoso.com");
  m.set(paths::kSl, "KeyManagementServiceName", reg::make_dword(5));
  BOOST_TEST(m.read(kService, "KeyManagementServiceMachine").is_null());
}

BOOST_AUTO_TEST_CASE(KeyManagementServiceProductKeyID) {
  auto m = machine("kms-client");
  BOOST_TEST(m.read(kService, "KeyManagementServiceProductKeyID").is_null());
  BOOST_TEST(m.call(kProduct, "Activate") == HResult::kSOk);
  BOOST_TEST(m.text(kService, "KeyManagementServiceProductKeyID") == "host-pid");
}

BOOST_AUTO_TEST_CASE(PolicyCacheRefreshRequired) {
  auto m = machine("mak");
  BOOST_TEST(m.text(kService, "PolicyCacheRefreshRequired") == "0");
  BOOST_TEST(!failed(m.service().happened({EventKind::kLicenseInstalled}) ? HResult::kSOk
                                                                          : HResult::kEFail));
  BOOST_TEST(m.text(kService, "PolicyCacheRefreshRequired") == "1");
  BOOST_TEST(m.call(kService, "RefreshLicenseStatus") == HResult::kSOk);
  BOOST_TEST(m.text(kService, "PolicyCacheRefreshRequired") == "0");
}

BOOST_AUTO_TEST_CASE(RequiredClientCount) {
  BOOST_TEST(machine("kms-client").text(kService, "RequiredClientCount") == "25");
  BOOST_TEST(machine("kms-client", "2008").text(kService, "RequiredClientCount") == "5");
  for (const char* role : {"kms-host", "mak", "oem", "unlicensed"})
    BOOST_TEST(machine(role).text(kService, "RequiredClientCount") == kUnsetText);
}

// covers: SoftwareLicensingService.Version
BOOST_AUTO_TEST_CASE(Version) {
  BOOST_TEST(machine("mak", "vista-rtm").text(kService, "Version") == "6.0.6000.16386");
  BOOST_TEST(machine("mak", "vista-sp1").text(kService, "Version") == "6.0.6001.18000");
  BOOST_TEST(machine("mak", "2008").text(kService, "Version") == "6.0.6001.18000");
}

// VLActivationInterval and VLRenewalInterval, and the timers behind them.
// covers: SoftwareLicensingService.VLActivationInterval, SoftwareLicensingService.VLRenewalInterval
BOOST_AUTO_TEST_CASE(VLActivationInterval_and_VLRenewalInterval) {
  const struct {
    const char* property;
    std::uint32_t fallback, from_host;
  } kRows[] = {{"VLActivationInterval", 120, 33}, {"VLRenewalInterval", 10080, 44}};
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.property) {
      const std::string_view name = row.property;
      auto m = machine("kms-client");
      const auto shown = [&] { return m.read(kService, name).as_uint32(); };
      const auto timer = [&] {
        const License license = m.license();
        return timer_interval(
            name == "VLActivationInterval" ? license.activation_interval : license.renewal_interval,
            m.view(), name, row.fallback);
      };
      BOOST_TEST(shown() == row.fallback);
      // Out of range: the property shows the raw number, the timer uses the default.
      for (const std::uint32_t number : {0u, 14u, 43201u, 0xFFFFFFFFu}) {
        m.set(paths::kSl, name, reg::make_dword(number));
        BOOST_TEST(shown() == number);
        BOOST_TEST(timer() == row.fallback);
      }
      for (const std::uint32_t number : {15u, 16u, 43199u, 43200u}) {
        m.set(paths::kSl, name, reg::make_dword(number));
        BOOST_TEST(shown() == number);
        BOOST_TEST(timer() == number);
      }
      // Of another type, or absent: the default.
      m.set(paths::kSl, name, reg::make_sz("500"));
      BOOST_TEST(shown() == row.fallback);
      BOOST_TEST(timer() == row.fallback);
      m.remove(paths::kSl, name);
      BOOST_TEST(shown() == row.fallback);
      // From the first answer of a KMS host until a reset or a key change the record counts.
      m.set(paths::kSl, name, reg::make_dword(500));
      m.network.count = 1;
      BOOST_TEST(m.call(kProduct, "Activate") == HResult::kSlEVlNotEnoughCount);
      BOOST_TEST(shown() == row.from_host);
      BOOST_TEST(timer() == row.from_host);
      BOOST_TEST(m.call(kService, "ReArmWindows") == HResult::kSOk);
      BOOST_TEST(m.service().restarted().has_value());
      BOOST_TEST(shown() == 500u);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_policy_layer_shows_in_the_next_query) {
  auto m = machine("kms-client");
  reg::OpBuilder ops;
  ops.set_value(reg::key_of(paths::kSl), reg::intern_name("VLRenewalInterval").spelling,
                reg::make_dword(777));
  m.store->push({std::make_shared<const reg::Layer>(ops.take())}, test::kStart);
  BOOST_TEST(m.text(kService, "VLRenewalInterval") == "777");
  m.store->push({}, test::kStart);
  BOOST_TEST(m.text(kService, "VLRenewalInterval") == "10080");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
