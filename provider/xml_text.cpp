#include "provider/xml_text.hpp"

#include "base/text.hpp"

namespace slwmi::licensing {
namespace {

bool is_xml_character(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return (c < 0xD800 || c > 0xDFFF) && c != 0xFFFE && c != 0xFFFF;
}

// Most text is made of these.
bool is_plain(char c) {
  return c >= 0x20 && c != '&' && c != '<' && c != '>' && c != '"' && c != '\'';
}

std::string_view escape_of(char32_t c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    case '\r':
      return "&#13;";
    default:
      return {};
  }
}

}  // namespace

bool is_xml_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (is_plain(text[at])) {
      ++at;
    } else if (!is_xml_character(next_code_point(text, at))) {
      return false;
    }
  }
  return true;
}

void append_xml_text(std::string& out, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t first = at;
    while (at < text.size() && is_plain(text[at])) ++at;
    out.append(text, first, at - first);
    if (at == text.size()) return;
    const char32_t c = next_code_point(text, at);
    if (const std::string_view escape = escape_of(c); !escape.empty()) {
      out += escape;
    } else {
      append_utf8(out, is_xml_character(c) ? c : U'\uFFFD');
    }
  }
}

void append_xml_element(std::string& out, std::string_view name, std::string_view text) {
  out.append("<").append(name).append(">");
  append_xml_text(out, text);
  out.append("</").append(name).append(">");
}

}  // namespace slwmi::licensing
