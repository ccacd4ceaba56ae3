// The activation service of a world: it counts what each key activates, and refuses blocked,
// unknown and used-up keys. Pure functions on a ledger that the world keeps; no real service is
// ever spoken to.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "provider/catalogue.hpp"
#include "provider/network.hpp"

namespace slwmi::licensing {

struct KeyLedger {
  std::map<std::uint64_t, std::uint32_t> activations;  // by hardware
  std::uint32_t extension = 0;  // activations granted beyond the catalogue's limit
  bool blocked = false;
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

// Counts an activation, or says why not: SL_E_CHPA_PRODUCT_KEY_BLOCKED,
// SL_E_CHPA_UNSUPPORTED_PRODUCT_KEY, SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED (a KMS key: six hosts, each
// as often as the catalogue's limit), SL_E_CHPA_DMAK_LIMIT_EXCEEDED, or
// SL_E_CHPA_DMAK_EXTENSION_LIMIT_EXCEEDED when the limit was raised before. Hardware that the key
// activated before costs a MAK or retail key nothing. A key that was marked non-genuine is blocked.
Result<> activate(ActivationLedger& ledger, const Product& product, ProductKey key,
                  std::uint64_t hardware);

// What a validation says of a key: SL_E_CHPA_PRODUCT_KEY_BLOCKED when it is blocked or was marked.
Verdict verdict_of(const ActivationLedger& ledger, ProductKey key);

// Activations that a MAK has left.
std::uint32_t remaining_activations(const ActivationLedger& ledger, const Product& product,
                                    ProductKey key);

}  // namespace slwmi::licensing
