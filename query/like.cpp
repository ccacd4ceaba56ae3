// Compiles a pattern to elements grouped in segments, and matches texts as ASCII bytes where they
// are, else as UTF-16.
#include "query/like.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/text.hpp"
#include "query/dialect.hpp"

namespace slwmi::wql {
namespace {

constexpr std::array<char, 256> make_upper() {
  std::array<char, 256> t{};
  for (int c = 0; c < 256; ++c) t[c] = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return t;
}
constexpr std::array<char, 256> kUpper = make_upper();

// Beyond so many comparisons a search pays for its tables.
constexpr std::size_t kManySteps = 1 << 18;

// Texts as the matcher sees them: upcased units by index.
struct AsciiText {
  const char* data;
  char16_t operator[](std::size_t i) const {
    return static_cast<unsigned char>(kUpper[static_cast<unsigned char>(data[i])]);
  }
};
struct WideText {
  const char16_t* data;
  char16_t operator[](std::size_t i) const { return data[i]; }
};

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all = static_cast<unsigned char>(all | static_cast<unsigned char>(c));
  return all < 0x80;
}

std::u16string upcased(std::string_view text) {
  std::u16string units = to_utf16(text);
  for (char16_t& unit : units) unit = upcase(unit);
  return units;
}

}  // namespace

LikePattern::LikePattern(std::string_view pattern) {
  const std::u16string units = upcased(pattern);
  std::uint32_t begin = 0;
  const auto close_segment = [&] {
    const auto end = static_cast<std::uint32_t>(elements_.size());
    segments_.push_back({begin, end});
    begin = end;
  };
  for (std::size_t i = 0; i < units.size(); ++i) {
    const char16_t unit = units[i];
    if (unit == u'%') {
      has_wildcards_ = has_percent_ = true;
      close_segment();
    } else if (unit == u'_') {
      has_wildcards_ = true;
      elements_.push_back({Kind::kAny, 0});
    } else if (const std::size_t close = unit == u'[' ? add_set(units, i) : 0; close != 0) {
      has_wildcards_ = true;
      elements_.push_back({Kind::kSet, static_cast<std::uint16_t>(sets_.size() - 1)});
      i = close;
    } else {
      elements_.push_back({Kind::kUnit, unit});
    }
  }
  close_segment();
}

// Reads the set that opens at `open` and answers where it closes, 0 when it never does.
std::size_t LikePattern::add_set(std::u16string_view units, std::size_t open) {
  const std::size_t close = units.find(u']', open + 1);
  if (close == std::u16string_view::npos || sets_.size() > 0xFFFE) return 0;
  std::u16string_view body = units.substr(open + 1, close - open - 1);
  Set set;
  if (body.size() > 1 && body[0] == u'^') {
    set.negated = true;
    body.remove_prefix(1);
  }
  for (std::size_t i = 0; i < body.size(); ++i) {
    const bool range = i + 2 < body.size() && (body[i + 1] == u'-' || body[i + 1] == u'=');
    set.ranges.emplace_back(body[i], range ? body[i + 2] : body[i]);
    if (range) i += 2;
  }
  for (char16_t unit = 0; unit < 128; ++unit) {
    const bool inside = std::any_of(set.ranges.begin(), set.ranges.end(), [&](const auto& r) {
      return r.first <= unit && unit <= r.second;
    });
    set.ascii[unit] = inside != set.negated;
  }
  sets_.push_back(std::move(set));
  return close;
}

bool LikePattern::in_set(const Set& set, char16_t unit) const {
  if (unit < 128) return set.ascii[unit];
  const bool inside = std::any_of(set.ranges.begin(), set.ranges.end(), [&](const auto& r) {
    return r.first <= unit && unit <= r.second;
  });
  return inside != set.negated;
}

bool LikePattern::fits_unit(const Element& element, char16_t unit) const {
  switch (element.kind) {
    case Kind::kUnit:
      return unit == element.value;
    case Kind::kAny:
      return true;
    case Kind::kSet:
      return in_set(sets_[element.value], unit);
  }
  return false;
}

template <class Text>
bool LikePattern::fits(const Segment& segment, Text text, std::size_t at) const {
  for (std::uint32_t i = segment.begin; i != segment.end; ++i, ++at) {
    if (!fits_unit(elements_[i], text[at])) return false;
  }
  return true;
}

// Where the segment first fits in [at, end); `end` when nowhere.
template <class Text>
std::size_t LikePattern::find(const Segment& segment, Text text, std::size_t at,
                              std::size_t end) const {
  const std::size_t length = segment.length();
  if (length > end - at) return end;
  if (length > 16 && (end - at) * length > kManySteps)
    return find_in_parallel(segment, text, at, end);
  for (; at + length <= end; ++at) {
    if (fits(segment, text, at)) return at;
  }
  return end;
}

// Shift-And: one bit for each beginning of the segment that fits the text up to here. The cost is
// bounded by text times segment over 64, whatever both hold.
template <class Text>
std::size_t LikePattern::find_in_parallel(const Segment& segment, Text text, std::size_t at,
                                          std::size_t end) const {
  const std::size_t length = segment.length(), words = (length + 63) / 64;
  std::unordered_map<char16_t, std::vector<std::uint64_t>> masks;
  std::vector<std::uint64_t> state(words);
  for (; at != end; ++at) {
    const char16_t unit = text[at];
    std::vector<std::uint64_t>& mask = masks[unit];
    if (mask.empty()) {
      mask.resize(words);
      for (std::size_t i = 0; i < length; ++i) {
        const bool fits = fits_unit(elements_[segment.begin + i], unit);
        mask[i / 64] |= static_cast<std::uint64_t>(fits) << (i % 64);
      }
    }
    std::uint64_t carry = 1;
    for (std::size_t w = 0; w < words; ++w) {
      const std::uint64_t out = state[w] >> 63;
      state[w] = (state[w] << 1 | carry) & mask[w];
      carry = out;
    }
    if (((state[words - 1] >> ((length - 1) % 64)) & 1u) != 0) return at + 1 - length;
  }
  return end;
}

template <class Text>
bool LikePattern::match(Text text, std::size_t size) const {
  const Segment& first = segments_.front();
  if (!has_percent_) return first.length() == size && fits(first, text, 0);
  const Segment& last = segments_.back();
  if (size < std::size_t{first.length()} + last.length()) return false;
  if (!fits(first, text, 0) || !fits(last, text, size - last.length())) return false;
  std::size_t at = first.length();
  const std::size_t end = size - last.length();
  for (std::size_t s = 1; s + 1 < segments_.size(); ++s) {
    const std::size_t length = segments_[s].length();
    if (length == 0) continue;
    at = find(segments_[s], text, at, end);
    if (at == end) return false;
    at += length;
  }
  return true;
}

bool LikePattern::matches(std::string_view text) const {
  if (is_ascii(text)) return match(AsciiText{text.data()}, text.size());
  const std::u16string units = upcased(text);
  return match(WideText{units.data()}, units.size());
}

}  // namespace slwmi::wql
