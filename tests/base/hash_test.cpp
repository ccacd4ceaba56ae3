#include "base/hash.hpp"

#include <array>
#include <bit>
#include <set>
#include <string>

#include <boost/test/unit_test.hpp>

#include "base/guid.hpp"

using namespace slwmi;

BOOST_AUTO_TEST_SUITE(hash)

// Written into files: these numbers must never change.
BOOST_AUTO_TEST_CASE(hashes_are_the_same_on_every_compiler_and_day) {
  BOOST_TEST(to_hex(hash128("")) == "2a0c8cbe7bc78ba03935abb6e6301c98");
  BOOST_TEST(to_hex(hash128("slwmi")) == "d042aadc7613337b7d08021291bbd561");
  BOOST_TEST(hash64("12345678") == 17904842234070594414u);
  std::string long_text(1000, 'x');
  for (std::size_t i = 0; i < long_text.size(); ++i) long_text[i] = static_cast<char>(i * 7);
  BOOST_TEST(hash64(long_text) == 12038815009710618283u);
  BOOST_TEST(random_value(1, 2, FileTime{3}, "activation") == 1653355720165859009u);
}

BOOST_AUTO_TEST_CASE(every_input_bit_moves_about_half_of_the_output) {
  for (const std::size_t size : {1u, 7u, 8u, 9u, 24u, 255u, 256u, 299u}) {
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      int flipped = 0;
      constexpr int kRounds = 64;
      for (int round = 0; round < kRounds; ++round) {
        std::string text(size, static_cast<char>(round * 37));
        const std::uint64_t before = hash64(text);
        text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
        flipped += std::popcount(before ^ hash64(text));
      }
      const double mean = static_cast<double>(flipped) / kRounds;
      BOOST_TEST_CONTEXT("size " << size << " bit " << bit) {
        BOOST_TEST(mean > 28.0);
        BOOST_TEST(mean < 36.0);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(near_inputs_do_not_collide) {
  std::set<std::uint64_t> seen;
  std::size_t count = 0;
  for (std::size_t size = 0; size < 600; ++size, ++count)
    seen.insert(hash64(std::string(size, '\0')));
  for (int i = 0; i < 100'000; ++i, ++count) seen.insert(hash64("machine-" + std::to_string(i)));
  for (std::uint64_t seed = 1; seed < 1000; ++seed, ++count) seen.insert(hash64("same", seed));
  BOOST_TEST(seen.size() == count);
}

BOOST_AUTO_TEST_CASE(random_numbers_depend_on_every_argument_and_spread_evenly) {
  const auto base = random_value(1, 2, FileTime{3}, "a");
  BOOST_TEST(base == random_value(1, 2, FileTime{3}, "a"));
  BOOST_TEST(base != random_value(2, 2, FileTime{3}, "a"));
  BOOST_TEST(base != random_value(1, 3, FileTime{3}, "a"));
  BOOST_TEST(base != random_value(1, 2, FileTime{4}, "a"));
  BOOST_TEST(base != random_value(1, 2, FileTime{3}, "b"));
  BOOST_TEST(random_value(1, 2, FileTime{3}, "a") != random_value(2, 1, FileTime{3}, "a"));
  std::array<int, 10> buckets{};
  for (std::uint64_t entity = 0; entity < 100'000; ++entity) {
    ++buckets[random_below(random_value(7, entity, FileTime{0}, "jitter"), buckets.size())];
  }
  for (const int bucket : buckets) {
    BOOST_TEST(bucket > 9'600);
    BOOST_TEST(bucket < 10'400);
  }
  BOOST_TEST(random_below(~0ull, 0) == 0u);
  BOOST_TEST(random_below(~0ull, 3) == 2u);
}

BOOST_AUTO_TEST_CASE(guids_have_one_text_and_two_byte_orders) {
  const char* text = "00112233-4455-6677-8899-aabbccddeeff";
  const Guid guid = parse_guid(text).value();
  BOOST_TEST(format_guid(guid) == text);
  BOOST_TEST((parse_guid("{00112233-4455-6677-8899-AABBCCDDEEFF}").value() == guid));
  BOOST_TEST(format_braced_guid(guid) == "{" + std::string(text) + "}");
  BOOST_TEST(windows_bytes(guid)[0] == 0x33);
  BOOST_TEST((from_windows_bytes(windows_bytes(guid)) == guid));
  const Guid made = guid_from_hash(hash128("product"));
  BOOST_TEST(format_guid(made)[14] == '8');
  BOOST_TEST((made == guid_from_hash(hash128("product"))));
  BOOST_TEST((made != guid_from_hash(hash128("product2"))));
}

BOOST_AUTO_TEST_CASE(bad_guids_are_refused_at_the_character) {
  struct Row {
    const char* why;
    const char* text;
    std::size_t offset;
  };
  const Row rows[] = {
      {"empty", "", 0},
      {"cut", "00112233-4455", 13},
      {"no dash", "001122334455-6677-8899-aabbccddeeff", 8},
      {"not hex", "0011223g-4455-6677-8899-aabbccddeeff", 7},
      {"brace not closed", "{00112233-4455-6677-8899-aabbccddeeff", 37},
      {"brace not opened", "00112233-4455-6677-8899-aabbccddeeff}", 36},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.why) {
      const auto parsed = parse_guid(row.text);
      BOOST_REQUIRE(!parsed.has_value());
      BOOST_TEST(parsed.error().at.value().offset == row.offset);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
