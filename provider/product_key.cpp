#include "provider/product_key.hpp"

#include <array>

#include "base/hash.hpp"

namespace slwmi::licensing {
namespace {

constexpr std::size_t kPayload = 11;  // 24^11 > 2^48
constexpr std::size_t kCheck = 9;
constexpr std::size_t kCharacters = 25;
constexpr std::uint64_t kBase = 24;

using Digits = std::array<std::uint8_t, kCharacters>;

std::uint64_t check_of(std::uint64_t payload) {
  return combine(hash64("slwmi product key 1"), payload);
}

// The payload digits are shifted by amounts that follow from the check digits, so that neighbouring
// serials do not look alike.
std::uint8_t shift_at(std::uint64_t check, std::size_t index) {
  return static_cast<std::uint8_t>(mix64(check + index + 1) % kBase);
}

Digits digits_of(ProductKey key) {
  std::uint64_t payload = (std::uint64_t{key.group} << 32) | key.serial;
  std::uint64_t check = check_of(payload);
  Digits digits{};
  for (std::size_t i = 0; i < kKeyMarker.size(); ++i)
    digits[i] = static_cast<std::uint8_t>(kKeyAlphabet.find(kKeyMarker[i]));
  std::uint64_t shown = 0;
  for (std::size_t i = kCharacters; i-- > kCharacters - kCheck;) {
    digits[i] = static_cast<std::uint8_t>(check % kBase);
    check /= kBase;
  }
  for (std::size_t i = kCharacters - kCheck; i < kCharacters; ++i)
    shown = shown * kBase + digits[i];
  for (std::size_t i = kPayload; i-- > 0;) {
    const std::uint64_t digit = (payload % kBase + shift_at(shown, i)) % kBase;
    digits[kKeyMarker.size() + i] = static_cast<std::uint8_t>(digit);
    payload /= kBase;
  }
  return digits;
}

bool read_digits(std::string_view text, Digits& digits) {
  if (text.size() != kKeyTextSize) return false;
  std::size_t filled = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % 6 == 5) {
      if (text[i] != '-') return false;
      continue;
    }
    const char upper =
        text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
    const std::size_t digit = kKeyAlphabet.find(upper);
    if (digit == std::string_view::npos) return false;
    digits[filled++] = static_cast<std::uint8_t>(digit);
  }
  return true;
}

}  // namespace

std::string to_text(ProductKey key) {
  std::string text;
  text.reserve(kKeyTextSize);
  const Digits digits = digits_of(key);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && i % 5 == 0) text += '-';
    text += kKeyAlphabet[digits[i]];
  }
  return text;
}

std::string partial_text(ProductKey key) { return to_text(key).substr(kKeyTextSize - 5); }

Result<ProductKey> parse_product_key(std::string_view text) {
  if (text.empty()) return fail(HResult::kEInvalidarg, "the product key is empty");
  Digits digits{};
  if (!read_digits(text, digits))
    return fail(HResult::kSlEInvalidProductKey,
                "a product key is 25 characters in five groups joined by hyphens");
  std::uint64_t shown = 0;
  for (std::size_t i = kCharacters - kCheck; i < kCharacters; ++i)
    shown = shown * kBase + digits[i];
  std::uint64_t payload = 0;
  for (std::size_t i = 0; i < kPayload; ++i)
    payload =
        payload * kBase + (digits[kKeyMarker.size() + i] + kBase - shift_at(shown, i)) % kBase;
  const ProductKey key{static_cast<std::uint16_t>(payload >> 32),
                       static_cast<std::uint32_t>(payload)};
  if ((payload >> 48) != 0 || digits_of(key) != digits)
    return fail(HResult::kSlEInvalidProductKey,
                "the check characters of the product key are wrong");
  return key;
}

HResult judge_key(const KeyFacts& facts, OsVersion os) {
  if (!facts.group_known)
    return os.era() == Era::kVista ? HResult::kSlEInvalidProductKey
                                   : HResult::kSlEPkeyInvalidConfig;
  if (facts.prerelease_mismatch) return HResult::kSlEInvalidProductKey;
  if (facts.blocked) return HResult::kSlEBlockedProductKey;
  if (!facts.edition_on_media)
    return os.era() == Era::kVista ? HResult::kSlEDependentPropertyNotSet
                                   : HResult::kSlEMismatchedProductSku;
  if (facts.upgrade_only && !facts.upgraded) return HResult::kSlEPkeyInvalidUpgrade;
  return HResult::kSOk;
}

}  // namespace slwmi::licensing
