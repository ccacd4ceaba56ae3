// The registry beside its named peers: SQLite's prepared SELECT by (key id, folded name) on the
// same values, and the bars of docs for .reg files of 100,000 values.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include "base/clock.hpp"
#include "registry/formats/pol_file.hpp"
#include "registry/formats/reg_file.hpp"
#include "registry/memory_store.hpp"
#include "registry/path.hpp"
#include "registry/registry.hpp"

namespace slwmi::reg {
namespace {

constexpr int kKeys = 1000;
constexpr int kValuesPerKey = 100;

std::string key_name(int k) { return "Key " + std::to_string(k); }
std::string value_name(int v) { return "Value " + std::to_string(v); }

struct Big {
  Big() {
    OpBuilder ops;
    for (int k = 0; k < kKeys; ++k) {
      const std::string name = key_name(k);
      const KeyId key = ops.create_key(KeyId::kLocalMachine, {"SOFTWARE", "Bench", name});
      keys.push_back(key);
      for (int v = 0; v < kValuesPerKey; ++v) {
        const SpellingId spelling = intern_name(value_name(v)).spelling;
        if (k == 0) names.push_back(name_of(spelling));
        ops.set_value(key, spelling,
                      v % 2 == 0 ? make_dword(static_cast<std::uint32_t>(v))
                                 : make_sz("The text of value " + value_name(v)));
      }
    }
    top = key_of("HKLM\\SOFTWARE\\Bench");
    image = HiveView(Image::make(ops.ops(), {}), nullptr, {});
    own = HiveView().after({.ops = ops.ops()}, 1);
    file = export_reg(image, top);
  }
  std::vector<KeyId> keys;
  std::vector<NameId> names;
  KeyId top = KeyId::kNone;
  HiveView image, own;
  std::vector<std::byte> file;
};

const Big& big() {
  static const Big instance;
  return instance;
}

// A machine as it is in a fleet: the embedded image, a push of 50 settings, a dozen own writes.
HiveView fleet_view() {
  const KeyId sl = key_of("HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL");
  OpBuilder pushed, own;
  for (int i = 0; i < 50; ++i) {
    pushed.set_value(sl, intern_name("Pushed " + std::to_string(i)).spelling, make_dword(1));
  }
  for (int i = 0; i < 12; ++i) {
    own.set_value(sl, intern_name("Own " + std::to_string(i)).spelling, make_dword(1));
  }
  HiveView view(*embedded_image("6.0.6001", "Enterprise"), nullptr, {});
  view = view.after({.ops = own.ops()}, 1);
  return view.with_layers(LayerList::make({std::make_shared<const Layer>(pushed.take())}, 2, {}),
                          2);
}

void find_in(benchmark::State& state, const HiveView& view) {
  std::size_t i = 0;
  for (auto _ : state) {
    i = i * 1103515245 + 12345;
    const KeyId key = big().keys[(i >> 16) % kKeys];
    const NameId name = big().names[(i >> 8) % kValuesPerKey];
    benchmark::DoNotOptimize(view.find(key, name));
  }
  state.SetItemsProcessed(state.iterations());
}

void find_in_image(benchmark::State& state) { find_in(state, big().image); }
void find_in_own_writes(benchmark::State& state) { find_in(state, big().own); }
BENCHMARK(find_in_image);
BENCHMARK(find_in_own_writes);

void find_on_a_fleet_machine(benchmark::State& state) {
  const HiveView view = fleet_view();
  const KeyId sl = key_of("HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL");
  const char* const values[] = {"VLRenewalInterval", "Pushed 7", "Own 3"};
  const NameId name = intern_name(values[state.range(0)]).id;
  for (auto _ : state) benchmark::DoNotOptimize(view.find(sl, name));
  state.SetLabel(values[state.range(0)]);
}
BENCHMARK(find_on_a_fleet_machine)->DenseRange(0, 2);

void sqlite_prepared_select(benchmark::State& state) {
  sqlite3* db = nullptr;
  sqlite3_open(":memory:", &db);
  sqlite3_exec(
      db, "CREATE TABLE v(k INT, n TEXT, t INT, d BLOB, PRIMARY KEY(k,n)) WITHOUT ROWID; BEGIN",
      nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db, "INSERT INTO v VALUES(?,?,?,?)", -1, &insert, nullptr);
  for (int k = 0; k < kKeys; ++k) {
    for (const NamedValue& value : big().image.values(big().keys[static_cast<std::size_t>(k)])) {
      const std::string_view name = folded_text(name_of(value.spelling));
      sqlite3_bind_int(insert, 1, k);
      sqlite3_bind_text(insert, 2, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
      sqlite3_bind_int(insert, 3, static_cast<int>(value.value.type));
      sqlite3_bind_blob(insert, 4, value.value.data.data(),
                        static_cast<int>(value.value.data.size()), SQLITE_STATIC);
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
  }
  sqlite3_finalize(insert);
  sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
  sqlite3_stmt* select = nullptr;
  sqlite3_prepare_v2(db, "SELECT t, d FROM v WHERE k=? AND n=?", -1, &select, nullptr);
  std::size_t i = 0;
  for (auto _ : state) {
    i = i * 1103515245 + 12345;
    const std::string_view name = folded_text(big().names[(i >> 8) % kValuesPerKey]);
    sqlite3_bind_int(select, 1, static_cast<int>((i >> 16) % kKeys));
    sqlite3_bind_text(select, 2, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
    sqlite3_step(select);
    benchmark::DoNotOptimize(sqlite3_column_blob(select, 1));
    sqlite3_reset(select);
  }
  state.SetItemsProcessed(state.iterations());
  sqlite3_finalize(select);
  sqlite3_close(db);
}
BENCHMARK(sqlite_prepared_select);

void open_get_close(benchmark::State& state) {
  const ManualClock clock(FileTime{1});
  const Registry registry(std::make_shared<MemoryStore>(fleet_view()), *find_principal("standard"),
                          clock);
  for (auto _ : state) {
    benchmark::DoNotOptimize(registry.get(
        "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "VLRenewalInterval"));
  }
}
BENCHMARK(open_get_close);

void commit_one_value(benchmark::State& state) {
  const ManualClock clock(FileTime{1});
  Registry registry(std::make_shared<MemoryStore>(fleet_view()), *find_principal("system"), clock);
  Key key = *registry.open("HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL",
                           access::kAllAccess);
  std::uint32_t n = 0;
  for (auto _ : state) benchmark::DoNotOptimize(key.set("VLRenewalInterval", make_dword(++n)));
}
BENCHMARK(commit_one_value);

void import_100000_values(benchmark::State& state) {
  const ManualClock clock(FileTime{1});
  for (auto _ : state) {
    const auto store = std::make_shared<MemoryStore>(
        HiveView(*embedded_image("6.0.6001", "Enterprise"), nullptr, {}));
    Registry registry(store, *find_principal("administrator"), clock);
    const auto file = read_reg(big().file);
    const auto problems = import_reg(registry, *file);
    if (!problems || !problems->empty() ||
        store->view()->own().value_count() != kKeys * kValuesPerKey) {
      state.SkipWithError("the import failed");
    }
  }
}
BENCHMARK(import_100000_values)->Unit(benchmark::kMillisecond);

void export_100000_values(benchmark::State& state) {
  const HiveView& view = state.range(0) == 0 ? big().image : big().own;
  for (auto _ : state) benchmark::DoNotOptimize(export_reg(view, big().top));
  state.SetLabel(state.range(0) == 0 ? "from an image" : "from own writes");
}
BENCHMARK(export_100000_values)->DenseRange(0, 1)->Unit(benchmark::kMillisecond);

void load_an_image(benchmark::State& state) {
  OpBuilder ops;
  const HiveView view = fleet_view();
  const auto text = export_reg(view, key_of("HKLM\\SOFTWARE"));
  const auto bytes = encode_ops(compile_reg(*read_reg(text), sids::kSystem));
  for (auto _ : state) benchmark::DoNotOptimize(Image::make(*decode_ops(bytes), {}));
}
BENCHMARK(load_an_image)->Unit(benchmark::kMicrosecond);

void push_to_10000_views(benchmark::State& state) {
  const std::vector<HiveView> machines(10000, fleet_view());
  const LayerListPtr list = fleet_view().layers();
  for (auto _ : state) {
    std::vector<HiveView> pushed;
    pushed.reserve(machines.size());
    const LayerListPtr stamped = list->restamped(3, {});
    for (const HiveView& machine : machines) pushed.push_back(machine.with_layers(stamped, 3));
    benchmark::DoNotOptimize(pushed.data());
  }
}
BENCHMARK(push_to_10000_views)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace slwmi::reg
