#include "policy/targeting.hpp"

#include <boost/test/unit_test.hpp>

using namespace slwmi;
using namespace slwmi::policy;

namespace {

class TestFleet : public Fleet {
 public:
  Result<> machines(FunctionRef<bool(const MachineFacts&)> sink) override {
    for (const MachineFacts& machine : kMachines) {
      if (!sink(machine)) break;
    }
    return {};
  }
  Result<bool> has_row(std::string_view machine, std::string_view ns,
                       std::string_view query) override {
    asked += std::string(ns) + " " + std::string(query) + " on " + std::string(machine) + "\n";
    if (query == "bad") return fail(HResult::kWbemEInvalidQuery, "the query is wrong");
    return machine.back() == '1';
  }

  static constexpr MachineFacts kMachines[] = {{"KMS1", "kms-host", "2008"},
                                               {"LAB-1", "kms-client", "vista-sp1"},
                                               {"LAB-2", "kms-client", "vista-rtm"},
                                               {"PC1", "mak", "vista-sp1"}};
  std::string asked;
};

std::string selected(std::string_view text) {
  const auto targets = parse_targets(text);
  if (!targets) return "error " + targets.error().message;
  TestFleet fleet;
  const auto selection = select(*targets, fleet);
  if (!selection) return "error " + selection.error().message;
  std::string out;
  for (const std::string& machine : selection->machines) out += (out.empty() ? "" : " ") + machine;
  for (const Finding& finding : selection->warnings) out += "; " + finding.message;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(policy_targeting)

BOOST_AUTO_TEST_CASE(selects_machines) {
  struct {
    const char* why;
    const char* text;
    const char* machines;
  } const kCases[] = {
      {"everything", "all", "KMS1 LAB-1 LAB-2 PC1"},
      {"a name in another case", "pc1", "PC1"},
      {"several terms", "PC1, lab-2", "LAB-2 PC1"},
      {"a pattern", "lab-*", "LAB-1 LAB-2"},
      {"one character", "lab-?", "LAB-1 LAB-2"},
      {"an exception", "all !lab-*", "KMS1 PC1"},
      {"only an exception", "!PC1", "KMS1 LAB-1 LAB-2"},
      {"a misspelt exception", "lab-* !lab2", "LAB-1 LAB-2; no machine is called 'lab2'"},
      {"a role", "role=kms-client", "LAB-1 LAB-2"},
      {"roles", "role=kms-host|MAK", "KMS1 PC1"},
      {"role and version", "role=kms-client os=vista-sp1", "LAB-1"},
      {"a query", "lab-* wmi=SELECT * FROM C WHERE a, b", "LAB-1"},
      {"a name that no machine has", "PC1 PC9", "PC1; no machine is called 'PC9'"},
      {"nobody", "role=oem", "; no machine is meant"},
      {"nobody after the query", "LAB-2 wmi=SELECT 1",
       "; no machine is meant; the query took out 1"},
      {"a query that cannot be evaluated ends it", "all wmi=bad", "error the query is wrong"},
      {"nothing at all", " , ", "error no machines are named; 'all' means all"},
      {"an unknown filter", "site=x", "error 'site' is none of role, os and wmi"},
      {"a role twice", "role=mak role=oem", "error 'role' is given twice"},
      {"an empty alternative", "role=mak|", "error a name is missing"},
      {"an exception of nothing", "!", "error a name is missing after '!'"},
      {"a filter without a query", "wmi=", "error the query is missing"},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) BOOST_TEST(selected(c.text) == c.machines);
  }
}

BOOST_AUTO_TEST_CASE(asks_the_query_in_its_namespace_of_the_machines_left) {
  TestFleet fleet;
  const auto targets = parse_targets("role=kms-client wmi:root\\default=SELECT * FROM A");
  BOOST_REQUIRE(targets.has_value());
  BOOST_REQUIRE(select(*targets, fleet).has_value());
  BOOST_TEST(fleet.asked ==
             "root\\default SELECT * FROM A on LAB-1\nroot\\default SELECT * FROM A on LAB-2\n");
}

BOOST_AUTO_TEST_CASE(patterns_match_as_in_file_names) {
  struct {
    const char* pattern;
    const char* name;
    bool matches;
  } const kCases[] = {
      {"*", "", true},
      {"*", "abc", true},
      {"a*c", "abbbc", true},
      {"a*c", "abcb", false},
      {"*a*b*", "xaybz", true},
      {"?", "\xC3\xA4", true},
      {"?", "", false},
      {"A?C", "abc", true},
      {"\xC3\xA4*", "\xC3\x84x", true},
      {"a**b", "ab", true},
      {"", "", true},
      {"", "a", false},
      {"kms", "kms1", false},
      {"kms", "km", false},
      {"*.com", "a.com.com", true},
      {"*.com", "a.com.", false},
      {"*b*d", "abcabd", true},
      {"kms?", "kms", false},
      {"k??s", "k\u00e4\u20acs", true},
      {"*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.pattern << " " << c.name) {
      BOOST_TEST(matches_pattern(c.pattern, c.name) == c.matches);
    }
  }
  BOOST_TEST(matches_pattern("K*s", "Kms", true));
  BOOST_TEST(!matches_pattern("k*s", "Kms", true));
}

BOOST_AUTO_TEST_SUITE_END()
