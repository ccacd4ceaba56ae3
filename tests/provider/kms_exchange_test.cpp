#include <vector>

#include <boost/test/unit_test.hpp>

#include "provider/kms/exchange.hpp"

namespace slwmi::licensing {
namespace {

BOOST_AUTO_TEST_SUITE(kms_exchange)

BOOST_AUTO_TEST_CASE(shows_the_documented_flags) {
  const struct {
    const char* why;
    std::vector<BindingFlag> set;
    std::uint32_t shown;
  } kRows[] = {
      {"none", {}, 0},
      {"other PC, the warning of the guide's 12288", {BindingFlag::kOtherPc}, 0x8},
      {"no registration", {BindingFlag::kNoRegistration}, 0x01000000},
      {"bad registration", {BindingFlag::kInvalidDataType}, 0x02000000},
      {"the guide's 12289", {BindingFlag::kOtherPc, BindingFlag::kNotEnoughCount}, 0x4000008},
      {"no marker", {BindingFlag::kNotWindowsSlp}, 0x08000000},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      KmsExchange exchange;
      for (const BindingFlag flag : row.set) exchange.set(flag);
      BOOST_TEST(status_flags(exchange) == row.shown);
      for (const BindingFlag flag : row.set) BOOST_TEST(exchange.has(flag));
    }
  }
}

BOOST_AUTO_TEST_CASE(keeps_its_parts_apart) {
  KmsExchange exchange;
  BOOST_TEST(!exchange.has(ExchangePart::kRequested));
  exchange.set(ExchangePart::kServed);
  BOOST_TEST(exchange.has(ExchangePart::kServed));
  BOOST_TEST(!exchange.has(ExchangePart::kProcessed));
  const bool changed = exchange != KmsExchange{};
  BOOST_TEST(changed);
}

BOOST_AUTO_TEST_CASE(numbers_of_three_bytes_keep_ten_years_of_minutes) {
  for (const std::int32_t value : {0, 1, -1, 255, 256, -256, 5270400, -5270400, 8388607, -8388608})
    BOOST_TEST(std::int32_t{Int24(value)} == value);
}

BOOST_AUTO_TEST_CASE(texts_of_logs_are_well_formed_and_cut_between_characters) {
  BOOST_TEST(log_text("kms", 10) == "kms");
  BOOST_TEST(log_text("kms", 3) == "kms");
  BOOST_TEST(log_text("kms", 2) == "km");
  BOOST_TEST(log_text("a\xC3\xBC", 2) == "a");
  BOOST_TEST(log_text("a\xC3\xBC", 3) == "a\xC3\xBC");
  BOOST_TEST(log_text("a\xFF", 10) == "a\xEF\xBF\xBD");
  BOOST_TEST(log_text("\xED\xA0\x80", 10) == "\xED\xA0\x80", "a lone surrogate stays");
  ServerNames names;
  const std::string name(ServerNames::kMaxBytes, 'a');
  BOOST_TEST(names.number_of(name + "b") == names.number_of(name));
  BOOST_TEST(names.text_of(1) == name);
}

BOOST_AUTO_TEST_CASE(server_names_are_numbered_once) {
  ServerNames names;
  BOOST_TEST(names.number_of("") == 0);
  BOOST_TEST(names.number_of("a") == 1);
  BOOST_TEST(names.number_of("b") == 2);
  BOOST_TEST(names.number_of("a") == 1);
  BOOST_TEST(names.text_of(2) == "b");
  BOOST_TEST(names.text_of(0) == "");
  BOOST_TEST(names.text_of(3) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
