#include "tools/class_text.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace slwmi::tools {
namespace {

constexpr std::size_t kWidth = 96;

// Qualifiers that the comments tell in words, and those that only concern the machinery.
constexpr std::string_view kTold[] = {
    "Description",   "Units",          "MinValue",    "MaxValue", "Privilege",
    "Scope",         "UserOperations", "Since",       "Until",    "Source",
    "RegistryValue", "RegistryKey",    "ValueMap",    "Values",   "CIMTYPE",
    "dynamic",       "provider",       "implemented", "ID",       "MappingStrings"};

bool is_told(std::string_view name) {
  return std::any_of(std::begin(kTold), std::end(kTold),
                     [&](std::string_view told) { return equal_ignore_case(told, name); });
}

void comment(std::string& out, std::string_view indent, std::string_view text) {
  const std::string prefix = std::string(indent) + "// ";
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) out += prefix + line + "\n";
    line.clear();
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \r\n"), text.size());
    if (end > 0) {
      if (!line.empty() && prefix.size() + line.size() + 1 + end > kWidth) flush();
      if (!line.empty()) line += ' ';
      line += text.substr(0, end);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  flush();
}

void sentence(std::string& out, std::string_view label, const std::string& text) {
  if (text.empty()) return;
  if (!out.empty()) out += ' ';
  out += std::string(label) + ": " + text + ".";
}

std::string display(const cim::QualifierSet& qualifiers, std::string_view name) {
  const cim::Qualifier* found = qualifiers.find(name);
  return found == nullptr ? std::string() : found->value.to_display();
}

// "15 to 43200", "at least 1", "at most 9".
std::string range_of(const cim::QualifierSet& qualifiers) {
  const std::string low = display(qualifiers, "MinValue");
  const std::string high = display(qualifiers, "MaxValue");
  if (!low.empty() && !high.empty()) return low + " to " + high;
  if (!low.empty()) return "at least " + low;
  if (!high.empty()) return "at most " + high;
  return {};
}

std::string privilege_of(const cim::QualifierSet& qualifiers) {
  std::string text = display(qualifiers, "Privilege");
  if (!text.empty() && qualifiers.is_true("UserOperations")) {
    text += ", or everybody through slmgr when UserOperations is 1";
  }
  return text;
}

// "0 Unlicensed, 1 Licensed".
std::string values_of(const cim::QualifierSet& qualifiers) {
  const cim::Qualifier* map = qualifiers.find("ValueMap");
  const cim::Qualifier* names = qualifiers.find("Values");
  if (map == nullptr || !map->value.is_array()) return {};
  std::string text;
  const auto keys = map->value.elements();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i != 0) text += ", ";
    text += keys[i].to_display();
    if (names != nullptr && names->value.is_array() && i < names->value.elements().size()) {
      text += " " + names->value.elements()[i].to_display();
    }
  }
  return text;
}

std::string registry_of(const cim::QualifierSet& qualifiers, const cim::QualifierSet& of_class) {
  const std::string value = display(qualifiers, "RegistryValue");
  if (value.empty()) return {};
  std::string key = display(qualifiers, "RegistryKey");
  if (key.empty()) key = display(of_class, "RegistryKey");
  return key.empty() ? value : key + "\\" + value;
}

// Whom it is for, in words where the qualifier has a token that is enforced.
std::string scope_of(const cim::QualifierSet& qualifiers) {
  const std::string scope = display(qualifiers, "Scope");
  return scope == "KMSHost" ? "KMS hosts only" : scope;
}

std::string facts(const cim::QualifierSet& q, const cim::QualifierSet& of_class) {
  std::string text;
  sentence(text, "Unit", display(q, "Units"));
  sentence(text, "Range", range_of(q));
  sentence(text, "Values", values_of(q));
  sentence(text, "Needs", privilege_of(q));
  sentence(text, "For", scope_of(q));
  sentence(text, "Registry", registry_of(q, of_class));
  sentence(text, "Since", display(q, "Since"));
  sentence(text, "Until", display(q, "Until"));
  sentence(text, "Source", display(q, "Source"));
  return text;
}

// "[key, read] ", with the qualifiers that are not told in words.
std::string brackets(const cim::QualifierSet& qualifiers) {
  std::string text;
  for (const cim::Qualifier& qualifier : qualifiers) {
    if (is_told(qualifier.name)) continue;
    const bool plain_true = qualifier.value.type() == cim::Type::kBoolean &&
                            !qualifier.value.is_null() && !qualifier.value.is_array() &&
                            qualifier.value.as_boolean();
    text += text.empty() ? "[" : ", ";
    text += qualifier.name;
    if (qualifier.value.is_array()) {
      text += qualifier.value.to_mof();
    } else if (!plain_true) {
      text += "(" + qualifier.value.to_mof() + ")";
    }
  }
  return text.empty() ? text : text + "] ";
}

std::string type_text(cim::Type type, const std::string& reference_class) {
  if (type == cim::Type::kReference)
    return (reference_class.empty() ? "object" : reference_class) + " ref";
  if (type == cim::Type::kObject && !reference_class.empty()) return reference_class;
  return std::string(name_of(type));
}

std::string array_text(bool array, std::uint32_t size) {
  if (!array) return {};
  return size == 0 ? "[]" : "[" + std::to_string(size) + "]";
}

void append_property(std::string& out, const cim::Property& property, const cim::Class& cls) {
  comment(out, "    ", display(property.qualifiers, "Description"));
  std::string text = facts(property.qualifiers, cls.qualifiers());
  if (!property.local) sentence(text, "From", property.origin);
  comment(out, "    ", text);
  out += "    " + brackets(property.qualifiers) +
         type_text(property.type, property.reference_class) + " " + property.name +
         array_text(property.is_array, property.array_size);
  if (!property.default_value.is_null()) out += " = " + property.default_value.to_mof();
  out += ";\n";
}

std::string direction(const cim::Parameter& parameter) {
  if (parameter.in && parameter.out) return "[in, out]";
  return parameter.out ? "[out]" : "[in]";
}

void append_method(std::string& out, const cim::Method& method, const cim::Class& cls) {
  comment(out, "    ", display(method.qualifiers, "Description"));
  std::string text = facts(method.qualifiers, cls.qualifiers());
  if (!method.local) sentence(text, "From", method.origin);
  comment(out, "    ", text);
  for (const cim::Parameter& parameter : method.parameters) {
    std::string about = display(parameter.qualifiers, "Description");
    const std::string more = facts(parameter.qualifiers, cls.qualifiers());
    if (!about.empty() && !more.empty()) about += ' ';
    about += more;
    if (!about.empty()) comment(out, "    ", parameter.name + ": " + about);
  }
  out += "    " + brackets(method.qualifiers) +
         (method.returns_void ? "void" : std::string(name_of(method.return_type))) + " " +
         method.name + "(";
  for (std::size_t i = 0; i < method.parameters.size(); ++i) {
    const cim::Parameter& parameter = method.parameters[i];
    out += i == 0 ? "\n        " : ",\n        ";
    out += direction(parameter) + " " + type_text(parameter.type, parameter.reference_class) + " " +
           parameter.name + (parameter.is_array ? "[]" : "");
    if (!parameter.default_value.is_null()) out += " = " + parameter.default_value.to_mof();
  }
  out += ");\n";
}

Cell text_or_null(const std::string& text) { return text.empty() ? Cell() : Cell(text); }

Record member_row(std::string_view kind, const std::string& name, const std::string& type,
                  const cim::QualifierSet& q, const cim::QualifierSet& of_class,
                  const std::string& initial) {
  return {{"Kind", kind},
          {"Name", name},
          {"Type", type},
          {"Key", Cell::boolean(q.is_true("key"))},
          {"Default", text_or_null(initial)},
          {"Units", text_or_null(display(q, "Units"))},
          {"Min", text_or_null(display(q, "MinValue"))},
          {"Max", text_or_null(display(q, "MaxValue"))},
          {"Values", text_or_null(values_of(q))},
          {"Privilege", text_or_null(display(q, "Privilege"))},
          {"UserOperations", Cell::boolean(q.is_true("UserOperations"))},
          {"Scope", text_or_null(scope_of(q))},
          {"Registry", text_or_null(registry_of(q, of_class))},
          {"Since", text_or_null(display(q, "Since"))},
          {"Until", text_or_null(display(q, "Until"))},
          {"Source", text_or_null(display(q, "Source"))},
          {"Description", text_or_null(display(q, "Description"))}};
}

}  // namespace

std::string class_text(const cim::Class& cls, const std::string& ns) {
  std::string out;
  comment(out, "", cls.name() + " in " + ns + ". " + display(cls.qualifiers(), "Description"));
  std::string text;
  if (!cls.provider().empty()) {
    sentence(text, "Provider", cls.provider());
  } else if (!cls.is_abstract()) {
    text = "Its instances are kept in the world.";
  }
  const std::string more = facts(cls.qualifiers(), cls.qualifiers());
  if (!more.empty()) text += (text.empty() ? "" : " ") + more;
  comment(out, "", text);
  std::string head = brackets(cls.qualifiers());
  if (!head.empty()) head.back() = '\n';
  out += head + "class " + cls.name();
  if (cls.superclass() != nullptr) out += " : " + cls.superclass()->name();
  out += "\n{\n";
  bool first = true;
  const auto blank_line = [&] {
    if (!first) out += '\n';
    first = false;
  };
  for (const cim::Property& property : cls.properties()) {
    blank_line();
    append_property(out, property, cls);
  }
  for (const cim::Method& method : cls.methods()) {
    blank_line();
    append_method(out, method, cls);
  }
  return out + "};\n";
}

std::vector<Record> class_rows(const cim::Class& cls) {
  std::vector<Record> rows;
  for (const cim::Property& property : cls.properties()) {
    rows.push_back(member_row("property", property.name,
                              type_text(property.type, property.reference_class) +
                                  array_text(property.is_array, property.array_size),
                              property.qualifiers, cls.qualifiers(),
                              property.default_value.to_display()));
  }
  for (const cim::Method& method : cls.methods()) {
    rows.push_back(
        member_row("method", method.name,
                   method.returns_void ? "void" : std::string(name_of(method.return_type)),
                   method.qualifiers, cls.qualifiers(), {}));
    for (const cim::Parameter& parameter : method.parameters) {
      const std::string kind = parameter.in && parameter.out ? "in/out"
                               : parameter.out               ? "out"
                                                             : "in";
      rows.push_back(member_row(
          kind, method.name + "." + parameter.name,
          type_text(parameter.type, parameter.reference_class) + (parameter.is_array ? "[]" : ""),
          parameter.qualifiers, cls.qualifiers(), parameter.default_value.to_display()));
    }
  }
  return rows;
}

}  // namespace slwmi::tools
