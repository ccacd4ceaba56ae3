// Single values out of the columns of a batch.
#include "schema/batch.hpp"

namespace slwmi::cim {

Value value_of_any(const Column& column, std::size_t row, Type type) {
  switch (column.kind) {
    case ColumnKind::kNull:
      return Value::null(type);
    case ColumnKind::kConstant:
      return *static_cast<const Value*>(column.data);
    case ColumnKind::kValues:
      return static_cast<const Value*>(column.data)[row];
    default:
      break;
  }
  if (!column.has_value_bit(row)) return Value::null(type);
  switch (column.kind) {
    case ColumnKind::kBool:
      return Value::boolean(static_cast<const std::uint8_t*>(column.data)[row] != 0);
    case ColumnKind::kSint32:
      return Value::integer(type, static_cast<const std::int32_t*>(column.data)[row]);
    case ColumnKind::kUint32:
      return Value::unsigned_integer(type, static_cast<const std::uint32_t*>(column.data)[row]);
    case ColumnKind::kSint64:
      return Value::integer(type, static_cast<const std::int64_t*>(column.data)[row]);
    case ColumnKind::kUint64:
      return Value::unsigned_integer(type, static_cast<const std::uint64_t*>(column.data)[row]);
    case ColumnKind::kReal64:
      return Value::real(static_cast<const double*>(column.data)[row], type);
    case ColumnKind::kText:
      return column.dictionary->entries[static_cast<const std::uint32_t*>(column.data)[row]];
    default:
      return Value::null(type);
  }
}

}  // namespace slwmi::cim
