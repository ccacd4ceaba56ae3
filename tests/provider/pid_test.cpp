#include "provider/pid.hpp"

#include <algorithm>

#include <boost/test/unit_test.hpp>

namespace slwmi::licensing {
namespace {

BOOST_AUTO_TEST_SUITE(extended_product_ids)

BOOST_AUTO_TEST_CASE(have_the_documented_fields) {
  PidFields fields;
  fields.key = {140, 9'000'002};
  fields.channel = Channel::kKmsClient;
  fields.os = {6, 0, 6001};
  fields.installed = *from_civil({2008, 3, 1, 23, 59});
  const std::string pid = extended_product_id(fields);
  BOOST_TEST(pid == "70007-00140-009-000002-03-1033-6001.0000-0612008");
  BOOST_TEST(pid.size() == 48u);  // as the guide's RPC example
  fields.channel = Channel::kOemSlp;
  fields.installed = *from_civil({2007, 12, 31});
  BOOST_TEST(extended_product_id(fields) == "70007-00140-009-000002-02-1033-6001.0000-3652007");
}

BOOST_AUTO_TEST_CASE(digital_form_spells_the_key_in_base_24) {
  const ProductKey key{402, 2'000'020};
  BOOST_TEST(short_product_id(key) == "70007-002-0000200-00402");
  const std::vector<std::byte> bytes = digital_product_id(short_product_id(key), key);
  BOOST_TEST(bytes.size() == 164u);
  // Read back as inventory scripts do: divide the 15 bytes by 24, 25 times.
  std::vector<std::uint32_t> number;
  for (std::size_t i = 0; i < 15; ++i)
    number.push_back(std::to_integer<std::uint32_t>(bytes[52 + i]));
  std::string text;
  for (int digit = 0; digit < 25; ++digit) {
    std::uint32_t rest = 0;
    for (std::size_t i = number.size(); i-- > 0;) {
      rest = rest * 256 + number[i];
      number[i] = rest / 24;
      rest %= 24;
    }
    if (digit != 0 && digit % 5 == 0) text.insert(text.begin(), '-');
    text.insert(text.begin(), kKeyAlphabet[rest]);
  }
  BOOST_TEST(text == to_text(key));
  const std::vector<std::byte> none = digital_product_id(short_product_id({}), {});
  BOOST_TEST(std::count(none.begin() + 52, none.end(), std::byte{0}) == 112);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
