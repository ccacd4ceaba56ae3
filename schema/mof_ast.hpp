// What a MOF text says, before it means anything: the parser's result, the compiler's input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "schema/class.hpp"

namespace slwmi::cim::mof {

// Bounds against hostile input. Beyond any of them: WBEM_E_QUOTA_VIOLATION with the position.
struct Limits {
  int depth = 64;
  std::size_t items = 4'000'000;  // tokens
  std::size_t bytes = 256u << 20;
  std::size_t members = 1024;  // of a class, a method, an instance or a list of qualifiers
};

struct Initializer;
struct InstanceDecl;

struct AliasUse {
  std::string name;
};
struct Array {
  std::vector<Initializer> elements;
};
struct EmbeddedInstance {
  std::shared_ptr<InstanceDecl> declaration;
};

// A literal has the type it was written in: string, sint64, uint64, real64, boolean, char16, or
// null of no type.
struct Initializer {
  std::variant<Value, AliasUse, Array, EmbeddedInstance> what;
  SourcePos at = {};
};

struct QualifierUse {
  std::string name;
  std::optional<Initializer> value;  // none: TRUE
  Flavor flavor = Flavor::kNone;
  bool flavor_given =
      false;  // flavors were written; otherwise the declaration's or WMI's own apply
  SourcePos at = {};
};
using QualifierUses = std::vector<QualifierUse>;

struct TypeUse {
  Type type = Type::kString;
  std::string class_name;  // of a reference, or of an embedded object
  bool is_array = false;
  std::uint32_t array_size = 0;
  SourcePos at = {};
};

struct PropertyDecl {
  QualifierUses qualifiers;
  TypeUse type;
  std::string name;
  std::optional<Initializer> value;
  SourcePos at = {};
};

struct MethodDecl {
  QualifierUses qualifiers;
  TypeUse returns;
  bool returns_void = false;
  std::string name;
  std::vector<PropertyDecl> parameters;
  SourcePos at = {};
};

struct ClassDecl {
  QualifierUses qualifiers;
  std::string name;
  std::string superclass;
  std::string alias;
  std::vector<PropertyDecl> properties;
  std::vector<MethodDecl> methods;
  SourcePos at = {};
};

struct AssignedProperty {
  QualifierUses qualifiers;
  std::string name;
  Initializer value;
  SourcePos at = {};
};

struct InstanceDecl {
  QualifierUses qualifiers;
  std::string class_name;
  std::string alias;
  std::vector<AssignedProperty> properties;
  SourcePos at = {};
};

struct QualifierDecl {
  std::string name;
  Type type = Type::kBoolean;
  bool is_array = false;
  std::optional<Initializer> value;
  Flavor flavor = Flavor::kToSubclass;  // DSP0004: EnableOverride, ToSubclass
  SourcePos at = {};
};

struct Pragma {
  std::string name;                    // as written
  std::vector<std::string> arguments;  // strings and identifiers
  SourcePos at = {};
};

using Item = std::variant<Pragma, QualifierDecl, ClassDecl, InstanceDecl>;
struct Document {
  std::vector<Item> items;
};

}  // namespace slwmi::cim::mof
