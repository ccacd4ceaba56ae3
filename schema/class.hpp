// CIM classes: immutable once built and shared. Inside, a property is a slot (a number); names are
// for the edges.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "schema/value.hpp"

namespace slwmi::cim {

class Class;
using ClassPtr = std::shared_ptr<const Class>;

enum class Flavor : std::uint8_t {
  kNone = 0,
  kToInstance = 1,
  kToSubclass = 2,
  kNotOverridable = 4,
  kAmended = 8,
};
constexpr Flavor operator|(Flavor a, Flavor b) {
  return static_cast<Flavor>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
constexpr bool has(Flavor set, Flavor flag) {
  return (static_cast<std::uint8_t>(set) & static_cast<std::uint8_t>(flag)) != 0;
}

struct Qualifier {
  std::string name;
  Value value;
  Flavor flavor = Flavor::kNone;
  bool propagated = false;  // came from the superclass, or the class of an instance
  bool operator==(const Qualifier&) const = default;
};

class QualifierSet {
 public:
  const Qualifier* find(std::string_view name) const;  // in any case; nullptr when absent
  bool has(std::string_view name) const { return find(name) != nullptr; }
  // A boolean qualifier that is there and not FALSE.
  bool is_true(std::string_view name) const;
  std::string_view text(std::string_view name) const;  // empty when absent
  void set(Qualifier qualifier);                       // replaces one of the same name
  std::vector<Qualifier>::const_iterator begin() const { return items_.begin(); }
  std::vector<Qualifier>::const_iterator end() const { return items_.end(); }
  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  bool operator==(const QualifierSet&) const = default;

 private:
  std::vector<Qualifier> items_;  // in the order of declaration
};

struct Property {
  std::string name;
  Type type = Type::kString;
  bool is_array = false;
  std::uint32_t array_size = 0;  // 0: unbounded
  std::string reference_class;   // of references, and the declared class of embedded objects
  Value default_value;           // null of the type when there is none
  QualifierSet qualifiers;
  std::string origin;  // the class that declared it first
  int slot = -1;
  bool key = false;
  bool local = true;  // declared or overridden here
};

struct Parameter {
  std::string name;
  Type type = Type::kString;
  bool is_array = false;
  std::string reference_class;
  Value default_value;
  QualifierSet qualifiers;
  bool in = false;
  bool out = false;
  int id = -1;  // the ID qualifier: position in the declaration
};

struct Method {
  std::string name;
  Type return_type = Type::kUint32;
  bool returns_void = false;
  std::vector<Parameter> parameters;  // in the order of declaration
  QualifierSet qualifiers;
  std::string origin;
  bool local = true;
  bool is_static() const { return qualifiers.is_true("static"); }
  int find_parameter(std::string_view name) const;  // index, or -1
};

// A version such as 6.0.6001; parts that a text leaves out are 0.
struct Version {
  std::uint32_t major = 0, minor = 0, build = 0, revision = 0;
  auto operator<=>(const Version&) const = default;
};
std::optional<Version> parse_version(std::string_view text);

// Whether qualifiers Since("a.b.c") and Until("a.b.c") (the first version without it) let `version`
// have the element.
bool available_in(const QualifierSet& qualifiers, const Version& version);

class Class {
 public:
  const std::string& name() const { return name_; }
  const ClassPtr& superclass() const { return superclass_; }
  const QualifierSet& qualifiers() const { return qualifiers_; }
  // By slot: the superclass's first, so that a slot means the same in every subclass.
  const std::vector<Property>& properties() const { return properties_; }
  const std::vector<Method>& methods() const { return methods_; }
  const std::vector<int>& key_slots() const {
    return key_slots_;
  }  // by upcased name, as paths list them

  int find_slot(std::string_view property) const;  // in any case; -1 when there is none
  const Property* find_property(std::string_view name) const {
    const int slot = find_slot(name);
    return slot < 0 ? nullptr : &properties_[static_cast<std::size_t>(slot)];
  }
  const Method* find_method(std::string_view name) const;
  bool is_a(std::string_view name) const;  // this class or one above it
  // From the nearest superclass up; the last is the dynasty.
  std::vector<std::string> derivation() const;
  const std::string& dynasty() const;
  bool is_abstract() const { return abstract_; }
  bool is_association() const { return association_; }
  bool is_singleton() const { return singleton_; }
  const std::string& provider() const {
    return provider_;
  }  // the `provider` qualifier; empty: static instances

  // A number that no other class object of this process has; keys caches.
  std::uint64_t serial() const { return serial_; }

 private:
  friend class ClassBuilder;
  Class() = default;
  void index();

  std::string name_;
  ClassPtr superclass_;
  QualifierSet qualifiers_;
  std::vector<Property> properties_;
  std::vector<Method> methods_;
  std::vector<int> key_slots_;
  std::vector<std::int16_t> table_;  // open addressing by folded-name hash
  std::string provider_;
  std::uint64_t serial_ = 0;
  bool abstract_ = false, association_ = false, singleton_ = false;
};

// Collects a declaration and makes the class of it, merged with its superclass: inherited
// properties and methods come first, an override keeps its slot, qualifiers propagate by their
// flavors.
class ClassBuilder {
 public:
  explicit ClassBuilder(std::string name, ClassPtr superclass = nullptr);
  ClassBuilder& qualifier(Qualifier qualifier);
  ClassBuilder& property(Property property);
  ClassBuilder& method(Method method);
  // WBEM_E_OVERRIDE_NOT_ALLOWED for a property of another type than the inherited one or a
  // qualifier that may not be overridden; WBEM_E_PROPAGATED_PROPERTY etc. as WMI answers; WBEMMOF
  // codes are the compiler's business.
  Result<ClassPtr> build();

 private:
  std::shared_ptr<Class> class_;
  std::vector<Property> properties_;
  std::vector<Method> methods_;
  QualifierSet qualifiers_;
};

}  // namespace slwmi::cim
