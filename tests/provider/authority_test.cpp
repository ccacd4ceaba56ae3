// Who may call which method: every method of both classes, by every principal, with and without
// UserOperations, through slmgr and through something else. Each denial has a positive control on
// an equal machine and leaves the hive as it was. Source: VA2 Appendix 1, "WMI Methods" and
// UserOperations.
#include <boost/test/unit_test.hpp>

#include "provider/license_document.hpp"
#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using test::TestMachine;

constexpr std::string_view kProduct = "SoftwareLicensingProduct";
constexpr std::string_view kService = "SoftwareLicensingService";

struct MethodRow {
  std::string_view cls, method;
  bool starred;      // (*) in the guide
  const char* role;  // of a machine on which an administrator's call is not denied
  Arguments arguments;
};

std::vector<MethodRow> methods() {
  const auto text = [](std::string_view value) { return cim::Value::text(value); };
  return {
      {kService, "InstallProductKey", true, "mak", {{"ProductKey", text("hello")}}},
      {kService, "InstallLicense", true, "mak", {{"License", text("<a/>")}}},
      {kService, "InstallLicensePackage", true, "mak", {{"LicensePackage", text("<a/>")}}},
      {kService,
       "SetKeyManagementServiceMachine",
       false,
       "kms-client",
       {{"MachineName", text("kms")}}},
      {kService, "ClearKeyManagementServiceMachine", false, "kms-client", {}},
      {kService,
       "SetVLActivationInterval",
       false,
       "kms-host",
       {{"ActivationInterval", cim::Value::uint32(60)}}},
      {kService,
       "SetVLRenewalInterval",
       false,
       "kms-host",
       {{"RenewalInterval", cim::Value::uint32(60)}}},
      {kService, "ClearProductKeyFromRegistry", false, "mak", {}},
      {kService,
       "AcquireGenuineTicket",
       false,
       "mak",
       {{"TemplateId", text("t")}, {"ServerUrl", text("u")}}},
      {kService, "ReArmWindows", true, "mak", {}},
      {kService, "RefreshLicenseStatus", true, "mak", {}},
      {kProduct, "UninstallProductKey", false, "mak", {}},
      {kProduct, "Activate", true, "mak", {}},
      {kProduct,
       "DepositOfflineConfirmationId",
       true,
       "mak",
       {{"InstallationId", text("1")}, {"ConfirmationId", text("2")}}},
  };
}

constexpr std::string_view kPrincipals[] = {"anonymous",     "standard", "administrator-unelevated",
                                            "administrator", "system",   "network-service",
                                            "local-service"};

// The registry value in every form that must not open anything, and the one that does.
struct Operations {
  const char* why;
  std::optional<reg::ValueData> value;
  bool opens;
};
const Operations kOperations[] = {
    {"absent", std::nullopt, false},    {"0", reg::make_dword(0), false},
    {"1", reg::make_dword(1), true},    {"2", reg::make_dword(2), false},
    {"text", reg::make_sz("1"), false}, {"QWORD", reg::make_qword(1), false},
};

bool may_call(const MethodRow& row, std::string_view who, bool opened, std::string_view via) {
  if (who == "administrator" || who == "system") return true;
  if (who == "anonymous") return false;
  return row.starred && opened && via == "slmgr";
}

BOOST_AUTO_TEST_SUITE(authority)

BOOST_AUTO_TEST_CASE(table_lists_every_method_of_every_version_and_its_star) {
  for (const std::string_view name : {kProduct, kService}) {
    for (const cim::ClassPtr& cls : test::class_in_all(name)) {
      for (const cim::Method& method : cls->methods()) {
        BOOST_TEST_CONTEXT(method.name) {
          const auto rows = methods();
          const auto row = std::find_if(rows.begin(), rows.end(), [&](const MethodRow& r) {
            return r.cls == name && r.method == method.name;
          });
          BOOST_TEST_REQUIRE((row != rows.end()));
          BOOST_TEST(method.qualifiers.is_true("UserOperations") == row->starred);
          BOOST_TEST(method.qualifiers.text("Privilege") == "Administrator");
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(is_decided_by_principal_user_operations_and_tool) {
  int denied = 0, allowed = 0;
  for (const MethodRow& row : methods()) {
    for (const Operations& operations : kOperations) {
      for (const std::string_view who : kPrincipals) {
        for (const std::string_view via : {"slmgr", "", "wmic"}) {
          TestMachine m({"vista-sp1", row.role, {}});
          if (operations.value) m.set(paths::kSl, "UserOperations", *operations.value);
          const std::string before = m.digest();
          const auto done = m.call(test::principal(who, via), row.cls, row.method, row.arguments);
          const bool refused = !done && done.error().code == HResult::kEAccessdenied;
          const bool expected = may_call(row, who, operations.opens, via);
          if (refused == expected || (refused && m.digest() != before))
            BOOST_ERROR(row.method << " as " << who << " via \"" << via << "\" with UserOperations "
                                   << operations.why);
          ++(refused ? denied : allowed);
        }
      }
    }
  }
  BOOST_TEST(denied > 0);
  BOOST_TEST(allowed > 0);
  BOOST_TEST(denied + allowed == 14 * 6 * 7 * 3);
}

BOOST_AUTO_TEST_CASE(comes_before_any_argument) {
  TestMachine m({"vista-sp1", "kms-client", {}});
  const auto who = test::principal("standard");
  for (const Arguments& arguments : {Arguments{}, Arguments{{"Nonsense", cim::Value::uint32(1)}},
                                     Arguments{{"RenewalInterval", cim::Value::uint32(0)}},
                                     Arguments{{"RenewalInterval", cim::Value::text("x")}}}) {
    const auto done = m.call(who, kService, "SetVLRenewalInterval", arguments);
    BOOST_TEST_REQUIRE(!done);
    BOOST_TEST(done.error().code == HResult::kEAccessdenied);
  }
}

BOOST_AUTO_TEST_CASE(properties_are_for_standard_users) {
  TestMachine m({"vista-sp1", "mak", {}});  // its reads are made as a standard user
  BOOST_TEST(!m.read(kProduct, "PartialProductKey").is_null());
}

BOOST_AUTO_TEST_CASE(registry_acls_are_the_second_guard) {
  TestMachine m({"vista-sp1", "mak", {}});
  for (const std::string_view who : {"standard", "administrator-unelevated"}) {
    reg::Registry registry(m.store, test::principal(who), m.clock);
    const auto done = registry.set(paths::kSl, "VLRenewalInterval", reg::make_dword(1));
    BOOST_TEST_REQUIRE(!done);
    BOOST_TEST(done.error().code == HResult::kEAccessdenied);
  }
  for (const std::string_view who : {"standard", "administrator"}) {
    reg::Registry registry(m.store, test::principal(who), m.clock);
    BOOST_TEST(!registry.open(paths::kStore).has_value());
  }
  reg::Registry registry(m.store, network_service(), m.clock);
  BOOST_TEST(registry.open(paths::kStore).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
