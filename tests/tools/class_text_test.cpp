#include "tools/class_text.hpp"

#include <boost/test/unit_test.hpp>

#include "schema/mof_parser.hpp"

namespace {

using namespace slwmi;  // NOLINT(google-build-using-namespace)
using cim::Qualifier;
using cim::Type;
using cim::Value;

cim::QualifierSet qualifiers(std::vector<std::pair<std::string, Value>> list) {
  cim::QualifierSet set;
  for (auto& [name, value] : list) set.set({std::move(name), std::move(value)});
  return set;
}

cim::ClassPtr sample() {
  cim::Property key;
  key.name = "Id";
  key.key = true;
  key.default_value = Value::null(Type::kString);
  key.qualifiers =
      qualifiers({{"key", Value::boolean(true)}, {"Description", Value::text("Names the thing.")}});
  cim::Property interval;
  interval.name = "Interval";
  interval.type = Type::kUint32;
  interval.default_value = Value::uint32(120);
  interval.qualifiers = qualifiers({{"read", Value::boolean(true)},
                                    {"Units", Value::text("minutes")},
                                    {"RegistryValue", Value::text("Interval")},
                                    {"Source", Value::text("VA2")}});
  cim::Parameter minutes;
  minutes.name = "Minutes";
  minutes.type = Type::kUint32;
  minutes.in = true;
  minutes.default_value = Value::null(Type::kUint32);
  minutes.qualifiers = qualifiers({{"MinValue", Value::integer(Type::kSint64, 15)},
                                   {"MaxValue", Value::integer(Type::kSint64, 43200)},
                                   {"Units", Value::text("minutes")}});
  cim::Method method;
  method.name = "SetInterval";
  method.qualifiers = qualifiers(
      {{"Privilege", Value::text("Administrator")}, {"UserOperations", Value::boolean(true)}});
  method.parameters = {minutes};
  cim::ClassBuilder builder("Thing");
  builder.qualifier({"Description", Value::text("A thing.")})
      .qualifier({"RegistryKey", Value::text("HKLM\\Thing")});
  builder.property(key).property(interval).method(method);
  return *builder.build();
}

BOOST_AUTO_TEST_SUITE(class_text_)

BOOST_AUTO_TEST_CASE(a_declaration_tells_units_ranges_privileges_and_sources) {
  BOOST_TEST(tools::class_text(*sample(), "root\\cimv2") ==
             "// Thing in root\\cimv2. A thing.\n"
             "// Its instances are kept in the world.\n"
             "class Thing\n"
             "{\n"
             "    // Names the thing.\n"
             "    [key] string Id;\n"
             "\n"
             "    // Unit: minutes. Registry: HKLM\\Thing\\Interval. Source: VA2.\n"
             "    [read] uint32 Interval = 120;\n"
             "\n"
             "    // Needs: Administrator, or everybody through slmgr when UserOperations is 1.\n"
             "    // Minutes: Unit: minutes. Range: 15 to 43200.\n"
             "    uint32 SetInterval(\n"
             "        [in] uint32 Minutes);\n"
             "};\n");
}

BOOST_AUTO_TEST_CASE(the_text_is_mof_that_the_parser_takes) {
  const auto document = cim::mof::parse(tools::class_text(*sample(), "root\\cimv2"));
  BOOST_REQUIRE(document.has_value());
  BOOST_TEST(document->items.size() == 1u);
}

BOOST_AUTO_TEST_CASE(rows_have_a_line_for_each_member_and_parameter) {
  const auto rows = tools::class_rows(*sample());
  BOOST_REQUIRE(rows.size() == 4u);
  BOOST_TEST(rows[1][1].value.text == "Interval");
  BOOST_TEST(rows[2][0].value.text == "method");
  BOOST_TEST(rows[3][1].value.text == "SetInterval.Minutes");
  BOOST_TEST(rows[3][6].value.text == "15");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
