// What a lasting method call costs beside the least that any store could pay: one raw 4 KiB
// pwrite and fdatasync over blocks that are there. Both take turns within one run, so that a disk
// that speeds up or slows down does so for both; checkpoints are in the means.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/database.hpp"
#include "bench/folder.hpp"
#include "bench/raw_file.hpp"
#include "bench/timing.hpp"

namespace {

using slwmi::Database;
using slwmi::Statement;
using namespace slwmi::bench;

// The rows of a machine's own writes and the journal, as a world file has them.
std::unique_ptr<Database> make_world(const std::string& path, int machines) {
  auto db = Database::open(path, Database::Mode::kCreate).value();
  must(db->execute(
             "CREATE TABLE own(machine INTEGER, key INTEGER, name TEXT COLLATE WINDOWS, type "
             "INTEGER,"
             " data BLOB, written INTEGER, digest INTEGER, PRIMARY KEY(machine, key, name))"
             " STRICT, WITHOUT ROWID;"
             "CREATE TABLE journal(generation INTEGER PRIMARY KEY, kind INTEGER, machine INTEGER,"
             " at INTEGER) STRICT")
           .has_value());
  auto write = db->begin_write().value();
  Statement insert = db->prepare("INSERT INTO own VALUES(?,7,'VLRenewalInterval',4,?,0,1)").value();
  const std::string data(120, 'x');
  for (int i = 0; i < machines; ++i) {
    must(insert.bind(1, std::int64_t{i}).bind(2, slwmi::as_bytes(data)).run().has_value());
  }
  write.commit().value();
  return db;
}

void commit_beside_raw_flush(benchmark::State& state) {
  const Folder folder;
  auto db = make_world(folder.path + "/w.slwmi", 1000);
  Statement replace =
      db->prepare("REPLACE INTO own VALUES(?,7,'VLRenewalInterval',4,?,?,?)").value();
  Statement journal = db->prepare("INSERT INTO journal VALUES(?,2,?,?)").value();
  const std::string data(120, 'y');
  std::int64_t generation = 0;
  const auto commit = [&] {
    auto write = db->begin_write().value();
    const std::int64_t machine = ++generation * 7 % 1000;
    replace.bind(1, machine).bind(2, slwmi::as_bytes(data)).bind(3, generation);
    must(replace.bind(4, generation).run().has_value());
    journal.bind(1, generation).bind(2, machine).bind(3, generation);
    must(journal.run().has_value());
    write.commit().value();
  };

  RawFile raw(folder);
  for (int i = 0; i < 300; ++i) commit();  // past the first checkpoint: the steady state
  std::vector<double> commits;
  std::vector<double> flushes;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    commit();
    commits.push_back(seconds_since(start));
    const auto middle = std::chrono::steady_clock::now();
    raw.write_and_flush();
    flushes.push_back(seconds_since(middle));
  }
  state.counters["commit_median_us"] = median(commits) * 1e6;
  state.counters["raw_median_us"] = median(flushes) * 1e6;
  state.counters["ratio_of_medians"] = median(commits) / median(flushes);
  state.counters["commit_mean_us"] = mean(commits) * 1e6;
  state.counters["raw_mean_us"] = mean(flushes) * 1e6;
  state.counters["ratio_of_means"] = mean(commits) / mean(flushes);
  state.counters["slowest_commit_ms"] = *std::max_element(commits.begin(), commits.end()) * 1e3;
}
BENCHMARK(commit_beside_raw_flush)->Iterations(1000)->Unit(benchmark::kMicrosecond);

void read_change_word(benchmark::State& state) {
  const Folder folder;
  auto db = make_world(folder.path + "/w.slwmi", 10);
  for (auto _ : state) benchmark::DoNotOptimize(db->change_word());
}
BENCHMARK(read_change_word);

void select_a_value(benchmark::State& state) {
  const Folder folder;
  auto db = make_world(folder.path + "/w.slwmi", 1000);
  Statement select =
      db->prepare("SELECT type, data FROM own WHERE machine=? AND key=7 AND name=?").value();
  std::int64_t machine = 0;
  for (auto _ : state) {
    select.bind(1, machine).bind(2, std::string_view("VLRenewalInterval")).step().value();
    benchmark::DoNotOptimize(select.blob(1).size());
    select.reset();
    machine = (machine + 7) % 1000;
  }
}
BENCHMARK(select_a_value);

}  // namespace
