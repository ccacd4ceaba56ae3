// Help texts out of the command tables.
#pragma once

#include <string_view>

#include "tools/cli/command.hpp"
#include "tools/cli/writer.hpp"

namespace slwmi::tools {

void print_overview(Writer& out, bool color);
void print_group_help(Writer& out, const Group& group, bool color);
// The commands of a group below a word, such as "zone add" below "zone".
void print_commands_help(Writer& out, const Group& group, std::string_view word, bool color);
void print_command_help(Writer& out, const Group& group, const Command& command, bool color);
// "slwmi machine add [options] NAME..."
std::string usage_line(const Group& group, const Command& command);

}  // namespace slwmi::tools
