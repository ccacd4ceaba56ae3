// The guide's events as a log shows them: each row of its table by name, with the parameters of its
// examples put in. Source: VA2 Appendix 1, "KMS Events Logged in Windows Event Log".
#include "provider/event_record.hpp"

#include <map>

#include <boost/test/unit_test.hpp>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "provider/event_xml.hpp"
#include "provider/license.hpp"
#include "tests/provider/printing.hpp"

namespace slwmi::licensing {
namespace {

constexpr std::uint32_t kClient = 3, kHost = 5;
constexpr std::string_view kActId = "cf67834d-db4a-402c-ab1f-2c134f02b700";

class Names final : public EventNames {
 public:
  std::string_view computer(std::uint32_t machine, FileTime) const override {
    const auto found = computers.find(machine);
    return found == computers.end() ? std::string_view() : found->second;
  }
  std::string_view product(std::uint16_t key_group, std::uint32_t) const override {
    return key_group == 402 ? kActId : std::string_view();
  }

  std::map<std::uint32_t, std::string> computers = {{kClient, "kms03.site5.contoso.com"},
                                                    {kHost, "kms01.contoso.com"}};
};

FileTime at(const char* iso) { return parse_iso8601(iso).value(); }

// The exchange of the guide's examples; its client machine ID is one of ours.
KmsExchange guide() {
  KmsExchange out;
  out.time = at("2006-01-14T02:30:00Z");
  out.client_id = 77;
  out.client = kClient;
  out.host = kHost;
  out.minutes = 40123;
  out.count = 4;
  out.required = 25;
  out.activation_interval = 120;
  out.renewal_interval = 10080;
  out.product = 402;
  out.port = 1688;
  out.status = 2;
  for (const ExchangePart part : {ExchangePart::kRequested, ExchangePart::kProcessed,
                                  ExchangePart::kServed, ExchangePart::kVirtualMachine})
    out.set(part);
  out.set(BindingFlag::kOtherPc);
  out.set(BindingFlag::kNotEnoughCount);
  return out;
}

EventRecord view(const KmsExchange& exchange, EventId id, std::string_view server = {}) {
  const bool of_host = id == EventId::kRequestProcessed;
  return read_record({id, of_host ? kHost : kClient, nullptr, exchange, server}, 1, Names());
}

EventRecord view(LogEntry entry, std::uint64_t number = 1) {
  entry.machine = kHost;
  const EventId id = entry.event;
  return read_record({id, kHost, std::make_shared<const LogEntry>(std::move(entry)), {}, {}},
                     number, Names());
}

const std::string kCmid = format_guid(client_machine_id(77));

BOOST_AUTO_TEST_SUITE(event_record)

BOOST_AUTO_TEST_CASE(event_12288_has_the_form_of_the_guides_example) {
  const EventRecord record = view(guide(), EventId::kRequestSent);
  const std::vector<std::string> wanted = {
      "0x0", "0x8",   "kms01.contoso.com:1688", kCmid, "2006/1/14 2:30", "1",
      "2",   "40123", std::string(kActId),      "25"};
  BOOST_TEST(record.parameters == wanted, boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(record.strings().size() == 1u);
  BOOST_TEST(record.strings()[0] == "0x0,0x8,kms01.contoso.com:1688," + kCmid +
                                        ",2006/1/14 2:30,1,2,40123," + std::string(kActId) + ",25");
  BOOST_TEST(record.message().ends_with("\r\nInfo:\r\n" + record.strings()[0]));
  BOOST_TEST(record.computer == "kms03.site5.contoso.com");
  BOOST_TEST(record.identifier() == 0x40003000u);
}

BOOST_AUTO_TEST_CASE(event_12289_has_the_form_of_the_guides_example) {
  const EventRecord record = view(guide(), EventId::kResponseProcessed);
  const std::vector<std::string> wanted = {"0x0", "0x4000008", "0",     "0",
                                           "4",   "120",       "10080", "1/14/2006 2:30"};
  BOOST_TEST(record.parameters == wanted, boost::test_tools::per_element());
  KmsExchange bound = guide();
  bound.set(ExchangePart::kBound);
  BOOST_TEST(view(bound, EventId::kResponseProcessed).parameters[2] == "1");
}

// Source: VA2, "Flags" below the table of events; its numbers and names.
// covers: SL_VL_BINDING_STATUS_OTHER_PC, SL_VL_BINDING_ERROR_NO_BINDING_SERVER_REGISTRATION
// covers: SL_VL_BINDING_ERROR_INVALID_REGISTRATION_DATA_TYPE
// covers: SL_VL_BINDING_ERROR_NOT_ENOUGH_COUNT, SL_VL_BINDING_ERROR_NOT_WINDOWS_SLP
BOOST_AUTO_TEST_CASE(flags_have_the_names_of_the_guide) {
  const struct {
    BindingFlag flag;
    const char *shown, *name;
  } kRows[] = {
      {BindingFlag::kOtherPc, "0x8", "SL_VL_BINDING_STATUS_OTHER_PC"},
      {BindingFlag::kNoRegistration, "0x1000000",
       "SL_VL_BINDING_ERROR_NO_BINDING_SERVER_REGISTRATION"},
      {BindingFlag::kInvalidDataType, "0x2000000",
       "SL_VL_BINDING_ERROR_INVALID_REGISTRATION_DATA_TYPE"},
      {BindingFlag::kNotEnoughCount, "0x4000000", "SL_VL_BINDING_ERROR_NOT_ENOUGH_COUNT"},
      {BindingFlag::kNotWindowsSlp, "0x8000000", "SL_VL_BINDING_ERROR_NOT_WINDOWS_SLP"},
  };
  for (const auto& row : kRows) {
    KmsExchange exchange = guide();
    exchange.flags = 0;
    BOOST_TEST(view(exchange, EventId::kResponseProcessed).flags().empty());
    exchange.set(row.flag);
    const EventRecord record = view(exchange, EventId::kResponseProcessed);
    BOOST_TEST(record.parameters[1] == row.shown);
    BOOST_TEST_REQUIRE(record.flags().size() == 1u);
    BOOST_TEST(record.flags()[0] == row.name);
  }
  BOOST_TEST(view(guide(), EventId::kResponseProcessed).flags().size() == 2u);
  BOOST_TEST(view(guide(), EventId::kRequestProcessed).flags().empty());
}

BOOST_AUTO_TEST_CASE(event_12290_has_the_form_of_the_guides_example) {
  KmsExchange exchange = guide();
  exchange.time = at("2006-01-14T22:36:00Z");
  const EventRecord record = view(exchange, EventId::kRequestProcessed);
  const std::vector<std::string> wanted = {
      "0x0", "25",    "kms03.site5.contoso.com", kCmid, "2006/1/14 22:36", "1",
      "2",   "40123", std::string(kActId)};
  BOOST_TEST(record.parameters == wanted, boost::test_tools::per_element());
  BOOST_TEST((record.event->log == EventLog::kKeyManagementService));
  BOOST_TEST(record.computer == "kms01.contoso.com");
}

// covers: 12292, 12293
BOOST_AUTO_TEST_CASE(events_12291_to_12294_say_their_code_and_their_domain) {
  const struct {
    LogEntry entry;
    std::uint32_t identifier;
    std::vector<std::string> parameters;
    const char* in_message;
  } kRows[] = {
      {failure(EventId::kKmsInitializationFailed, HResult::kEFail, {}),
       0xC0003003u,
       {"0x80004005"},
       "Key Management Service did not initialize.\r\nInfo:\r\n0x8000"},
      {failure(EventId::kRenewalTimerFailed, HResult::kEFail, {}),
       0xC0003004u,
       {"0x80004005"},
       "renewal timer"},
      {publishing_failed(HResult::kEFail, "contoso.com", {}),
       0xC0003005u,
       {"0x80004005", "contoso.com"},
       "'contoso.com' domain.\r\nInfo:\r\n0x80004005"},
      {publishing_done("contoso.com", {}),
       0x40003006u,
       {"contoso.com"},
       "'contoso.com' domain.\r\n"},
  };
  for (const auto& row : kRows) {
    const EventRecord record = view(row.entry);
    BOOST_TEST_CONTEXT(record.id()) {
      BOOST_TEST(record.identifier() == row.identifier);
      BOOST_TEST(record.parameters == row.parameters, boost::test_tools::per_element());
      BOOST_TEST(record.strings() == row.parameters, boost::test_tools::per_element());
      BOOST_TEST(record.message().find(row.in_message) != std::string::npos, record.message());
    }
  }
}

// Each event with the values of events.def's examples shows exactly these examples.
// covers: 900, 902, 903, 1003, 1004, 1016, 1025, 1036, 1040, 1067, 8198, 8208, 8209
BOOST_AUTO_TEST_CASE(every_example_is_shown_as_it_is_documented) {
  for (const EventDeclaration& event : event_declarations()) {
    LogEntry entry = make_entry(event.id, {}, {});
    for (const auto& parameter : event.parameters) {
      const std::string text(parameter.example);
      switch (parameter.kind) {
        case ParameterKind::kText:
        case ParameterKind::kGuid:
          entry.values.emplace_back(text);
          break;
        case ParameterKind::kTimeYearFirst:
          entry.values.emplace_back(
              at(text.ends_with("22:36") ? "2006-01-14T22:36:00Z" : "2006-01-14T02:30:00Z").ticks);
          break;
        case ParameterKind::kTimeMonthFirst:
          entry.values.emplace_back(at("2006-01-14T02:30:00Z").ticks);
          break;
        default:
          entry.values.emplace_back(parse_unsigned(text).value());
          break;
      }
    }
    BOOST_TEST_CONTEXT(static_cast<unsigned>(event.id)) {
      BOOST_TEST_REQUIRE(check(entry).has_value());
      const EventRecord record = view(entry);
      for (std::size_t i = 0; i < event.parameters.size(); ++i)
        BOOST_TEST(record.parameters[i] == event.parameters[i].example);
      BOOST_TEST(record.message().find('%') == std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_exchange_is_seen_by_those_who_took_part) {
  const struct {
    const char* why;
    std::vector<ExchangePart> parts;
    std::vector<EventId> client, host;
  } kRows[] = {
      {"answered",
       {ExchangePart::kRequested, ExchangePart::kProcessed, ExchangePart::kServed},
       {EventId::kRequestSent, EventId::kResponseProcessed},
       {EventId::kRequestProcessed}},
      {"the host was not reached", {ExchangePart::kRequested}, {EventId::kRequestSent}, {}},
      {"the response was lost",
       {ExchangePart::kRequested, ExchangePart::kServed},
       {EventId::kRequestSent},
       {EventId::kRequestProcessed}},
  };
  for (const auto& row : kRows) {
    KmsExchange exchange;
    exchange.client = kClient;
    exchange.host = kHost;
    for (const ExchangePart part : row.parts) exchange.set(part);
    const auto ids = [&](std::uint32_t machine) {
      const ExchangeEvents events = events_of(exchange, machine);
      return std::vector<EventId>(events.begin(), events.end());
    };
    BOOST_TEST_CONTEXT(row.why) {
      BOOST_TEST((ids(kClient) == row.client));
      BOOST_TEST((ids(kHost) == row.host));
      BOOST_TEST(ids(9).empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(codes_flags_and_names_follow_the_exchange) {
  KmsExchange exchange = guide();
  exchange.requested = HResult::kRpcSServerUnavailable;
  exchange.processed = HResult::kSlEVlNotEnoughCount;
  exchange.served = HResult::kSlEVlKeyManagementServiceNotActivated;
  BOOST_TEST(view(exchange, EventId::kRequestSent).parameters[0] == "0x800706BA");
  BOOST_TEST(view(exchange, EventId::kResponseProcessed).parameters[0] == "0xC004F038");
  BOOST_TEST(*view(exchange, EventId::kRequestProcessed).code ==
             HResult::kSlEVlKeyManagementServiceNotActivated);
  BOOST_TEST(*view(exchange, EventId::kRequestSent).code == HResult::kRpcSServerUnavailable);
  exchange.server_name = 1;
  BOOST_TEST(view(exchange, EventId::kRequestSent, "10.0.0.7").parameters[2] == "10.0.0.7:1688");
  exchange.server_name = 0;
  exchange.host = 0;
  BOOST_TEST(view(exchange, EventId::kRequestSent).parameters[2] == "", "no host was found");
  exchange.client_id = 0;
  exchange.product = 1;
  BOOST_TEST(view(exchange, EventId::kRequestSent).parameters[3] ==
             "00000000-0000-0000-0000-000000000000");
  BOOST_TEST(view(exchange, EventId::kRequestSent).parameters[8] == "");
}

BOOST_AUTO_TEST_CASE(a_log_shows_the_clock_of_its_machine) {
  KmsExchange exchange = guide();
  exchange.client_skew = 90;
  exchange.host_skew = -150;
  const EventRecord sent = view(exchange, EventId::kRequestSent);
  BOOST_TEST(format_iso8601(sent.time) == "2006-01-14T04:00:00Z");
  BOOST_TEST(sent.parameters[4] == "2006/1/14 4:00");
  const EventRecord served = view(exchange, EventId::kRequestProcessed);
  BOOST_TEST(format_iso8601(served.time) == "2006-01-14T00:00:00Z");
  BOOST_TEST(served.parameters[4] == "2006/1/14 4:00", "what the client said");
  BOOST_TEST(served.world_time.ticks == exchange.time.ticks);
  LogEntry entry = publishing_done("contoso.com", at("2008-01-01"));
  entry.clock = -1440;
  BOOST_TEST(format_iso8601(view(entry).time) == "2007-12-31T00:00:00Z");
  entry.time = {};
  BOOST_TEST(view(entry).time.ticks == 0u, "no clock shows a time before the first");
}

BOOST_AUTO_TEST_CASE(a_text_may_hold_percent_signs_and_line_ends) {
  const EventRecord record = view(publishing_done("%1%n\r\n%%", {}));
  BOOST_TEST(record.message().find("'%1%n\r\n%%' domain") != std::string::npos);
}

// The size of an EVENTLOGRECORD: 56 bytes, source, computer and strings with their NULs in UTF-16,
// a multiple of four, and the length once more.
std::size_t size_of(const EventRecord& record) {
  std::size_t units = kEventSource.size() + 1 + utf16_length(record.computer) + 1;
  for (const std::string& text : record.strings()) units += utf16_length(text) + 1;
  return (56 + 2 * units + 3) / 4 * 4 + 4;
}

BOOST_AUTO_TEST_CASE(the_size_of_a_record_is_that_of_its_texts) {
  const Names names;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    KmsExchange exchange = guide();
    const auto random = [&](std::uint64_t below) {
      return random_below(mix64(seed * 31 + below), below);
    };
    exchange.time = {random(kMaxFileTime.ticks)};
    exchange.minutes = static_cast<std::uint32_t>(random(300'000));
    exchange.count = static_cast<std::uint16_t>(random(2000));
    exchange.requested = static_cast<HResult>(random(1ull << 32));
    exchange.processed = static_cast<HResult>(random(4096));
    exchange.host = seed % 3 == 0 ? 0 : kHost;
    for (const EventId id :
         {EventId::kRequestSent, EventId::kResponseProcessed, EventId::kRequestProcessed}) {
      const LogLine line{id, seed % 2 == 0 ? kClient : kHost, nullptr, exchange,
                         seed % 5 == 0 ? "kms-\xC3\xBC.contoso.com" : ""};
      BOOST_TEST(record_bytes(line, names) == size_of(read_record(line, 1, names)),
                 "seed " << seed << " event " << static_cast<unsigned>(id));
    }
  }
  for (const LogEntry& entry : {publishing_failed(HResult::kEFail, "contoso.com", {}),
                                publishing_done("\xE2\x82\xAC", {})}) {
    const LogLine line{entry.event, kHost, std::make_shared<const LogEntry>(entry), {}, {}};
    BOOST_TEST(record_bytes(line, names) == size_of(read_record(line, 1, names)));
  }
}

BOOST_AUTO_TEST_CASE(xml_has_the_elements_of_the_event_schema_in_their_order) {
  KmsExchange exchange = guide();
  const std::string xml =
      to_xml(read_record({EventId::kRequestSent, kClient, nullptr, exchange, {}}, 42, Names()));
  std::size_t last = 0;
  for (const char* part :
       {"<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System>",
        "<Provider Name=\"Microsoft-Windows-Security-Licensing-SLC\" EventSourceName=\"Software "
        "Licensing Service\"/>",
        "<EventID Qualifiers=\"16384\">12288</EventID>", "<Version>0</Version>", "<Level>4</Level>",
        "<Task>0</Task>", "<Opcode>0</Opcode>", "<Keywords>0x80000000000000</Keywords>",
        "<TimeCreated SystemTime=\"2006-01-14T02:30:00.000000000Z\"/>",
        "<EventRecordID>42</EventRecordID>", "<Channel>Application</Channel>",
        "<Computer>kms03.site5.contoso.com</Computer>", "<Security/></System>",
        "<EventData><Data>0x0,0x8,kms01.contoso.com:1688,", "</Data></EventData>",
        "<RenderingInfo Culture=\"en-US\"><Message>", "&#13;\nInfo:&#13;\n0x0,",
        "<Level>Information</Level>", "</RenderingInfo></Event>"}) {
    const std::size_t found = xml.find(part, last);
    BOOST_TEST(found != std::string::npos, part);
    if (found != std::string::npos) last = found;
  }
}

BOOST_AUTO_TEST_CASE(xml_says_what_it_can_of_any_text) {
  const std::string xml = to_xml(view(publishing_done("<a&\"b'>\x01\xED\xA0\x80", {})));
  BOOST_TEST(xml.find("<Data>&lt;a&amp;&quot;b&apos;&gt;\xEF\xBF\xBD\xEF\xBF\xBD</Data>") !=
             std::string::npos);
  BOOST_TEST(xml.find('\x01') == std::string::npos);
  const std::string error = to_xml(view(publishing_failed(HResult::kEFail, "a", {1'234'567'8})));
  BOOST_TEST(error.find("<EventID Qualifiers=\"49152\">12293</EventID>") != std::string::npos);
  BOOST_TEST(error.find("<Level>2</Level>") != std::string::npos);
  BOOST_TEST(error.find("SystemTime=\"1601-01-01T00:00:01.234567800Z\"") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
