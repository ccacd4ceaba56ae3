// The command line of slmgr.vbs: up to three words that name a machine, a user and a password, then
// one option and its arguments. A pure function of the words and of the script's version.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "tools/slmgr/era.hpp"

namespace slwmi::slmgr {

struct Target {
  std::string machine;  // empty: the machine that the script runs on
  std::string user;     // empty: as who runs it
  std::string password;
};

struct CommandLine {
  Target target;
  const Option* option = nullptr;
  std::vector<std::string> arguments;
};

// The unexpected value is the sentence for people; empty where the usage text says enough.
tl::expected<CommandLine, std::string> parse(std::span<const std::string> words, OsVersion version);

// The usage text: every option of the version.
std::string usage(OsVersion version);

}  // namespace slwmi::slmgr
