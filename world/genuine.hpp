// Genuine validation of a machine of the world, and who is concerned when a key goes bad. The rules
// are provider/genuine.hpp's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "provider/genuine.hpp"
#include "world/machine.hpp"

namespace slwmi::world {

// The machine's user goes to the validation site now. SL_E_NOT_GENUINE when it fails; codes of the
// network when the site is out of reach.
Result<> validate(const Machine& machine);

Result<licensing::GenuineStatus> genuine_status(const Machine& machine);

// Somebody altered the system's licensing files, which the next validation finds. Only another
// installation makes them whole.
Result<> tamper_files(const Machine& machine);

// A machine that a product key licenses.
struct KeyUse {
  std::string machine;
  bool installed = false;  // the key is installed; else a KMS host with it activated the machine
  bool kms_host = false;   // ... as a KMS host, whose key is to be replaced
  licensing::LicenseStatus status = licensing::LicenseStatus::kUnlicensed;
};
// By name. The codes of a product key that does not parse.
Result<std::vector<KeyUse>> uses_of_key(World& world, std::string_view product_key);

}  // namespace slwmi::world
