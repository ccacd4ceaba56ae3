#include "provider/explain.hpp"

#include <string>

#include <boost/test/unit_test.hpp>

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

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
