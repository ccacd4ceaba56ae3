// Product keys of the simulated world: the familiar 25 characters in five groups, filled by a
// scheme of our own. A key is the marker FCTKY ("fictitious key"), then eleven characters that
// carry a key group (which the catalogue ties to an edition and a channel) and a serial number,
// then nine check characters. Nothing of it follows, or is accepted by, any real key validation;
// every key is generated, none is written down.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "provider/os_version.hpp"

namespace slwmi::licensing {

inline constexpr std::string_view kKeyAlphabet = "BCDFGHJKMPQRTVWXY2346789";
inline constexpr std::string_view kKeyMarker = "FCTKY";
inline constexpr std::size_t kKeyTextSize = 29;

struct ProductKey {
  std::uint16_t group = 0;
  std::uint32_t serial = 0;
  bool operator==(const ProductKey&) const = default;
};

// "FCTKY-XXXXX-XXXXX-XXXXX-XXXXX". Two different keys never share their text.
std::string to_text(ProductKey key);

// The last five characters, which the classes show as PartialProductKey.
std::string partial_text(ProductKey key);

// Lower-case letters are taken as upper-case. SL_E_INVALID_PRODUCT_KEY for anything else that is
// not exactly a text that to_text can give (em-dashes, blanks and missing dashes included);
// E_INVALIDARG for the empty text.
Result<ProductKey> parse_product_key(std::string_view text);

// What the catalogue and the machine say about a key that parses.
struct KeyFacts {
  bool group_known = false;          // some catalogue entry names the group
  bool blocked = false;              // the entry, or this serial, is on the blocked list
  bool prerelease_mismatch = false;  // beta key on released software, or the reverse
  bool edition_on_media = false;     // the machine carries the licence of the entry's SKU
  bool upgrade_only = false;         // the key asks for an earlier system
  bool upgraded = false;             // the machine had one
};

// S_OK, or why the key is refused. Which code an OS version gives: docs/fidelity.md, "Product
// keys".
HResult judge_key(const KeyFacts& facts, OsVersion os);

}  // namespace slwmi::licensing
