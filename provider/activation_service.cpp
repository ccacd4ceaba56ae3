#include "provider/activation_service.hpp"

namespace slwmi::licensing {
namespace {

constexpr std::uint8_t kBlockedBit = 1;
constexpr std::uint8_t kNonGenuineBit = 2;
constexpr std::uint8_t kNoGraceBit = 4;

Result<> activate_kms_host(KeyLedger& key, const Product& product, std::uint64_t hardware) {
  const auto found = key.activations.find(hardware);
  const std::uint32_t used = found == key.activations.end() ? 0 : found->second;
  const std::size_t hosts = kKmsHostsPerKey + key.extension;
  if (used >= product.activation_limit ||
      (found == key.activations.end() && key.activations.size() >= hosts))
    return fail(HResult::kSlEChpaMaximumUnlockExceeded,
                "the KMS key has been used as often as it may be");
  key.activations[hardware] = used + 1;
  return {};
}

}  // namespace

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
    out.u8(static_cast<std::uint8_t>((key.blocked ? kBlockedBit : 0) |
                                     (key.non_genuine ? kNonGenuineBit : 0) |
                                     (key.no_grace ? kNoGraceBit : 0)));
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
    const std::uint8_t bits = in.u8();
    key.blocked = (bits & kBlockedBit) != 0;
    key.non_genuine = (bits & kNonGenuineBit) != 0;
    key.no_grace = (bits & kNoGraceBit) != 0;
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
  if (entry.blocked || entry.non_genuine)
    return fail(HResult::kSlEChpaProductKeyBlocked, "the key is blocked");
  if (product.channel == Channel::kKmsHost) {
    SL_CHECK(activate_kms_host(entry, product, hardware));
  } else if (entry.activations.count(hardware) == 0) {
    if (entry.total() >= product.activation_limit + entry.extension)
      return fail(entry.extension == 0 ? HResult::kSlEChpaDmakLimitExceeded
                                       : HResult::kSlEChpaDmakExtensionLimitExceeded,
                  "the key has no activations left");
    entry.activations[hardware] = 1;
  }
  ledger.keys[id] = std::move(entry);
  return {};
}

Verdict verdict_of(const ActivationLedger& ledger, ProductKey key) {
  const auto found = ledger.keys.find({key.group, key.serial});
  if (found == ledger.keys.end()) return {};
  const KeyLedger& entry = found->second;
  if (!entry.blocked && !entry.non_genuine) return {};
  return {HResult::kSlEChpaProductKeyBlocked, !entry.no_grace};
}

std::uint32_t remaining_activations(const ActivationLedger& ledger, const Product& product,
                                    ProductKey key) {
  const auto found = ledger.keys.find({key.group, key.serial});
  if (found == ledger.keys.end()) return product.activation_limit;
  const std::uint32_t limit = product.activation_limit + found->second.extension;
  const std::uint32_t used = found->second.total();
  return used >= limit ? 0 : limit - used;
}

}  // namespace slwmi::licensing
