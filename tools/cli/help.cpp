#include "tools/cli/help.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "tools/cli/parse.hpp"

namespace slwmi::tools {
namespace {

constexpr std::size_t kWidth = 92;

void heading(Writer& out, std::string_view text, bool color) {
  out << (color ? "\x1b[1m" : "") << text << (color ? "\x1b[0m" : "") << '\n';
}

// `text` in lines of at most `width`, each after the first behind `indent` spaces.
void wrapped(Writer& out, std::string_view text, std::size_t indent, std::size_t width) {
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (used != 0 && used + 1 + end > width) {
      out << '\n' << std::string(indent, ' ');
      used = 0;
    }
    if (used != 0) {
      out << ' ';
      ++used;
    }
    out << text.substr(0, end);
    used += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out << '\n';
}

// Paragraphs, one a line in the table.
void paragraphs(Writer& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    wrapped(out, text.substr(0, end), 0, kWidth);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

struct Line {
  std::string left;
  std::string_view right;
};

void two_columns(Writer& out, const std::vector<Line>& lines) {
  std::size_t width = 0;
  for (const Line& line : lines) {
    if (line.left.size() <= 26) width = std::max(width, line.left.size());
  }
  for (const Line& line : lines) {
    out << "  " << line.left;
    if (line.left.size() > width) {
      out << '\n' << std::string(width + 4, ' ');
    } else {
      out << std::string(width + 2 - line.left.size(), ' ');
    }
    wrapped(out, line.right, width + 4, kWidth - width - 4);
  }
}

std::string option_left(const Option& option, bool slashes) {
  std::string left;
  if (slashes) {
    left = "/" + std::string(option.names.substr(2));
    if (!option.value.empty())
      left += (option.names == "--reg" ? ":" : " ") + std::string(option.value);
    return left;
  }
  for (const char c : option.names) {
    left += c;
    if (c == ',') left += ' ';
  }
  if (option.names.substr(0, 2) == "--") left = "    " + left;
  if (!option.value.empty()) left += " " + std::string(option.value);
  return left;
}

std::vector<Line> option_lines(std::span<const Option> options, bool slashes) {
  std::vector<Line> lines;
  for (const Option& option : options) lines.push_back({option_left(option, slashes), option.help});
  return lines;
}

std::string full_name(const Group& group, const Command& command) {
  std::string name(group.name);
  if (!command.name.empty()) name += " " + std::string(command.name);
  return name;
}

// The usage line and the commands below `word`, of the whole group when it is empty.
void print_commands(Writer& out, const Group& group, std::string_view word, bool color) {
  const std::string name = std::string(group.name) + (word.empty() ? "" : " ") + std::string(word);
  out << (color ? "\x1b[1mUsage:\x1b[0m " : "Usage: ") << "slwmi " << name << " COMMAND\n\n";
  std::vector<Line> lines;
  for (const Command& command : group.commands) {
    std::string_view left = command.name;
    if (!word.empty()) {
      if (!starts_with_ignore_case(left, word) || left.size() <= word.size() ||
          left[word.size()] != ' ')
        continue;
      left.remove_prefix(word.size() + 1);
    }
    lines.push_back({std::string(left), command.summary});
  }
  two_columns(out, lines);
}

void print_examples(Writer& out, std::string_view examples, bool color) {
  if (examples.empty()) return;
  out << '\n';
  heading(out, "Examples:", color);
  while (!examples.empty()) {
    const std::size_t end = std::min(examples.find('\n'), examples.size());
    out << "  " << examples.substr(0, end) << '\n';
    examples.remove_prefix(std::min(end + 1, examples.size()));
  }
}

}  // namespace

std::string usage_line(const Group& group, const Command& command) {
  std::string line = "slwmi " + full_name(group, command);
  if (!command.options.empty() && !command.slashes) line += " [options]";
  for (const Argument& argument : command.arguments) {
    std::string word(argument.name);
    if (argument.count == Count::kMany || argument.count == Count::kAny) word += "...";
    const bool optional = argument.count == Count::kOptional || argument.count == Count::kAny;
    line += optional ? " [" + word + "]" : " " + word;
  }
  if (command.slashes) {
    for (const Option& option : command.options) line += " [" + option_left(option, true) + "]";
  }
  return line;
}

void print_command_help(Writer& out, const Group& group, const Command& command, bool color) {
  out << "slwmi " << full_name(group, command) << ": " << command.summary << "\n\n";
  out << (color ? "\x1b[1mUsage:\x1b[0m " : "Usage: ");
  wrapped(out, usage_line(group, command), 9, kWidth - 9);
  if (!command.arguments.empty()) {
    out << '\n';
    std::vector<Line> lines;
    for (const Argument& argument : command.arguments) {
      lines.push_back({std::string(argument.name), argument.help});
    }
    two_columns(out, lines);
  }
  if (!command.options.empty()) {
    out << '\n';
    heading(out, "Options:", color);
    two_columns(out, option_lines(command.options, command.slashes));
  }
  if (!command.raw) {
    out << '\n';
    heading(out, "Options of every command:", color);
    two_columns(out, option_lines(common_options(), false));
  }
  if (!command.details.empty()) {
    out << '\n';
    paragraphs(out, command.details);
  }
  print_examples(out, command.examples, color);
}

void print_group_help(Writer& out, const Group& group, bool color) {
  out << "slwmi " << group.name << ": " << group.summary << "\n\n";
  print_commands(out, group, {}, color);
  if (!group.by_default.empty()) {
    out << "\nWithout a command: " << group.by_default << ".\n";
  }
  out << "\n\"slwmi " << group.name << " COMMAND --help\" tells more and gives examples.\n";
}

void print_commands_help(Writer& out, const Group& group, std::string_view word, bool color) {
  print_commands(out, group, word, color);
  out << "\n\"slwmi " << group.name << ' ' << word
      << " COMMAND --help\" tells more and gives examples.\n";
}

void print_overview(Writer& out, bool color) {
  out << "slwmi: simulated Windows machines with their licensing classes, registry and policy\n\n";
  out << (color ? "\x1b[1mUsage:\x1b[0m " : "Usage: ")
      << "slwmi [options] COMMAND [options] ...\n\n";
  std::vector<Line> lines;
  for (const Group* group : groups()) lines.push_back({std::string(group->name), group->summary});
  heading(out, "Commands:", color);
  two_columns(out, lines);
  out << '\n';
  heading(out, "Options of every command, before or after it:", color);
  two_columns(out, option_lines(common_options(), false));
  out << "\nExit codes: 0 done (no rows included), 1 failed, 2 wrong usage, 3 differences found.\n";
  print_examples(out,
                 "slwmi tour\n"
                 "slwmi query \"SELECT Name, LicenseStatus FROM SoftwareLicensingProduct\"\n"
                 "slwmi query --help",
                 color);
}

}  // namespace slwmi::tools
