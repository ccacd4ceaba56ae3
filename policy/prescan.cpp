#include "policy/prescan.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace slwmi::policy {
namespace {

// What the three scanners share: the text, the limits and the marks made so far.
class Scan {
 public:
  Scan(std::string_view text, const Limits& limits) : text_(text), limits_(limits) {}

  char at(std::size_t offset) const { return offset < text_.size() ? text_[offset] : '\0'; }
  bool starts(std::size_t offset, std::string_view word) const {
    return offset <= text_.size() && text_.substr(offset).substr(0, word.size()) == word;
  }
  std::string_view text() const { return text_; }
  std::size_t size() const { return text_.size(); }

  tl::unexpected<Error> malformed(std::size_t offset, std::string message) const {
    return failure(HResult::kErrorInvalidData, offset, std::move(message));
  }

  Result<> check_depth(std::size_t depth, std::size_t offset) const {
    if (depth <= limits_.depth) return {};
    return failure(
        HResult::kEInvalidarg, offset,
        "the document is nested deeper than " + std::to_string(limits_.depth) + " levels");
  }

  Result<> mark(std::size_t offset, Node::Shape shape) {
    if (marks_.size() == limits_.nodes) {
      return failure(HResult::kEInvalidarg, offset,
                     "the document has more than " + std::to_string(limits_.nodes) + " nodes");
    }
    marks_.push_back({offset, shape});
    return {};
  }

  std::vector<Mark>& marks() { return marks_; }

 private:
  tl::unexpected<Error> failure(HResult code, std::size_t offset, std::string message) const {
    std::size_t end = std::min(text_.size(), offset + 1);
    while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0) == 0x80) ++end;
    return fail(
        code, std::move(message), position_of(text_, offset),
        std::string(text_.substr(std::min(offset, text_.size()), end - std::min(offset, end))));
  }

  std::string_view text_;
  const Limits& limits_;
  std::vector<Mark> marks_;
};

bool is_json_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class JsonScan : public Scan {
 public:
  using Scan::Scan;

  Result<> run() {
    while (true) {
      while (is_json_space(at(offset_))) ++offset_;
      if (offset_ >= size()) break;
      SL_CHECK(token());
    }
    if (!open_.empty())
      return malformed(size(), std::string("a '") + open_.back() + "' is not closed");
    if (state_ != State::kDone) return malformed(size(), "the document is empty");
    return {};
  }

 private:
  enum class State : std::uint8_t { kValue, kKeyOrEnd, kKey, kColon, kValueOrEnd, kNext, kDone };

  Result<> token() {
    const char c = at(offset_);
    if (state_ == State::kDone) return malformed(offset_, "text after the end of the document");
    if (c == '}' || c == ']') return close(c);
    if (state_ == State::kNext) {
      if (c != ',') return malformed(offset_, std::string("expected ',' or '") + closing() + "'");
      state_ = open_.back() == '{' ? State::kKey : State::kValue;
      ++offset_;
      return {};
    }
    if (state_ == State::kColon) {
      if (c != ':') return malformed(offset_, "expected ':' after a name");
      state_ = State::kValue;
      ++offset_;
      return {};
    }
    if (state_ == State::kKey || state_ == State::kKeyOrEnd) {
      if (c != '"') return malformed(offset_, "expected a name in quotes");
      SL_CHECK(mark(offset_, Node::Shape::kText));
      state_ = State::kColon;
      return string();
    }
    return value(c);
  }

  char closing() const { return open_.back() == '{' ? '}' : ']'; }

  Result<> close(char c) {
    const bool may_end =
        state_ == State::kNext || state_ == State::kKeyOrEnd || state_ == State::kValueOrEnd;
    if (open_.empty() || !may_end || closing() != c) {
      return malformed(offset_, std::string("unexpected '") + c + "'");
    }
    open_.pop_back();
    ++offset_;
    after_value();
    return {};
  }

  void after_value() { state_ = open_.empty() ? State::kDone : State::kNext; }

  Result<> value(char c) {
    auto shape = Node::Shape::kText;
    if (c == '{') shape = Node::Shape::kObject;
    if (c == '[') shape = Node::Shape::kList;
    if (c == 'n') shape = Node::Shape::kNull;
    if (!open_.empty()) {
      if (open_.back() == '[') {
        SL_CHECK(mark(offset_, shape));
      } else {
        marks().back().shape = shape;
      }
    }
    if (c == '{' || c == '[') {
      SL_CHECK(check_depth(open_.size() + 1, offset_));
      open_.push_back(c);
      state_ = c == '{' ? State::kKeyOrEnd : State::kValueOrEnd;
      ++offset_;
      return {};
    }
    if (c == '"') {
      SL_CHECK(string());
    } else {
      SL_CHECK(literal());
    }
    after_value();
    return {};
  }

  Result<> string() {
    const std::size_t start = offset_;
    for (++offset_; offset_ < size(); ++offset_) {
      const char c = at(offset_);
      if (c == '\\') {
        ++offset_;
      } else if (c == '"') {
        ++offset_;
        return {};
      } else if (static_cast<unsigned char>(c) < 0x20) {
        return malformed(offset_, "a control character in a string; write an escape");
      }
    }
    return malformed(start, "the string is not closed");
  }

  Result<> literal() {
    const std::size_t start = offset_;
    while (is_ascii_alpha(at(offset_)) || is_digit(at(offset_)) || at(offset_) == '-' ||
           at(offset_) == '+' || at(offset_) == '.') {
      ++offset_;
    }
    const std::string_view word = text().substr(start, offset_ - start);
    const bool number = !word.empty() && (is_digit(word[0]) || word[0] == '-');
    if (number || word == "true" || word == "false" || word == "null") return {};
    return malformed(start, "expected a value");
  }

  std::string open_;  // the brackets that are open
  State state_ = State::kValue;
  std::size_t offset_ = 0;
};

bool is_info_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// INFO is read line by line: a name, its text on the same line, braces where a token may start.
class InfoScan : public Scan {
 public:
  using Scan::Scan;

  Result<> run() {
    while (offset_ <= size()) {
      end_ = std::min(text().find('\n', offset_), size());
      skip_space();
      if (at(offset_) == '#')
        return malformed(offset_, "directives are not read, '#include' neither");
      SL_CHECK(line());
      offset_ = end_ + 1;
    }
    if (depth_ != 1) return malformed(size(), "a '{' is not closed");
    if (state_ == State::kMore) return malformed(size(), "the text ends after a '\\'");
    return {};
  }

 private:
  enum class State : std::uint8_t { kName, kText, kMore };

  void skip_space() {
    while (offset_ < end_ && is_info_space(at(offset_))) ++offset_;
  }

  Result<> line() {
    for (skip_space(); offset_ < end_ && at(offset_) != ';'; skip_space()) SL_CHECK(token());
    if (state_ == State::kText) state_ = State::kName;
    return {};
  }

  Result<> token() {
    const char c = at(offset_);
    if (state_ == State::kMore) {
      if (c != '"') return malformed(offset_, "expected '\"' after a '\\' at the end of a line");
      return quoted(/*may_continue=*/true);
    }
    if (c == '{') return open();
    if (c == '}') return close();
    if (state_ == State::kName) {
      SL_CHECK(mark(offset_, Node::Shape::kText));
      last_ = marks().size();
      state_ = State::kText;
      return c == '"' ? quoted(/*may_continue=*/false) : word();
    }
    if (c == '"') return quoted(/*may_continue=*/true);
    state_ = State::kName;
    return word();
  }

  Result<> open() {
    if (last_ == 0) return malformed(offset_, "'{' without a name before it");
    SL_CHECK(check_depth(depth_, offset_));
    marks()[last_ - 1].shape = Node::Shape::kObject;
    last_ = 0;
    ++depth_;
    ++offset_;
    state_ = State::kName;
    return {};
  }

  Result<> close() {
    if (depth_ == 1) return malformed(offset_, "'}' without a '{'");
    last_ = 0;
    --depth_;
    ++offset_;
    state_ = State::kName;
    return {};
  }

  Result<> word() {
    while (offset_ < end_ && !is_info_space(at(offset_)) && at(offset_) != ';') {
      SL_CHECK(check_escape());
      ++offset_;
    }
    return {};
  }

  // At a backslash: steps to the character after it.
  Result<> check_escape() {
    if (at(offset_) != '\\') return {};
    constexpr std::string_view kKnown = "0abfnrtv\"'\\";
    if (offset_ + 1 >= end_ || kKnown.find(at(offset_ + 1)) == std::string_view::npos) {
      return malformed(offset_, "unknown escape; a backslash is written '\\\\'");
    }
    ++offset_;
    return {};
  }

  Result<> quoted(bool may_continue) {
    const std::size_t start = offset_;
    for (++offset_; offset_ < end_ && at(offset_) != '"'; ++offset_) SL_CHECK(check_escape());
    if (offset_ >= end_) return malformed(start, "the string is not closed on its line");
    ++offset_;
    skip_space();
    if (offset_ < end_ && at(offset_) == '\\') {
      if (!may_continue) return malformed(offset_, "a name goes on after '\\'");
      ++offset_;
      skip_space();
      if (offset_ < end_ && at(offset_) != ';') return malformed(offset_, "text after a '\\'");
      state_ = State::kMore;
      return {};
    }
    if (may_continue) state_ = State::kName;
    return {};
  }

  std::size_t offset_ = 0, end_ = 0;
  std::size_t depth_ = 1;
  std::size_t last_ = 0;  // number of the mark that a '{' would open; 0: none
  State state_ = State::kName;
};

bool is_xml_name(char c) {
  return is_ascii_alpha(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == ':' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// XML as far as documents use it: elements, attributes, text, comments, CDATA. Document types are
// refused.
class XmlScan : public Scan {
 public:
  using Scan::Scan;

  Result<> run() {
    while (offset_ < size()) {
      const std::size_t next = std::min(text().find('<', offset_), size());
      if (open_.empty()) SL_CHECK(check_blank(next));
      offset_ = next;
      if (offset_ < size()) SL_CHECK(markup());
    }
    if (!open_.empty()) {
      return malformed(size(), "<" + std::string(open_.back()) + "> is not closed");
    }
    if (!seen_root_) return malformed(size(), "the document has no element");
    return {};
  }

 private:
  Result<> check_blank(std::size_t end) const {
    for (std::size_t i = offset_; i < end; ++i) {
      if (!is_json_space(at(i))) return malformed(i, "text outside of the root element");
    }
    return {};
  }

  Result<> markup() {
    if (starts(offset_, "<!--")) return skip_past("-->", 4, "the comment is not closed");
    if (starts(offset_, "<?")) return skip_past("?>", 2, "the instruction is not closed");
    if (starts(offset_, "<![CDATA[")) {
      if (open_.empty()) return malformed(offset_, "CDATA outside of the root element");
      return skip_past("]]>", 9, "the CDATA section is not closed");
    }
    if (starts(offset_, "<!")) return malformed(offset_, "document types are not read");
    return starts(offset_, "</") ? end_tag() : start_tag();
  }

  Result<> skip_past(std::string_view end, std::size_t head, const char* message) {
    const std::size_t found = text().find(end, offset_ + head);
    if (found == std::string_view::npos) return malformed(offset_, message);
    offset_ = found + end.size();
    return {};
  }

  std::string_view name() {
    const std::size_t start = offset_;
    while (offset_ < size() && is_xml_name(at(offset_))) ++offset_;
    return text().substr(start, offset_ - start);
  }

  void skip_space() {
    while (is_json_space(at(offset_))) ++offset_;
  }

  Result<> end_tag() {
    const std::size_t start = offset_;
    offset_ += 2;
    const std::string_view closed = name();
    skip_space();
    if (at(offset_) != '>') return malformed(offset_, "expected '>'");
    ++offset_;
    if (open_.empty() || open_.back() != closed) {
      return malformed(start, "</" + std::string(closed) + "> closes nothing that is open");
    }
    open_.pop_back();
    return {};
  }

  Result<> start_tag() {
    const std::size_t start = offset_++;
    const std::string_view opened = name();
    if (opened.empty()) return malformed(start, "expected the name of an element after '<'");
    if (open_.empty() && seen_root_) return malformed(start, "a second root element");
    seen_root_ = true;
    SL_CHECK(check_depth(open_.size(), start));
    SL_CHECK(mark(start, Node::Shape::kText));
    while (true) {
      const bool space = is_json_space(at(offset_));
      skip_space();
      if (at(offset_) == '>') {
        ++offset_;
        open_.push_back(opened);
        return {};
      }
      if (starts(offset_, "/>")) {
        offset_ += 2;
        return {};
      }
      if (!space || !is_xml_name(at(offset_))) {
        return malformed(offset_, "expected an attribute, '>' or '/>'");
      }
      SL_CHECK(attribute());
    }
  }

  Result<> attribute() {
    SL_CHECK(mark(offset_, Node::Shape::kText));
    name();
    skip_space();
    if (at(offset_) != '=') return malformed(offset_, "expected '=' after an attribute's name");
    ++offset_;
    skip_space();
    const char quote = at(offset_);
    if (quote != '"' && quote != '\'') return malformed(offset_, "expected a quoted value");
    const std::size_t end = text().find(quote, offset_ + 1);
    if (end == std::string_view::npos) return malformed(offset_, "the value is not closed");
    offset_ = end + 1;
    return {};
  }

  std::vector<std::string_view> open_;
  std::size_t offset_ = 0;
  bool seen_root_ = false;
};

template <class Scanner>
Result<std::vector<Mark>> scan(std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes) {
    return fail(HResult::kEInvalidarg,
                "the document has " + std::to_string(text.size()) +
                    " bytes, more than the limit of " + std::to_string(limits.bytes),
                SourcePos{limits.bytes, 0, 0});
  }
  Scanner scanner(text, limits);
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return scanner.malformed(nul, "a NUL in a text");
  }
  if (const auto bad = find_invalid_utf8(text))
    return scanner.malformed(*bad, "the text is not UTF-8");
  SL_CHECK(scanner.run());
  return std::move(scanner.marks());
}

}  // namespace

SourcePos position_of(std::string_view text, std::size_t offset) {
  SourcePos position{offset, 1, 1};
  const std::string_view before = text.substr(0, offset);
  for (const char c : before) {
    if (c == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++position.column;
    }
  }
  return position;
}

Result<std::vector<Mark>> scan_json(std::string_view text, const Limits& limits) {
  return scan<JsonScan>(text, limits);
}
Result<std::vector<Mark>> scan_info(std::string_view text, const Limits& limits) {
  return scan<InfoScan>(text, limits);
}
Result<std::vector<Mark>> scan_xml(std::string_view text, const Limits& limits) {
  return scan<XmlScan>(text, limits);
}

}  // namespace slwmi::policy
