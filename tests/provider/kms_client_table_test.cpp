// The clients that a KMS host remembers, beside a plain list of them.
#include <boost/test/unit_test.hpp>

#include "base/hash.hpp"
#include "provider/kms/client_table.hpp"

namespace slwmi::licensing::kms {
namespace {

// What the table stands for.
struct Model {
  std::vector<Client> clients;

  void insert(const Client& client) {
    const auto later = [](Minute seen, const Client& each) { return seen < each.seen; };
    clients.insert(std::upper_bound(clients.begin(), clients.end(), client.seen, later), client);
  }
  void erase(std::uint64_t id) {
    std::erase_if(clients, [&](const Client& each) { return each.id == id; });
  }
  void drop_oldest(std::size_t count) {
    count = std::min(count, clients.size());
    clients.erase(clients.begin(), clients.begin() + static_cast<std::ptrdiff_t>(count));
  }
};

BOOST_AUTO_TEST_SUITE(kms_client_table)

BOOST_AUTO_TEST_CASE(agrees_with_a_list_over_random_histories) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    std::uint64_t draw = seed;
    const auto below = [&](std::uint64_t bound) {
      return random_below(draw = mix64(draw + 1), bound);
    };
    const std::uint64_t ids = 1 + below(300), most = 1 + below(200);
    ClientTable table;
    Model model;
    Minute now = 1000;
    for (int i = 0; i < 2000; ++i) {
      now += static_cast<Minute>(below(3));
      const Client client{mix64(below(ids)), now - static_cast<Minute>(below(20) / 19 * below(50))};
      table.erase(client.id);
      model.erase(client.id);
      const std::size_t over = table.size() >= most ? table.size() - most + 1 : 0;
      const std::size_t dropped = below(50) == 0 ? below(2 * most) : over;
      table.drop_oldest(dropped);
      model.drop_oldest(dropped);
      table.insert(client);
      model.insert(client);
      BOOST_REQUIRE(
          std::equal(table.begin(), table.end(), model.clients.begin(), model.clients.end()));
    }
    ClientTable copy;
    for (const Client& client : table) copy.append(client);
    BOOST_TEST((copy == table), "whatever way it came to be");
    copy.drop_oldest(copy.size() + 1);
    BOOST_TEST(copy.empty());
  }
}

BOOST_AUTO_TEST_CASE(keeps_the_order_in_which_clients_are_appended) {
  ClientTable table;
  table.append({1, 30});
  table.append({2, 10});
  BOOST_TEST(table.front().id == 1u);
  BOOST_TEST(table.back().id == 2u);
  table.erase(3);
  BOOST_TEST(table.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing::kms
