// Reports as one page of HTML that stands alone: style, charts and tables in one file, no script,
// light and dark by the reader's setting, well-formed as XML too.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "report/chart.hpp"
#include "report/report.hpp"

namespace slwmi::report {

struct Page {
  std::string title;     // "KMS reports"
  std::string subtitle;  // of which world
  FileTime at;           // of the world's clock
  std::span<const Report> reports;
  std::size_t max_rows = 500;  // of a table; a note says what is left out
};
std::string to_html(const Page& page);

}  // namespace slwmi::report
