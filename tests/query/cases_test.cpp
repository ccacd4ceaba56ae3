// The published query strings of tests/cases/wql.jsonl, with what is known of Windows' answer to
// each.
#include <fstream>
#include <map>
#include <string>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "query/parser.hpp"

using namespace slwmi;

namespace {

// Rows whose error needs something beyond the text: a declared property type, or an event provider.
bool needs_more_than_text(int id) { return id == 65 || id == 69; }

}  // namespace

BOOST_AUTO_TEST_SUITE(wql_cases)

BOOST_AUTO_TEST_CASE(every_published_query_is_answered_as_windows_does) {
  std::ifstream file(std::string(SLWMI_SOURCE_DIR) + "/tests/cases/wql.jsonl");
  BOOST_REQUIRE(file);
  std::string line;
  int rows = 0;
  while (std::getline(file, line)) {
    const auto row = nlohmann::json::parse(line);
    const std::string query = row["query"];
    const auto result = wql::parse(query);
    ++rows;
    const bool want_ok = row["expect"] == "ok" || needs_more_than_text(row["id"]);
    BOOST_TEST_CONTEXT("row " << row["id"] << ": " << query) {
      BOOST_TEST(result.has_value() == want_ok);
      if (!result && !want_ok && row.contains("hresult")) {
        BOOST_TEST(to_hex(result.error().code) == row["hresult"].get<std::string>());
        BOOST_REQUIRE(result.error().at.has_value());
        BOOST_TEST(result.error().at->offset <= query.size());
      }
      if (!result && want_ok) BOOST_TEST_MESSAGE(result.error().message);
      if (result) {
        static const std::map<std::string, wql::QueryKind> kKinds = {
            {"schema", wql::QueryKind::kSchema},
            {"assoc", wql::QueryKind::kAssociators},
            {"refs", wql::QueryKind::kReferences}};
        const auto kind = kKinds.find(row["kind"]);
        if (kind != kKinds.end()) BOOST_TEST((result->kind() == kind->second));
      }
    }
  }
  BOOST_TEST(rows == 431);
}

BOOST_AUTO_TEST_SUITE_END()
