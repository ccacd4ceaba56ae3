#include "query/references.hpp"

#include "base/text.hpp"

namespace slwmi::wql {

bool same_object(const cim::ObjectPath& a, const cim::ObjectPath& b) {
  if (!equal_ignore_case(a.class_name(), b.class_name()) || a.is_singleton() != b.is_singleton())
    return false;
  if (!a.is_local() && !b.is_local() && !equal_ignore_case(a.server(), b.server())) return false;
  if (!a.ns().empty() && !b.ns().empty() && !equal_ignore_case(a.ns(), b.ns())) return false;
  if (a.keys().size() != b.keys().size()) return false;
  for (const cim::ObjectPath::Key& key : a.keys()) {
    const cim::Value* const other = key.name.empty() ? &b.keys()[0].value : b.find_key(key.name);
    if (other == nullptr || !equal_ignore_case(key.value.to_display(), other->to_display()))
      return false;
  }
  return true;
}

bool same_object(std::string_view a, std::string_view b) {
  if (equal_ignore_case(a, b)) return true;
  const auto left = cim::ObjectPath::parse(a), right = cim::ObjectPath::parse(b);
  return left && right && same_object(*left, *right);
}

}  // namespace slwmi::wql
