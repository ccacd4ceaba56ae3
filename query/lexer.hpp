// Tokens of WQL, one at a time, no allocation. Blanks are space, tab, CR and LF; every other
// character that starts no token is an error. Keywords are identifiers here: which of them is
// reserved depends on the place.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "query/ast.hpp"

namespace slwmi::wql {

enum class TokenKind : std::uint8_t {
  kEnd,
  kIdentifier,  // letters, digits and _, perhaps several joined by dots
  kInteger,
  kReal,
  kString,  // the span excludes the quotes
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kComma,
  kStar,
  kDotStar,  // identifier.*; the span is the identifier
  kOpen,
  kClose,
  kOpenBrace,
  kBadCharacter,
  kBadNumber,
  kBadEscape,    // the span is the backslash and what follows it
  kBadName,      // a dot without a name after it
  kUnterminated  // a string that never ends
};

// Words with a meaning somewhere in WQL, found by find_keyword.
enum class Keyword : std::uint8_t {
  kNone,
  kAnd,
  kAssociators,
  kBy,
  kFalse,
  kFrom,
  kGroup,
  kHaving,
  kIs,
  kIsa,
  kLike,
  kNot,
  kNull,
  kOf,
  kOr,
  kReferences,
  kSelect,
  kTrue,
  kWhere,
  kWithin,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  bool dotted = false;   // kIdentifier
  bool escaped = false;  // kString
  std::uint32_t begin = 0;
  std::uint32_t length = 0;
  Span span() const { return {begin, length}; }
};

namespace detail {

enum : std::uint8_t { kBlank = 1, kNameStart = 2, kName = 4, kDigit = 8, kQuoteEnd = 16 };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> t{};
  for (int c = 'a'; c <= 'z'; ++c) t[c] = t[c - 32] = kNameStart | kName;
  for (int c = '0'; c <= '9'; ++c) t[c] = kName | kDigit;
  t['_'] = kNameStart | kName;
  for (int c = 0x80; c <= 0xFF; ++c) t[c] = kNameStart | kName;  // of UTF-8
  t[' '] = t['\t'] = t['\r'] = t['\n'] = kBlank;
  t['"'] = t['\''] = t['\\'] = kQuoteEnd;
  return t;
}
inline constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

inline bool is(char c, unsigned what) {
  return (kClasses[static_cast<unsigned char>(c)] & what) != 0;
}

// Up to eight name characters as one lower-case word, little end first.
constexpr std::uint64_t word(const char* text, std::size_t length) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < length; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i]) | 0x20u) << (8 * i);
  }
  return value;
}

}  // namespace detail

// Compares without regard to ASCII case; `lower` is in lower case, names hold no other letters.
inline bool same_name(std::string_view name, std::string_view lower) {
  if (name.size() != lower.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower[i]) return false;
  }
  return true;
}

inline Keyword find_keyword(std::string_view name) {
  using detail::word;
  switch (name.size()) {
    case 2:
      switch (word(name.data(), 2)) {
        case word("by", 2):
          return Keyword::kBy;
        case word("is", 2):
          return Keyword::kIs;
        case word("of", 2):
          return Keyword::kOf;
        case word("or", 2):
          return Keyword::kOr;
        default:
          return Keyword::kNone;
      }
    case 3:
      switch (word(name.data(), 3)) {
        case word("and", 3):
          return Keyword::kAnd;
        case word("isa", 3):
          return Keyword::kIsa;
        case word("not", 3):
          return Keyword::kNot;
        default:
          return Keyword::kNone;
      }
    case 4:
      switch (word(name.data(), 4)) {
        case word("from", 4):
          return Keyword::kFrom;
        case word("like", 4):
          return Keyword::kLike;
        case word("null", 4):
          return Keyword::kNull;
        case word("true", 4):
          return Keyword::kTrue;
        default:
          return Keyword::kNone;
      }
    case 5:
      switch (word(name.data(), 5)) {
        case word("false", 5):
          return Keyword::kFalse;
        case word("group", 5):
          return Keyword::kGroup;
        case word("where", 5):
          return Keyword::kWhere;
        default:
          return Keyword::kNone;
      }
    case 6:
      switch (word(name.data(), 6)) {
        case word("having", 6):
          return Keyword::kHaving;
        case word("select", 6):
          return Keyword::kSelect;
        case word("within", 6):
          return Keyword::kWithin;
        default:
          return Keyword::kNone;
      }
    case 10:
      return same_name(name, "references") ? Keyword::kReferences : Keyword::kNone;
    case 11:
      return same_name(name, "associators") ? Keyword::kAssociators : Keyword::kNone;
    default:
      return Keyword::kNone;
  }
}

// The words that never are a name of a class or property.
inline bool is_reserved(Keyword keyword) {
  switch (keyword) {
    case Keyword::kNone:
    case Keyword::kAssociators:
    case Keyword::kBy:
    case Keyword::kOf:
    case Keyword::kReferences:
      return false;
    default:
      return true;
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view text)
      : base_(text.data()), p_(base_), end_(base_ + text.size()) {}

  // The next token into `token`. After an error token the position is unspecified.
  void next(Token& token);

  std::uint32_t position() const { return static_cast<std::uint32_t>(p_ - base_); }
  void seek(std::uint32_t offset) { p_ = base_ + offset; }
  // Skips blanks and answers whether a `{` comes next, which it takes.
  bool take_brace();
  // The text up to the `}` that is in no quotes; false when there is none.
  bool take_path(Span& path);

 private:
  void skip_blanks() {
    while (p_ != end_ && detail::is(*p_, detail::kBlank)) ++p_;
  }
  void name(Token& token);
  void number(Token& token);
  void string(Token& token);
  std::uint32_t at(const char* p) const { return static_cast<std::uint32_t>(p - base_); }

  const char* base_;
  const char* p_;
  const char* end_;
};

}  // namespace slwmi::wql
