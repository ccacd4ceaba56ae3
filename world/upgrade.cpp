#include "world/upgrade.hpp"

#include "provider/architecture.hpp"
#include "provider/event_log.hpp"
#include "provider/experience.hpp"
#include "world/machine_context.hpp"
#include "world/world.hpp"

namespace slwmi::world {
namespace {

struct Step {
  std::unique_ptr<MachineContext> machine;
  licensing::Catalogue::Resolved to;
};

// The machine, and what it would become; refuses what cannot be.
Result<Step> prepare(const Machine& machine, std::string_view os) {
  World& world = machine.world();
  SL_TRY(const MachineInfo info, world.shared().store().info(machine.id()));
  Step out;
  SL_TRY(out.machine, MachineContext::make(world.shared(), machine.id()));
  const licensing::Host& host = out.machine->host();
  const licensing::OperatingSystem* const to = host.catalogue->find_system(os);
  if (to == nullptr)
    return fail(HResult::kErrorNotFound, "\"" + std::string(os) + "\" is no operating system");
  SL_TRY(const reg::HiveView view, host.store->view());
  const licensing::MachineState state = licensing::MachineState::read(host, view);
  SL_CHECK(licensing::check_upgrade(*host.resolved.os, *to, *state.base().product));
  SL_TRY(out.to,
         host.catalogue->resolve({to->id, info.profile->role, host.resolved.product->edition}));
  return out;
}

}  // namespace

Result<std::vector<std::string>> upgrade_advice(const Machine& machine, std::string_view os) {
  SL_TRY(const Step step, prepare(machine, os));
  const licensing::Host& host = step.machine->host();
  SL_TRY(const reg::HiveView view, host.store->view());
  const licensing::MachineState state = licensing::MachineState::read(host, view);
  return licensing::upgrade_advice(state.base().license, *state.base().product, *host.resolved.os,
                                   *step.to.os, step.machine->clock().now());
}

Result<> upgrade(const Machine& machine, std::string_view os) {
  Store& store = machine.world().shared().store();
  return store.as_one([&]() -> Result<> {
    SL_TRY(const Step step, prepare(machine, os));
    SL_TRY(MachineInfo info, store.info(machine.id()));
    const StoredProfile profile{step.to.os->id, info.profile->role,
                                step.machine->host().resolved.product->edition};
    info.profile = &profile;
    SL_CHECK(store.set_row(machine.id(), info));
    return machine.restart();
  });
}

Result<> reinstall(const Machine& machine) {
  Store& store = machine.world().shared().store();
  return store.as_one([&]() -> Result<> {
    SL_CHECK(machine.clear_log(licensing::EventLog::kApplication));
    SL_CHECK(machine.clear_log(licensing::EventLog::kKeyManagementService));
    SL_TRY(const bool x64, is_x64(machine));
    SL_CHECK(store.reinstall(machine.id()));
    if (!x64) return {};
    SL_TRY(const std::unique_ptr<MachineContext> context,
           MachineContext::make(machine.world().shared(), machine.id()));
    return context->run([&]() -> Result<> {
      SL_CHECK(context->refresh());
      return licensing::set_sixty_four_bit(context->host(), context->clock());
    });
  });
}

}  // namespace slwmi::world
