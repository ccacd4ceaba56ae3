// The schema that is built into the program is the MOF of the tree, whole.
#include "provider/embedded_schema.hpp"

#include <fstream>
#include <iterator>

#include <boost/test/unit_test.hpp>

#include "schema/mof_compiler.hpp"
#include "schema/schema_image.hpp"

using namespace slwmi;

BOOST_AUTO_TEST_SUITE(embedded_schema)

BOOST_AUTO_TEST_CASE(equals_the_parsed_mof_byte_for_byte) {
  cim::Repository parsed;
  for (const char* ns : {"root", "root\\cimv2", "root\\default"})
    BOOST_REQUIRE(parsed.create_namespace(ns).has_value());
  cim::mof::CompileOptions options;
  options.create_namespaces = true;
  for (const char* name :
       {"schema/system.mof", "provider/mof/software_licensing.mof", "provider/mof/std_reg_prov.mof",
        "provider/mof/registry_events.mof", "provider/mof/win32.mof", "provider/mof/events.mof",
        "provider/mof/experience.mof", "provider/mof/registration.mof",
        "provider/mof/catalogue.mof", "provider/mof/products.mof",
        "provider/mof/registry_values.mof"}) {
    std::ifstream file(std::string(SLWMI_SOURCE_DIR "/") + name);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    BOOST_TEST_CONTEXT(name) {
      BOOST_REQUIRE(file);
      BOOST_REQUIRE(cim::mof::compile(text, parsed, options).has_value());
    }
  }
  const cim::Repository& embedded = *licensing::embedded_schema();
  BOOST_TEST((cim::encode(embedded) == cim::encode(parsed)));
  BOOST_TEST(embedded.namespaces().size() == parsed.namespaces().size());
  for (const std::string& ns : parsed.namespaces()) {
    BOOST_TEST(embedded.classes(ns).size() == parsed.classes(ns).size());
  }
}

BOOST_AUTO_TEST_CASE(has_the_licensing_classes_of_each_version) {
  const cim::RepositoryPtr& schema = licensing::embedded_schema();
  const cim::VersionView rtm(schema, *cim::parse_version("6.0.6000"));
  const cim::VersionView sp1(schema, *cim::parse_version("6.0.6001"));
  const auto product = [](const cim::VersionView& view) {
    return view.find_class("ROOT\\cimv2", "softwarelicensingproduct");
  };
  BOOST_REQUIRE(product(rtm) != nullptr);
  BOOST_TEST(product(rtm)->find_property("LicenseStatusReason") == nullptr);
  BOOST_TEST(product(sp1)->find_property("LicenseStatusReason") != nullptr);
  BOOST_TEST(product(sp1)->provider() == "SlwmiLicensing");
  BOOST_TEST(schema->instances("root\\slwmi", "SlwmiProduct")->rows().size() > 10u);
}

BOOST_AUTO_TEST_SUITE_END()
