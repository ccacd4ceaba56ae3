#include "report/page.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace slwmi::report {
namespace {

constexpr std::string_view kStyle = R"(
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --card: #ffffff; --ink: #1c2430; --soft: #5c6775; --line: #dde1e7; --stripe: #f8f9fb;
  --accent: #2456a6; --plain: #8793a3;
  --good: #2f9e6e; --initial: #3f82d1; --expired: #d9922b; --suspect: #9260bd; --bad: #cc4b4c;
  --s1: #3f7fcf; --s2: #2fa38f; --s3: #d98a2f; --s4: #9260bd; --s5: #c9577e; --s6: #7b8a3a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161c; --card: #1b2129; --ink: #e7ebf0; --soft: #9ca8b6; --line: #303a46; --stripe: #20272f;
    --accent: #7fb0ff; --plain: #77838f;
    --good: #45c08a; --initial: #5b9be6; --expired: #e8a94b; --suspect: #b084da; --bad: #ea6d6c;
    --s1: #5b9be6; --s2: #45bfa9; --s3: #e8a551; --s4: #b084da; --s5: #e27a9d; --s6: #a3b35b;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Arial, sans-serif; }
main, header { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 36px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0; font-weight: 650; letter-spacing: -0.01em; }
h2 { font-size: 19px; margin: 0 0 2px; font-weight: 620; }
.sub { color: var(--soft); margin: 6px 0 0; }
nav { display: flex; flex-wrap: wrap; gap: 8px; margin: 20px 0 4px; }
nav a { color: var(--accent); text-decoration: none; font-size: 13px; padding: 4px 11px; border: 1px solid var(--line);
  border-radius: 999px; background: var(--card); }
nav a:hover { border-color: var(--accent); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 22px 24px 18px;
  margin: 20px 0; }
.about { color: var(--soft); margin: 0 0 14px; max-width: 76ch; }
.figures { display: flex; flex-wrap: wrap; gap: 10px; margin: 0 0 18px; padding: 0; list-style: none; }
.figures li { flex: 1 1 130px; border: 1px solid var(--line); border-left: 4px solid var(--plain); border-radius: 8px;
  padding: 9px 13px; }
.figures b { display: block; font-size: 23px; line-height: 1.2; font-weight: 640; font-variant-numeric: tabular-nums; }
.figures span { color: var(--soft); font-size: 13px; }
figure { margin: 0 0 14px; }
figcaption { font-weight: 600; font-size: 14px; margin: 0 0 6px; }
svg { display: block; width: 100%; height: auto; font-size: 12px; }
svg text { fill: var(--soft); }
svg .value { fill: var(--ink); font-weight: 600; }
svg .end { text-anchor: end; }
svg .middle { text-anchor: middle; }
svg .unit { font-style: italic; }
svg .grid { stroke: var(--line); }
svg .axis { stroke: var(--soft); }
svg rect { stroke: var(--card); stroke-width: 0.6; }
svg rect:hover { opacity: 0.75; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 8px; padding: 0; list-style: none; font-size: 13px;
  color: var(--soft); }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; }
.empty { color: var(--soft); border: 1px dashed var(--line); border-radius: 8px; padding: 18px; text-align: center; margin: 0; }
.note { border-left: 4px solid var(--expired); background: var(--stripe); padding: 8px 14px; margin: 10px 0; font-size: 14px; }
.scroll { overflow-x: auto; max-height: 460px; overflow-y: auto; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th { position: sticky; top: 0; background: var(--stripe); text-align: left; font-weight: 600; color: var(--soft);
  border-bottom: 1px solid var(--line); vertical-align: bottom; }
th, td { padding: 6px 9px; }
td { border-top: 1px solid var(--line); white-space: nowrap; vertical-align: top; }
td.long { white-space: normal; min-width: 26ch; }
tbody tr:first-child td { border-top: 0; }
tbody tr:nth-child(even) td { background: var(--stripe); }
.n { text-align: right; font-variant-numeric: tabular-nums; }
.t { font-variant-numeric: tabular-nums; }
.more { color: var(--soft); font-size: 13px; margin: 8px 0 0; }
footer { color: var(--soft); font-size: 13px; padding: 4px 0 40px; }
@media (max-width: 640px) {
  main, header { padding: 0 12px; }
  header { padding-top: 20px; }
  section { padding: 16px 14px; }
  figure { overflow-x: auto; }
  svg { min-width: 620px; }
}
@media print {
  body { background: #fff; }
  section { break-inside: avoid; border: 0; padding: 0; }
  nav { display: none; }
  .scroll { max-height: none; overflow: visible; }
}
)";

// The tones as classes: f- fills a bar, b- is a mark of a legend, e- the edge of a figure.
std::string tone_rules() {
  std::string out;
  for (int i = 0; i <= static_cast<int>(Tone::kSeries6); ++i) {
    const std::string name(to_text(static_cast<Tone>(i)));
    out.append(".f-").append(name).append(" { fill: var(--").append(name) += "); }\n";
    out.append(".b-").append(name).append(" { background: var(--").append(name) += "); }\n";
    out.append(".figures .e-").append(name).append(" { border-left-color: var(--").append(name) +=
        "); }\n";
  }
  return out;
}

std::string figures_of(const Report& report) {
  if (report.figures.empty()) return {};
  std::string out = "<ul class=\"figures\">";
  for (const Figure& figure : report.figures) {
    out += "<li class=\"e-" + std::string(to_text(figure.tone)) + "\"><b>" + grouped(figure.value) +
           "</b><span>" + escaped(figure.label) + "</span></li>";
  }
  return out + "</ul>\n";
}

// "2008-03-01 12:30" for people: minutes are all that licensing knows.
std::string time_text(FileTime time) {
  std::string out = format_iso8601(time).substr(0, 16);
  out[10] = ' ';
  return out;
}

std::string cell_of(const Value& value) {
  if (const auto* n = std::get_if<std::int64_t>(&value)) {
    const auto size = static_cast<std::uint64_t>(*n < 0 ? -*n : *n);
    return "<td class=\"n\">" + std::string(*n < 0 ? "-" : "") + grouped(size) + "</td>";
  }
  if (const auto* time = std::get_if<FileTime>(&value))
    return "<td class=\"t\">" + time_text(*time) + "</td>";
  constexpr std::size_t kLong = 44;  // longer texts may be broken into lines
  const std::string text = to_text(value);
  return (text.size() > kLong ? "<td class=\"long\">" : "<td>") + escaped(text) + "</td>";
}

// Numbers stand at the right, and so does the head of their column.
bool is_numeric(const Table& table, std::size_t column) {
  bool any = false;
  for (const std::vector<Value>& row : table.rows) {
    const bool number = std::holds_alternative<std::int64_t>(row[column]);
    if (!number && !std::holds_alternative<std::monostate>(row[column])) return false;
    any = any || number;
  }
  return any;
}

std::string table_of(const Table& table, std::size_t max_rows) {
  if (table.rows.empty()) return "<p class=\"empty\">No computer is in this list.</p>\n";
  std::string out = "<div class=\"scroll\"><table><thead><tr>";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    out += is_numeric(table, i) ? "<th class=\"n\">" : "<th>";
    out += escaped(table.columns[i]) + "</th>";
  }
  out += "</tr></thead><tbody>\n";
  const std::size_t shown = std::min(table.rows.size(), max_rows);
  for (std::size_t i = 0; i < shown; ++i) {
    out += "<tr>";
    for (const Value& value : table.rows[i]) out += cell_of(value);
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (shown < table.rows.size())
    out += "<p class=\"more\">The first " + grouped(shown) + " of " + grouped(table.rows.size()) +
           " rows; CSV and JSON have all.</p>\n";
  return out;
}

std::string section_of(const Report& report, std::size_t max_rows) {
  std::string out = "<section id=\"" + escaped(report.name) + "\">\n<h2>" + escaped(report.title) +
                    "</h2>\n<p class=\"about\">" + escaped(report.about) + "</p>\n";
  out += figures_of(report);
  for (const std::string& note : report.notes)
    out += "<p class=\"note\">" + escaped(note) + "</p>\n";
  for (const Chart& chart : report.charts) out += to_svg(chart) + "\n";
  for (const Timeline& timeline : report.timelines) out += to_svg(timeline) + "\n";
  out += table_of(report.table, max_rows);
  return out + "</section>\n";
}

}  // namespace

std::string to_html(const Page& page) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
      "<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>";
  out += escaped(page.title) + "</title>\n<style>" + std::string(kStyle) + tone_rules() +
         "</style>\n</head>\n<body>\n<header>\n<h1>" + escaped(page.title) +
         "</h1>\n<p class=\"sub\">" + escaped(page.subtitle) + " · " + time_text(page.at) +
         " UTC by the world’s clock</p>\n";
  if (page.reports.size() > 1) {
    out += "<nav>";
    for (const Report& report : page.reports)
      out += "<a href=\"#" + escaped(report.name) + "\">" + escaped(report.title) + "</a>";
    out += "</nav>\n";
  }
  out += "</header>\n<main>\n";
  for (const Report& report : page.reports) out += section_of(report, page.max_rows);
  out += "<footer>Made by slwmi from the event logs of a simulated world.</footer>\n";
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace slwmi::report
