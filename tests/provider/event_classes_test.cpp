#include "provider/event_classes.hpp"

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "provider/event_book.hpp"
#include "provider/event_source.hpp"
#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

constexpr std::uint32_t kMachine = 3;

class Names final : public EventNames {
 public:
  std::string_view computer(std::uint32_t machine, FileTime) const override {
    return machine == kMachine ? "PC1.contoso.com" : "PC2.contoso.com";
  }
  std::string_view product(std::uint16_t, std::uint32_t) const override {
    return "cf67834d-db4a-402c-ab1f-2c134f02b700";
  }
};

// The logs of a machine that is client and host, in memory.
class MemoryEvents final : public EventSource {
 public:
  explicit MemoryEvents(const AllLimits& limits = {}) : book(kMachine, limits, names_) {}

  Result<> read(EventLog log, FunctionRef<bool(const LogLine&, std::uint64_t)> sink) override {
    const auto& kept = book.log(log).kept();
    ++reads;
    for (auto item = kept.rbegin(); item != kept.rend(); ++item)
      if (!sink(item->line, item->number)) break;
    return {};
  }
  Result<LogTotals> totals(EventLog log) override {
    const auto& window = book.log(log);
    return LogTotals{window.kept().size(), window.used(), window.last(), window.lost(),
                     window.limits()};
  }
  const EventNames& names() const override { return names_; }
  Result<> clear(EventLog log) override {
    LogEntry entry = log_cleared(log, test::kStart);
    entry.machine = kMachine;
    return add(entry);
  }

  template <class Item>
  Result<> add(const Item& item) {
    ChunkWriter writer;
    writer.add(item);
    return book.add(writer.finish());
  }

  int reads = 0;

 private:
  Names names_;

 public:
  LogBook book;
};

struct Fixture {
  Fixture() {
    machine.host.events = &events;
    KmsExchange exchange;
    exchange.time = test::kStart;
    exchange.client = kMachine;
    exchange.host = 9;
    exchange.product = 402;
    exchange.requested = HResult::kRpcSServerUnavailable;
    exchange.set(ExchangePart::kRequested);
    for (int day = 0; day < 3; ++day) {  // 12288 on three days, the last answered
      if (day == 2) {
        exchange.requested = HResult::kSOk;
        exchange.set(ExchangePart::kProcessed);
      }
      BOOST_TEST_REQUIRE(events.add(exchange).has_value());
      exchange.time = exchange.time + days(1);
    }
    KmsExchange served;
    served.time = test::kStart + days(1);
    served.client = 9;
    served.host = kMachine;
    served.set(ExchangePart::kServed);
    BOOST_TEST_REQUIRE(events.add(served).has_value());
    LogEntry failed = publishing_failed(HResult::kEFail, "contoso.com", test::kStart + days(2));
    failed.machine = kMachine;
    BOOST_TEST_REQUIRE(events.add(failed).has_value());
  }

  // "code#number" of what a scan with these comparisons sends.
  std::string scan(const std::vector<cim::Comparison>& pushed) {
    const cim::ClassPtr cls = event_class();
    const int wanted[] = {cls->find_slot("EventCode"), cls->find_slot("RecordNumber")};
    const auto provider = make_event_provider(machine.host);
    const Principal who = test::principal("standard");
    std::string out;
    const auto done = provider->enumerate(
        {who, machine.clock, {}}, {*cls, wanted, pushed}, [&](const cim::Batch& batch) {
          for (std::size_t row = 0; row < batch.rows; ++row)
            out += cim::value_at(batch.columns[0], row, cim::Type::kUint16).to_display() + "#" +
                   cim::value_at(batch.columns[1], row, cim::Type::kUint32).to_display() + " ";
          return true;
        });
    BOOST_TEST_REQUIRE(done.has_value());
    return out;
  }
  static cim::ClassPtr event_class() { return test::class_of("vista-sp1", "Win32_NTLogEvent"); }
  static cim::Comparison comparison(std::string_view property, cim::CompareOp op,
                                    cim::Value value) {
    return {event_class()->find_slot(property), op, std::move(value)};
  }

  MemoryEvents events;
  test::TestMachine machine;
};

using cim::CompareOp;
using cim::Value;

BOOST_FIXTURE_TEST_SUITE(event_classes, Fixture)

// covers: Category, CategoryString, ComputerName, Data, EventCode, EventIdentifier, EventType, User
// covers: InsertionStrings, Logfile, Message, RecordNumber, SourceName, TimeGenerated, TimeWritten
// covers: Type
BOOST_AUTO_TEST_CASE(Win32_NTLogEvent_has_every_property_of_an_entry) {
  const auto rows = machine.rows("Win32_NTLogEvent");
  BOOST_TEST_REQUIRE(rows.size() == 6u);
  const cim::Instance& newest = rows[0];
  const struct {
    const char* property;
    const char* shown;
  } kWanted[] = {
      {"Category", "0"},
      {"CategoryString", ""},
      {"ComputerName", "PC1.contoso.com"},
      {"Data", ""},
      {"EventCode", "12293"},
      {"EventIdentifier", "3221237765"},
      {"EventType", "1"},
      {"InsertionStrings", "{0x80004005, contoso.com}"},
      {"Logfile", "Application"},
      {"RecordNumber", "5"},
      {"SourceName", "Software Licensing Service"},
      {"TimeGenerated", "20080303000000.000000-000"},
      {"TimeWritten", "20080303000000.000000-000"},
      {"Type", "Error"},
      {"User", ""},
  };
  for (const auto& row : kWanted)
    BOOST_TEST(newest.get(row.property).to_display() == row.shown, row.property);
  BOOST_TEST(newest.get("Data").is_null());
  BOOST_TEST(newest.get("Message").as_text().ends_with("Info:\r\n0x80004005"));
  BOOST_TEST(rows[1].get("EventCode").to_display() == "12289");
  BOOST_TEST(rows[1].get("Type").as_text() == "Information");
  BOOST_TEST(rows[5].get("EventCode").to_display() == "12290");
  BOOST_TEST(rows[5].get("Logfile").as_text() == "Key Management Service");
  BOOST_TEST(rows[5].get("RecordNumber").to_display() == "1");
}

BOOST_AUTO_TEST_CASE(pushed_comparisons_leave_out_what_they_can) {
  const std::string all = "12293#5 12289#4 12288#3 12288#2 12288#1 12290#1 ";
  const auto time = [](std::int64_t day) { return Value::datetime(test::kStart + days(day)); };
  const struct {
    const char* why;
    std::vector<cim::Comparison> pushed;
    const char* sent;
  } kRows[] = {
      {"nothing pushed", {}, all.c_str()},
      {"a log in any case",
       {comparison("Logfile", CompareOp::kEqual, Value::text("key management service"))},
       "12290#1 "},
      {"not that log",
       {comparison("Logfile", CompareOp::kNotEqual, Value::text("Application"))},
       "12290#1 "},
      {"a log that is none of ours",
       {comparison("Logfile", CompareOp::kEqual, Value::text("System"))},
       ""},
      {"an event",
       {comparison("EventCode", CompareOp::kEqual,
                   Value::unsigned_integer(cim::Type::kUint16, 12288))},
       "12288#3 12288#2 12288#1 "},
      {"from a time on",
       {comparison("TimeGenerated", CompareOp::kGreaterEqual, time(2))},
       "12293#5 12289#4 12288#3 "},
      {"between two times",
       {comparison("TimeWritten", CompareOp::kGreater, time(0)),
        comparison("TimeGenerated", CompareOp::kLess, time(2))},
       "12288#2 12290#1 "},
      {"a key",
       {comparison("Logfile", CompareOp::kEqual, Value::text("Application")),
        comparison("RecordNumber", CompareOp::kLessEqual, Value::uint32(2)),
        comparison("RecordNumber", CompareOp::kNotEqual, Value::uint32(1))},
       "12288#2 "},
      {"what is not understood is left to the engine",
       {comparison("Logfile", CompareOp::kLike, Value::text("Sys%")),
        comparison("Type", CompareOp::kEqual, Value::text("Warning")),
        comparison("TimeGenerated", CompareOp::kEqual,
                   Value::text("2008****************.******+000", cim::Type::kDatetime)),
        comparison("RecordNumber", CompareOp::kIsNull, Value::null(cim::Type::kUint32))},
       all.c_str()},
  };
  for (const auto& row : kRows) BOOST_TEST(scan(row.pushed) == row.sent, row.why);
}

BOOST_AUTO_TEST_CASE(a_log_that_nobody_asks_for_is_not_read) {
  scan({comparison("Logfile", CompareOp::kEqual, Value::text("Application"))});
  BOOST_TEST(events.reads == 1);
}

BOOST_AUTO_TEST_CASE(many_entries_come_in_batches_until_the_sink_has_enough) {
  KmsExchange exchange;
  exchange.client = kMachine;
  exchange.set(ExchangePart::kRequested);
  ChunkWriter writer;
  for (std::size_t i = 0; i < 2 * cim::kBatchRows; ++i) writer.add(exchange);
  BOOST_TEST_REQUIRE(events.book.add(writer.finish()).has_value());
  const cim::ClassPtr cls = event_class();
  const int wanted[] = {cls->find_slot("RecordNumber")};
  const Principal who = test::principal("standard");
  std::size_t rows = 0, batches = 0;
  const auto provider = make_event_provider(machine.host);
  const auto run = [&](std::size_t enough) {
    rows = batches = 0;
    BOOST_TEST(provider
                   ->enumerate({who, machine.clock, {}}, {*cls, wanted, {}},
                               [&](const cim::Batch& batch) {
                                 rows += batch.rows;
                                 return ++batches < enough;
                               })
                   .has_value());
  };
  run(100);
  BOOST_TEST(rows == 2 * cim::kBatchRows + 6);
  run(1);
  BOOST_TEST(rows == cim::kBatchRows);
}

// covers: Win32_NTEventlogFile.Name, FileName, FileSize, Extension, LogfileName, MaxFileSize
// covers: NumberOfRecords, OverwriteOutDated, OverwritePolicy, Sources
BOOST_AUTO_TEST_CASE(Win32_NTEventlogFile_shows_sizes_and_limits) {
  machine.set(log_key(EventLog::kApplication), "Retention", reg::make_dword(7 * 24 * 60 * 60));
  const auto rows = machine.rows("Win32_NTEventlogFile");
  BOOST_TEST_REQUIRE(rows.size() == 2u);
  const struct {
    const char* property;
    const char* application;
    const char* kms;
  } kWanted[] = {
      {"FileName", "Application", "Key Management Service"},
      {"Extension", "evtx", "evtx"},
      {"LogfileName", "Application", "Key Management Service"},
      {"MaxFileSize", "20971520", "20971520"},
      {"Name", "C:\\Windows\\System32\\winevt\\Logs\\Application.evtx",
       "C:\\Windows\\System32\\winevt\\Logs\\Key Management Service.evtx"},
      {"NumberOfRecords", "5", "1"},
      {"OverwriteOutDated", "0", "0"},
      {"OverwritePolicy", "WhenNeeded", "WhenNeeded"},
      {"Sources", "{Software Licensing Service}", "{Software Licensing Service}"},
  };
  for (const auto& row : kWanted) {
    BOOST_TEST(rows[0].get(row.property).to_display() == row.application, row.property);
    BOOST_TEST(rows[1].get(row.property).to_display() == row.kms, row.property);
  }
  BOOST_TEST(rows[0].get("FileSize").as_uint64() == events.book.log(EventLog::kApplication).used());
  machine.host.events = nullptr;  // the limits then come from the registry
  const auto without = machine.rows("Win32_NTEventlogFile");
  BOOST_TEST(without[0].get("OverwriteOutDated").to_display() == "7");
  BOOST_TEST(without[0].get("OverwritePolicy").as_text() == "OutDated");
  BOOST_TEST(without[0].get("NumberOfRecords").to_display() == "0");
  BOOST_TEST(machine.rows("Win32_NTLogEvent").empty());
}

BOOST_AUTO_TEST_CASE(ClearEventlog_empties_a_log_and_its_numbers_go_on) {
  const cim::ClassPtr cls = test::class_of("vista-sp1", "Win32_NTEventlogFile");
  const auto provider = make_log_file_provider(machine.host);
  const auto clear = [&](const char* who, const char* file, const Arguments& arguments) {
    const Principal caller = test::principal(who);
    return call_method(
        machine.host, *provider, {caller, machine.clock, {}}, *cls,
        {"Win32_NTEventlogFile",
         {{"Name", Value::text(std::string("C:\\Windows\\System32\\winevt\\Logs\\") + file)}}},
        "ClearEventlog", arguments);
  };
  BOOST_TEST(clear("standard", "Application.evtx", {}).error().code == HResult::kEAccessdenied);
  BOOST_TEST(clear("administrator", "System.evtx", {}).error().code == HResult::kWbemENotFound);
  const auto archived =
      clear("administrator", "Application.evtx", {{"ArchiveFileName", Value::text("a.evtx")}});
  BOOST_TEST_REQUIRE(archived.has_value());
  BOOST_TEST(archived->return_value.as_uint32() == 21u);
  BOOST_TEST(events.book.log(EventLog::kApplication).kept().size() == 5u);

  const auto done = clear("administrator", "application.EVTX", {});
  BOOST_TEST_REQUIRE(done.has_value());
  BOOST_TEST(done->return_value.as_uint32() == 0u);
  BOOST_TEST(scan({}) == "12290#1 ", "the other log stays");
  LogEntry next = publishing_done("contoso.com", test::kStart);
  next.machine = kMachine;
  BOOST_TEST_REQUIRE(events.add(next).has_value());
  BOOST_TEST(scan({}) == "12294#6 12290#1 ");
}

BOOST_AUTO_TEST_CASE(a_small_log_keeps_the_newest_that_fit) {
  AllLimits limits;
  limits[0].max_size = 1000;
  MemoryEvents small(limits);
  for (int i = 0; i < 10; ++i) {
    LogEntry entry = publishing_done("contoso.com", test::kStart);
    entry.machine = kMachine;
    BOOST_TEST_REQUIRE(small.add(entry).has_value());
  }
  machine.host.events = &small;
  const std::uint64_t each = small.book.log(EventLog::kApplication).kept().front().bytes;
  BOOST_TEST(small.book.log(EventLog::kApplication).kept().size() == 1000 / each);
  BOOST_TEST(scan({}).starts_with("12294#10 12294#9 "));
}

BOOST_AUTO_TEST_CASE(a_damaged_chunk_is_an_error_with_its_offset) {
  ChunkWriter writer;
  writer.add(publishing_done("contoso.com", test::kStart));
  Bytes bytes = writer.finish();
  bytes[4] = std::byte{7};
  const auto bad = events.book.add(bytes);
  BOOST_TEST_REQUIRE(!bad.has_value());
  BOOST_TEST(bad.error().code == HResult::kErrorInvalidData);
  BOOST_TEST(bad.error().at->offset == 4u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
