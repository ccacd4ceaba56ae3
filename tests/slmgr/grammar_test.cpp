#include "tools/slmgr/grammar.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace slwmi::slmgr;  // NOLINT(google-build-using-namespace): the unit under test

using Words = std::vector<std::string>;

// "machine|user|password|option|argument ..."
std::string dump(const CommandLine& line) {
  std::string out = line.target.machine + "|" + line.target.user + "|" + line.target.password +
                    "|" + std::string(line.option->name) + "|";
  for (const std::string& argument : line.arguments) out += argument + " ";
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(grammar)

const struct {
  const char* why;
  Words words;
  const char* parsed;
} kGood[] = {
    {"a slash", {"/dli"}, "|||dli|"},
    {"a dash", {"-dli"}, "|||dli|"},
    {"names are folded", {"-DlV"}, "|||dlv|"},
    {"an argument keeps its letters", {"/ipk", "aBcDe"}, "|||ipk|aBcDe "},
    {"an optional argument", {"/dli", "all"}, "|||dli|all "},
    {"two arguments", {"/atp", "123", "guid"}, "|||atp|123 guid "},
    {"an argument that begins like an option", {"/sai", "-5"}, "|||sai|-5 "},
    {"another machine", {"KMS1", "/dli"}, "KMS1|||dli|"},
    {"a user there", {"KMS1", "contoso\\ann", "secret", "-dli"}, "KMS1|contoso\\ann|secret|dli|"},
    {"an empty password", {"KMS1", "ann", "", "/dli"}, "KMS1|ann||dli|"},
    {"a slash within a password", {"KMS1", "ann", "a/b-c", "/dli"}, "KMS1|ann|a/b-c|dli|"},
};

BOOST_AUTO_TEST_CASE(words_before_the_option_name_the_target) {
  for (const auto& row : kGood) {
    const auto line = parse(row.words, kVistaSp1);
    BOOST_TEST_CONTEXT(row.why) {
      BOOST_REQUIRE(line.has_value());
      BOOST_TEST(dump(*line) == row.parsed);
    }
  }
}

const struct {
  const char* why;
  Words words;
  const char* says;  // part of the sentence; empty: only the usage text
} kBad[] = {
    {"nothing", {}, ""},
    {"a machine alone", {"KMS1"}, ""},
    {"a user without a password", {"KMS1", "ann", "/dli"}, "Invalid combination"},
    {"the same without an option", {"KMS1", "ann"}, "Invalid combination"},
    {"no option behind the password", {"KMS1", "ann", "secret"}, ""},
    {"a password after a slash", {"KMS1", "ann", "/secret", "/dli"}, "Invalid combination"},
    {"a password after a dash", {"KMS1", "ann", "-secret", "/dli"}, "Invalid combination"},
    {"a user after a slash", {"KMS1", "/ann", "secret", "/dli"}, "Unrecognized option: /ann"},
    {"four words", {"a", "b", "c", "d", "/dli"}, "Invalid combination"},
    {"an unknown option", {"/foo"}, "Unrecognized option: /foo"},
    {"a prefix alone", {"/"}, "Unrecognized option: /"},
    {"two prefixes", {"--dli"}, "Unrecognized option: --dli"},
    {"an option of Windows 8", {"/act-type", "1"}, "Unrecognized option: /act-type"},
    {"a missing argument", {"/ipk"}, "Option /ipk is not complete: KEY"},
    {"the first of two", {"/atp"}, "Option /atp is not complete: CONFIRMATION-ID"},
    {"an argument too many", {"/rearm", "now"}, "Option /rearm does not take now"},
    {"two options", {"/dli", "all", "/xpr"}, "Option /dli does not take /xpr"},
};

BOOST_AUTO_TEST_CASE(wrong_words_are_told_with_the_usage_text) {
  for (const auto& row : kBad) {
    const auto line = parse(row.words, kVistaSp1);
    BOOST_TEST_CONTEXT(row.why) {
      BOOST_REQUIRE(!line.has_value());
      BOOST_TEST((line.error().find(row.says) != std::string::npos));
      BOOST_TEST(line.error().empty() == std::string_view(row.says).empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(options_come_with_the_version_that_brought_them) {
  BOOST_TEST(!parse(Words{"/upk"}, kVista).has_value());
  BOOST_TEST(parse(Words{"/upk"}, kVistaSp1).has_value());
  BOOST_TEST(parse(Words{"/ato"}, kVista).has_value());
}

BOOST_AUTO_TEST_CASE(the_usage_text_shows_every_option_of_the_version) {
  for (const OsVersion version : {kVista, kVistaSp1}) {
    const std::string text = usage(version);
    for (const Option& option : options()) {
      const bool there = find_option(option.name, version) != nullptr;
      BOOST_TEST((text.find("  /" + std::string(option.name) + " ") != std::string::npos) == there);
    }
  }
}

BOOST_AUTO_TEST_CASE(each_option_counts_its_arguments) {
  for (const Option& option : options()) {
    BOOST_TEST_CONTEXT(option.name) {
      BOOST_TEST(option.required() <= option.most());
      BOOST_TEST(!option.help.empty());
      BOOST_TEST((option.run != nullptr));
    }
  }
  BOOST_TEST(find_option("atp", kVista)->required() == 1u);
  BOOST_TEST(find_option("atp", kVista)->most() == 2u);
  BOOST_TEST(find_option("skms", kVista)->most() == 1u);
  BOOST_TEST(find_option("rearm", kVista)->most() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
