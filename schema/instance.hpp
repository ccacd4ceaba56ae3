// An instance: a class and a value per slot. Values are shared, so copying an instance copies 16
// bytes a slot.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "schema/class.hpp"
#include "schema/value.hpp"

namespace slwmi::cim {

class Instance {
 public:
  Instance() = default;
  explicit Instance(ClassPtr cls);  // every slot has its default
  // As many values as the class has slots, each of its property's type.
  Instance(ClassPtr cls, std::vector<Value> values)
      : cls_(std::move(cls)), values_(std::move(values)) {}

  const ClassPtr& cls() const { return cls_; }
  bool valid() const { return cls_ != nullptr; }
  const std::vector<Value>& values() const { return values_; }

  const Value& at(int slot) const { return values_[static_cast<std::size_t>(slot)]; }
  void set(int slot, Value value) { values_[static_cast<std::size_t>(slot)] = std::move(value); }
  // A null of no type when the class has no such property.
  const Value& get(std::string_view property) const;
  // Casts to the property's type. WBEM_E_NOT_FOUND for an unknown name, WBEM_E_TYPE_MISMATCH.
  Result<> set(std::string_view property, const Value& value);

  // `Class.Key="v"` with keys by upcased name, `Class=@` for singletons, empty when a key is null.
  std::string relpath() const;
  // "instance of Class\n{\n\tName = value;\n};\n", nulls left out where the class
  // has no default.
  std::string to_mof() const;

  friend bool operator==(const Instance& a, const Instance& b);

 private:
  ClassPtr cls_;
  std::vector<Value> values_;
};

// A system property (__CLASS, __SUPERCLASS, __DYNASTY, __DERIVATION, __GENUS, __PROPERTY_COUNT,
// __RELPATH, __PATH,
// __SERVER, __NAMESPACE) of an instance on `server` in `ns` ("root\\cimv2"). A null of no type for
// another name.
Value system_property(const Instance& instance, std::string_view name, std::string_view server,
                      std::string_view ns);
// The same of a class: __GENUS is 1.
Value system_property(const Class& cls, std::string_view name, std::string_view server,
                      std::string_view ns);
bool is_system_property(std::string_view name);

}  // namespace slwmi::cim
