// The one place where time passes: what is due in a world happens, in the order of time and of the
// machines' numbers, until a time is reached. However the way is cut into steps and checkpoints,
// and whichever driver goes it, the world that comes out is the same.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "world/shared.hpp"
#include "world/simulation/fleet_driver.hpp"

namespace slwmi::world::simulation {

enum class Driver : std::uint8_t {
  kFleet,     // on packed records
  kProvider,  // each machine's services, one call after the other: the reference, slow
};

// Where the run stops for a moment, at the times that it names.
class Stops {
 public:
  Stops() = default;
  Stops(const Stops&) = delete;
  Stops& operator=(const Stops&) = delete;
  virtual ~Stops() = default;
  // The first stop after `now`; kMaxFileTime when there is none.
  virtual FileTime next(FileTime now) = 0;
  // Everything up to `now` has happened.
  virtual Result<> reached(Fleet& fleet, FileTime now) = 0;
};

struct RunOptions {
  Driver driver = Driver::kFleet;
  // Simulated minutes from one durable state to the next, so that a run that is killed goes on from
  // there; 0: only when 128 MiB of events wait, and at the end.
  std::uint64_t checkpoint = 0;
  Observer* observer = nullptr;  // of the fleet driver
  Stops* stops = nullptr;
  // Named bytes that are to be durable with each checkpoint.
  std::function<std::vector<std::pair<std::string, Bytes>>()> blobs = {};
  // Told after each checkpoint; false ends the run there, with success.
  std::function<bool(FileTime now)> progress = {};
};

struct RunTotals {
  FileTime now = {};
  std::uint64_t attempts = 0;  // of the fleet driver
  std::uint64_t checkpoints = 0;
  bool stopped = false;  // by `progress`
};

// Lets time pass until `until`; nothing happens when it is not after the world's time. What was
// reached by the last checkpoint stays when the run fails.
Result<RunTotals> run(WorldShared& world, FileTime until, const RunOptions& options = {});

}  // namespace slwmi::world::simulation
