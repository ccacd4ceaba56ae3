// Where a dotted name leads: Part.Size is the Size of the object in Part.
#pragma once

#include <string>
#include <vector>

#include "schema/value.hpp"

namespace slwmi::wql {

// Empty when a name before the last is no single object, or an object lacks the next name. System
// properties of an object count as its own.
cim::Value follow(cim::Value value, const std::vector<std::string>& names);

}  // namespace slwmi::wql
