// The program without its process: words in, text out, exit code back.
#pragma once

#include <span>
#include <string>

#include "tools/cli/invocation.hpp"

namespace slwmi::tools {

// `words` are the arguments after the program's name. Never throws.
int run_slwmi(std::span<const std::string> words, const Surroundings& around);

}  // namespace slwmi::tools
