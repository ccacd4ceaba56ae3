#include "world/batch.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace slwmi::world {

class Batch::Pending final : public reg::Store {
 public:
  Pending(world::Store& store, MachineId id) : stored_(store, id) {}

  Result<reg::HiveView> view() override {
    if (!changed_) return stored_.view();
    if (!view_) view_ = stored_view_.after(changes_, generation_);
    return *view_;
  }

  // The generations of the batch's views follow that of the stored one, a commit each.
  Result<reg::Generation> commit(const reg::ChangeSet& changes) override {
    if (!changed_) {
      SL_TRY(stored_view_, stored_.view());
      generation_ = stored_view_.generation();
      changes_.base = changes.exclusive ? std::min(generation_, changes.base) : generation_;
      changed_ = true;
      changes_.draft = changes.draft;
    } else if (changes.exclusive && changes.base < generation_) {
      return fail(HResult::kErrorTransactionalConflict,
                  "the machine was written meanwhile in the same call");
    } else {
      changes_.draft = nullptr;  // it is of the first of them only
    }
    changes_.ops.insert(changes_.ops.end(), changes.ops.begin(), changes.ops.end());
    changes_.events.insert(changes_.events.end(), changes.events.begin(), changes.events.end());
    changes_.now = changes.now;
    changes_.exclusive |= changes.exclusive;
    view_.reset();
    return ++generation_;
  }

  bool changed() const { return changed_; }
  reg::ChangeSet take() {
    changed_ = false;
    view_.reset();
    stored_view_ = {};
    return std::exchange(changes_, {});
  }

 private:
  MachineStore stored_;
  bool changed_ = false;
  reg::ChangeSet changes_;
  reg::HiveView stored_view_;          // what they follow
  reg::Generation generation_ = 0;     // after them
  std::optional<reg::HiveView> view_;  // with them in, once it is asked for
};

std::shared_ptr<reg::Store> Batch::machine(MachineId id) {
  std::shared_ptr<Pending>& out = machines_[id];
  if (out == nullptr) out = std::make_shared<Pending>(store_, id);
  return out;
}

Result<Bytes> Batch::blob(std::string_view name) {
  if (const auto known = blobs_.find(name); known != blobs_.end()) return known->second.after;
  SL_TRY(std::optional<Bytes> stored, store_.blob(name));
  return std::move(stored).value_or(Bytes());
}

Result<> Batch::update_blob(std::string_view name, JournalKind kind,
                            const std::function<Result<Bytes>(ByteSpan)>& change) {
  SL_TRY(Bytes before, blob(name));
  SL_TRY(Bytes after, change(before));
  auto [entry, first] = blobs_.try_emplace(std::string(name));
  if (first) entry->second.before = std::move(before);
  entry->second.after = std::move(after);
  entry->second.kind = entry->second.kind | kind;
  return {};
}

bool Batch::empty() const {
  return blobs_.empty() && std::none_of(machines_.begin(), machines_.end(),
                                        [](const auto& entry) { return entry.second->changed(); });
}

void Batch::discard() {
  for (auto& [id, pending] : machines_) pending->take();
  blobs_.clear();
}

Result<reg::Generation> Batch::commit() {
  std::vector<MachineChanges> machines;
  for (auto& [id, pending] : machines_) {
    if (pending->changed()) machines.push_back({id, pending->take()});
  }
  const auto held = std::exchange(blobs_, {});
  std::vector<NamedBlob> blobs;
  blobs.reserve(held.size());
  for (const auto& [name, blob] : held) blobs.push_back({name, blob.after, blob.kind, blob.before});
  return store_.commit({.machines = machines, .blobs = blobs});
}

}  // namespace slwmi::world
