// Classes and instances as MOF that compiles to the same again.
#pragma once

#include <string>

#include "schema/class.hpp"
#include "schema/instance.hpp"
#include "schema/repository.hpp"

namespace slwmi::cim::mof {

// What the class itself declares: GetObjectText's form, tabs and all. What it inherits is left out.
std::string write(const Class& cls);
// "instance of Class\n{\n\tName = value;\n};\n". Nulls are left out where the class has no default.
std::string write(const Instance& instance);
// All that lies over the base of `repository`, namespace by namespace, superclasses first. Deleted
// classes become #pragma deleteclass.
std::string write_layer(const Repository& repository);

}  // namespace slwmi::cim::mof
