// The words of a MOF text, one at a time. Comments and blanks are skipped; every word knows its
// line and column.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "schema/value.hpp"

namespace slwmi::cim::mof {

enum class TokenKind { kEnd, kIdentifier, kNumber, kString, kChar, kAlias, kPunctuation };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  // as written; of an alias without the $
  Value value;  // of numbers (uint64 or real64), strings (pieces not yet joined) and characters
  SourcePos at = {};
  bool is(char punctuation) const {
    return kind == TokenKind::kPunctuation && text.front() == punctuation;
  }
};

class Lexer {
 public:
  // `text` is UTF-8 and must outlive the lexer and its tokens.
  explicit Lexer(std::string_view text) : text_(text) {}
  // WBEMMOF_E_UNRECOGNIZED_TOKEN, WBEMMOF_E_ILLEGAL_CONSTANT_VALUE with the position.
  Result<Token> next();

 private:
  Result<> skip_blanks();
  Result<Token> number(Token token);
  Result<Token> quoted(Token token, char quote);
  Result<char32_t> escape();
  SourcePos here() const { return {at_, line_, static_cast<int>(at_ - line_start_) + 1}; }
  bool done() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
};

}  // namespace slwmi::cim::mof
