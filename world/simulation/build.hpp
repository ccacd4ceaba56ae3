// Makes in a world what a description says, and does to it what its actions say.
#pragma once

#include "world/simulation/description.hpp"
#include "world/world.hpp"

namespace slwmi::world::simulation {

// Network, machines, what clones remember of their images, and policies, at the description's
// start. ERROR_ALREADY_EXISTS when the world has machines; else the errors of add_machine and
// product_key, with the place of what is refused in the description.
Result<> build(World& world, const Description& description);

// One action, at the world's time; errors have the action's place. Machines to which it cannot be
// done (no reset is left, a key is refused) are left alone, as nobody looks at the result on a
// machine.
Result<> perform(World& world, const Action& action);

// The machines that a target names, in the order of their numbers. E_INVALIDARG for WMI filters.
Result<std::vector<std::string>> select(WorldShared& world, std::string_view targets);

}  // namespace slwmi::world::simulation
