// The KMS hosts of a world as monitoring knows them: which there are, and which of them an agent
// watches. The agent of Operations Manager 2005 is a 32-bit program, so hosts on 64-bit Windows
// Vista RTM are not found by themselves; a custom computer group takes them in (VA2, "Working with
// 64-Bit Windows Vista KMS Hosts").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/datetime.hpp"
#include "base/result.hpp"
#include "provider/machine_state.hpp"

namespace slwmi::world {
class World;
}  // namespace slwmi::world

namespace slwmi::report {

// How a host came into the group of monitored KMS computers.
enum class Membership : std::uint8_t {
  kDiscovered,   // the Key Management Service, or the value KeyManagementServiceVersion, was found
  kCustomGroup,  // somebody put it into the custom group
  kFormer,       // it is no KMS host any more; what it sent before is kept
  kNotFound,     // 64-bit Windows Vista RTM, and in no custom group: it sends nothing
};
std::string_view to_text(Membership membership);  // "discovered"
inline bool sends_events(Membership membership) { return membership != Membership::kNotFound; }
inline bool is_watched(Membership membership) {
  return membership == Membership::kDiscovered || membership == Membership::kCustomGroup;
}

struct KmsHost {
  std::uint32_t machine = 0;
  std::string name;       // "KMS1"
  std::string full_name;  // "KMS1.contoso.com"
  std::string os;         // "vista-rtm"
  bool sixty_four_bit = false;
  FileTime installed;
  bool enabled = false;    // a KMS key is installed
  bool activated = false;  // ... and activated
  Membership membership = Membership::kDiscovered;
};

// What decides about it, as plain facts.
struct HostFacts {
  bool enabled = false;            // a KMS key is installed
  bool has_version_value = false;  // KeyManagementServiceVersion is there
  bool vista_rtm = false;
  bool sixty_four_bit = false;
  bool in_custom_group = false;
};
// Whether a machine serves: a KMS key is installed, and the licence that came of it holds now.
bool is_activated(const licensing::Host& host, const licensing::MachineState& state, FileTime now);

Membership membership_of(const HostFacts& facts);

// Every machine that is a KMS host by its role or key, or that the event logs know as one, by id.
Result<std::vector<KmsHost>> kms_hosts(world::World& world);

// Those of these names, or full names; all when there is none. ERROR_NOT_FOUND for a host that is
// none.
Result<std::vector<KmsHost>> choose_hosts(std::vector<KmsHost> hosts,
                                          const std::vector<std::string>& names);

// The custom group: patterns of machines in the form of world/net/model.hpp (parse_match), so
// "KMS*" or "KMS* site=Ulm". Kept in the world's file. ERROR_ALREADY_EXISTS, ERROR_NOT_FOUND and
// what parse_match says.
Result<std::vector<std::string>> custom_group(world::World& world);
Result<> add_to_custom_group(world::World& world, std::string_view pattern);
Result<> remove_from_custom_group(world::World& world, std::string_view pattern);

}  // namespace slwmi::report
