// The network of a world as one machine uses it: the activation service, the KMS hosts of its
// domain and the genuine validation, all inside the world.
#pragma once

#include <memory>

#include "provider/activation_service.hpp"
#include "provider/network.hpp"
#include "world/batch.hpp"
#include "world/shared.hpp"

namespace slwmi::world {

// What the others of a call write goes into the caller's batch, which must outlive the network.
std::unique_ptr<licensing::Network> make_network(WorldShared& world, MachineId machine,
                                                 Batch& batch);

// Changes what the activation service knows of a key, such as blocking it; for whoever plays the
// service.
Result<> change_ledger(WorldShared& world,
                       const std::function<Result<>(licensing::ActivationLedger&)>& change);

}  // namespace slwmi::world
