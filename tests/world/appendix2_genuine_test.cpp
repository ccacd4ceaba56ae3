// The codes of VA2 Appendix 2 that grace periods, validation and tolerance lead to: a world is
// driven into each, and shows it as the result of a method, LicenseStatusReason, an event and
// `explain`.
#include <functional>
#include <memory>

#include "provider/explain.hpp"
#include "tests/world/licensing_fixture.hpp"
#include "world/genuine.hpp"

namespace slwmi::world::test {
namespace {

using licensing::LicenseStatus;
using H = HResult;
constexpr std::uint64_t kDay = 24 * 60;

const Parameters kTicket = {{"TemplateId", cim::Value::text(licensing::kValidationTemplate)},
                            {"ServerUrl", cim::Value::text(licensing::kValidationUrl)}};

HResult refresh(World& world) { return call(world, "PC1", "RefreshLicenseStatus"); }
HResult activate(World& world) { return call(world, "PC1", "Activate"); }

void mark_key(World& world, bool grace = true) {
  must(world.mark_non_genuine(must(world.product_key("Enterprise", "VOLUME_MAK", 1)), true, grace));
}
void change_hardware(World& world) {
  must(must(world.machine("PC1")).happened({.kind = licensing::EventKind::kHardwareChanged}));
}
HResult deposit(World& world, std::string_view confirmation) {
  const Row product = product_of(world, "PC1");
  return call(world, "PC1", "DepositOfflineConfirmationId",
              {{"InstallationId", product.get("OfflineInstallationId")},
               {"ConfirmationId", cim::Value::text(confirmation)}});
}

// The guide's way back from a key that went bad: another one, activation, validation.
HResult replace_key(World& world) {
  const std::string key = must(world.product_key("Enterprise", "VOLUME_MAK", 9));
  BOOST_TEST(install_key(world, "PC1", key) == H::kSOk);
  BOOST_TEST(activate(world) == H::kSOk);
  return call(world, "PC1", "AcquireGenuineTicket", kTicket);
}

struct Story {
  const char* why;
  H code;
  const char* role;
  HResult (*drive)(World&);  // the result of the method that meets it
  H result;
  LicenseStatus status;
  H reason;
  const char* events;       // written by the last step of the story
  HResult (*cure)(World&);  // what `explain` advises; S_OK when it helped
};

const Story kStories[] = {
    {"nobody activated in the initial grace period", H::kSlEGraceTimeExpired, "mak",
     [](World& w) {
       must(w.advance(30 * kDay));
       return refresh(w);
     },
     H::kSOk, LicenseStatus::kNotification, H::kSlEGraceTimeExpired, "1003 5, 0xC004F009; ",
     activate},
    {"a KMS client did not renew for 210 days", H::kSlEGraceTimeExpired, "kms-client",
     [](World& w) {
       must(w.advance(30 * kDay));
       return refresh(w);
     },
     H::kSOk, LicenseStatus::kNotification, H::kSlEGraceTimeExpired, "1003 5, 0xC004F009; ",
     [](World& w) {  // a reset of the timers
       const HResult done = call(w, "PC1", "ReArmWindows");
       must(must(w.machine("PC1")).restart());
       return done;
     }},
    {"the hardware changed, and nobody activated for 30 days", H::kSlEOutOfTolerance, "mak",
     [](World& w) {
       BOOST_TEST(activate(w) == H::kSOk);
       change_hardware(w);
       must(w.advance(30 * kDay));
       return refresh(w);
     },
     H::kSOk, LicenseStatus::kNotification, H::kSlEOutOfTolerance, "1003 5, 0xC004F00F; ",
     activate},
    {"no product key is installed", H::kSlEPkeyNotInstalled, "unlicensed",
     [](World& w) {
       BOOST_TEST(refresh(w) == H::kSOk);
       return activate(w);
     },
     H::kSlEPkeyNotInstalled, LicenseStatus::kUnlicensed, H::kSlEPkeyNotInstalled,
     "1003 0, 0xC004F014; 8198 0xC004F014; ",
     [](World& w) {
       const std::string key = must(w.product_key("Enterprise", "VOLUME_MAK", 9));
       BOOST_TEST(install_key(w, "PC1", key) == H::kSOk);
       return activate(w);
     }},
    {"the confirmation ID has a letter in it", H::kSlECidiidInvalidData, "mak",
     [](World& w) { return deposit(w, std::string(47, '0') + "x"); }, H::kSlECidiidInvalidData,
     LicenseStatus::kOobGrace, H::kSlIOobGracePeriod, "",
     [](World& w) {
       const std::string id(product_of(w, "PC1").get("OfflineInstallationId").as_text());
       return deposit(w, must(w.confirmation_id(id)));
     }},
    {"a validation found the key bad", H::kSlINongenuineGracePeriod, "mak",
     [](World& w) {
       BOOST_TEST(activate(w) == H::kSOk);
       mark_key(w);
       return call(w, "PC1", "AcquireGenuineTicket", kTicket);
     },
     H::kSlENotGenuine, LicenseStatus::kNonGenuineGrace, H::kSlINongenuineGracePeriod,
     "8209 0xC004C003; 1025 4 43200; ", replace_key},
    {"... and 30 days passed", H::kSlENongenuineGraceTimeExpired, "mak",
     [](World& w) {
       BOOST_TEST(activate(w) == H::kSOk);
       mark_key(w);
       BOOST_TEST(call(w, "PC1", "AcquireGenuineTicket", kTicket) == H::kSlENotGenuine);
       must(w.advance(30 * kDay));
       return refresh(w);
     },
     H::kSOk, LicenseStatus::kNotification, H::kSlENongenuineGraceTimeExpired,
     "1003 5, 0xC004F064; ", replace_key},
    {"... or there was no grace (a code beside the appendix)", H::kSlENotGenuine, "mak",
     [](World& w) {
       BOOST_TEST(activate(w) == H::kSOk);
       mark_key(w, false);
       return call(w, "PC1", "AcquireGenuineTicket", kTicket);
     },
     H::kSlENotGenuine, LicenseStatus::kNotification, H::kSlENotGenuine, "8209 0xC004C003; ",
     replace_key},
};

BOOST_AUTO_TEST_SUITE(appendix2_genuine)

// covers: kSlEGraceTimeExpired, kSlEOutOfTolerance, kSlEPkeyNotInstalled, kSlECidiidInvalidData
// covers: kSlINongenuineGracePeriod, kSlENongenuineGraceTimeExpired
BOOST_AUTO_TEST_CASE(each_code_shows_in_method_status_event_and_explanation) {
  for (const char* os : {"vista-sp1", "vista-rtm"}) {
    for (const Story& story : kStories) {
      BOOST_TEST_CONTEXT(os << ": " << story.why) {
        auto world = must(World::in_memory(7));
        must(world->add_machine({.name = "PC1", .os = os, .role = story.role}));
        BOOST_TEST(story.drive(*world) == story.result);
        const licensing::Status status = status_of(*world, "PC1");
        const bool rtm = os == std::string_view("vista-rtm");
        const bool expired = story.status == LicenseStatus::kNotification;
        const LicenseStatus expected = rtm && expired ? LicenseStatus::kUnlicensed : story.status;
        BOOST_TEST((status.status == expected));
        if (!rtm) BOOST_TEST(status.reason == story.reason);
        std::string events = story.events;
        if (rtm && expired && events.starts_with("1003 5")) events[5] = '0';
        const std::string log = events_of(*world, "PC1");
        BOOST_TEST_CONTEXT(log) BOOST_TEST(log.ends_with(events));
        const licensing::Explanation known = licensing::explain(story.code);
        BOOST_TEST(known.known());
        BOOST_TEST(!known.causes.empty());
        BOOST_TEST(!known.steps.empty());
        BOOST_TEST(story.cure(*world) == H::kSOk);
        const LicenseStatus after = status_of(*world, "PC1").status;
        BOOST_TEST((after == LicenseStatus::kLicensed || after == LicenseStatus::kOobGrace));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_last_minute_before_each_is_still_a_grace_period) {
  const struct {
    const char* why;
    void (*begin)(World&);
    LicenseStatus status;
    H after;
  } kCases[] = {
      {"initial", [](World&) {}, LicenseStatus::kOobGrace, H::kSlEGraceTimeExpired},
      {"out of tolerance",
       [](World& w) {
         BOOST_TEST(activate(w) == H::kSOk);
         change_hardware(w);
       },
       LicenseStatus::kOotGrace, H::kSlEOutOfTolerance},
      {"non-genuine",
       [](World& w) {
         BOOST_TEST(activate(w) == H::kSOk);
         mark_key(w);
         BOOST_TEST(call(w, "PC1", "AcquireGenuineTicket", kTicket) == H::kSlENotGenuine);
       },
       LicenseStatus::kNonGenuineGrace, H::kSlENongenuineGraceTimeExpired},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      auto world = must(World::in_memory(7));
      must(world->add_machine({.name = "PC1", .role = "mak"}));
      c.begin(*world);
      must(world->advance(30 * kDay - 1));
      BOOST_TEST((status_of(*world, "PC1").status == c.status));
      BOOST_TEST(status_of(*world, "PC1").remaining == 1u);
      must(world->advance(1));
      BOOST_TEST((status_of(*world, "PC1") ==
                  licensing::Status{LicenseStatus::kNotification, c.after, 0}));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::world::test
