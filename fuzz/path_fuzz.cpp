// What the path parser accepts it can write, and reads back as the same path.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "schema/object_path.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using slwmi::cim::ObjectPath;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto path = ObjectPath::parse(text);
  if (!path) {
    if (!path.error().at || path.error().at->offset > size) std::abort();
    return 0;
  }
  const std::string normal = path->text();
  if (path->ns().empty() && !path->class_name().empty()) {
    const auto again = ObjectPath::parse(path->text(slwmi::cim::PathText::kRelativeOnly));
    if (!again || again->keys() != path->keys()) std::abort();
  } else {
    const auto again = ObjectPath::parse(normal);
    if (!again || again->text() != normal || again->keys() != path->keys()) std::abort();
  }
  return 0;
}
