// Policy layers: immutable sets of registry settings, shared by every machine that resolves to the
// same list. A list is compiled once into what it does to each key and value, so that a machine's
// lookup asks one table however many policies there are. What depends on the registry below
// (**soft.) stays a question that the lookup answers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/datetime.hpp"
#include "registry/op.hpp"
#include "registry/slots.hpp"

namespace slwmi::reg {

class Layer {
 public:
  explicit Layer(std::vector<Op> ops) : ops_(std::move(ops)) {}
  const std::vector<Op>& ops() const { return ops_; }

 private:
  std::vector<Op> ops_;
};
using LayerPtr = std::shared_ptr<const Layer>;

class LayerTable;  // what a list of layers does, compiled

// The layers of a machine in order of application, stamped with the generation of the push that put
// them there. All of them count as written at that generation: they hide older own writes and are
// hidden by newer ones.
class LayerList {
 public:
  static std::shared_ptr<const LayerList> make(std::vector<LayerPtr> layers, Generation generation,
                                               FileTime applied);
  // The same layers pushed again: shares the compiled table.
  std::shared_ptr<const LayerList> restamped(Generation generation, FileTime applied) const;

  const std::vector<LayerPtr>& layers() const { return layers_; }
  Generation generation() const { return generation_; }
  FileTime applied() const { return applied_; }
  const LayerTable& table() const { return *table_; }

 private:
  std::vector<LayerPtr> layers_;
  std::shared_ptr<const LayerTable> table_;
  Generation generation_ = 0;
  FileTime applied_ = {};
};
using LayerListPtr = std::shared_ptr<const LayerList>;

class LayerTable {
 public:
  enum class Effect : std::uint8_t { kSet, kSoft, kDelete };
  struct Value {
    KeyId key = KeyId::kNone;
    NameId name = NameId::kDefault;
    SpellingId spelling = SpellingId::kDefault;
    Effect effect = Effect::kSet;
    std::uint32_t layer = 0;  // index of the layer that has the last word
    ValueData data = {};
  };
  struct Key {
    KeyId id = KeyId::kNone;
    SpellingId spelling = SpellingId::kDefault;
    SecurityId security = SecurityId::kInherited;
    bool created = false;                    // exists once the layers are applied
    bool deleted = false;                    // what lay here and below before is gone
    bool values_deleted = false;             // what values lay here before are gone
    bool security_of_root = false;           // **SecureKey other than 1
    std::vector<std::uint32_t> values = {};  // indexes of kSet and kSoft, in order of their making
    std::vector<KeyId> children = {};        // created ones, in no order
  };

  explicit LayerTable(std::span<const LayerPtr> layers);

  const Value* find(KeyId key, NameId name) const;
  const Key* find(KeyId key) const;
  const Value& value(std::uint32_t index) const { return values_[index]; }
  std::span<const Value> values() const { return values_; }
  std::span<const Key> keys() const { return keys_; }
  // Whether what lay below is hidden: the key itself, or its values.
  bool hides_key(KeyId key) const;
  bool hides_values(KeyId key) const;

 private:
  struct Compiler;
  std::vector<Value> values_;
  std::vector<Key> keys_;
  Slots value_slots_, key_slots_;
  bool any_deleted_key_ = false;
};

}  // namespace slwmi::reg
