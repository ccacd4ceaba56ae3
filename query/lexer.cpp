// The scanner. Its loops decide what a parse costs, so they are plain table lookups.
#include "query/lexer.hpp"

namespace slwmi::wql {

using detail::is;
using detail::kDigit;
using detail::kName;
using detail::kNameStart;
using detail::kQuoteEnd;

void Lexer::name(Token& token) {
  const char* const begin = p_;
  const char* p = p_ + 1;
  const char* const end = end_;
  token.kind = TokenKind::kIdentifier;
  token.dotted = false;
  while (true) {
    while (p != end && is(*p, kName)) ++p;
    if (p == end || *p != '.') break;
    if (p + 1 != end && is(p[1], kNameStart)) {
      token.dotted = true;
      p += 2;
      continue;
    }
    const bool star = p + 1 != end && p[1] == '*';
    token.kind = star ? TokenKind::kDotStar : TokenKind::kBadName;
    token.begin = at(star ? begin : p);
    token.length = star ? static_cast<std::uint32_t>(p - begin) : 1;
    p_ = p + (star ? 2 : 1);
    return;
  }
  token.begin = at(begin);
  token.length = static_cast<std::uint32_t>(p - begin);
  p_ = p;
}

// An optional sign, digits, and perhaps a dot with digits after it. No exponent, no hex.
void Lexer::number(Token& token) {
  const char* const begin = p_;
  const char* p = p_;
  if (*p == '+' || *p == '-') ++p;
  const char* const digits = p;
  while (p != end_ && is(*p, kDigit)) ++p;
  token.kind = TokenKind::kInteger;
  bool good = p != digits;
  if (p != end_ && *p == '.') {
    const char* const fraction = ++p;
    while (p != end_ && is(*p, kDigit)) ++p;
    token.kind = TokenKind::kReal;
    good = p != fraction;
  }
  if (!good) token.kind = TokenKind::kBadNumber;
  token.begin = at(begin);
  token.length = static_cast<std::uint32_t>(p - begin);
  p_ = p;
}

void Lexer::string(Token& token) {
  const char quote = *p_;
  const char* const open = p_;
  const char* p = p_ + 1;
  token.kind = TokenKind::kString;
  token.escaped = false;
  while (true) {
    while (p != end_ && !is(*p, kQuoteEnd)) ++p;
    if (p == end_) {
      token.kind = TokenKind::kUnterminated;
      token.begin = at(open);
      token.length = static_cast<std::uint32_t>(end_ - open);
      p_ = p;
      return;
    }
    if (*p == quote) break;
    if (*p != '\\') {  // the other quote
      ++p;
      continue;
    }
    if (p + 1 == end_ || !is(p[1], kQuoteEnd)) {
      token.kind = TokenKind::kBadEscape;
      token.begin = at(p);
      token.length = 1;
      if (p + 1 != end_) {  // the whole of a character in UTF-8
        do ++token.length;
        while (p + token.length != end_ &&
               (static_cast<unsigned char>(p[token.length]) & 0xC0u) == 0x80u);
      }
      p_ = p;
      return;
    }
    token.escaped = true;
    p += 2;
  }
  token.begin = at(open + 1);
  token.length = static_cast<std::uint32_t>(p - open - 1);
  p_ = p + 1;
}

void Lexer::next(Token& token) {
  skip_blanks();
  token.begin = position();
  token.length = 1;
  if (p_ == end_) {
    token.kind = TokenKind::kEnd;
    token.length = 0;
    return;
  }
  const char c = *p_;
  if (is(c, kNameStart)) return name(token);
  const auto one = [&](TokenKind kind) {
    token.kind = kind;
    ++p_;
  };
  const auto two = [&](char second, TokenKind long_kind, TokenKind short_kind) {
    if (p_ + 1 != end_ && p_[1] == second) {
      token.length = 2;
      ++p_;
      token.kind = long_kind;
    } else {
      token.kind = short_kind;
    }
    ++p_;
  };
  switch (c) {
    case '\'':
    case '"':
      return string(token);
    case ',':
      return one(TokenKind::kComma);
    case '=':
      return one(TokenKind::kEqual);
    case '(':
      return one(TokenKind::kOpen);
    case ')':
      return one(TokenKind::kClose);
    case '*':
      return one(TokenKind::kStar);
    case '{':
      return one(TokenKind::kOpenBrace);
    case '!':
      return two('=', TokenKind::kNotEqual, TokenKind::kBadCharacter);
    case '>':
      return two('=', TokenKind::kGreaterEqual, TokenKind::kGreater);
    case '<':
      if (p_ + 1 != end_ && p_[1] == '>') return two('>', TokenKind::kNotEqual, TokenKind::kLess);
      return two('=', TokenKind::kLessEqual, TokenKind::kLess);
    case '+':
    case '-':
    case '.':
      return number(token);
    default:
      break;
  }
  if (is(c, kDigit)) return number(token);
  token.kind = TokenKind::kBadCharacter;
  while (p_ + token.length != end_ &&
         (static_cast<unsigned char>(p_[token.length]) & 0xC0u) == 0x80u)
    ++token.length;
}

bool Lexer::take_brace() {
  skip_blanks();
  if (p_ == end_ || *p_ != '{') return false;
  ++p_;
  return true;
}

// Path strings keep escapes that WQL strings refuse, so a backslash only guards the character after
// it.
bool Lexer::take_path(Span& path) {
  const char* const begin = p_;
  char quote = 0;
  for (const char* p = p_; p != end_; ++p) {
    if (quote != 0) {
      if (*p == '\\' && p + 1 != end_) {
        ++p;
      } else if (*p == quote) {
        quote = 0;
      }
    } else if (*p == '"' || *p == '\'') {
      quote = *p;
    } else if (*p == '}') {
      path = {at(begin), static_cast<std::uint32_t>(p - begin)};
      p_ = p + 1;
      return true;
    }
  }
  return false;
}

}  // namespace slwmi::wql
