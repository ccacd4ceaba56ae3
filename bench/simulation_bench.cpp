// Time passing for a fleet beside the least that could be done: a bare priority queue over as many
// events, SQLite row inserts for the event log, SQLite scans for queries over all machines.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <malloc.h>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include "base/hash.hpp"
#include "base/principal.hpp"
#include "bench/folder.hpp"
#include "provider/event_chunk.hpp"
#include "world/all_machines.hpp"
#include "world/net/model.hpp"
#include "world/simulation/build.hpp"
#include "world/simulation/engine.hpp"
#include "world/simulation/fleet_storer.hpp"
#include "world/world.hpp"

namespace {

using slwmi::bench::Folder;
using namespace slwmi;
using namespace slwmi::world;
using namespace slwmi::world::simulation;

constexpr std::uint32_t kWeek = 7 * 24 * 60;
constexpr std::uint32_t kHalfYear = 180 * 24 * 60;

template <class T>
T must(Result<T> result) {
  if (!result) std::abort();
  return *std::move(result);
}
void must(Result<> result) {
  if (!result) std::abort();
}

// Processor time of this process: what else runs on the machine does not count.
double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}
double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
double allocated() { return static_cast<double>(::mallinfo2().uordblks + ::mallinfo2().hblkhd); }

Description fleet_of(std::uint32_t clients) {
  Description out;
  out.seed = 7;
  out.start = *from_civil({2008, 3, 1, 0, 0, 0, 0});
  out.duration = kHalfYear;
  Group host;
  host.name = "KMS1";
  host.spec.os = "2008";
  host.spec.role = "kms-host";
  out.groups.push_back(host);
  Group group;
  group.name = "PC######";
  group.count = clients;
  group.spread = kWeek - 1;
  out.groups.push_back(group);
  return out;
}

// As many machines that are due once in `period` minutes, and nothing done for each.
std::uint64_t priority_queue_loop(std::uint32_t clients, std::uint32_t period) {
  struct Entry {
    std::uint32_t due, machine;
    bool operator>(const Entry& other) const {
      return due != other.due ? due > other.due : machine > other.machine;
    }
  };
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  for (std::uint32_t i = 0; i < clients; ++i)
    queue.push({static_cast<std::uint32_t>(random_below(mix64(i), period)), i});
  std::uint64_t events = 0, sum = 0;
  while (queue.top().due < kHalfYear) {
    const Entry entry = queue.top();
    queue.pop();
    sum += entry.machine ^ entry.due;
    ++events;
    queue.push({entry.due + period, entry.machine});
  }
  benchmark::DoNotOptimize(sum);
  return events;
}

// A durable world and its 180 days; a loop over as many attempts, each of which is due once; and
// one over as many events as their logs have: a request, its processing and the answer to each
// attempt.
void half_a_year(benchmark::State& state) {
  const auto clients = static_cast<std::uint32_t>(state.range(0));
  constexpr std::uint32_t kEventsEach = 3;
  double run_cpu = 0, run_wall = 0, loop_cpu = 0, events_cpu = 0, memory = 0;
  std::uint64_t attempts = 0, checkpoints = 0, loop_attempts = 0, loop_events = 0;
  for (auto _ : state) {
    const Folder folder;
    const Description description = fleet_of(clients);
    auto world = must(World::open(folder.file(), World::Mode::kCreate, 7));
    must(build(*world, description));
    world = must(World::open(folder.file(), World::Mode::kOpen));
    const double before = allocated();
    const double cpu = cpu_seconds(), wall = wall_seconds();
    const RunTotals totals = must(run(world->shared(), description.start + minutes(kHalfYear)));
    run_cpu += cpu_seconds() - cpu;
    run_wall += wall_seconds() - wall;
    memory = (allocated() - before) / clients;
    attempts = totals.attempts;
    checkpoints = totals.checkpoints;
    const double start = cpu_seconds();
    loop_attempts = priority_queue_loop(clients, kWeek);
    const double middle = cpu_seconds();
    loop_events = priority_queue_loop(clients, kWeek / kEventsEach);
    loop_cpu += middle - start;
    events_cpu += cpu_seconds() - middle;
  }
  state.counters["attempts"] = static_cast<double>(attempts);
  state.counters["checkpoints"] = static_cast<double>(checkpoints);
  state.counters["loop_attempts"] = static_cast<double>(loop_attempts);
  state.counters["loop_events"] = static_cast<double>(loop_events);
  state.counters["run_s"] = run_cpu / static_cast<double>(state.iterations());
  state.counters["run_wall_s"] = run_wall / static_cast<double>(state.iterations());
  state.counters["attempts_loop_s"] = loop_cpu / static_cast<double>(state.iterations());
  state.counters["events_loop_s"] = events_cpu / static_cast<double>(state.iterations());
  state.counters["times_attempts_loop"] = loop_cpu / run_cpu;
  state.counters["times_events_loop"] = events_cpu / run_cpu;
  state.counters["bytes_each"] = memory;
}
BENCHMARK(half_a_year)->Arg(100'000)->Iterations(3)->Unit(benchmark::kMillisecond);
BENCHMARK(half_a_year)->Arg(1'000'000)->Iterations(1)->Unit(benchmark::kMillisecond);

// Every record of a fleet changed and made durable.
void checkpoint(benchmark::State& state) {
  const auto clients = static_cast<std::uint32_t>(state.range(0));
  const Folder folder;
  auto world = must(World::open(folder.file(), World::Mode::kCreate, 7));
  must(build(*world, fleet_of(clients)));
  auto fleet = must(Fleet::load(world->shared()));
  std::vector<double> times;
  std::uint32_t round = 0;
  for (auto _ : state) {
    ++round;
    for (std::uint32_t i = 0; i < fleet->size(); ++i) {
      licensing::License license = fleet->machine(i).license;
      license.attempted_at += round;
      fleet->change(i, license);
    }
    const double start = wall_seconds();
    must(FleetStorer(*fleet).commit(fleet->now(), {}, {}));
    times.push_back(wall_seconds() - start);
  }
  std::sort(times.begin(), times.end());
  state.counters["median_ms"] = times[times.size() / 2] * 1e3;
  state.counters["slowest_ms"] = times.back() * 1e3;
}
BENCHMARK(checkpoint)->Arg(100'000)->Iterations(15)->Unit(benchmark::kMillisecond);

// One exchange is three entries of event logs: packed here, three rows there.
void event_append(benchmark::State& state) {
  constexpr std::uint32_t kExchanges = 1'000'000;
  std::vector<licensing::KmsExchange> exchanges(kExchanges);
  for (std::uint32_t i = 0; i < kExchanges; ++i) {
    licensing::KmsExchange& e = exchanges[i];
    e.time = FileTime{128488032000000000u} + minutes(i / 10);
    e.client_id = mix64(i);
    e.client = i % 100'000 + 2;
    e.host = 1;
    e.minutes = 249'120;
    e.count = 50;
    e.required = 25;
    e.activation_interval = 120;
    e.renewal_interval = 10080;
    e.product = 401;
    e.port = 1688;
    e.status = 1;
    e.set(licensing::ExchangePart::kRequested);
    e.set(licensing::ExchangePart::kProcessed);
    e.set(licensing::ExchangePart::kServed);
    e.set(licensing::ExchangePart::kBound);
  }
  double ours = 0, theirs = 0;
  for (auto _ : state) {
    const Folder folder;
    auto world = must(World::open(folder.file(), World::Mode::kCreate, 7));
    double start = cpu_seconds();
    licensing::ChunkWriter writer;
    std::vector<Bytes> data;
    std::vector<EventChunk> chunks;
    for (const licensing::KmsExchange& exchange : exchanges) {
      writer.add(exchange);
      if (writer.items() < 16384 && &exchange != &exchanges.back()) continue;
      EventChunk chunk;
      chunk.first = writer.first();
      chunk.last = writer.last();
      chunk.count = static_cast<std::uint32_t>(writer.items());
      data.push_back(writer.finish());
      chunks.push_back(chunk);
    }
    for (std::size_t i = 0; i < chunks.size(); ++i) chunks[i].data = data[i];
    must(world->shared().store().commit({.events = chunks}).map([](auto) {}));
    ours += cpu_seconds() - start;

    sqlite3* db = nullptr;
    sqlite3_stmt* insert = nullptr;
    if (sqlite3_open((folder.path + "/peer").c_str(), &db) != SQLITE_OK) std::abort();
    sqlite3_exec(db,
                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                 "CREATE TABLE event(machine INTEGER, log INTEGER, time INTEGER, id INTEGER, "
                 "data TEXT);",
                 nullptr, nullptr, nullptr);
    start = cpu_seconds();
    sqlite3_exec(db, "BEGIN", nullptr, nullptr, nullptr);
    sqlite3_prepare_v2(db, "INSERT INTO event VALUES(?,?,?,?,?)", -1, &insert, nullptr);
    constexpr std::string_view kData[] = {
        "0x0,0x0,KMS1.contoso.com:1688,08c3bda0-c556-4b61-9e4e-7bf6d4df80be,2008/3/1 2:30,0,1,"
        "249120,bcda8754-5af5-83c0-981b-73d057d2ef9d,25",
        "0x0,0x0,1,0,50,120,10080,3/1/2008 2:30",
        "0x0,25,PC000001.contoso.com,08c3bda0-c556-4b61-9e4e-7bf6d4df80be,2008/3/1 2:30,0,1,"
        "249120,bcda8754-5af5-83c0-981b-73d057d2ef9d"};
    for (const licensing::KmsExchange& e : exchanges) {
      for (int k = 0; k < 3; ++k) {
        sqlite3_bind_int64(insert, 1, k == 2 ? e.host : e.client);
        sqlite3_bind_int(insert, 2, k == 2 ? 1 : 0);
        sqlite3_bind_int64(insert, 3, static_cast<sqlite3_int64>(e.time.ticks));
        sqlite3_bind_int(insert, 4, 12288 + k);
        sqlite3_bind_text(insert, 5, kData[k].data(), static_cast<int>(kData[k].size()),
                          SQLITE_STATIC);
        sqlite3_step(insert);
        sqlite3_reset(insert);
      }
    }
    sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
    theirs += cpu_seconds() - start;
    sqlite3_finalize(insert);
    sqlite3_close(db);
  }
  const double entries = 3.0 * kExchanges * static_cast<double>(state.iterations());
  state.counters["entry_ns"] = ours / entries * 1e9;
  state.counters["sqlite_row_ns"] = theirs / entries * 1e9;
  state.counters["times_faster"] = theirs / ours;
}
BENCHMARK(event_append)->Iterations(3)->Unit(benchmark::kMillisecond);

// --- one query over all machines

constexpr const char* kNotLicensed =
    "SELECT Name, LicenseStatus FROM SoftwareLicensingProduct WHERE LicenseStatus <> 1";

// A fleet of which every 40th lost its host after ten days, in the 200th day, when the licences of
// those have expired; and the same rows in SQLite.
struct QueryFleet {
  std::unique_ptr<World> world;
  std::unique_ptr<AllMachines> session;
  sqlite3* db = nullptr;

  QueryFleet() {
    Description description = fleet_of(100'000);
    net::Fault fault;
    fault.kind = net::FaultKind::kHostUnreachable;
    fault.who = must(net::parse_match("PC*"));
    fault.one_in = 40;
    fault.share = net::Share::kMachines;
    fault.window.from = description.start + days(10);
    must(net::add_fault(description.network, fault));
    world = must(World::in_memory(7));
    must(build(*world, description));
    must(run(world->shared(), description.start + days(200)));
    session = std::make_unique<AllMachines>(
        must(AllMachines::connect(*world, must(find_principal("administrator")))));
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) std::abort();
    sqlite3_exec(db,
                 "CREATE TABLE product(server TEXT, id TEXT, name TEXT COLLATE NOCASE, "
                 "status INTEGER, reason INTEGER, remaining INTEGER, partial TEXT); BEGIN",
                 nullptr, nullptr, nullptr);
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(db, "INSERT INTO product VALUES(?,?,?,?,?,?,?)", -1, &insert, nullptr);
    must(session->query_rows(
        "SELECT ID, Name, LicenseStatus, LicenseStatusReason, GracePeriodRemaining, "
        "PartialProductKey FROM SoftwareLicensingProduct",
        [&](const wql::Row& row) {
          const auto text = [&](int at, std::string_view value) {
            sqlite3_bind_text(insert, at, value.data(), static_cast<int>(value.size()),
                              SQLITE_TRANSIENT);
          };
          text(1, row.server());
          text(2, row.value(0).as_text());
          text(3, row.value(1).as_text());
          for (int i = 2; i < 5; ++i)
            sqlite3_bind_int64(insert, i + 2, row.value(static_cast<std::size_t>(i)).as_uint32());
          row.value(5).is_null() ? (void)sqlite3_bind_null(insert, 7)
                                 : text(7, row.value(5).as_text());
          sqlite3_step(insert);
          sqlite3_reset(insert);
          return true;
        }));
    sqlite3_finalize(insert);
    sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
  }
};

// Each row's server, name and status are looked at, by both.
void query_all_machines(benchmark::State& state, const char* wql, const char* sql) {
  static QueryFleet& fleet = *new QueryFleet;
  sqlite3_stmt* select = nullptr;
  if (sqlite3_prepare_v2(fleet.db, sql, -1, &select, nullptr) != SQLITE_OK) std::abort();
  double ours = 0, theirs = 0;
  std::uint64_t rows = 0, their_rows = 0, sum = 0;
  cim::Value keep;
  for (auto _ : state) {
    rows = their_rows = 0;
    const double start = cpu_seconds();
    must(fleet.session->query_rows(wql, [&](const wql::Row& row) {
      sum += row.server().size() + row.text(0, keep).size() + row.value(1).as_uint32();
      ++rows;
      return true;
    }));
    const double middle = cpu_seconds();
    while (sqlite3_step(select) == SQLITE_ROW) {
      (void)sqlite3_column_text(select, 0);
      (void)sqlite3_column_text(select, 1);
      sum += static_cast<std::uint64_t>(sqlite3_column_bytes(select, 0)) +
             static_cast<std::uint64_t>(sqlite3_column_bytes(select, 1)) +
             static_cast<std::uint64_t>(sqlite3_column_int64(select, 2));
      ++their_rows;
    }
    sqlite3_reset(select);
    ours += middle - start;
    theirs += cpu_seconds() - middle;
  }
  benchmark::DoNotOptimize(sum);
  sqlite3_finalize(select);
  if (rows != their_rows) state.SkipWithError("different rows");
  state.counters["rows"] = static_cast<double>(rows);
  state.counters["ms"] = ours / static_cast<double>(state.iterations()) * 1e3;
  state.counters["sqlite_ms"] = theirs / static_cast<double>(state.iterations()) * 1e3;
  state.counters["times_faster"] = theirs / ours;
}
BENCHMARK_CAPTURE(query_all_machines, all_products, kNotLicensed,
                  "SELECT server, name, status FROM product WHERE status <> 1")
    ->Iterations(10)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(query_all_machines, installed_products,
                  "SELECT Name, LicenseStatus FROM SoftwareLicensingProduct WHERE LicenseStatus <> "
                  "1 AND PartialProductKey IS NOT NULL",
                  "SELECT server, name, status FROM product WHERE status <> 1 AND partial IS NOT "
                  "NULL")
    ->Iterations(10)
    ->Unit(benchmark::kMillisecond);

}  // namespace
