// Names are folded, compared and hashed on every lookup: these must cost nanoseconds.
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace {

constexpr std::string_view kName = "KeyManagementServiceMachine";

void compare_equal_names(benchmark::State& state) {
  const std::string other = slwmi::fold(kName);
  for (auto _ : state) benchmark::DoNotOptimize(slwmi::equal_ignore_case(kName, other));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(compare_equal_names);

void hash_name(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(slwmi::hash_ignore_case(kName));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hash_name);

void hash_content(benchmark::State& state) {
  const std::string data(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(slwmi::hash64(data));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(hash_content)->Arg(32)->Arg(4096);

}  // namespace
