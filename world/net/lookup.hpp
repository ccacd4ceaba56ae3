// The network of a world and its machines: what rules know of a machine, which machine has a name,
// and how a machine stands in the network now.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "world/net/compiled.hpp"
#include "world/store_types.hpp"

namespace slwmi::world {
class WorldShared;
}  // namespace slwmi::world

namespace slwmi::world::net {

// They point into their arguments.
Traits traits_of(const MachineInfo& machine);
Traits traits_of(const MachineColumns& machines, std::size_t i);

// "KMS1.contoso.com", or the name alone without a domain.
std::string dns_name(std::string_view machine, std::string_view domain);

// The machine that a name leads to, 0 when none: a DNS name (a dot at its end does not count), or a
// single label, which is a computer's name in whatever domain, as NetBIOS finds it.
Result<MachineId> machine_of(WorldShared& world, std::string_view host);

// A machine in the network at one moment.
struct Place {
  std::shared_ptr<const CompiledNetwork> network;
  Profile profile;
  MachineId id = 0;
  FileTime now;  // of the world
  Peer peer() const { return {profile, id}; }
};
Result<Place> place_of(WorldShared& world, MachineId machine);

// The Error of a verdict that is not ok; `what` is what was tried.
Error error_of(const CompiledNetwork& network, const Verdict& verdict, std::string_view what);

}  // namespace slwmi::world::net
