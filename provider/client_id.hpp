// The numbers from which client machine IDs (CMIDs) are made (license.hpp makes the GUID of one).
// Those that a machine makes follow from the world's seed, so that whoever keeps many need not keep
// each. A clone has that of its reference machine instead.
#pragma once

#include <cstdint>
#include <span>

#include "base/hash.hpp"
#include "provider/kms/exchange.hpp"

namespace slwmi::licensing {

inline constexpr std::uint64_t kClientIdPurpose =
    0xED73F3AE1C4CBC22;  // hash64("client machine id")

// The number of a machine's `generation`th ID. `machine_seed`: a hash of world and machine
// (MachineFacts::seed). Never 0.
constexpr std::uint64_t made_client_id(std::uint64_t machine_seed, std::uint32_t generation) {
  const std::uint64_t id = combine(combine(machine_seed, kClientIdPurpose), generation);
  return id == 0 ? 1 : id;
}

// Which of the IDs that they make the clients have in a world with that seed, if all have the same
// one of the first few; else 0.
std::uint16_t made_generation(std::uint64_t world_seed, std::span<const ClientPart> clients);

}  // namespace slwmi::licensing
