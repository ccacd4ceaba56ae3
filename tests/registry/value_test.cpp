#include "registry/value.hpp"

#include <array>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"

namespace slwmi::reg {
namespace {

std::string hex(const ValueData& value) { return to_hex(value.data()); }
ValueData raw(ValueType type, std::string_view digits) { return {type, *from_hex(digits)}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(value)

BOOST_AUTO_TEST_CASE(makers_write_the_bytes_that_windows_writes) {
  BOOST_TEST(hex(make_dword(10080)) == "60270000");
  BOOST_TEST(hex(make_qword(1)) == "0100000000000000");
  BOOST_TEST(hex(make_sz("a\xF0\x9F\x98\x80")) == "61003dd800de0000");
  BOOST_TEST(hex(make_sz("")) == "0000");
  const std::vector<std::string> two = {"a", "", "b"};
  BOOST_TEST(hex(make_multi_sz(two)) == "610000000000620000000000");
  BOOST_TEST(hex(make_multi_sz({})) == "0000");
}

BOOST_AUTO_TEST_CASE(numbers_read_only_with_their_type_and_size) {
  BOOST_TEST((as_dword(make_dword(7).view()) == 7u));
  BOOST_TEST(!as_dword(raw(ValueType::kDword, "0700").view()).has_value());
  BOOST_TEST(!as_dword(raw(ValueType::kBinary, "07000000").view()).has_value());
  BOOST_TEST((as_qword(make_qword(1ull << 40).view()) == 1ull << 40));
  BOOST_TEST(!as_qword(make_dword(7).view()).has_value());
}

BOOST_AUTO_TEST_CASE(strings_read_up_to_the_first_nul_and_need_none) {
  BOOST_TEST((as_string(raw(ValueType::kSz, "6100620000006300").view()) == "ab"));
  BOOST_TEST((as_string(raw(ValueType::kSz, "61006200").view()) == "ab"));
  BOOST_TEST((as_string(raw(ValueType::kExpandSz, "610062").view()) == "a"));
  BOOST_TEST((as_string(raw(ValueType::kSz, "").view()) == ""));
  BOOST_TEST((as_string(raw(ValueType::kSz, "00d8").view()) == "\xED\xA0\x80"));
  BOOST_TEST(!as_string(make_dword(1).view()).has_value());
}

BOOST_AUTO_TEST_CASE(multi_strings_keep_empty_strings_inside) {
  const std::vector<std::string> inside = {"a", "", "b"};
  BOOST_TEST((as_multi_sz(make_multi_sz(inside).view()) == inside));
  BOOST_TEST(as_multi_sz(raw(ValueType::kMultiSz, "0000").view())->empty());
  BOOST_TEST(as_multi_sz(raw(ValueType::kMultiSz, "").view())->empty());
  BOOST_TEST(
      (as_multi_sz(raw(ValueType::kMultiSz, "6100").view()) == std::vector<std::string>{"a"}));
}

BOOST_AUTO_TEST_CASE(copies_share_and_moves_empty) {
  ValueData a = make_sz("longer than eight bytes");
  const ValueData b = a;
  BOOST_TEST((a == b));
  BOOST_TEST((a.data().data() == b.data().data()));
  ValueData c = std::move(a);
  a = b;
  c = make_dword(1);
  BOOST_TEST((a == b));
  BOOST_TEST((as_dword(c.view()) == 1u));
}

BOOST_AUTO_TEST_CASE(types_have_names_and_unknown_numbers_have_none) {
  BOOST_TEST(type_name(ValueType::kQword) == "REG_QWORD");
  BOOST_TEST(type_name(static_cast<ValueType>(0x12345678)) == "");
  BOOST_TEST((type_of("reg_multi_sz") == ValueType::kMultiSz));
  BOOST_TEST((type_of("DWORD") == ValueType::kDword));
  BOOST_TEST(!type_of("REG_FANCY").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace slwmi::reg
