#include "base/text.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

namespace slwmi {
namespace {

#include "base/upcase_table.inc"

constexpr bool is_high_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDBFF; }
constexpr bool is_low_surrogate(char32_t c) { return c >= 0xDC00 && c <= 0xDFFF; }
constexpr char32_t kReplacement = 0xFFFD;

struct Decoded {
  char32_t code_point;
  unsigned length;  // 0 when the bytes at the offset are not well-formed
};

constexpr unsigned char byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

// One sequence of generalised UTF-8 (surrogates allowed); pairs of surrogates are not looked at.
Decoded decode(std::string_view text, std::size_t i) {
  constexpr Decoded kBad{kReplacement, 0};
  const unsigned char lead = byte_at(text, i);
  if (lead < 0x80) return {lead, 1};
  unsigned length = 0;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  if (lead >= 0xE0 && lead <= 0xEF) length = 3;
  if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  if (length == 0 || text.size() - i < length) return kBad;
  char32_t code = lead & (0xFFu >> (length + 1));
  for (unsigned k = 1; k < length; ++k) {
    const unsigned char next = byte_at(text, i + k);
    if ((next & 0xC0) != 0x80) return kBad;
    code = (code << 6) | (next & 0x3Fu);
  }
  if ((length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10FFFF)))
    return kBad;
  return {code, length};
}

// The `count` (1..8) bytes at `i` as one number, the first byte lowest. Where they are the last and
// fewer than eight, bytes before them may come along: one load instead of a loop.
std::uint64_t load_last(std::string_view text, std::size_t i, std::size_t count) {
  std::uint64_t word = 0;
  if (i + count >= 8) {
    std::memcpy(&word, text.data() + i + count - 8, 8);
    return word;
  }
  for (std::size_t k = 0; k < count; ++k) word |= std::uint64_t{byte_at(text, i + k)} << (8 * k);
  return word;
}

constexpr std::uint64_t kOnes = 0x0101010101010101u;
constexpr bool is_ascii(std::uint64_t word) { return (word & (kOnes * 0x80)) == 0; }
// Eight ASCII characters upcased at once: adding moves the bit 0x80 of a byte from 'a' on, and from
// '{' on.
constexpr std::uint64_t upcase_ascii(std::uint64_t word) {
  const std::uint64_t from_a = word + kOnes * (0x80 - 'a');
  const std::uint64_t beyond_z = word + kOnes * (0x80 - '{');
  return word ^ (((from_a ^ beyond_z) & (kOnes * 0x80)) >> 2);
}

template <class OnUnit>
void for_each_unit(std::string_view text, const OnUnit& on_unit) {
  for (std::size_t i = 0; i < text.size();) {
    const char32_t code = next_code_point(text, i);
    if (code < 0x10000) {
      on_unit(static_cast<char16_t>(code));
    } else {
      on_unit(static_cast<char16_t>(0xD7C0 + (code >> 10)));
      on_unit(static_cast<char16_t>(0xDC00 + (code & 0x3FF)));
    }
  }
}

// How many ASCII characters the text begins with.
std::size_t ascii_length(std::string_view text) {
  std::size_t i = 0;
  while (text.size() - i >= 8 && is_ascii(load_last(text, i, 8))) i += 8;
  while (i < text.size() && byte_at(text, i) < 0x80) ++i;
  return i;
}

// Four ASCII characters as UTF-16 units, and back; both little-endian in a number.
constexpr std::uint64_t widen(std::uint64_t four) {
  four = (four | four << 16) & 0x0000FFFF0000FFFFu;
  return (four | four << 8) & 0x00FF00FF00FF00FFu;
}
constexpr std::uint64_t narrow(std::uint64_t units) {
  units = (units | units >> 8) & 0x0000FFFF0000FFFFu;
  return (units | units >> 16) & 0xFFFFFFFFu;
}
constexpr bool are_ascii(std::uint64_t units) { return (units & 0xFF80FF80FF80FF80u) == 0; }
constexpr bool kLittle = std::endian::native == std::endian::little;

// Most texts are ASCII, and as long in either form. The first `i` characters of `out` are there.
template <class UnitAt>
std::string from_units(std::string out, std::size_t i, const UnitAt& unit_at) {
  const std::size_t count = out.size();
  for (; i < count && unit_at(i) < 0x80; ++i) out[i] = static_cast<char>(unit_at(i));
  out.resize(i);
  for (; i < count; ++i) {
    char32_t code = unit_at(i);
    if (is_high_surrogate(code) && i + 1 < count && is_low_surrogate(unit_at(i + 1))) {
      code = 0x10000 + ((code - 0xD800) << 10) + (unit_at(i + 1) - 0xDC00u);
      ++i;
    }
    append_utf8(out, code);
  }
  return out;
}

// Sorts as the first UTF-16 unit of the code point does, then as the second.
constexpr char32_t utf16_rank(char32_t code) {
  return code < 0x10000 ? code << 16 : ((0xD7C0 + (code >> 10)) << 16) | (0xDC00 + (code & 0x3FF));
}

template <class Map>
std::strong_ordering compare(std::string_view a, std::string_view b, const Map& map) {
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < a.size() && k < b.size()) {
    const auto x = byte_at(a, i);
    const auto y = byte_at(b, k);
    if ((x | y) < 0x80) {
      const auto left = map(static_cast<char32_t>(x));
      const auto right = map(static_cast<char32_t>(y));
      if (left != right) return left <=> right;
      ++i;
      ++k;
      continue;
    }
    const char32_t left = utf16_rank(map(next_code_point(a, i)));
    const char32_t right = utf16_rank(map(next_code_point(b, k)));
    if (left != right) return left <=> right;
  }
  return (a.size() - i) <=> (b.size() - k);
}

}  // namespace

std::optional<std::size_t> find_invalid(std::string_view text) {
  bool after_high = false;
  for (std::size_t i = 0; i < text.size();) {
    const Decoded d = decode(text, i);
    if (d.length == 0 || (after_high && is_low_surrogate(d.code_point))) return i;
    after_high = is_high_surrogate(d.code_point);
    i += d.length;
  }
  return std::nullopt;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Decoded d = decode(text, i);
    if (d.length == 0 || is_high_surrogate(d.code_point) || is_low_surrogate(d.code_point))
      return i;
    i += d.length;
  }
  return std::nullopt;
}

char32_t next_code_point(std::string_view text, std::size_t& offset) {
  const Decoded d = decode(text, offset);
  offset += d.length == 0 ? 1 : d.length;
  return d.code_point;
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto put = [&out](char32_t value) { out.push_back(static_cast<char>(value)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3F));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

std::u16string to_utf16(std::string_view text) {
  const std::size_t plain = ascii_length(text);
  std::u16string out(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(plain));
  for_each_unit(text.substr(plain), [&out](char16_t unit) { out.push_back(unit); });
  return out;
}

std::string from_utf16(std::u16string_view units) {
  return from_units(std::string(units.size(), '\0'), 0, [&](std::size_t i) { return units[i]; });
}

Bytes to_utf16le(std::string_view text) {
  const std::size_t plain = ascii_length(text);
  Bytes out(plain * 2);
  std::size_t i = 0;
  for (; kLittle && plain - i >= 4; i += 4) {
    std::uint32_t four = 0;
    std::memcpy(&four, text.data() + i, 4);
    const std::uint64_t units = widen(four);
    std::memcpy(out.data() + 2 * i, &units, 8);
  }
  for (; i < plain; ++i) out[2 * i] = static_cast<std::byte>(text[i]);
  for_each_unit(text.substr(plain), [&out](char16_t unit) {
    out.push_back(static_cast<std::byte>(unit & 0xFF));
    out.push_back(static_cast<std::byte>(unit >> 8));
  });
  return out;
}

std::string from_utf16le(ByteSpan bytes) {
  std::string out(bytes.size() / 2, '\0');
  std::size_t done = 0;
  for (; kLittle && out.size() - done >= 4; done += 4) {
    std::uint64_t units = 0;
    std::memcpy(&units, bytes.data() + 2 * done, 8);
    if (!are_ascii(units)) break;
    const auto four = static_cast<std::uint32_t>(narrow(units));
    std::memcpy(out.data() + done, &four, 4);
  }
  return from_units(std::move(out), done, [&](std::size_t i) {
    return static_cast<char16_t>(static_cast<unsigned>(bytes[2 * i]) |
                                 static_cast<unsigned>(bytes[2 * i + 1]) << 8);
  });
}

std::size_t utf16_length(std::string_view text) {
  std::size_t length = 0;
  for_each_unit(text, [&length](char16_t) { ++length; });
  return length;
}

char16_t upcase(char16_t unit) {
  return static_cast<char16_t>(unit + kUpcaseDelta[kUpcasePage[unit >> 8]][unit & 0xFF]);
}

char32_t upcase(char32_t code_point) {
  return code_point < 0x10000 ? upcase(static_cast<char16_t>(code_point)) : code_point;
}

std::string fold(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (byte_at(text, i) < 0x80) {
      out.push_back(ascii_upper(text[i++]));
    } else {
      append_utf8(out, upcase(next_code_point(text, i)));
    }
  }
  return out;
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ascii_lower(c);
  return out;
}

std::string ascii_upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ascii_upper(c);
  return out;
}

std::strong_ordering compare_ordinal(std::string_view a, std::string_view b) {
  return compare(a, b, [](char32_t c) { return c; });
}

std::strong_ordering compare_ignore_case(std::string_view a, std::string_view b) {
  // Names begin alike: whole words of ASCII that are equal tell nothing.
  std::size_t i = 0;
  for (const std::size_t end = std::min(a.size(), b.size()); end - i >= 8; i += 8) {
    const std::uint64_t x = load_last(a, i, 8);
    const std::uint64_t y = load_last(b, i, 8);
    if (!is_ascii(x | y) || upcase_ascii(x) != upcase_ascii(y)) break;
  }
  return compare(a.substr(i), b.substr(i), [](char32_t c) {
    return c < 0x80 ? static_cast<char32_t>(ascii_upper(static_cast<char>(c))) : upcase(c);
  });
}

bool equal_ignore_case(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  if (a.size() == b.size()) {
    while (i < a.size()) {
      const std::size_t count = std::min<std::size_t>(8, a.size() - i);
      const std::uint64_t x = load_last(a, i, count);
      const std::uint64_t y = load_last(b, i, count);
      if (!is_ascii(x | y)) break;
      if (upcase_ascii(x) != upcase_ascii(y)) return false;
      i += count;
    }
    if (i == a.size()) return true;
  }
  // A sequence beyond ASCII is never cut here: only whole ASCII words were passed.
  return compare_ignore_case(a.substr(i), b.substr(i)) == 0;
}

bool starts_with_ignore_case(std::string_view text, std::string_view prefix) {
  std::size_t i = 0;
  std::size_t k = 0;
  while (k < prefix.size()) {
    if (i >= text.size()) return false;
    if (upcase(next_code_point(text, i)) != upcase(next_code_point(prefix, k))) return false;
  }
  return true;
}

// Words of ASCII are fed whole, then code points. Equal names have equal prefixes of ASCII, so they
// are cut alike even where the forms of the rest differ in length; for the same reason the size is
// no part of the hash.
std::uint64_t hash_ignore_case(std::string_view text) {
  std::uint64_t hash = 0x9E3779B97F4A7C15u;
  const auto feed = [&hash](std::uint64_t value) {
    hash = (hash ^ value) * 0xD6E8FEB86659FD93u;
    hash ^= hash >> 32;
  };
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t count = std::min<std::size_t>(8, text.size() - i);
    const std::uint64_t word = load_last(text, i, count);
    if (!is_ascii(word)) break;
    feed(upcase_ascii(word) + (8 - count) * (kOnes << 7));
    i += count;
  }
  while (i < text.size()) feed(upcase(next_code_point(text, i)));
  return hash * 0xD6E8FEB86659FD93u ^ hash >> 29;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && ascii_lower(text[1]) == 'x') {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_signed(std::string_view text) {
  if (!text.empty() && text[0] == '+') {
    text.remove_prefix(1);
    if (text.empty() || !is_digit(text[0])) return std::nullopt;
  }
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<double> parse_real(std::string_view text, bool exponent) {
  const std::string_view known = exponent ? "0123456789.+-eE" : "0123456789.-";
  if (text.find_first_not_of(known) != std::string_view::npos) return std::nullopt;  // inf, nan
  double value = 0;
  const char* end = text.data() + text.size();
  const auto format = exponent ? std::chars_format::general : std::chars_format::fixed;
  const auto [stop, error] = std::from_chars(text.data(), end, value, format);
  if (text.empty() || stop != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    const std::size_t e = text.find_first_of("eE");
    const std::string_view whole = text.substr(0, text.find('.'));
    const bool large = e == std::string_view::npos
                           ? whole.find_first_of("123456789") != std::string_view::npos
                           : text[e + 1] != '-';
    value = large ? std::numeric_limits<double>::infinity() : 0;
    if (text[0] == '-') value = -value;
  }
  return value;
}

std::string to_hex(ByteSpan bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    out.push_back(kDigits[static_cast<unsigned>(b) >> 4]);
    out.push_back(kDigits[static_cast<unsigned>(b) & 15]);
  }
  return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::byte>(high << 4 | low));
  }
  return out;
}

}  // namespace slwmi
