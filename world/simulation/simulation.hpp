// A described world and its run: made from a description, let go from its start to its end with a
// time series of counts, and durable on the way. The world's file remembers description, progress
// and series (blob "simulation"), so that a run that was killed goes on from its last checkpoint
// and ends in the same world.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/datetime.hpp"
#include "base/result.hpp"
#include "world/simulation/description.hpp"
#include "world/simulation/engine.hpp"

namespace slwmi::world::simulation {

// A KMS host at one moment.
struct HostSample {
  std::string name;            // "KMS1"
  std::uint32_t count = 0;     // clients that count
  std::uint32_t requests = 0;  // valid ones so far
  std::uint32_t failed = 0;    // refused ones so far
  bool operator==(const HostSample&) const = default;
};

// One row of the time series.
struct Sample {
  FileTime at;
  std::array<std::uint32_t, 6> by_status{};  // machines by LicenseStatus
  std::vector<HostSample> hosts;             // by number of the machine
  bool operator==(const Sample&) const = default;
};

class Simulation {
 public:
  // Makes what the description says in a world without machines and takes the first sample.
  // ERROR_ALREADY_EXISTS when there are machines; the errors of read_description.
  static Result<std::unique_ptr<Simulation>> begin(World& world, ByteSpan description);
  // That of a world in which one was begun, at its last checkpoint. ERROR_NOT_FOUND.
  static Result<std::unique_ptr<Simulation>> resume(World& world);
  ~Simulation();

  const Description& description() const;
  bool is_of(ByteSpan description) const;  // the very bytes that it was begun with
  const std::vector<Sample>& series() const;
  FileTime start() const;
  FileTime end() const;
  Result<FileTime> now() const;  // the world's time

  struct Options {
    Driver driver = Driver::kFleet;
    Observer* observer = nullptr;                     // of the fleet driver
    std::function<bool(FileTime now)> progress = {};  // false ends the run at this checkpoint
  };
  // Goes on until the end, or until `until` when that is earlier.
  Result<RunTotals> run(const Options& options, FileTime until = kMaxFileTime);

 private:
  class Work;
  explicit Simulation(std::unique_ptr<Work> work);
  std::unique_ptr<Work> work_;
};

}  // namespace slwmi::world::simulation
