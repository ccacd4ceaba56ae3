// What the parser takes lies inside the text, blanks around it change nothing, and an error points
// into the text.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "query/parser.hpp"

namespace wql = slwmi::wql;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto query = wql::parse(text);
  if (!query) {
    const slwmi::Error& error = query.error();
    if (!slwmi::failed(error.code) || !error.at || error.at->offset > size || error.message.empty())
      std::abort();
    return 0;
  }
  for (const wql::Node& node : query->where) {
    if (node.property.offset + node.property.length > size) std::abort();
    if (node.literal.offset + node.literal.length > size) std::abort();
  }
  const std::string padded = "\t " + text + "\r\n";
  const auto again = wql::parse(padded);
  if (!again || wql::dump(*again) != wql::dump(*query)) std::abort();
  return 0;
}
