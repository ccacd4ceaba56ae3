#include "base/text.hpp"

#include <limits>
#include <map>
#include <unordered_map>

#include <boost/test/unit_test.hpp>

using namespace slwmi;

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(malformed_utf8_is_found_at_its_first_byte) {
  struct Row {
    const char* why;
    std::string text;
    int offset;  // -1: well-formed
  };
  const Row rows[] = {
      {"empty", "", -1},
      {"ASCII and NUL", std::string("a\0b", 3), -1},
      {"two, three and four bytes", "\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E", -1},
      {"the last code point", "\xF4\x8F\xBF\xBF", -1},
      {"a lone high surrogate is kept", "a\xED\xA0\x80z", -1},
      {"a lone low surrogate is kept", "\xED\xB0\x80", -1},
      {"low before high is two lone ones", "\xED\xB0\x80\xED\xA0\x80", -1},
      {"a pair must be one four-byte form", "\xED\xA0\x80\xED\xB0\x80", 3},
      {"a continuation byte alone", "ab\x80", 2},
      {"overlong two bytes", "\xC0\xAF", 0},
      {"overlong three bytes", "x\xE0\x80\xAF", 1},
      {"overlong four bytes", "\xF0\x80\x80\xAF", 0},
      {"over U+10FFFF", "\xF4\x90\x80\x80", 0},
      {"0xFF", "abc\xFF", 3},
      {"cut after the lead", "a\xE2\x82", 1},
      {"cut by ASCII", "\xE2\x82z", 0},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.why) {
      const auto found = find_invalid(row.text);
      BOOST_TEST((found ? static_cast<int>(*found) : -1) == row.offset);
    }
  }
  BOOST_TEST(find_invalid_utf8("a\xED\xA0\x80").value_or(99) == 1u);
  BOOST_TEST(!find_invalid_utf8("\xC3\xA9").has_value());
}

BOOST_AUTO_TEST_CASE(every_utf16_unit_survives_both_ways) {
  for (unsigned unit = 0; unit < 0x10000; ++unit) {
    const std::u16string one(1, static_cast<char16_t>(unit));
    const std::string utf8 = from_utf16(one);
    if (to_utf16(utf8) != one || find_invalid(utf8)) BOOST_FAIL("unit " << unit);
  }
  const std::u16string pairs = u"a\xD83D\xDE00\xD83D\xDC00\xDC00";
  BOOST_TEST(from_utf16(pairs) == "a\xF0\x9F\x98\x80\xF0\x9F\x90\x80\xED\xB0\x80");
  BOOST_TEST((to_utf16(from_utf16(pairs)) == pairs));
}

BOOST_AUTO_TEST_CASE(utf16le_bytes_are_low_byte_first) {
  const Bytes bytes = to_utf16le("A\xE2\x82\xAC");
  BOOST_TEST(to_hex(bytes) == "4100ac20");
  BOOST_TEST(from_utf16le(bytes) == "A\xE2\x82\xAC");
  BOOST_TEST(from_utf16le(ByteSpan(bytes).first(3)) == "A");
  BOOST_TEST(utf16_length("a\xF0\x9F\x98\x80") == 3u);
}

BOOST_AUTO_TEST_CASE(malformed_bytes_become_the_replacement_character) {
  BOOST_TEST((to_utf16("a\xFFz") == u"a\uFFFDz"));
}

BOOST_AUTO_TEST_CASE(upcase_follows_windows_and_not_unicode) {
  struct Row {
    const char* why;
    char16_t unit, upper;
  };
  const Row rows[] = {
      {"ASCII", u'a', u'A'},
      {"not beyond z", u'{', u'{'},
      {"Latin-1", 0x00E9, 0x00C9},
      {"y with diaeresis", 0x00FF, 0x0178},
      {"sharp s has no single capital", 0x00DF, 0x00DF},
      {"micro sign stays", 0x00B5, 0x00B5},
      {"division sign stays", 0x00F7, 0x00F7},
      {"dotless i stays", 0x0131, 0x0131},
      {"dotted capital stays", 0x0130, 0x0130},
      {"long s stays", 0x017F, 0x017F},
      {"title-case digraph stays", 0x01C5, 0x01C5},
      {"small digraph", 0x01C6, 0x01C4},
      {"Greek", 0x03B1, 0x0391},
      {"final sigma", 0x03C2, 0x03A3},
      {"Greek with iota below has a simple capital", 0x1F80, 0x1F88},
      {"Cyrillic", 0x0451, 0x0401},
      {"Roman numeral", 0x2170, 0x2160},
      {"full-width letter", 0xFF41, 0xFF21},
      {"Glagolitic, Unicode 4.1", 0x2C30, 0x2C00},
      {"Georgian, capitals of Unicode 11", 0x10D0, 0x10D0},
      {"Cherokee, small letters of Unicode 8", 0xAB70, 0xAB70},
      {"surrogates stay", 0xD800, 0xD800},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.why) BOOST_TEST(unsigned{upcase(row.unit)} == unsigned{row.upper});
  }
}

BOOST_AUTO_TEST_CASE(upcase_is_idempotent) {
  int mapped = 0;
  for (unsigned unit = 0; unit < 0x10000; ++unit) {
    const char16_t upper = upcase(static_cast<char16_t>(unit));
    if (upper != unit) ++mapped;
    if (upcase(upper) != upper) BOOST_FAIL("unit " << unit);
  }
  BOOST_TEST(mapped > 700);
}

BOOST_AUTO_TEST_CASE(comparison_is_ordinal_over_upcased_units) {
  struct Row {
    const char* why;
    std::string a, b;
    int order;
  };
  const Row rows[] = {
      {"equal but for case", "VLRenewalInterval", "vlrenewalINTERVAL", 0},
      {"underscore sorts after capitals", "a_", "aB", 1},
      {"a prefix sorts first", "ab", "abc", -1},
      {"beyond ASCII", "\xC3\xA9t\xC3\xA9", "\xC3\x89T\xC3\x89", 0},
      {"units, not code points: a pair sorts before U+FF21", "\xF0\x9F\x98\x80", "\xEF\xBC\xA1",
       -1},
      {"pairs by their second unit", "\xF0\x9F\x98\x80", "\xF0\x9F\x98\x81", -1},
      {"lone surrogates differ", "\xED\xA0\x80", "\xED\xA0\x81", -1},
      {"a name longer than a word", "KeyManagementServiceMachine", "keymanagementservicemachinE",
       0},
      {"a difference in the last of many", "KeyManagementServiceMachine",
       "keymanagementservicemachinf", -1},
      {"the neighbours of the letters", "@[`{@[`{", "@[`{@[@{", 1},
      {"a capital with a shorter form", "12345\xE2\xB1\xA5z", "12345\xC8\xBAZ", 0},
      {"the same after a whole word", "12345678\xE2\xB1\xA5z", "12345678\xC8\xBAZ", 0},
      {"a NUL at the end counts", std::string("a\0", 2), "a", 1},
      {"no normalisation", "\xC3\xA9", "e\xCC\x81", 1},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.why) {
      const auto order = compare_ignore_case(row.a, row.b);
      BOOST_TEST((order < 0 ? -1 : order > 0 ? 1 : 0) == row.order);
      BOOST_TEST(equal_ignore_case(row.a, row.b) == (row.order == 0));
      BOOST_TEST((fold(row.a) == fold(row.b)) == (row.order == 0));
      BOOST_TEST((hash_ignore_case(row.a) == hash_ignore_case(row.b)) == (row.order == 0));
      BOOST_TEST((compare_ignore_case(row.b, row.a) == 0 <=> order));
    }
  }
  BOOST_TEST((compare_ordinal("a", "A") > 0));
  BOOST_TEST(starts_with_ignore_case("HKLM\\Software", "hklm\\"));
  BOOST_TEST(!starts_with_ignore_case("HK", "HKLM"));
}

BOOST_AUTO_TEST_CASE(containers_find_names_by_string_view_in_any_case) {
  const std::unordered_map<std::string, int, IgnoreCaseHash, IgnoreCaseEqual> hashed{{"Name", 1}};
  const std::map<std::string, int, IgnoreCaseLess> sorted{{"Name", 1}};
  BOOST_TEST((hashed.find(std::string_view("NAME")) != hashed.end()));
  BOOST_TEST((sorted.find(std::string_view("nAME")) != sorted.end()));
}

BOOST_AUTO_TEST_CASE(numbers_are_read_whole_or_not_at_all) {
  BOOST_TEST((parse_unsigned("0") == 0u));
  BOOST_TEST((parse_unsigned("0x1F") == 31u));
  BOOST_TEST((parse_unsigned("18446744073709551615") == ~0ull));
  for (const char* bad : {"", "-1", "+1", "1 ", "0x", "0xG", "18446744073709551616", "1.0"}) {
    BOOST_TEST_CONTEXT(bad) BOOST_TEST(!parse_unsigned(bad).has_value());
  }
  BOOST_TEST((parse_signed("-9223372036854775808") == std::numeric_limits<std::int64_t>::min()));
  BOOST_TEST((parse_signed("+5") == 5));
  for (const char* bad : {"", "-", "+", "+-1", "--1", "9223372036854775808"}) {
    BOOST_TEST_CONTEXT(bad) BOOST_TEST(!parse_signed(bad).has_value());
  }
}

BOOST_AUTO_TEST_CASE(reals_of_any_size_are_read) {
  BOOST_TEST((parse_real("-.5", false) == -0.5));
  BOOST_TEST((parse_real("1.5e-1", true) == 0.15));
  const double infinity = std::numeric_limits<double>::infinity();
  BOOST_TEST((parse_real("1" + std::string(400, '0'), false) == infinity));
  BOOST_TEST((parse_real("-1e400", true) == -infinity));
  BOOST_TEST((parse_real("0." + std::string(400, '0') + "1", false) == 0.0));
  BOOST_TEST((parse_real("1e-400", true) == 0.0));
  for (const char* bad : {"", "-", ".", "+1", "1e", "1 ", "inf", "nan", "0x1"}) {
    BOOST_TEST_CONTEXT(bad) BOOST_TEST(!parse_real(bad, true).has_value());
  }
  BOOST_TEST(!parse_real("1e1", false).has_value());
}

BOOST_AUTO_TEST_CASE(hex_goes_both_ways) {
  BOOST_TEST(to_hex(as_bytes("\x01\xAB")) == "01ab");
  BOOST_TEST((from_hex("01aB") == from_hex("01Ab")));
  BOOST_TEST(!from_hex("abc").has_value());
  BOOST_TEST(!from_hex("0g").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
