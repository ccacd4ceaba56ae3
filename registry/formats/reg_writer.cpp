#include <algorithm>
#include <cstdio>

#include "base/text.hpp"
#include "registry/formats/ansi.hpp"
#include "registry/formats/reg_file.hpp"
#include "registry/registry.hpp"

namespace slwmi::reg {
namespace {

constexpr std::size_t kBreakColumn = 77;  // a line of bytes ends once it is this long
constexpr char kHexDigits[] = "0123456789abcdef";

// Appends text with the escapes that regedit reads. It writes the first two only, and a line end in
// the name of a value as it is.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\\' || c == '"' || c == '\n' || c == '\r') out += '\\';
    out += c == '\n' ? 'n' : c == '\r' ? 'r' : c;
  }
}

// A text that quotes can hold: whole, ended by its only NUL, on one line.
bool is_plain_text(ByteSpan data) {
  if (data.size() < 2 || data.size() % 2 != 0) return false;
  for (std::size_t i = 0; i + 2 < data.size(); i += 2) {
    if (data[i + 1] != std::byte{0}) continue;
    if (data[i] == std::byte{0} || data[i] == std::byte{'\n'} || data[i] == std::byte{'\r'}) {
      return false;
    }
  }
  return data[data.size() - 2] == std::byte{0} && data[data.size() - 1] == std::byte{0};
}

// The data as REGEDIT4 holds it: ANSI for the types of text.
Bytes narrowed(const ValueView& value) {
  const std::string text = to_ansi(from_utf16le(value.data));
  const ByteSpan bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

std::size_t width_of(std::string_view text) {
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
  return ascii ? text.size() : utf16_length(text);
}

// UTF-16LE with its mark; runs of ASCII go the short way.
Bytes widened(std::string_view text) {
  Bytes out;
  out.reserve(text.size() * 2 + 2);
  out.push_back(std::byte{0xFF});
  out.push_back(std::byte{0xFE});
  std::size_t i = 0;
  while (i < text.size()) {
    while (i < text.size() && (text[i] & 0x80) == 0) {
      out.push_back(static_cast<std::byte>(text[i++]));
      out.push_back(std::byte{0});
    }
    const std::size_t start = i;
    while (i < text.size() && (text[i] & 0x80) != 0) ++i;
    if (i > start) {
      const Bytes units = to_utf16le(text.substr(start, i - start));
      out.insert(out.end(), units.begin(), units.end());
    }
  }
  return out;
}

void export_key(const HiveView& view, KeyId key, const std::string& path, RegWriter& writer) {
  writer.key(path);
  for (const NamedValue& value : view.values(key)) {
    writer.value(text_of(value.spelling), value.value);
  }
  for (const Subkey& child : view.subkeys(key)) {
    export_key(view, child.key, path + "\\" + std::string(text_of(child.spelling)), writer);
  }
}

}  // namespace

RegWriter::RegWriter(RegVersion version) : version_(version) {
  text_ = version == RegVersion::k4 ? "REGEDIT4\r\n\r\n"
                                    : "Windows Registry Editor Version 5.00\r\n\r\n";
}

void RegWriter::key(std::string_view path) {
  if (in_key_) text_ += "\r\n";
  in_key_ = true;
  text_ += "[";
  text_ += path;
  text_ += "]\r\n";
}

void RegWriter::value(std::string_view name, const ValueView& value) {
  const std::size_t start = text_.size();
  if (name.empty()) {
    text_ += "@=";
  } else {
    text_ += '"';
    append_escaped(text_, name);
    text_ += "\"=";
  }
  if (value.type == ValueType::kSz && is_plain_text(value.data)) {
    text_ += '"';
    append_escaped(text_, from_utf16le(value.data.first(value.data.size() - 2)));
    text_ += "\"\r\n";
    return;
  }
  char tag[24];
  if (const auto number = as_dword(value)) {
    std::snprintf(tag, sizeof tag, "dword:%08x\r\n", *number);
    text_ += tag;
    return;
  }
  const std::size_t column = width_of(std::string_view(text_).substr(start));
  if (value.type == ValueType::kBinary) return hex(value.data, "hex:", column);
  std::snprintf(tag, sizeof tag, "hex(%x):", static_cast<unsigned>(value.type));
  const bool text = value.type == ValueType::kSz || value.type == ValueType::kExpandSz ||
                    value.type == ValueType::kMultiSz;
  if (version_ == RegVersion::k4 && text) return hex(narrowed(value), tag, column);
  hex(value.data, tag, column);
}

void RegWriter::hex(ByteSpan data, std::string_view tag, std::size_t column) {
  text_ += tag;
  column += tag.size();
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto byte = std::to_integer<unsigned>(data[i]);
    text_ += kHexDigits[byte >> 4];
    text_ += kHexDigits[byte & 15];
    if (i + 1 == data.size()) break;
    text_ += ',';
    column += 3;
    if (column >= kBreakColumn) {
      text_ += "\\\r\n  ";
      column = 2;
    }
  }
  text_ += "\r\n";
}

std::vector<std::byte> RegWriter::take() {
  if (in_key_) text_ += "\r\n";
  if (version_ != RegVersion::k4) return widened(text_);
  const std::string ansi = to_ansi(text_);
  const ByteSpan bytes = as_bytes(ansi);
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> export_reg(const HiveView& view, KeyId top, RegVersion version) {
  RegWriter writer(version);
  export_key(view, top, view.path(top), writer);
  return writer.take();
}

namespace {

Result<> export_key(const Key& key, const std::string& path, RegWriter& writer) {
  if (path.find_first_of("\r\n") != std::string::npos)
    return fail(HResult::kErrorNotSupported,
                "a .reg file cannot name the key " + path + ": a line ends inside");
  writer.key(path);
  SL_TRY(const std::vector<ValueEntry> values, key.values());
  for (const ValueEntry& entry : values) writer.value(entry.name, entry.data.view());
  SL_TRY(const std::vector<std::string> subkeys, key.subkeys());
  for (const std::string& name : subkeys) {
    if (const auto subkey = key.open(name))
      SL_CHECK(export_key(*subkey, std::string(path).append("\\").append(name), writer));
  }
  return {};
}

}  // namespace

Result<std::vector<std::byte>> export_reg(const Registry& registry, std::string_view path,
                                          RegVersion version) {
  SL_TRY(const Key key, registry.open(path));
  SL_TRY(const Path parsed, parse_path(path));
  std::string shown(long_name(parsed.root));
  for (const std::string_view component : parsed.components) shown += "\\" + std::string(component);
  RegWriter writer(version);
  SL_CHECK(export_key(key, shown, writer));
  return writer.take();
}

}  // namespace slwmi::reg
