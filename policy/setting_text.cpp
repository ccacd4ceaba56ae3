// Between the text of a named setting and its registry value.

#include <array>
#include <limits>

#include "base/text.hpp"
#include "policy/catalogue.hpp"

namespace slwmi::policy {
namespace {

constexpr std::size_t kMaxHost = 255, kMaxLabel = 63;

tl::unexpected<Error> invalid(std::string message) {
  return fail(HResult::kEInvalidarg, std::move(message));
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

struct Unit {
  std::string_view name;
  std::uint64_t minutes;
};
constexpr std::array<Unit, 10> kUnits = {{{"minutes", 1},
                                          {"minute", 1},
                                          {"min", 1},
                                          {"hours", 60},
                                          {"hour", 60},
                                          {"days", 1440},
                                          {"day", 1440},
                                          {"weeks", 10080},
                                          {"week", 10080},
                                          {"", 1}}};

std::optional<std::uint64_t> parse_minutes(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  const auto number = parse_unsigned(text.substr(0, digits));
  if (!number) return std::nullopt;
  const std::string_view unit = trim(text.substr(digits));
  for (const Unit& known : kUnits) {
    if (!equal_ignore_case(unit, known.name)) continue;
    if (*number > std::numeric_limits<std::uint32_t>::max()) return *number;
    return *number * known.minutes;
  }
  return std::nullopt;
}

std::string range_text(const SettingInfo& info) {
  std::string text = std::to_string(info.min) + " to " + std::to_string(info.max);
  if (info.kind == Kind::kMinutes) text += " minutes";
  return text;
}

Result<> check_range(const SettingInfo& info, std::uint64_t number) {
  if (number >= info.min && number <= info.max) return {};
  return invalid(std::to_string(number) + " is outside " + range_text(info));
}

bool is_label_character(char c) {
  return is_ascii_alpha(c) || is_digit(c) || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_domain_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxHost) return false;
  std::size_t label = 0;
  for (const char c : text) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if (!is_label_character(c) || ++label > kMaxLabel) {
      return false;
    }
  }
  return label != 0;
}

// An IPv6 address by its letters; anything with two colons that is made of hex digits.
bool is_address(std::string_view text) {
  int colons = 0;
  for (const char c : text) {
    if (c == ':')
      ++colons;
    else if (hex_digit(c) < 0 && c != '.')
      return false;
  }
  return colons >= 2 && text.size() <= 45;
}

Result<> check_domain_entry(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (!is_domain_name(trim(text.substr(0, comma)))) {
    return invalid(excerpt(text) + " is no domain name");
  }
  for (std::size_t at = comma, fields = 0; at != std::string_view::npos; ++fields) {
    const std::size_t next = text.find(',', at + 1);
    const std::size_t length = next == std::string_view::npos ? next : next - at - 1;
    const auto number = parse_unsigned(trim(text.substr(at + 1, length)));
    if (!number || *number > 65535 || fields >= 2) {
      return invalid(excerpt(text) + " is no domain name with a priority and a weight up to 65535");
    }
    at = next;
  }
  return {};
}

Result<> check_one(const SettingInfo& info, std::string_view text) {
  switch (info.kind) {
    case Kind::kPort: {
      const auto number = parse_unsigned(text);
      if (!number || text.size() > 5 || !is_digit(text.back()) || text.find('x') != text.npos) {
        return invalid(excerpt(text) + " is no port number");
      }
      return check_range(info, *number);
    }
    case Kind::kHost:
      if (!is_domain_name(text) && !is_address(text)) {
        return invalid(excerpt(text) + " is no host name or address");
      }
      return {};
    case Kind::kDomains:
      return check_domain_entry(text);
    case Kind::kText:
      if (const std::size_t length = utf16_length(text); length < info.min || length > info.max) {
        return invalid("the text has " + std::to_string(length) + " characters, wanted are " +
                       range_text(info));
      }
      return {};
    case Kind::kFlag:
    case Kind::kNumber:
    case Kind::kMinutes:
      break;
  }
  return {};
}

Result<std::uint32_t> parse_number(const SettingInfo& info, std::string_view text) {
  std::optional<std::uint64_t> number;
  if (info.kind == Kind::kFlag) {
    if (equal_ignore_case(text, "true")) number = 1;
    if (equal_ignore_case(text, "false")) number = 0;
  }
  if (!number) number = info.kind == Kind::kMinutes ? parse_minutes(text) : std::nullopt;
  if (!number) number = parse_unsigned(text);
  if (!number) {
    std::string_view wanted = "a number";
    if (info.kind == Kind::kFlag) wanted = "0, 1, true or false";
    if (info.kind == Kind::kMinutes) wanted = "a number of minutes, or a time such as '7 days'";
    return invalid(excerpt(text) + " is not " + std::string(wanted));
  }
  SL_CHECK(check_range(info, *number));
  return static_cast<std::uint32_t>(*number);
}

}  // namespace

Result<reg::ValueData> parse_setting(const SettingInfo& info, std::span<const std::string> texts,
                                     bool list) {
  if (info.kind == Kind::kDomains) {
    std::vector<std::string> entries;
    for (const std::string& text : texts) {
      if (!list && texts.size() == 1 && trim(text).empty()) break;
      SL_CHECK(check_one(info, trim(text)));
      entries.emplace_back(trim(text));
    }
    return reg::make_multi_sz(entries);
  }
  if (list || texts.size() != 1) {
    return invalid("wants one " + std::string(to_text(info.kind)) + ", not a list");
  }
  if (type_of(info.kind) == reg::ValueType::kDword) {
    SL_TRY(const std::uint32_t number, parse_number(info, trim(texts[0])));
    return reg::make_dword(number);
  }
  const std::string_view text = info.kind == Kind::kText ? texts[0] : trim(texts[0]);
  if (text.empty() && info.kind != Kind::kText) {
    return invalid("is empty; list the setting under 'remove' to take the value away");
  }
  SL_CHECK(check_one(info, text));
  if (text.find('\0') != std::string_view::npos) return invalid("holds a NUL");
  return reg::make_sz(text);
}

std::string excerpt(std::string_view text) {
  constexpr std::size_t kShown = 60;
  if (text.size() <= kShown) return "'" + std::string(text) + "'";
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return "'" + std::string(text.substr(0, end)) + "...'";
}

std::optional<std::vector<std::string>> setting_texts(const SettingInfo& info,
                                                      const reg::ValueView& data) {
  if (data.type != type_of(info.kind)) return std::nullopt;
  std::vector<std::string> texts;
  if (data.type == reg::ValueType::kDword) {
    const auto number = reg::as_dword(data);
    if (!number) return std::nullopt;
    texts.push_back(std::to_string(*number));
  } else if (data.type == reg::ValueType::kMultiSz) {
    auto entries = reg::as_multi_sz(data);
    if (!entries) return std::nullopt;
    texts = std::move(*entries);
  } else {
    auto text = reg::as_string(data);
    if (!text) return std::nullopt;
    texts.push_back(std::move(*text));
  }
  const auto again = parse_setting(info, texts, info.kind == Kind::kDomains);
  if (!again || again->view() != data) return std::nullopt;
  return texts;
}

Result<> check_setting(const SettingInfo& info, const reg::ValueView& data) {
  const reg::ValueType wanted = type_of(info.kind);
  if (data.type != wanted) {
    std::string type(reg::type_name(data.type));
    if (type.empty()) type = "type " + std::to_string(static_cast<std::uint32_t>(data.type));
    return invalid(info.name + " is documented as " + std::string(reg::type_name(wanted)) +
                   ", this is " + type);
  }
  std::vector<std::string> texts;
  if (wanted == reg::ValueType::kDword) {
    const auto number = reg::as_dword(data);
    if (!number)
      return invalid(info.name + " has " + std::to_string(data.data.size()) + " bytes, not 4");
    return check_range(info, *number);
  }
  if (wanted == reg::ValueType::kMultiSz) {
    texts = reg::as_multi_sz(data).value_or(texts);
  } else {
    texts.push_back(reg::as_string(data).value_or(""));
  }
  if (auto read = parse_setting(info, texts, wanted == reg::ValueType::kMultiSz); !read) {
    return tl::make_unexpected(std::move(read).error());
  }
  return {};
}

}  // namespace slwmi::policy
