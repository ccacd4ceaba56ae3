#include "tools/sim_chart.hpp"

#include <boost/test/unit_test.hpp>

using namespace slwmi;
using namespace slwmi::tools;
using world::simulation::Sample;

namespace {

Sample sample(int day, std::uint32_t licensed, std::uint32_t grace, std::uint32_t notified) {
  Sample out;
  out.at = parse_iso8601("2008-03-01").value() + days(day);
  out.by_status = {0, licensed, grace, 0, 0, notified};
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(simulation_charts)

BOOST_AUTO_TEST_CASE(bars_show_shares_and_leave_nobody_out) {
  const std::vector<Sample> series = {sample(0, 0, 100, 0), sample(1, 50, 50, 0),
                                      sample(2, 99, 0, 1)};
  ChartStyle style;
  style.columns = 40;
  BOOST_TEST(chart_of(series, style) ==
             "# licensed  o initial grace  ! notification\n"
             "2008-03-01 |ooooooooooooooooooooooo| 100\n"
             "2008-03-02 |############ooooooooooo| 100\n"
             "2008-03-03 |######################!| 100\n");
}

BOOST_AUTO_TEST_CASE(a_long_series_shows_every_nth_sample_and_the_last) {
  std::vector<Sample> series;
  for (int day = 0; day < 180; ++day) series.push_back(sample(day, 10, 0, 0));
  ChartStyle style;
  style.rows = 10;
  const std::string chart = chart_of(series, style);
  const auto lines = std::count(chart.begin(), chart.end(), '\n');
  BOOST_TEST(lines <= 11);
  BOOST_TEST(lines >= 8);
  BOOST_TEST(chart.find("2008-08-27") != std::string::npos);
  BOOST_TEST(chart_of({}, style).empty());
}

BOOST_AUTO_TEST_CASE(colours_are_for_terminals_only) {
  const std::vector<Sample> series = {sample(0, 1, 0, 0)};
  ChartStyle style;
  BOOST_TEST(chart_of(series, style).find('\x1b') == std::string::npos);
  style.color = true;
  BOOST_TEST(chart_of(series, style).find("\x1b[32m") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(records_name_states_and_hosts) {
  Sample one = sample(0, 3, 2, 1);
  one.hosts.push_back({"KMS1", 25, 40, 2});
  BOOST_TEST(
      json_text(record_of(one)) ==
      R"({"Time":"2008-03-01T00:00:00Z","Machines":6,"Licensed":3,"OOBGrace":2,"OOTGrace":0,)"
      R"("NonGenuineGrace":0,"Notification":1,"Unlicensed":0,"KMS1.Count":25,)"
      R"("KMS1.Requests":40,"KMS1.Failed":2})");
}

BOOST_AUTO_TEST_CASE(the_bar_is_full_at_the_end_and_never_before) {
  const FileTime start = parse_iso8601("2008-03-01").value();
  const FileTime end = start + days(100);
  BOOST_TEST(progress_bar(start, start, end, 50) ==
             "[>                             ]   0 % 2008-03-01");
  BOOST_TEST(progress_bar(start, start + days(50), end, 50) ==
             "[==============>               ]  49 % 2008-04-20");
  BOOST_TEST(progress_bar(start, end, end, 50) ==
             "[==============================] 100 % 2008-06-09");
}

BOOST_AUTO_TEST_SUITE_END()
