// A machine's event logs as the world keeps and shows them.
#include "world/event_logs.hpp"

#include <boost/test/unit_test.hpp>

#include "base/hash.hpp"
#include "provider/event_chunk.hpp"
#include "tests/world/fixture.hpp"
#include "world/session.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

using namespace slwmi;
using namespace slwmi::world;
using licensing::BindingFlag;
using licensing::EventLog;
using licensing::EventRecord;
using licensing::ExchangePart;
using licensing::KmsExchange;
using licensing::LogEntry;

namespace {

using world::test::Folder;
using world::test::must;

const FileTime kStart = must(parse_iso8601("2008-03-01T00:00:00Z"));

void append(World& world, licensing::ChunkWriter& writer) {
  must(append_events(world.shared().store(), writer));
}

template <class Item>
void append(World& world, const Item& item, const licensing::ServerNames* names = nullptr) {
  licensing::ChunkWriter writer(names);
  writer.add(item);
  append(world, writer);
}

struct Lab {
  explicit Lab(std::unique_ptr<World> made = must(World::in_memory(7))) : world(std::move(made)) {
    client = must(world->add_machine({.name = "PC1"})).id();
    // Without a KMS key, so that its logs have nothing but what a test puts there.
    host = must(world->add_machine({.name = "KMS1", .os = "2008"})).id();
  }

  KmsExchange exchange(std::int64_t day, bool answered = true) const {
    KmsExchange out;
    out.time = kStart + days(day);
    out.client_id = 5;
    out.client = client;
    out.host = host;
    out.port = 1688;
    out.product = 402;
    out.required = 25;
    out.status = 2;
    out.set(ExchangePart::kRequested);
    if (answered) {
      out.set(ExchangePart::kServed);
      out.set(ExchangePart::kProcessed);
    } else {
      out.requested = HResult::kRpcSServerUnavailable;
    }
    return out;
  }
  LogEntry published(std::int64_t day) const {
    LogEntry out = licensing::publishing_done("contoso.com", kStart + days(day));
    out.machine = host;
    return out;
  }
  Machine machine(std::string_view name) const { return must(world->machine(name)); }
  std::vector<EventRecord> events(std::string_view name, const EventFilter& filter = {}) const {
    return must(machine(name).events(filter));
  }
  // "12288#1 12289#2 ".
  std::string shown(std::string_view name, const EventFilter& filter = {}) const {
    std::string out;
    for (const EventRecord& record : events(name, filter))
      out += std::to_string(record.id()) + "#" + std::to_string(record.number) + " ";
    return out;
  }
  void limit(std::string_view name, std::string_view value, std::uint32_t number) const {
    reg::Registry registry = must(machine(name).registry(must(find_principal("administrator"))));
    must(registry.set("HKLM\\SYSTEM\\CurrentControlSet\\Services\\Eventlog\\Key Management Service",
                      value, reg::make_dword(number)));
  }
  void rename(MachineId id, std::string_view name) const {
    Store& store = world->shared().store();
    MachineInfo row = must(store.info(id));
    row.name = name;
    must(store.set_row(id, row));
  }

  std::unique_ptr<World> world;
  MachineId client = 0, host = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(event_logs)

BOOST_AUTO_TEST_CASE(one_exchange_is_in_the_logs_of_client_and_host) {
  const Lab lab;
  append(*lab.world, lab.exchange(1));
  const auto client = lab.events("PC1");
  BOOST_TEST_REQUIRE(client.size() == 2u);
  BOOST_TEST(client[0].id() == 12288u);
  BOOST_TEST(client[0].parameters[2] == "KMS1.contoso.com:1688");
  BOOST_TEST(client[0].computer == "PC1.contoso.com");
  BOOST_TEST(client[1].id() == 12289u);
  const auto host = lab.events("KMS1");
  BOOST_TEST_REQUIRE(host.size() == 1u);
  BOOST_TEST(host[0].id() == 12290u);
  BOOST_TEST(host[0].parameters[2] == "PC1.contoso.com");
  BOOST_TEST(host[0].parameters[8] == client[0].parameters[8]);
  BOOST_TEST(must(parse_guid(host[0].parameters[8])).bytes[0] != 0);
  BOOST_TEST((host[0].event->log == EventLog::kKeyManagementService));
  must(lab.world->add_machine({.name = "PC2"}));
  BOOST_TEST(lab.events("PC2").empty());
}

BOOST_AUTO_TEST_CASE(names_are_those_of_the_time) {
  const Lab lab;
  licensing::ServerNames names;
  append(*lab.world, lab.exchange(0));
  must(lab.world->shared().store().set_now(must(lab.world->now()) + days(1)));  // nobody acts
  lab.rename(lab.host, "KMS9");
  lab.rename(lab.client, "PC9");
  append(*lab.world, lab.exchange(1));
  KmsExchange stale = lab.exchange(2, false);
  stale.host = 0;
  stale.server_name = names.number_of("kms1.contoso.com");
  append(*lab.world, stale, &names);
  const auto client = lab.events("PC9", {.ids = {12288}});
  BOOST_TEST_REQUIRE(client.size() == 3u);
  BOOST_TEST(client[0].computer == "PC1.contoso.com");
  BOOST_TEST(client[0].parameters[2] == "KMS1.contoso.com:1688");
  BOOST_TEST(client[1].computer == "PC9.contoso.com");
  BOOST_TEST(client[1].parameters[2] == "KMS9.contoso.com:1688");
  BOOST_TEST(client[2].parameters[2] == "kms1.contoso.com:1688");
  must(lab.world->remove_machine("PC9"));
  const auto host = lab.events("KMS9");
  BOOST_TEST_REQUIRE(host.size() == 2u);
  BOOST_TEST(host[0].parameters[2] == "PC1.contoso.com");
  BOOST_TEST(host[1].parameters[2] == "PC9.contoso.com", "a machine that is gone keeps its name");
}

BOOST_AUTO_TEST_CASE(filters_choose_among_the_entries_of_both_logs) {
  const Lab lab;
  append(*lab.world, lab.published(0));
  append(*lab.world, lab.exchange(1));
  append(*lab.world, lab.exchange(2, false));
  LogEntry failed = licensing::publishing_failed(HResult::kEFail, "contoso.com", kStart + days(3));
  failed.machine = lab.host;
  append(*lab.world, failed);
  const struct {
    const char* why;
    const char* machine;
    EventFilter filter;
    const char* shown;
  } kRows[] = {
      {"both logs by time", "KMS1", {}, "12294#1 12290#1 12293#2 "},
      {"one log", "KMS1", {.log = EventLog::kKeyManagementService}, "12290#1 "},
      {"some events", "KMS1", {.ids = {12290, 12294}}, "12294#1 12290#1 "},
      {"from a time on", "KMS1", {.from = kStart + days(1)}, "12290#1 12293#2 "},
      {"up to a time", "KMS1", {.to = kStart + days(1)}, "12294#1 12290#1 "},
      {"failures by type", "KMS1", {.failures = true}, "12293#2 "},
      {"failures by code", "PC1", {.failures = true}, "12288#3 "},
      {"newest first", "PC1", {.newest_first = true}, "12288#3 12289#2 12288#1 "},
      {"the newest two", "PC1", {.limit = 2}, "12289#2 12288#3 "},
      {"the newest one of these", "PC1", {.to = kStart + days(1), .limit = 1}, "12289#2 "},
  };
  for (const auto& row : kRows)
    BOOST_TEST(lab.shown(row.machine, row.filter) == row.shown, row.why);
}

BOOST_AUTO_TEST_CASE(the_registry_limits_a_log_and_numbers_go_on) {
  const Lab lab;
  for (int day = 0; day < 10; ++day) append(*lab.world, lab.exchange(day));
  const Machine kms = lab.machine("KMS1");
  const licensing::LogTotals all = must(kms.log_totals(EventLog::kKeyManagementService));
  BOOST_TEST(all.records == 10u);
  const std::uint64_t each = all.bytes / 10;
  lab.limit("KMS1", "MaxSize", static_cast<std::uint32_t>(3 * each + each / 2));
  BOOST_TEST(lab.shown("KMS1") == "12290#8 12290#9 12290#10 ");
  lab.limit("KMS1", "Retention", 0xFFFFFFFF);
  BOOST_TEST(lab.shown("KMS1") == "12290#1 12290#2 12290#3 ");
  const licensing::LogTotals full = must(kms.log_totals(EventLog::kKeyManagementService));
  BOOST_TEST(full.lost == 7u);
  BOOST_TEST(full.last == 3u);
  lab.limit("KMS1", "Retention", 24 * 60 * 60);
  BOOST_TEST(lab.shown("KMS1") == "12290#8 12290#9 12290#10 ", "each is a day old in time");
  BOOST_TEST(lab.shown("PC1", {.limit = 1}) == "12289#20 ", "the client's log has its own limits");
}

BOOST_AUTO_TEST_CASE(a_cleared_log_is_empty_and_counts_on) {
  const Lab lab;
  append(*lab.world, lab.exchange(0));
  append(*lab.world, lab.published(0));
  const Machine kms = lab.machine("KMS1");
  const auto stale = kms.clear_log(EventLog::kKeyManagementService, 0);
  BOOST_TEST((stale.error().code == HResult::kErrorTransactionalConflict));
  BOOST_TEST(lab.shown("KMS1") == "12294#1 12290#1 ", "by time, then by log");
  must(kms.clear_log(EventLog::kKeyManagementService, 1));
  BOOST_TEST(lab.shown("KMS1") == "12294#1 ", "the other log stays");
  BOOST_TEST(lab.shown("PC1") == "12288#1 12289#2 ", "and so do the client's");
  append(*lab.world, lab.exchange(1));
  BOOST_TEST(lab.shown("KMS1") == "12294#1 12290#2 ");
}

BOOST_AUTO_TEST_CASE(win32_ntlogevent_answers_queries) {
  const Lab lab;
  for (int day = 0; day < 5; ++day) append(*lab.world, lab.exchange(day, day % 2 == 0));
  Session session = must(lab.machine("PC1").connect(must(find_principal("standard"))));
  const struct {
    const char* why;
    const char* wql;
    std::size_t rows;
  } kRows[] = {
      {"all", "SELECT * FROM Win32_NTLogEvent", 8},
      {"a log and an event",
       "SELECT RecordNumber FROM Win32_NTLogEvent WHERE Logfile='Application' AND EventCode=12288",
       5},
      {"a quoted number",
       "SELECT * FROM Win32_NTLogEvent WHERE LogFile = 'application' AND "
       "EventCode = '12289'",
       3},
      {"since a time",
       "SELECT * FROM Win32_NTLogEvent WHERE TimeGenerated >= '20080303000000.000000-000'", 5},
      {"either of two events",
       "SELECT * FROM Win32_NTLogEvent WHERE EventCode = 12288 OR EventCode = 12290", 5},
      {"by source",
       "SELECT Message FROM Win32_NTLogEvent WHERE SourceName = 'Software Licensing "
       "Service' AND Type <> 'Error'",
       8},
      {"what is in the message",
       "SELECT Message FROM Win32_NTLogEvent WHERE Message LIKE '%0x800706BA%'", 2},
      {"another log", "SELECT * FROM Win32_NTLogEvent WHERE Logfile = 'System'", 0},
      {"the log files", "SELECT * FROM Win32_NTEventlogFile WHERE NumberOfRecords > 0", 1},
  };
  for (const auto& row : kRows)
    BOOST_TEST(must(session.query(row.wql)).size() == row.rows, row.why);
  const auto one = must(session.get("Win32_NTLogEvent.Logfile=\"Application\",RecordNumber=3"));
  BOOST_TEST(one.get("EventCode").as_uint64() == 12288u);
  BOOST_TEST(one.get("ComputerName").as_text() == "PC1.contoso.com");
  BOOST_TEST((session.get("Win32_NTLogEvent.Logfile=\"Application\",RecordNumber=9").error().code ==
              HResult::kWbemENotFound));
  append(*lab.world, lab.exchange(6));
  BOOST_TEST(must(session.query("SELECT * FROM Win32_NTLogEvent")).size() == 10u,
             "a session sees what was written since");
}

BOOST_AUTO_TEST_CASE(clear_eventlog_clears_through_a_session) {
  const Lab lab;
  append(*lab.world, lab.exchange(0));
  const char* const path =
      "Win32_NTEventlogFile.Name=\"C:\\\\Windows\\\\System32\\\\winevt\\\\Logs\\\\Application."
      "evtx\"";
  Session user = must(lab.machine("PC1").connect(must(find_principal("standard"))));
  BOOST_TEST((user.call(path, "ClearEventlog", {}).error().code == HResult::kEAccessdenied));
  BOOST_TEST(lab.shown("PC1") == "12288#1 12289#2 ");
  Session admin = must(lab.machine("PC1").connect(must(find_principal("administrator"))));
  BOOST_TEST(must(admin.call(path, "ClearEventlog", {})).return_value.as_uint32() == 0u);
  BOOST_TEST(lab.shown("PC1") == "");
  BOOST_TEST(must(user.query("SELECT * FROM Win32_NTLogEvent")).empty());
}

BOOST_AUTO_TEST_CASE(a_snapshot_brings_its_events_back) {
  const Lab lab;
  Session session = must(lab.machine("PC1").connect(must(find_principal("standard"))));
  const auto count = [&] { return must(session.query("SELECT * FROM Win32_NTLogEvent")).size(); };
  append(*lab.world, lab.exchange(0));
  must(lab.world->snapshot("before"));
  append(*lab.world, lab.exchange(1));
  BOOST_TEST(count() == 4u);
  must(lab.world->restore("before"));
  BOOST_TEST(count() == 2u);
  append(*lab.world, lab.exchange(2));
  BOOST_TEST(count() == 4u);
  must(lab.world->shared().store().erase_events({.from = kStart + days(2)}));
  BOOST_TEST(count() == 2u);
}

BOOST_AUTO_TEST_CASE(another_process_sees_what_was_written) {
  const Folder folder;
  const Lab lab(must(World::open(folder.file())));
  auto other = must(World::open(folder.file()));
  EventLogs reader(other->shared(), lab.client);
  BOOST_TEST(must(reader.totals(EventLog::kApplication)).records == 0u);
  append(*lab.world, lab.exchange(0));
  BOOST_TEST(must(reader.totals(EventLog::kApplication)).records == 2u);
  append(*lab.world, lab.exchange(1));
  BOOST_TEST(must(reader.totals(EventLog::kApplication)).records == 4u);
  must(reader.clear(EventLog::kApplication));
  BOOST_TEST(lab.shown("PC1") == "");
  must(lab.world->shared().store().erase_events({.machine = lab.client}));
  BOOST_TEST(must(reader.totals(EventLog::kApplication)).records == 4u, "the clearing is gone");
}

// Reading piece by piece comes to the same as reading all at once, whatever the limits.
BOOST_AUTO_TEST_CASE(a_reader_that_follows_agrees_with_one_that_comes_late) {
  const Lab lab;
  EventLogs follower(lab.world->shared(), lab.host);
  for (std::uint64_t round = 0; round < 60; ++round) {
    const auto random = [&](std::uint64_t below, std::uint64_t purpose) {
      return random_below(mix64(round * 7 + purpose), below);
    };
    licensing::ChunkWriter writer;
    for (std::uint64_t i = random(5, 1); i > 0; --i)
      writer.add(lab.exchange(static_cast<std::int64_t>(round)));
    if (!writer.empty()) append(*lab.world, writer);
    if (random(9, 2) == 0) must(follower.clear(EventLog::kKeyManagementService));
    if (random(7, 3) == 0)
      lab.limit("KMS1", "MaxSize", static_cast<std::uint32_t>(400 + random(4000, 4)));
    if (random(7, 5) == 0) {
      constexpr std::uint32_t kRetentions[] = {0, 0xFFFFFFFF, 2 * 24 * 60 * 60};
      lab.limit("KMS1", "Retention", kRetentions[random(3, 6)]);
    }
    const auto listed = [](EventLogs& logs) {
      std::string out;
      must(logs.records({}, [&](const EventRecord& record) {
        out += std::to_string(record.number) + "@" + format_iso8601(record.time) + " ";
        return true;
      }));
      return out;
    };
    EventLogs late(lab.world->shared(), lab.host);
    BOOST_TEST(listed(follower) == listed(late), "round " << round);
  }
}

BOOST_AUTO_TEST_SUITE_END()
