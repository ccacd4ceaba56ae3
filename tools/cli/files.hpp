// Files that commands write beside the world's.
#pragma once

#include <string>
#include <string_view>

#include "tools/cli/invocation.hpp"

namespace slwmi::tools {

bool is_there(const std::string& path);

// Whether the file outlives a power loss from here on.
bool sync_file(const std::string& path);

// Writes the text into a file, and a remark that `what` was written there; "-" is standard output.
Result<> write_output(Invocation& in, const std::string& path, std::string_view text,
                      std::string_view what);

}  // namespace slwmi::tools
