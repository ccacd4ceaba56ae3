#include "tools/cli/parse.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace slwmi::tools;  // NOLINT(google-build-using-namespace): the unit under test

slwmi::tools::Outcome nothing(Invocation&) { return kDone; }

constexpr Argument kOneAndMore[] = {{"PATH", ""}, {"REST", "", Count::kAny}};
constexpr Option kOptions[] = {{"-f,--force", "", ""}, {"--count", "N", ""}};
constexpr Command kCommand{"x", "", kOneAndMore, kOptions, "", "", nothing};
constexpr Argument kKey[] = {{"KEY", ""}};
constexpr Option kSlashOptions[] = {
    {"--v", "NAME", ""}, {"--ve", "", ""}, {"--reg", "64", ""}, {"--o", "[NAME]", ""}};
constexpr Command kSlashCommand{"y", "", kKey, kSlashOptions, "", "", nothing, true};

std::string shown(const tl::expected<Parsed, Failure>& parsed) {
  if (!parsed) return (parsed.error().usage ? "usage: " : "error: ") + parsed.error().error.message;
  std::string text;
  for (const auto& [name, words] : parsed->values) {
    text += (text.empty() ? "" : " ") + name;
    for (const std::string& word : words) text += "|" + word;
  }
  return text;
}

struct Row {
  const char* why;
  std::vector<std::string> words;
  const char* result;
};

const Row kGood[] = {
    {"an argument", {"p"}, "PATH|p"},
    {"further ones", {"p", "a", "b"}, "PATH|p REST|a|b"},
    {"flags have no value", {"-f", "p"}, "force PATH|p"},
    {"values apart or joined", {"--count", "3", "p", "--count=4"}, "count|3|4 PATH|p"},
    {"a value may begin with a dash", {"p", "--count", "-3"}, "count|-3 PATH|p"},
    {"negative numbers are no options", {"-1073418160"}, "PATH|-1073418160"},
    {"nothing is special after --", {"--", "-f"}, "PATH|-f"},
    {"common options mix in", {"-w", "a.slwmi", "p", "--json"}, "world|a.slwmi json PATH|p"},
    {"brackets stay as they are", {"p", "[a,b]", "x={1,2}"}, "PATH|p REST|[a,b]|x={1,2}"},
    {"an empty word is a word", {""}, "PATH|"},
    {"help needs nothing else", {"--help"}, "help"},
};

const Row kBad[] = {
    {"a missing argument", {}, "usage: PATH is missing"},
    {"an unknown option",
     {"p", "--cuont", "3"},
     "usage: there is no option --cuont; did you mean --count?"},
    {"an unknown option like nothing", {"p", "--zebra"}, "usage: there is no option --zebra"},
    {"a missing value", {"p", "--count"}, "usage: --count needs a value"},
};

BOOST_AUTO_TEST_SUITE(parse)

BOOST_AUTO_TEST_CASE(words_become_values_by_name) {
  for (const Row& row : kGood) {
    BOOST_TEST_CONTEXT(row.why) BOOST_TEST(shown(parse_words(kCommand, row.words)) == row.result);
  }
}

BOOST_AUTO_TEST_CASE(words_that_make_no_sense_are_named) {
  for (const Row& row : kBad) {
    BOOST_TEST_CONTEXT(row.why) BOOST_TEST(shown(parse_words(kCommand, row.words)) == row.result);
  }
}

BOOST_AUTO_TEST_CASE(windows_spelling_is_understood) {
  const Row rows[] = {
      {"a value apart", {"HKLM\\A", "/v", "Name"}, "v|Name KEY|HKLM\\A"},
      {"any case", {"HKLM\\A", "/V", "Name", "/Reg:64"}, "v|Name reg|64 KEY|HKLM\\A"},
      {"a value that looks like an option", {"HKLM\\A", "/v", "/ve"}, "v|/ve KEY|HKLM\\A"},
      {"a value that begins with a dash", {"HKLM\\A", "/v", "-1"}, "v|-1 KEY|HKLM\\A"},
      {"a path is no option", {"/data/x.reg"}, "KEY|/data/x.reg"},
      {"help", {"/?"}, "help"},
      {"an unknown option", {"HKLM\\A", "/q"}, "usage: there is no option /q"},
      {"a missing value", {"HKLM\\A", "/v"}, "usage: --v needs a value"},
      {"a value that may be left out", {"HKLM\\A", "/o", "N"}, "o|N KEY|HKLM\\A"},
      {"left out at the end", {"HKLM\\A", "/o"}, "o KEY|HKLM\\A"},
      {"left out before an option", {"HKLM\\A", "/o", "/v", "N"}, "v|N o KEY|HKLM\\A"},
      {"an empty one is not left out", {"HKLM\\A", "/o", ""}, "o| KEY|HKLM\\A"},
      {"an option given twice", {"HKLM\\A", "/v", "A", "/V", "B"}, "usage: /v is given twice"},
      {"the same flag", {"HKLM\\A", "/ve", "/ve"}, "usage: /ve is given twice"},
      {"two views", {"HKLM\\A", "/reg:32", "/reg:64"}, "usage: /reg is given twice"},
      {"common options are not of Windows",
       {"HKLM\\A", "-w", "a", "-w", "b"},
       "world|a|b KEY|HKLM\\A"},
  };
  for (const Row& row : rows) {
    const auto words = translate_slashes(kSlashCommand, row.words);
    BOOST_TEST_CONTEXT(row.why) BOOST_TEST(shown(parse_words(kSlashCommand, words)) == row.result);
  }
}

BOOST_AUTO_TEST_CASE(the_nearest_name_is_found_and_a_far_one_is_not) {
  const std::string_view names[] = {"query", "get", "machine", "world"};
  BOOST_TEST(nearest("qeury", names) == "query");
  BOOST_TEST(nearest("mach", names) == "machine");
  BOOST_TEST(nearest("WORLD", names) == "world");
  BOOST_TEST(nearest("banana", names) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
