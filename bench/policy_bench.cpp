// Pushing policy to a fleet, durably, and planning it. The goal: 50 settings to 10,000 machines
// under 50 ms.
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/folder.hpp"
#include "policy/document.hpp"
#include "policy/plan.hpp"
#include "world/world.hpp"

namespace {

using namespace slwmi;

// A document of `count` values; `round` makes it differ from the one before.
policy::Document document(std::int64_t count, int round) {
  std::string text = R"({"policy":"bench","registry":[)";
  for (std::int64_t i = 0; i < count; ++i) {
    text +=
        (i == 0 ? "" : ",") +
        std::string(R"({"key":"HKLM\\SOFTWARE\\Contoso\\Bench","type":"REG_DWORD","value":"v)") +
        std::to_string(i) + "\",\"data\":" + std::to_string(i * 2 + round) + "}";
  }
  return *policy::parse_document(as_bytes(text + "]}"), "bench");
}

// A world file with a fleet, removed at the end.
class Fleet {
 public:
  explicit Fleet(std::int64_t machines) {
    auto opened = world::World::open(folder_.file(), world::World::Mode::kCreate);
    if (!opened) std::abort();
    world_ = *std::move(opened);
    std::vector<world::MachineSpec> specs(static_cast<std::size_t>(machines));
    for (std::size_t i = 0; i < specs.size(); ++i) specs[i].name = "PC" + std::to_string(i);
    if (!world_->add_machines(specs)) std::abort();
    names_ = *world_->machine_names();
  }
  world::World& world() { return *world_; }
  const std::vector<std::string>& names() const { return names_; }

 private:
  bench::Folder folder_;
  std::unique_ptr<world::World> world_;
  std::vector<std::string> names_;
};

void push(benchmark::State& state) {
  Fleet fleet(state.range(0));
  const policy::Document documents[] = {document(state.range(1), 0), document(state.range(1), 1)};
  int round = 0;
  for (auto _ : state) {
    if (!fleet.world().apply_policy(documents[++round % 2], fleet.names()))
      state.SkipWithError("push");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(push)->Args({1000, 50})->Args({10000, 50})->Unit(benchmark::kMillisecond)->UseRealTime();

void push_of_what_is_there(benchmark::State& state) {
  Fleet fleet(state.range(0));
  const policy::Document same = document(state.range(1), 0);
  if (!fleet.world().apply_policy(same, fleet.names())) state.SkipWithError("push");
  for (auto _ : state) {
    if (!fleet.world().apply_policy(same, fleet.names())) state.SkipWithError("push");
  }
}
BENCHMARK(push_of_what_is_there)->Args({10000, 50})->Unit(benchmark::kMillisecond)->UseRealTime();

void plan(benchmark::State& state) {
  Fleet fleet(state.range(0));
  const policy::Document wanted = document(state.range(1), 0);
  for (auto _ : state) {
    const auto planned = fleet.world().plan_policy(wanted, fleet.names());
    if (!planned || !planned->differs()) state.SkipWithError("plan");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(plan)->Args({10000, 50})->Unit(benchmark::kMillisecond)->UseRealTime();

void remove(benchmark::State& state) {
  Fleet fleet(state.range(0));
  const policy::Document wanted = document(state.range(1), 0);
  for (auto _ : state) {
    state.PauseTiming();
    if (!fleet.world().apply_policy(wanted, fleet.names())) state.SkipWithError("push");
    state.ResumeTiming();
    if (!fleet.world().remove_policy("bench", fleet.names())) state.SkipWithError("remove");
  }
}
BENCHMARK(remove)->Args({10000, 50})->Unit(benchmark::kMillisecond)->UseRealTime();

void read_document(benchmark::State& state) {
  std::string text = *policy::write_document(document(state.range(0), 0), policy::Syntax::kJson);
  for (auto _ : state) benchmark::DoNotOptimize(policy::parse_document(as_bytes(text), "bench"));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(read_document)->Arg(50)->Unit(benchmark::kMicrosecond);

}  // namespace
