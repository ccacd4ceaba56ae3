// Another operating system on a machine of the world: a service pack over the one it has, or a new
// installation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "world/machine.hpp"

namespace slwmi::world {

// What to heed before the machine becomes `os` ("vista-sp1"), and what will be different; nothing
// when neither. E_INVALIDARG when it cannot become that, ERROR_NOT_FOUND for an unknown system.
Result<std::vector<std::string>> upgrade_advice(const Machine& machine, std::string_view os);

// Applies the service pack and restarts the machine. Keys, activation, counts of resets and all
// else in its registry stay; what they mean is the new version's. The codes of upgrade_advice.
Result<> upgrade(const Machine& machine, std::string_view os);

// Installs the operating system that the machine has once more: registry and event logs are new,
// the hardware, name and policies are what they were.
Result<> reinstall(const Machine& machine);

}  // namespace slwmi::world
