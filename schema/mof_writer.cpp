#include "schema/mof_writer.hpp"

#include <algorithm>

namespace slwmi::cim::mof {
namespace {

std::string qualifiers(const QualifierSet& set) {
  std::string out;
  for (const Qualifier& qualifier : set) {
    if (qualifier.propagated) continue;
    out += out.empty() ? "[" : ", ";
    out += qualifier.name;
    const Value& value = qualifier.value;
    if (value.is_array() && !value.is_null()) {
      out += value.to_mof();
    } else if (!(value == Value::boolean(true))) {
      out += "(" + value.to_mof() + ")";
    }
    std::string flavors;
    if (has(qualifier.flavor, Flavor::kToInstance)) flavors += " ToInstance";
    if (has(qualifier.flavor, Flavor::kToSubclass)) flavors += " ToSubclass";
    if (has(qualifier.flavor, Flavor::kNotOverridable)) flavors += " DisableOverride";
    if (has(qualifier.flavor, Flavor::kAmended)) flavors += " Amended";
    if (!flavors.empty()) out += ":" + flavors;
  }
  return out.empty() ? out : out + "]";
}

std::string type_of(Type type, const std::string& class_name) {
  if (type == Type::kReference) return (class_name.empty() ? "object" : class_name) + " ref";
  if (type == Type::kObject && !class_name.empty()) return class_name;
  return std::string(name_of(type));
}

// `[qualifiers] type name[size] = value`
template <class Member>
std::string member(const Member& what, std::uint32_t array_size) {
  std::string out = qualifiers(what.qualifiers);
  if (!out.empty()) out += ' ';
  out += type_of(what.type, what.reference_class) + " " + what.name;
  if (what.is_array) out += array_size == 0 ? "[]" : "[" + std::to_string(array_size) + "]";
  if (!what.default_value.is_null()) out += " = " + what.default_value.to_mof();
  return out;
}

std::string method_text(const Method& method) {
  std::string out = qualifiers(method.qualifiers);
  if (!out.empty()) out += ' ';
  out += method.returns_void ? "void" : std::string(name_of(method.return_type));
  out += " " + method.name + "(";
  for (const Parameter& parameter : method.parameters) {
    if (out.back() != '(') out += ", ";
    out += member(parameter, 0);
  }
  return out + ")";
}

}  // namespace

std::string write(const Class& cls) {
  std::string out = qualifiers(cls.qualifiers());
  if (!out.empty()) out += '\n';
  out += "class " + cls.name();
  if (cls.superclass() != nullptr) out += " : " + cls.superclass()->name();
  out += "\n{\n";
  for (const Property& property : cls.properties()) {
    if (property.local) out += "\t" + member(property, property.array_size) + ";\n";
  }
  for (const Method& method : cls.methods()) {
    if (method.local) out += "\t" + method_text(method) + ";\n";
  }
  return out + "};\n";
}

std::string write(const Instance& instance) { return instance.to_mof(); }

std::string write_layer(const Repository& repository) {
  std::string out;
  for (const auto& [ns, space] : repository.layer()) {
    const bool system = ns == Repository::kSystemNamespace;
    if (!system) out += "#pragma namespace(" + quote_mof("\\\\.\\" + ns) + ")\n";
    std::vector<ClassPtr> classes;
    for (const auto& [name, cls] : space.classes) {
      if (cls == nullptr) {
        out += "#pragma deleteclass(" + quote_mof(name) + ", NOFAIL)\n";
      } else {
        classes.push_back(cls);
      }
    }
    std::stable_sort(classes.begin(), classes.end(), [](const ClassPtr& a, const ClassPtr& b) {
      return a->derivation().size() < b->derivation().size();
    });
    for (const ClassPtr& cls : classes) out += write(*cls);
    for (const auto& [name, table] : space.instances) {
      for (const Instance& row : table->rows()) out += write(row);
    }
  }
  return out;
}

}  // namespace slwmi::cim::mof
