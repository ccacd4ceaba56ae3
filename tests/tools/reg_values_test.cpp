#include "tools/reg_values.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace slwmi;         // NOLINT(google-build-using-namespace)
using namespace slwmi::tools;  // NOLINT(google-build-using-namespace): the unit under test
using reg::ValueType;

struct Row {
  const char* why;
  ValueType type;
  const char* data;
  const char* text;
  const char* json;
};

const Row kGood[] = {
    {"a text", ValueType::kSz, "kms.contoso.com", "kms.contoso.com", "\"kms.contoso.com\""},
    {"an empty text", ValueType::kSz, "", "", "\"\""},
    {"a text with variables", ValueType::kExpandSz, "%SystemRoot%\\x", "%SystemRoot%\\x",
     "\"%SystemRoot%\\\\x\""},
    {"a number in decimal", ValueType::kDword, "120", "0x78", "120"},
    {"a number in hex", ValueType::kDword, "0xFFFFFFFF", "0xffffffff", "4294967295"},
    {"zero", ValueType::kDword, "0", "0x0", "0"},
    {"a large number", ValueType::kQword, "0x100000000", "0x100000000", "\"4294967296\""},
    {"bytes", ValueType::kBinary, "00ff5D", "00FF5D", "\"00ff5d\""},
    {"no bytes", ValueType::kBinary, "", "", "\"\""},
    {"several texts", ValueType::kMultiSz, "a\\0b", "a\\0b", "[\"a\",\"b\"]"},
    {"no texts", ValueType::kMultiSz, "", "", "[]"},
    // From here on what Wine's programs/reg/tests/add.c has seen on Windows.
    {"half a byte comes first", ValueType::kBinary, "DeAdBeEf0DD", "0DEADBEEF0DD",
     "\"0deadbeef0dd\""},
    {"REG_NONE holds a text", ValueType::kNone, "Test", "54006500730074000000",
     "\"54006500730074000000\""},
    {"and its NUL when it is empty", ValueType::kNone, "", "0000", "\"0000\""},
    {"a zero in front", ValueType::kDword, "0123", "0x7b", "123"},
    {"a large X", ValueType::kDword, "0X123", "0x123", "291"},
    {"big-endian is written little-endian", ValueType::kDwordBigEndian, "0x1c8", "0x1c8",
     "\"c8010000\""},
    {"a large number is 0 unless told", ValueType::kQword, "", "0x0", "\"0\""},
    {"and may be negative", ValueType::kQword, "-1", "0xffffffffffffffff",
     "\"18446744073709551615\""},
    {"a separator at the end", ValueType::kMultiSz, "a\\0", "a", "[\"a\"]"},
    {"a separator alone", ValueType::kMultiSz, "\\0", "", "[\"\"]"},
};

struct Bad {
  const char* why;
  ValueType type;
  const char* data;
};
const Bad kBad[] = {
    {"no number", ValueType::kDword, "many"},
    {"a negative number", ValueType::kDword, "-1"},
    {"too large", ValueType::kDword, "4294967296"},
    {"too large for 64 bits", ValueType::kQword, "18446744073709551616"},
    {"a negative number in hex", ValueType::kQword, "-0x1"},
    {"a number without its 0x", ValueType::kQword, "deadbeef"},
    {"two zeros and an x", ValueType::kDword, "00x123"},
    {"no number at all", ValueType::kDword, ""},
    {"no hex digits", ValueType::kBinary, "xy"},
    {"hex digits after 0x", ValueType::kBinary, "0xDeAdBeEf"},
    {"no hex digit at the end", ValueType::kBinary, "01x"},
    {"an empty text in front", ValueType::kMultiSz, "\\0a"},
    {"an empty text in the middle", ValueType::kMultiSz, "two\\0\\0strings"},
    {"only separators", ValueType::kMultiSz, "\\0\\0"},
    {"a link", ValueType::kLink, "x"},
    {"a number with a unit", ValueType::kQword, "1k"},
};

BOOST_AUTO_TEST_SUITE(reg_values)

BOOST_AUTO_TEST_CASE(data_is_read_and_shown_as_reg_exe_does) {
  for (const Row& row : kGood) {
    BOOST_TEST_CONTEXT(row.why) {
      const auto value = parse_reg_data(row.type, row.data);
      BOOST_REQUIRE(value.has_value());
      BOOST_TEST(reg_data_text(value->view()) == row.text);
      BOOST_TEST(json_text(reg_data_cell(value->view())) == row.json);
    }
  }
}

BOOST_AUTO_TEST_CASE(data_that_does_not_fit_its_type_is_refused) {
  for (const Bad& row : kBad) {
    BOOST_TEST_CONTEXT(row.why) BOOST_TEST(!parse_reg_data(row.type, row.data).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_separator_of_ones_own_parts_several_texts) {
  const auto value = parse_reg_data(ValueType::kMultiSz, "a;b", ";");
  BOOST_REQUIRE(value.has_value());
  BOOST_TEST(reg_data_text(value->view(), "|") == "a|b");
}

BOOST_AUTO_TEST_CASE(a_value_of_the_wrong_size_shows_its_bytes) {
  const std::byte bytes[] = {std::byte{1}, std::byte{0xAB}};
  BOOST_TEST(reg_data_text({ValueType::kDword, bytes}) == "01AB");
  BOOST_TEST(reg_type_text(static_cast<ValueType>(0x1F)) == "0x1f");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
