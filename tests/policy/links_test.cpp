#include "policy/links.hpp"

#include <map>

#include <boost/property_tree/json_parser.hpp>
#include <boost/test/unit_test.hpp>

using namespace slwmi;
using namespace slwmi::policy;

namespace {

namespace pt = boost::property_tree;

pt::ptree cases() {
  pt::ptree tree;
  pt::read_json(SLWMI_SOURCE_DIR "/tests/cases/gpo_precedence.json", tree);
  return tree;
}

Container container(const pt::ptree& links, const char* name) {
  Container made;
  made.name = name;
  const auto parsed = parse_links(links.find(name)->second.data());
  BOOST_REQUIRE(parsed.has_value());
  made.links = *parsed;
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(policy_links)

// tests/cases/gpo_precedence.json: what each case changes is a sentence there and code here.
BOOST_AUTO_TEST_CASE(apply_in_the_order_of_the_cases) {
  const pt::ptree tree = cases();
  const pt::ptree& links = tree.get_child("gPLink");
  std::size_t count = 0;
  for (const auto& [unused, one] : tree.get_child("cases")) {
    const std::string id = one.get<std::string>("id");
    Container site{"site", {}, false};
    Container domain = container(links, "DC=ex,DC=test");
    Container corp = container(links, "OU=Corp");
    Container desk = container(links, "OU=Desk,OU=Corp");
    desk.blocks_inheritance = id == "S2";
    corp.blocks_inheritance = id == "S3";
    if (id == "S5" || id == "S6") site.links = *parse_links("[SiteG;0]");
    const Container containers[] = {site, domain, corp, desk};
    std::vector<std::string> expected;
    for (const auto& [none, name] : one.get_child("expected_order"))
      expected.push_back(name.data());
    const auto order = application_order("Local", containers, [&](std::string_view object) {
      return id != "S6" || object != "Corp1";
    });
    BOOST_TEST_CONTEXT(id) BOOST_TEST(order == expected, boost::test_tools::per_element());
    ++count;
  }
  BOOST_TEST(count == 5u);
}

BOOST_AUTO_TEST_CASE(are_read_from_the_attribute) {
  const auto links =
      parse_links("[LDAP://cn={0A1B},cn=policies,DC=ex;0][ldap://CN=x;y;3] [CN=z;2]");
  BOOST_REQUIRE(links.has_value());
  const std::vector<PolicyLink> expected{
      {"cn={0A1B},cn=policies,DC=ex", false, false}, {"CN=x;y", true, true}, {"CN=z", false, true}};
  BOOST_TEST((*links == expected));
  BOOST_TEST(parse_links("")->empty());
}

BOOST_AUTO_TEST_CASE(of_another_form_say_where) {
  struct {
    const char* why;
    const char* text;
    std::size_t offset;
  } const kBad[] = {
      {"no bracket", "LDAP://x;0", 0}, {"not closed", "[a;0][b;0", 5},
      {"no options", "[a]", 2},        {"options that are no number", "[a;x]", 3},
      {"no object", "[LDAP://;0]", 1},
  };
  for (const auto& c : kBad) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto links = parse_links(c.text);
      BOOST_REQUIRE(!links.has_value());
      BOOST_TEST(links.error().at->offset == c.offset);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
