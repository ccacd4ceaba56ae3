// One change to a registry: the common word of images, policy layers and transactions. A list of
// them is applied in order; its compact byte form is what a build embeds for the images and a world
// file keeps for layers.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "registry/names.hpp"
#include "registry/security.hpp"
#include "registry/value.hpp"

namespace slwmi::reg {

// The number of a commit in a world; 0 is before the first.
using Generation = std::uint64_t;

enum class OpKind : std::uint8_t {
  kCreateKey = 0,  // spelling: of the key's last component; security may be given
  kSetValue = 1,   // spelling: of the value's name
  kDeleteValue = 2,
  kDeleteKey = 3,  // with all below it
  kSetSecurity = 4,
  kDeleteAllValues = 5,  // layers and images only, as those below
  kSoftSetValue = 6,     // only where no such value is
  kResetSecurity = 7,    // to the descriptor of the hive's root
};

struct Op {
  OpKind kind = OpKind::kSetValue;
  SecurityId security = SecurityId::kInherited;
  KeyId key = KeyId::kNone;
  SpellingId spelling = SpellingId::kDefault;
  ValueData value = {};

  NameId name() const { return name_of(spelling); }
  bool operator==(const Op&) const = default;
};

// Makes lists of operations. A key is made, with each key above it, before the first value is set
// in it.
class OpBuilder {
 public:
  KeyId create_key(KeyId base, const std::vector<std::string_view>& components);
  void set_value(KeyId key, SpellingId name, ValueData value);
  void soft_set_value(KeyId key, SpellingId name, ValueData value);
  void delete_value(KeyId key, SpellingId name);
  void delete_all_values(KeyId key);
  void delete_key(KeyId key);
  void set_security(KeyId key, SecurityId security);
  void reset_security(KeyId key);

  const std::vector<Op>& ops() const { return ops_; }
  std::vector<Op> take() { return std::move(ops_); }

 private:
  std::vector<Op> ops_;
  std::unordered_set<KeyId> made_;
};

// The byte form: docs/formats.md, "operations". Equal lists have equal bytes in every process.
std::vector<std::byte> encode_ops(const std::vector<Op>& ops);
// ERROR_INVALID_DATA with the offset.
Result<std::vector<Op>> decode_ops(ByteSpan bytes);

}  // namespace slwmi::reg
