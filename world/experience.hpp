// What the user of a machine of the world sees; the rules are provider/experience.hpp's. The user
// is there since the machine started.
#pragma once

#include "base/result.hpp"
#include "provider/experience.hpp"
#include "world/machine.hpp"

namespace slwmi::world {

Result<licensing::Experience> experience(const Machine& machine);

}  // namespace slwmi::world
