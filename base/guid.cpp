#include "base/guid.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace slwmi {
namespace {

constexpr bool is_dash_position(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

// The first three groups reversed byte by byte; its own inverse.
std::array<std::uint8_t, 16> swap_groups(std::array<std::uint8_t, 16> bytes) {
  std::reverse(bytes.begin(), bytes.begin() + 4);
  std::reverse(bytes.begin() + 4, bytes.begin() + 6);
  std::reverse(bytes.begin() + 6, bytes.begin() + 8);
  return bytes;
}

}  // namespace

Result<Guid> parse_guid(std::string_view text) {
  const auto bad = [](std::size_t offset) {
    return fail(HResult::kEInvalidarg, "not a GUID", SourcePos{offset, 0, 0});
  };
  const bool braced = text.starts_with('{');
  const std::size_t start = braced ? 1 : 0;
  Guid guid;
  std::size_t digit = 0;
  for (std::size_t i = 0; i < 36; ++i) {
    if (start + i >= text.size()) return bad(text.size());
    const char c = text[start + i];
    if (is_dash_position(i)) {
      if (c != '-') return bad(start + i);
      continue;
    }
    const int value = hex_digit(c);
    if (value < 0) return bad(start + i);
    auto& byte = guid.bytes[digit / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | value);
    ++digit;
  }
  std::size_t end = start + 36;
  if (braced) {
    if (end >= text.size() || text[end] != '}') return bad(end);
    ++end;
  }
  if (end != text.size()) return bad(end);
  return guid;
}

std::string format_guid(const Guid& guid) {
  const std::string hex = to_hex(std::as_bytes(std::span(guid.bytes)));
  std::string out(hex.size() + 4, '-');
  std::size_t at = 0;
  for (const char c : hex) {
    if (is_dash_position(at)) ++at;
    out[at++] = c;
  }
  return out;
}

std::string format_braced_guid(const Guid& guid) { return "{" + format_guid(guid) + "}"; }

std::array<std::uint8_t, 16> windows_bytes(const Guid& guid) { return swap_groups(guid.bytes); }

Guid from_windows_bytes(const std::array<std::uint8_t, 16>& bytes) { return {swap_groups(bytes)}; }

Guid guid_from_hash(const Hash128& hash) {
  Guid guid;
  for (std::size_t i = 0; i < 8; ++i) {
    guid.bytes[i] = static_cast<std::uint8_t>(hash.high >> (56 - 8 * i));
    guid.bytes[8 + i] = static_cast<std::uint8_t>(hash.low >> (56 - 8 * i));
  }
  guid.bytes[6] = static_cast<std::uint8_t>((guid.bytes[6] & 0x0F) | 0x80);
  guid.bytes[8] = static_cast<std::uint8_t>((guid.bytes[8] & 0x3F) | 0x80);
  return guid;
}

}  // namespace slwmi
