// What the parts of a world description say of each other: the machines, roles, sites and domains
// that rules and deeds name, the policy that is taken away, times within the simulated one. Not for
// other parts.
#pragma once

#include "policy/tree.hpp"
#include "world/simulation/description.hpp"

namespace slwmi::world::simulation {

// `root` is the tree that `description` was read from, with its actions still in the order of the
// text. ERROR_INVALID_DATA with the place of what names nothing in the description.
Result<> check_references(const Description& description, const policy::Node& root);

}  // namespace slwmi::world::simulation
