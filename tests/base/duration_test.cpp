#include "base/duration.hpp"

#include <boost/test/unit_test.hpp>

using namespace slwmi;

BOOST_AUTO_TEST_SUITE(durations)

BOOST_AUTO_TEST_CASE(numbers_with_units_add_up_to_minutes) {
  struct {
    const char* text;
    std::uint64_t minutes;
  } const kGood[] = {
      {"30d", 43200},
      {"1d12h", 2160},
      {"1d90m", 1530},
      {"2W", 20160},
      {"180 days", 259200},
      {"1 week", 10080},
      {"2 hours 30 minutes", 150},
      {" 5 min ", 5},
      {"0m", 0},
      {"1d 1d", 2880},
  };
  for (const auto& row : kGood)
    BOOST_TEST_CONTEXT(row.text) BOOST_TEST(parse_duration(row.text).value_or(1) == row.minutes);
  for (const char* bad : {"", " ", "5", "d", "1x", "1.5d", "-1d", "1d5", "d1", "1000000001m",
                          "200000w", "18446744073709551616m", "1 fortnight"})
    BOOST_TEST_CONTEXT(bad) BOOST_TEST(!parse_duration(bad).has_value());
}

BOOST_AUTO_TEST_CASE(the_shortest_text_reads_back) {
  struct {
    std::uint64_t minutes;
    const char* text;
  } const kRows[] = {
      {0, "0m"}, {90, "1h30m"}, {10080, "1w"}, {259200, "25w5d"}, {43199, "4w1d23h59m"}};
  for (const auto& row : kRows) {
    BOOST_TEST(format_duration(row.minutes) == row.text);
    BOOST_TEST(parse_duration(row.text).value_or(1) == row.minutes);
  }
}

BOOST_AUTO_TEST_SUITE_END()
