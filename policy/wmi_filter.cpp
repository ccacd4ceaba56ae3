#include "policy/wmi_filter.hpp"

#include "base/text.hpp"

namespace slwmi::policy {
namespace {

constexpr std::size_t kMostQueries = 1000;

class FilterReader {
 public:
  explicit FilterReader(std::string_view text) : text_(text) {}

  Result<WmiFilter> read() {
    SL_TRY(const std::size_t count, number("the number of queries"));
    if (count == 0 || count > kMostQueries) {
      return malformed(0, "the number of queries is not 1 to " + std::to_string(kMostQueries));
    }
    for (std::size_t left = count; left > 0; --left) SL_CHECK(query(left == 1));
    if (at_ < text_.size()) return malformed(at_, "text after the last query");
    return std::move(filter_);
  }

 private:
  static tl::unexpected<Error> malformed(std::size_t offset, std::string message) {
    return fail(HResult::kErrorInvalidData, std::move(message),
                SourcePos{offset, 1, static_cast<int>(offset) + 1});
  }

  Result<std::string_view> field(const char* what) {
    const std::size_t end = text_.find(';', at_);
    if (end == std::string_view::npos) return malformed(at_, std::string(what) + " is missing");
    const std::string_view found = text_.substr(at_, end - at_);
    at_ = end + 1;
    return found;
  }

  Result<std::size_t> number(const char* what) {
    const std::size_t start = at_;
    SL_TRY(const std::string_view digits, field(what));
    const auto value = parse_unsigned(digits);
    if (!value) return malformed(start, std::string(what) + " is no number");
    return static_cast<std::size_t>(*value);
  }

  Result<> query(bool last) {
    const std::size_t start = at_;
    SL_TRY(const std::size_t fields, number("the 3 before a query"));
    if (fields != 3) return malformed(start, "expected 3 before a query");
    SL_TRY(const std::size_t ns_length, number("the namespace's length"));
    WmiQuery query;
    SL_TRY(query.declared_length, number("the query's length"));
    SL_TRY(const std::string_view language, field("the language"));
    SL_TRY(const std::string_view ns, field("the namespace"));
    query.language = language;
    query.ns = ns;
    const std::size_t text_at = at_;
    const std::size_t end = end_of_query(query.declared_length, last);
    query.text = text_.substr(at_, end - at_);
    at_ = std::min(end + 1, text_.size());
    if (query.text.empty()) return malformed(text_at, "the query is missing");
    lint("namespace", utf16_length(ns), ns_length, text_at);
    lint("query", utf16_length(query.text), query.declared_length, text_at);
    filter_.queries.push_back(std::move(query));
    return {};
  }

  // A query may have semicolons in its texts: the length is believed where it leads to a separator
  // that fits.
  std::size_t end_of_query(std::size_t length, bool last) const {
    if (length < text_.size() - at_ && ends_at(at_ + length, last)) return at_ + length;
    if (last) return text_.back() == ';' && text_.size() > at_ ? text_.size() - 1 : text_.size();
    for (std::size_t end = text_.find(';', at_); end != std::string_view::npos;
         end = text_.find(';', end + 1)) {
      if (ends_at(end, last)) return end;
    }
    return text_.size();
  }

  bool ends_at(std::size_t offset, bool last) const {
    if (offset >= text_.size() || text_[offset] != ';') return false;
    return last ? offset + 1 == text_.size() : text_.substr(offset + 1, 2) == "3;";
  }

  void lint(const char* what, std::size_t real, std::size_t declared, std::size_t offset) {
    if (real == declared) return;
    filter_.lints.push_back({Severity::kWarning,
                             "wrong-length",
                             std::string("the ") + what + " has " + std::to_string(real) +
                                 " characters, and its length says " + std::to_string(declared),
                             {SourcePos{offset, 1, static_cast<int>(offset) + 1},
                              "query " + std::to_string(filter_.queries.size())}});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  WmiFilter filter_;
};

}  // namespace

Result<WmiFilter> parse_wmi_filter(std::string_view text) { return FilterReader(text).read(); }

Result<bool> passes(const WmiFilter& filter, FunctionRef<Result<bool>(const WmiQuery&)> has_row) {
  for (const WmiQuery& query : filter.queries) {
    SL_TRY(const bool found, has_row(query));
    if (!found) return false;
  }
  return true;
}

}  // namespace slwmi::policy
