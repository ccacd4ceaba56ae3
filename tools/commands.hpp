// Every command group of slwmi. To add one: define it in a file of its own, name it here and in
// tools/cli/groups.cpp.
#pragma once

#include "tools/cli/command.hpp"

namespace slwmi::tools {

extern const Group kExplain;
extern const Group kSlui;

}  // namespace slwmi::tools
