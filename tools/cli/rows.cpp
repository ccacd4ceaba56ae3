#include "tools/cli/rows.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace slwmi::tools {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string quoted_json(std::string_view text) {
  return Json(printable(text, false)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_json(std::string& out, const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::kNull:
      out += "null";
      return;
    case Cell::Kind::kText:
      out += quoted_json(cell.text);
      return;
    case Cell::Kind::kNumber:
    case Cell::Kind::kBool:
      out += cell.text;
      return;
    case Cell::Kind::kArray:
    case Cell::Kind::kObject:
      break;
  }
  const bool object = cell.kind == Cell::Kind::kObject;
  out += object ? '{' : '[';
  for (std::size_t i = 0; i < cell.items.size(); ++i) {
    if (i != 0) out += ',';
    if (object) out += quoted_json(cell.names[i]) + ":";
    append_json(out, cell.items[i]);
  }
  out += object ? '}' : ']';
}

std::string csv_field(const Cell& cell) {
  if (cell.kind == Cell::Kind::kNull) return {};
  std::string text = printable(plain_text(cell), false);
  // An empty text is quoted, so that it differs from null.
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos && text.front() != ' ' &&
      text.back() != ' ') {
    return text;
  }
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

// The names of all columns, in the order in which rows first bring them.
std::vector<std::string> column_names(const std::vector<Record>& rows) {
  std::vector<std::string> names;
  for (const Record& row : rows) {
    if (row.size() <= names.size() && std::equal(row.begin(), row.end(), names.begin(),
                                                 [](const Field& field, const std::string& name) {
                                                   return field.name == name;
                                                 })) {
      continue;
    }
    for (const Field& field : row) {
      if (std::find(names.begin(), names.end(), field.name) == names.end()) {
        names.push_back(field.name);
      }
    }
  }
  return names;
}

const Cell& cell_of(const Record& row, std::size_t column, const std::string& name) {
  static const Cell kMissing;
  if (column < row.size() && row[column].name == name) return row[column].value;
  for (const Field& field : row) {
    if (field.name == name) return field.value;
  }
  return kMissing;
}

void print_csv(Writer& out, const std::vector<Record>& rows,
               const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) out << ',';
    out << csv_field(Cell(names[i]));
  }
  if (!names.empty()) out << '\n';
  for (const Record& row : rows) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i != 0) out << ',';
      out << csv_field(cell_of(row, i, names[i]));
    }
    out << '\n';
  }
}

void print_list_row(Writer& out, const Record& row, const RowStyle& style) {
  std::size_t width = 0;
  for (const Field& field : row) width = std::max(width, display_width(field.name));
  for (const Field& field : row) {
    if (style.color) out << kBold;
    out << field.name;
    if (style.color) out << kPlain;
    out << std::string(width - display_width(field.name), ' ') << " :";
    const std::string text = printable(plain_text(field.value), style.terminal);
    if (!text.empty()) out << ' ';
    // The second and further lines of a text stand below its first.
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      if (at != 0) out << std::string(width + 3, ' ');
      out << std::string_view(text).substr(at, end - at) << '\n';
      at = end + 1;
    }
  }
}

// One line of a table's cell: line feeds and tabs would break the columns.
std::string table_text(const Cell& cell) {
  std::string text = printable(plain_text(cell), true);
  for (char& c : text) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return text;
}

struct Grid {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> texts;
  std::vector<std::size_t> widths;
  std::vector<bool> numeric;
  std::size_t width = 0;
};

Grid make_grid(const std::vector<Record>& rows) {
  Grid grid;
  grid.names = column_names(rows);
  for (const std::string& name : grid.names) grid.widths.push_back(display_width(name));
  grid.numeric.assign(grid.names.size(), true);
  for (const Record& row : rows) {
    std::vector<std::string>& line = grid.texts.emplace_back();
    for (std::size_t i = 0; i < grid.names.size(); ++i) {
      const Cell& cell = cell_of(row, i, grid.names[i]);
      line.push_back(table_text(cell));
      grid.widths[i] = std::max(grid.widths[i], display_width(line.back()));
      if (cell.kind != Cell::Kind::kNumber && cell.kind != Cell::Kind::kNull)
        grid.numeric[i] = false;
    }
  }
  for (const std::size_t width : grid.widths) grid.width += width + 1;
  return grid;
}

void print_table_line(Writer& out, const Grid& grid, const std::vector<std::string>& texts) {
  std::string line;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string padding(grid.widths[i] - display_width(texts[i]), ' ');
    if (i != 0) line += ' ';
    line += grid.numeric[i] ? padding + texts[i] : texts[i] + padding;
  }
  line.resize(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

void print_table(Writer& out, const Grid& grid, const RowStyle& style) {
  std::vector<std::string> rule;
  for (const std::string& name : grid.names) rule.emplace_back(display_width(name), '-');
  if (style.color) out << kBold;
  print_table_line(out, grid, grid.names);
  if (style.color) out << kPlain;
  print_table_line(out, grid, rule);
  for (const auto& line : grid.texts) print_table_line(out, grid, line);
}

bool combines(char32_t c) {
  return (c >= 0x300 && c <= 0x36F) || c == 0x200B || c == 0x200D || c == 0xFE0F;
}

}  // namespace

std::string plain_text(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::kNull:
      return {};
    case Cell::Kind::kText:
    case Cell::Kind::kNumber:
      return cell.text;
    case Cell::Kind::kBool:
      return cell.text == "true" ? "TRUE" : "FALSE";
    case Cell::Kind::kArray:
    case Cell::Kind::kObject:
      break;
  }
  std::string out = "{";
  for (std::size_t i = 0; i < cell.items.size(); ++i) {
    if (i != 0) out += ", ";
    if (cell.kind == Cell::Kind::kObject) out += cell.names[i] + "=";
    out += plain_text(cell.items[i]);
  }
  return out + "}";
}

std::string json_text(const Cell& cell) {
  std::string out;
  append_json(out, cell);
  return out;
}

std::string json_text(const Record& record) {
  std::string out = "{";
  for (std::size_t i = 0; i < record.size(); ++i) {
    if (i != 0) out += ',';
    out += quoted_json(record[i].name) + ":";
    append_json(out, record[i].value);
  }
  return out + "}";
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (!combines(next_code_point(text, at))) ++width;
  }
  return width;
}

std::string printable(std::string_view text, bool controls) {
  const auto plain = [&](unsigned char c) {
    return c < 0x80 && (!controls || (c >= 0x20 && c != 0x7F) || c == '\n' || c == '\t');
  };
  if (std::all_of(text.begin(), text.end(),
                  [&](char c) { return plain(static_cast<unsigned char>(c)); })) {
    return std::string(text);
  }
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (c >= 0xD800 && c <= 0xDFFF) {
      append_utf8(out, 0xFFFD);
    } else if (controls && (c < 0x20 || (c >= 0x7F && c < 0xA0)) && c != '\n' && c != '\t') {
      constexpr char kHex[] = "0123456789abcdef";
      out += "\\x";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else {
      append_utf8(out, c);
    }
  }
  return out;
}

void RowPrinter::add(Record record) {
  switch (style_.format) {
    case Format::kJson:
      out_ << (count_ == 0 ? "[\n  " : live_ ? ", " : ",\n  ") << json_text(record);
      if (live_) out_ << '\n';
      break;
    case Format::kList:
      if (count_ != 0) out_ << '\n';
      print_list_row(out_, record, style_);
      break;
    case Format::kTable:
    case Format::kCsv:
      kept_.push_back(std::move(record));
      break;
  }
  ++count_;
}

void RowPrinter::finish(const std::vector<std::string>& columns) {
  if (style_.format == Format::kJson) {
    out_ << (count_ == 0 ? "[]\n" : live_ ? "]\n" : "\n]\n");
  } else if (style_.format == Format::kCsv) {
    print_csv(out_, kept_, kept_.empty() ? columns : column_names(kept_));
  } else if (style_.format == Format::kTable && count_ != 0) {
    const Grid grid = make_grid(kept_);
    if (style_.chosen || grid.width <= static_cast<std::size_t>(style_.columns) + 1) {
      return print_table(out_, grid, style_);
    }
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      if (i != 0) out_ << '\n';
      print_list_row(out_, kept_[i], style_);
    }
  }
}

}  // namespace slwmi::tools
