// Charts as SVG elements that stand in a page: no script, no outer resource, colours by class names
// (report.hpp, Tone) so that the page's style decides. Every bar says in a <title> what it shows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/report.hpp"

namespace slwmi::report {

// `text` as character data of XML and HTML; what XML cannot hold becomes U+FFFD.
std::string escaped(std::string_view text);
// "12,345"
std::string grouped(std::uint64_t number);

// The marks of an axis from 0 to at least `most`: 1, 2 or 5 times a power of ten apart, whole
// numbers, at most six of them.
std::vector<std::uint64_t> axis_marks(std::uint64_t most);

// The chart with its legend. A chart without any value says so.
std::string to_svg(const Chart& chart);

std::string to_svg(const Timeline& timeline);

}  // namespace slwmi::report
