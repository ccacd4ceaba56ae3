// Text as the content of XML and HTML elements and attributes. Pure.
#pragma once

#include <string>
#include <string_view>

namespace slwmi::licensing {

// What XML 1.0 can say: no lone surrogates, no control characters but tab, line feed and return.
bool is_xml_text(std::string_view text);

// With its special characters escaped; what XML cannot say becomes U+FFFD.
void append_xml_text(std::string& out, std::string_view text);

// "<name>text</name>".
void append_xml_element(std::string& out, std::string_view name, std::string_view text);

}  // namespace slwmi::licensing
