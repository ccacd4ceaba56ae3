// Random small worlds: each seed is a description, which is run in several ways that must agree and
// is watched by the laws.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/hresult.hpp"
#include "world/simulation/description.hpp"

namespace slwmi::world::simulation {

// The world of a seed: hosts, clients, clones, virtual machines, sites, faults and policies,
// without actions.
Description random_description(std::uint64_t seed);

// What happened in all the worlds together, so that a rule that never fires shows.
struct FuzzTotals {
  std::uint64_t worlds = 0, machines = 0, exchanges = 0, activations = 0;
  std::map<HResult, std::uint64_t> failures;       // of requests, by code
  std::map<net::FaultKind, std::uint64_t> faults;  // that are told from what happened
  std::uint64_t compared = 0;                      // worlds that the provider driver ran, too
};

// Runs the world of the seed by the fleet driver in one go and in steps, and one in `one_in` by the
// provider driver as well. Returns what was broken, a sentence each.
Result<std::vector<std::string>> fuzz(std::uint64_t seed, FuzzTotals& totals,
                                      std::uint64_t one_in = 50);

}  // namespace slwmi::world::simulation
