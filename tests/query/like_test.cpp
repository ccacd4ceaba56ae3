// LIKE: the published table of tests/cases/wql_like.jsonl, our own rows, and a slow matcher as a
// second opinion.
#include "query/like.hpp"

#include <fstream>
#include <random>
#include <string>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using slwmi::wql::LikePattern;

namespace {

// The definition, word for word, for ASCII: exponential and obvious. Sets are tried unit by unit.
bool slow_match(std::string_view p, std::string_view t) {
  const auto up = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
  if (p.empty()) return t.empty();
  if (p[0] == '%') {
    for (std::size_t i = 0; i <= t.size(); ++i) {
      if (slow_match(p.substr(1), t.substr(i))) return true;
    }
    return false;
  }
  if (t.empty()) return false;
  if (p[0] == '_') return slow_match(p.substr(1), t.substr(1));
  const std::size_t close = p[0] == '[' ? p.find(']', 1) : std::string_view::npos;
  if (close != std::string_view::npos) {
    std::string_view body = p.substr(1, close - 1);
    const bool negated = body.size() > 1 && body[0] == '^';
    if (negated) body.remove_prefix(1);
    bool inside = false;
    while (!body.empty()) {
      if (body.size() > 2 && (body[1] == '-' || body[1] == '=')) {
        inside |= up(body[0]) <= up(t[0]) && up(t[0]) <= up(body[2]);
        body.remove_prefix(3);
      } else {
        inside |= up(body[0]) == up(t[0]);
        body.remove_prefix(1);
      }
    }
    return inside != negated && slow_match(p.substr(close + 1), t.substr(1));
  }
  return up(p[0]) == up(t[0]) && slow_match(p.substr(1), t.substr(1));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wql_like)

BOOST_AUTO_TEST_CASE(every_published_row_matches_as_stated) {
  std::ifstream file(std::string(SLWMI_SOURCE_DIR) + "/tests/cases/wql_like.jsonl");
  BOOST_REQUIRE(file);
  std::string line;
  int rows = 0;
  while (std::getline(file, line)) {
    const auto row = nlohmann::json::parse(line);
    ++rows;
    BOOST_TEST_CONTEXT(line) {
      BOOST_TEST(
          LikePattern(row["pattern"].get<std::string>()).matches(row["text"].get<std::string>()) ==
          row["match"].get<bool>());
    }
  }
  BOOST_TEST(rows == 88);
}

struct Row {
  const char* why;
  const char* pattern;
  const char* text;
  bool match;
};

const Row kRows[] = {
    {"a caret alone in brackets is a caret", "[^]", "^", true},
    {"and nothing else", "[^]", "a", false},
    {"a negated caret", "[^^]", "^", false},
    {"a separator at the end is a literal", "[a-]", "-", true},
    {"so is an equals sign", "[a=]", "=", true},
    {"and no range", "[a-]", "b", false},
    {"a separator at the start is a literal", "[-a]", "-", true},
    {"a range then a literal", "[a-cx]", "x", true},
    {"percent in brackets is itself", "[%]", "%", true},
    {"bracket in brackets is itself", "[[]x", "[x", true},
    {"an open bracket without end is itself", "a[b", "A[B", true},
    {"an empty set matches nothing", "[]", "a", false},
    {"a closing bracket alone is itself", "a]", "a]", true},
    {"two units of a character outside the BMP", "__", "\xF0\x9F\x98\x80", true},
    {"the letter of another script", "\xD0\x96%", "\xD0\xB6uk", true},
    {"a negated set matches other scripts", "[^a-z]", "\xD0\xB6", true},
    {"a lone surrogate is one unit", "_", "\xED\xA0\x80", true},
    {"the first fitting piece is taken", "%ab%ab%", "xabyab", true},
    {"pieces do not overlap", "%aba%aba%", "ababa", false},
    {"the tail is anchored", "a%b", "abab", true},
    {"head and tail do not overlap", "ab%ba", "aba", false},
};

BOOST_AUTO_TEST_CASE(holds_for) {
  for (const Row& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      BOOST_TEST(LikePattern(row.pattern).matches(row.text) == row.match);
    }
  }
}

BOOST_AUTO_TEST_CASE(agrees_with_the_definition_on_random_patterns) {
  std::mt19937 random(20080301);
  constexpr std::string_view kPatternLetters = "abAB%_%_[]^-=", kTextLetters = "abABc-^=[]%_";
  const auto word = [&](std::string_view letters, unsigned most) {
    std::string text(random() % (most + 1), ' ');
    for (char& c : text) c = letters[random() % letters.size()];
    return text;
  };
  int matched = 0;
  for (int i = 0; i < 40000; ++i) {
    const std::string pattern = word(kPatternLetters, 8), text = word(kTextLetters, 6);
    const bool want = slow_match(pattern, text);
    matched += want;
    if (LikePattern(pattern).matches(text) != want) BOOST_ERROR(pattern + " against " + text);
  }
  BOOST_TEST(matched > 1000);
}

BOOST_AUTO_TEST_CASE(long_pieces_in_long_texts_stay_cheap_and_right) {
  const std::string many(60000, 'a'), half(30000, 'a'), piece(300, 'a');
  BOOST_TEST(!LikePattern("%" + half + "b%").matches(many));
  BOOST_TEST(!LikePattern("%" + half + "_[b-c]%x%").matches(many + "x"));
  BOOST_TEST(
      LikePattern("%" + piece + "B" + piece + "%" + piece + "c%").matches(many + "b" + many + "C"));
  BOOST_TEST(
      !LikePattern("%" + piece + "b" + piece + "%" + piece + "b%").matches(many + "B" + many));
  BOOST_TEST(LikePattern("%b" + piece + "_").matches("\xC3\xA9" + many + "b" + piece + "\xC3\xA9"));
}

BOOST_AUTO_TEST_CASE(knows_whether_a_pattern_has_wildcards) {
  BOOST_TEST(!LikePattern("plain[").has_wildcards());
  BOOST_TEST(LikePattern("a%").has_wildcards());
  BOOST_TEST(LikePattern("a_").has_wildcards());
  BOOST_TEST(LikePattern("[a]").has_wildcards());
}

BOOST_AUTO_TEST_SUITE_END()
