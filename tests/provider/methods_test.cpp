// Every method of VA2 Appendix 1 by name: what it does, how it fails, and that a failure leaves the
// hive as it was.
#include <boost/test/unit_test.hpp>

#include "provider/installation_id.hpp"
#include "provider/license_document.hpp"
#include "provider/pid.hpp"
#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using test::TestMachine;
using H = HResult;

constexpr std::string_view kProduct = "SoftwareLicensingProduct";
constexpr std::string_view kService = "SoftwareLicensingService";

TestMachine machine(const char* role, const char* os = "vista-sp1") {
  return TestMachine({os, role, {}});
}
cim::Value text(std::string_view value) { return cim::Value::text(value); }

// Calls and expects the code; a failing call must not have changed anything.
void expect(TestMachine& m, H code, std::string_view cls, std::string_view method,
            const Arguments& in = {}) {
  const std::string before = m.digest();
  BOOST_TEST(m.call(cls, method, in) == code);
  if (failed(code)) BOOST_TEST((m.digest() == before));
}

void install_key(TestMachine& m, H code, const std::string& key) {
  BOOST_TEST_CONTEXT(key) {
    expect(m, code, kService, "InstallProductKey", {{"ProductKey", text(key)}});
  }
}

BOOST_AUTO_TEST_SUITE(InstallProductKey)

BOOST_AUTO_TEST_CASE(moves_the_state_to_the_product_of_the_key) {
  auto m = machine("kms-client");
  m.advance(100);
  install_key(m, H::kSOk, m.key(Channel::kMak));
  BOOST_TEST(m.text(kProduct, "Description").find("VOLUME_MAK") != std::string::npos);
  BOOST_TEST(m.text(kProduct, "PartialProductKey") == m.key(Channel::kMak).substr(24));
  BOOST_TEST(m.text(kProduct, "GracePeriodRemaining") == "43100");
  int with_key = 0;
  for (const cim::Instance& row : m.rows(kProduct))
    with_key += !row.get("PartialProductKey").is_null();
  BOOST_TEST(with_key == 1);
  install_key(m, H::kSOk, m.key(Channel::kKmsHost));
  BOOST_TEST(m.text(kService, "IsKeyManagementServiceMachine") == "1");
}

BOOST_AUTO_TEST_CASE(gives_each_refused_key_its_documented_code) {
  for (const char* os : {"vista-rtm", "vista-sp1"}) {
    auto m = machine("kms-client", os);
    install_key(m, H::kEInvalidarg, "");
    install_key(m, H::kSlEInvalidProductKey, "hello");
    install_key(m, H::kSlEInvalidProductKey, to_text({65000, 1}));       // unknown group
    install_key(m, H::kSlEBlockedProductKey, m.key(Channel::kMak, 13));  // blocked
    install_key(m, H::kSlEDependentPropertyNotSet,
                m.key(Channel::kRetail, 2, "Ultimate"));  // another edition
    const Product* server = nullptr;
    const Product* beta = nullptr;
    const Product* upgrade = nullptr;
    for (const auto& product : test::catalogue().products()) {
      if (product->family.find("2008") != std::string::npos) server = product.get();
      if (product->prerelease) beta = product.get();
      if (product->upgrade_only) upgrade = product.get();
    }
    install_key(m, H::kSlEDependentPropertyNotSet, to_text({server->key_group, 2}));
    install_key(m, H::kSlEInvalidProductKey, to_text({beta->key_group, 2}));
    TestMachine retail({os, "retail", {}});
    retail.host.facts.upgraded = false;
    install_key(retail, H::kSlEPkeyInvalidUpgrade, to_text({upgrade->key_group, 2}));
    retail.host.facts.upgraded = true;
    install_key(retail, H::kSOk, to_text({upgrade->key_group, 2}));
  }
}

BOOST_AUTO_TEST_CASE(takes_oem_keys_only_with_their_firmware) {
  auto m = machine("retail");
  install_key(m, H::kSlESlpMissingAcpiSlic, m.key(Channel::kOemSlp));
  m.host.facts.slic_table = true;
  install_key(m, H::kSlESlpMissingSlpMarker, m.key(Channel::kOemSlp));
  m.host.facts.windows_marker = m.host.facts.slic_malformed = true;
  install_key(m, H::kSlESlpBadFormat, m.key(Channel::kOemSlp));
  m.host.facts.slic_malformed = false;
  install_key(m, H::kSlESlpOemCertMissing, m.key(Channel::kOemSlp));
  for (const Product* product : m.host.resolved.carried) {
    if (product->channel == Channel::kOemSlp)
      BOOST_TEST(m.service().install_license(to_document(*product)).has_value());
  }
  install_key(m, H::kSOk, m.key(Channel::kOemSlp));
  BOOST_TEST(m.status().status == LicenseStatus::kLicensed);
  auto oem = machine("oem");
  oem.host.facts.slic_table = oem.host.facts.windows_marker = true;
  install_key(oem, H::kSOk, oem.key(Channel::kOemSlp));
}

BOOST_AUTO_TEST_CASE(forgets_what_a_kms_host_said) {
  auto m = machine("kms-client");
  expect(m, H::kSOk, kProduct, "Activate");
  install_key(m, H::kSOk, m.key(Channel::kKmsClient, 9));
  BOOST_TEST(m.read(kService, "KeyManagementServiceProductKeyID").is_null());
  BOOST_TEST(m.text(kService, "VLActivationInterval") == "120");
  BOOST_TEST(m.status().status == LicenseStatus::kOobGrace);
}

BOOST_AUTO_TEST_CASE(waits_while_a_reset_is_pending) {
  auto m = machine("mak");
  expect(m, H::kSOk, kService, "ReArmWindows");
  install_key(m, H::kSlRemappingSpPubTsRearmed, m.key(Channel::kMak));
}

BOOST_AUTO_TEST_SUITE_END()

// Both halves of the life of an add-on's key.
BOOST_AUTO_TEST_SUITE(an_add_on_s_key)

BOOST_AUTO_TEST_CASE(leaves_windows_own_product_id_alone) {
  TestMachine m({"vista-sp1", "retail", "Ultimate"});
  install_key(m, H::kSOk, m.key(Channel::kRetail, 2, "Ultimate"));
  const std::string id = m.value(paths::kCurrentVersion, "ProductId");
  const std::string digital = m.value(paths::kCurrentVersion, "DigitalProductId");
  m.set(paths::kServiceSl, "CustomerPID", reg::make_sz("kept"));
  const Product* extras = nullptr;
  for (const Product* product : m.host.resolved.carried)
    if (product->is_addon()) extras = product;
  BOOST_REQUIRE(extras != nullptr);
  const auto unchanged = [&] {
    return m.value(paths::kCurrentVersion, "ProductId") == id &&
           m.value(paths::kCurrentVersion, "DigitalProductId") == digital &&
           m.value(paths::kServiceSl, "CustomerPID") == "kept";
  };
  install_key(m, H::kSOk, m.key(Channel::kRetail, 2, "Extras"));
  BOOST_TEST(unchanged());
  BOOST_TEST(m.service().uninstall_product_key(extras->sku_text).has_value());
  BOOST_TEST(unchanged());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(UninstallProductKey)

BOOST_AUTO_TEST_CASE(leaves_the_product_unlicensed) {
  auto m = machine("mak");
  expect(m, H::kSOk, kProduct, "UninstallProductKey");
  BOOST_TEST(m.text(kProduct, "LicenseStatus") == "0");
  BOOST_TEST(m.read(kProduct, "PartialProductKey").is_null());
  expect(m, H::kSlEPkeyNotInstalled, kProduct, "UninstallProductKey");
  expect(m, H::kSlEPkeyNotInstalled, kProduct, "Activate");
  install_key(m, H::kSOk, m.key(Channel::kMak));
  BOOST_TEST(m.text(kProduct, "LicenseStatus") == "2");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ClearProductKeyFromRegistry)

BOOST_AUTO_TEST_CASE(removes_the_text_and_keeps_the_key) {
  auto m = machine("mak");
  install_key(m, H::kSOk, m.key(Channel::kMak));
  const ProductKey key = parse_product_key(m.key(Channel::kMak)).value();
  const auto stored = [&] {
    const auto value =
        m.view().find(reg::key_of(paths::kCurrentVersion), reg::intern_name("DigitalProductId").id);
    return reg::ValueData(value.value());
  };
  const std::string id = short_product_id(key);
  BOOST_TEST(m.value(paths::kCurrentVersion, "ProductId") == id);
  BOOST_TEST((stored() == reg::make_binary(digital_product_id(id, key))));
  expect(m, H::kSOk, kService, "ClearProductKeyFromRegistry");
  BOOST_TEST((stored() == reg::make_binary(digital_product_id(id, {}))));
  BOOST_TEST(m.value(paths::kCurrentVersion, "ProductId") == id);
  BOOST_TEST(m.text(kProduct, "PartialProductKey") == m.key(Channel::kMak).substr(24));
  expect(m, H::kSOk, kService, "ClearProductKeyFromRegistry");
  expect(m, H::kSOk, kProduct, "UninstallProductKey");
  BOOST_TEST(m.value(paths::kCurrentVersion, "ProductId") == "00000-000-0000000-00000");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(InstallLicense_and_InstallLicensePackage)

std::string document(std::uint16_t group, const char* edition = "Sample",
                     const char* sku_end = "1") {
  Product product;
  product.sku = parse_guid(std::string("0f0f0f0f-1111-8222-9333-44444444444") + sku_end).value();
  product.application = "55c92734-d682-4d71-983e-d6ec3f16059f";
  product.name = "Windows(TM) Vista, Sample edition";
  product.family = "Windows Operating System - Vista";
  product.edition = edition;
  product.channel = Channel::kMak;
  product.license_family = "0f0f0f0f-1111-8222-9333-555555555555";
  product.key_group = group;
  return to_document(product);
}

BOOST_AUTO_TEST_CASE(add_a_product_that_takes_keys_and_ask_for_a_refresh) {
  auto m = machine("mak");
  const std::size_t before = m.rows(kProduct).size();
  expect(m, H::kSOk, kService, "InstallLicense", {{"License", text(document(900))}});
  BOOST_TEST(m.rows(kProduct).size() == before + 1);
  BOOST_TEST(m.text(kService, "PolicyCacheRefreshRequired") == "1");
  expect(m, H::kSOk, kService, "RefreshLicenseStatus");
  BOOST_TEST(m.text(kService, "PolicyCacheRefreshRequired") == "0");
  install_key(m, H::kSOk, to_text({900, 5}));
  BOOST_TEST(m.text(kProduct, "Name") == "Windows(TM) Vista, Sample edition");
  // The same product again replaces it.
  expect(m, H::kSOk, kService, "InstallLicense", {{"License", text(document(900, "Other"))}});
  BOOST_TEST(m.rows(kProduct).size() == before + 1);
}

BOOST_AUTO_TEST_CASE(take_a_package_whole_or_not_at_all) {
  auto m = machine("mak");
  const std::size_t before = m.rows(kProduct).size();
  const std::string head = "<licensePackage xmlns=\"urn:slwmi:license:1\">";
  const std::string tail = "</licensePackage>";
  expect(m, H::kSOk, kService, "InstallLicensePackage",
         {{"LicensePackage", text(head + document(900) + document(901, "B", "2") + tail)}});
  BOOST_TEST(m.rows(kProduct).size() == before + 2);
  expect(m, H::kSlEInvalidLicense, kService, "InstallLicensePackage",
         {{"LicensePackage", text(head + document(902, "C", "3") + "<license/>" + tail)}});
  expect(m, H::kSlEInvalidPackage, kService, "InstallLicensePackage",
         {{"LicensePackage", text(document(1))}});
  expect(m, H::kEInvalidarg, kService, "InstallLicensePackage", {{"LicensePackage", text("")}});
}

BOOST_AUTO_TEST_CASE(refuse_what_is_no_licence) {
  auto m = machine("mak");
  expect(m, H::kEInvalidarg, kService, "InstallLicense", {{"License", text("")}});
  expect(m, H::kSlEInvalidLicense, kService, "InstallLicense", {{"License", text("<a/>")}});
  // A key group that another product has.
  expect(m, H::kSlEInvalidLicense, kService, "InstallLicense",
         {{"License", text(document(m.host.resolved.product->key_group))}});
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(SetKeyManagementServiceMachine_and_ClearKeyManagementServiceMachine)

BOOST_AUTO_TEST_CASE(write_and_remove_the_documented_value) {
  auto m = machine("kms-client");
  expect(m, H::kSOk, kService, "SetKeyManagementServiceMachine",
         {{"MachineName", text("kms01.contoso.com")}});
  BOOST_TEST(m.value(paths::kSl, "KeyManagementServiceName") == "kms01.contoso.com");
  BOOST_TEST(m.text(kService, "KeyManagementServiceMachine") == "kms01.contoso.com");
  expect(m, H::kSOk, kService, "ClearKeyManagementServiceMachine");
  BOOST_TEST(m.value(paths::kSl, "KeyManagementServiceName") == "(none)");
  expect(m, H::kSOk, kService, "ClearKeyManagementServiceMachine");  // nothing to clear is no error
}

// No source says that Windows looks at the form; whoever asks such a host finds nobody.
BOOST_AUTO_TEST_CASE(take_a_name_of_any_form) {
  auto m = machine("kms-client");
  for (const char* name : {"k:99999", "k..x", "-k", "[::1", "k\xED\xA0\x80"}) {
    expect(m, H::kSOk, kService, "SetKeyManagementServiceMachine", {{"MachineName", text(name)}});
    BOOST_TEST(m.text(kService, "KeyManagementServiceMachine") == name);
  }
}

BOOST_AUTO_TEST_CASE(refuse_what_is_no_name) {
  auto m = machine("kms-client");
  expect(m, H::kEInvalidarg, kService, "SetKeyManagementServiceMachine",
         {{"MachineName", text("")}});
  expect(m, H::kErrorInvalidName, kService, "SetKeyManagementServiceMachine",
         {{"MachineName", text("a b")}});
  expect(m, H::kErrorInvalidName, kService, "SetKeyManagementServiceMachine",
         {{"MachineName", text(std::string(256, 'a'))}});
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(SetVLActivationInterval_and_SetVLRenewalInterval)

struct Setter {
  const char *method, *parameter, *value;
};
constexpr Setter kSetters[] = {
    {"SetVLActivationInterval", "ActivationInterval", "VLActivationInterval"},
    {"SetVLRenewalInterval", "RenewalInterval", "VLRenewalInterval"},
};

BOOST_AUTO_TEST_CASE(take_15_to_43200_minutes) {
  for (const Setter& setter : kSetters) {
    auto m = machine("kms-host");
    for (const std::uint32_t number : {15u, 16u, 43199u, 43200u}) {
      expect(m, H::kSOk, kService, setter.method, {{setter.parameter, cim::Value::uint32(number)}});
      BOOST_TEST(m.value(paths::kSl, setter.value) == std::to_string(number));
      BOOST_TEST(m.text(kService, setter.value) == std::to_string(number));
    }
    for (const std::uint32_t number : {0u, 14u, 43201u, 0xFFFFFFFFu})
      expect(m, H::kEInvalidarg, kService, setter.method,
             {{setter.parameter, cim::Value::uint32(number)}});
    expect(m, H::kEInvalidarg, kService, setter.method,
           {{setter.parameter, cim::Value::integer(cim::Type::kSint32, -1)}});
    expect(m, H::kEInvalidarg, kService, setter.method,
           {{setter.parameter, cim::Value::null(cim::Type::kUint32)}});
    expect(m, H::kWbemETypeMismatch, kService, setter.method, {{setter.parameter, text("soon")}});
    expect(m, H::kSOk, kService, setter.method, {{setter.parameter, text("60")}});
  }
}

BOOST_AUTO_TEST_CASE(are_for_kms_hosts_and_check_the_range_before_that) {
  for (const Setter& setter : kSetters) {
    for (const char* role : {"kms-client", "mak", "unlicensed"}) {
      auto m = machine(role);
      expect(m, H::kSlEVlBindingServiceNotEnabled, kService, setter.method,
             {{setter.parameter, cim::Value::uint32(60)}});
      expect(m, H::kEInvalidarg, kService, setter.method,
             {{setter.parameter, cim::Value::uint32(14)}});
    }
  }
}

BOOST_AUTO_TEST_CASE(want_their_argument_by_its_name) {
  for (const Setter& setter : kSetters) {
    auto m = machine("kms-host");
    const auto number = cim::Value::uint32(60);
    expect(m, H::kWbemEInvalidMethodParameters, kService, setter.method);
    expect(m, H::kWbemEInvalidMethodParameters, kService, setter.method, {{"Interval", number}});
    expect(m, H::kWbemEInvalidMethodParameters, kService, setter.method,
           {{setter.parameter, number}, {setter.parameter, number}});
  }
  auto m = machine("kms-host");
  expect(m, H::kWbemEInvalidMethod, kService, "SetInterval");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ReArmWindows)

BOOST_AUTO_TEST_CASE(is_limited_by_edition_and_version) {
  const struct {
    const char *os, *edition;
    int limit;
  } kRows[] = {
      {"vista-rtm", "Enterprise", 3}, {"vista-rtm", "Business", 3}, {"vista-sp1", "Enterprise", 5},
      {"vista-sp1", "Business", 3},   {"2008", "Enterprise", 3},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.os << " " << row.edition) {
      TestMachine m({row.os, "kms-client", row.edition});
      for (int i = 0; i < row.limit; ++i) {
        m.advance(1000);
        expect(m, H::kSOk, kService, "ReArmWindows");
        expect(m, H::kSlRemappingSpPubTsRearmed, kService, "ReArmWindows");
        BOOST_TEST(m.text(kProduct, "GracePeriodRemaining") == "42200");
        BOOST_TEST(m.service().restarted().has_value());
        BOOST_TEST(m.text(kProduct, "GracePeriodRemaining") == "43200");
      }
      expect(m, H::kSlRemappingSpPubTsMaxRearmReached, kService, "ReArmWindows");
      BOOST_TEST(m.service().generalized().error().code == H::kSlRemappingSpPubTsMaxRearmReached);
    }
  }
}

BOOST_AUTO_TEST_CASE(recreates_the_client_machine_id_and_clears_activation_data) {
  auto m = machine("kms-client");
  expect(m, H::kSOk, kProduct, "Activate");
  const std::string id = m.text(kService, "ClientMachineID");
  expect(m, H::kSOk, kService, "ReArmWindows");
  BOOST_TEST(m.text(kService, "ClientMachineID") == id);
  BOOST_TEST(m.service().restarted().has_value());
  BOOST_TEST(m.read(kService, "ClientMachineID").is_null());
  BOOST_TEST(m.read(kService, "KeyManagementServiceProductKeyID").is_null());
  BOOST_TEST(m.value(paths::kServiceSl, "DiscoveredKeyManagementServiceName") == "(none)");
  expect(m, H::kSOk, kProduct, "Activate");
  BOOST_TEST(m.text(kService, "ClientMachineID") != id);
  BOOST_TEST(format_guid(client_machine_id(m.network.last.previous_client_id)) == id);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(RefreshLicenseStatus)

BOOST_AUTO_TEST_CASE(succeeds_with_nothing_to_do) {
  auto m = machine("unlicensed");
  expect(m, H::kSOk, kService, "RefreshLicenseStatus");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(AcquireGenuineTicket)

const Arguments kTicket = {{"TemplateId", text("t")},
                           {"ServerUrl", text("http://validation.contoso.com")}};

BOOST_AUTO_TEST_CASE(ends_the_non_genuine_state_only_with_a_good_verdict) {
  auto m = machine("mak");
  expect(m, H::kSOk, kProduct, "Activate");
  m.network.verdict = {HResult::kSlEChpaProductKeyBlocked};
  BOOST_TEST(m.call(kService, "AcquireGenuineTicket", kTicket) == H::kSlENotGenuine);
  BOOST_TEST(m.status().status == LicenseStatus::kNonGenuineGrace);
  expect(m, H::kSOk, kProduct, "Activate");
  BOOST_TEST(m.status().status == LicenseStatus::kNonGenuineGrace);
  m.network.verdict = {};
  expect(m, H::kSOk, kService, "AcquireGenuineTicket", kTicket);
  BOOST_TEST(m.status().status == LicenseStatus::kLicensed);
}

BOOST_AUTO_TEST_CASE(fails_without_key_arguments_or_network) {
  auto bare = machine("unlicensed");
  expect(bare, H::kSlEPkeyNotInstalled, kService, "AcquireGenuineTicket", kTicket);
  auto m = machine("mak");
  expect(m, H::kEInvalidarg, kService, "AcquireGenuineTicket",
         {{"TemplateId", text("")}, {"ServerUrl", text("x")}});
  m.network.trouble = H::kErrorInternetTimeout;
  expect(m, H::kErrorInternetTimeout, kService, "AcquireGenuineTicket", kTicket);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(Activate)

BOOST_AUTO_TEST_CASE(licenses_mak_retail_and_kms_hosts_for_good) {
  for (const char* role : {"mak", "retail"}) {
    auto m = machine(role);
    expect(m, H::kSOk, kProduct, "Activate");
    BOOST_TEST(m.text(kProduct, "LicenseStatus") == "1");
    m.advance(10 * kKmsValidityMinutes);
    BOOST_TEST(m.text(kProduct, "LicenseStatus") == "1");
  }
  auto m = machine("kms-client");
  install_key(m, H::kSOk, m.key(Channel::kKmsHost));
  BOOST_TEST(m.service().answer_kms({}).value().reply.code ==
             H::kSlEVlKeyManagementServiceNotActivated);
  expect(m, H::kSOk, kProduct, "Activate");
  BOOST_TEST(m.text(kProduct, "LicenseStatus") == "1");
}

BOOST_AUTO_TEST_CASE(passes_the_service_s_refusals_on) {
  auto m = machine("mak");
  for (const H code :
       {H::kErrorInternetNameNotResolved, H::kErrorInternetTimeout, H::kErrorNetworkUnreachable,
        H::kSlEChpaProductKeyOutOfRange, H::kSlESrvGeneralError, H::kSlEChpaInvalidProductKey}) {
    m.network.trouble = code;
    expect(m, code, kProduct, "Activate");
  }
  m.network.trouble = H::kSOk;
  m.network.ledger.keys[{m.license().key_group, kSetupSerial}].state = KeyState::kBlocked;
  expect(m, H::kSlEChpaProductKeyBlocked, kProduct, "Activate");
  m.host.network = nullptr;
  expect(m, H::kErrorInternetNameNotResolved, kProduct, "Activate");
}

BOOST_AUTO_TEST_CASE(refuses_oem_products_and_ended_evaluations) {
  auto oem = machine("oem");
  expect(oem, H::kSlENotSupported, kProduct, "Activate");
  auto m = machine("retail");
  install_key(m, H::kSOk, m.key(Channel::kTimebasedEval, 2, "Ultimate"));
  expect(m, H::kSOk, kProduct, "Activate");
  BOOST_TEST(m.text(kProduct, "LicenseStatus") == "1");
  m.clock.set(*from_civil({2008, 8, 31, 23, 59, 58}));
  BOOST_TEST(m.text(kProduct, "LicenseStatus") == "1");
  m.clock.set(*from_civil({2008, 8, 31, 23, 59, 59}));
  BOOST_TEST(m.text(kProduct, "LicenseStatus") == "0");
  expect(m, H::kSlEValidityTimeExpired, kProduct, "Activate");
}

BOOST_AUTO_TEST_CASE(asks_a_kms_host_and_renews_for_180_days) {
  auto m = machine("kms-client");
  expect(m, H::kSOk, kProduct, "Activate");
  BOOST_TEST(m.network.asked.back() == "kms.contoso.com:1688");
  BOOST_TEST(m.network.last.status == 2u);
  BOOST_TEST(m.network.last.required == 25u);
  BOOST_TEST(m.text(kProduct, "GracePeriodRemaining") == "259200");
  BOOST_TEST(m.value(paths::kServiceSl, "DiscoveredKeyManagementServiceName") == "kms.contoso.com");
  BOOST_TEST(m.value(paths::kServiceSl, "DiscoveredKeyManagementServicePort") == "1688");
  m.advance(kKmsValidityMinutes + 5);
  BOOST_TEST(m.text(kProduct, "LicenseStatus") == "3");
  expect(m, H::kSOk, kProduct, "Activate");
  BOOST_TEST(m.network.last.status == 3u);
  BOOST_TEST(m.text(kProduct, "GracePeriodRemaining") == "259200");
}

BOOST_AUTO_TEST_CASE(looks_for_the_host_in_the_documented_order) {
  auto m = machine("kms-client");
  m.set(paths::kSl, "KeyManagementServiceName", reg::make_sz("fixed"));
  m.set(paths::kSl, "KeyManagementServicePort", reg::make_sz("1700"));
  expect(m, H::kSOk, kProduct, "Activate");
  BOOST_TEST(m.network.asked.back() == "fixed:1700");
  BOOST_TEST(m.value(paths::kServiceSl, "DiscoveredKeyManagementServiceName") == "(none)");
  // A set host that fails is not replaced by DNS.
  m.network.kms_answer = H::kRpcSServerUnavailable;
  BOOST_TEST(m.call(kProduct, "Activate") == H::kRpcSServerUnavailable);
  BOOST_TEST(m.network.asked.back() == "fixed:1700");
  // The cached host comes next, and DNS after it.
  m.remove(paths::kSl, "KeyManagementServiceName");
  m.remove(paths::kSl, "KeyManagementServicePort");
  m.set(paths::kServiceSl, "DiscoveredKeyManagementServiceName", reg::make_sz("cached"));
  m.network.asked.clear();
  BOOST_TEST(m.call(kProduct, "Activate") == H::kRpcSServerUnavailable);
  BOOST_TEST(m.network.asked == (std::vector<std::string>{"cached:1688", "kms.contoso.com:1688"}),
             boost::test_tools::per_element());
  m.network.records.clear();
  BOOST_TEST(m.call(kProduct, "Activate") == H::kDnsErrorRcodeNameError);
}

BOOST_AUTO_TEST_CASE(passes_the_network_s_and_the_kms_host_s_refusals_on) {
  auto m = machine("kms-client");
  for (const H code : {H::kDnsErrorRcodeServerFailure, H::kDnsErrorRcodeNameError,
                       H::kDnsInfoNoRecords, H::kDnsErrorNoDnsServers}) {
    m.network.trouble = code;
    BOOST_TEST(m.call(kProduct, "Activate") == code);
  }
  m.network.trouble = H::kSOk;
  for (const H code : {H::kRpcSServerUnavailable, H::kSlEVlBindingServiceNotEnabled,
                       H::kSlEVlKeyManagementServiceNotActivated,
                       H::kSlEVlKeyManagementServiceIdMismatch, H::kSlEMismatchedProductSku}) {
    m.network.kms_answer = code;
    BOOST_TEST(m.call(kProduct, "Activate") == code);
  }
}

BOOST_AUTO_TEST_CASE(keeps_what_a_failed_kms_attempt_left_behind) {
  auto m = machine("kms-client");
  m.network.kms_answer = H::kRpcSServerUnavailable;
  BOOST_TEST(m.call(kProduct, "Activate") == H::kRpcSServerUnavailable);
  const std::string id = m.text(kService, "ClientMachineID");
  BOOST_TEST(parse_guid(id).has_value());
  m.network.kms_answer = H::kSOk;
  m.network.count = 24;
  BOOST_TEST(m.call(kProduct, "Activate") == H::kSlEVlNotEnoughCount);
  BOOST_TEST(m.text(kService, "ClientMachineID") == id);
  BOOST_TEST(m.text(kService, "VLActivationInterval") == "33");
  BOOST_TEST(m.status().status == LicenseStatus::kOobGrace);
  BOOST_TEST(m.read(kService, "KeyManagementServiceProductKeyID").is_null());
  m.network.count = 25;
  expect(m, H::kSOk, kProduct, "Activate");
}

BOOST_AUTO_TEST_CASE(refuses_a_kms_client_whose_firmware_lacks_the_marker) {
  auto m = machine("kms-client");
  m.host.facts.slic_table = true;
  BOOST_TEST(m.call(kProduct, "Activate") == H::kSlEVlNotWindowsSlp);
  BOOST_TEST(m.read(kService, "ClientMachineID").is_null());
  BOOST_TEST(m.network.asked.empty());
  BOOST_TEST(m.status().status == LicenseStatus::kOobGrace);
  auto mak = machine("mak");
  mak.host.facts.slic_table = true;
  expect(mak, H::kSOk, kProduct, "Activate");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(DepositOfflineConfirmationId)

Arguments deposit(const std::string& installation, const std::string& confirmation) {
  return {{"InstallationId", text(installation)}, {"ConfirmationId", text(confirmation)}};
}

BOOST_AUTO_TEST_CASE(activates_by_telephone_inside_one_world) {
  for (const char* role : {"mak", "retail"}) {
    auto m = machine(role);
    const std::string id = m.text(kProduct, "OfflineInstallationId");
    const std::string wrong = confirmation_id(id, m.host.facts.world_seed + 1);
    expect(m, H::kSlECidiidMismatched, kProduct, "DepositOfflineConfirmationId",
           deposit(id, wrong));
    expect(m, H::kSlECidiidInvalidDataLength, kProduct, "DepositOfflineConfirmationId",
           deposit(id, "123456"));
    expect(m, H::kSlECidiidInvalidData, kProduct, "DepositOfflineConfirmationId",
           deposit(id, "abc"));
    const std::string good = confirmation_id(id, m.host.facts.world_seed);
    std::string mistyped = good;
    mistyped[5] = mistyped[5] == '0' ? '1' : '0';
    expect(m, H::kSlECidiidInvalidCheckDigits, kProduct, "DepositOfflineConfirmationId",
           deposit(id, mistyped));
    expect(m, H::kSOk, kProduct, "DepositOfflineConfirmationId", deposit(id, good));
    BOOST_TEST(m.text(kProduct, "LicenseStatus") == "1");
  }
}

BOOST_AUTO_TEST_CASE(is_not_for_kms_clients_and_oem_products) {
  for (const char* role : {"kms-client", "oem"}) {
    auto m = machine(role);
    expect(m, H::kSlENotSupported, kProduct, "DepositOfflineConfirmationId", deposit("1", "2"));
  }
  auto bare = machine("unlicensed");
  expect(bare, H::kSlEPkeyNotInstalled, kProduct, "DepositOfflineConfirmationId",
         deposit("1", "2"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tampering)

BOOST_AUTO_TEST_CASE(of_the_stored_record_shows_and_stops_activation) {
  auto m = machine("mak");
  expect(m, H::kSOk, kProduct, "Activate");
  const std::string name = m.host.resolved.product->sku_text;
  m.set(paths::kStore, name, reg::make_binary(std::vector<std::byte>(64)));
  BOOST_TEST(m.text(kProduct, "LicenseStatus") == "5");
  BOOST_TEST(m.read(kProduct, "LicenseStatusReason").as_uint32() ==
             value_of(H::kSlRemappingSpPubTsTampered));
  BOOST_TEST(m.call(kProduct, "Activate") == H::kSlRemappingSpPubTsTampered, "which is recorded");
  expect(m, H::kSlRemappingSpPubTsTampered, kProduct, "Activate");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
