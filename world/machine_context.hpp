// One machine brought to life for a session: its facts, registry, clock and network as the
// providers want them, kept up to date with what any process commits.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "base/function_ref.hpp"
#include "provider/host.hpp"
#include "schema/repository.hpp"
#include "world/batch.hpp"
#include "world/event_logs.hpp"
#include "world/shared.hpp"
#include "world/store.hpp"

namespace slwmi::licensing {
class Service;
}

namespace slwmi::world {

// What a machine is by its row; its clock is right. `world_seed` is that of its world.
licensing::MachineFacts facts_of(const MachineInfo& info, std::uint64_t world_seed);

class MachineContext {
 public:
  static Result<std::unique_ptr<MachineContext>> make(WorldShared& world, MachineId id);
  // One whose writes go into the batch of somebody else's call, which must outlive it.
  static Result<std::unique_ptr<MachineContext>> make(WorldShared& world, MachineId id,
                                                      Batch& batch);

  const licensing::Host& host() const { return host_; }
  const Clock& clock() const { return clock_; }
  const cim::Version& version() const { return version_; }
  const cim::RepositoryPtr& repository() const { return definitions_->schema; }
  const std::shared_ptr<reg::Store>& registry() const { return registry_; }
  const std::shared_ptr<const Definitions>& definitions() const { return definitions_; }
  WorldShared& world() const { return world_; }
  MachineId id() const { return id_; }
  std::uint64_t word() const { return word_; }  // of the state that refresh() found

  // Follows what was committed since the last call; a nanosecond when nothing was. True when the
  // classes or the machine's profile changed, so that what was derived from them is stale.
  Result<bool> refresh();

  // Runs a call of this machine's services and commits what it wrote anywhere, as one. When that is
  // refused because somebody else wrote in between, the call runs once more, undisturbed; so it
  // begins with a refresh. What a failed call committed before it failed lasts, too.
  template <class Call>
  auto run(Call call) -> decltype(call());

  // Changes the users' classes of the world.
  Result<> change_schema(const std::function<Result<>(cim::Repository&)>& change);

 private:
  struct SeenClock final : Clock {
    FileTime time;
    FileTime now() const override { return time; }
  };

  MachineContext(WorldShared& world, MachineId id, Batch* batch)
      : world_(world),
        id_(id),
        own_batch_(batch == nullptr ? std::make_unique<Batch>(world.store()) : nullptr),
        batch_(batch == nullptr ? own_batch_.get() : batch),
        registry_(batch_->machine(id)) {}
  Result<> load(const MachineInfo& info);
  Result<> read_clock();

  WorldShared& world_;
  MachineId id_;
  std::unique_ptr<Batch> own_batch_;
  Batch* batch_;
  std::shared_ptr<reg::Store> registry_;
  std::uint64_t word_ = 0;
  bool loaded_ = false;
  MachineInfo info_;  // that was loaded
  std::shared_ptr<const Definitions> definitions_;
  cim::Version version_;
  SeenClock clock_;
  licensing::Host host_;
  std::unique_ptr<licensing::Network> network_;
  std::unique_ptr<EventLogs> events_;
};

// A call of the machine's licensing service that no session makes.
Result<> serve(WorldShared& world, MachineId id, FunctionRef<Result<>(licensing::Service&)> call);

template <class Call>
auto MachineContext::run(Call call) -> decltype(call()) {
  return without_conflict(world_.store(), [&]() -> decltype(call()) {
    auto out = call();
    if (!out && out.error().code == HResult::kErrorTransactionalConflict) {
      batch_->discard();
      return out;
    }
    SL_CHECK(batch_->commit());
    return out;
  });
}

}  // namespace slwmi::world
