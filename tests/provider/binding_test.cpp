// MOF and C++ name the same properties and methods, in every OS version.
#include "provider/binding.hpp"

#include <boost/test/unit_test.hpp>

#include "provider/event_classes.hpp"
#include "provider/experience_class.hpp"
#include "provider/licensing_classes.hpp"
#include "provider/registry_class.hpp"
#include "provider/win32_classes.hpp"
#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using test::class_in_all;

void check(const Missing& missing) {
  for (const std::string& name : missing.unbound) BOOST_ERROR("missing: " + name);
  for (const std::string& name : missing.undeclared) BOOST_ERROR("not declared: " + name);
  BOOST_TEST(missing.empty());
}

BOOST_AUTO_TEST_SUITE(bindings)

BOOST_AUTO_TEST_CASE(agree_with_mof_in_both_directions) {
  const auto product = class_in_all("SoftwareLicensingProduct");
  const auto service = class_in_all("SoftwareLicensingService");
  check(missing_properties(product, product_bindings().properties));
  check(missing_methods(product, product_bindings().methods));
  check(missing_properties(service, service_bindings().properties));
  check(missing_methods(service, service_bindings().methods));
  check(missing_properties(class_in_all("Win32_OperatingSystem"), operating_system_bindings()));
  check(missing_properties(class_in_all("Win32_ComputerSystem"), computer_system_bindings()));
  check(missing_properties(class_in_all("SlwmiUserExperience", "root\\slwmi"),
                           experience_bindings()));
  check(missing_properties(class_in_all("Win32_NTLogEvent"), event_bindings().properties));
  check(missing_properties(class_in_all("Win32_NTEventlogFile"), log_file_bindings().properties));
  check(missing_methods(class_in_all("Win32_NTEventlogFile"), log_file_bindings().methods));
  for (const char* ns : {"root\\default", "root\\cimv2"})
    check(missing_methods(class_in_all("StdRegProv", ns), registry_methods()));
}

BOOST_AUTO_TEST_CASE(say_what_is_missing) {
  const auto product = class_in_all("SoftwareLicensingProduct");
  std::vector<std::string_view> names = product_bindings().properties;
  std::erase(names, "LicenseStatusReason");
  names.push_back("Colour");
  const Missing missing = missing_properties(product, names);
  BOOST_TEST(missing.unbound == std::vector<std::string>{"LicenseStatusReason"},
             boost::test_tools::per_element());
  BOOST_TEST(missing.undeclared == std::vector<std::string>{"Colour"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(classes_have_the_documented_counts_by_version) {
  const auto product = class_in_all("SoftwareLicensingProduct");
  const auto service = class_in_all("SoftwareLicensingService");
  BOOST_TEST(product[0]->properties().size() == 17u);  // RTM: no LicenseStatusReason
  BOOST_TEST(product[1]->properties().size() == 18u);
  BOOST_TEST(product[2]->properties().size() == 18u);
  BOOST_TEST(service[0]->properties().size() ==
             17u);  // RTM: no KeyManagementServiceNotificationRequests
  BOOST_TEST(service[1]->properties().size() == 18u);
  BOOST_TEST(service[2]->properties().size() == 18u);
  for (const auto& cls : product) BOOST_TEST(cls->methods().size() == 3u);
  for (const auto& cls : service) BOOST_TEST(cls->methods().size() == 11u);
  BOOST_TEST(class_in_all("StdRegProv", "root\\default")[0]->methods().size() == 20u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
