// LIKE patterns: % any text, _ one UTF-16 unit, [abc], [a-f] or [a=f], [^...]; inside brackets % _
// [ are themselves, a separator at the edge is a literal, and [^] is a caret. Letter case never
// counts (Windows' upcase). Matching goes left to right without backtracking over more than one
// segment, so no pattern is exponential.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slwmi::wql {

class LikePattern {
 public:
  // Every text is a pattern: a `[` that nothing closes stands for itself. `pattern` is already
  // unescaped.
  explicit LikePattern(std::string_view pattern);

  // Whether the whole text fits.
  bool matches(std::string_view text) const;

  // False for a pattern that only its own text (in any case) fits.
  bool has_wildcards() const { return has_wildcards_; }

 private:
  enum class Kind : std::uint8_t { kUnit, kAny, kSet };
  struct Element {
    Kind kind;
    std::uint16_t value;  // kUnit: the upcased unit; kSet: an index
  };
  struct Set {
    bool negated = false;
    std::bitset<128> ascii;  // the answer for ASCII, negation included
    std::vector<std::pair<char16_t, char16_t>> ranges;
  };
  struct Segment {  // what stands between two %
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t length() const { return end - begin; }
  };

  std::size_t add_set(std::u16string_view units, std::size_t open);
  bool in_set(const Set& set, char16_t unit) const;
  template <class Text>
  bool fits(const Segment& segment, Text text, std::size_t at) const;
  bool fits_unit(const Element& element, char16_t unit) const;
  template <class Text>
  std::size_t find(const Segment& segment, Text text, std::size_t at, std::size_t end) const;
  template <class Text>
  std::size_t find_in_parallel(const Segment& segment, Text text, std::size_t at,
                               std::size_t end) const;
  template <class Text>
  bool match(Text text, std::size_t size) const;

  std::vector<Element> elements_;
  std::vector<Set> sets_;
  std::vector<Segment> segments_;  // never empty
  bool has_wildcards_ = false;
  bool has_percent_ = false;
};

}  // namespace slwmi::wql
