#include "base/hresult.hpp"

#include <boost/test/unit_test.hpp>

using namespace slwmi;

BOOST_AUTO_TEST_SUITE(hresult)

BOOST_AUTO_TEST_CASE(prints_as_windows_does) {
  BOOST_TEST(to_hex(HResult::kSlEGraceTimeExpired) == "0xC004F009");
  BOOST_TEST(to_hex(HResult::kSOk) == "0x00000000");
}

BOOST_AUTO_TEST_CASE(finds_symbol_and_text_both_ways) {
  BOOST_TEST(symbol_of(HResult::kWbemEInvalidQuery) == "WBEM_E_INVALID_QUERY");
  HResult code{};
  BOOST_TEST(find_symbol("sl_e_vl_not_enough_count", code));
  BOOST_TEST(value_of(code) == 0xC004F038u);
  BOOST_TEST(!find_symbol("NO_SUCH_CODE", code));
  BOOST_TEST(symbol_of(static_cast<HResult>(0x12345678)).empty());
}

BOOST_AUTO_TEST_CASE(win32_codes_map_into_facility_7) {
  BOOST_TEST(value_of(hresult_from_win32(5)) == 0x80070005u);
  BOOST_TEST(value_of(hresult_from_win32(0)) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
