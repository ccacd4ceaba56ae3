// What is accepted as a CIM datetime or interval is written back the same, but for the offset of a
// timestamp.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/datetime.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = slwmi::parse_cim_datetime(text);
  if (!parsed) {
    if (!parsed.error().at || parsed.error().at->offset > size) std::abort();
    return 0;
  }
  if (parsed->span && slwmi::format_cim_interval(*parsed->span) != text) std::abort();
  if (parsed->time) {
    const std::string again = slwmi::format_cim_datetime(*parsed->time, parsed->utc_offset);
    if (std::string_view(again).substr(0, 21) != text.substr(0, 21)) std::abort();
  }
  return 0;
}
