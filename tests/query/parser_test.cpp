// The parser as tables: texts with their trees, and texts with the place and code of their error.
#include "query/parser.hpp"

#include <boost/test/unit_test.hpp>

using namespace slwmi;
using wql::dump;
using wql::parse;

BOOST_AUTO_TEST_SUITE(wql_parser)

struct Good {
  const char* why;
  const char* text;
  const char* tree;
};

const Good kGood[] = {
    {"all properties", "SELECT * FROM C", "(select * C)"},
    {"a list, repetitions kept", "select a,b , a from C", "(select (a b a) C)"},
    {"keywords and blanks in any form", "\r\n\tSeLeCt\t*\nfRoM\rC  ", "(select * C)"},
    {"AND binds tighter than OR", "SELECT * FROM C WHERE a=1 OR b=2 AND c=3",
     "(select * C (or (= a 1) (and (= b 2) (= c 3))))"},
    {"NOT binds tighter than AND", "SELECT * FROM C WHERE NOT a=1 AND b=2",
     "(select * C (and (not (= a 1)) (= b 2)))"},
    {"AND and OR join to the left", "SELECT * FROM C WHERE a=1 OR b=2 OR c=3",
     "(select * C (or (or (= a 1) (= b 2)) (= c 3)))"},
    {"parentheses", "SELECT * FROM C WHERE (a=1 OR b=2) AND NOT(c=3)",
     "(select * C (and (or (= a 1) (= b 2)) (not (= c 3))))"},
    {"a constant on the left turns the operator",
     "SELECT * FROM C WHERE 5 < a AND 'x' = b AND 1 >= c",
     "(select * C (and (and (> a 5) (= b \"x\")) (<= c 1)))"},
    {"NULL by IS and by equality",
     "SELECT * FROM C WHERE a IS NULL OR a IS NOT NULL OR a = NULL OR a <> NULL OR NULL != a",
     "(select * C (or (or (or (or (is-null a) (is-not-null a)) (is-null a)) (is-not-null a)) "
     "(is-not-null a)))"},
    {"escapes", R"(SELECT * FROM C WHERE a = 'it\'s \\ \"q\"')",
     R"((select * C (= a "it's \ "q"")))"},
    {"the other quote needs none", R"(SELECT * FROM C WHERE a = 'say "hi"')",
     R"((select * C (= a "say "hi"")))"},
    {"no blanks around strings", "SELECT * FROM C WHERE a='1'AND b=\"2\"",
     "(select * C (and (= a \"1\") (= b \"2\")))"},
    {"numbers", "SELECT * FROM C WHERE a=-1 AND b=+2 AND c=.5 AND d=-1.25",
     "(select * C (and (and (and (= a -1) (= b +2)) (= c .5)) (= d -1.25)))"},
    {"booleans", "SELECT * FROM C WHERE a=TRUE AND b<>false",
     "(select * C (and (= a true) (<> b false)))"},
    {"LIKE and ISA", "SELECT * FROM C WHERE a LIKE 'x%' AND b ISA \"D\"",
     "(select * C (and (like a \"x%\") (isa b \"D\")))"},
    {"embedded properties", "SELECT e.a, e.b.c FROM C WHERE e.__class = 'D'",
     "(select (e.a e.b.c) C (= e.__class \"D\"))"},
    {"letters beyond ASCII", "SELECT N\xC3\xA4 FROM \xC3\x86 WHERE \xC3\xB6.x = 1",
     "(select (N\xC3\xA4) \xC3\x86 (= \xC3\xB6.x 1))"},
    {"words that only look like keywords", "SELECT or1, null2, like4 FROM C WHERE isa5 = 1",
     "(select (or1 null2 like4) C (= isa5 1))"},
    {"words that are keywords only elsewhere", "SELECT By, Of, References FROM Associators",
     "(select (By Of References) Associators)"},
    {"schema", "select * from META_CLASS where __this isa 'A' and not __dynasty = 'B'",
     "(select * META_CLASS (and (isa __this \"A\") (not (= __dynasty \"B\"))))"},
    {"events",
     "SELECT * FROM E WITHIN 0.5 WHERE a=1 GROUP WITHIN 600 BY t.s, u HAVING NumberOfEvents >= 5",
     "(select * E (within 0.5) (= a 1) (group 600 t.s u (having >= 5)))"},
    {"grouping without a list", "SELECT * FROM E GROUP WITHIN 300", "(select * E (group 300))"},
    {"associators with everything",
     "associators of{C.a=\"}\",b='\\q}'} where AssocClass=A ResultClass = R ResultRole=x Role=y "
     "RequiredQualifier=q RequiredAssocQualifier=p KeysOnly SchemaOnly",
     "(associators {C.a=\"}\",b='\\q}'} (assoc-class A) (result-class R) (result-role x) (role y) "
     "(required-qualifier q) (required-assoc-qualifier p) keys-only schema-only)"},
    {"references", "REFERENCES OF { C=\"x\" } WHERE ClassDefsOnly Role = r",
     "(references {C=\"x\"} (role r) class-defs-only)"},
    {"the class before a star", "SELECT c.* FROM C", "(select * C)"},
    {"in Windows' letter case", "SELECT \u0101.* FROM \u0100", "(select * \u0100)"},
};

BOOST_AUTO_TEST_CASE(builds_the_tree_of) {
  for (const Good& c : kGood) BOOST_TEST_CONTEXT(c.why) {
      const auto query = parse(c.text);
      BOOST_REQUIRE_MESSAGE(query.has_value(), query.error().message);
      BOOST_TEST(dump(*query) == c.tree);
    }
}

struct Bad {
  const char* why;
  std::string_view text;
  std::uint32_t code;
  std::size_t offset;
  std::string_view token;
};

constexpr std::uint32_t kInvalid = 0x80041017;

const Bad kBad[] = {
    {"nothing", "", 0x80041008, 0, ""},
    {"only blanks", "  ", kInvalid, 2, ""},
    {"not WQL", "DELETE FROM x", kInvalid, 0, "DELETE"},
    {"no list", "SELECT FROM x", kInvalid, 7, "FROM"},
    {"no FROM", "SELECT * x", kInvalid, 9, "x"},
    {"no class", "SELECT * FROM", kInvalid, 13, ""},
    {"a keyword as class", "SELECT * FROM WHERE a=1", kInvalid, 14, "WHERE"},
    {"a dotted class", "SELECT * FROM a.b", kInvalid, 14, "a.b"},
    {"two classes", "SELECT * FROM x, y", kInvalid, 15, ","},
    {"a hole in the list", "SELECT a,,b FROM x", kInvalid, 9, ","},
    {"star in a list", "SELECT *, a FROM x", kInvalid, 8, ","},
    {"a string as list", "SELECT \"*\" FROM x", kInvalid, 7, "\"*\""},
    {"dangling WHERE", "SELECT * FROM x WHERE", kInvalid, 21, ""},
    {"no operator", "SELECT * FROM x WHERE a", kInvalid, 23, ""},
    {"no constant", "SELECT * FROM x WHERE a =", kInvalid, 25, ""},
    {"two operators", "SELECT * FROM x WHERE a == 1", kInvalid, 25, "="},
    {"an operator the wrong way round", "SELECT * FROM x WHERE a => 1", kInvalid, 25, ">"},
    {"property against property", "SELECT * FROM x WHERE a = b", kInvalid, 26, "b"},
    {"constant against constant", "SELECT * FROM x WHERE 1 = 1", kInvalid, 26, "1"},
    {"arithmetic", "SELECT * FROM x WHERE a < (4 + 7)", kInvalid, 26, "("},
    {"infix NOT", "SELECT * FROM x WHERE a NOT LIKE 'b'", kInvalid, 24, "NOT"},
    {"IN", "SELECT * FROM x WHERE a IN (1)", kInvalid, 24, "IN"},
    {"IS with a number", "SELECT * FROM x WHERE a IS 5", kInvalid, 27, "5"},
    {"LIKE without quotes", "SELECT * FROM x WHERE a LIKE b", kInvalid, 29, "b"},
    {"ISA without quotes", "SELECT * FROM x WHERE a ISA b", kInvalid, 28, "b"},
    {"no connective", "SELECT * FROM x WHERE a = 1 b = 2", kInvalid, 28, "b"},
    {"dangling AND", "SELECT * FROM x WHERE a = 1 AND", kInvalid, 31, ""},
    {"no closing parenthesis", "SELECT * FROM x WHERE (a = 1", kInvalid, 28, ""},
    {"one too many", "SELECT * FROM x WHERE (a = 1))", kInvalid, 29, ")"},
    {"ORDER BY", "SELECT * FROM x ORDER BY a", kInvalid, 16, "ORDER"},
    {"a semicolon", "SELECT * FROM x;", kInvalid, 15, ";"},
    {"an unknown escape", "SELECT * FROM x WHERE a LIKE \"PCI\\%\"", kInvalid, 33, "\\%"},
    {"an unknown escape of several bytes", "SELECT * FROM x WHERE a = '\\\xC3\xA9'", kInvalid, 27,
     "\\\xC3\xA9"},
    {"a backslash at the end", "SELECT * FROM x WHERE a = 'b\\", kInvalid, 28, "\\"},
    {"a string without end", "SELECT * FROM x WHERE a = 'b", kInvalid, 26, "'b"},
    {"NUL", std::string_view("SELECT * FROM x\0y", 17), kInvalid, 15, std::string_view("\0", 1)},
    {"a vertical tab", "SELECT *\vFROM x", kInvalid, 8, "\v"},
    {"a dot at the end", "SELECT a. FROM x", kInvalid, 8, "."},
    {"a number ending in a dot", "SELECT * FROM x WHERE a = 5.", kInvalid, 26, "5."},
    {"a sign alone", "SELECT * FROM x WHERE a = - 5", kInvalid, 26, "-"},
    {"hex", "SELECT * FROM x WHERE a = 0x10", kInvalid, 27, "x10"},
    {"an exponent", "SELECT * FROM x WHERE a = 1e5", kInvalid, 27, "e5"},
    {"NULL has no order", "SELECT * FROM x WHERE a < NULL", kInvalid, 24, "<"},
    {"TRUE has no order", "SELECT * FROM x WHERE TRUE >= a", kInvalid, 27, ">="},
    {"a list of meta_class", "SELECT Name FROM meta_class", kInvalid, 7, "Name"},
    {"a property of meta_class", "SELECT * FROM meta_class WHERE Name = 'x'", kInvalid, 31, "Name"},
    {"WITHIN without interval", "SELECT * FROM e WITHIN WHERE a=1", kInvalid, 23, "WHERE"},
    {"a negative interval", "SELECT * FROM e WITHIN -1", kInvalid, 23, "-1"},
    {"WITHIN after WHERE", "SELECT * FROM e WHERE a=1 WITHIN 5", kInvalid, 26, "WITHIN"},
    {"GROUP BY without WITHIN", "SELECT * FROM e GROUP BY a", 0x8004105A, 22, "BY"},
    {"BY without a list", "SELECT * FROM e GROUP WITHIN 5 BY", 0x8004105B, 33, ""},
    {"HAVING without GROUP", "SELECT * FROM e HAVING NumberOfEvents > 3", kInvalid, 16, "HAVING"},
    {"HAVING something else", "SELECT * FROM e GROUP WITHIN 5 HAVING a > 3", kInvalid, 38, "a"},
    {"no path", "ASSOCIATORS OF", kInvalid, 14, ""},
    {"no brace", "ASSOCIATORS OF C", kInvalid, 15, "C"},
    {"an open brace", "ASSOCIATORS OF {C=\"}", kInvalid, 15, "{"},
    {"an empty path", "ASSOCIATORS OF { }", kInvalid, 15, "{"},
    {"AND between keywords", "ASSOCIATORS OF {C} WHERE ResultClass = A AND Role = b", kInvalid, 41,
     "AND"},
    {"another operator", "ASSOCIATORS OF {C} WHERE ResultClass <> A", kInvalid, 37, "<>"},
    {"the same keyword twice", "ASSOCIATORS OF {C} WHERE Role=a Role=b", kInvalid, 32, "Role"},
    {"a schema query of definitions", "ASSOCIATORS OF {C} WHERE SchemaOnly ClassDefsOnly", kInvalid,
     16, "C"},
    {"excluding keywords", "ASSOCIATORS OF {C} WHERE ClassDefsOnly ResultClass = A", kInvalid, 53,
     "A"},
    {"a keyword of the other statement", "REFERENCES OF {C} WHERE AssocClass = A", kInvalid, 24,
     "AssocClass"},
};

BOOST_AUTO_TEST_CASE(says_where_and_what_is_wrong_with) {
  for (const Bad& c : kBad) BOOST_TEST_CONTEXT(c.why) {
      const auto query = parse(c.text);
      BOOST_REQUIRE(!query.has_value());
      BOOST_TEST(value_of(query.error().code) == c.code);
      BOOST_TEST(query.error().at->offset == c.offset);
      BOOST_TEST(query.error().token == c.token);
      BOOST_TEST(!query.error().message.empty());
    }
}

BOOST_AUTO_TEST_CASE(refuses_hostile_size_with_a_quota) {
  const auto code = [](const std::string& text) { return value_of(parse(text).error().code); };
  const std::string head = "SELECT * FROM x WHERE ";
  BOOST_TEST(code(head + std::string(60000, '(')) == 0x8004106C);
  std::string nots, ors;
  for (int i = 0; i < 5000; ++i) nots += "NOT ";
  for (int i = 0; i < 2000; ++i) ors += "a=1 OR ";
  BOOST_TEST(code(head + nots + "a=1") == 0x8004106C);
  BOOST_TEST(code(head + ors + "a=1") == 0x8004106C);
  BOOST_TEST(code(head + "a='" + std::string(70000, 'x') + "'") == 0x8004106C);
  BOOST_TEST(parse(head + std::string(200, '(') + "a=1" + std::string(200, ')')).has_value());
}

BOOST_AUTO_TEST_CASE(keeps_its_arrays_when_a_long_query_is_moved) {
  std::string text = "SELECT a";
  for (int i = 0; i < 300; ++i) text += ",b" + std::to_string(i);
  text += " FROM x WHERE a=0";
  for (int i = 0; i < 300; ++i) text += " OR a=" + std::to_string(i);
  auto query = parse(text);
  BOOST_REQUIRE(query.has_value());
  const std::string tree = dump(*query);
  const wql::Query copy = *query;
  const wql::Query moved = std::move(*query);
  BOOST_TEST(dump(copy) == tree);
  BOOST_TEST(dump(moved) == tree);
}

BOOST_AUTO_TEST_SUITE_END()
