// Makes what changed of a fleet last: whole pages of packed rows where many machines changed,
// ordinary writes for single machines, for those that have more in their registry than a row stands
// for, and for KMS hosts. Not for other parts.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "world/simulation/fleet.hpp"

namespace slwmi::world::simulation {

class FleetStorer {
 public:
  explicit FleetStorer(Fleet& fleet) : fleet_(fleet), store_(fleet.world_.store()) {}

  // One commit of everything that changed, with the world's clock at `now`. The fleet is then the
  // picture of that state. ERROR_TRANSACTIONAL_CONFLICT when somebody else wrote meanwhile.
  Result<> commit(FileTime now, std::span<const EventChunk> events,
                  std::span<const NamedBlob> blobs);

 private:
  // Fewer changed machines of a page than this are written as ordinary values.
  static constexpr std::size_t kFewOfPage = 16;

  Result<> gather(FileTime now);
  Result<> number_texts();
  FleetRow row_of(std::uint32_t machine) const;
  Result<MachineChanges> changes_of(std::uint32_t machine, FileTime now) const;
  static MachineChanges changes_of(const Host& host, reg::Generation base, FileTime now);

  Fleet& fleet_;
  Store& store_;
  std::vector<FleetPage> pages_;
  std::vector<MachineChanges> machines_;
};

}  // namespace slwmi::world::simulation
