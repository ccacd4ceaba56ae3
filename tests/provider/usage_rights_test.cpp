#include "provider/usage_rights.hpp"

#include <algorithm>

#include <boost/test/unit_test.hpp>

#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using H = HResult;

std::optional<FileTime> date(const char* text) {
  if (*text == '\0') return std::nullopt;
  return parse_iso8601(text).value();
}

// An OEM computer with Business on 2008-06-01, and what is said about it.
RightsFacts facts(const char* role = "oem", const char* os = "vista-sp1") {
  RightsFacts out;
  const auto resolved = test::catalogue().resolve({os, role, {}});
  BOOST_REQUIRE(resolved.has_value());
  out.os = resolved->os;
  out.bought = resolved->product;
  out.edition = "Business";
  out.firmware = Firmware::kMarked;
  out.now = *date("2008-06-01");
  return out;
}

BOOST_AUTO_TEST_SUITE(usage_rights)

const struct {
  const char* why;
  const char* purchase;
  const char* assurance;
  const char* agreement;
  const char* edition;
  Right right;
} kRows[] = {
    {"nothing bought", "2008-01-01", "", "", "Business", Right::kNone},
    {"nothing known", "", "", "", "Business", Right::kNone},
    {"on the day of the purchase", "2008-01-01", "2008-01-01", "", "Business",
     Right::kSoftwareAssurance},
    {"on the last day", "2008-01-01", "2008-03-31", "", "Business", Right::kSoftwareAssurance},
    {"a minute later", "2008-01-01", "2008-03-31T00:01", "", "Business", Right::kNone},
    {"a day later", "2008-01-01", "2008-04-01", "", "Business", Right::kNone},
    {"for another edition too", "2008-01-01", "2008-02-01", "", "Enterprise",
     Right::kSoftwareAssurance},
    {"planned, not bought", "2008-05-20", "2008-06-02", "", "Business", Right::kNone},
    {"an agreement for the same product", "", "", "Business", "Business", Right::kReimaging},
    {"in any case", "", "", "BUSINESS", "Business", Right::kReimaging},
    {"an agreement for another product", "", "", "Enterprise", "Enterprise", Right::kNone},
    {"the same product, another edition wanted", "", "", "Business", "Enterprise", Right::kNone},
    {"too late, but with an agreement", "2008-01-01", "2008-05-01", "Business", "Business",
     Right::kReimaging},
};

BOOST_AUTO_TEST_CASE(of_an_oem_computer_follow_from_what_was_bought_when) {
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      RightsFacts asked = facts();
      asked.purchase = date(row.purchase);
      asked.assurance = date(row.assurance);
      if (*row.agreement != '\0') asked.agreement = row.agreement;
      asked.edition = row.edition;
      const auto decision = decide_rights(asked, test::catalogue());
      BOOST_REQUIRE(decision.has_value());
      BOOST_TEST(to_text(decision->right) == to_text(row.right));
      BOOST_TEST(decision->allowed == (row.right != Right::kNone));
      // What decided is among the reasons before the firmware's, and each names its section.
      BOOST_TEST(std::any_of(decision->reasons.begin(), std::prev(decision->reasons.end()),
                             [](const RightsReason& r) { return r.holds; }) == decision->allowed);
      for (const RightsReason& reason : decision->reasons) {
        BOOST_TEST(!reason.text.empty());
        BOOST_TEST(!reason.section.empty());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(are_not_asked_for_where_no_oem_licence_is) {
  for (const char* role : {"retail", "kms-client", "mak"}) {
    const auto decision = decide_rights(facts(role), test::catalogue());
    BOOST_REQUIRE(decision.has_value());
    BOOST_TEST((decision->right == Right::kNotNeeded));
    BOOST_TEST(decision->allowed);
  }
}

BOOST_AUTO_TEST_CASE(tell_until_when_software_assurance_can_still_be_bought) {
  RightsFacts asked = facts();
  asked.purchase = date("2008-05-01");
  const auto decision = decide_rights(asked, test::catalogue());
  BOOST_REQUIRE(decision.has_value());
  BOOST_TEST(!decision->allowed);
  BOOST_TEST_REQUIRE(decision->steps.size() == 1u);
  BOOST_TEST(decision->steps.front() == "Buy Software Assurance for the computer by 2008-07-30.");
  for (const auto& [now, steps] : {std::pair{"2008-07-30", 1u}, {"2008-07-30T00:01", 0u}}) {
    asked.now = *date(now);
    BOOST_TEST(decide_rights(asked, test::catalogue()).value().steps.size() == steps);
  }
}

const struct {
  const char* why;
  const char* os;
  Firmware firmware;
  bool upgraded;
  H setup, kms, oem;
  std::size_t steps;
} kRoutes[] = {
    {"a marker", "vista-sp1", Firmware::kMarked, true, H::kSOk, H::kSOk, H::kSOk, 0},
    {"a marker, nothing below", "vista-sp1", Firmware::kMarked, false, H::kSOk, H::kSOk, H::kSOk,
     0},
    {"no marker", "vista-sp1", Firmware::kUnmarked, true, H::kSlEVlNotWindowsSlp,
     H::kSlEVlNotWindowsSlp, H::kSlESlpMissingSlpMarker, 3},
    {"no table", "vista-sp1", Firmware::kNone, true, H::kSOk, H::kSOk, H::kSlESlpMissingAcpiSlic,
     0},
    {"no table, nothing below", "vista-sp1", Firmware::kNone, false, H::kSOk,
     H::kSlEVlNotWindowsSlp, H::kSlESlpMissingAcpiSlic, 1},
    {"malformed", "vista-rtm", Firmware::kMalformed, true, H::kSlEVlNotWindowsSlp,
     H::kSlEVlNotWindowsSlp, H::kSlESlpBadFormat, 3},
    {"a server", "2008", Firmware::kUnmarked, false, H::kSOk, H::kSlEVlNotWindowsSlp,
     H::kSlESlpMissingSlpMarker, 3},
    {"a server, nothing below", "2008", Firmware::kNone, false, H::kSOk, H::kSOk,
     H::kSlESlpMissingAcpiSlic, 0},
};

BOOST_AUTO_TEST_CASE(come_with_the_routes_that_the_firmware_leaves) {
  for (const auto& row : kRoutes) {
    BOOST_TEST_CONTEXT(row.why) {
      RightsFacts asked = facts("oem", row.os);
      asked.edition = row.os == std::string_view("2008") ? "Standard" : "Business";
      asked.agreement = asked.edition;
      asked.firmware = row.firmware;
      asked.upgraded = row.upgraded;
      const auto decision = decide_rights(asked, test::catalogue());
      BOOST_REQUIRE(decision.has_value());
      BOOST_TEST(decision->allowed);
      BOOST_TEST(decision->setup == row.setup);
      BOOST_TEST_REQUIRE(decision->routes.size() == 4u);
      BOOST_TEST(decision->routes[0].name == "KMS");
      BOOST_TEST(decision->routes[0].code == row.kms);
      BOOST_TEST(decision->routes[1].code == H::kSOk);  // MAK
      BOOST_TEST(decision->routes[2].code == H::kSOk);  // retail
      BOOST_TEST(decision->routes[3].code == row.oem);
      BOOST_TEST(decision->steps.size() == row.steps);
    }
  }
}

BOOST_AUTO_TEST_CASE(refuse_dates_that_cannot_be) {
  const struct {
    const char* why;
    const char* purchase;
    const char* assurance;
    const char* edition;
    H code;
  } bad[] = {
      {"not bought yet", "2008-06-02", "", "Business", H::kEInvalidarg},
      {"assurance alone", "", "2008-03-01", "Business", H::kEInvalidarg},
      {"assurance first", "2008-03-01", "2008-02-29", "Business", H::kEInvalidarg},
      {"no such volume edition", "2008-03-01", "", "Ultimate", H::kErrorNotFound},
  };
  for (const auto& row : bad) {
    BOOST_TEST_CONTEXT(row.why) {
      RightsFacts asked = facts();
      asked.purchase = date(row.purchase);
      asked.assurance = date(row.assurance);
      asked.edition = row.edition;
      const auto decision = decide_rights(asked, test::catalogue());
      BOOST_REQUIRE(!decision);
      BOOST_TEST(decision.error().code == row.code);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
