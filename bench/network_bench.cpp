// The questions that a simulation asks the network of a world, by the million, on networks with and
// without rules. The goal: millions a second, no allocation ("allocations" counts them per
// question).
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "world/net/codec.hpp"
#include "world/net/compiled.hpp"
#include "world/net/dns.hpp"

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

// Every new of this program counts.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace slwmi;
using namespace slwmi::world;
using namespace slwmi::world::net;

constexpr FileTime kNow{128488000000000000};
constexpr int kSites = 20;

// Two hosts in DNS; with rules: 20 links, 20 port rules and 20 faults, a few of which concern any
// one machine.
std::shared_ptr<const Model> model(bool rules) {
  auto out = std::make_shared<Model>();
  bool good = add_record(*out, "contoso.com", {.host = "kms1.contoso.com"}).has_value() &&
              add_record(*out, "contoso.com", {.host = "kms2.contoso.com"}).has_value();
  for (int i = 0; rules && i < kSites; ++i) {
    const std::string site = "S" + std::to_string(i);
    out->links.push_back({site, "S" + std::to_string((i + 1) % kSites), i % 2 == 0, {}});
    out->ports.push_back({*parse_match("PC*7 site=" + site), {}, 1688, i % 2 == 0, {}});
    Fault fault;
    fault.kind = i % 2 == 0 ? FaultKind::kDnsServerFailure : FaultKind::kResponseLost;
    fault.who = *parse_match("site=" + site);
    fault.one_in = 20;
    good = good && add_fault(*out, fault).has_value();
  }
  if (!good) std::abort();
  return out;
}

struct Machines {
  explicit Machines(bool rules)
      : network(model(rules), 1, [](std::string_view) { return 7u; }), profiles(network) {
    for (int i = 0; i < 4096; ++i) {
      const std::string name = "PC" + std::to_string(i);
      const std::string site = "S" + std::to_string(i % kSites);
      numbers.push_back(profiles.add({name, site, "contoso.com", "kms-client"}));
    }
    host = profiles.add({"KMS1", "S1", "contoso.com", "kms-host"});
  }
  Peer peer(std::size_t i) const { return {profiles[numbers[i]], static_cast<MachineId>(i + 1)}; }

  CompiledNetwork network;
  Profiles profiles;
  std::vector<std::uint32_t> numbers;
  std::uint32_t host = 0;
};

void finish(benchmark::State& state, std::uint64_t allocated) {
  state.SetItemsProcessed(state.iterations());
  state.counters["allocations"] =
      static_cast<double>(allocated) / static_cast<double>(state.iterations());
}

// All that one attempt asks: records, the way, the answer's way back, the clock.
void BM_attempt(benchmark::State& state) {
  const Machines machines(state.range(0) != 0);
  const Peer host{machines.profiles[machines.host], 9999};
  std::size_t i = 0;
  FileTime now = kNow;
  const std::uint64_t before = allocations;
  for (auto _ : state) {
    const Peer who = machines.peer(i);
    const Answer found = machines.network.lookup(who, now);
    const Verdict way = machines.network.reach(who, host, kKmsPort, now);
    const Verdict back = machines.network.response(who, host, now);
    benchmark::DoNotOptimize(found.targets.data());
    benchmark::DoNotOptimize(way.code);
    benchmark::DoNotOptimize(back.code);
    benchmark::DoNotOptimize(machines.network.skew(who, now));
    i = (i + 1) % machines.numbers.size();
    now = now + seconds(1);
  }
  finish(state, allocations - before);
}
BENCHMARK(BM_attempt)->Arg(0)->Arg(1)->ArgName("rules");

// Sorting a machine into its profile, once for each.
void BM_classify(benchmark::State& state) {
  Machines machines(state.range(0) != 0);
  std::uint64_t i = 0;
  const std::uint64_t before = allocations;
  for (auto _ : state) {
    const Traits traits{i % 3 == 0 ? "PC1234567" : "PC7654321", i % 2 == 0 ? "S1" : "S12",
                        "contoso.com", "kms-client"};
    benchmark::DoNotOptimize(machines.profiles.add(traits));
    ++i;
  }
  finish(state, allocations - before);
}
BENCHMARK(BM_classify)->Arg(0)->Arg(1)->ArgName("rules");

// From the blob of a world to answers.
void BM_compile(benchmark::State& state) {
  const Bytes bytes = encode(*model(true));
  for (auto _ : state) {
    auto read = decode(bytes);
    if (!read) std::abort();
    const CompiledNetwork network(std::make_shared<const Model>(*std::move(read)), 1,
                                  [](std::string_view) { return 7u; });
    benchmark::DoNotOptimize(&network);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_compile);

}  // namespace
