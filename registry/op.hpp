// One change to a registry: the common word of images, policy layers and transactions. A list of
// them is applied in order; its compact byte form is what a build embeds for the images and a world
// file keeps for layers.
#pragma once

#include <cstdint>
#include <string_view>
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

// Appends kCreateKey for `base`\`components`, top down: setting a value in a key needs each key
// above it once.
KeyId append_create(std::vector<Op>& ops, KeyId base,
                    const std::vector<std::string_view>& components);

// The byte form: docs/formats.md, "operations". Equal lists have equal bytes in every process.
std::vector<std::byte> encode_ops(const std::vector<Op>& ops);
// ERROR_INVALID_DATA with the offset.
Result<std::vector<Op>> decode_ops(ByteSpan bytes);

}  // namespace slwmi::reg
