// The input is a pattern, a NUL, and a text. Letter case never counts, a % on either side only
// widens, and a pattern without wildcards fits itself alone.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "query/like.hpp"

using slwmi::wql::LikePattern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = input.find('\0');
  const std::string pattern(input.substr(0, cut));
  const std::string text(cut == std::string_view::npos ? std::string_view()
                                                       : input.substr(cut + 1));
  const LikePattern like(pattern);
  const bool matches = like.matches(text);
  if (LikePattern(slwmi::fold(pattern)).matches(slwmi::fold(text)) != matches) std::abort();
  if (matches && !LikePattern("%" + pattern).matches(text)) std::abort();
  if (matches && !LikePattern(pattern + "%").matches(text)) std::abort();
  if (!like.has_wildcards() && !like.matches(pattern)) std::abort();
  if (!like.has_wildcards() &&
      matches != slwmi::equal_ignore_case(slwmi::from_utf16(slwmi::to_utf16(pattern)),
                                          slwmi::from_utf16(slwmi::to_utf16(text)))) {
    std::abort();
  }
  return 0;
}
