// The event log beside SQLite: appending what a simulation writes, and reading a log back.
#include <chrono>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include "bench/folder.hpp"
#include "bench/timing.hpp"
#include "provider/event_chunk.hpp"
#include "world/event_logs.hpp"
#include "world/session.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

namespace {

using slwmi::bench::Folder;
using slwmi::bench::must;
using slwmi::bench::seconds_since;
using namespace slwmi;
using namespace slwmi::world;
using licensing::ExchangePart;
using licensing::KmsExchange;

constexpr std::uint32_t kClients = 10'000;
constexpr std::size_t kChunk = 16'384;  // exchanges
constexpr int kEntries = 3;             // of an exchange, in two logs

std::vector<KmsExchange> exchanges(std::size_t count, MachineId first_client, MachineId host) {
  const FileTime start = parse_iso8601("2008-03-01").value();
  std::vector<KmsExchange> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    KmsExchange& e = out[i];
    e.time = start + minutes(static_cast<std::int64_t>(i));
    e.client = first_client + static_cast<MachineId>(i % kClients);
    e.client_id = 1000 + e.client;
    e.host = host;
    e.minutes = 259'200;
    e.count = 50;
    e.required = 25;
    e.activation_interval = 120;
    e.renewal_interval = 10'080;
    e.product = 402;
    e.port = 1688;
    e.status = 1;
    for (const ExchangePart part :
         {ExchangePart::kRequested, ExchangePart::kProcessed, ExchangePart::kServed})
      e.set(part);
  }
  return out;
}

void append(Store& store, std::span<const KmsExchange> all) {
  licensing::ChunkWriter writer;
  for (std::size_t at = 0; at < all.size(); at += kChunk) {
    for (const KmsExchange& e : all.subspan(at, std::min(kChunk, all.size() - at))) writer.add(e);
    must(append_events(store, writer).has_value());
  }
}

// The same entries as rows of a table, in one transaction with a prepared statement.
void insert_rows(const std::string& path, std::span<const KmsExchange> all) {
  sqlite3* db = nullptr;
  must(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  const auto run = [&](const char* sql) {
    must(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  };
  run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  run("CREATE TABLE event(machine INTEGER, event INTEGER, time INTEGER, result INTEGER, client "
      "INTEGER, minutes INTEGER, count INTEGER, product INTEGER)");
  sqlite3_stmt* insert = nullptr;
  must(sqlite3_prepare_v2(db, "INSERT INTO event VALUES(?,?,?,?,?,?,?,?)", -1, &insert, nullptr) ==
       SQLITE_OK);
  run("BEGIN");
  for (const KmsExchange& e : all) {
    const struct {
      MachineId machine;
      int event;
      HResult result;
    } rows[] = {
        {e.client, 12288, e.requested}, {e.host, 12290, e.served}, {e.client, 12289, e.processed}};
    for (const auto& row : rows) {
      sqlite3_bind_int64(insert, 1, row.machine);
      sqlite3_bind_int(insert, 2, row.event);
      sqlite3_bind_int64(insert, 3, static_cast<sqlite3_int64>(e.time.ticks));
      sqlite3_bind_int64(insert, 4, value_of(row.result));
      sqlite3_bind_int64(insert, 5, static_cast<sqlite3_int64>(e.client_id));
      sqlite3_bind_int64(insert, 6, e.minutes);
      sqlite3_bind_int(insert, 7, e.count);
      sqlite3_bind_int(insert, 8, e.product);
      must(sqlite3_step(insert) == SQLITE_DONE);
      sqlite3_reset(insert);
    }
  }
  run("COMMIT");
  sqlite3_finalize(insert);
  sqlite3_close(db);
}

void append_beside_sqlite_rows(benchmark::State& state) {
  const auto all = exchanges(static_cast<std::size_t>(state.range(0)), 1, 99'999);
  double ours = 0, in_memory = 0, rows = 0;
  for (auto _ : state) {
    const Folder folder;
    auto world = World::open(folder.file("w.slwmi")).value();
    auto start = std::chrono::steady_clock::now();
    append(world->shared().store(), all);
    ours += seconds_since(start);
    start = std::chrono::steady_clock::now();
    licensing::ChunkWriter writer;
    for (const KmsExchange& e : all) writer.add(e);
    benchmark::DoNotOptimize(writer.items());
    in_memory += seconds_since(start);
    start = std::chrono::steady_clock::now();
    insert_rows(folder.file("rows.db"), all);
    rows += seconds_since(start);
  }
  const double entries =
      static_cast<double>(state.iterations()) * static_cast<double>(all.size()) * kEntries * 1e-9;
  state.counters["append_ns_per_entry"] = in_memory / entries;
  state.counters["durable_ns_per_entry"] = ours / entries;
  state.counters["sqlite_ns_per_entry"] = rows / entries;
  state.counters["times_faster_durable"] = rows / ours;
  state.counters["times_faster_append"] = rows / in_memory;
}
BENCHMARK(append_beside_sqlite_rows)->Arg(300'000)->Iterations(3)->Unit(benchmark::kMillisecond);

// A world with `count` exchanges; a client has its share of them, the host every one.
struct Lab {
  explicit Lab(std::size_t count) : world(World::open(folder.file("w.slwmi")).value()) {
    std::vector<MachineSpec> specs(kClients + 1);
    for (std::size_t i = 0; i < specs.size(); ++i) specs[i].name = "PC" + std::to_string(i);
    specs.back().role = "kms-host";
    must(world->add_machines(specs).has_value());
    host = world->machine(specs.back().name).value().id();
    client = world->machine("PC0").value().id();
    append(world->shared().store(), exchanges(count, client, host));
  }
  Folder folder;
  std::unique_ptr<World> world;
  MachineId host = 0, client = 0;
};

void read_a_log(benchmark::State& state, MachineId Lab::*whose, licensing::EventLog log) {
  const Lab lab(static_cast<std::size_t>(state.range(0)));
  std::uint64_t records = 0;
  for (auto _ : state) {
    EventLogs logs(lab.world->shared(), lab.*whose);
    records = logs.totals(log).value().records;
  }
  state.counters["records"] = static_cast<double>(records);
}
BENCHMARK_CAPTURE(read_a_log, of_a_client, &Lab::client, licensing::EventLog::kApplication)
    ->Arg(300'000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_a_log, of_a_host, &Lab::host, licensing::EventLog::kKeyManagementService)
    ->Arg(300'000)
    ->Unit(benchmark::kMillisecond);

void query_an_event_of_50000(benchmark::State& state) {
  const Lab lab(300'000);
  Session session =
      Machine(*lab.world, lab.host).connect(find_principal("standard").value()).value();
  const std::string wql =
      "SELECT RecordNumber, InsertionStrings FROM Win32_NTLogEvent WHERE Logfile = 'Key Management "
      "Service' AND EventCode = 12290 AND TimeGenerated >= '20080925000000.000000-000'";
  std::size_t rows = session.query(wql).value().size();
  for (auto _ : state) rows = session.query(wql).value().size();
  state.counters["rows"] = static_cast<double>(rows);
}
BENCHMARK(query_an_event_of_50000)->Unit(benchmark::kMicrosecond);

}  // namespace
