// A machine's own writes over its image: values, tombstones, created and deleted keys, descriptors
// and last-write times, each with the generation of its commit. Immutable; a commit makes the next
// one. All of it lies in one allocation in the order of lookup: a machine with one key of its own
// costs 120 bytes, the last-write time of the parent included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/datetime.hpp"
#include "registry/op.hpp"

namespace slwmi::reg {

struct OwnKey {
  KeyId parent = KeyId::kNone;
  KeyId key = KeyId::kNone;
  SpellingId spelling = SpellingId::kDefault;
  SecurityId security = SecurityId::kInherited;
  Generation created = 0;  // 0: not made here
  Generation deleted = 0;  // what lay here and below at this generation is gone; 0: nothing is
  Generation secured = 0;  // of `security`
  FileTime written = {};   // last write; zero: unknown here
};

struct OwnValue {
  KeyId key = KeyId::kNone;
  SpellingId spelling = SpellingId::kDefault;
  ValueType type = ValueType::kNone;
  bool deleted = false;        // a tombstone: no value, and none that lies below
  std::uint32_t sequence = 0;  // orders values born in one commit
  Generation written = 0;
  Generation born =
      0;  // when it came to be, for the order of listing; 0: it took the place of a value below
  ByteSpan data = {};  // lies in the overlay; up to 4 bytes inside its entry

  NameId name() const { return name_of(spelling); }
};

// What a commit did to an overlay, row by row, for a store that keeps the rows.
struct OwnDelta {
  std::vector<OwnKey> keys;         // new or changed
  std::vector<OwnValue> values;     // new or changed; data lies in the new overlay
  std::vector<KeyId> dropped_keys;  // rows to remove
  std::vector<std::pair<KeyId, NameId>> dropped_values;  // rows to remove
};

class Overlay {
 public:
  Overlay() = default;  // nothing written; costs nothing
  // From the rows of a store, in any order; their data is copied.
  Overlay(std::span<const OwnKey> keys, std::span<const OwnValue> values);
  Overlay(const Overlay& other) noexcept;
  Overlay(Overlay&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Overlay& operator=(Overlay other) noexcept;
  ~Overlay();

  bool empty() const { return block_ == nullptr; }
  // Whether both are one and the same, copied.
  bool is(const Overlay& other) const { return block_ == other.block_; }
  std::size_t key_count() const;
  std::size_t value_count() const;
  std::size_t memory() const;  // bytes allocated

  bool find(KeyId key, OwnKey& out) const;
  bool find(KeyId key, NameId name, OwnValue& out) const;
  OwnKey key_at(std::size_t index) const;                            // by (parent, key)
  OwnValue value_at(std::size_t index) const;                        // by (key, name)
  std::pair<std::size_t, std::size_t> children(KeyId parent) const;  // range of key_at
  std::pair<std::size_t, std::size_t> values(KeyId key) const;       // range of value_at
  // The newest deletion of `key` or a key above it; 0 when there is none.
  Generation barrier(KeyId key) const;

 private:
  struct Block;
  Block* block_ = nullptr;
};

}  // namespace slwmi::reg
