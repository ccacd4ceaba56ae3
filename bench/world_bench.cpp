// The world beside SQLite and the disk: reading a property coherently, a push to a fleet, and what
// a machine takes up.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <malloc.h>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include "base/principal.hpp"
#include "bench/folder.hpp"
#include "bench/timing.hpp"
#include "policy/document.hpp"
#include "registry/registry.hpp"
#include "world/session.hpp"
#include "world/shared.hpp"
#include "world/store.hpp"
#include "world/world.hpp"

namespace {

using slwmi::bench::Folder;
using slwmi::bench::median;
using slwmi::bench::must;
using slwmi::bench::seconds_since;
using namespace slwmi;
using namespace slwmi::world;

constexpr const char* kService = "SoftwareLicensingService.Version=\"6.0.6001.18000\"";

Session connect(World& world, std::string_view machine) {
  return world.machine(machine).value().connect(find_principal("administrator").value()).value();
}

// What the allocator has given out, its own overhead included.
double allocated() { return static_cast<double>(::mallinfo2().uordblks); }

Result<reg::ImagePtr> small_image(const StoredProfile&) {
  static const reg::ImagePtr image = [] {
    reg::OpBuilder ops;
    ops.create_key(reg::KeyId::kLocalMachine, {"SOFTWARE"});
    return reg::Image::make(ops.take(), FileTime{1});
  }();
  return image;
}

// A session's property, and the same value by a prepared SELECT from a table of its size.
void read_a_property(benchmark::State& state) {
  const Folder folder;
  auto world = World::open(folder.file()).value();
  must(world->add_machine({.name = "HOST", .os = "2008", .role = "kms-host"}).has_value());
  Session session = connect(*world, "HOST");
  must(session
           .call(kService, "SetVLRenewalInterval", {{"RenewalInterval", cim::Value::uint32(9000)}})
           .has_value());
  sqlite3* db = nullptr;
  must(sqlite3_open((folder.path + "/peer").c_str(), &db) == SQLITE_OK);
  must(sqlite3_exec(db,
                    "PRAGMA journal_mode=WAL; CREATE TABLE v(machine INTEGER, name TEXT COLLATE "
                    "NOCASE, data INTEGER, PRIMARY KEY(machine, name)) WITHOUT ROWID;"
                    "WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i+1 FROM n WHERE i<999)"
                    "INSERT INTO v SELECT i, 'VLRenewalInterval', 9000 FROM n",
                    nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_stmt* select = nullptr;
  must(sqlite3_prepare_v2(db, "SELECT data FROM v WHERE machine=? AND name=?", -1, &select,
                          nullptr) == SQLITE_OK);
  constexpr int kBatch = 200;
  std::vector<double> ours;
  std::vector<double> theirs;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kBatch; ++i)
      benchmark::DoNotOptimize(session.read(kService, "VLRenewalInterval").value());
    ours.push_back(seconds_since(start) / kBatch);
    const auto middle = std::chrono::steady_clock::now();
    for (int i = 0; i < kBatch; ++i) {
      sqlite3_bind_int(select, 1, i);
      sqlite3_bind_text(select, 2, "VLRenewalInterval", -1, SQLITE_STATIC);
      must(sqlite3_step(select) == SQLITE_ROW);
      benchmark::DoNotOptimize(sqlite3_column_int(select, 0));
      sqlite3_reset(select);
    }
    theirs.push_back(seconds_since(middle) / kBatch);
  }
  sqlite3_finalize(select);
  sqlite3_close(db);
  state.counters["read_ns"] = median(ours) * 1e9;
  state.counters["select_ns"] = median(theirs) * 1e9;
  state.counters["times_faster"] = median(theirs) / median(ours);
}
BENCHMARK(read_a_property)->Iterations(1000);

// The check that nothing was committed anywhere, and one look at the hive.
void look_at_the_hive(benchmark::State& state) {
  const Folder folder;
  auto world = World::open(folder.file()).value();
  must(world->add_machine({.name = "PC"}).has_value());
  auto store = Store::open(folder.file(), Database::Mode::kOpen, 0, {small_image}).value();
  const MachineId id = store->find_machine("PC").value().value();
  reg::OpBuilder ops;
  const reg::KeyId key = ops.create_key(reg::KeyId::kLocalMachine, {"SOFTWARE", "Contoso"});
  const reg::Name name = reg::intern_name("Number");
  ops.set_value(key, name.spelling, reg::make_dword(1));
  must(store->commit(id, {ops.take(), FileTime{1}, 0}).has_value());
  MachineStore machine(*store, id);
  for (auto _ : state) benchmark::DoNotOptimize((*machine.current())->find(key, name.id));
}
BENCHMARK(look_at_the_hive);

// All properties of every product that the machine carries, as inventory scripts ask for them.
void query_every_property_of_every_product(benchmark::State& state) {
  auto world = World::in_memory().value();
  must(world->add_machine({.name = "PC"}).has_value());
  Session session = connect(*world, "PC");
  std::size_t rows = 0;
  for (auto _ : state) {
    rows = 0;
    must(session
             .query_rows("SELECT * FROM SoftwareLicensingProduct",
                         [&](const wql::Row& row) {
                           for (std::size_t i = 0; i < row.size(); ++i)
                             benchmark::DoNotOptimize(row.value(i));
                           ++rows;
                           return true;
                         })
             .has_value());
  }
  state.counters["products"] = static_cast<double>(rows);
}
BENCHMARK(query_every_property_of_every_product)->Unit(benchmark::kMicrosecond);

std::vector<std::string> add_fleet(World& world, int count) {
  std::vector<MachineSpec> specs;
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    names.push_back("PC" + std::to_string(100000 + i));
    specs.push_back({.name = names.back()});
  }
  must(world.add_machines(specs).has_value());
  return names;
}

void push_to_a_fleet(benchmark::State& state) {
  const Folder folder;
  auto world = World::open(folder.file()).value();
  const std::vector<std::string> names = add_fleet(*world, 10000);
  auto ids = world->shared().store().find_machines(names).value();
  std::vector<double> times;
  std::uint32_t number = 0;
  for (auto _ : state) {
    reg::OpBuilder ops;
    const reg::KeyId key =
        ops.create_key(reg::KeyId::kLocalMachine, {"SOFTWARE", "Policies", "Contoso"});
    ++number;
    for (int i = 0; i < 50; ++i) {
      const std::string setting = "Setting" + std::to_string(i);
      ops.set_value(key, reg::intern_name(setting).spelling, reg::make_dword(number));
    }
    const auto layer = std::make_shared<const reg::Layer>(ops.take());
    const policy::Document document =
        policy::document_of("baseline " + std::to_string(number), "", *layer);
    const auto start = std::chrono::steady_clock::now();
    must(world->apply_policy(document, names).has_value());
    times.push_back(seconds_since(start));
  }
  state.counters["median_ms"] = median(times) * 1e3;
  state.counters["slowest_ms"] = *std::max_element(times.begin(), times.end()) * 1e3;
}
BENCHMARK(push_to_a_fleet)->Iterations(15)->Unit(benchmark::kMillisecond);

std::vector<NewMachine> fleet_of(int count) {
  std::vector<NewMachine> out;
  for (int i = 0; i < count; ++i) {
    out.push_back({"PC" + std::to_string(100000 + i),
                   "contoso.com",
                   {"vista-sp1", "kms-client", "Enterprise"},
                   0});
  }
  return out;
}

void hold_100000_machines_with_a_key_each(benchmark::State& state) {
  constexpr int kMachines = 100000;
  for (auto _ : state) {
    const Folder folder;
    const std::vector<NewMachine> machines = fleet_of(kMachines);
    std::vector<MachineId> ids;
    {
      auto store = Store::open(folder.file(), Database::Mode::kCreate, 0, {small_image}).value();
      ids = store->add_machines(machines).value();
      reg::OpBuilder ops;
      const reg::KeyId software = ops.create_key(reg::KeyId::kLocalMachine, {"SOFTWARE"});
      (void)software;
      std::vector<reg::Op> changes(1);
      changes[0].kind = reg::OpKind::kCreateKey;
      changes[0].spelling = reg::intern_name("Contoso").spelling;
      changes[0].key = reg::intern_key(software, reg::name_of(changes[0].spelling));
      must(store->commit_each(ids, {changes, FileTime{1}, 0}).has_value());
    }  // the last to leave copies the log into the file
    state.counters["file_bytes_each"] =
        static_cast<double>(std::filesystem::file_size(folder.file())) / kMachines;
    auto store = Store::open(folder.file(), Database::Mode::kOpen, 0, {small_image}).value();
    const double before = allocated();
    for (const MachineId id : ids) must(store->view(id).has_value());
    state.counters["memory_bytes_each"] = (allocated() - before) / kMachines;
  }
}
BENCHMARK(hold_100000_machines_with_a_key_each)->Iterations(1)->Unit(benchmark::kMillisecond);

// Every machine of a fleet has another licence, as after a day of simulation; all of it lasts.
void checkpoint_of_100000_machines(benchmark::State& state) {
  constexpr int kMachines = 100000;
  const Folder folder;
  auto store = Store::open(folder.file(), Database::Mode::kCreate, 0, {small_image}).value();
  const std::vector<MachineId> ids = store->add_machines(fleet_of(kMachines)).value();
  const std::string texts[] = {"cfd8ff08-c0d7-452b-9f60-ef5c70c32094", "kms1.contoso.com",
                               "55041-00168-305-246209-03-1033-6001.0000-0612008"};
  const std::vector<std::uint32_t> numbers = store->text_numbers(texts).value();
  std::vector<FleetPage> pages;
  for (const MachineId id : ids) {
    if (pages.empty() || pages.back().page != id / kFleetPageRows)
      pages.push_back({id / kFleetPageRows, std::vector<FleetRow>(kFleetPageRows)});
    FleetRow& row = pages.back().rows[id % kFleetPageRows];
    row.product = numbers[0];
    row.host = numbers[1];
    row.pid = numbers[2];
    row.port = 1688;
    row.license.set(licensing::LicenseFlag::kHasKey);
    row.license.client_id = mix64(id);
  }
  std::vector<double> times;
  std::uint32_t day = 214'000'000;
  for (auto _ : state) {
    day += 24 * 60;
    for (FleetPage& page : pages) {
      for (FleetRow& row : page.rows)
        if (row.product != 0)
          row.license.activated_at =
              day + static_cast<licensing::Minute>(row.license.client_id % 1440);
    }
    const reg::Generation base = store->generation().value();
    const auto start = std::chrono::steady_clock::now();
    must(store
             ->commit({.fleet = pages,
                       .fleet_base = base,
                       .clock = licensing::time_of(static_cast<licensing::Minute>(day))})
             .has_value());
    times.push_back(seconds_since(start));
  }
  state.counters["median_ms"] = median(times) * 1e3;
  state.counters["slowest_ms"] = *std::max_element(times.begin(), times.end()) * 1e3;
  state.counters["file_bytes_each"] =
      static_cast<double>(std::filesystem::file_size(folder.file())) / kMachines;
}
BENCHMARK(checkpoint_of_100000_machines)->Iterations(15)->Unit(benchmark::kMillisecond);

void read_the_columns_of_100000_machines(benchmark::State& state) {
  const Folder folder;
  auto store = Store::open(folder.file(), Database::Mode::kCreate, 0, {small_image}).value();
  must(store->add_machines(fleet_of(100000)).has_value());
  std::vector<double> first;
  for (auto _ : state) {
    auto fresh = Store::open(folder.file(), Database::Mode::kOpen, 0, {small_image}).value();
    const auto start = std::chrono::steady_clock::now();
    must(fresh->all_machines().value()->size() == 100000);
    first.push_back(seconds_since(start));
  }
  state.counters["median_ms"] = median(first) * 1e3;
}
BENCHMARK(read_the_columns_of_100000_machines)->Iterations(10)->Unit(benchmark::kMillisecond);

}  // namespace
