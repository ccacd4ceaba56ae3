// Well-formed text survives UTF-16 and back; any bytes become well-formed; folding is idempotent
// and decides equality.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto invalid = slwmi::find_invalid(text);
  const std::string again = slwmi::from_utf16le(slwmi::to_utf16le(text));
  if (!invalid && again != text) std::abort();
  if (slwmi::find_invalid(again)) std::abort();
  const std::string folded = slwmi::fold(again);
  if (slwmi::fold(folded) != folded) std::abort();
  if (!slwmi::equal_ignore_case(folded, again)) std::abort();
  if (slwmi::hash_ignore_case(folded) != slwmi::hash_ignore_case(again)) std::abort();
  return 0;
}
