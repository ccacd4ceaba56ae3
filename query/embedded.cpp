#include "query/embedded.hpp"

#include "schema/instance.hpp"

namespace slwmi::wql {

cim::Value follow(cim::Value value, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (value.type() != cim::Type::kObject || value.is_null() || value.is_array()) return {};
    const std::shared_ptr<const cim::Instance> object = value.as_object();
    if (object == nullptr || !object->valid()) return {};
    cim::Value next = object->get(name);
    if (next.type() == cim::Type::kEmpty) next = cim::system_property(*object, name, {}, {});
    value = std::move(next);
  }
  return value;
}

}  // namespace slwmi::wql
