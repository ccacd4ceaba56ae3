#include "tools/cli/values.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace slwmi::tools;  // NOLINT(google-build-using-namespace): the unit under test
using slwmi::cim::Type;
using slwmi::cim::Value;

std::string shown(const slwmi::Result<Value>& value) {
  if (!value) return to_hex(value.error().code) + " " + value.error().message;
  return std::string(name_of(value->type())) + " " + value->to_mof();
}

struct Row {
  const char* why;
  std::vector<std::string> words;
  Type type;
  bool array;
  const char* result;
};

const Row kRows[] = {
    {"a decimal number", {"120"}, Type::kUint32, false, "uint32 120"},
    {"a hex number", {"0xFFFFFFFF"}, Type::kUint32, false, "uint32 4294967295"},
    {"a negative number", {"-5"}, Type::kSint32, false, "sint32 -5"},
    {"uint64 whole", {"18446744073709551615"}, Type::kUint64, false, "uint64 18446744073709551615"},
    {"truth in words", {"TRUE"}, Type::kBoolean, false, "boolean TRUE"},
    {"truth in digits", {"0"}, Type::kBoolean, false, "boolean FALSE"},
    {"a text as it is", {"a=\"b\" \\c"}, Type::kString, false, R"(string "a=\"b\" \\c")"},
    {"an empty text is a text", {""}, Type::kString, false, "string \"\""},
    {"an empty number is null", {""}, Type::kUint32, false, "uint32 NULL"},
    {"an ISO time",
     {"2008-03-01T12:00:00Z"},
     Type::kDatetime,
     false,
     "datetime \"20080301120000.000000-000\""},
    {"a CIM time",
     {"20080301120000.000000-000"},
     Type::kDatetime,
     false,
     "datetime \"20080301120000.000000-000\""},
    {"an array from several words", {"a", "b"}, Type::kString, true, "string {\"a\", \"b\"}"},
    {"an array in braces", {"{1, 2,3}"}, Type::kUint8, true, "uint8 {1, 2, 3}"},
    {"quotes in braces", {"{\"a, b\", c}"}, Type::kString, true, "string {\"a, b\", \"c\"}"},
    {"an empty array", {"{}"}, Type::kUint8, true, "uint8 {}"},
    {"a word that is no number",
     {"many"},
     Type::kUint32,
     false,
     "0x80041005 \"many\" is no uint32"},
    {"hex without digits", {"0xZZ"}, Type::kUint32, false, "0x80041005 \"0xZZ\" is no uint32"},
    {"several for one",
     {"1", "2"},
     Type::kUint32,
     false,
     "0x80041005 it takes one value and was given several"},
    {"an open quote", {"{\"a}"}, Type::kString, true, "0x80070057 a quote in {...} has no end"},
};

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE(words_take_the_declared_type) {
  for (const Row& row : kRows) {
    BOOST_TEST_CONTEXT(row.why)
    BOOST_TEST(shown(value_of_words(row.words, row.type, row.array)) == row.result);
  }
}

BOOST_AUTO_TEST_CASE(numbers_out_of_range_keep_wmis_code) {
  const auto value = value_of_words({"300"}, Type::kUint8, false);
  BOOST_REQUIRE(!value.has_value());
  BOOST_TEST((value.error().code == slwmi::HResult::kWbemEValueOutOfRange ||
              value.error().code == slwmi::HResult::kWbemETypeMismatch));
}

BOOST_AUTO_TEST_CASE(cells_have_the_kind_that_json_needs) {
  BOOST_TEST(json_text(cell_of(Value::uint32(4294967295u))) == "4294967295");
  BOOST_TEST(json_text(cell_of(Value::unsigned_integer(Type::kUint64, 7))) == "\"7\"");
  BOOST_TEST(json_text(cell_of(Value::integer(Type::kSint16, -3))) == "-3");
  BOOST_TEST(json_text(cell_of(Value::boolean(true))) == "true");
  BOOST_TEST(json_text(cell_of(Value::null(Type::kString))) == "null");
  BOOST_TEST(json_text(cell_of(Value::real(1.5))) == "1.5");
  BOOST_TEST(json_text(cell_of(Value::array(Type::kString, {Value::text("a")}))) == "[\"a\"]");
  BOOST_TEST(json_text(cell_of(Value::datetime({}))) == "\"16010101000000.000000-000\"");
}

BOOST_AUTO_TEST_CASE(assignments_part_at_the_first_equals_sign) {
  const auto assignment = parse_assignment("Name=a=b");
  BOOST_REQUIRE(assignment.has_value());
  BOOST_TEST(assignment->name == "Name");
  BOOST_TEST(assignment->text == "a=b");
  BOOST_TEST(!parse_assignment("Name").has_value());
  BOOST_TEST(!parse_assignment("=x").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
