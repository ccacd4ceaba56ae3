#include "provider/installation_id.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/provider/printing.hpp"

namespace slwmi::licensing {
namespace {

constexpr std::uint64_t kWorld = 77;
const Installation kMachine{{140, 2}, 0xFEDCBA9876543210u};

void mistype(std::string& text, std::size_t at) { text[at] = text[at] == '9' ? '0' : '9'; }

BOOST_AUTO_TEST_SUITE(installation_ids)

BOOST_AUTO_TEST_CASE(check_digit_follows_the_documented_sample) {
  // VA2 Appendix 1, OfflineInstallationId.
  const std::string_view sample = "000963843315259493598506854253663081409973656140419231";
  for (std::size_t at = 0; at < sample.size(); at += 6)
    BOOST_TEST(check_digit(sample.substr(at, 5)) == sample[at + 5]);
}

BOOST_AUTO_TEST_CASE(has_54_digits_and_says_what_it_was_made_of) {
  for (const Installation& machine :
       {kMachine, Installation{}, Installation{{65535, 0xFFFFFFFFu}, ~std::uint64_t{0}}}) {
    const std::string id = installation_id(machine, kWorld);
    BOOST_TEST(id.size() == kInstallationIdDigits);
    const auto read = parse_installation_id(id, kWorld);
    BOOST_TEST_REQUIRE(read.has_value());
    BOOST_TEST((*read == machine));
  }
}

BOOST_AUTO_TEST_CASE(is_worth_nothing_in_another_world) {
  const std::string id = installation_id(kMachine, kWorld);
  const auto read = parse_installation_id(id, kWorld + 1);
  BOOST_TEST_REQUIRE(!read);
  BOOST_TEST(read.error().code == HResult::kSlECidiidMismatched);
  const std::string foreign = confirmation_id(id, kWorld + 1);
  const auto used = check_confirmation(id, id, foreign, kWorld);
  BOOST_TEST_REQUIRE(!used);
  BOOST_TEST(used.error().code == HResult::kSlECidiidMismatched);
}

BOOST_AUTO_TEST_CASE(confirmation_activates_only_its_own_machine) {
  const std::string own = installation_id(kMachine, kWorld);
  const std::string other = installation_id({{140, 3}, kMachine.hardware}, kWorld);
  const std::string confirmation = confirmation_id(own, kWorld);
  BOOST_TEST(confirmation.size() == kConfirmationIdDigits);
  BOOST_TEST(check_confirmation(own, own, confirmation, kWorld).has_value());

  std::string wrong_check = confirmation;
  mistype(wrong_check, 11);
  std::string wrong_other = own;
  mistype(wrong_other, 5);
  const struct {
    const char* why;
    std::string given, confirmation;
    HResult code;
  } kBad[] = {
      {"confirmation empty", own, "", HResult::kEInvalidarg},
      {"installation ID empty", "", confirmation, HResult::kEInvalidarg},
      {"letters", own, "ABC" + confirmation.substr(3), HResult::kSlECidiidInvalidData},
      {"blanks between the groups", own, "1 " + confirmation, HResult::kSlECidiidInvalidData},
      {"too short", own, confirmation.substr(6), HResult::kSlECidiidInvalidDataLength},
      {"too long", own, confirmation + "000000", HResult::kSlECidiidInvalidDataLength},
      {"check digit", own, wrong_check, HResult::kSlECidiidInvalidCheckDigits},
      {"check digit of the installation ID", wrong_other, confirmation,
       HResult::kSlECidiidInvalidCheckDigits},
      {"another machine's installation ID", other, confirmation_id(other, kWorld),
       HResult::kSlECidiidMismatched},
      {"another machine's confirmation ID", own, confirmation_id(other, kWorld),
       HResult::kSlECidiidMismatched},
  };
  for (const auto& c : kBad) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto used = check_confirmation(own, c.given, c.confirmation, kWorld);
      BOOST_TEST_REQUIRE(!used);
      BOOST_TEST(used.error().code == c.code);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
