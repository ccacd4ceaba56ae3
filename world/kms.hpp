// The Key Management Service of a machine of the world, as its administrator sees it.
#pragma once

#include "base/result.hpp"
#include "provider/kms_service.hpp"

namespace slwmi::world {

class Machine;

// As of now by the machine's clock; `enabled` is false for what is no KMS host.
Result<licensing::KmsStatus> kms_status(const Machine& machine);

}  // namespace slwmi::world
