// Between registry data and the texts of a document's raw settings.

#include <limits>

#include "base/text.hpp"
#include "policy/document_builder.hpp"
#include "registry/path.hpp"

namespace slwmi::policy {
namespace {

tl::unexpected<Error> invalid(std::string message) {
  return fail(HResult::kEInvalidarg, std::move(message));
}

std::string name_of_type(reg::ValueType type) {
  const std::string_view name = reg::type_name(type);
  if (!name.empty()) return std::string(name);
  return "type " + std::to_string(static_cast<std::uint32_t>(type));
}

Result<std::uint64_t> parse_number(reg::ValueType type, std::string_view text, std::uint64_t max) {
  if (const auto number = parse_unsigned(text); number && *number <= max) return *number;
  return invalid(excerpt(text) + " is no number from 0 to " + std::to_string(max) + ", as " +
                 name_of_type(type) + " wants");
}

bool is_string(reg::ValueType type) {
  return type == reg::ValueType::kSz || type == reg::ValueType::kExpandSz;
}

}  // namespace

std::optional<reg::ValueType> parse_type(std::string_view text) {
  if (const auto type = reg::type_of(text)) return type;
  const auto number = parse_unsigned(text);
  if (!number || *number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<reg::ValueType>(*number);
}

Result<reg::ValueData> parse_data(reg::ValueType type, std::span<const std::string> texts,
                                  bool list) {
  if (type == reg::ValueType::kMultiSz) {
    for (const std::string& text : texts) {
      if (text.find('\0') != std::string::npos) return invalid("holds a NUL; write 'bytes'");
      if (text.empty() && list) return invalid("holds an empty text; write 'bytes'");
    }
    if (!list && texts.size() == 1 && texts[0].empty()) return reg::make_multi_sz({});
    return reg::make_multi_sz(texts);
  }
  if (list || texts.size() != 1)
    return invalid("is a list, and " + name_of_type(type) + " has one value");
  const std::string& text = texts[0];
  if (is_string(type)) {
    if (text.find('\0') != std::string::npos) return invalid("holds a NUL; write 'bytes'");
    return type == reg::ValueType::kSz ? reg::make_sz(text) : reg::make_expand_sz(text);
  }
  if (type == reg::ValueType::kDword || type == reg::ValueType::kDwordBigEndian) {
    SL_TRY(const std::uint64_t number,
           parse_number(type, text, std::numeric_limits<std::uint32_t>::max()));
    const auto small = static_cast<std::uint32_t>(number);
    if (type == reg::ValueType::kDword) return reg::make_dword(small);
    const std::byte bytes[4] = {std::byte(small >> 24), std::byte(small >> 16),
                                std::byte(small >> 8), std::byte(small)};
    return reg::ValueData(type, bytes);
  }
  if (type == reg::ValueType::kQword) {
    SL_TRY(const std::uint64_t number,
           parse_number(type, text, std::numeric_limits<std::uint64_t>::max()));
    return reg::make_qword(number);
  }
  return parse_bytes(type, text);
}

Result<reg::ValueData> parse_bytes(reg::ValueType type, std::string_view hex) {
  std::string digits;
  for (const char c : hex) {
    if (c != ' ' && c != ',' && c != '\t' && c != '\r' && c != '\n') digits += c;
  }
  const auto bytes = from_hex(digits);
  if (!bytes) return invalid("wants bytes as pairs of hex digits, such as '0a ff'");
  return reg::ValueData(type, *bytes);
}

std::optional<DataText> data_text(const reg::ValueView& data) {
  DataText text;
  if (is_string(data.type)) {
    auto string = reg::as_string(data);
    if (!string || find_invalid_utf8(*string)) return std::nullopt;
    text.texts.push_back(std::move(*string));
  } else if (data.type == reg::ValueType::kMultiSz) {
    auto strings = reg::as_multi_sz(data);
    if (!strings) return std::nullopt;
    for (const std::string& string : *strings) {
      if (find_invalid_utf8(string)) return std::nullopt;
    }
    text.texts = std::move(*strings);
    text.list = true;
  } else if (data.type == reg::ValueType::kDword) {
    const auto number = reg::as_dword(data);
    if (!number) return std::nullopt;
    text.texts.push_back(std::to_string(*number));
  } else if (data.type == reg::ValueType::kQword) {
    const auto number = reg::as_qword(data);
    if (!number) return std::nullopt;
    text.texts.push_back(std::to_string(*number));
  } else {
    return std::nullopt;
  }
  const auto again = parse_data(data.type, text.texts, text.list);
  if (!again || again->view() != data) return std::nullopt;
  return text;
}

Result<std::string> canonical_key(std::string_view text) {
  SL_TRY(const reg::Path path, reg::parse_path(text));
  if (path.root != reg::Root::kLocalMachine && path.root != reg::Root::kUsers) {
    return invalid(
        std::string(reg::long_name(path.root)) +
        " depends on who asks; write the key below HKLM or HKU (the licensing service's own "
        "lies in HKU\\S-1-5-20)");
  }
  if (path.components.empty()) return invalid("names a root and no key in it");
  std::string key(reg::long_name(path.root));
  for (const std::string_view component : path.components) {
    key += '\\';
    key += component;
  }
  return key;
}

}  // namespace slwmi::policy
