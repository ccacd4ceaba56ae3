#include "tools/report_table.hpp"

namespace slwmi::tools {

Cell cell_of(const report::Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return {};
  if (const auto* number = std::get_if<std::int64_t>(&value)) return Cell::number(*number);
  return Cell(report::to_text(value));
}

Record record_of(const report::Table& table, const std::vector<report::Value>& row) {
  Record record;
  record.reserve(row.size());
  for (std::size_t i = 0; i < row.size(); ++i)
    record.push_back({table.columns[i], cell_of(row[i])});
  return record;
}

std::size_t print_table(RowPrinter rows, const report::Table& table) {
  for (const auto& row : table.rows) rows.add(record_of(table, row));
  rows.finish();
  return rows.count();
}

}  // namespace slwmi::tools
