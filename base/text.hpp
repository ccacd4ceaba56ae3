// Text inside the project is UTF-8 in which a lone UTF-16 surrogate is kept as its three-byte form
// (WTF-8), because Windows names are any 16-bit units. Case follows Windows' upcase table: one unit
// to one unit, within the BMP.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace slwmi {

// The offset of the first byte that is not well-formed WTF-8 (overlong forms, values over U+10FFFF,
// a surrogate pair written as two three-byte forms, a cut sequence), or nothing.
std::optional<std::size_t> find_invalid(std::string_view text);
// As find_invalid, and lone surrogates are invalid too: plain UTF-8.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// Each byte that is not well-formed becomes U+FFFD. Lone surrogates survive both ways.
std::u16string to_utf16(std::string_view text);
std::string from_utf16(std::u16string_view units);
// Little-endian bytes, without a terminator. An odd last byte is ignored when reading.
Bytes to_utf16le(std::string_view text);
std::string from_utf16le(ByteSpan bytes);
// The number of 16-bit units, the measure of Windows' length limits.
std::size_t utf16_length(std::string_view text);
// Appends one code point (a lone surrogate allowed).
void append_utf8(std::string& out, char32_t code_point);
// Reads the code point at `offset` and moves `offset` past it; U+FFFD and one byte for what is not
// well-formed.
char32_t next_code_point(std::string_view text, std::size_t& offset);

// Windows' upcase of one unit or code point.
char16_t upcase(char16_t unit);
char32_t upcase(char32_t code_point);
constexpr char ascii_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_ascii_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
// 0..15, or -1.
constexpr int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `text` with every unit upcased: equal folds are equal names.
std::string fold(std::string_view text);
// ASCII letters made lower or upper; other bytes stay.
std::string ascii_lower(std::string_view text);
std::string ascii_upper(std::string_view text);

// Ordinal comparison of the UTF-16 units, without and with Windows' upcase. All allocate nothing.
std::strong_ordering compare_ordinal(std::string_view a, std::string_view b);
std::strong_ordering compare_ignore_case(std::string_view a, std::string_view b);
bool equal_ignore_case(std::string_view a, std::string_view b);
bool starts_with_ignore_case(std::string_view text, std::string_view prefix);
// Equal for texts that are equal_ignore_case. Stable only within one version of the program.
std::uint64_t hash_ignore_case(std::string_view text);

// For unordered and ordered containers keyed by names, looked up by string_view.
struct IgnoreCaseHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return hash_ignore_case(text); }
};
struct IgnoreCaseEqual {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return equal_ignore_case(a, b); }
};
struct IgnoreCaseLess {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const {
    return compare_ignore_case(a, b) < 0;
  }
};
struct TextHash {  // case-sensitive, transparent
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

// The number that all of `text` is, in decimal digits or, after "0x", hex digits; nothing when it
// is something else or does not fit.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);
// The same with an optional sign, decimal only.
std::optional<std::int64_t> parse_signed(std::string_view text);
// The real number that all of `text` is: digits, a dot, an exponent where `exponent`; a minus may
// precede. What is too large for a double is infinity, what is too small 0.
std::optional<double> parse_real(std::string_view text, bool exponent);
// Lower-case hex, two digits a byte; and back, nothing when a character is no hex digit or one is
// missing.
std::string to_hex(ByteSpan bytes);
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace slwmi
