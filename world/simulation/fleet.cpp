#include "world/simulation/fleet.hpp"

#include <algorithm>
#include <atomic>

#include "base/text.hpp"
#include "world/simulation/fleet_loader.hpp"

namespace slwmi::world::simulation {
namespace {

// What a commit may change without changing a machine's record or what lies behind it.
constexpr JournalKind kHarmless =
    JournalKind::kClock | JournalKind::kEvents | JournalKind::kLedger | JournalKind::kBlob;

std::uint64_t next_epoch() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

Fleet::Fleet(WorldShared& world)
    : world_(world), epoch_(next_epoch()), seed_(world.store().seed()) {
  servers_.push_back(std::make_unique<Server>());
  pids_.emplace_back();
}

Fleet::~Fleet() = default;

Result<std::unique_ptr<Fleet>> Fleet::load(WorldShared& world) {
  std::unique_ptr<Fleet> out(new Fleet(world));
  SL_CHECK(FleetLoader(*out).all());
  return out;
}

Result<> Fleet::follow(WorldShared& shared, std::unique_ptr<Fleet>& fleet) {
  constexpr std::size_t kMost = 256;
  if (fleet != nullptr) {
    Store& store = shared.store();
    SL_TRY(const reg::Generation generation, store.generation());
    if (generation == fleet->generation_) return {};
    SL_TRY(const std::vector<JournalEntry> journal, store.journal(fleet->generation_, kMost));
    std::vector<MachineId> changed;
    bool some = !journal.empty() && journal.front().generation == fleet->generation_ + 1 &&
                journal.back().generation == generation;
    for (const JournalEntry& entry : journal) {
      some = some && without(entry.kind, kHarmless | JournalKind::kRegistry) == JournalKind::kNone;
      if (!world::has(entry.kind, JournalKind::kRegistry)) continue;
      some = some && (entry.machine != 0 || !entry.machines.empty());
      changed.insert(changed.end(), entry.machines.begin(), entry.machines.end());
      if (entry.machine != 0) changed.push_back(entry.machine);
    }
    if (some) return FleetLoader(*fleet).some(changed, generation);
  }
  SL_TRY(fleet, load(shared));
  return {};
}

std::optional<std::uint32_t> Fleet::index_of(MachineId id) const {
  const std::vector<MachineId>& ids = columns_->id;
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  if (at == ids.end() || *at != id) return std::nullopt;
  return static_cast<std::uint32_t>(at - ids.begin());
}

void Fleet::change(std::uint32_t machine, const licensing::License& license) {
  machines_[machine].license = license;
  marks_[machine] |= kDirty | kMoved;
}

Result<std::vector<std::uint32_t>> Fleet::kms_hosts() {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < size(); ++i) {
    const Packed& packed = machines_[i];
    if (kinds_[packed.kind].facts.policy.channel != licensing::Channel::kKmsHost ||
        !packed.license.has(licensing::LicenseFlag::kHasKey))
      continue;
    SL_TRY(out.emplace_back(), FleetLoader(*this).host(i));
  }
  return out;
}

}  // namespace slwmi::world::simulation
