// `slwmi wql lint` line by line: what goes in, what comes out, and the exit code.
#include "tools/wql_lint.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

namespace {

struct Run {
  int exit_code;
  std::string out;
  std::string err;
};

using slwmi::tools::LintOptions;

Run lint(const std::string& input, const LintOptions& options = {}) {
  std::istringstream in(input);
  std::ostringstream out, err;
  const int code = slwmi::tools::wql_lint(options, in, out, err);
  return {code, out.str(), err.str()};
}

const LintOptions kLike{LintOptions::Mode::kLike, {}};
const LintOptions kPath{LintOptions::Mode::kPath, {}};

}  // namespace

BOOST_AUTO_TEST_SUITE(wql_lint)

BOOST_AUTO_TEST_CASE(answers_each_line_in_order_and_echoes_the_id) {
  const Run run = lint(
      "{\"id\":7,\"query\":\"SELECT * FROM C\",\"more\":[1]}\n\n"
      "{\"query\":\"SELECT * FROM\",\"id\":\"b\"}\r\n{\"query\":\"SELECT a FROM C\"}");
  BOOST_TEST(run.exit_code == 1);
  BOOST_TEST(run.out ==
             "{\"id\":7,\"ok\":true,\"hresult\":\"0x00000000\",\"offset\":null,\"token\":\"\","
             "\"message\":\"\"}\n"
             "{\"id\":\"b\",\"ok\":false,\"hresult\":\"0x80041017\",\"offset\":13,\"token\":\"\","
             "\"message\":\"expected the name of a class but the query ends\"}\n"
             "{\"id\":null,\"ok\":true,\"hresult\":\"0x00000000\",\"offset\":null,\"token\":\"\","
             "\"message\":\"\"}\n");
}

struct Odd {
  const char* why;
  std::string line;
  int exit_code;
  const char* hresult;
};

const Odd kOdd[] = {
    {"all is well", R"({"query":"SELECT * FROM C"})", 0, "0x00000000"},
    {"no query", R"({"id":1})", 1, "0x80041008"},
    {"a null query", R"({"query":null})", 1, "0x80041008"},
    {"a number as query", R"({"query":5})", 1, "0x80041008"},
    {"an empty query", R"({"query":""})", 1, "0x80041008"},
    {"a NUL in the query", R"({"query":"SELECT * FROM C\u0000"})", 1, "0x80041017"},
    {"a lone surrogate in a string", R"({"query":"SELECT * FROM C WHERE a='\ud800'"})", 0,
     "0x00000000"},
    {"a surrogate pair in a string", R"({"query":"SELECT * FROM C WHERE a='\ud83d\ude00'"})", 0,
     "0x00000000"},
    {"no JSON", "SELECT * FROM C", 2, "0x80070057"},
    {"an array", R"(["SELECT * FROM C"])", 2, "0x80070057"},
    {"invalid UTF-8", "{\"query\":\"SELECT \xFF\"}", 2, "0x80070057"},
};

BOOST_AUTO_TEST_CASE(survives_and_says_what_is_wrong_with) {
  for (const Odd& odd : kOdd) BOOST_TEST_CONTEXT(odd.why) {
      const Run run = lint(odd.line + "\n");
      BOOST_TEST(run.exit_code == odd.exit_code);
      const auto answer = nlohmann::json::parse(run.out);
      BOOST_TEST(answer.size() == 6u);
      BOOST_TEST(answer["hresult"].get<std::string>() == odd.hresult);
    }
}

BOOST_AUTO_TEST_CASE(matches_patterns) {
  const Run run =
      lint("{\"id\":1,\"pattern\":\"a%\",\"text\":\"Abc\"}\n{\"pattern\":\"a\",\"text\":\"b\"}\n",
           kLike);
  BOOST_TEST(run.exit_code == 0);
  BOOST_TEST(run.out == "{\"id\":1,\"match\":true}\n{\"id\":null,\"match\":false}\n");
  BOOST_TEST(lint("{\"pattern\":\"a\"}\n", kLike).exit_code == 1);
}

BOOST_AUTO_TEST_CASE(checks_paths) {
  const Run good = lint(R"({"id":3,"kind":"path","path":"A='v'","mode":"GetObject"})", kPath);
  BOOST_TEST(good.exit_code == 0);
  BOOST_TEST(good.out == "{\"id\":3,\"hresult\":\"0x00000000\",\"text\":\"A=\\\"v\\\"\"}\n");
  const Run bad = lint(R"({"kind":"connect","path":"NONE"})", kPath);
  BOOST_TEST(bad.exit_code == 1);
  BOOST_TEST(bad.out == "{\"id\":null,\"hresult\":\"0x8004100E\",\"text\":null}\n");
  BOOST_TEST(lint(R"({"path":"NONE"})", kPath).exit_code == 1);
}

BOOST_AUTO_TEST_CASE(type_rules_apply_to_the_classes_of_a_mof_file) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("slwmi_lint_" + std::to_string(::getpid()) + ".mof");
  std::ofstream(file)
      << "class Base { [key] uint32 Id; }; class MyClass : Base { boolean BoolProp; string Tags[]; "
         "};\nclass MyEvent : __ExtrinsicEvent { uint32 Code; };\n"
         "#pragma namespace(\"\\\\\\\\.\\\\root\\\\other\")\nclass There { uint32 N; };\n";
  struct {
    const char* query;
    bool ok;
    int offset;
  } const rows[] = {
      {"SELECT * FROM MyClass WHERE BoolProp >= 0", false, 40},
      {"SELECT * FROM myclass WHERE id = '7' AND boolprop = 'true'", true, 0},
      {"SELECT Nothing FROM MyClass", false, 7},
      {"SELECT * FROM MyClass WHERE Tags = 'x'", false, 28},
      {"SELECT * FROM There WHERE N = 1.5", false, 30},
      {"SELECT * FROM Unknown WHERE N = 1.5", true, 0},
      {"SELECT * FROM MyClass WITHIN 5 WHERE Nothing = 1", false, 37},
      {"SELECT * FROM MyEvent WHERE Code = 'x'", false, 35},
      {"SELECT * FROM Win32_OperatingSystem WHERE Nothing = 1", true, 0},
      {"ASSOCIATORS OF {MyClass=1}", true, 0},
      {"SELECT * FROM meta_class WHERE __CLASS = 'x'", true, 0},
  };
  std::string lines;
  for (const auto& row : rows) lines += nlohmann::json{{"query", row.query}}.dump() + "\n";
  const LintOptions with_mof{LintOptions::Mode::kWql, {file.string()}};
  const Run run = lint(lines, with_mof);
  BOOST_TEST(run.err == "");
  BOOST_TEST(run.exit_code == 1);
  std::istringstream answers(run.out);
  std::string line;
  for (const auto& row : rows) BOOST_TEST_CONTEXT(row.query) {
      BOOST_REQUIRE(std::getline(answers, line));
      const auto answer = nlohmann::json::parse(line);
      BOOST_TEST(answer["ok"].get<bool>() == row.ok);
      if (!row.ok) BOOST_TEST(answer["hresult"].get<std::string>() == "0x80041017");
      if (!row.ok) BOOST_TEST(answer["offset"].get<int>() == row.offset);
    }
  BOOST_TEST(lint("", {LintOptions::Mode::kWql, {"/nonexistent.mof"}}).exit_code == 2);
  std::ofstream(file) << "class {";
  BOOST_TEST(lint("", with_mof).exit_code == 2);
  std::filesystem::remove(file);
}

BOOST_AUTO_TEST_CASE(echoes_every_kind_of_id_as_it_is_written) {
  for (const std::string id :
       {"null", "-5", "18446744073709551615", "123456789012345678901234567890", "1.50", "1e2",
        "true", R"("a\"b")", R"({"id":1.25})", "[1,2]"}) {
    const Run run = lint("{\"query\":\"SELECT * FROM C\",\"more\":{\"id\":2.5},\"id\":" + id + "}");
    BOOST_TEST(run.out.substr(0, run.out.find(",\"ok\"")) == "{\"id\":" + id);
  }
}

BOOST_AUTO_TEST_SUITE_END()
