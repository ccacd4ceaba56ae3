#include "world/genuine.hpp"

#include "provider/service.hpp"
#include "world/machine_context.hpp"
#include "world/world.hpp"

namespace slwmi::world {

Result<> validate(const Machine& machine) {
  return serve(machine.world().shared(), machine.id(), [](licensing::Service& service) {
    return service.acquire_genuine_ticket(licensing::kValidationTemplate,
                                          licensing::kValidationUrl);
  });
}

Result<licensing::GenuineStatus> genuine_status(const Machine& machine) {
  SL_TRY(const std::unique_ptr<MachineContext> context,
         MachineContext::make(machine.world().shared(), machine.id()));
  const licensing::Host& host = context->host();
  SL_TRY(const reg::HiveView view, host.store->view());
  return licensing::genuine_status(host, licensing::MachineState::read(host, view), view,
                                   context->clock().now());
}

Result<> tamper_files(const Machine& machine) {
  Store& store = machine.world().shared().store();
  SL_TRY(MachineInfo info, store.info(machine.id()));
  info.flags |= kTamperedFiles;
  return store.set_row(machine.id(), info);
}

Result<std::vector<KeyUse>> uses_of_key(World& world, std::string_view product_key) {
  SL_TRY(const licensing::ProductKey key, licensing::parse_product_key(product_key));
  SL_TRY(const std::vector<std::string> names, world.machine_names());
  std::vector<KeyUse> out;
  for (const std::string& name : names) {
    SL_TRY(const Machine machine, world.machine(name));
    SL_TRY(const std::unique_ptr<MachineContext> context,
           MachineContext::make(world.shared(), machine.id()));
    const licensing::Host& host = context->host();
    SL_TRY(const reg::HiveView view, host.store->view());
    const licensing::MachineState state = licensing::MachineState::read(host, view);
    const licensing::Carried& base = state.base();
    const bool installed =
        base.license.has(licensing::LicenseFlag::kHasKey) &&
        licensing::ProductKey{base.license.key_group, base.license.key_serial} == key;
    if (!installed && licensing::checked_key(state, view) != key) continue;
    const licensing::Policy policy = licensing::policy_of(*base.product, *host.resolved.os);
    out.push_back({name, installed, installed && state.is_kms_host(),
                   licensing::status_at(base.license, policy, context->clock().now()).status});
  }
  return out;
}

}  // namespace slwmi::world
