#include "base/duration.hpp"

#include "base/text.hpp"

namespace slwmi {
namespace {

constexpr std::uint64_t kMost = 1'000'000'000;  // 1,900 years

struct Unit {
  std::string_view name;
  std::uint64_t minutes;
};
constexpr Unit kUnits[] = {
    {"w", 10080},   {"week", 10080}, {"weeks", 10080}, {"d", 1440},   {"day", 1440},
    {"days", 1440}, {"h", 60},       {"hour", 60},     {"hours", 60}, {"m", 1},
    {"min", 1},     {"minute", 1},   {"minutes", 1},
};

}  // namespace

std::optional<std::uint64_t> parse_duration(std::string_view text) {
  std::uint64_t minutes = 0;
  std::size_t at = 0;
  const auto skip_blanks = [&] {
    while (at < text.size() && text[at] == ' ') ++at;
  };
  const auto word = [&](bool (*takes)(char)) {
    const std::size_t first = at;
    while (at < text.size() && takes(text[at])) ++at;
    return text.substr(first, at - first);
  };
  skip_blanks();
  if (at == text.size()) return std::nullopt;
  while (at < text.size()) {
    const auto number = parse_unsigned(word(is_digit));
    skip_blanks();
    const std::string_view name = word(is_ascii_alpha);
    skip_blanks();
    const Unit* unit = nullptr;
    for (const Unit& known : kUnits)
      if (equal_ignore_case(known.name, name)) unit = &known;
    if (!number || *number > kMost || unit == nullptr) return std::nullopt;
    minutes += *number * unit->minutes;
    if (minutes > kMost) return std::nullopt;
  }
  return minutes;
}

std::string format_duration(std::uint64_t minutes) {
  std::string out;
  for (const Unit& unit : kUnits) {
    if (unit.name.size() != 1 || minutes < unit.minutes) continue;
    out += std::to_string(minutes / unit.minutes) + std::string(unit.name);
    minutes %= unit.minutes;
  }
  return out.empty() ? "0m" : out;
}

}  // namespace slwmi
