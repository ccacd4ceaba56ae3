#include "provider/explain.hpp"

#include <algorithm>
#include <string>

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "tests/provider/printing.hpp"

namespace slwmi::licensing {
namespace {

constexpr OsVersion kVista{6, 0, 6001};
constexpr OsVersion kLater{6, 1, 7601};

BOOST_AUTO_TEST_SUITE(explanations)

BOOST_AUTO_TEST_CASE(cover_every_row_of_appendix_2_with_activation_causes_and_steps) {
  BOOST_TEST(appendix2_codes().size() == 26u);
  for (const HResult code : appendix2_codes()) {
    BOOST_TEST_CONTEXT(to_hex(code)) {
      const Explanation e = explain(code, kVista);
      BOOST_TEST(e.known());
      BOOST_TEST(!e.symbol.empty());
      BOOST_TEST(!e.activation.empty());
      BOOST_TEST(!e.causes.empty());
      BOOST_TEST(!e.steps.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(differ_by_os_version_where_the_meaning_changed) {
  for (const HResult code :
       {HResult::kSlEDependentPropertyNotSet, HResult::kSlEMismatchedProductSku,
        HResult::kSlEVlBindingServiceNotEnabled}) {
    BOOST_TEST_CONTEXT(to_hex(code)) {
      BOOST_TEST(explain(code, kVista).meaning != explain(code, kLater).meaning);
    }
  }
}

BOOST_AUTO_TEST_CASE(accept_the_error_spelling_of_an_information_code) {
  const Explanation e = explain(static_cast<HResult>(0xC004F065u), kVista);
  BOOST_TEST(e.code == HResult::kSlINongenuineGracePeriod);
  BOOST_TEST(!e.causes.empty());
}

// Not the symbol's words once more.
BOOST_AUTO_TEST_CASE(every_code_that_the_project_knows_has_a_sentence_of_its_own) {
  constexpr HResult kAll[] = {
#define SLWMI_ERROR(enumerator, value, symbol, text) HResult::enumerator,
#include "base/errors.def"
#undef SLWMI_ERROR
  };
  for (const HResult code : kAll) {
    BOOST_TEST_CONTEXT(symbol_of(code)) {
      const Explanation e = explain(code, kVista);
      BOOST_REQUIRE(!e.meaning.empty());
      BOOST_TEST(e.meaning.back() == '.');
      BOOST_TEST((e.meaning[0] >= 'A' && e.meaning[0] <= 'Z'));
      std::string words = ascii_lower(e.meaning.substr(0, e.meaning.size() - 1));
      std::replace(words.begin(), words.end(), ' ', '_');
      BOOST_TEST(!ascii_lower(e.symbol).ends_with("_" + words));
    }
  }
}

BOOST_AUTO_TEST_CASE(say_nothing_about_unknown_codes) {
  BOOST_TEST(!explain(static_cast<HResult>(0xC0DEC0DEu)).known());
}

BOOST_AUTO_TEST_CASE(are_sentences_without_leftovers) {
  for (const HResult code : explained_codes()) {
    BOOST_TEST_CONTEXT(to_hex(code)) {
      for (const OsVersion os : {kVista, kLater}) {
        const Explanation e = explain(code, os);
        BOOST_TEST(e.known());
        BOOST_TEST(e.meaning.back() == '.');
        BOOST_TEST(e.causes.back() == '.');
        BOOST_TEST(e.steps.back() == '.');
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(codes_are_read_as_people_write_them) {
  struct {
    const char* why;
    const char* text;
    std::uint32_t code;
  } const rows[] = {
      {"hex", "0xC004F009", 0xC004F009},
      {"hex without its prefix", "C004F009", 0xC004F009},
      {"eight digits are hex", "80070005", 0x80070005},
      {"as scripts print it", "-1073418231", 0xC004F009},
      {"unsigned", "3221549065", 0xC004F009},
      {"a Win32 error", "5", 0x80070005},
      {"a symbol", "SL_E_GRACE_TIME_EXPIRED", 0xC004F009},
      {"a symbol in another case", "wbem_e_not_found", 0x80041002},
      {"zero", "0", 0},
      {"the least", "-2147483648", 0x80000000},
      {"the greatest", "4294967295", 0xFFFFFFFF},
  };
  for (const auto& row : rows) BOOST_TEST_CONTEXT(row.why) {
      const auto code = read_code(row.text);
      BOOST_REQUIRE(code.has_value());
      BOOST_TEST(value_of(*code) == row.code);
    }
  for (const char* text :
       {"", "banana", "0x", "0x1C004F009", "-2147483649", "4294967296", "1.5", " 5", "SL_E_"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!read_code(text).has_value());
}

BOOST_AUTO_TEST_CASE(systems_are_those_of_the_catalogue) {
  BOOST_TEST((read_os("vista-rtm") == OsVersion{6, 0, 6000}));
  BOOST_TEST((read_os("VISTA-SP1") == OsVersion{6, 0, 6001}));
  BOOST_TEST((read_os("2008") == OsVersion{6, 0, 6001}));
  BOOST_TEST(!read_os("95").has_value());
  BOOST_TEST(!read_os("").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
