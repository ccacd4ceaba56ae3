#include "policy/wmi_filter.hpp"

#include <boost/property_tree/json_parser.hpp>
#include <boost/test/unit_test.hpp>

using namespace slwmi;
using namespace slwmi::policy;

BOOST_AUTO_TEST_SUITE(policy_wmi_filter)

BOOST_AUTO_TEST_CASE(reads_the_filters_of_the_wild_by_their_fields) {
  boost::property_tree::ptree tree;
  boost::property_tree::read_json(SLWMI_SOURCE_DIR "/tests/cases/wmi_filters.json", tree);
  std::size_t count = 0;
  for (const auto& [unused, one] : tree.get_child("cases")) {
    const std::string text = one.get<std::string>("parm2");
    const auto filter = parse_wmi_filter(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(filter.has_value());
      const auto& lengths = one.get_child("lengths_declared_vs_real");
      BOOST_REQUIRE(filter->queries.size() == lengths.size());
      std::size_t i = 0;
      for (const auto& [none, pair] : lengths) {
        const WmiQuery& query = filter->queries[i++];
        BOOST_TEST(query.declared_length == pair.front().second.get_value<std::size_t>());
        BOOST_TEST(query.text.size() == pair.back().second.get_value<std::size_t>());
        BOOST_TEST(query.language == "WQL");
        BOOST_TEST(query.ns == "root\\CIMv2");
      }
      BOOST_TEST(filter->lints.empty() == one.get<bool>("length_ok"));
    }
    ++count;
  }
  BOOST_TEST(count == 8u);
}

BOOST_AUTO_TEST_CASE(believes_a_length_that_leads_to_a_separator) {
  const auto filter =
      parse_wmi_filter("2;3;4;14;WQL;root;A WHERE b='3;';3;4;9;WQL;root;B WHERE x;");
  BOOST_REQUIRE(filter.has_value());
  BOOST_TEST(filter->queries[0].text == "A WHERE b='3;'");
  BOOST_TEST(filter->queries[1].text == "B WHERE x");
}

BOOST_AUTO_TEST_CASE(passes_when_every_query_has_a_row) {
  const auto filter = parse_wmi_filter("2;3;4;1;WQL;root;A;3;4;1;WQL;root;B;");
  BOOST_REQUIRE(filter.has_value());
  std::string asked;
  const auto with = [&](const char* found) {
    asked.clear();
    return passes(*filter, [&](const WmiQuery& query) -> Result<bool> {
      asked += query.text;
      if (*found == '!') return fail(HResult::kWbemEInvalidQuery, "bad");
      return std::string(found).find(query.text) != std::string::npos;
    });
  };
  BOOST_TEST(with("AB").value());
  BOOST_TEST(asked == "AB");
  BOOST_TEST(!with("B").value());
  BOOST_TEST(asked == "A");
  BOOST_TEST((with("!").error().code == HResult::kWbemEInvalidQuery));
}

BOOST_AUTO_TEST_CASE(of_another_form_says_where) {
  struct {
    const char* why;
    const char* text;
    std::size_t offset;
  } const kBad[] = {
      {"empty", "", 0},
      {"no query", "0;", 0},
      {"not a number", "x;3;", 0},
      {"another mark than 3", "1;4;4;1;WQL;root;A;", 2},
      {"cut", "1;3;4;1;WQL", 8},
      {"an empty query", "1;3;4;0;WQL;root;;", 17},
      {"a query too few", "2;3;4;1;WQL;root;A;", 19},
  };
  for (const auto& c : kBad) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto filter = parse_wmi_filter(c.text);
      BOOST_REQUIRE(!filter.has_value());
      BOOST_TEST(filter.error().at->offset == c.offset);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
