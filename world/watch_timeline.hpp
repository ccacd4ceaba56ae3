// What is known of a machine's past since somebody began to watch it: the states it was in and how
// long each lasted. This process's own commits are witnessed one by one; of other processes'
// commits the state after them is seen and the journal says when they were.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "base/datetime.hpp"
#include "base/result.hpp"
#include "world/machine_context.hpp"
#include "world/shared.hpp"
#include "world/store.hpp"
#include "world/watch_scene.hpp"

namespace slwmi::world {

// A state and how long it is known to have lasted. Between two may lie a time of which nothing is
// known.
struct Span {
  Picture picture;
  reg::Generation generation = 0;  // up to here it is known
  FileTime since, until;
  TickSpan set_back = {};  // the clock was set back by that much before it began,
  FileTime set_to = {};    // and to this time
  bool looked_at = false;
  bool timeless = true;  // when it was looked at, nobody asked for the time
};

// The moments at start + n * interval, n from 1: what polls are at.
struct PollTimes {
  FileTime start;
  std::uint64_t interval = 0;  // ticks; 0: none

  FileTime at(std::uint64_t n) const { return {start.ticks + n * interval}; }
  // The last n at `time` or before; 0 when there is none.
  std::uint64_t last_before(FileTime time) const {
    return time < start ? 0 : (time.ticks - start.ticks) / interval;
  }
};

// For one thread at a time; commits of other threads are taken as they come.
class Timeline final : Store::Witness, SchemaWitness {
 public:
  // From the present on.
  static Result<std::unique_ptr<Timeline>> make(WorldShared& world, MachineId machine);
  ~Timeline() override;

  // States that none of these moments falls into need not be kept.
  void set_polls(PollTimes polls);

  struct News {
    bool any = false;          // something was committed
    bool clock_moved = false;  // the last span ends at another time
  };
  // Adds what was committed since the last call; a nanosecond when nothing was.
  Result<News> follow();

  // At least one. The last is the present; the caller takes away what it has done with.
  std::deque<Span>& spans() { return spans_; }

 private:
  // A state that this process ended.
  struct Ended {
    reg::HiveView view;
    std::shared_ptr<const Definitions> definitions;  // where a change of them ended it
    FileTime until, clock;
  };
  struct Changes;

  Timeline(WorldShared& world) : world_(world) {}  // NOLINT(google-explicit-constructor): private
  void state_ends(const reg::HiveView& view, FileTime at, FileTime clock) override;
  void schema_ends(const std::shared_ptr<const Definitions>& before) override;
  void keep(Ended state);
  std::vector<Ended> take_ended(reg::Generation generation);
  Result<Picture> picture();
  Result<Changes> changes_between(reg::Generation known, reg::Generation upto, FileTime clock_now);
  Result<> absorb(Picture seen, FileTime now, FileTime clock_now);

  WorldShared& world_;
  std::unique_ptr<MachineContext> context_;
  std::uint64_t word_ = 0;  // of the state that the last span shows
  FileTime clock_;          // the world's then
  std::deque<Span> spans_;

  std::mutex lock_;  // of what lies below
  PollTimes polls_;
  std::vector<Ended> ended_;
};

}  // namespace slwmi::world
