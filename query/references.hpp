// When two object paths name the same object: class and keys agree, letter case and the order of
// keys aside. What only one of them says of server or namespace is no difference; `Class="v"` is
// the path with its one key's name left out.
#pragma once

#include <string_view>

#include "schema/object_path.hpp"

namespace slwmi::wql {

bool same_object(const cim::ObjectPath& a, const cim::ObjectPath& b);
bool same_object(std::string_view a, std::string_view b);  // equal texts are always the same

}  // namespace slwmi::wql
