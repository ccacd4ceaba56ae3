// Rows for people and for programs: one record after another goes in, and comes out as a list, a
// table, CSV or JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/cli/writer.hpp"

namespace slwmi::tools {

// One value as every format can show it.
struct Cell {
  enum class Kind : std::uint8_t { kNull, kText, kNumber, kBool, kArray, kObject };
  Kind kind = Kind::kNull;
  std::string text;                // kText, kNumber (digits as JSON takes them), kBool ("true")
  std::vector<Cell> items;         // kArray, kObject
  std::vector<std::string> names;  // kObject, as many as items

  Cell() = default;
  Cell(std::string_view value)  // NOLINT(google-explicit-constructor)
      : kind(Kind::kText), text(value) {}
  Cell(const char* value) : Cell(std::string_view(value)) {}  // NOLINT(google-explicit-constructor)
  Cell(std::string value)                                     // NOLINT(google-explicit-constructor)
      : kind(Kind::kText), text(std::move(value)) {}
  static Cell number(std::uint64_t value) { return make(Kind::kNumber, std::to_string(value)); }
  static Cell number(std::int64_t value) { return make(Kind::kNumber, std::to_string(value)); }
  static Cell boolean(bool value) { return make(Kind::kBool, value ? "true" : "false"); }
  static Cell make(Kind kind, std::string text) {
    Cell cell(std::move(text));
    cell.kind = kind;
    return cell;
  }
};

struct Field {
  std::string name;
  Cell value;
};
using Record = std::vector<Field>;

enum class Format : std::uint8_t { kList, kTable, kCsv, kJson };

struct RowStyle {
  Format format = Format::kList;
  bool chosen = true;  // false: a table that is wider than `columns` becomes a list
  bool color = false;
  bool terminal = false;  // control characters are shown, not sent
  int columns = 80;
};

// List and JSON leave at once; a table and CSV wait for finish(), because later rows may bring
// further columns.
class RowPrinter {
 public:
  // Rows that come one by one: each JSON line is whole at once.
  enum class Rows : std::uint8_t { kAtOnce, kAsTheyCome };
  RowPrinter(Writer& out, RowStyle style, Rows rows = Rows::kAtOnce)
      : out_(out), style_(style), live_(rows == Rows::kAsTheyCome) {}
  void add(Record record);
  // Call once after the last row. JSON is complete only then. CSV without a row has `columns` as
  // its header.
  void finish(const std::vector<std::string>& columns = {});
  std::size_t count() const { return count_; }

 private:
  Writer& out_;
  RowStyle style_;
  bool live_;
  std::size_t count_ = 0;
  std::vector<Record> kept_;
};

// The value in one line as lists and tables show it: nothing for null, TRUE and FALSE, {1, 2} for
// arrays.
std::string plain_text(const Cell& cell);
// The value as JSON. Lone surrogates become U+FFFD.
std::string json_text(const Cell& cell);
std::string json_text(const Record& record);

// Columns on a terminal: code points, not counting those that combine.
std::size_t display_width(std::string_view text);
// Plain UTF-8, and with `controls` also "\x1b" for a control character other than tab and line
// feed.
std::string printable(std::string_view text, bool controls);

}  // namespace slwmi::tools
