// Small helps that several commands share: names as rows, counts as words, cells of many parts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/datetime.hpp"
#include "tools/cli/invocation.hpp"

namespace slwmi::tools {

// "1 machine", "3 machines".
inline std::string count_of(std::size_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

inline Cell cell_or_null(std::string_view text) { return text.empty() ? Cell() : Cell(text); }
inline Cell cell_or_null(FileTime time) {
  return time == FileTime{} ? Cell() : Cell(format_iso8601(time));
}

template <class Texts>
Cell array_of(const Texts& texts) {
  Cell out;
  out.kind = Cell::Kind::kArray;
  for (const auto& text : texts) out.items.emplace_back(text);
  return out;
}

inline Cell object_of(Record fields) {
  Cell out;
  out.kind = Cell::Kind::kObject;
  for (Field& field : fields) {
    out.names.push_back(std::move(field.name));
    out.items.push_back(std::move(field.value));
  }
  return out;
}

// One name a line, or rows of one column where a format was chosen.
inline void print_names(Invocation& in, const char* column, const std::vector<std::string>& names) {
  if (!in.row_style().chosen) {
    for (const std::string& name : names)
      in.out() << printable(name, in.around().out_is_terminal) << '\n';
    return;
  }
  RowPrinter rows = in.rows();
  for (const std::string& name : names) rows.add({{column, name}});
  rows.finish();
}

// The style of a single object: a list also on a terminal.
inline RowStyle list_by_default(const Invocation& in) {
  RowStyle style = in.row_style();
  if (!style.chosen) style.format = Format::kList;
  return style;
}

// The style of lists with few columns: a table also where nothing was chosen and no terminal is.
inline RowStyle table_by_default(const Invocation& in) {
  RowStyle style = in.row_style();
  if (!style.chosen) {
    style.format = Format::kTable;
    style.chosen = true;
  }
  return style;
}

}  // namespace slwmi::tools
