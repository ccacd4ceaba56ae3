#include "provider/binding.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "registry/path.hpp"
#include "registry/value.hpp"

namespace slwmi::licensing {
namespace {

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void add_once(std::vector<std::string>& list, const std::string& name) {
  if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
}

bool is_declared_property(std::span<const cim::ClassPtr> classes, std::string_view name) {
  return std::any_of(classes.begin(), classes.end(), [&](const cim::ClassPtr& cls) {
    const cim::Property* property = cls->find_property(name);
    return property != nullptr && property->name == name;
  });
}

bool is_declared_method(std::span<const cim::ClassPtr> classes, std::string_view name) {
  return std::any_of(classes.begin(), classes.end(), [&](const cim::ClassPtr& cls) {
    const cim::Method* method = cls->find_method(name);
    return method != nullptr && method->name == name;
  });
}

}  // namespace

std::optional<RegistrySource> registry_source(const cim::Class& cls,
                                              const cim::Property& property) {
  const std::string_view name = property.qualifiers.text("RegistryValue");
  if (name.empty()) return std::nullopt;
  std::string_view path = property.qualifiers.text("RegistryKey");
  if (path.empty()) path = cls.qualifiers().text("RegistryKey");
  return RegistrySource{reg::key_of(path), reg::intern_name(name).id};
}

cim::Value read_property(const reg::HiveView& view, const RegistrySource& source,
                         const cim::Property& property) {
  const auto value = view.find(source.key, source.name);
  if (!value) return property.default_value;
  if (property.type == cim::Type::kUint32 && value->type == reg::ValueType::kDword) {
    if (const auto number = reg::as_dword(*value)) return cim::Value::uint32(*number);
  }
  if (property.type == cim::Type::kString && value->type == reg::ValueType::kSz) {
    if (const auto text = reg::as_string(*value)) return cim::Value::text(*text);
  }
  return property.default_value;
}

Missing missing_properties(std::span<const cim::ClassPtr> classes,
                           std::span<const std::string_view> bound) {
  Missing out;
  for (const cim::ClassPtr& cls : classes) {
    for (const cim::Property& property : cls->properties()) {
      const bool needs_no_code =
          registry_source(*cls, property).has_value() || !property.default_value.is_null();
      if (!needs_no_code && !contains(bound, property.name)) add_once(out.unbound, property.name);
    }
  }
  for (const std::string_view name : bound)
    if (!is_declared_property(classes, name)) out.undeclared.emplace_back(name);
  return out;
}

Missing missing_methods(std::span<const cim::ClassPtr> classes,
                        std::span<const std::string_view> bound) {
  Missing out;
  for (const cim::ClassPtr& cls : classes)
    for (const cim::Method& method : cls->methods())
      if (!contains(bound, method.name)) add_once(out.unbound, method.name);
  for (const std::string_view name : bound)
    if (!is_declared_method(classes, name)) out.undeclared.emplace_back(name);
  return out;
}

}  // namespace slwmi::licensing
