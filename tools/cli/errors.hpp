// How slwmi says that something failed: one line for people, or one JSON object with --json.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "tools/cli/invocation.hpp"

namespace slwmi::tools {

// "slwmi: error 0x80070005 (E_ACCESSDENIED): message".
std::string error_line(const Error& error);

// The line, or with `json` {"error": {...}} that holds the line as its "text".
void print_error(const Surroundings& around, const Error& error, bool json);

// "slwmi: message" and where help is; `command` is "machine add" or empty.
void print_usage_error(const Surroundings& around, std::string_view message,
                       const std::string& command, bool json);

}  // namespace slwmi::tools
