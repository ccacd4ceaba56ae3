// What the user sees, by licence state, OS version and setting, to the minute. Source: VA2
// "Managing License States", "Disabling Windows Anytime Upgrade", Appendix 1 (Manual,
// NotificationDisabled).
#include "provider/experience.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using test::kStart;

constexpr std::int64_t kDay = 24 * 60;

// A machine of a role and what may happen to it, seen at a minute after its installation.
struct Life {
  std::string os = "vista-sp1";
  std::string role = "mak";
  std::vector<EventKind> events = {};  // at kStart
  bool grace = true;                   // of kMarkedNonGenuine
  Settings settings = {};
  bool internet = true;
  std::int64_t minute = 0;
  std::string edition = {};
};

Experience see(const Life& life) {
  const auto resolved = test::catalogue().resolve({life.os, life.role, life.edition});
  BOOST_TEST_REQUIRE(resolved.has_value());
  const Policy policy = policy_of(*resolved->product, *resolved->os);
  License license = initial_license(*resolved, kStart);
  for (const EventKind kind : life.events) {
    Event event;
    event.kind = kind;
    event.granted = kind != EventKind::kMarkedNonGenuine || life.grace;
    const Step done = step(license, policy, event, kStart);
    BOOST_TEST_REQUIRE(!failed(done.result));
    license = done.next;
  }
  return experience_at({license, *resolved->product, *resolved->os, life.settings, life.internet,
                        kStart, kStart + minutes(life.minute)});
}

Settings manual() {
  Settings out;
  out.automatic_activation = false;
  return out;
}
Settings quiet() {
  Settings out;
  out.notices = false;
  return out;
}

using enum EventKind;
const std::vector<EventKind> kPermanent = {kActivated};
const std::vector<EventKind> kByKms = {kKmsRequested, kKmsAnswered};
const std::vector<EventKind> kOutOfTolerance = {kActivated, kHardwareChanged};
const std::vector<EventKind> kBad = {kActivated, kMarkedNonGenuine};
const std::vector<EventKind> kAltered = {kActivated, kTampered};

std::string joined(const std::vector<std::string_view>& texts) {
  std::string out;
  for (const std::string_view text : texts) out += (out.empty() ? "" : ", ") + std::string(text);
  return out;
}

BOOST_AUTO_TEST_SUITE(experience)

BOOST_AUTO_TEST_CASE(the_status_line_and_what_comes_next) {
  constexpr const char* kBadText =
      "Activate Windows with a good key, then validate it at "
      "http://go.microsoft.com/fwlink/?LinkId=64187.";
  const struct {
    const char* why;
    Life life;
    const char* status;
    const char* next_step;
  } kCases[] = {
      {"activated for good", {.events = kPermanent}, "Windows is activated", ""},
      {"activated by a KMS",
       {.role = "kms-client", .events = kByKms},
       "Windows is activated",
       "Windows renews its activation by itself."},
      {"the initial grace period begins",
       {},
       "30 days left to activate Windows",
       "Activate Windows now."},
      {"a minute later: whole days",
       {.minute = 1},
       "29 days left to activate Windows",
       "Activate Windows now."},
      {"one day", {.minute = 29 * kDay}, "1 day left to activate Windows", "Activate Windows now."},
      {"less than a day",
       {.minute = 29 * kDay + 1},
       "23 hours left to activate Windows",
       "Activate Windows now."},
      {"one hour",
       {.minute = 30 * kDay - 60},
       "1 hour left to activate Windows",
       "Activate Windows now."},
      {"less than an hour",
       {.minute = 30 * kDay - 59},
       "59 minutes left to activate Windows",
       "Activate Windows now."},
      {"the last minute",
       {.minute = 30 * kDay - 1},
       "1 minute left to activate Windows",
       "Activate Windows now."},
      {"over",
       {.minute = 30 * kDay},
       "The time to activate Windows is over",
       "Activate Windows now."},
      {"over on RTM",
       {.os = "vista-rtm", .minute = 30 * kDay},
       "The time to activate Windows is over",
       "Activate Windows now."},
      {"a KMS client activates itself",
       {.role = "kms-client"},
       "30 days left to activate Windows",
       "Windows activates itself as soon as a Key Management Service host grants it."},
      {"... not with Manual",
       {.role = "kms-client", .settings = manual()},
       "30 days left to activate Windows",
       "Automatic activation is off. Activate Windows now."},
      {"... but renews all the same",
       {.role = "kms-client", .events = kByKms, .settings = manual()},
       "Windows is activated",
       "Windows renews its activation by itself."},
      {"KMS activation over",
       {.role = "kms-client", .events = kByKms, .minute = 180 * kDay},
       "30 days left to activate Windows",
       "Windows activates itself as soon as a Key Management Service host grants it."},
      {"the hardware changed",
       {.events = kOutOfTolerance},
       "30 days left to activate Windows",
       "Activate Windows now."},
      {"... for too long",
       {.events = kOutOfTolerance, .minute = 30 * kDay},
       "The hardware has changed, and the time to activate Windows again is over",
       "Activate Windows now."},
      {"... of an OEM computer, which no activation is for",
       {.role = "oem", .events = kOutOfTolerance},
       "30 days left to activate Windows",
       "Start the computer with the manufacturer's board in it, or type another product key."},
      {"not genuine",
       {.events = kBad},
       "This copy of Windows is not genuine; 30 days left to put that right",
       kBadText},
      {"... for too long",
       {.events = kBad, .minute = 30 * kDay},
       "This copy of Windows is not genuine",
       kBadText},
      {"... without grace",
       {.events = kBad, .grace = false},
       "This copy of Windows is not genuine",
       kBadText},
      {"no key", {.role = "unlicensed"}, "Windows has no product key", "Type a product key."},
      {"tampered with",
       {.events = kAltered},
       "The licensing data of Windows was altered",
       "Install Windows again, then activate it."},
      {"a KMS host", {.os = "2008", .role = "kms-host"}, "Windows is activated", ""},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      const Experience seen = see(c.life);
      BOOST_TEST(seen.status == c.status);
      BOOST_TEST(seen.next_step == c.next_step);
    }
  }
}

BOOST_AUTO_TEST_CASE(reminders_come_more_often_towards_the_end) {
  const struct {
    const char* why;
    Life life;
    std::int64_t next;  // minute after kStart; -1: none
    std::uint32_t every;
  } kCases[] = {
      {"nothing for three days", {}, 3 * kDay, 1440},
      {"a minute before the first", {.minute = 3 * kDay - 1}, 3 * kDay, 1440},
      {"at it", {.minute = 3 * kDay}, 3 * kDay, 1440},
      {"then daily", {.minute = 3 * kDay + 1}, 4 * kDay, 1440},
      {"the last daily one leads over", {.minute = 26 * kDay + 1}, 27 * kDay, 240},
      {"three days left: every four hours", {.minute = 27 * kDay + 1}, 27 * kDay + 240, 240},
      {"... to the last of them", {.minute = 29 * kDay - 239}, 29 * kDay, 60},
      {"one day left: hourly", {.minute = 29 * kDay + 1}, 29 * kDay + 60, 60},
      {"the last ends the period", {.minute = 30 * kDay - 1}, 30 * kDay, 60},
      {"over: hourly since the logon", {.minute = 30 * kDay}, 30 * kDay, 60},
      {"... a minute later", {.minute = 30 * kDay + 1}, 30 * kDay + 60, 60},
      {"over at the logon: not at once", {.events = kBad, .grace = false}, 60, 60},
      {"RTM has a dialog instead", {.os = "vista-rtm", .minute = 30 * kDay}, -1, 0},
      {"... and reminders before", {.os = "vista-rtm"}, 3 * kDay, 1440},
      {"NotificationDisabled", {.settings = quiet()}, -1, 0},
      {"... when it is over, too", {.settings = quiet(), .minute = 30 * kDay}, -1, 0},
      {"... and for what is not genuine", {.events = kBad, .settings = quiet()}, -1, 0},
      {"not genuine: from the first day on", {.events = kBad, .minute = 1}, kDay, 1440},
      {"... at once", {.events = kBad}, 0, 1440},
      {"... every four hours", {.events = kBad, .minute = 28 * kDay + 1}, 28 * kDay + 240, 240},
      {"licensed", {.events = kPermanent}, -1, 0},
      {"licensed by a KMS", {.role = "kms-client", .events = kByKms}, -1, 0},
      {"KMS activation over",
       {.role = "kms-client", .events = kByKms, .minute = 180 * kDay},
       183 * kDay,
       1440},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      const Experience seen = see(c.life);
      BOOST_TEST_REQUIRE(seen.reminder.has_value() == (c.next >= 0));
      if (!seen.reminder) continue;
      BOOST_TEST(whole_minutes(seen.reminder->next - kStart) == c.next);
      BOOST_TEST(seen.reminder->every == c.every);
      BOOST_TEST(seen.reminder->text == seen.status + ". " + seen.next_step);
    }
  }
}

// Walking from reminder to reminder through a whole grace period: 24 + 12 + 24, and its end.
BOOST_AUTO_TEST_CASE(a_grace_period_has_so_many_reminders) {
  std::int64_t minute = 0;
  int count = 0;
  while (minute < 30 * kDay) {
    const Experience seen = see({.minute = minute});
    BOOST_TEST_REQUIRE(seen.reminder.has_value());
    const std::int64_t next = whole_minutes(seen.reminder->next - kStart);
    BOOST_TEST_REQUIRE(next >= minute);
    minute = next + 1;
    ++count;
  }
  BOOST_TEST(count == 24 + 12 + 24 + 1);
}

BOOST_AUTO_TEST_CASE(the_end_differs_between_rtm_and_later_versions) {
  for (const std::string_view os : test::kSystems) {
    BOOST_TEST_CONTEXT(os) {
      const bool rtm = os == "vista-rtm";
      const Life before{.os = std::string(os), .minute = 30 * kDay - 1};
      BOOST_TEST((see(before).functionality == Functionality::kFull));
      BOOST_TEST(!see(before).logon.has_value());
      BOOST_TEST(!see(before).black_background);
      Life life{.os = std::string(os), .minute = 30 * kDay};
      for (const Settings& settings : {Settings(), quiet(), manual()}) {
        life.settings = settings;
        const Experience seen = see(life);
        BOOST_TEST(
            (seen.functionality == (rtm ? Functionality::kReduced : Functionality::kNotification)));
        BOOST_TEST(seen.black_background);
        BOOST_TEST(seen.background_reset == (rtm ? 0u : 60u));
        BOOST_TEST(seen.session == (rtm ? 60u : 0u));
        BOOST_TEST(seen.logon.has_value() == (rtm || settings.notices));
        BOOST_TEST(seen.watermark == (rtm ? "" : "Windows is not activated"));
        BOOST_TEST(joined(seen.withheld) ==
                   (rtm ? "the Start menu and the desktop, the games, BitLocker Drive Encryption, "
                          "Windows Aero, Windows ReadyBoost, optional updates"
                        : "optional updates"));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_rfm_dialog_offers_the_telephone_only_without_internet) {
  for (const char* role : {"mak", "kms-client"}) {
    for (const bool internet : {true, false}) {
      const Experience seen =
          see({.os = "vista-rtm", .role = role, .internet = internet, .minute = 30 * kDay});
      BOOST_TEST_REQUIRE(seen.logon.has_value());
      BOOST_TEST_REQUIRE(seen.logon->choices.size() == 4u);
      const char* const labels[] = {"Activate Windows online now", "Buy a new product key online",
                                    "Retype your product key", "Show me other ways to activate"};
      for (std::size_t i = 0; i < 4; ++i) {
        BOOST_TEST(seen.logon->choices[i].label == labels[i]);
        BOOST_TEST(seen.logon->choices[i].offered == (i != 3 || !internet));
      }
      BOOST_TEST(seen.logon->delay == 0u);
      BOOST_TEST(seen.logon->choices[0].leads_to ==
                 (role == std::string_view("mak")
                      ? "An attempt to reach the activation service"
                      : "An attempt to reach a Key Management Service host"));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_notification_dialog_makes_the_user_wait) {
  const Experience seen = see({.minute = 30 * kDay});
  BOOST_TEST_REQUIRE(seen.logon.has_value());
  BOOST_TEST(seen.logon->delay == 15u);
  BOOST_TEST(seen.logon->choices.back().label == "Activate later");
  const Experience bad = see({.events = kBad, .minute = 30 * kDay});
  BOOST_TEST_REQUIRE(bad.logon.has_value());
  BOOST_TEST(bad.logon->choices.back().label == "Ask me later");
  BOOST_TEST(bad.logon->choices.front().leads_to == "http://go.microsoft.com/fwlink/?LinkId=64187");
}

BOOST_AUTO_TEST_CASE(what_is_not_genuine_has_a_watermark_and_lacks_something) {
  const struct {
    const char* os;
    std::int64_t minute;
    const char* withheld;
  } kCases[] = {
      {"vista-rtm", 0,
       "Windows Aero, Windows ReadyBoost, Windows Defender, but for severe threats, optional "
       "updates"},
      {"vista-rtm", 30 * kDay,
       "the Start menu and the desktop, the games, BitLocker Drive Encryption, Windows Aero, "
       "Windows ReadyBoost, Windows Defender, but for severe threats, optional updates"},
      {"vista-sp1", 0, "optional updates"},
      {"vista-sp1", 30 * kDay, "optional updates"},
      {"2008", 0, "optional updates"},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.os << " " << c.minute) {
      const Experience seen = see({.os = c.os, .events = kBad, .minute = c.minute});
      BOOST_TEST(seen.watermark == "This copy of Windows is not genuine");
      BOOST_TEST(joined(seen.withheld) == c.withheld);
      const Experience good = see({.os = c.os, .events = kPermanent, .minute = c.minute});
      BOOST_TEST(good.watermark == "");
      BOOST_TEST(good.withheld.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(the_anytime_upgrade_link_is_there_for_business_and_may_be_refused) {
  Settings disabled;
  disabled.anytime_upgrade_disabled = true;
  const struct {
    const char* why;
    Life life;
    AnytimeUpgrade link;
  } kCases[] = {
      {"Business by volume",
       {.role = "kms-client", .edition = "Business"},
       AnytimeUpgrade::kOffered},
      {"Business by MAK", {.edition = "Business"}, AnytimeUpgrade::kOffered},
      {"retail Business", {.role = "retail", .edition = "Business"}, AnytimeUpgrade::kOffered},
      {"OEM Business", {.role = "oem", .edition = "Business"}, AnytimeUpgrade::kAbsent},
      {"Enterprise", {.edition = "Enterprise"}, AnytimeUpgrade::kAbsent},
      {"a server", {.os = "2008", .edition = "Standard"}, AnytimeUpgrade::kAbsent},
      {"switched off", {.settings = disabled, .edition = "Business"}, AnytimeUpgrade::kRefused},
      {"switched off where it is not", {.settings = disabled}, AnytimeUpgrade::kAbsent},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      const Experience seen = see(c.life);
      BOOST_TEST((seen.anytime_upgrade == c.link));
      BOOST_TEST(seen.anytime_upgrade_says.empty() == (c.link != AnytimeUpgrade::kRefused));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_evaluation_says_so_on_the_desktop) {
  Product product = *test::catalogue().resolve({.os = "vista-sp1", .role = "retail"})->product;
  product.evaluation_end = kStart + minutes(1000);
  const License license =
      initial_license(*test::catalogue().resolve({.os = "vista-sp1", .role = "retail"}), kStart);
  const Settings settings;
  const auto at = [&](std::int64_t minute) {
    return experience_at({license, product, test::system_of("vista-sp1"), settings, true, kStart,
                          kStart + minutes(minute)});
  };
  BOOST_TEST(at(999).watermark == "Evaluation copy. Build 6001");
  BOOST_TEST(at(999).status == "1 minute left to activate Windows");
  BOOST_TEST(at(1000).status == "The evaluation period is over");
  BOOST_TEST((at(1000).functionality == Functionality::kNotification));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(upgrade)

BOOST_AUTO_TEST_CASE(goes_to_a_later_version_of_the_same_kind) {
  const Product& product = *test::catalogue().resolve({.os = "vista-rtm", .role = "mak"})->product;
  const struct {
    const char* from;
    const char* to;
    bool good;
  } kCases[] = {
      {"vista-rtm", "vista-sp1", true},  {"vista-sp1", "vista-rtm", false},
      {"vista-sp1", "vista-sp1", false}, {"vista-rtm", "2008", false},
      {"2008", "vista-sp1", false},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.from << " to " << c.to) {
      const auto done = check_upgrade(test::system_of(c.from), test::system_of(c.to), product);
      BOOST_TEST(done.has_value() == c.good);
      if (!done) BOOST_TEST(done.error().code == HResult::kEInvalidarg);
    }
  }
  Product other = product;
  other.media = {"somewhere"};
  BOOST_TEST(!check_upgrade(test::system_of("vista-rtm"), test::system_of("vista-sp1"), other)
                  .has_value());
}

BOOST_AUTO_TEST_CASE(is_advised_before_the_functions_are_reduced_or_after_they_are_back) {
  const auto resolved = *test::catalogue().resolve({"vista-rtm", "mak", "Business"});
  const auto enterprise = *test::catalogue().resolve({"vista-rtm", "mak", "Enterprise"});
  const OperatingSystem& rtm = test::system_of("vista-rtm");
  const OperatingSystem& sp1 = test::system_of("vista-sp1");
  License license = initial_license(resolved, kStart);
  const auto advice = [&](const Product& product, std::int64_t minute) {
    return upgrade_advice(license, product, rtm, sp1, kStart + minutes(minute));
  };
  BOOST_TEST(advice(*resolved.product, 30 * kDay - 1).empty());
  const auto late = advice(*resolved.product, 30 * kDay);
  BOOST_TEST_REQUIRE(late.size() == 1u);
  BOOST_TEST(late[0].find("0xC004F009") != std::string::npos);
  BOOST_TEST(late[0].find("(3 left)") != std::string::npos);
  License altered = license, marked = license, keyless = license;
  altered.set(LicenseFlag::kTampered);
  marked.set(LicenseFlag::kNonGenuine);
  keyless.set(LicenseFlag::kHasKey, false);
  const struct {
    const char* why;
    License license;
    const char* remedy;
  } kOther[] = {
      {"altered data can neither be activated nor reset", altered, "install Windows again"},
      {"a reset does not make it genuine", marked, "a good key, slmgr /ato and a validation"},
      {"without a key nothing can be activated", keyless, "slmgr /ipk KEY"},
  };
  for (const auto& c : kOther) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto other =
          upgrade_advice(c.license, *resolved.product, rtm, sp1, kStart + minutes(30 * kDay));
      BOOST_TEST_REQUIRE(other.size() == 1u);
      BOOST_TEST(other[0].find(c.remedy) != std::string::npos);
      BOOST_TEST(other[0].find("/rearm") == std::string::npos);
    }
  }
  license.rearms_used = 2;
  const auto resets = advice(*enterprise.product, 0);
  BOOST_TEST_REQUIRE(resets.size() == 1u);
  BOOST_TEST(resets[0] == "Resets of the activation timers: 2 used of 3 before, of 5 afterwards.");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
