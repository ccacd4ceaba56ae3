// The program as a function: dispatch, help and errors. What commands print is in
// tests/cli/*.clitest.
#include "tools/cli/slwmi.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace slwmi::tools;  // NOLINT(google-build-using-namespace): the unit under test

struct Done {
  int code;
  std::string out, err;
};

Done run(const std::vector<std::string>& words, bool terminal = false) {
  Writer out;
  Writer err;
  const auto environment = [](const char*) -> const char* { return nullptr; };
  const auto input = [] { return std::string(); };
  const int code =
      run_slwmi(words, Surroundings{out, err, environment, input, terminal, terminal, 80});
  return {code, out.text(), err.text()};
}

BOOST_AUTO_TEST_SUITE(program)

BOOST_AUTO_TEST_CASE(every_command_has_help_with_an_example_that_names_it) {
  for (const Group* group : groups()) {
    for (const Command& command : group->commands) {
      std::vector<std::string> words = {std::string(group->name)};
      if (!command.name.empty()) words.emplace_back(command.name);
      const std::string name = words.size() == 1 ? words[0] : words[0] + " " + words[1];
      words.emplace_back("--help");
      const Done done = run(words);
      BOOST_TEST_CONTEXT(name) {
        BOOST_TEST(done.code == 0);
        BOOST_TEST(done.err == "");
        BOOST_TEST((done.out.find("\nExamples:\n") != std::string::npos));
        BOOST_TEST((command.examples.find(name) != std::string_view::npos));
        BOOST_TEST((command.summary.back() != '.'));
        BOOST_TEST(!command.summary.empty());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(help_lines_fit_a_terminal_except_for_examples) {
  for (const Group* group : groups()) {
    for (const Command& command : group->commands) {
      std::vector<std::string> words = {"help", std::string(group->name)};
      if (!command.name.empty()) words.emplace_back(command.name);
      std::string text = run(words).out;
      text.resize(std::min(text.find("\nExamples:\n"), text.size()));
      std::size_t begin = 0;
      while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        BOOST_TEST_CONTEXT(text.substr(begin, end - begin)) BOOST_TEST(end - begin <= 100u);
        begin = end + 1;
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(no_two_options_of_a_command_share_a_name) {
  for (const Group* group : groups()) {
    for (const Command& command : group->commands) {
      std::vector<std::string> names;
      const auto collect = [&](std::span<const Option> options) {
        for (const Option& option : options) {
          std::string_view left = option.names;
          while (!left.empty()) {
            const std::size_t comma = std::min(left.find(','), left.size());
            names.emplace_back(left.substr(0, comma));
            left.remove_prefix(std::min(comma + 1, left.size()));
          }
        }
      };
      collect(common_options());
      collect(command.options);
      std::sort(names.begin(), names.end());
      BOOST_TEST_CONTEXT(group->name << ' ' << command.name) {
        BOOST_TEST((std::adjacent_find(names.begin(), names.end()) == names.end()));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(common_options_stand_before_or_after_the_command) {
  const std::string after = run({"explain", "5", "--json"}).out;
  BOOST_TEST(run({"--json", "explain", "5"}).out == after);
  BOOST_TEST(run({"-m", "explain", "--json", "explain", "5"}).out == after);
  BOOST_TEST(run({"-mexplain", "--json", "explain", "5"}).out == after);
  BOOST_TEST(run({"--machine=x", "EXPLAIN", "5", "--json"}).out == after);
}

BOOST_AUTO_TEST_CASE(commands_of_two_words_are_found_listed_and_helped) {
  const std::string help = run({"net", "zone", "add", "--help"}).out;
  BOOST_TEST(help.starts_with("slwmi net zone add: "));
  BOOST_TEST(run({"help", "net", "zone", "add"}).out == help);
  BOOST_TEST(run({"-w", "x", "NET", "Zone", "ADD", "--help"}).out == help);
  const Done below = run({"net", "zone", "--help"});
  BOOST_TEST(below.code == 0);
  BOOST_TEST((below.out.find("  add ") != std::string::npos));
  BOOST_TEST((below.out.find("link") == std::string::npos));
  BOOST_TEST(run({"net", "zone", "remov"}).code == 2);
  BOOST_TEST((run({"net", "zone", "remov"}).err.find("net zone remove") != std::string::npos));
}

BOOST_AUTO_TEST_CASE(color_is_for_terminals_only) {
  BOOST_TEST((run({"--help"}, true).out.find('\x1b') != std::string::npos));
  BOOST_TEST((run({"--help"}, false).out.find('\x1b') == std::string::npos));
  BOOST_TEST((run({"explain", "0xDEADBEEF"}, true).err.find('\x1b') != std::string::npos));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
