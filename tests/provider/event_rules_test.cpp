#include "provider/event_rules.hpp"

#include <boost/test/unit_test.hpp>

#include "provider/event_record.hpp"
#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using test::kStart;

const Product& product_of(std::string_view role) {
  return *test::catalogue().resolve({.os = "vista-sp1", .role = std::string(role)})->product;
}

class NoNames final : public EventNames {
 public:
  std::string_view computer(std::uint32_t, FileTime) const override { return {}; }
  std::string_view product(std::uint16_t, std::uint32_t) const override { return {}; }
};

// "1016 SKU XXXXX; 1025 2 43200 SKU; " with SKU for the product's ID and APP for its application.
std::string shown(const Product& product, const std::vector<LogEntry>& entries) {
  std::string out;
  for (const LogEntry& entry : entries) {
    BOOST_TEST_REQUIRE(check(entry).has_value());
    BOOST_TEST(entry.time.ticks == kStart.ticks);
    const EventRecord record = read_record(
        {entry.event, 0, std::make_shared<const LogEntry>(entry), {}, {}}, 1, NoNames());
    out += std::to_string(record.id());
    for (std::string text : record.parameters) {
      if (const auto at = text.find(product.sku_text); at != std::string::npos)
        text.replace(at, product.sku_text.size(), "SKU");
      if (text == product.application) text = "APP";
      out += " " + text;
    }
    out += "; ";
  }
  return out;
}

Event event_of(EventKind kind, bool granted = false) {
  Event event;
  event.kind = kind;
  event.granted = granted;
  return event;
}

struct Story {
  const Product& product;
  Policy policy = policy_of(product, test::system_of("vista-sp1"));
  License license = initial_license(
      *test::catalogue().resolve({.os = "vista-sp1", .role = "kms-client"}), kStart);

  // What the event writes now; the licence moves on.
  std::string happens(const Event& event) {
    const Step done = step(license, policy, event, kStart);
    BOOST_TEST_REQUIRE(!failed(done.result));
    license = done.next;
    return shown(product, entries_of(product, event, done, kStart));
  }
};

BOOST_AUTO_TEST_SUITE(event_rules)

// covers: Event.1067
BOOST_AUTO_TEST_CASE(each_kind_of_step_writes_its_entries) {
  Story story{product_of("mak")};
  Event key = event_of(EventKind::kKeyInstalled);
  key.key_group = story.product.key_group;
  key.key_serial = 9;
  const std::string partial = partial_text({key.key_group, key.key_serial});
  BOOST_TEST(story.happens(key) == "1016 SKU " + partial + "; ");
  BOOST_TEST(story.happens(event_of(EventKind::kActivated)) == "");
  BOOST_TEST(story.happens(event_of(EventKind::kRefreshed)) == "1003 APP SKU, 1, 0x00000000; ");
  BOOST_TEST(story.happens(event_of(EventKind::kHardwareChanged)) ==
             "1040 SKU; 1025 3 43200 SKU; ");
  BOOST_TEST(story.happens(event_of(EventKind::kActivated)) == "");
  BOOST_TEST(story.happens(event_of(EventKind::kMarkedNonGenuine, true)) ==
             "8209 0xC004C003 APP; 1025 4 43200 SKU; ");
  BOOST_TEST(story.happens(event_of(EventKind::kValidated, true)) == "1067 APP 0x0; ");
  BOOST_TEST(story.happens(event_of(EventKind::kValidated, false)) ==
             "8209 0xC004F200 APP; 1025 4 43200 SKU; ");
  BOOST_TEST(story.happens(event_of(EventKind::kTampered)) == "8209 0xC004D301 APP; ");
}

BOOST_AUTO_TEST_CASE(a_rearm_begins_its_grace_period_with_the_restart) {
  Story story{product_of("kms-client")};
  story.license.grace_start -= 10 * 24 * 60;
  BOOST_TEST(story.happens(event_of(EventKind::kRearmRequested)) == "");
  BOOST_TEST(story.happens(event_of(EventKind::kRestarted)) == "1025 2 43200 SKU; ");
  BOOST_TEST(story.happens(event_of(EventKind::kRestarted)) == "");
}

BOOST_AUTO_TEST_CASE(attempts_of_a_kms_client_write_their_exchange_and_nothing_else) {
  Story story{product_of("kms-client")};
  Event request = event_of(EventKind::kKmsRequested);
  request.entropy = 5;
  BOOST_TEST(story.happens(request) == "");
  BOOST_TEST(story.happens(event_of(EventKind::kKmsAnswered, true)) == "");
  BOOST_TEST(story.happens(event_of(EventKind::kTimePassed)) == "");
}

BOOST_AUTO_TEST_CASE(entries_without_a_step) {
  const Product& product = product_of("mak");
  BOOST_TEST(
      shown(product, {license_installed(product, kStart),
                      activation_failed(HResult::kErrorInternetNameNotResolved, product, kStart),
                      ticket_failed(HResult::kEFail, "T1", kStart)}) ==
      "1004 SKU; 8198 0x80072EE7 SKU; 8208 0x80004005 T1; ");
  BOOST_TEST(shown(product, service_started("6.0.6001.18000", kStart)) ==
             "900; 902 6.0.6001.18000; ");
  BOOST_TEST(shown(product, {service_stopped(kStart)}) == "903; ");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
