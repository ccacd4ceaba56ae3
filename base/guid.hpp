// GUIDs: text both ways, and GUIDs derived from a hash so that a simulation can name things without
// randomness.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace slwmi {

struct Hash128;

struct Guid {
  std::array<std::uint8_t, 16>
      bytes{};  // in the order of the text, not of Windows' mixed-endian struct
  auto operator<=>(const Guid&) const = default;
};

// 8-4-4-4-12 hex digits of either case, with or without braces. E_INVALIDARG with the offset of the
// first bad character.
Result<Guid> parse_guid(std::string_view text);
// Lower case without braces, as the licensing classes print IDs.
std::string format_guid(const Guid& guid);
std::string format_braced_guid(const Guid& guid);  // "{...}", lower case
// The bytes of Windows' GUID struct: the first three groups little-endian.
std::array<std::uint8_t, 16> windows_bytes(const Guid& guid);
Guid from_windows_bytes(const std::array<std::uint8_t, 16>& bytes);
// Equal hashes give equal GUIDs; marked as RFC 4122 version 8 (made by the application).
Guid guid_from_hash(const Hash128& hash);

}  // namespace slwmi
