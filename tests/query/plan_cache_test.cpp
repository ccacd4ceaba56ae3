// Plans kept by text.
#include "query/plan_cache.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/query/fixture.hpp"

using namespace slwmi;
using namespace slwmi::wql::test;

namespace {

// A catalog whose generation the test moves.
class Moving final : public wql::Catalog {
 public:
  ClassPtr cls = make_class("C", {{"Id", Type::kUint32, true}});
  std::uint64_t now = 1;
  mutable int lookups = 0;
  ClassPtr find_class(std::string_view) const override {
    ++lookups;
    return cls;
  }
  void append_subclasses(std::string_view, std::vector<ClassPtr>&) const override {}
  cim::Provider* provider_of(const cim::Class&) const override { return nullptr; }
  std::string_view server() const override { return "S"; }
  std::string_view ns() const override { return "root"; }
  std::uint64_t generation() const override { return now; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(wql_plan_cache)

BOOST_AUTO_TEST_CASE(plans_once_until_the_catalog_moves) {
  Moving catalog;
  wql::PlanCache cache;
  const auto first = cache.get("SELECT * FROM C", catalog);
  const auto again = cache.get("SELECT * FROM C", catalog);
  BOOST_TEST(first->get() == again->get());
  BOOST_TEST(catalog.lookups == 1);
  catalog.now = 2;
  BOOST_TEST(cache.get("SELECT * FROM C", catalog)->get() != first->get());
  BOOST_TEST(catalog.lookups == 2);
  BOOST_TEST(
      (*cache.get("SELECT * FROM C", catalog, {.ensure_locatable = true}))->ensure_locatable);
}

BOOST_AUTO_TEST_CASE(keeps_what_is_used_and_drops_the_rest) {
  Moving catalog;
  wql::PlanCache cache(4);
  const std::string hot = "SELECT * FROM C";
  BOOST_TEST(cache.get(hot, catalog).has_value());
  for (int i = 0; i < 100; ++i) {
    BOOST_TEST(cache.get("SELECT Id FROM C WHERE Id = " + std::to_string(i), catalog).has_value());
    BOOST_TEST(cache.get(hot, catalog).has_value());
  }
  BOOST_TEST(catalog.lookups == 101);
}

BOOST_AUTO_TEST_CASE(does_not_keep_errors) {
  Moving catalog;
  wql::PlanCache cache;
  BOOST_TEST(!cache.get("SELECT Nothing FROM C", catalog).has_value());
  BOOST_TEST(!cache.get("SELECT", catalog).has_value());
  BOOST_TEST(!cache.get("SELECT Nothing FROM C", catalog).has_value());
  BOOST_TEST(catalog.lookups == 2);
}

BOOST_AUTO_TEST_SUITE_END()
