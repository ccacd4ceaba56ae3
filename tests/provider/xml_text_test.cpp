#include "provider/xml_text.hpp"

#include <boost/test/unit_test.hpp>

namespace slwmi::licensing {
namespace {

BOOST_AUTO_TEST_SUITE(xml_text)

// XML 1.0, 2.2 "Characters" and 4.6 "Predefined Entities".
BOOST_AUTO_TEST_CASE(text_is_escaped_and_what_xml_cannot_say_is_replaced) {
  const struct {
    std::string_view text, wanted;
    bool xml;
  } kCases[] = {
      {"", "", true},
      {"plain text", "plain text", true},
      {"&<>\"'", "&amp;&lt;&gt;&quot;&apos;", true},
      {"a<b>c", "a&lt;b&gt;c", true},
      {"tab\tline\nreturn\r", "tab\tline\nreturn&#13;", true},
      {"\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80", "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80", true},
      {"a\x01z", "a\xEF\xBF\xBDz", false},
      {std::string_view("\0", 1), "\xEF\xBF\xBD", false},
      {"\xED\xA0\x80", "\xEF\xBF\xBD", false},    // a lone surrogate
      {"x\xEF\xBF\xBE", "x\xEF\xBF\xBD", false},  // U+FFFE
  };
  for (const auto& each : kCases) {
    BOOST_TEST_CONTEXT(each.text) {
      std::string out = "before ";
      append_xml_text(out, each.text);
      BOOST_TEST(out == "before " + std::string(each.wanted));
      BOOST_TEST(is_xml_text(each.text) == each.xml);
      std::string element;
      append_xml_element(element, "e", each.text);
      BOOST_TEST(element == "<e>" + std::string(each.wanted) + "</e>");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
