#include "provider/activation_service.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"

namespace slwmi::licensing {
namespace {

// The byte of a key's marks: bit 0 blocked, bit 1 non-genuine, bit 2 without grace, from bit 3 on
// any other state.
constexpr std::uint8_t kBlockedBit = 1;
constexpr std::uint8_t kNonGenuineBit = 2;
constexpr std::uint8_t kNoGraceBit = 4;
constexpr unsigned kStateShift = 3;

constexpr KeyStateInfo kStates[] = {
    {KeyState::kAccepted, "accepted", HResult::kSOk, "activates within its limit"},
    {KeyState::kBlocked, "blocked", HResult::kSlEChpaProductKeyBlocked, "is blocked for good"},
    {KeyState::kInvalid, "invalid", HResult::kSlEChpaProductKeyOutOfRange, "was never issued"},
    {KeyState::kUnsupported, "unsupported", HResult::kSlESrvGeneralError,
     "is of a kind that the service does not activate"},
    {KeyState::kDynamicallyBlocked, "dynamically-blocked",
     HResult::kSlEChpaDynamicallyBlockedProductKey, "is blocked for the time being"},
    {KeyState::kBlockedHere, "blocked-here", HResult::kSlEChpaProductKeyBlockedIplocation,
     "is blocked in this part of the world"},
};

std::uint8_t marks_of(const KeyLedger& key) {
  const unsigned state = static_cast<unsigned>(key.state);
  return static_cast<std::uint8_t>(
      (key.state == KeyState::kBlocked ? kBlockedBit : state << kStateShift) |
      (key.non_genuine ? kNonGenuineBit : 0u) | (key.no_grace ? kNoGraceBit : 0u));
}

// False for a byte that marks_of does not give.
bool read_marks(std::uint8_t marks, KeyLedger& key) {
  const unsigned state = (marks & kBlockedBit) != 0 ? 1u : marks >> kStateShift;
  if (state >= std::size(kStates)) return false;
  key.state = static_cast<KeyState>(state);
  key.non_genuine = (marks & kNonGenuineBit) != 0;
  key.no_grace = (marks & kNoGraceBit) != 0;
  return marks_of(key) == marks;
}

std::uint64_t limit_of(const Product& product, std::uint32_t extension) {
  if (product.channel == Channel::kKmsHost)
    return (kKmsHostsPerKey + std::uint64_t{extension}) * product.activation_limit;
  return std::uint64_t{product.activation_limit} + extension;
}

Result<> activate_kms_host(KeyLedger& key, const Product& product, std::uint64_t hardware) {
  const auto found = key.activations.find(hardware);
  const std::uint32_t used = found == key.activations.end() ? 0 : found->second;
  const std::size_t hosts = kKmsHostsPerKey + std::size_t{key.extension};
  if (used >= product.activation_limit ||
      (found == key.activations.end() && key.activations.size() >= hosts))
    return fail(HResult::kSlEChpaMaximumUnlockExceeded,
                "the KMS key has been used as often as it may be");
  key.activations[hardware] = used + 1;
  return {};
}

}  // namespace

std::span<const KeyStateInfo> key_states() { return kStates; }

const KeyStateInfo& info_of(KeyState state) { return kStates[static_cast<std::size_t>(state)]; }

Result<KeyState> parse_key_state(std::string_view name) {
  std::string names;
  for (const KeyStateInfo& info : kStates) {
    if (equal_ignore_case(info.name, name)) return info.state;
    names += (names.empty() ? "" : ", ") + std::string(info.name);
  }
  return fail(HResult::kEInvalidarg,
              "\"" + std::string(name) + "\" is no state of a key; there are " + names);
}

std::uint32_t KeyLedger::total() const {
  std::uint32_t sum = 0;
  for (const auto& [hardware, count] : activations) sum += count;
  return sum;
}

Bytes encode(const ActivationLedger& ledger) {
  ByteWriter out;
  out.u32(static_cast<std::uint32_t>(ledger.keys.size()));
  for (const auto& [id, key] : ledger.keys) {
    out.u16(id.first);
    out.u32(id.second);
    out.u8(marks_of(key));
    out.u32(key.extension);
    out.u32(static_cast<std::uint32_t>(key.activations.size()));
    for (const auto& [hardware, count] : key.activations) {
      out.u64(hardware);
      out.u32(count);
    }
  }
  return out.take();
}

Result<ActivationLedger> decode_ledger(ByteSpan bytes) {
  ActivationLedger ledger;
  if (bytes.empty()) return ledger;
  ByteReader in(bytes);
  const std::uint32_t keys = in.u32();
  for (std::uint32_t i = 0; i < keys && in.ok(); ++i) {
    const std::uint16_t group = in.u16();
    const std::uint32_t serial = in.u32();
    KeyLedger& key = ledger.keys[{group, serial}];
    const std::size_t marks_at = in.position();
    if (!read_marks(in.u8(), key) && in.ok())
      return fail(HResult::kErrorInvalidData, "a key of the activation ledger has an unknown state",
                  SourcePos{marks_at, 0, 0});
    key.extension = in.u32();
    const std::uint32_t activations = in.u32();
    for (std::uint32_t j = 0; j < activations && in.ok(); ++j) {
      const std::uint64_t hardware = in.u64();
      key.activations[hardware] = in.u32();
    }
  }
  if (!in.ok() || !in.at_end())
    return fail(HResult::kErrorInvalidData, "the activation ledger is cut short or too long",
                SourcePos{in.position(), 0, 0});
  return ledger;
}

Result<> activate(ActivationLedger& ledger, const Product& product, ProductKey key,
                  std::uint64_t hardware) {
  if (product.channel == Channel::kKmsClient || product.channel == Channel::kOemSlp)
    return fail(HResult::kSlEChpaUnsupportedProductKey,
                "keys of this channel are not activated by the service");
  const auto id = std::make_pair(key.group, key.serial);
  const auto found = ledger.keys.find(id);
  KeyLedger entry = found == ledger.keys.end() ? KeyLedger{} : found->second;
  if (const KeyStateInfo& state = info_of(entry.state); state.code != HResult::kSOk)
    return fail(state.code, "the key " + std::string(state.help));
  if (entry.non_genuine)
    return fail(HResult::kSlEChpaProductKeyBlocked, "the key was marked non-genuine");
  if (product.channel == Channel::kKmsHost) {
    SL_CHECK(activate_kms_host(entry, product, hardware));
  } else if (entry.activations.count(hardware) == 0) {
    if (entry.total() >= limit_of(product, entry.extension)) {
      const HResult code = product.channel != Channel::kMak ? HResult::kSlEChpaMaximumUnlockExceeded
                           : entry.extension == 0           ? HResult::kSlEChpaDmakLimitExceeded
                                                  : HResult::kSlEChpaDmakExtensionLimitExceeded;
      return fail(code, "the key has no activations left");
    }
    entry.activations[hardware] = 1;
  }
  ledger.keys[id] = std::move(entry);
  return {};
}

Verdict verdict_of(const ActivationLedger& ledger, ProductKey key) {
  const auto found = ledger.keys.find({key.group, key.serial});
  if (found == ledger.keys.end()) return {};
  const KeyLedger& entry = found->second;
  if (entry.state != KeyState::kBlocked && !entry.non_genuine) return {};
  return {HResult::kSlEChpaProductKeyBlocked, !entry.no_grace};
}

Result<> extend(KeyLedger& key, std::uint32_t by) {
  if (by > std::numeric_limits<std::uint32_t>::max() - key.extension)
    return fail(HResult::kEInvalidarg, "a key cannot be extended by that much");
  key.extension += by;
  return {};
}

KeyAccount account_of(const ActivationLedger& ledger, const Product& product, ProductKey key) {
  const auto found = ledger.keys.find({key.group, key.serial});
  const KeyLedger entry = found == ledger.keys.end() ? KeyLedger{} : found->second;
  KeyAccount out;
  out.state = entry.state;
  out.non_genuine = entry.non_genuine;
  out.extension = entry.extension;
  out.limit = limit_of(product, entry.extension);
  out.machines = static_cast<std::uint32_t>(entry.activations.size());
  out.used = entry.total();
  out.remaining = out.used >= out.limit ? 0 : out.limit - out.used;
  return out;
}

}  // namespace slwmi::licensing
