// How many machines of a fleet are in which licensing state. Each machine's state is kept until it
// ends by itself or its record changes, so that counting again costs what has changed.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "world/simulation/fleet.hpp"

namespace slwmi::world::simulation {

class Census {
 public:
  // The fleet must outlive the census and keep its machines meanwhile.
  explicit Census(Fleet& fleet);

  // By LicenseStatus, at `now`, which does not go back. Machines that are installed later do not
  // count.
  std::array<std::uint32_t, 6> count(FileTime now);
  // The LicenseStatus of each machine as of the last count; kAbsent for those installed later.
  static constexpr std::uint8_t kAbsent = 0xFF;
  std::span<const std::uint8_t> states() const { return states_; }

 private:
  void look_at(std::uint32_t machine, FileTime now);

  Fleet& fleet_;
  std::vector<std::uint8_t> states_;
  std::vector<licensing::Minute> until_;  // the first minute in which the state may be another
  std::vector<FileTime> turns_;           // when clocks begin or end to be off
  FileTime last_ = {};
};

}  // namespace slwmi::world::simulation
