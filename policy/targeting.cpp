#include "policy/targeting.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace slwmi::policy {
namespace {

bool is_separator(char c) { return c == ' ' || c == ',' || c == '\t' || c == '\n' || c == '\r'; }

tl::unexpected<Error> bad(std::size_t offset, std::string message, std::string_view token) {
  return fail(HResult::kEInvalidarg, std::move(message),
              SourcePos{offset, 1, static_cast<int>(offset) + 1}, std::string(token));
}

Result<std::vector<std::string>> alternatives(std::string_view text, std::size_t offset) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('|', at), text.size());
    if (end == at) return bad(offset + at, "a name is missing", text);
    words.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

bool is_filter(std::string_view term) {
  return starts_with_ignore_case(term, "wmi=") || starts_with_ignore_case(term, "wmi:");
}

Result<TargetSet::Filter> parse_filter(std::string_view text, std::size_t offset) {
  TargetSet::Filter filter;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return bad(offset, "expected '=' and a query", text);
  if (text[3] == ':') {
    filter.ns = text.substr(4, equals - 4);
    if (filter.ns.empty()) return bad(offset, "the namespace is missing", text);
  }
  std::string_view query = text.substr(equals + 1);
  while (!query.empty() && is_separator(query.front())) query.remove_prefix(1);
  if (query.empty()) return bad(offset + equals + 1, "the query is missing", text);
  filter.query = query;
  return filter;
}

// Patterns of names, and which of them a machine has fitted.
struct Patterns {
  explicit Patterns(const std::vector<std::string>& of) : texts(of), used(of.size()) {}
  bool match(std::string_view name) {
    bool some = false;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (!matches_pattern(texts[i], name)) continue;
      some = true;
      used[i] = true;
    }
    return some;
  }
  const std::vector<std::string>& texts;
  std::vector<bool> used;
};

bool any_equal(const std::vector<std::string>& words, std::string_view word) {
  return words.empty() || std::any_of(words.begin(), words.end(), [&](const std::string& other) {
           return equal_ignore_case(other, word);
         });
}

Finding warning(std::string code, std::string message) {
  return {Severity::kWarning, std::move(code), std::move(message), {}};
}

}  // namespace

Result<TargetSet> parse_targets(std::string_view text) {
  TargetSet targets;
  bool some = false;
  for (std::size_t at = 0; at < text.size();) {
    if (is_separator(text[at])) {
      ++at;
      continue;
    }
    some = true;
    if (is_filter(text.substr(at))) {
      SL_TRY(targets.filter, parse_filter(text.substr(at), at));
      break;
    }
    std::size_t end = at;
    while (end < text.size() && !is_separator(text[end])) ++end;
    const std::string_view term = text.substr(at, end - at);
    const std::size_t equals = term.find('=');
    if (equals != std::string_view::npos) {
      const std::string_view name = term.substr(0, equals);
      const bool role = equal_ignore_case(name, "role");
      if (!role && !equal_ignore_case(name, "os")) {
        return bad(at, "'" + std::string(name) + "' is none of role, os and wmi", term);
      }
      std::vector<std::string>& words = role ? targets.roles : targets.versions;
      if (!words.empty()) return bad(at, "'" + std::string(name) + "' is given twice", term);
      SL_TRY(words, alternatives(term.substr(equals + 1), at + equals + 1));
    } else if (term[0] == '!') {
      if (term.size() == 1) return bad(at, "a name is missing after '!'", term);
      targets.exclude.emplace_back(term.substr(1));
    } else {
      targets.include.emplace_back(equal_ignore_case(term, "all") ? std::string_view("*") : term);
    }
    at = end;
  }
  if (!some) return bad(0, "no machines are named; 'all' means all", text);
  if (targets.include.empty()) targets.include.emplace_back("*");
  return targets;
}

bool matches_pattern(std::string_view pattern, std::string_view name, bool match_case) {
  std::size_t p = 0, n = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
      continue;
    }
    if (p < pattern.size()) {
      std::size_t next_p = p, next_n = n;
      const char32_t wanted = next_code_point(pattern, next_p);
      const char32_t given = next_code_point(name, next_n);
      if (wanted == U'?' || wanted == given || (!match_case && upcase(wanted) == upcase(given))) {
        p = next_p;
        n = next_n;
        continue;
      }
    }
    if (star == std::string_view::npos) return false;
    p = star + 1;
    next_code_point(name, resume);
    n = resume;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<Selection> select(const TargetSet& targets, Fleet& fleet) {
  Selection selection;
  Patterns include(targets.include), exclude(targets.exclude);
  std::vector<std::string> candidates;
  SL_CHECK(fleet.machines([&](const MachineFacts& machine) {
    const bool included = include.match(machine.name);
    const bool excluded = exclude.match(machine.name);
    if (included && !excluded && any_equal(targets.roles, machine.role) &&
        any_equal(targets.versions, machine.os)) {
      candidates.emplace_back(machine.name);
    }
    return true;
  }));
  for (const Patterns* patterns : {&include, &exclude}) {
    for (std::size_t i = 0; i < patterns->texts.size(); ++i) {
      const std::string& text = patterns->texts[i];
      if (patterns->used[i] || text == "*") continue;
      selection.warnings.push_back(
          warning("no-such-machine", "no machine is called '" + text + "'"));
    }
  }
  for (std::string& machine : candidates) {
    if (targets.filter) {
      SL_TRY(const bool found, fleet.has_row(machine, targets.filter->ns, targets.filter->query));
      if (!found) {
        ++selection.filtered;
        continue;
      }
    }
    selection.machines.push_back(std::move(machine));
  }
  if (selection.machines.empty()) {
    std::string message = "no machine is meant";
    if (selection.filtered != 0) {
      message += "; the query took out " + std::to_string(selection.filtered);
    }
    selection.warnings.push_back(warning("no-target", std::move(message)));
  }
  return selection;
}

}  // namespace slwmi::policy
