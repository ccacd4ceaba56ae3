// Which machines a plan can treat as one.

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "policy/plan.hpp"

namespace slwmi::policy {
namespace {

// The values and keys that a list of layers says something about.
struct Touched {
  std::unordered_set<std::uint64_t> values;
  std::unordered_set<reg::KeyId> keys;
  std::vector<reg::KeyId> whole;  // keys that are taken away, or all of whose values are

  void add(const reg::Layer& layer) {
    for (const reg::Op& op : layer.ops()) {
      switch (op.kind) {
        case reg::OpKind::kSetValue:
        case reg::OpKind::kSoftSetValue:
        case reg::OpKind::kDeleteValue:
          values.insert(reg::pair_of(op.key, op.name()));
          keys.insert(op.key);
          break;
        case reg::OpKind::kDeleteKey:
        case reg::OpKind::kDeleteAllValues:
          whole.push_back(op.key);
          [[fallthrough]];
        case reg::OpKind::kCreateKey:
        case reg::OpKind::kSetSecurity:
        case reg::OpKind::kResetSecurity:
          keys.insert(op.key);
          break;
      }
    }
  }

  bool has(reg::KeyId key) const { return keys.contains(key) || in_whole(key); }
  bool has(reg::KeyId key, reg::NameId name) const {
    return values.contains(reg::pair_of(key, name)) || in_whole(key);
  }
  // Whether the deletion of `key` hides or uncovers something touched.
  bool below(reg::KeyId key) const {
    return std::any_of(keys.begin(), keys.end(),
                       [&](reg::KeyId touched) { return reg::is_within(touched, key); });
  }

 private:
  bool in_whole(reg::KeyId key) const {
    return std::any_of(whole.begin(), whole.end(),
                       [&](reg::KeyId top) { return reg::is_within(key, top); });
  }
};

// A number that is equal for own writes that agree wherever `touched` looks. What a generation says
// is only whether it is newer than the layers.
std::uint64_t digest(const reg::Overlay& own, const Touched& touched, reg::Generation stamp) {
  if (own.empty()) return 0;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < own.value_count(); ++i) {
    const reg::OwnValue value = own.value_at(i);
    if (!touched.has(value.key, value.name())) continue;
    std::uint64_t one = reg::pair_of(value.key, value.name());
    one = combine(one, (value.deleted ? 1u : 0u) | (value.written > stamp ? 2u : 0u));
    one = combine(one, static_cast<std::uint32_t>(value.type));
    sum += combine(one, hash64(value.data));
  }
  for (std::size_t i = 0; i < own.key_count(); ++i) {
    const reg::OwnKey key = own.key_at(i);
    if (key.created == 0 && key.deleted == 0 && key.secured == 0) continue;  // only a time
    const bool deletes = key.deleted != 0 && touched.below(key.key);
    if (!deletes && !touched.has(key.key)) continue;
    std::uint64_t one = combine(reg::number(key.key), reg::number(key.security));
    one = combine(one, (key.created != 0 ? 1u : 0u) | (key.deleted != 0 ? 2u : 0u) |
                           (key.deleted > stamp ? 4u : 0u) | (key.created > stamp ? 8u : 0u) |
                           (key.secured > stamp ? 16u : 0u));
    sum += mix64(one);
  }
  return sum;
}

struct GroupKey {
  const void* image = nullptr;
  const void* list = nullptr;
  std::uint64_t own = 0;
  std::string role;
  bool operator==(const GroupKey&) const = default;
};

struct GroupKeyHash {
  std::size_t operator()(const GroupKey& key) const {
    std::uint64_t hash = combine(reinterpret_cast<std::uintptr_t>(key.image),
                                 reinterpret_cast<std::uintptr_t>(key.list));
    hash = combine(hash, key.own);
    return combine(hash, hash64(key.role));
  }
};

}  // namespace

struct Grouping::Impl {
  reg::LayerPtr coming;
  std::vector<Group> groups;
  std::unordered_map<GroupKey, std::size_t, GroupKeyHash> index;
  std::unordered_map<const void*, Touched> touched;                         // by layer list
  std::unordered_map<std::uint64_t, std::vector<reg::LayerListPtr>> lists;  // kept alive

  // The first list that is equal to `list`: a world may make several.
  const reg::LayerList* canonical(const reg::LayerListPtr& list,
                                  std::span<const Applied> policies) {
    if (list == nullptr) return nullptr;
    std::uint64_t hash = list->generation();
    for (const Applied& policy : policies) hash = combine(hash, policy.hash.low);
    auto& known = lists[hash];
    for (const reg::LayerListPtr& other : known) {
      if (other == list) return other.get();
      if (other->generation() == list->generation() && other->layers() == list->layers()) {
        return other.get();
      }
    }
    known.push_back(list);
    return list.get();
  }

  const Touched& touched_by(const reg::LayerList* list) {
    const auto [it, fresh] = touched.try_emplace(list);
    if (fresh) {
      if (coming != nullptr) it->second.add(*coming);
      if (list != nullptr) {
        for (const reg::LayerPtr& layer : list->layers()) it->second.add(*layer);
      }
    }
    return it->second;
  }
};

Grouping::Grouping(reg::LayerPtr coming) : impl_(std::make_unique<Impl>()) {
  impl_->coming = std::move(coming);
}
Grouping::~Grouping() = default;
Grouping::Grouping(Grouping&&) noexcept = default;
Grouping& Grouping::operator=(Grouping&&) noexcept = default;

void Grouping::add(std::string machine, std::string_view role, const reg::HiveView& view,
                   std::span<const Applied> policies) {
  GroupKey key;
  key.image = view.image().get();
  const reg::LayerList* list = impl_->canonical(view.layers(), policies);
  key.list = list;
  if (!view.own().empty()) {
    key.own = digest(view.own(), impl_->touched_by(list), list == nullptr ? 0 : list->generation());
  }
  key.role = role;
  const auto [it, fresh] = impl_->index.try_emplace(std::move(key), impl_->groups.size());
  if (fresh) {
    Group group;
    group.role = role;
    group.view = view;
    group.policies.assign(policies.begin(), policies.end());
    impl_->groups.push_back(std::move(group));
  }
  impl_->groups[it->second].machines.push_back(std::move(machine));
}

std::vector<Group> Grouping::take() { return std::move(impl_->groups); }

}  // namespace slwmi::policy
