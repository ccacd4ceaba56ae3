// Charts and pages as text: marks of axes, escaping, and that every value is in the drawing.
#include "report/page.hpp"

#include <regex>

#include <boost/test/unit_test.hpp>

using namespace slwmi;
using namespace slwmi::report;

namespace {

std::size_t count_of(const std::string& text, std::string_view piece) {
  std::size_t out = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1))
    ++out;
  return out;
}

std::string joined(const std::vector<std::uint64_t>& numbers) {
  std::string out;
  for (const std::uint64_t n : numbers) out += (out.empty() ? "" : " ") + std::to_string(n);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(page)

BOOST_AUTO_TEST_CASE(axis_marks_are_round_and_few) {
  struct {
    std::uint64_t most;
    const char* marks;
  } const kCases[] = {
      {0, "0 1"},
      {1, "0 1"},
      {5, "0 1 2 3 4 5"},
      {6, "0 2 4 6"},
      {11, "0 5 10 15"},
      {25, "0 5 10 15 20 25"},
      {26, "0 10 20 30"},
      {99, "0 20 40 60 80 100"},
      {1001, "0 500 1000 1500"},
      {123456, "0 50000 100000 150000"},
  };
  for (const auto& c : kCases)
    BOOST_TEST_CONTEXT(c.most) BOOST_TEST(joined(axis_marks(c.most)) == c.marks);
}

BOOST_AUTO_TEST_CASE(texts_are_made_harmless) {
  BOOST_TEST(escaped("<b a=\"1\">&</b>") == "&lt;b a=&quot;1&quot;&gt;&amp;&lt;/b&gt;");
  BOOST_TEST(escaped(std::string("a\0b\x1b", 4)) ==
             "a\xEF\xBF\xBD"
             "b\xEF\xBF\xBD");
  BOOST_TEST(escaped("\xED\xA0\x80") == "\xEF\xBF\xBD");  // half of a surrogate pair
  BOOST_TEST(escaped("Zürich\n") == "Zürich\n");
  BOOST_TEST(grouped(0) == "0");
  BOOST_TEST(grouped(1234567) == "1,234,567");
  BOOST_TEST(grouped(123) == "123");
}

BOOST_AUTO_TEST_CASE(every_value_has_a_bar_that_says_what_it_is) {
  Chart chart;
  chart.title = "T";
  chart.category_label = "day";
  chart.value_label = "computers";
  chart.categories = {"1", "2", "3"};
  chart.series = {{"A", Tone::kGood, {1200, 0, 3}}, {"B", Tone::kBad, {0, 0, 4}}};
  for (const Chart::Kind kind : {Chart::Kind::kColumns, Chart::Kind::kBars}) {
    chart.kind = kind;
    const std::string svg = to_svg(chart);
    BOOST_TEST(count_of(svg, "<rect") == 3u);
    BOOST_TEST(count_of(svg, "<title>") == 3u);
    BOOST_TEST(svg.find("A: 1,200 computers") != std::string::npos);
    BOOST_TEST(svg.find("B: 4 computers\nof 7") != std::string::npos);
    BOOST_TEST(count_of(svg, "class=\"legend\"") == 1u);
  }
  for (Series& series : chart.series) series.values = {0, 0, 0};
  BOOST_TEST(to_svg(chart).find("Nothing to show") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(lying_bars_have_their_names_and_long_ones_are_cut) {
  Chart chart;
  chart.kind = Chart::Kind::kBars;
  chart.categories = {"short", std::string(60, 'x')};
  chart.series = {{"A", Tone::kGood, {1, 2}}};
  const std::string svg = to_svg(chart);
  BOOST_TEST(svg.find(">short</text>") != std::string::npos);
  BOOST_TEST(svg.find(">" + std::string(43, 'x') + "…</text>") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bars_are_as_tall_as_their_values) {
  Chart chart;
  chart.categories = {"a", "b"};
  chart.series = {{"A", Tone::kGood, {100, 50}}};
  const std::string svg = to_svg(chart);
  std::vector<double> heights;
  const std::regex rect("<rect[^>]* height=\"([0-9.]+)\"");
  for (auto it = std::sregex_iterator(svg.begin(), svg.end(), rect); it != std::sregex_iterator();
       ++it)
    heights.push_back(std::stod((*it)[1]));
  BOOST_TEST_REQUIRE(heights.size() == 2u);
  BOOST_TEST(heights[0] == 220);  // the whole plot
  BOOST_TEST(heights[1] == 110);
}

BOOST_AUTO_TEST_CASE(a_page_stands_alone_and_shortens_long_tables) {
  Report report;
  report.name = "r";
  report.title = "A <report>";
  report.notes = {"mind & this"};
  report.figures = {{"computers", 12345, Tone::kGood}};
  report.table.columns = {"Name", "N", "Time"};
  for (int i = 0; i < 5; ++i)
    report.table.rows.push_back({"PC" + std::to_string(i), number(1000), FileTime{}});
  const std::string html = to_html({"KMS", "lab", {}, {&report, 1}, 3});
  BOOST_TEST(html.find("A &lt;report&gt;") != std::string::npos);
  BOOST_TEST(html.find("mind &amp; this") != std::string::npos);
  BOOST_TEST(html.find("12,345") != std::string::npos);
  BOOST_TEST(count_of(html, "<td class=\"n\">1,000</td>") == 3u);
  BOOST_TEST(html.find("The first 3 of 5 rows") != std::string::npos);
  BOOST_TEST(count_of(html, "http") == 1u);  // the name of XHTML
  for (const char* outer : {"src=", "@import", "url(", "<script", "<link"})
    BOOST_TEST_CONTEXT(outer) BOOST_TEST(html.find(outer) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(columns_of_numbers_stand_at_the_right) {
  Report report;
  report.table.columns = {"Name", "N", "Empty"};
  report.table.rows = {{"a", number(1), Value()}, {"b", Value(), Value()}};
  const std::string html = to_html({"KMS", "lab", {}, {&report, 1}});
  BOOST_TEST(html.find("<th>Name</th><th class=\"n\">N</th><th>Empty</th>") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_timeline_has_a_bar_for_each_span) {
  Timeline timeline;
  timeline.title = "Health";
  timeline.from = FileTime{} + days(1);
  timeline.to = timeline.from + days(10);
  timeline.lines = {{"KMS1",
                     {{timeline.from, timeline.from + days(5), Tone::kGood, "fine"},
                      {timeline.from + days(5), timeline.to, Tone::kBad, "no activity"}}}};
  const std::string svg = to_svg(timeline);
  BOOST_TEST(count_of(svg, "<rect") == 2u);
  BOOST_TEST(svg.find("no activity") != std::string::npos);
  BOOST_TEST(svg.find("legend") == std::string::npos);
  timeline.legend = {{"Success", Tone::kGood}};
  BOOST_TEST(count_of(to_svg(timeline), "<i class=\"b-good\"></i>Success") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
