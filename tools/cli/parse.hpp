// From a command's words to values by name. The only user of CLI11, in one translation unit because
// it is slow to compile; a parser is built for the one command that runs.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/command.hpp"
#include "tools/cli/invocation.hpp"

namespace slwmi::tools {

// The long name of an option's table row without dashes ("force" of "-f,--force"), or the short
// one.
std::string_view option_key(const Option& option);
// Whether `word` ("--force", "-f") is that option.
bool option_has_name(const Option& option, std::string_view word);

// A usage Failure names the word that does not fit and, for an unknown option, the nearest one.
tl::expected<Parsed, Failure> parse_words(const Command& command,
                                          std::span<const std::string> words);

// "/v NAME" as "--v=NAME", for commands with Windows spelling. Words that are no such option stay.
std::vector<std::string> translate_slashes(const Command& command,
                                           std::span<const std::string> words);

// The candidate that `word` was probably meant to be, or empty.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace slwmi::tools
