// Texts that are made to hurt: each must give an error with its place, quickly and without deep
// recursion.

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "policy/document.hpp"
#include "policy/prescan.hpp"

using namespace slwmi;
using namespace slwmi::policy;

namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  out.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::string first_finding(std::string_view text, Syntax syntax, const Limits& limits = {}) {
  const Reading reading = read_document(as_bytes(text), syntax, "f", {}, limits);
  if (reading.document) return "accepted";
  return to_text(reading.findings.front(), "f");
}

constexpr std::size_t kMillion = 1'000'000;

}  // namespace

BOOST_AUTO_TEST_SUITE(policy_hostile_document)

BOOST_AUTO_TEST_CASE(a_million_levels_are_an_error_with_a_place) {
  struct {
    const char* why;
    Syntax syntax;
    std::string text;
    const char* finding;
  } const kCases[] = {
      {"JSON lists", Syntax::kJson, repeated("[", kMillion),
       "f:1:17: error: the document is nested deeper than 16 levels [over-limit]"},
      {"JSON objects", Syntax::kJson, repeated("{\"a\":", kMillion),
       "f:1:81: error: the document is nested deeper than 16 levels [over-limit]"},
      {"closed JSON lists", Syntax::kJson,
       "{\"policy\":" + repeated("[", kMillion) + repeated("]", kMillion) + "}",
       "f:1:26: error: the document is nested deeper than 16 levels [over-limit]"},
      {"INFO", Syntax::kInfo, repeated("a {\n", kMillion),
       "f:17:3: error: the document is nested deeper than 16 levels [over-limit]"},
      {"INFO with text", Syntax::kInfo, repeated("a b { ", kMillion),
       "f:1:101: error: the document is nested deeper than 16 levels [over-limit]"},
      {"XML", Syntax::kXml, repeated("<a>", kMillion),
       "f:1:52: error: the document is nested deeper than 16 levels [over-limit]"},
      {"XML with attributes", Syntax::kXml, repeated("<a b='>'>\n", kMillion),
       "f:18:1: error: the document is nested deeper than 16 levels [over-limit]"},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) BOOST_TEST(first_finding(c.text, c.syntax) == c.finding);
  }
}

BOOST_AUTO_TEST_CASE(size_and_number_are_limited) {
  const Limits small{.bytes = 100, .depth = 16, .nodes = 10};
  BOOST_TEST(
      first_finding(repeated(" ", 101), Syntax::kJson, small) ==
      "f:offset 100: error: the document has 101 bytes, more than the limit of 100 [over-limit]");
  BOOST_TEST(first_finding("[" + repeated("1,", 20), Syntax::kJson, small) ==
             "f:1:22: error: the document has more than 10 nodes [over-limit]");
  BOOST_TEST(first_finding(repeated("a b\n", 20), Syntax::kInfo, small) ==
             "f:11:1: error: the document has more than 10 nodes [over-limit]");
  BOOST_TEST(first_finding("<a>" + repeated("<b/>", 20) + "</a>", Syntax::kXml, small) ==
             "f:1:40: error: the document has more than 10 nodes [over-limit]");
}

BOOST_AUTO_TEST_CASE(malformed_texts_say_where) {
  struct {
    const char* why;
    Syntax syntax;
    std::string text;
    const char* finding;
  } const kCases[] = {
      {"empty JSON", Syntax::kJson, "", "f:1:1: error: the document is empty [malformed]"},
      {"an open object", Syntax::kJson, "{\"policy\": \"p\"",
       "f:1:15: error: a '{' is not closed [malformed]"},
      {"a comma at the end", Syntax::kJson, "{\"policy\": \"p\",}",
       "f:1:16: error: unexpected '}' [malformed]"},
      {"crossed brackets", Syntax::kJson, "[{]}", "f:1:3: error: unexpected ']' [malformed]"},
      {"two documents", Syntax::kJson, "{} {}",
       "f:1:4: error: text after the end of the document [malformed]"},
      {"an open string", Syntax::kJson, "{\n\"policy",
       "f:2:1: error: the string is not closed [malformed]"},
      {"a word", Syntax::kJson, "{\"policy\": p}", "f:1:12: error: expected a value [malformed]"},
      {"a NUL", Syntax::kJson, std::string("{\0}", 3), "f:1:2: error: a NUL in a text [malformed]"},
      {"bytes that are no UTF-8", Syntax::kJson, "{\"\xC3(\"}",
       "f:1:3: error: the text is not UTF-8 [malformed]"},
      {"an include in INFO", Syntax::kInfo, "policy p\n  #include \"other.info\"\n",
       "f:2:3: error: directives are not read, '#include' neither [malformed]"},
      {"an include between the parts of a text", Syntax::kInfo,
       "policy \"p\" \\\n#include \"/x\"\n",
       "f:2:1: error: directives are not read, '#include' neither [malformed]"},
      {"an unknown escape in INFO", Syntax::kInfo, "key HKLM\\SOFTWARE",
       "f:1:9: error: unknown escape; a backslash is written '\\\\' [malformed]"},
      {"an open brace in INFO", Syntax::kInfo, "a {\nb c",
       "f:2:4: error: a '{' is not closed [malformed]"},
      {"a brace too many in INFO", Syntax::kInfo, "a { } }",
       "f:1:7: error: '}' without a '{' [malformed]"},
      {"no XML element", Syntax::kXml, "<!-- -->",
       "f:1:9: error: the document has no element [malformed]"},
      {"a document type", Syntax::kXml, "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>",
       "f:1:1: error: document types are not read [malformed]"},
      {"tags that cross", Syntax::kXml, "<document><a></document></a>",
       "f:1:14: error: </document> closes nothing that is open [malformed]"},
      {"an open comment", Syntax::kXml, "<document><!-- ",
       "f:1:11: error: the comment is not closed [malformed]"},
      {"two roots", Syntax::kXml, "<document/><document/>",
       "f:1:12: error: a second root element [malformed]"},
      {"another root", Syntax::kXml, "<policy/>",
       "f:1:1: error: the root element is <policy>, not <document> [malformed]"},
      {"text beside the root", Syntax::kXml, "<document/> x",
       "f:1:13: error: text outside of the root element [malformed]"},
      {"an attribute without a value", Syntax::kXml, "<document a>",
       "f:1:12: error: expected '=' after an attribute's name [malformed]"},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) BOOST_TEST(first_finding(c.text, c.syntax) == c.finding);
  }
}

BOOST_AUTO_TEST_SUITE_END()
