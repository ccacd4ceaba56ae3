#include "query/references.hpp"

#include "base/text.hpp"

namespace slwmi::wql {

bool same_object(const cim::ObjectPath& a, const cim::ObjectPath& b) {
  if (!equal_ignore_case(a.class_name(), b.class_name()) || a.is_singleton() != b.is_singleton())
    return false;
  if (!a.ns().empty() && !b.ns().empty() && !equal_ignore_case(a.ns(), b.ns())) return false;
  if (a.keys().size() != b.keys().size()) return false;
  for (const cim::ObjectPath::Key& key : a.keys()) {
    const cim::Value* const other = key.name.empty() ? &b.keys()[0].value : b.find_key(key.name);
    if (other == nullptr || !equal_ignore_case(key.value.to_display(), other->to_display()))
      return false;
  }
  return true;
}

bool names_object(std::string_view text, const cim::ObjectPath& path) {
  const auto other = cim::ObjectPath::parse(text);
  return other && same_object(*other, path);
}

bool same_object(std::string_view a, std::string_view b) {
  if (equal_ignore_case(a, b)) return true;
  const auto left = cim::ObjectPath::parse(a);
  return left && names_object(b, *left);
}

}  // namespace slwmi::wql
