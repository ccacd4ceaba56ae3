// Rows in flight from a provider to the query engine: up to kBatchRows rows of one class, column by
// column for the slots that were asked for. A Batch owns nothing: the provider keeps the memory and
// may reuse it as soon as the sink returns, so one row costs no heap allocation and a column store
// hands out its arrays as they lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/function_ref.hpp"
#include "schema/value.hpp"

namespace slwmi::cim {

class Class;

inline constexpr std::size_t kBatchRows = 1024;

// How a column lies in memory. Integers of 8 and 16 bits travel widened: the slot's type says what
// they are.
enum class ColumnKind : std::uint8_t {
  kNull,      // every row is null; no data
  kConstant,  // data: one Value for all rows
  kValues,    // data: a Value a row; its own null flag counts, `valid` is not looked at
  kBool,      // data: std::uint8_t a row, 0 or 1
  kSint32,    // data: std::int32_t a row (sint8, sint16, sint32)
  kUint32,    // data: std::uint32_t a row (uint8, uint16, char16, uint32)
  kSint64,    // data: std::int64_t a row
  kUint64,    // data: std::uint64_t a row
  kReal64,    // data: double a row (real32, real64)
  kText,      // data: std::uint32_t a row, an index into `dictionary`
};

// The distinct strings of a text column. Within one enumeration entries are only ever appended, so
// what was computed for an index stays true as long as `entries` is the same array.
struct Dictionary {
  std::span<const Value>
      entries;  // of type string, reference or datetime, as the slot's; an entry may be null
};

struct Column {
  ColumnKind kind = ColumnKind::kNull;
  const void* data = nullptr;
  const std::uint64_t* valid =
      nullptr;  // bit set: the row has a value; nullptr: all have (typed kinds only)
  const Dictionary* dictionary = nullptr;  // kText only

  static Column constant(const Value& value) {
    return {ColumnKind::kConstant, &value, nullptr, nullptr};
  }
  static Column values(const Value* rows) { return {ColumnKind::kValues, rows, nullptr, nullptr}; }
  static Column bools(const std::uint8_t* rows, const std::uint64_t* valid = nullptr) {
    return {ColumnKind::kBool, rows, valid, nullptr};
  }
  static Column sint32(const std::int32_t* rows, const std::uint64_t* valid = nullptr) {
    return {ColumnKind::kSint32, rows, valid, nullptr};
  }
  static Column uint32(const std::uint32_t* rows, const std::uint64_t* valid = nullptr) {
    return {ColumnKind::kUint32, rows, valid, nullptr};
  }
  static Column sint64(const std::int64_t* rows, const std::uint64_t* valid = nullptr) {
    return {ColumnKind::kSint64, rows, valid, nullptr};
  }
  static Column uint64(const std::uint64_t* rows, const std::uint64_t* valid = nullptr) {
    return {ColumnKind::kUint64, rows, valid, nullptr};
  }
  static Column real64(const double* rows, const std::uint64_t* valid = nullptr) {
    return {ColumnKind::kReal64, rows, valid, nullptr};
  }
  static Column text(const Dictionary& dictionary, const std::uint32_t* codes,
                     const std::uint64_t* valid = nullptr) {
    return {ColumnKind::kText, codes, valid, &dictionary};
  }

  bool has_value_bit(std::size_t row) const {
    return valid == nullptr || ((valid[row / 64] >> (row % 64)) & 1u) != 0;
  }
};

// The value of one row as it lies, when the column has Values: nullptr for other columns and null
// rows.
inline const Value* lying_value_at(const Column& column, std::size_t row) {
  if (column.kind == ColumnKind::kConstant) return static_cast<const Value*>(column.data);
  if (column.kind == ColumnKind::kValues) return static_cast<const Value*>(column.data) + row;
  if (column.kind != ColumnKind::kText || !column.has_value_bit(row)) return nullptr;
  return &column.dictionary->entries[static_cast<const std::uint32_t*>(column.data)[row]];
}

// The value of one row as the type of its slot. Allocates nothing: strings are shared with the
// column.
Value typed_value_at(const Column& column, std::size_t row, Type type);  // of typed columns
inline Value value_at(const Column& column, std::size_t row, Type type) {
  if (column.kind == ColumnKind::kUint32 && type == Type::kUint32 && column.has_value_bit(row)) {
    return Value::uint32(static_cast<const std::uint32_t*>(column.data)[row]);
  }
  if (const Value* const lies = lying_value_at(column, row)) return *lies;
  return typed_value_at(column, row, type);
}

struct Batch {
  const Class* cls = nullptr;               // the class of every row (never a superclass of it)
  std::size_t rows = 0;                     // 1 to kBatchRows
  std::span<const Column> columns;          // as many as Scan::wanted, in its order
  const std::uint16_t* selected = nullptr;  // the rows that count, ascending; nullptr: all of them
  std::size_t selected_count = 0;           // with `selected` only
  const std::string_view* servers = nullptr;  // whose each row is; nullptr: the plan's server's
};

// Where batches go; answers false when it wants no more rows.
using Sink = FunctionRef<bool(const Batch&)>;

}  // namespace slwmi::cim
