#include "world/kms.hpp"

#include "world/machine_context.hpp"
#include "world/world.hpp"

namespace slwmi::world {

Result<licensing::KmsStatus> kms_status(const Machine& machine) {
  SL_TRY(const std::unique_ptr<MachineContext> context,
         MachineContext::make(machine.world().shared(), machine.id()));
  SL_TRY(const reg::HiveView view, context->registry()->view());
  const licensing::Host& host = context->host();
  return licensing::kms_status(host, licensing::MachineState::read(host, view), view,
                               context->clock().now());
}

}  // namespace slwmi::world
