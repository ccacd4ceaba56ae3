// Single values out of the columns of a batch.
#include "schema/batch.hpp"

namespace slwmi::cim {

Value typed_value_at(const Column& column, std::size_t row, Type type) {
  if (column.kind == ColumnKind::kNull || !column.has_value_bit(row)) return Value::null(type);
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
    default:
      return Value::null(type);
  }
}

}  // namespace slwmi::cim
