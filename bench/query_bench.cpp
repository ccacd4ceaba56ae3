// The query engine beside SQLite doing the same, interleaved in one run; after the figures come the
// ratios of medians.
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include "base/clock.hpp"
#include "base/principal.hpp"
#include "base/text.hpp"
#include "query/catalog.hpp"
#include "query/parser.hpp"
#include "query/plan.hpp"
#include "query/plan_cache.hpp"

namespace {

using namespace slwmi;
using cim::Type;
using cim::Value;

// The select list and condition of a licensing script.
constexpr const char* kQuery =
    "SELECT ID, ApplicationId, PartialProductKey, LicenseIsAddon, Description, Name, "
    "LicenseStatus, LicenseStatusReason, "
    "GracePeriodRemaining, ProductKeyID FROM SoftwareLicensingProduct WHERE ApplicationId = "
    "'55c92734-d682-4d71-983e-d6ec3f16059f' AND PartialProductKey IS NOT NULL AND LicenseIsAddon = "
    "FALSE";
constexpr const char* kOneRow = "SELECT Version, VLRenewalInterval FROM SoftwareLicensingService";
constexpr std::size_t kRows = 1'000'000;

cim::ClassPtr make_class(const char* name,
                         const std::vector<std::pair<const char*, Type>>& properties) {
  cim::ClassBuilder builder(name);
  for (const auto& [property_name, type] : properties) {
    cim::Property property;
    property.name = property_name;
    property.type = type;
    property.default_value = Value::null(type);
    builder.property(std::move(property));
  }
  return *builder.build();
}

const std::vector<std::pair<const char*, Type>> kProduct = {{"ID", Type::kString},
                                                            {"ApplicationId", Type::kString},
                                                            {"PartialProductKey", Type::kString},
                                                            {"LicenseIsAddon", Type::kBoolean},
                                                            {"Description", Type::kString},
                                                            {"Name", Type::kString},
                                                            {"LicenseStatus", Type::kUint32},
                                                            {"LicenseStatusReason", Type::kUint32},
                                                            {"GracePeriodRemaining", Type::kUint32},
                                                            {"ProductKeyID", Type::kString}};

Value value_for(Type type, std::size_t i) {
  if (type == Type::kBoolean) return Value::boolean(false);
  if (type == Type::kUint32) return Value::uint32(static_cast<std::uint32_t>(i));
  return Value::text(i == 1 ? "55c92734-d682-4d71-983e-d6ec3f16059f" : "a text of some length");
}

class OneRow final : public cim::Provider {
 public:
  explicit OneRow(const cim::Class& cls) {
    for (std::size_t i = 0; i < cls.properties().size(); ++i)
      values_.push_back(value_for(cls.properties()[i].type, i));
  }
  Result<> enumerate(const cim::Call&, const cim::Scan& scan, const cim::Sink& sink) override {
    cim::Column columns[64];
    for (std::size_t i = 0; i < scan.wanted.size(); ++i) {
      columns[i] = cim::Column::constant(values_[static_cast<std::size_t>(scan.wanted[i])]);
    }
    sink(cim::Batch{&scan.cls, 1, {columns, scan.wanted.size()}, nullptr, 0});
    return {};
  }

 private:
  std::vector<Value> values_;
};

class Million final : public cim::Provider {
 public:
  Million() : id_(kRows), status_(kRows) {
    for (std::size_t i = 0; i < kRows; ++i) {
      id_[i] = static_cast<std::uint32_t>(i);
      status_[i] = static_cast<std::uint32_t>((i * 2654435761u >> 7) % 100);
    }
  }
  Result<> enumerate(const cim::Call&, const cim::Scan& scan, const cim::Sink& sink) override {
    for (std::size_t at = 0; at < kRows; at += cim::kBatchRows) {
      cim::Column columns[2];
      for (std::size_t c = 0; c < scan.wanted.size(); ++c) {
        columns[c] = cim::Column::uint32((scan.wanted[c] == 0 ? id_ : status_).data() + at);
      }
      const std::size_t rows = std::min(cim::kBatchRows, kRows - at);
      if (!sink(cim::Batch{&scan.cls, rows, {columns, scan.wanted.size()}, nullptr, 0})) break;
    }
    return {};
  }
  std::uint32_t status(std::size_t i) const { return status_[i]; }

 private:
  std::vector<std::uint32_t> id_, status_;
};

class BenchCatalog final : public wql::Catalog {
 public:
  cim::ClassPtr product = make_class("SoftwareLicensingProduct", kProduct);
  cim::ClassPtr service =
      make_class("SoftwareLicensingService",
                 {{"Version", Type::kString}, {"VLRenewalInterval", Type::kUint32}});
  cim::ClassPtr million = make_class("Million", {{"Id", Type::kUint32}, {"Status", Type::kUint32}});
  OneRow product_row{*product};
  OneRow service_row{*service};
  Million million_rows;

  cim::ClassPtr find_class(std::string_view name) const override {
    for (const cim::ClassPtr& cls : {product, service, million}) {
      if (equal_ignore_case(cls->name(), name)) return cls;
    }
    return nullptr;
  }
  void append_subclasses(std::string_view, std::vector<cim::ClassPtr>&) const override {}
  cim::Provider* provider_of(const cim::Class& cls) const override {
    auto* self = const_cast<BenchCatalog*>(this);
    if (&cls == product.get()) return &self->product_row;
    if (&cls == service.get()) return &self->service_row;
    return &self->million_rows;
  }
  std::string_view server() const override { return "VISTA-01"; }
  std::string_view ns() const override { return "root\\cimv2"; }
  std::uint64_t generation() const override { return 1; }
};

BenchCatalog& catalog() {
  static BenchCatalog it;
  return it;
}

const Principal kCaller;
const ManualClock kClock{FileTime{}};
const cim::Call kCall{kCaller, kClock, {}};

sqlite3* database() {
  static sqlite3* const db = [] {
    sqlite3* made = nullptr;
    sqlite3_open(":memory:", &made);
    std::string product = "CREATE TABLE SoftwareLicensingProduct(";
    std::string values = "INSERT INTO SoftwareLicensingProduct VALUES(";
    for (std::size_t i = 0; i < kProduct.size(); ++i) {
      product += (i == 0 ? "" : ",") + std::string(kProduct[i].first) +
                 (kProduct[i].second == Type::kString ? " TEXT COLLATE NOCASE" : " INTEGER");
      values += (i == 0 ? "" : ",") + ("'" +
                                       (kProduct[i].second == Type::kBoolean
                                            ? std::string("0")
                                            : value_for(kProduct[i].second, i).to_display()) +
                                       "'");
    }
    sqlite3_exec(made, (product + ");" + values + ");").c_str(), nullptr, nullptr, nullptr);
    sqlite3_exec(made,
                 "CREATE TABLE SoftwareLicensingService(Version TEXT, VLRenewalInterval INTEGER);"
                 "INSERT INTO SoftwareLicensingService VALUES('6.0.6001.18000', 10080);"
                 "CREATE TABLE Million(Id INTEGER PRIMARY KEY, Status INTEGER); BEGIN",
                 nullptr, nullptr, nullptr);
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(made, "INSERT INTO Million VALUES(?,?)", -1, &insert, nullptr);
    for (std::size_t i = 0; i < kRows; ++i) {
      sqlite3_bind_int64(insert, 1, static_cast<sqlite3_int64>(i));
      sqlite3_bind_int64(insert, 2, catalog().million_rows.status(i));
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    sqlite3_exec(made, "COMMIT", nullptr, nullptr, nullptr);
    return made;
  }();
  return db;
}

// --- parsing ---

void parse_wql(benchmark::State& state) {
  for (auto _ : state) {
    auto query = wql::parse(kQuery);
    benchmark::DoNotOptimize(query);
  }
}
void parse_sqlite(benchmark::State& state) {
  sqlite3* const db = database();
  for (auto _ : state) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db, kQuery, -1, &statement, nullptr) != SQLITE_OK)
      state.SkipWithError(sqlite3_errmsg(db));
    sqlite3_finalize(statement);
  }
}

// --- one row, from the text to the values ---

void one_row_sqlite(benchmark::State& state, const char* text) {
  sqlite3* const db = database();
  for (auto _ : state) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(db, text, -1, &statement, nullptr);
    int columns = 0;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      columns = sqlite3_column_count(statement);
      for (int i = 0; i < columns; ++i) benchmark::DoNotOptimize(sqlite3_column_text(statement, i));
    }
    if (columns == 0) state.SkipWithError("no row");
    sqlite3_finalize(statement);
  }
}
void one_row_cold(benchmark::State& state, const char* text) {
  for (auto _ : state) {
    const auto query = wql::parse(text);
    const auto plan = wql::plan(*query, catalog());
    const auto result = wql::collect(*plan, catalog(), kCall);
    if (!result || result->rows.size() != 1) state.SkipWithError("no row");
  }
}
void one_row_cached(benchmark::State& state, const char* text) {
  wql::PlanCache cache;
  for (auto _ : state) {
    const auto plan = cache.get(text, catalog());
    const auto result = wql::collect(**plan, catalog(), kCall);
    if (!result || result->rows.size() != 1) state.SkipWithError("no row");
  }
}

// --- a million rows ---

void million_wql(benchmark::State& state) {
  const std::string text =
      "SELECT Id FROM Million WHERE Status >= " + std::to_string(100 - state.range(0));
  wql::PlanCache cache;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    const auto plan = cache.get(text, catalog());
    const auto done = wql::run(**plan, catalog(), kCall, [&](const wql::Row& row) {
      sum += row.value(0).as_uint32();
      return true;
    });
    benchmark::DoNotOptimize(done);
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRows));
}
void million_sqlite(benchmark::State& state) {
  const std::string text =
      "SELECT Id FROM Million WHERE Status >= " + std::to_string(100 - state.range(0));
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database(), text.c_str(), -1, &statement, nullptr);
  std::uint64_t sum = 0;
  for (auto _ : state) {
    while (sqlite3_step(statement) == SQLITE_ROW)
      sum += static_cast<std::uint64_t>(sqlite3_column_int64(statement, 0));
    sqlite3_reset(statement);
  }
  benchmark::DoNotOptimize(sum);
  sqlite3_finalize(statement);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRows));
}

BENCHMARK(parse_wql);
BENCHMARK(parse_sqlite);
BENCHMARK_CAPTURE(one_row_cold, service, kOneRow);
BENCHMARK_CAPTURE(one_row_cached, service, kOneRow);
BENCHMARK_CAPTURE(one_row_sqlite, service, kOneRow);
BENCHMARK_CAPTURE(one_row_cold, product, kQuery);
BENCHMARK_CAPTURE(one_row_cached, product, kQuery);
BENCHMARK_CAPTURE(one_row_sqlite, product, kQuery);
BENCHMARK(million_wql)->Arg(1)->Arg(10)->Arg(50)->Unit(benchmark::kMillisecond);
BENCHMARK(million_sqlite)->Arg(1)->Arg(10)->Arg(50)->Unit(benchmark::kMillisecond);

// Keeps the medians on their way to the console.
class Medians final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const bool median = run.aggregate_name == "median" || run.run_type == Run::RT_Iteration;
      if (median)
        nanoseconds_[run.run_name.str()] =
            run.cpu_accumulated_time / static_cast<double>(run.iterations) * 1e9;
    }
    ConsoleReporter::ReportRuns(runs);
  }
  void ratio(const char* what, const std::string& ours, const std::string& peer,
             double goal) const {
    const auto a = nanoseconds_.find(ours), b = nanoseconds_.find(peer);
    if (a == nanoseconds_.end() || b == nanoseconds_.end()) return;
    std::printf("%-44s %10.0f ns  sqlite %10.0f ns  %6.1f times faster (goal %.0f)\n", what,
                a->second, b->second, b->second / a->second, goal);
  }

 private:
  std::map<std::string, double> nanoseconds_;
};

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  Medians medians;
  benchmark::RunSpecifiedBenchmarks(&medians);
  std::printf("\n");
  medians.ratio("parse an slmgr-sized query", "parse_wql", "parse_sqlite", 15);
  medians.ratio("one row of the service, cold", "one_row_cold/service", "one_row_sqlite/service",
                1);
  medians.ratio("one row of the service, plan found by text", "one_row_cached/service",
                "one_row_sqlite/service", 10);
  medians.ratio("one product, cold", "one_row_cold/product", "one_row_sqlite/product", 1);
  medians.ratio("one product, plan found by text", "one_row_cached/product",
                "one_row_sqlite/product", 10);
  medians.ratio("10^6 rows, 1 % match", "million_wql/1", "million_sqlite/1", 10);
  medians.ratio("10^6 rows, 10 % match", "million_wql/10", "million_sqlite/10", 10);
  medians.ratio("10^6 rows, 50 % match", "million_wql/50", "million_sqlite/50", 10);
  return 0;
}
