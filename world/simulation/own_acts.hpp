// What machines do by themselves through their own services: everything for the provider driver,
// and for both drivers what KMS hosts do, which is rare. Within a minute hosts come first.
#pragma once

#include <compare>
#include <vector>

#include "provider/license.hpp"
#include "world/machine_context.hpp"
#include "world/simulation/fleet.hpp"

namespace slwmi::world::simulation {

// In the order in which things happen.
struct OwnAct {
  licensing::Minute minute = 0;
  bool client = false;
  MachineId machine = 0;
  auto operator<=>(const OwnAct&) const = default;
};

// When the machine next does anything, as the world is at `now`; not before `earliest`.
Result<std::optional<OwnAct>> next_act(MachineContext& machine, FileTime now,
                                       licensing::Minute earliest);
// Does it, when it is due; its failure is the machine's own affair.
Result<> act(MachineContext& machine);

// A machine that has damaged licence records notices them.
Result<> notice_damage(MachineContext& machine);

// What the KMS hosts of a fleet are about to do, in order.
Result<std::vector<OwnAct>> acts_of_hosts(WorldShared& world, Fleet& fleet,
                                          licensing::Minute earliest);

}  // namespace slwmi::world::simulation
