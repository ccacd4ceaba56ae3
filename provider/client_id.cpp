#include "provider/client_id.hpp"

#include <algorithm>

namespace slwmi::licensing {

std::uint16_t made_generation(std::uint64_t world_seed, std::span<const ClientPart> clients) {
  constexpr std::uint16_t kMost = 4;
  if (clients.empty()) return 0;
  const auto made = [&](const ClientPart& part, std::uint16_t generation) {
    return part.client_id == made_client_id(combine(world_seed, part.client), generation);
  };
  std::uint16_t generation = 1;
  while (generation <= kMost && !made(clients.front(), generation)) ++generation;
  if (generation > kMost) return 0;
  const bool all = std::all_of(clients.begin() + 1, clients.end(),
                               [&](const ClientPart& part) { return made(part, generation); });
  return all ? generation : 0;
}

}  // namespace slwmi::licensing
