#include "schema/instance.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "schema/object_path.hpp"

namespace slwmi::cim {
namespace {

enum class System {
  kNone,
  kClass,
  kSuperclass,
  kDynasty,
  kDerivation,
  kGenus,
  kPropertyCount,
  kRelpath,
  kPath,
  kServer,
  kNamespace,
};
constexpr struct {
  std::string_view name;
  System what;
} kSystem[] = {
    {"__CLASS", System::kClass},     {"__SUPERCLASS", System::kSuperclass},
    {"__DYNASTY", System::kDynasty}, {"__DERIVATION", System::kDerivation},
    {"__GENUS", System::kGenus},     {"__PROPERTY_COUNT", System::kPropertyCount},
    {"__RELPATH", System::kRelpath}, {"__PATH", System::kPath},
    {"__SERVER", System::kServer},   {"__NAMESPACE", System::kNamespace},
};

System find_system(std::string_view name) {
  if (!name.starts_with("__")) return System::kNone;
  for (const auto& row : kSystem) {
    if (equal_ignore_case(row.name, name)) return row.what;
  }
  return System::kNone;
}

std::string full_path(std::string_view server, std::string_view ns, std::string_view relpath) {
  std::string out = "\\\\";
  out += server;
  out += '\\';
  out += ns;
  out += ':';
  out += relpath;
  return out;
}

Value of_class(const Class& cls, System what, std::string_view server, std::string_view ns) {
  switch (what) {
    case System::kClass:
      return Value::text(cls.name());
    case System::kSuperclass:
      return cls.superclass() == nullptr ? Value::null(Type::kString)
                                         : Value::text(cls.superclass()->name());
    case System::kDynasty:
      return Value::text(cls.dynasty());
    case System::kDerivation: {
      std::vector<Value> names;
      for (const std::string& name : cls.derivation()) names.push_back(Value::text(name));
      return Value::array(Type::kString, std::move(names));
    }
    case System::kGenus:
      return Value::integer(Type::kSint32, 1);
    case System::kPropertyCount:
      return Value::integer(Type::kSint32, static_cast<std::int64_t>(cls.properties().size()));
    case System::kRelpath:
      return Value::text(cls.name());
    case System::kPath:
      return Value::text(full_path(server, ns, cls.name()));
    case System::kServer:
      return Value::text(server);
    case System::kNamespace:
      return Value::text(ns);
    case System::kNone:
      break;
  }
  return {};
}

}  // namespace

Instance::Instance(ClassPtr cls) : cls_(std::move(cls)) {
  values_.reserve(cls_->properties().size());
  for (const Property& property : cls_->properties()) values_.push_back(property.default_value);
}

const Value& Instance::get(std::string_view property) const {
  static const Value kNone{};
  const int slot = cls_ == nullptr ? -1 : cls_->find_slot(property);
  return slot < 0 ? kNone : at(slot);
}

Result<> Instance::set(std::string_view name, const Value& value) {
  const Property* property = cls_->find_property(name);
  if (property == nullptr) {
    return fail(HResult::kWbemENotFound,
                "class " + cls_->name() + " has no property " + std::string(name));
  }
  if (!value.is_null() && value.is_array() != property->is_array) {
    return fail(HResult::kWbemETypeMismatch,
                property->name + (property->is_array ? " is an array" : " is no array"));
  }
  if (value.is_null()) {
    set(property->slot, Value::null(property->type, property->is_array));
    return {};
  }
  SL_TRY(Value cast, value.cast_to(property->type));
  set(property->slot, std::move(cast));
  return {};
}

std::string Instance::relpath() const {
  if (cls_->is_singleton()) return cls_->name() + "=@";
  std::string out = cls_->name();
  char separator = '.';
  for (const int slot : cls_->key_slots()) {
    const Value& value = at(slot);
    if (value.is_null()) return {};
    out += separator;
    out += cls_->properties()[static_cast<std::size_t>(slot)].name;
    out += '=';
    append_key_value(out, value);
    separator = ',';
  }
  return cls_->key_slots().empty() ? std::string() : out;
}

std::string Instance::to_mof() const {
  std::string out = "instance of " + cls_->name() + "\n{\n";
  for (const Property& property : cls_->properties()) {
    const Value& value = at(property.slot);
    if (value.is_null() && property.default_value.is_null()) continue;
    out += "\t" + property.name + " = " + value.to_mof() + ";\n";
  }
  return out + "};\n";
}

bool operator==(const Instance& a, const Instance& b) {
  if (a.cls_ == b.cls_) return a.values_ == b.values_;
  return a.cls_ != nullptr && b.cls_ != nullptr && a.cls_->name() == b.cls_->name() &&
         a.values_ == b.values_;
}

Value system_property(const Instance& instance, std::string_view name, std::string_view server,
                      std::string_view ns) {
  const System what = find_system(name);
  switch (what) {
    case System::kGenus:
      return Value::integer(Type::kSint32, 2);
    case System::kRelpath:
    case System::kPath: {
      const std::string relpath = instance.relpath();
      if (relpath.empty()) return Value::null(Type::kString);
      return Value::text(what == System::kRelpath ? relpath : full_path(server, ns, relpath));
    }
    default:
      return of_class(*instance.cls(), what, server, ns);
  }
}

Value system_property(const Class& cls, std::string_view name, std::string_view server,
                      std::string_view ns) {
  return of_class(cls, find_system(name), server, ns);
}

bool is_system_property(std::string_view name) { return find_system(name) != System::kNone; }

}  // namespace slwmi::cim
