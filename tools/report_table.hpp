// Tables of report/ as rows of the command line, and as files.
#pragma once

#include "report/report.hpp"
#include "tools/cli/rows.hpp"

namespace slwmi::tools {

Cell cell_of(const report::Value& value);
Record record_of(const report::Table& table, const std::vector<report::Value>& row);

// All rows; how many there were.
std::size_t print_table(RowPrinter rows, const report::Table& table);

}  // namespace slwmi::tools
