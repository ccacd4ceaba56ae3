// A command of slwmi as data: one row gives its parsing, its help and its place in the list of
// commands. The tables are constants, so a process builds a parser for the one command that it runs
// and nothing for the others.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace slwmi::tools {

class Invocation;

enum Exit : int { kDone = 0, kFailed = 1, kUsage = 2, kDifferent = 3 };

struct Option {
  std::string_view
      names;  // "-f,--force"; the long name without dashes is what Invocation is asked for
  // What help calls the value; empty for a flag. "[NAME]" may be left out in Windows spelling, and
  // Invocation::values() is empty then.
  std::string_view value;
  std::string_view help;
};

// Why a command ended early: a failure (exit code kFailed), or arguments that make no sense
// (kUsage).
struct Failure {
  Failure(Error e)  // NOLINT(google-explicit-constructor): what SL_TRY hands on
      : error(std::move(e)) {}
  Error error;
  bool usage = false;
  std::string detail = {};  // further lines for people, each with its line feed
};
using Outcome = tl::expected<int, Failure>;

inline tl::unexpected<Failure> usage(std::string message) {
  Failure failure(Error{HResult::kEInvalidarg, std::move(message), {}, {}});
  failure.usage = true;
  return tl::make_unexpected(std::move(failure));
}

enum class Count { kOne, kOptional, kMany, kAny };  // kMany: at least one; kAny: none is fine too

struct Argument {
  std::string_view name;  // "WQL"
  std::string_view help;
  Count count = Count::kOne;
};

struct Command {
  std::string_view name;  // without its group: "add"
  std::string_view summary;
  std::span<const Argument> arguments;
  std::span<const Option> options;
  std::string_view details;   // paragraphs; may be empty
  std::string_view examples;  // one command a line
  // The exit code, or the Failure that main prints.
  Outcome (*run)(Invocation&) = nullptr;
  // Windows spelling of options (/v NAME /f), without regard to case; each may be given once. In
  // the table they are written "--v".
  bool slashes = false;
  // What follows the name reaches the command as it is, in Invocation::raw().
  bool raw = false;
};

// A word with commands below it ("machine"), or one command that stands alone (its name is empty).
struct Group {
  std::string_view name;
  std::string_view summary;
  std::span<const Command> commands;
  std::string_view by_default = {};  // the command meant when none is named; empty: help
};

// In the order of the help.
std::span<const Group* const> groups();
std::span<const Option> common_options();

}  // namespace slwmi::tools
