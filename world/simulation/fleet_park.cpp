#include "world/simulation/fleet.hpp"

namespace slwmi::world {

FleetPark::FleetPark() = default;
FleetPark::~FleetPark() = default;

Result<std::unique_ptr<simulation::Fleet>> FleetPark::take(WorldShared& world) {
  std::unique_ptr<simulation::Fleet> fleet;
  {
    const std::lock_guard lock(mutex_);
    fleet = std::move(fleet_);
  }
  SL_CHECK(simulation::Fleet::follow(world, fleet));
  return fleet;
}

void FleetPark::give(std::unique_ptr<simulation::Fleet> fleet) {
  const std::lock_guard lock(mutex_);
  fleet_ = std::move(fleet);
}

}  // namespace slwmi::world
