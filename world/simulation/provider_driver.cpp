#include "world/simulation/provider_driver.hpp"

#include <algorithm>
#include <set>

#include "world/net/compiled.hpp"
#include "world/simulation/own_acts.hpp"

namespace slwmi::world::simulation {
namespace {

using licensing::Minute;
using licensing::minute_of;
using licensing::time_of;

class Run {
 public:
  explicit Run(WorldShared& world) : world_(world) {}

  Result<> to(FileTime until) {
    SL_TRY(now_, world_.store().now());
    SL_CHECK(plan_all());
    SL_TRY(const std::shared_ptr<const net::CompiledNetwork> network, world_.network());
    for (const FileTime turn : network->clock_turns()) {
      if (turn <= now_ || turn > until) continue;
      SL_CHECK(to_minute(minute_of(FileTime{turn.ticks - 1})));
      SL_CHECK(set_clock(turn));
      SL_CHECK(plan_all());
    }
    SL_CHECK(to_minute(minute_of(until)));
    return set_clock(until);
  }

 private:
  Result<> set_clock(FileTime time) {
    now_ = time;
    return world_.store().set_now(time);
  }

  Result<> plan_all() {
    due_.clear();
    SL_TRY(const std::shared_ptr<const MachineColumns> machines, world_.store().all_machines());
    for (const MachineId id : machines->id) {
      SL_TRY(const std::unique_ptr<MachineContext> context, MachineContext::make(world_, id));
      SL_CHECK(notice_damage(*context));
      SL_CHECK(plan(*context, minute_of(now_)));
    }
    return {};
  }

  Result<> plan(MachineContext& context, Minute earliest) {
    SL_TRY(const std::optional<OwnAct> next, next_act(context, now_, earliest));
    if (next) due_.insert(*next);
    return {};
  }

  Result<> to_minute(Minute last) {
    const FileTime from = now_;
    while (!due_.empty() && due_.begin()->minute <= last) {
      const OwnAct due = *due_.begin();
      due_.erase(due_.begin());
      const FileTime time = std::max(time_of(due.minute), from);
      if (time != now_) SL_CHECK(set_clock(time));
      SL_TRY(const std::unique_ptr<MachineContext> context,
             MachineContext::make(world_, due.machine));
      SL_CHECK(act(*context));
      SL_CHECK(plan(*context, due.minute + 1));
    }
    return {};
  }

  WorldShared& world_;
  FileTime now_;
  std::set<OwnAct> due_;
};

}  // namespace

Result<> run_by_provider(WorldShared& world, FileTime until) { return Run(world).to(until); }

}  // namespace slwmi::world::simulation
