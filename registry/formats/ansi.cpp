#include "registry/formats/ansi.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"

namespace slwmi::reg {
namespace {

// The bytes 0x80 to 0x9F; the rest are their own code points.
constexpr char16_t kHigh[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

}  // namespace

std::string from_ansi(ByteSpan bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const std::byte byte : bytes) {
    const auto b = std::to_integer<unsigned>(byte);
    append_utf8(out, b >= 0x80 && b < 0xA0 ? kHigh[b - 0x80] : b);
  }
  return out;
}

std::string to_ansi(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    const auto* high = std::find(std::begin(kHigh), std::end(kHigh), c);
    if (high != std::end(kHigh)) {
      out += static_cast<char>(0x80 + (high - std::begin(kHigh)));
    } else {
      out += c < 0x80 || (c >= 0xA0 && c <= 0xFF) ? static_cast<char>(c) : '?';
    }
  }
  return out;
}

}  // namespace slwmi::reg
