#include "schema/mof_lexer.hpp"

#include <charconv>
#include <cmath>

#include "base/text.hpp"

namespace slwmi::cim::mof {
namespace {

constexpr bool starts_identifier(char c) {
  return is_ascii_alpha(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool in_identifier(char c) { return starts_identifier(c) || is_digit(c); }

// The value of decimal, octal (leading 0), hex (0x) and binary (trailing b) digits.
bool parse_integer(std::string_view text, std::uint64_t& out) {
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && (text.back() == 'b' || text.back() == 'B')) {
    base = 2;
    text.remove_suffix(1);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  const auto r = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return r.ec == std::errc{} && r.ptr == text.data() + text.size();
}

}  // namespace

Result<> Lexer::skip_blanks() {
  while (!done()) {
    const char c = peek();
    if (c == '\n') {
      ++at_;
      ++line_;
      line_start_ = at_;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
      ++at_;
    } else if (c == '/' && peek(1) == '/') {
      while (!done() && peek() != '\n') ++at_;
    } else if (c == '/' && peek(1) == '*') {
      const SourcePos start = here();
      at_ += 2;
      while (!(peek() == '*' && peek(1) == '/')) {
        if (done())
          return fail(HResult::kWbemmofEUnrecognizedToken, "the comment does not end", start, "/*");
        if (peek() == '\n') {
          ++line_;
          line_start_ = at_ + 1;
        }
        ++at_;
      }
      at_ += 2;
    } else {
      break;
    }
  }
  return {};
}

Result<Token> Lexer::next() {
  SL_CHECK(skip_blanks());
  Token token;
  token.at = here();
  if (done()) return token;
  const std::size_t start = at_;
  const char c = peek();
  if (starts_identifier(c)) {
    while (in_identifier(peek())) ++at_;
    token.kind = TokenKind::kIdentifier;
    token.text = text_.substr(start, at_ - start);
    return token;
  }
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number(std::move(token));
  if (c == '"' || c == '\'') return quoted(std::move(token), c);
  if (c == '$' && starts_identifier(peek(1))) {
    ++at_;
    while (in_identifier(peek())) ++at_;
    token.kind = TokenKind::kAlias;
    token.text = text_.substr(start + 1, at_ - start - 1);
    return token;
  }
  if (std::string_view("{}()[],;:=+-#$.").find(c) != std::string_view::npos) {
    ++at_;
    token.kind = TokenKind::kPunctuation;
    token.text = text_.substr(start, 1);
    return token;
  }
  return fail(HResult::kWbemmofEUnrecognizedToken, "no MOF starts with this character", token.at,
              std::string(text_.substr(start, 1)));
}

Result<Token> Lexer::number(Token token) {
  const std::size_t start = at_;
  bool real = false;
  while (in_identifier(peek()) || peek() == '.') {
    real = real || peek() == '.';
    const bool exponent =
        real && (peek() == 'e' || peek() == 'E') && (peek(1) == '+' || peek(1) == '-');
    at_ += exponent ? 2 : 1;
  }
  token.kind = TokenKind::kNumber;
  token.text = text_.substr(start, at_ - start);
  std::uint64_t integer = 0;
  if (!real && parse_integer(token.text, integer)) {
    token.value = Value::unsigned_integer(Type::kUint64, integer);
    return token;
  }
  if (const auto number = parse_real(token.text, true); real && number) {
    if (!std::isfinite(*number)) {
      return fail(HResult::kWbemmofEOutOfRange, "the number is too large", token.at,
                  std::string(token.text));
    }
    token.value = Value::real(*number);
    return token;
  }
  return fail(HResult::kWbemmofEIllegalConstantValue, "this is no number", token.at,
              std::string(token.text));
}

Result<char32_t> Lexer::escape() {
  const SourcePos start = here();
  const std::size_t from = at_;
  ++at_;
  const char c = peek();
  if (done())
    return fail(HResult::kWbemmofEUnrecognizedToken, "the text ends inside an escape", start);
  ++at_;
  switch (c) {
    case 'b':
      return U'\b';
    case 't':
      return U'\t';
    case 'n':
      return U'\n';
    case 'f':
      return U'\f';
    case 'r':
      return U'\r';
    case '"':
    case '\'':
    case '\\':
      return static_cast<char32_t>(c);
    case 'x':
    case 'X': {
      char32_t value = 0;
      int digits = 0;
      for (; digits < 4 && hex_digit(peek()) >= 0; ++digits, ++at_) {
        value = value * 16 + static_cast<char32_t>(hex_digit(peek()));
      }
      if (digits > 0) return value;
      break;
    }
    default:
      break;
  }
  std::size_t end = from + 1;
  next_code_point(text_, end);
  return fail(HResult::kWbemmofEIllegalConstantValue, "this escape is unknown", start,
              std::string(text_.substr(from, end - from)));
}

Result<Token> Lexer::quoted(Token token, char quote) {
  const std::size_t start = at_++;
  std::u16string units;  // joins surrogates that were written as two escapes
  std::string out;
  bool wide = false;
  while (peek() != quote) {
    if (done() || peek() == '\n') {
      return fail(HResult::kWbemmofEUnrecognizedToken, "the text has no closing quote", token.at);
    }
    if (peek() == '\\') {
      SL_TRY(const char32_t c, escape());
      wide = wide || (c >= 0xD800 && c < 0xE000);
      append_utf8(out, c);
    } else {
      out += text_[at_++];
    }
  }
  ++at_;
  if (wide) {
    for (std::size_t i = 0; i < out.size();) {
      const char32_t c = next_code_point(out, i);
      if (c > 0xFFFF) {
        units += static_cast<char16_t>(0xD7C0 + (c >> 10));
        units += static_cast<char16_t>(0xDC00 + (c & 0x3FF));
      } else {
        units += static_cast<char16_t>(c);
      }
    }
    out = from_utf16(units);
  }
  token.text = text_.substr(start, at_ - start);
  if (quote == '"') {
    token.kind = TokenKind::kString;
    token.value = Value::text(out);
    return token;
  }
  std::size_t end = 0;
  const char32_t c = out.empty() ? 0 : next_code_point(out, end);
  if (out.empty() || end != out.size() || c > 0xFFFF) {
    return fail(HResult::kWbemmofEIllegalConstantValue, "a character constant holds one character",
                token.at, std::string(token.text));
  }
  token.kind = TokenKind::kChar;
  token.value = Value::unsigned_integer(Type::kChar16, c);
  return token;
}

}  // namespace slwmi::cim::mof
