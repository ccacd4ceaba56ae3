#include "tools/slmgr/grammar.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace slwmi::slmgr {
namespace {

bool has_prefix(std::string_view word) {
  return !word.empty() && (word[0] == '/' || word[0] == '-');
}

// The name of the argument at `index` in "KEY [ACTIVATION-ID]".
std::string_view argument_name(std::string_view arguments, std::size_t index) {
  for (; index > 0 && !arguments.empty(); --index)
    arguments.remove_prefix(std::min(arguments.find(' ') + 1, arguments.size()));
  return arguments.substr(0, arguments.find(' '));
}

std::string left_side(const Option& option) {
  std::string out = "  /" + std::string(option.name);
  if (!option.arguments.empty()) out += " " + std::string(option.arguments);
  return out;
}

constexpr std::array kSections = {Text::kUsageGlobal, Text::kUsageAdvanced, Text::kUsageClient,
                                  Text::kUsageHost};

}  // namespace

tl::expected<CommandLine, std::string> parse(std::span<const std::string> words,
                                             OsVersion version) {
  const auto wrong = [](std::string message) { return tl::make_unexpected(std::move(message)); };
  const auto first = std::find_if(words.begin(), words.end(), has_prefix);
  const auto before = static_cast<std::size_t>(first - words.begin());
  if (first == words.end() && before <= 1) return wrong({});  // no option
  if (before == 2 || before > 3) return wrong(text(Text::kBadCombination, version));
  if (first == words.end()) return wrong({});

  CommandLine line;
  if (before > 0) line.target.machine = words[0];
  if (before > 1) {
    line.target.user = words[1];
    line.target.password = words[2];
  }
  line.option = find_option(ascii_lower(std::string_view(*first).substr(1)), version);
  if (line.option == nullptr) return wrong(text(Text::kUnknownOption, version, {*first}));
  line.arguments.assign(first + 1, words.end());
  const std::size_t given = line.arguments.size();
  const std::string name = "/" + std::string(line.option->name);
  if (given < line.option->required()) {
    return wrong(text(Text::kMissingArgument, version,
                      {name, argument_name(line.option->arguments, given)}));
  }
  if (given > line.option->most()) {
    return wrong(text(Text::kTooMuch, version, {name, line.arguments[line.option->most()]}));
  }
  return line;
}

std::string usage(OsVersion version) {
  std::size_t width = 0;
  for (const Option& option : options()) width = std::max(width, left_side(option).size());
  std::string out = text(Text::kUsage, version) + "\n" + text(Text::kUsageMachine, version) + "\n";
  for (const Text section : kSections) {
    out += "\n" + text(section, version) + "\n";
    for (const Option& option : options()) {
      if (option.section != section || find_option(option.name, version) != &option) continue;
      std::string left = left_side(option);
      left.resize(width + 2, ' ');
      out += left + std::string(1, " +*"[static_cast<std::size_t>(option.elevation)]) + " " +
             std::string(option.help) + "\n";
    }
  }
  return out + "\n" + text(Text::kUsageElevated, version) + "\n";
}

}  // namespace slwmi::slmgr
