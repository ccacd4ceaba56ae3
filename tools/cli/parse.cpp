#include "tools/cli/parse.hpp"

#include <algorithm>
#include <deque>

#include <CLI/CLI.hpp>

#include "base/text.hpp"

namespace slwmi::tools {
namespace {

// Calls `each` with every name of "-f,--force".
template <class Each>
void for_each_name(std::string_view names, Each each) {
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    each(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
}

struct Slot {
  std::string name;
  std::vector<std::string> values;
  CLI::Option* option = nullptr;
};

bool is_optional(const Option& option) { return option.value.starts_with('['); }

void declare_option(CLI::App& app, const Option& option, std::deque<Slot>& slots) {
  Slot& slot = slots.emplace_back();
  slot.name = option_key(option);
  if (option.value.empty()) {
    slot.option = app.add_flag(std::string(option.names));
  } else {
    slot.option = app.add_option(std::string(option.names), slot.values)
                      ->expected(is_optional(option) ? 0 : 1, 1)
                      ->allow_extra_args(false)
                      ->take_all();
  }
}

void declare_argument(CLI::App& app, const Argument& argument, std::deque<Slot>& slots) {
  Slot& slot = slots.emplace_back();
  slot.name = argument.name;
  const bool many = argument.count == Count::kMany || argument.count == Count::kAny;
  slot.option = app.add_option(slot.name, slot.values);
  if (many) {
    slot.option->expected(1, CLI::detail::expected_max_vector_size);
  } else {
    slot.option->expected(1)->allow_extra_args(false);
  }
}

std::string unknown_word(const Command& command, const std::string& word) {
  if (command.slashes && word.size() > 1 && word[0] == '/' &&
      word.find('/', 1) == std::string::npos) {
    return "there is no option " + word;
  }
  if (word.size() < 2 || word[0] != '-') {
    return command.arguments.empty()
               ? "\"" + word + "\" is one word too many: this command takes no arguments"
               : "\"" + word + "\" is one word too many";
  }
  std::vector<std::string_view> names;
  const auto collect = [&](std::span<const Option> options) {
    for (const Option& option : options) {
      for_each_name(option.names, [&](std::string_view name) { names.push_back(name); });
    }
  };
  collect(command.options);
  collect(common_options());
  const std::string name = word.substr(0, word.find('='));
  std::string message = "there is no option " + name;
  if (const std::string_view near = nearest(name, names); !near.empty()) {
    message += "; did you mean " + std::string(near) + "?";
  }
  return message;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t change = ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]) ? 0 : 1;
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + change});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view option_key(const Option& option) {
  std::string_view key;
  for_each_name(option.names, [&](std::string_view name) {
    if (key.empty() || name.substr(0, 2) == "--") key = name;
  });
  while (!key.empty() && key.front() == '-') key.remove_prefix(1);
  return key;
}

bool option_has_name(const Option& option, std::string_view word) {
  bool found = false;
  for_each_name(option.names, [&](std::string_view name) { found = found || name == word; });
  return found;
}

namespace {

// CLI11 takes a word in square brackets for several, and the word after "--name=" for the value
// that is empty. A mark in front of the one and behind the other keeps them whole.
constexpr char kWholeWord = '\x01';

bool is_empty_option(std::string_view word) {
  return word.size() > 2 && word.front() == '-' && word.find('=') == word.size() - 1;
}

std::vector<std::string> reversed_words(std::span<const std::string> words) {
  std::vector<std::string> out(words.rbegin(), words.rend());
  for (std::string& word : out) {
    if (!word.empty() && word.front() == '[') word.insert(0, 1, kWholeWord);
    if (is_empty_option(word)) word.push_back(kWholeWord);
  }
  return out;
}

void unmark(std::vector<std::string>& words) {
  for (std::string& word : words) {
    if (!word.empty() && word.front() == kWholeWord) word.erase(0, 1);
    if (!word.empty() && word.back() == kWholeWord) word.pop_back();
  }
}

}  // namespace

tl::expected<Parsed, Failure> parse_words(const Command& command,
                                          std::span<const std::string> words) {
  std::deque<Slot> slots;
  std::size_t common = 0;  // how many of them are of every command
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  try {
    for (const Option& option : common_options()) declare_option(app, option, slots);
    common = slots.size();
    for (const Option& option : command.options) declare_option(app, option, slots);
    for (const Argument& argument : command.arguments) declare_argument(app, argument, slots);
    app.parse(reversed_words(words));
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string_view text = error.what();
    return usage(std::string(text.substr(0, text.find(':'))) + " needs a value");
  } catch (const CLI::Error& error) {
    return usage(error.what());
  }
  Parsed parsed;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    Slot& slot = slots[i];
    if (slot.option->count() == 0) continue;
    const bool of_command = i >= common && i < common + command.options.size();
    if (command.slashes && of_command && slot.option->count() > 1)
      return usage("/" + slot.name + " is given twice");
    // What was left out is an empty word without a mark.
    if (slot.option->get_expected_min() == 0 && slot.values == std::vector<std::string>{""})
      slot.values.clear();
    unmark(slot.values);
    parsed.values.emplace_back(std::move(slot.name), std::move(slot.values));
  }
  if (parsed.find("help") != nullptr) return parsed;
  std::vector<std::string> left = app.remaining();
  // The first "--" only says that options end.
  if (const auto mark = std::find(left.begin(), left.end(), "--"); mark != left.end())
    left.erase(mark);
  unmark(left);
  if (!left.empty()) {
    return usage(unknown_word(command, left.front()));
  }
  for (const Argument& argument : command.arguments) {
    const bool needed = argument.count == Count::kOne || argument.count == Count::kMany;
    if (needed && parsed.find(argument.name) == nullptr) {
      return usage(std::string(argument.name) + " is missing");
    }
  }
  return parsed;
}

namespace {

// The option that "/v" or "/reg:64" names, or null.
const Option* slash_option(const Command& command, std::string_view word) {
  if (word.size() < 2 || word[0] != '/') return nullptr;
  const std::string name = "--" + ascii_lower(word.substr(1, word.find(':') - 1));
  for (const Option& option : command.options)
    if (option_has_name(option, name)) return &option;
  return nullptr;
}

}  // namespace

std::vector<std::string> translate_slashes(const Command& command,
                                           std::span<const std::string> words) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::size_t colon = std::min(word.find(':'), word.size());
    const Option* found = slash_option(command, word);
    if (word == "/?") {
      out.emplace_back("--help");
    } else if (found == nullptr) {
      out.push_back(word);
    } else if (found->value.empty()) {
      out.emplace_back(found->names);
    } else if (colon < word.size()) {
      out.push_back(std::string(found->names) + "=" + word.substr(colon + 1));
    } else if (i + 1 < words.size() &&
               !(is_optional(*found) && slash_option(command, words[i + 1]) != nullptr)) {
      out.push_back(std::string(found->names) + "=" + words[++i]);
    } else {
      out.emplace_back(found->names);
    }
  }
  return out;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const bool begins = word.size() > 1 && starts_with_ignore_case(candidate, word);
    const std::size_t d = begins ? 1 : distance(word, candidate);
    if (d < best_distance && d < candidate.size()) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace slwmi::tools
