#include "world/machine_context.hpp"

#include "base/hash.hpp"
#include "provider/service.hpp"
#include "world/net/lookup.hpp"
#include "world/network.hpp"

namespace slwmi::world {

Result<std::unique_ptr<MachineContext>> MachineContext::make(WorldShared& world, MachineId id) {
  std::unique_ptr<MachineContext> out(new MachineContext(world, id, nullptr));
  SL_CHECK(out->refresh());
  return out;
}

Result<std::unique_ptr<MachineContext>> MachineContext::make(WorldShared& world, MachineId id,
                                                             Batch& batch) {
  std::unique_ptr<MachineContext> out(new MachineContext(world, id, &batch));
  SL_CHECK(out->refresh());
  return out;
}

Result<bool> MachineContext::refresh() {
  Store& store = world_.store();
  const std::uint64_t word = store.change_word();
  if (loaded_ && word == word_) return false;
  SL_TRY(MachineInfo info, store.info(id_));
  SL_TRY(std::shared_ptr<const Definitions> definitions, world_.definitions());
  const bool same = loaded_ && definitions == definitions_ && info == info_;
  const bool changed = !loaded_ || definitions != definitions_ || info.name != info_.name ||
                       info.profile != info_.profile;
  if (!same) {
    loaded_ = false;
    definitions_ = std::move(definitions);
    SL_CHECK(load(info));
    info_ = std::move(info);
  }
  SL_CHECK(read_clock());
  word_ = word;
  loaded_ = true;
  return changed;
}

licensing::MachineFacts facts_of(const MachineInfo& info, std::uint64_t world_seed) {
  licensing::MachineFacts facts;
  facts.name = info.name;
  facts.domain = info.domain;
  facts.installed = info.installed;
  facts.started = info.started;
  facts.world_seed = world_seed;
  facts.seed = combine(world_seed, info.id);
  facts.hardware = combine(facts.seed, info.hardware);
  facts.number = info.id;
  facts.virtual_machine = (info.flags & kVirtualMachine) != 0;
  facts.slic_table = (info.flags & kSlicTable) != 0;
  facts.windows_marker = (info.flags & kWindowsMarker) != 0;
  facts.slic_malformed = (info.flags & kSlicMalformed) != 0;
  facts.upgraded = (info.flags & kUpgraded) != 0;
  facts.tampered_files = (info.flags & kTamperedFiles) != 0;
  return facts;
}

Result<> MachineContext::load(const MachineInfo& info) {
  host_.facts = facts_of(info, world_.store().seed());
  host_.catalogue = definitions_->catalogue.get();
  SL_TRY(host_.resolved, definitions_->catalogue->resolve(
                             {info.profile->os, info.profile->role, info.profile->edition}));
  version_ = cim::parse_version(host_.resolved.os->version).value_or(cim::Version{});
  host_.store = registry_;
  if (network_ == nullptr) network_ = make_network(world_, id_, *batch_);
  host_.network = network_.get();
  if (events_ == nullptr) events_ = std::make_unique<EventLogs>(world_, id_);
  host_.events = events_.get();
  return {};
}

Result<> serve(WorldShared& world, MachineId id, FunctionRef<Result<>(licensing::Service&)> call) {
  SL_TRY(const std::unique_ptr<MachineContext> context, MachineContext::make(world, id));
  return context->run([&]() -> Result<> {
    SL_CHECK(context->refresh());
    licensing::Service service(context->host(), context->clock());
    return call(service);
  });
}

// The machine's own clock, which a fault may have set off.
Result<> MachineContext::read_clock() {
  SL_TRY(const FileTime now, world_.store().now());
  SL_TRY(const std::shared_ptr<const net::CompiledNetwork> network, world_.network());
  const net::Peer me{network->profile(net::traits_of(info_)), id_};
  host_.facts.clock_skew = static_cast<std::int32_t>(network->skew(me, now));
  clock_.time = network->clock_of(me, now);
  return {};
}

Result<> MachineContext::change_schema(const std::function<Result<>(cim::Repository&)>& change) {
  return world_.change_schema(change);
}

}  // namespace slwmi::world
