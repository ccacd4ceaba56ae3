// Keys as `slwmi reg` names them, and the parts of the command that lie in files of their own.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "registry/registry.hpp"
#include "tools/cli/invocation.hpp"

namespace slwmi::tools {

// A key as the command line names it: \\MACHINE\HKLM\... reaches another machine.
struct KeyName {
  std::string machine;  // empty: the one of -m
  std::string path;     // with the root in its long spelling
};

// One backslash may end a key below a root, none a root. Source: Wine's programs/reg/tests/add.c.
tl::expected<KeyName, Failure> parse_key_name(std::string_view text);
Result<reg::Registry> open_registry(Invocation& in, const KeyName& name);
// The key, or an Error that names its path.
Result<reg::Key> open_key(const reg::Registry& registry, const std::string& path, reg::Access want);
Error for_key(Error error, const std::string& path);

// /reg:64 is taken, anything else is wrong usage.
tl::expected<void, Failure> check_view(Invocation& in);
// What stands between the texts of a REG_MULTI_SZ: the one character of `option`, else "\\0".
tl::expected<std::string, Failure> separator_option(Invocation& in, std::string_view option);
// /t TYPE; nothing when it is not given.
tl::expected<std::optional<reg::ValueType>, Failure> type_option(Invocation& in);

Outcome run_reg_query(Invocation& in);

}  // namespace slwmi::tools
