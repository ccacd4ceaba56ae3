// How far a simulation has come, as the blob "simulation" of its world keeps it (docs/formats.md,
// "World file").
#pragma once

#include <string_view>
#include <vector>

#include "world/simulation/simulation.hpp"

namespace slwmi::world::simulation {

inline constexpr std::string_view kProgressBlob = "simulation";

struct Progress {
  Bytes description;  // as it was given
  FileTime start, end;
  std::uint32_t actions = 0;  // done so far
  std::vector<Sample> series;
  bool operator==(const Progress&) const = default;
};

Bytes encode(const Progress& progress);
// ERROR_INVALID_DATA with the offset.
Result<Progress> decode_progress(ByteSpan bytes);

}  // namespace slwmi::world::simulation
