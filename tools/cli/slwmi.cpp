#include "tools/cli/slwmi.hpp"

#include <exception>

#include "base/text.hpp"
#include "tools/cli/errors.hpp"
#include "tools/cli/help.hpp"
#include "tools/cli/parse.hpp"

namespace slwmi::tools {
namespace {

constexpr std::string_view kVersion = SLWMI_VERSION;

const Option* common_option(std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  for (const Option& option : common_options()) {
    if (option_has_name(option, name)) return &option;
    // -wFILE
    if (word.size() > 2 && word[1] != '-' && option_has_name(option, word.substr(0, 2)))
      return &option;
  }
  return nullptr;
}

// The place of the first word that is neither a common option nor such an option's value; the end
// when there is none.
std::size_t find_word(std::span<const std::string> words, std::size_t from = 0) {
  for (std::size_t i = from; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.size() < 2 || word[0] != '-') return i;
    const Option* option = common_option(word);
    if (option == nullptr) return words.size();
    const bool value_apart = !option->value.empty() && word.find('=') == std::string::npos &&
                             (word[1] == '-' || word.size() == 2);
    if (value_apart) ++i;
  }
  return words.size();
}

const Group* find_group(std::string_view name) {
  for (const Group* group : groups()) {
    if (equal_ignore_case(group->name, name)) return group;
  }
  return nullptr;
}

const Command* find_command(const Group& group, std::string_view name) {
  for (const Command& command : group.commands) {
    if (equal_ignore_case(command.name, name)) return &command;
  }
  return nullptr;
}

// The commands below a word, such as "zone add" and "zone remove" below "zone".
std::vector<const Command*> commands_below(const Group& group, std::string_view word) {
  std::vector<const Command*> out;
  for (const Command& command : group.commands) {
    if (command.name.size() > word.size() && command.name[word.size()] == ' ' &&
        starts_with_ignore_case(command.name, word))
      out.push_back(&command);
  }
  return out;
}

std::string unknown_common_option(std::string_view word) {
  std::vector<std::string_view> names;
  for (const Option& option : common_options()) {
    names.push_back(option.names.substr(option.names.find("--")));
  }
  const std::string_view name = word.substr(0, word.find('='));
  std::string message = "there is no option " + std::string(name) + " before a command";
  if (const std::string_view near = nearest(name, names); !near.empty()) {
    message += "; did you mean " + std::string(near) + "?";
  }
  return message;
}

bool asks_for_help(std::span<const std::string> words) {
  for (const std::string& word : words) {
    if (word == "--help" || word == "-h" || word == "/?") return true;
  }
  return false;
}

bool wants_json(std::span<const std::string> words) {
  for (const std::string& word : words) {
    if (word == "--json") return true;
  }
  return false;
}

class Program {
 public:
  Program(std::span<const std::string> words, const Surroundings& around)
      : words_(words.begin(), words.end()), around_(around), json_(wants_json(words)) {}

  int run() {
    const std::size_t at = find_word(words_);
    if (at == words_.size()) return run_nothing();
    const std::string name = words_[at];
    words_.erase(words_.begin() + static_cast<std::ptrdiff_t>(at));
    if (name == "help") return help();
    const Group* group = find_group(name);
    if (group == nullptr) return unknown(name);
    return run_group(*group, at);
  }

 private:
  bool color_out() const {
    return around_.out_is_terminal && around_.environment("NO_COLOR") == nullptr;
  }

  int fail_usage(const std::string& message, const std::string& help_word = {}) {
    print_usage_error(around_, message, help_word, json_);
    return kUsage;
  }

  int run_nothing() {
    for (const std::string& word : words_) {
      if (word == "--version") {
        around_.out << "slwmi " << kVersion << '\n';
        return kDone;
      }
    }
    if (asks_for_help(words_)) {
      print_overview(around_.out, color_out());
      return kDone;
    }
    for (const std::string& word : words_) {
      if (word.size() > 1 && word[0] == '-' && common_option(word) == nullptr) {
        return fail_usage(unknown_common_option(word));
      }
    }
    print_overview(around_.err, false);
    return kUsage;
  }

  int unknown(const std::string& name) {
    std::vector<std::string_view> names;
    for (const Group* group : groups()) names.push_back(group->name);
    std::string message = "there is no command \"" + name + "\"";
    if (const std::string_view near = nearest(name, names); !near.empty()) {
      message += "; did you mean \"" + std::string(near) + "\"?";
    }
    return fail_usage(message);
  }

  // slwmi help [GROUP [COMMAND]]
  int help() {
    const std::size_t at = find_word(words_);
    if (at == words_.size()) {
      print_overview(around_.out, color_out());
      return kDone;
    }
    const Group* group = find_group(words_[at]);
    if (group == nullptr) return unknown(words_[at]);
    const Command* command = group->commands[0].name.empty() ? &group->commands[0] : nullptr;
    if (command == nullptr && at + 1 < words_.size()) {
      command = find_command(*group, words_[at + 1]);
      if (command == nullptr && at + 2 < words_.size())
        command = find_command(*group, words_[at + 1] + " " + words_[at + 2]);
    }
    if (command != nullptr) {
      print_command_help(around_.out, *group, *command, color_out());
    } else {
      print_group_help(around_.out, *group, color_out());
    }
    return kDone;
  }

  int run_group(const Group& group, std::size_t from) {
    if (group.commands[0].name.empty()) return run_command(group, group.commands[0], from);
    const std::size_t at = find_word(words_, from);
    if (at == words_.size()) {
      if (asks_for_help(words_)) {
        print_group_help(around_.out, group, color_out());
        return kDone;
      }
      if (!group.by_default.empty())
        return run_command(group, *find_command(group, group.by_default), at);
      print_group_help(around_.err, group, false);
      return kUsage;
    }
    std::string name = words_[at];
    const Command* command = find_command(group, name);
    if (const auto below = commands_below(group, name); command == nullptr && !below.empty()) {
      const std::size_t next = find_word(words_, at + 1);
      if (next == words_.size()) {
        // Nothing more than options: the list, or help.
        command = asks_for_help(words_) ? nullptr : find_command(group, name + " list");
        if (command == nullptr) {
          print_commands_help(asks_for_help(words_) ? around_.out : around_.err, group, name,
                              color_out());
          return asks_for_help(words_) ? kDone : kUsage;
        }
      } else {
        name += " " + words_[next];
        command = find_command(group, name);
        words_.erase(words_.begin() + static_cast<std::ptrdiff_t>(next));
      }
    }
    if (command == nullptr) {
      std::vector<std::string_view> names;
      for (const Command& known : group.commands) names.push_back(known.name);
      std::string message = "there is no command \"" + std::string(group.name) + " " + name + "\"";
      if (const std::string_view near = nearest(name, names); !near.empty()) {
        message += "; did you mean \"" + std::string(group.name) + " " + std::string(near) + "\"?";
      }
      return fail_usage(message, std::string(group.name));
    }
    words_.erase(words_.begin() + static_cast<std::ptrdiff_t>(at));
    return run_command(group, *command, at);
  }

  int run_command(const Group& group, const Command& command, std::size_t at) {
    std::string name(group.name);
    if (!command.name.empty()) name += " " + std::string(command.name);
    std::vector<std::string> raw;
    if (command.raw) {
      const auto begin = words_.begin() + static_cast<std::ptrdiff_t>(at);
      raw.assign(begin, words_.end());
      words_.erase(begin, words_.end());
      if (asks_for_help(raw)) words_.emplace_back("--help");
    }
    if (command.slashes) words_ = translate_slashes(command, words_);
    auto parsed = parse_words(command, words_);
    if (!parsed) return fail_usage(parsed.error().error.message, name);
    if (parsed->find("help") != nullptr) {
      print_command_help(around_.out, group, command, color_out());
      return kDone;
    }
    Invocation invocation(around_, group, command, std::move(*parsed), std::move(raw));
    const Outcome outcome = command.run(invocation);
    if (outcome) return *outcome;
    if (outcome.error().usage) return fail_usage(outcome.error().error.message, name);
    print_error(around_, outcome.error().error, json_);
    if (!json_) around_.err << outcome.error().detail;
    return kFailed;
  }

  std::vector<std::string> words_;
  Surroundings around_;
  bool json_;
};

}  // namespace

int run_slwmi(std::span<const std::string> words, const Surroundings& around) {
  try {
    return Program(words, around).run();
  } catch (const std::exception& problem) {
    around.err << "slwmi: " << problem.what() << '\n';
    return kFailed;
  }
}

}  // namespace slwmi::tools
