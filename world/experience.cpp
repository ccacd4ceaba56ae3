#include "world/experience.hpp"

#include "world/machine_context.hpp"
#include "world/world.hpp"

namespace slwmi::world {

Result<licensing::Experience> experience(const Machine& machine) {
  SL_TRY(const std::unique_ptr<MachineContext> context,
         MachineContext::make(machine.world().shared(), machine.id()));
  const licensing::Host& host = context->host();
  SL_TRY(const reg::HiveView view, host.store->view());
  return licensing::experience_of(host, licensing::MachineState::read(host, view), view,
                                  context->clock().now());
}

}  // namespace slwmi::world
