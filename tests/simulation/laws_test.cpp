// The laws see what breaks them: a sound history passes, and each way to spoil it is told.
#include "world/simulation/laws.hpp"

#include <functional>

#include <boost/test/unit_test.hpp>

#include "tests/support/expect.hpp"
#include "world/simulation/build.hpp"
#include "world/simulation/engine.hpp"

using namespace slwmi;
using namespace slwmi::world;
using namespace slwmi::world::simulation;

namespace {

using licensing::ExchangePart;
using licensing::KmsExchange;
using test::must;

struct History final : Observer {
  std::vector<KmsExchange> exchanges;
  void exchanged(const KmsExchange& exchange, std::string_view) override {
    exchanges.push_back(exchange);
  }
};

struct Lab {
  std::unique_ptr<World> world = must(World::in_memory(1));
  std::unique_ptr<Fleet> before, after;
  History history;

  Lab() {
    const auto description = must(read_description(as_bytes(std::string_view(R"({"machines": [
      {"name": "KMS1", "os": "2008", "role": "kms-host"},
      {"name": "SV#", "os": "2008", "count": 7, "spread": "1 day"}]})"))));
    must(build(*world, description));
    before = must(Fleet::load(world->shared()));
    RunOptions options;
    options.observer = &history;
    must(run(world->shared(), description.start + days(20), options));
    after = must(Fleet::load(world->shared()));
  }

  std::string first_broken(const std::function<void(std::vector<KmsExchange>&)>& spoil) {
    std::vector<KmsExchange> spoilt = history.exchanges;
    spoil(spoilt);
    Laws laws(*before);
    for (const KmsExchange& exchange : spoilt) laws.exchanged(exchange, {});
    must(laws.finish(*after));
    return laws.broken().empty() ? "" : laws.broken().front();
  }
};

// The first exchange that licensed its client, and the last of all, which renews.
KmsExchange& first_bound(std::vector<KmsExchange>& exchanges) {
  for (KmsExchange& exchange : exchanges)
    if (exchange.has(ExchangePart::kBound)) return exchange;
  return exchanges.back();
}

void drop(KmsExchange& exchange, ExchangePart part) {
  exchange.parts = static_cast<std::uint8_t>(exchange.parts & ~static_cast<unsigned>(part));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(simulation_laws)

BOOST_AUTO_TEST_CASE(each_law_sees_what_breaks_it) {
  using All = std::vector<KmsExchange>;
  const struct {
    const char* what;
    std::function<void(All&)> spoil;
    const char* told;  // a part of the sentence
  } kRows[] = {
      {"nothing", [](All&) {}, ""},
      {"a count too high", [](All& all) { ++all.back().count; }, "clients were seen"},
      {"a request that was not counted", [](All& all) { all.erase(all.begin() + 2); }, "counters"},
      {"a client twice", [](All& all) { all.insert(all.begin() + 3, all[2]); }, ""},
      {"a minute more than there is", [](All& all) { ++all.back().minutes; }, "minutes left where"},
      {"licensed before it was", [](All& all) { all.front().status = 1; }, "is due"},
      {"not licensed though the count suffices",
       [](All& all) { drop(first_bound(all), ExchangePart::kBound); }, "above the threshold"},
      {"licensed below the threshold", [](All& all) { all.front().set(ExchangePart::kBound); },
       "below the threshold"},
      {"licensed by nobody", [](All& all) { drop(first_bound(all), ExchangePart::kProcessed); },
       "without a response"},
      {"time that goes back", [](All& all) { std::swap(all.back(), all[all.size() - 2]); },
       "an event before"},
      {"a refusal that the host does not know",
       [](All& all) { all.back().served = HResult::kSlEVlInvalidTimestamp; }, ""},
  };
  Lab lab;
  BOOST_REQUIRE(lab.history.exchanges.size() > 10u);
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.what) {
      const std::string broken = lab.first_broken(row.spoil);
      const bool sound = std::string_view(row.what) == "nothing";
      BOOST_TEST(broken.empty() == sound);
      BOOST_TEST((broken.find(row.told) != std::string::npos), broken);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
