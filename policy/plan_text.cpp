// A plan for people.

#include <algorithm>

#include "base/text.hpp"
#include "policy/plan.hpp"

namespace slwmi::policy {
namespace {

constexpr std::size_t kShownText = 72;

std::string shortened(std::string text) {
  if (text.size() <= kShownText) return text;
  std::size_t end = kShownText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += "\\x";
      out += to_hex(as_bytes(std::string_view(&c, 1)));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string minutes_text(std::uint32_t minutes) {
  struct Unit {
    std::uint32_t minutes;
    const char* name;
  };
  for (const Unit& unit : {Unit{1440, "day"}, Unit{60, "hour"}}) {
    if (minutes == 0 || minutes % unit.minutes != 0) continue;
    const std::uint32_t count = minutes / unit.minutes;
    return std::to_string(count) + " " + unit.name + (count == 1 ? "" : "s");
  }
  return std::to_string(minutes) + (minutes == 1 ? " minute" : " minutes");
}

std::string number_text(std::size_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string machines_text(std::size_t count) {
  return number_text(count) + (count == 1 ? " machine" : " machines");
}

std::string names_text(const std::vector<std::string>& machines) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, machines.size()); ++i) {
    text += (i == 0 ? "" : ", ") + machines[i];
  }
  return machines.size() > kShown ? text + ", ..." : text;
}

char sign(Change change) {
  switch (change) {
    case Change::kAdd:
      return '+';
    case Change::kChange:
      return '~';
    case Change::kDelete:
      return '-';
    case Change::kUnchanged:
      return '=';
  }
  return '=';
}

std::string line_of(const Difference& difference) {
  std::string line = std::string("  ") + sign(difference.change) + " ";
  if (difference.what == Difference::What::kKey) return line + difference.key + " (key)\n";
  if (difference.what == Difference::What::kSecurity) {
    return line + difference.key + " (security descriptor)\n";
  }
  const SettingInfo* info = difference.setting.empty() ? nullptr : find_setting(difference.setting);
  line += info != nullptr
              ? info->name
              : difference.key + "\\" + (difference.value.empty() ? "(default)" : difference.value);
  line += ": ";
  if (difference.change != Change::kUnchanged) line += to_text(difference.before, info) + " -> ";
  return line + to_text(difference.after, info) + "\n";
}

std::string counts_text(const Counts& counts) {
  return number_text(counts.add) + " to add, " + number_text(counts.change) + " to change, " +
         number_text(counts.remove) + " to delete, " + number_text(counts.unchanged) + " unchanged";
}

}  // namespace

std::string to_text(const std::optional<reg::ValueData>& data, const SettingInfo* info) {
  if (!data) return "(none)";
  const reg::ValueView view = data->view();
  std::string text(reg::type_name(view.type));
  if (text.empty()) text = "type " + std::to_string(static_cast<std::uint32_t>(view.type));
  text += ' ';
  if (const auto number = reg::as_dword(view)) {
    text += std::to_string(*number);
    if (info != nullptr && info->kind == Kind::kMinutes) text += " (" + minutes_text(*number) + ")";
    return text;
  }
  if (const auto number = reg::as_qword(view)) return text + std::to_string(*number);
  if (const auto string = reg::as_string(view)) return text + shortened(quoted(*string));
  if (const auto strings = reg::as_multi_sz(view)) {
    std::string list;
    for (const std::string& string : *strings) list += (list.empty() ? "" : ", ") + quoted(string);
    return text + "{" + shortened(std::move(list)) + "}";
  }
  return text + (view.data.empty() ? "(empty)" : shortened(to_hex(view.data)));
}

std::string to_text(const Plan& plan, bool all) {
  std::string text = plan.removal ? "Remove policy " : "Push policy ";
  text += quoted(plan.policy) + (plan.removal ? " from " : " to ") + machines_text(plan.machines) +
          "\n";
  for (const GroupPlan& group : plan.groups) {
    text += "\n" + machines_text(group.machines.size()) +
            (group.role.empty() ? "" : " (" + group.role + ")") + ": " +
            names_text(group.machines) + "\n";
    std::size_t unchanged = 0;
    for (const Difference& difference : group.differences) {
      if (difference.change != Change::kUnchanged || all) text += line_of(difference);
      if (difference.change == Change::kUnchanged) ++unchanged;
    }
    if (!group.differs()) {
      text += plan.removal ? "  does not have the policy\n" : "  nothing to do\n";
    } else if (group.counts.changes() == 0) {
      text += plan.removal ? "  no value changes\n"
                           : "  the values are there already; the policy is new\n";
    }
    if (unchanged != 0 && !all && group.differs()) {
      text += "    and " + number_text(unchanged) + " unchanged\n";
    }
    for (const Finding& finding : group.lints) text += "  ! " + finding.message + "\n";
  }
  text += "\n" + std::string("In all: ") + counts_text(plan.counts) + "; " +
          machines_text(plan.machines_changed) + " of " + number_text(plan.machines) +
          " would change\n";
  return text;
}

}  // namespace slwmi::policy
