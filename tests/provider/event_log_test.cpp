#include "provider/event_log.hpp"

#include <boost/test/unit_test.hpp>

#include "provider/license.hpp"
#include "tests/provider/printing.hpp"

namespace slwmi::licensing {
namespace {

const FileTime kNow = time_of(214'000'000);

BOOST_AUTO_TEST_SUITE(event_log)

struct Row {
  std::uint32_t id;
  const char* log;
  const char* logged_by;
  const char* parameters;  // labels in their order, each followed by "; "
};
// Source: VA2 Appendix 1, "KMS Events Logged in Windows Event Log".
const Row kGuide[] = {
    {12288, "Application", "Client",
     "HRESULT; Status; Server:Port; CMID; Client Time; VM Info; Licensing Status; Time to "
     "Expiration; ActID; N-Policy; "},
    {12289, "Application", "Client",
     "HRESULT; Status; fBound; Unused; Count; Activation Interval; Renewal Interval; Client "
     "Time; "},
    {12290, "Key Management Service", "KMS",
     "HRESULT; N-Policy; Machine; CMID; Client Time; VM Info; Licensing Status; Time to "
     "Expiration; ActID; "},
    {12291, "Application", "KMS", "HRESULT; "},
    {12292, "Application", "KMS", "HRESULT; "},
    {12293, "Application", "KMS", "HRESULT; DNS domain; "},
    {12294, "Application", "KMS", "DNS domain; "},
};

BOOST_AUTO_TEST_CASE(the_guides_events_have_its_logs_and_parameters) {
  for (const Row& row : kGuide) {
    BOOST_TEST_CONTEXT(row.id) {
      const EventDeclaration* event = find_event(row.id);
      BOOST_TEST_REQUIRE(event != nullptr);
      BOOST_TEST(log_name(event->log) == row.log);
      BOOST_TEST(event->logged_by == row.logged_by);
      std::string labels;
      for (const auto& parameter : event->parameters) labels += std::string(parameter.label) + "; ";
      BOOST_TEST(labels == row.parameters);
      BOOST_TEST((event->form == EventForm::kInfo) == (row.id <= 12290));
    }
  }
  BOOST_TEST(kEventProvider == "Microsoft-Windows-Security-Licensing-SLC");
  BOOST_TEST(kEventSource == "Software Licensing Service");
}

BOOST_AUTO_TEST_CASE(declarations_are_in_order_and_their_messages_name_each_string) {
  std::uint32_t last = 0;
  for (const EventDeclaration& event : event_declarations()) {
    const auto id = static_cast<std::uint32_t>(event.id);
    BOOST_TEST_CONTEXT(id) {
      BOOST_TEST(id > last);
      last = id;
      BOOST_TEST(find_event(id) == &event);
      const std::size_t strings = event.form == EventForm::kInfo ? 1 : event.parameters.size();
      for (std::size_t i = 1; i <= 5; ++i) {
        const bool named = event.message.find("%" + std::to_string(i)) != std::string_view::npos;
        BOOST_TEST(named == (i <= strings), "%" << i);
      }
      for (const auto& parameter : event.parameters) BOOST_TEST(!parameter.example.empty());
    }
  }
  BOOST_TEST(find_event(0) == nullptr);
  BOOST_TEST(find_event(12295) == nullptr);
}

BOOST_AUTO_TEST_CASE(logs_are_found_in_any_case) {
  BOOST_TEST((find_log("key management SERVICE") == EventLog::kKeyManagementService));
  BOOST_TEST((find_log("KMS") == EventLog::kKeyManagementService));
  BOOST_TEST((find_log("Application") == EventLog::kApplication));
  BOOST_TEST(!find_log("System").has_value());
}

BOOST_AUTO_TEST_CASE(an_entry_must_have_the_values_that_its_event_declares) {
  BOOST_TEST(check(publishing_failed(HResult::kEFail, "contoso.com", kNow)).has_value());
  BOOST_TEST(check(publishing_done("contoso.com", kNow)).has_value());
  BOOST_TEST(check(failure(EventId::kKmsInitializationFailed, HResult::kEFail, kNow)).has_value());
  BOOST_TEST(check(log_cleared(EventLog::kKeyManagementService, kNow)).has_value());
  struct {
    const char* why;
    EventId event;
    std::vector<EventValue> values;
  } const kBad[] = {
      {"an unknown event", EventId{7}, {}},
      {"a value is missing", EventId::kPublishingFailed, {std::uint64_t{1}}},
      {"one value too many", EventId::kPublishingDone, {"a", "b"}},
      {"a number for a text", EventId::kPublishingDone, {std::uint64_t{1}}},
      {"a text for a number", EventId::kRenewalTimerFailed, {"0x1"}},
      {"a code of more than 32 bits", EventId::kRenewalTimerFailed, {std::uint64_t{1} << 32}},
      {"a text that is no UTF-8", EventId::kPublishingDone, {"\xFF"}},
      {"too long a text", EventId::kPublishingDone, {std::string(kMaxEventText + 1, 'a')}},
      {"no log of ours was cleared", EventId::kLogCleared, {std::uint64_t{kEventLogs}}},
      {"it is not said which log was cleared", EventId::kLogCleared, {}},
  };
  for (const auto& bad : kBad) {
    LogEntry entry = make_entry(bad.event, kNow, {});
    entry.values = bad.values;
    const auto result = check(entry);
    BOOST_TEST(!result.has_value(), bad.why);
    BOOST_TEST(result.error().code == HResult::kEInvalidarg, bad.why);
  }
}

BOOST_AUTO_TEST_CASE(a_digest_sees_every_field_and_not_the_number_of_a_name) {
  KmsExchange exchange;
  const std::uint64_t plain = digest(exchange, "");
  std::size_t seen = 0;
  auto* bytes = reinterpret_cast<unsigned char*>(&exchange);
  for (std::size_t i = 0; i < sizeof exchange; ++i) {
    bytes[i] ^= 1u;
    seen += digest(exchange, "") != plain ? 1 : 0;
    bytes[i] ^= 1u;
  }
  BOOST_TEST(seen == sizeof exchange - sizeof exchange.server_name);
  BOOST_TEST(digest(exchange, "a") != plain);
  const LogEntry entry = publishing_failed(HResult::kEFail, "contoso.com", kNow);
  LogEntry other = entry;
  other.machine = 1;
  BOOST_TEST(digest(other) != digest(entry));
  other = entry;
  other.values[1] = "contoso.net";
  BOOST_TEST(digest(other) != digest(entry));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
