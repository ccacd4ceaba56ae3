#include "registry/image.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace slwmi::reg {

struct Image::Builder {
  struct Node {
    SpellingId spelling = SpellingId::kDefault;
    SecurityId security = SecurityId::kInherited;
    std::vector<Value> values;
    std::vector<KeyId> children;
  };
  std::unordered_map<KeyId, Node> nodes;

  Builder() {
    add_root(KeyId::kLocalMachine);
    add_root(KeyId::kUsers);
  }

  void add_root(KeyId key) {
    Node& node = nodes[key];
    node.spelling = static_cast<SpellingId>(number(name_of(key)));
    node.security = machine_default();
  }
  // The key, made with those above it when it is missing.
  Node& ensure(KeyId key) {
    const auto it = nodes.find(key);
    if (it != nodes.end()) return it->second;
    ensure(parent_of(key)).children.push_back(key);
    Node& node = nodes[key];
    node.spelling = static_cast<SpellingId>(number(name_of(key)));
    return node;
  }
  void create(const Op& op) {
    const bool made = !nodes.contains(op.key);
    Node& node = ensure(op.key);
    if (made) node.spelling = op.spelling;
    if (op.security != SecurityId::kInherited) node.security = op.security;
  }
  void set(const Op& op) {
    Node& node = ensure(op.key);
    const auto it = find_value(node, op.name());
    if (it == node.values.end()) {
      node.values.push_back({op.key, op.spelling, op.name(), op.value});
    } else if (op.kind == OpKind::kSetValue) {
      it->data = op.value;
    }
  }
  void remove_tree(KeyId key) {
    const auto it = nodes.find(key);
    if (it == nodes.end()) return;
    const std::vector<KeyId> children = it->second.children;
    for (const KeyId child : children) remove_tree(child);
    std::erase(nodes[parent_of(key)].children, key);
    nodes.erase(key);
  }
  void apply(const Op& op) {
    const auto node = nodes.find(op.key);
    switch (op.kind) {
      case OpKind::kCreateKey:
        return create(op);
      case OpKind::kSetValue:
      case OpKind::kSoftSetValue:
        return set(op);
      case OpKind::kDeleteKey:
        return remove_tree(op.key);
      case OpKind::kSetSecurity:
        ensure(op.key).security = op.security;
        return;
      case OpKind::kDeleteValue:
        if (node == nodes.end()) return;
        std::erase_if(node->second.values, [&](const Value& v) { return v.name == op.name(); });
        return;
      case OpKind::kDeleteAllValues:
        if (node != nodes.end()) node->second.values.clear();
        return;
      case OpKind::kResetSecurity:
        if (node != nodes.end()) node->second.security = machine_default();
        return;
    }
  }

  static std::vector<Value>::iterator find_value(Node& node, NameId name) {
    return std::find_if(node.values.begin(), node.values.end(),
                        [&](const Value& v) { return v.name == name; });
  }

  // Puts the nodes into the image, parents before children.
  void flatten(Image& image, KeyId key) {
    Node& node = nodes[key];
    Key row{key, node.spelling, node.security};
    row.first_value = static_cast<std::uint32_t>(image.values_.size());
    row.value_count = static_cast<std::uint32_t>(node.values.size());
    std::move(node.values.begin(), node.values.end(), std::back_inserter(image.values_));
    std::sort(node.children.begin(), node.children.end(),
              [](KeyId a, KeyId b) { return compare(name_of(a), name_of(b)) < 0; });
    row.first_child = static_cast<std::uint32_t>(image.children_.size());
    row.child_count = static_cast<std::uint32_t>(node.children.size());
    image.children_.insert(image.children_.end(), node.children.begin(), node.children.end());
    image.keys_.push_back(row);
    for (const KeyId child : node.children) flatten(image, child);
  }
};

std::shared_ptr<const Image> Image::make(std::span<const Op> ops, FileTime written) {
  Builder builder;
  for (const Op& op : ops) builder.apply(op);
  auto image = std::make_shared<Image>();
  image->written_ = written;
  builder.flatten(*image, KeyId::kLocalMachine);
  builder.flatten(*image, KeyId::kUsers);
  image->key_slots_.build(image->keys_.size(), [&](auto i) { return number(image->keys_[i].id); });
  image->value_slots_.build(image->values_.size(), [&](auto i) {
    return pair_of(image->values_[i].key, image->values_[i].name);
  });
  return image;
}

const Image::Key* Image::find(KeyId key) const {
  const auto row = key_slots_.find(number(key), [&](auto i) { return number(keys_[i].id); });
  return row < 0 ? nullptr : &keys_[static_cast<std::size_t>(row)];
}

const Image::Value* Image::find(KeyId key, NameId name) const {
  const auto row = value_slots_.find(
      pair_of(key, name), [&](auto i) { return pair_of(values_[i].key, values_[i].name); });
  return row < 0 ? nullptr : &values_[static_cast<std::size_t>(row)];
}

std::span<const KeyId> Image::children(const Key& key) const {
  return std::span(children_).subspan(key.first_child, key.child_count);
}

std::span<const Image::Value> Image::values(const Key& key) const {
  return std::span(values_).subspan(key.first_value, key.value_count);
}

}  // namespace slwmi::reg
