// Reports and health over the logs of a fleet: a pass over a million exchanges of 100,000 clients.
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "provider/event_chunk.hpp"
#include "report/health.hpp"
#include "report/reports.hpp"
#include "world/event_logs.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

namespace slwmi::report {
namespace {

using licensing::ExchangePart;

// A world whose one KMS host served `exchanges` requests of `clients` machines, a minute for each
// thousand.
std::unique_ptr<world::World> world_of(std::int64_t exchanges, std::uint32_t clients) {
  auto world = *world::World::in_memory(1);
  const std::uint32_t host =
      world->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host"})->id();
  FileTime time = *world->now();
  licensing::ChunkWriter writer;
  for (std::int64_t i = 0; i < exchanges; ++i) {
    licensing::KmsExchange one;
    one.time = time = i % 1000 == 0 ? time + minutes(1) : time;
    one.client = host + 1 + static_cast<std::uint32_t>(i % clients);
    one.client_id = one.client;
    one.host = host;
    one.product = 407;
    one.required = 25;
    one.status = static_cast<std::uint8_t>(i < clients ? 2 : 1);
    for (const ExchangePart part : {ExchangePart::kRequested, ExchangePart::kServed,
                                    ExchangePart::kProcessed, ExchangePart::kBound})
      one.set(part);
    writer.add(one);
    if (writer.items() < 100'000 && i + 1 < exchanges) continue;
    if (!world::append_events(world->shared().store(), writer)) return nullptr;
  }
  if (!world->set_clock(time + hours(1))) return nullptr;
  return world;
}

void BM_SixReports(benchmark::State& state) {
  const auto world = world_of(state.range(0), 100'000);
  for (auto _ : state) {
    const auto warehouse = Warehouse::read(*world, {});
    for (const Kind& kind : kinds()) benchmark::DoNotOptimize(make_report(kind, *warehouse));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_SixReports)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void BM_Health(benchmark::State& state) {
  const auto world = world_of(state.range(0), 100'000);
  for (auto _ : state) benchmark::DoNotOptimize(health_of(*world));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Health)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace slwmi::report
