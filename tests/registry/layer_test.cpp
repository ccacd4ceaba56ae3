#include "registry/layer.hpp"

#include <chrono>
#include <string>

#include <boost/test/unit_test.hpp>

#include "registry/path.hpp"

namespace slwmi::reg {
namespace {

constexpr int kMany = 20'000;

// As many keys with a value in each; `before` comes ahead of each of them.
template <class Before>
std::chrono::nanoseconds time_to_compile(Before before) {
  const KeyId parent = key_of("HKLM\\SOFTWARE\\Policies\\Many");
  OpBuilder ops;
  for (int i = 0; i < kMany; ++i) {
    const std::string name = "K" + std::to_string(i);
    before(ops, intern_key(parent, intern_name(name).id));
    ops.set_value(ops.create_key(parent, {name}), SpellingId::kDefault, make_dword(1));
  }
  const auto layer = std::make_shared<const Layer>(ops.take());
  const auto begin = std::chrono::steady_clock::now();
  const LayerListPtr list = LayerList::make({layer}, 1, {});
  const auto took = std::chrono::steady_clock::now() - begin;
  BOOST_TEST(list->table().values().size() == std::size_t{kMany});
  return took;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(layers)

BOOST_AUTO_TEST_CASE(taking_away_costs_about_what_setting_costs) {
  const auto plain = time_to_compile([](OpBuilder&, KeyId) {});
  const auto keys = time_to_compile([](OpBuilder& ops, KeyId key) { ops.delete_key(key); });
  const auto values =
      time_to_compile([](OpBuilder& ops, KeyId key) { ops.delete_all_values(key); });
  BOOST_TEST(keys < 10 * plain);
  BOOST_TEST(values < 10 * plain);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace slwmi::reg
