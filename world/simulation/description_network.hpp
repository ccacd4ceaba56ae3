// The member `network` of a world description. Not for other parts.
#pragma once

#include "world/net/model.hpp"
#include "world/simulation/members.hpp"

namespace slwmi::world::simulation {

// Windows count from `start`. ERROR_INVALID_DATA with the place of what is wrong.
Result<net::Model> read_network(const Spot& spot, FileTime start);

}  // namespace slwmi::world::simulation
