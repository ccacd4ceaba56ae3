// What happened to one machine, line by line: the KMS exchanges that it made or served, and how its
// licensing state changed, by them or by time alone.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "provider/kms/exchange.hpp"
#include "world/simulation/fleet_driver.hpp"

namespace slwmi::world::simulation {

struct StoryLine {
  FileTime at;       // of the world's clock
  std::string what;  // "asks KMS1.contoso.com:1688", "serves PC0001", "licensed"
  HResult result = HResult::kSOk;
  std::string detail;  // "count 25 of 25, renews every 7 days"
  std::string state;   // the licensing state in `detail`
  std::uint32_t times = 1;
  FileTime until = {};  // the last time, where there were several
};

// Repeated lines as one that counts them. Failures are alike when the same thing failed in the same
// way in one state, and are counted together until that state ends or something succeeds, also
// where they alternate (two KMS hosts that are out of reach); other lines when they are equal and
// follow each other.
std::vector<StoryLine> folded(std::span<const StoryLine> lines);

// Listens to a run and keeps what concerns one machine.
class Story final : public Observer {
 public:
  explicit Story(MachineId machine) : machine_(machine) {}
  void exchanged(const licensing::KmsExchange& exchange, std::string_view server) override;
  // What was heard, in order of time, with the names that machines had by then.
  Result<std::vector<StoryLine>> lines(WorldShared& world);

 private:
  struct Heard {
    licensing::KmsExchange exchange;
    std::string server;
  };
  MachineId machine_;
  std::vector<Heard> heard_;
};

// The same from the world's event log.
Result<std::vector<StoryLine>> trace(WorldShared& world, MachineId machine);

}  // namespace slwmi::world::simulation
