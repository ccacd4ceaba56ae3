#include "world/net/lookup.hpp"

#include "base/text.hpp"
#include "world/shared.hpp"

namespace slwmi::world::net {
namespace {

std::string_view site_or_default(std::string_view site) {
  return site.empty() ? kDefaultSite : site;
}

}  // namespace

Traits traits_of(const MachineInfo& machine) {
  return {machine.name, site_or_default(machine.site), machine.domain, machine.profile->role};
}

Traits traits_of(const MachineColumns& machines, std::size_t i) {
  return {machines.name(i), site_or_default(machines.texts[machines.site[i]]),
          machines.texts[machines.domain[i]], machines.profiles[machines.profile[i]]->role};
}

std::string dns_name(std::string_view machine, std::string_view domain) {
  std::string out(machine);
  if (!domain.empty()) out += "." + std::string(domain);
  return out;
}

Result<MachineId> machine_of(WorldShared& world, std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::size_t dot = host.find('.');
  SL_TRY(const std::optional<MachineId> id, world.store().find_machine(host.substr(0, dot)));
  if (!id) return MachineId{0};
  if (dot == std::string_view::npos) return *id;
  SL_TRY(const MachineInfo info, world.store().info(*id));
  return equal_ignore_case(info.domain, host.substr(dot + 1)) ? *id : MachineId{0};
}

Result<Place> place_of(WorldShared& world, MachineId machine) {
  Place out;
  SL_TRY(out.network, world.network());
  SL_TRY(const MachineInfo info, world.store().info(machine));
  out.profile = out.network->profile(traits_of(info));
  out.id = machine;
  SL_TRY(out.now, world.store().now());
  return out;
}

Error error_of(const CompiledNetwork& network, const Verdict& verdict, std::string_view what) {
  return {verdict.code, std::string(what) + ": " + network.describe(verdict), {}, {}};
}

}  // namespace slwmi::world::net
