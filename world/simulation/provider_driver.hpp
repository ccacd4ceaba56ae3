// The reference: lets time pass by what each machine's own services do, one call after the other,
// through registry, provider and network. Slow; fleet_driver.hpp must leave the same world.
#pragma once

#include "world/shared.hpp"

namespace slwmi::world::simulation {

// Everything that is due from the world's time up to `until`, both included; the clock is there
// after. What was done before a failure stays.
Result<> run_by_provider(WorldShared& world, FileTime until);

}  // namespace slwmi::world::simulation
