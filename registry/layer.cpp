#include "registry/layer.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace slwmi::reg {

std::shared_ptr<const LayerList> LayerList::make(std::vector<LayerPtr> layers,
                                                 Generation generation, FileTime applied) {
  auto list = std::make_shared<LayerList>();
  list->table_ = std::make_shared<const LayerTable>(layers);
  list->layers_ = std::move(layers);
  list->generation_ = generation;
  list->applied_ = applied;
  return list;
}

std::shared_ptr<const LayerList> LayerList::restamped(Generation generation,
                                                      FileTime applied) const {
  auto list = std::make_shared<LayerList>(*this);
  list->generation_ = generation;
  list->applied_ = applied;
  return list;
}

// Runs the operations of all layers in order over a registry that it does not know. What it learns
// of a value is one of: unknown (no entry), set, absent, or set only if the registry below has
// none. Taking away costs one entry, however much it takes: what was learned before it counts as
// unknown from then on, and is dropped at the end.
struct LayerTable::Compiler {
  template <class T>
  struct Learned {
    T what = {};
    std::uint64_t at = 0;  // the operation that said so first
  };
  std::unordered_map<KeyId, Learned<Key>> keys;
  std::unordered_map<std::uint64_t, Learned<Value>> values;
  std::unordered_map<KeyId, std::uint64_t> deleted_keys, deleted_values;  // when last
  std::vector<std::uint64_t> order;  // of first setting; may name values that are gone
  std::uint32_t layer = 0;
  std::uint64_t now = 0;  // the operation that runs

  // When the key, or its values, were taken away last; 0: never.
  std::uint64_t key_deleted(KeyId id) const {
    std::uint64_t last = 0;
    if (deleted_keys.empty()) return last;
    for (; id != KeyId::kNone; id = parent_of(id)) {
      const auto it = deleted_keys.find(id);
      if (it != deleted_keys.end()) last = std::max(last, it->second);
    }
    return last;
  }
  std::uint64_t values_deleted(KeyId id) const {
    const auto it = deleted_values.find(id);
    return std::max(key_deleted(id), it == deleted_values.end() ? 0 : it->second);
  }

  Key& key(KeyId id) {
    auto& [key, at] = keys[id];
    if (at == 0 || at < key_deleted(id)) {
      key = {.id = id};
      at = now;
    }
    return key;
  }
  void create(KeyId id, SpellingId spelling) {
    Key& made = key(id);
    if (!made.created) {
      made.created = true;
      made.spelling = spelling;
    }
    const KeyId parent = parent_of(id);
    if (parent_of(parent) == KeyId::kNone) {
      key(parent);  // HKLM and HKU are there; the entry lists what is made below
    } else if (!key(parent).created) {
      create(parent, static_cast<SpellingId>(number(name_of(parent))));
    }
  }

  // What is known of a value; nullptr where nothing is.
  Value* find(std::uint64_t pair, KeyId in) {
    const auto it = values.find(pair);
    return it != values.end() && it->second.at > values_deleted(in) ? &it->second.what : nullptr;
  }
  void put(const Op& op, Effect effect) {
    const std::uint64_t pair = pair_of(op.key, op.name());
    const Value* const known = find(pair, op.key);
    const bool was_set = known != nullptr && known->effect != Effect::kDelete;
    auto& [value, at] = values[pair];
    if (known == nullptr) at = now;
    if (!was_set) value.spelling = op.spelling;
    value.key = op.key;
    value.name = op.name();
    value.effect = effect;
    value.layer = layer;
    value.data = op.value;
    if (effect != Effect::kDelete && !was_set) order.push_back(pair);
  }
  void soft_set(const Op& op) {
    const Value* const known = find(pair_of(op.key, op.name()), op.key);
    if (known == nullptr) {
      put(op, values_deleted(op.key) != 0 ? Effect::kSet : Effect::kSoft);
    } else if (known->effect == Effect::kDelete) {
      put(op, Effect::kSet);
    }  // set already, by a layer or by what lies below
  }
  void delete_all_values(KeyId id) {
    key(id).values_deleted = true;
    deleted_values[id] = now;
  }
  void delete_key(KeyId id) {
    deleted_keys[id] = now;
    key(id).deleted = true;
  }

  void drop_what_was_deleted() {
    std::erase_if(keys,
                  [&](const auto& entry) { return entry.second.at < key_deleted(entry.first); });
    std::erase_if(values, [&](const auto& entry) {
      return entry.second.at < values_deleted(entry.second.what.key);
    });
  }

  void apply(const Op& op) {
    ++now;
    switch (op.kind) {
      case OpKind::kCreateKey:
        create(op.key, op.spelling);
        if (op.security != SecurityId::kInherited) key(op.key).security = op.security;
        return;
      case OpKind::kSetValue:
        create(op.key, static_cast<SpellingId>(number(name_of(op.key))));
        return put(op, Effect::kSet);
      case OpKind::kSoftSetValue:
        create(op.key, static_cast<SpellingId>(number(name_of(op.key))));
        return soft_set(op);
      case OpKind::kDeleteValue:
        return put(op, Effect::kDelete);
      case OpKind::kDeleteAllValues:
        return delete_all_values(op.key);
      case OpKind::kDeleteKey:
        return delete_key(op.key);
      case OpKind::kSetSecurity:
        key(op.key).security = op.security;
        key(op.key).security_of_root = false;
        return;
      case OpKind::kResetSecurity:
        key(op.key).security = SecurityId::kInherited;
        key(op.key).security_of_root = true;
        return;
    }
  }
};

LayerTable::LayerTable(std::span<const LayerPtr> layers) {
  Compiler compiler;
  for (const LayerPtr& layer : layers) {
    for (const Op& op : layer->ops()) compiler.apply(op);
    ++compiler.layer;
  }
  compiler.drop_what_was_deleted();
  // The last time that a value was put into the order is the one that holds.
  std::unordered_map<std::uint64_t, std::size_t> last;
  for (std::size_t i = 0; i < compiler.order.size(); ++i) last[compiler.order[i]] = i;
  for (std::size_t i = 0; i < compiler.order.size(); ++i) {
    const auto it = compiler.values.find(compiler.order[i]);
    if (it == compiler.values.end() || last[compiler.order[i]] != i) continue;
    if (it->second.what.effect == Effect::kDelete) continue;
    compiler.key(it->second.what.key).values.push_back(static_cast<std::uint32_t>(values_.size()));
    values_.push_back(std::move(it->second.what));
    compiler.values.erase(it);
  }
  for (auto& [pair, value] : compiler.values) values_.push_back(std::move(value.what));
  for (const auto& [id, key] : compiler.keys) {
    if (key.what.created) compiler.keys.at(parent_of(id)).what.children.push_back(id);
  }
  for (auto& [id, key] : compiler.keys) {
    any_deleted_key_ = any_deleted_key_ || key.what.deleted;
    keys_.push_back(std::move(key.what));
  }
  value_slots_.build(values_.size(),
                     [&](auto i) { return pair_of(values_[i].key, values_[i].name); });
  key_slots_.build(keys_.size(), [&](auto i) { return number(keys_[i].id); });
}

const LayerTable::Value* LayerTable::find(KeyId key, NameId name) const {
  const auto row = value_slots_.find(
      pair_of(key, name), [&](auto i) { return pair_of(values_[i].key, values_[i].name); });
  return row < 0 ? nullptr : &values_[static_cast<std::size_t>(row)];
}

const LayerTable::Key* LayerTable::find(KeyId key) const {
  const auto row = key_slots_.find(number(key), [&](auto i) { return number(keys_[i].id); });
  return row < 0 ? nullptr : &keys_[static_cast<std::size_t>(row)];
}

bool LayerTable::hides_key(KeyId key) const {
  if (!any_deleted_key_) return false;
  for (; key != KeyId::kNone; key = parent_of(key)) {
    const Key* above = find(key);
    if (above != nullptr && above->deleted) return true;
  }
  return false;
}

bool LayerTable::hides_values(KeyId key) const {
  const Key* own = find(key);
  return (own != nullptr && own->values_deleted) || hides_key(key);
}

}  // namespace slwmi::reg
