// The network of a world as one machine uses it: DNS, the KMS hosts that it leads to, the
// activation service and the genuine validation, all inside the world and with the troubles of its
// model (world/net/model.hpp).
#pragma once

#include <functional>
#include <memory>

#include "provider/activation_service.hpp"
#include "provider/network.hpp"
#include "world/batch.hpp"
#include "world/shared.hpp"

namespace slwmi::world {

// What it changes on other machines, at the service and in DNS goes into `batch`, which must
// outlive it.
std::unique_ptr<licensing::Network> make_network(WorldShared& world, MachineId machine,
                                                 Batch& batch);

// What the activation service knows of keys now.
Result<licensing::ActivationLedger> read_ledger(WorldShared& world);
// Changes what the activation service knows of a key, such as blocking it; for whoever plays the
// service.
Result<> change_ledger(WorldShared& world,
                       const std::function<Result<>(licensing::ActivationLedger&)>& change);

}  // namespace slwmi::world
