// A registry that lives in memory and goes with it: for tests, and for trying a change before it is
// made.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "registry/registry.hpp"

namespace slwmi::reg {

class MemoryStore final : public Store {
 public:
  using Observer = std::function<void(const ChangeSet&, Generation)>;

  explicit MemoryStore(HiveView view = {}) : view_(std::move(view)) {}

  Result<HiveView> view() override {
    const std::lock_guard lock(mutex_);
    return view_;
  }
  Result<Generation> commit(const ChangeSet& changes) override {
    const std::lock_guard lock(mutex_);
    if (changes.exclusive && written_ > changes.base)
      return fail(HResult::kErrorTransactionalConflict, "the registry was written meanwhile");
    view_ = view_.after(changes, view_.generation() + 1);
    if (!changes.ops.empty()) written_ = view_.generation();
    for (const Observer& observer : observers_) observer(changes, view_.generation());
    return view_.generation();
  }
  // Puts the machine under other layers, as a push does.
  Generation push(std::vector<LayerPtr> layers, FileTime now) {
    const std::lock_guard lock(mutex_);
    const Generation generation = view_.generation() + 1;
    view_ = view_.with_layers(LayerList::make(std::move(layers), generation, now), generation);
    return generation;
  }
  // Called after each commit, in its thread, and must not commit itself.
  void observe(Observer observer) { observers_.push_back(std::move(observer)); }

 private:
  std::mutex mutex_;
  HiveView view_;
  Generation written_ = 0;  // by the last commit of own values
  std::vector<Observer> observers_;
};

}  // namespace slwmi::reg
