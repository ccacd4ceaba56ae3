#include "world/genuine.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "provider/service.hpp"
#include "world/machine_context.hpp"
#include "world/simulation/fleet.hpp"
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

namespace {

std::vector<KeyUse> uses_in(const simulation::Fleet& fleet, licensing::ProductKey key) {
  std::vector<KeyUse> out;
  for (std::uint32_t i = 0; i < fleet.size(); ++i) {
    const licensing::License& license = fleet.machine(i).license;
    if (!license.has(licensing::LicenseFlag::kHasKey)) continue;
    const bool installed = licensing::ProductKey{license.key_group, license.key_serial} == key;
    if (!installed && licensing::checked_key(license, fleet.customer_pid(i)) != key) continue;
    const simulation::Kind& kind = fleet.kind_of(i);
    const FileTime now = fleet.network().clock_of(fleet.peer(i), fleet.now());
    out.push_back({std::string(fleet.name(i)), installed,
                   installed && kind.product->channel == licensing::Channel::kKmsHost,
                   licensing::status_at(license, kind.facts.policy, now).status});
  }
  std::sort(out.begin(), out.end(), [](const KeyUse& a, const KeyUse& b) {
    return IgnoreCaseLess()(a.machine, b.machine);
  });
  return out;
}

}  // namespace

Result<std::vector<KeyUse>> uses_of_key(World& world, std::string_view product_key) {
  SL_TRY(const licensing::ProductKey key, licensing::parse_product_key(product_key));
  WorldShared& shared = world.shared();
  SL_TRY(std::unique_ptr<simulation::Fleet> fleet, shared.fleets().take(shared));
  std::vector<KeyUse> out = uses_in(*fleet, key);
  shared.fleets().give(std::move(fleet));
  return out;
}

}  // namespace slwmi::world
