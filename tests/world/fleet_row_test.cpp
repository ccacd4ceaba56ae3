#include "world/fleet_row.hpp"

#include <cstring>

#include <boost/test/unit_test.hpp>

#include "base/hash.hpp"

using namespace slwmi;
using namespace slwmi::world;

namespace {

// Rows in which some columns of four bytes have one value.
std::vector<FleetRow> random_rows(std::uint64_t seed, std::uint32_t* varied) {
  std::vector<FleetRow> out(kFleetPageRows);
  auto* const bytes = reinterpret_cast<std::byte*>(out.data());
  *varied = 0;
  for (std::uint64_t column = 0; column < kFleetRowSize / 4; ++column) {
    const std::uint64_t usual = mix64(seed * 100 + column);
    const bool varies = random_below(mix64(usual), 2) == 0;
    if (varies) ++*varied;
    for (std::uint64_t row = 0; row < out.size(); ++row) {
      const auto number = static_cast<std::uint32_t>(varies ? mix64(usual + row) : usual);
      std::memcpy(bytes + row * kFleetRowSize + column * 4, &number, 4);
    }
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fleet_rows)

BOOST_AUTO_TEST_CASE(are_read_as_they_were_written_and_keep_once_what_all_have) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    std::uint32_t varied = 0;
    const std::vector<FleetRow> rows = random_rows(seed, &varied);
    const Bytes bytes = encode(rows);
    BOOST_TEST(bytes.size() == 18 + 18 * 4 + varied * (kFleetPageRows - 1) * 4);
    const auto read = decode_fleet_rows(bytes);
    BOOST_TEST_REQUIRE(read.has_value());
    BOOST_TEST((*read == rows));
  }
  const std::vector<FleetRow> none(kFleetPageRows);
  BOOST_TEST((decode_fleet_rows(encode(none)).value() == none));
}

BOOST_AUTO_TEST_CASE(columns_that_have_the_same_are_kept_once) {
  std::vector<FleetRow> rows(kFleetPageRows);
  for (std::uint32_t i = 0; i < kFleetPageRows; ++i) {
    rows[i].product = 1;
    rows[i].license.activated_at = rows[i].license.attempted_at = rows[i].pid = mix64(i) & 0xFFFF;
  }
  const Bytes once = encode(rows);
  BOOST_TEST(once.size() == 18 + 15 * 4 + kFleetPageRows * 4);
  BOOST_TEST((decode_fleet_rows(once).value() == rows));
  rows.back().pid ^= 1;
  const Bytes twice = encode(rows);
  BOOST_TEST(twice.size() == once.size() + kFleetPageRows * 4);
  BOOST_TEST((decode_fleet_rows(twice).value() == rows));
}

BOOST_AUTO_TEST_CASE(of_another_size_are_refused) {
  std::uint32_t varied = 0;
  const Bytes good = encode(random_rows(3, &varied));
  BOOST_TEST(decode_fleet_rows(good).has_value());
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{3}, std::size_t{18}, good.size() - 1}) {
    const auto cut = decode_fleet_rows(ByteSpan(good).first(size));
    BOOST_TEST_REQUIRE(!cut.has_value());
    BOOST_TEST((cut.error().code == HResult::kErrorInvalidData));
  }
  Bytes longer = good;
  longer.push_back(std::byte{0});
  BOOST_TEST(!decode_fleet_rows(longer).has_value());
  for (const int kind : {2 + 2, 2 + 3, 255}) {  // column 2 as itself, as a later one, as none
    Bytes unknown = encode(std::vector<FleetRow>(kFleetPageRows));
    unknown[2] = static_cast<std::byte>(kind);
    BOOST_TEST(!decode_fleet_rows(unknown).has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()
