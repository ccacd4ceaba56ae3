#include "tools/reg_values.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace slwmi::tools {
namespace {

std::string hex_number(std::uint64_t number) {
  char digits[19];
  int at = 18;
  digits[at] = '\0';
  do {
    digits[--at] = "0123456789abcdef"[number & 15u];
    number >>= 4;
  } while (number != 0);
  return std::string("0x") + &digits[at];
}

Result<std::uint64_t> parse_number(std::string_view type, std::string_view data,
                                   std::uint64_t most) {
  const auto number = parse_unsigned(data);
  if (number && *number <= most) return *number;
  return fail(HResult::kEInvalidarg, std::string(type) + " takes a number up to " +
                                         std::to_string(most) + " in decimal or after 0x, not \"" +
                                         std::string(data) + "\"");
}

// The texts of a REG_MULTI_SZ; a separator may end the last one. None is empty, unless the
// separator is all there is.
Result<std::vector<std::string>> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + separator.size(), text.size()));
  }
  if (parts.size() > 1 && std::find(parts.begin(), parts.end(), "") != parts.end())
    return fail(HResult::kEInvalidarg, "no text of a REG_MULTI_SZ may be empty");
  return parts;
}

Result<reg::ValueData> parse_qword(std::string_view data) {
  if (data.empty()) return reg::make_qword(0);
  if (data.front() == '-') {
    if (const auto number = parse_signed(data))
      return reg::make_qword(static_cast<std::uint64_t>(*number));
  }
  SL_TRY(const std::uint64_t number, parse_number("REG_QWORD", data, ~std::uint64_t{0}));
  return reg::make_qword(number);
}

}  // namespace

std::string reg_type_text(reg::ValueType type) {
  const std::string_view name = reg::type_name(type);
  return name.empty() ? hex_number(static_cast<std::uint32_t>(type)) : std::string(name);
}

std::string reg_data_text(const reg::ValueView& value, std::string_view separator) {
  if (const auto number = reg::as_dword(value)) return hex_number(*number);
  if (value.type == reg::ValueType::kDwordBigEndian) {
    if (const auto number = reg::as_dword({reg::ValueType::kDword, value.data}))
      return hex_number(*number);
  }
  if (const auto number = reg::as_qword(value)) return hex_number(*number);
  if (const auto text = reg::as_string(value)) return *text;
  if (const auto texts = reg::as_multi_sz(value)) {
    std::string out;
    for (const std::string& text : *texts) {
      if (&text != &texts->front()) out += separator;
      out += text;
    }
    return out;
  }
  return ascii_upper(to_hex(value.data));
}

Cell reg_data_cell(const reg::ValueView& value) {
  if (const auto number = reg::as_dword(value)) return Cell::number(std::uint64_t{*number});
  if (const auto number = reg::as_qword(value)) return Cell(std::to_string(*number));
  if (const auto text = reg::as_string(value)) return Cell(*text);
  if (const auto texts = reg::as_multi_sz(value)) {
    Cell cell;
    cell.kind = Cell::Kind::kArray;
    for (const std::string& text : *texts) cell.items.emplace_back(text);
    return cell;
  }
  return Cell(to_hex(value.data));
}

Result<reg::ValueData> parse_reg_data(reg::ValueType type, std::string_view data,
                                      std::string_view separator) {
  switch (type) {
    case reg::ValueType::kSz:
      return reg::make_sz(data);
    case reg::ValueType::kExpandSz:
      return reg::make_expand_sz(data);
    case reg::ValueType::kNone:
      return reg::ValueData(type, reg::make_sz(data).data());
    case reg::ValueType::kMultiSz: {
      SL_TRY(const std::vector<std::string> texts, split(data, separator));
      return reg::make_multi_sz(texts);
    }
    case reg::ValueType::kDword:
    case reg::ValueType::kDwordBigEndian: {
      SL_TRY(const std::uint64_t number, parse_number(reg_type_text(type), data, 0xFFFFFFFFu));
      return reg::ValueData(type, reg::make_dword(static_cast<std::uint32_t>(number)).data());
    }
    case reg::ValueType::kQword:
      return parse_qword(data);
    case reg::ValueType::kLink:
      return fail(HResult::kEInvalidarg, "REG_LINK cannot be written by hand");
    default:
      break;
  }
  const auto bytes = from_hex(data.size() % 2 == 0 ? std::string(data) : "0" + std::string(data));
  if (!bytes) {
    return fail(HResult::kEInvalidarg,
                reg_type_text(type) + " takes hex digits, not \"" + std::string(data) + "\"");
  }
  return reg::ValueData(type, *bytes);
}

}  // namespace slwmi::tools
