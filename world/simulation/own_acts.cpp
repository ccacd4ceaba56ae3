#include "world/simulation/own_acts.hpp"

#include <algorithm>

#include "provider/kms_service.hpp"
#include "provider/service.hpp"

namespace slwmi::world::simulation {

using licensing::Minute;
using licensing::minute_of;

Result<std::optional<OwnAct>> next_act(MachineContext& machine, FileTime now, Minute earliest) {
  SL_CHECK(machine.refresh());
  const licensing::Host& host = machine.host();
  SL_TRY(const reg::HiveView view, host.store->view());
  const auto state = licensing::MachineState::read(host, view);
  const FileTime clock = machine.clock().now();
  const auto next = licensing::next_act(host, state, view, clock);
  if (!next) return std::nullopt;
  // A machine that is installed later does nothing before.
  const FileTime due = std::max(now + (*next - clock), host.facts.installed);
  return OwnAct{std::max(minute_of(due), earliest), !state.is_kms_host(), machine.id()};
}

Result<> act(MachineContext& machine) {
  return machine.run([&]() -> Result<> {
    SL_CHECK(machine.refresh());
    Result<> done = licensing::Service(machine.host(), machine.clock()).act();
    if (!done && done.error().code == HResult::kErrorTransactionalConflict) return done;
    return {};
  });
}

Result<> notice_damage(MachineContext& machine) {
  SL_CHECK(machine.refresh());
  SL_TRY(const reg::HiveView view, machine.host().store->view());
  const auto state = licensing::MachineState::read(machine.host(), view);
  const bool damaged =
      std::any_of(state.products().begin(), state.products().end(),
                  [](const licensing::Carried& carried) { return carried.damaged; });
  return damaged ? act(machine) : Result<>();
}

Result<std::vector<OwnAct>> acts_of_hosts(WorldShared& world, Fleet& fleet, Minute earliest) {
  std::vector<OwnAct> out;
  SL_TRY(const std::vector<std::uint32_t> hosts, fleet.kms_hosts());
  for (const std::uint32_t number : hosts) {
    SL_TRY(const std::unique_ptr<MachineContext> machine,
           MachineContext::make(world, fleet.host(number).machine));
    SL_TRY(const std::optional<OwnAct> next, next_act(*machine, fleet.now(), earliest));
    if (next) out.push_back(*next);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace slwmi::world::simulation
