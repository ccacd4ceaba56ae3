// The activation service of a world: it counts what each key activates, online and by telephone
// alike, and refuses keys that it does not take or that are used up. Pure functions on a ledger
// that the world keeps; no real service is ever spoken to.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "provider/catalogue.hpp"
#include "provider/network.hpp"

namespace slwmi::licensing {

// What the service thinks of a key.
enum class KeyState : std::uint8_t {
  kAccepted = 0,
  kBlocked = 1,             // for good
  kInvalid = 2,             // was never issued
  kUnsupported = 3,         // of a kind that is not activated
  kDynamicallyBlocked = 4,  // until somebody takes it back
  kBlockedHere = 5,         // in this part of the world
};
struct KeyStateInfo {
  KeyState state;
  std::string_view name;  // "dynamically-blocked"
  HResult code;           // of an attempt to activate
  std::string_view help;
};
std::span<const KeyStateInfo> key_states();
const KeyStateInfo& info_of(KeyState state);
Result<KeyState> parse_key_state(std::string_view name);  // E_INVALIDARG lists them

struct KeyLedger {
  std::map<std::uint64_t, std::uint32_t> activations;  // by hardware
  std::uint32_t extension = 0;  // activations granted beyond the catalogue's limit
  KeyState state = KeyState::kAccepted;
  bool non_genuine = false;  // lost or misused: fails validations, activates nothing more
  bool no_grace = false;     // ... and systems with it get no grace period
  std::uint32_t total() const;
  bool operator==(const KeyLedger&) const = default;
};

struct ActivationLedger {
  std::map<std::pair<std::uint16_t, std::uint32_t>, KeyLedger> keys;  // by group and serial
  bool operator==(const ActivationLedger&) const = default;
};

Bytes encode(const ActivationLedger& ledger);
// ERROR_INVALID_DATA with the offset. No bytes are an empty ledger.
Result<ActivationLedger> decode_ledger(ByteSpan bytes);

inline constexpr std::size_t kKmsHostsPerKey = 6;
inline constexpr std::uint32_t kDefaultActivationLimit = 1000;  // where a product says none

// Counts an activation, or says why not and counts nothing: the code of the key's state;
// SL_E_CHPA_UNSUPPORTED_PRODUCT_KEY for channels that the service does not serve;
// SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED (a KMS key: six hosts, each as often as the catalogue's limit;
// a retail key beyond its limit); of a MAK SL_E_CHPA_DMAK_LIMIT_EXCEEDED, or
// SL_E_CHPA_DMAK_EXTENSION_LIMIT_EXCEEDED when the limit was raised before. Hardware that the key
// activated before costs a MAK or retail key nothing. A key that was marked non-genuine is blocked.
Result<> activate(ActivationLedger& ledger, const Product& product, ProductKey key,
                  std::uint64_t hardware);

// What a validation says of a key: SL_E_CHPA_PRODUCT_KEY_BLOCKED when it is blocked or was marked.
Verdict verdict_of(const ActivationLedger& ledger, ProductKey key);

// Grants a key further activations, or KMS hosts. E_INVALIDARG beyond what the ledger can count.
Result<> extend(KeyLedger& key, std::uint32_t by);

// What a key's owner is told about it.
struct KeyAccount {
  KeyState state = KeyState::kAccepted;
  bool non_genuine = false;
  std::uint64_t limit = 0;      // activations in all, the extension included
  std::uint32_t extension = 0;  // of a KMS key: hosts more than six
  std::uint32_t machines = 0;   // that it activated
  std::uint64_t used = 0;
  std::uint64_t remaining = 0;
};
KeyAccount account_of(const ActivationLedger& ledger, const Product& product, ProductKey key);

}  // namespace slwmi::licensing
