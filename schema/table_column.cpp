#include "schema/table_column.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unordered_map>

namespace slwmi::cim {
namespace {

ColumnKind kind_of(const Property& property) {
  if (property.is_array) return ColumnKind::kValues;
  switch (property.type) {
    case Type::kBoolean:
      return ColumnKind::kBool;
    case Type::kSint8:
    case Type::kSint16:
    case Type::kSint32:
      return ColumnKind::kSint32;
    case Type::kUint8:
    case Type::kUint16:
    case Type::kUint32:
    case Type::kChar16:
      return ColumnKind::kUint32;
    case Type::kSint64:
      return ColumnKind::kSint64;
    case Type::kUint64:
      return ColumnKind::kUint64;
    case Type::kReal32:
    case Type::kReal64:
      return ColumnKind::kReal64;
    case Type::kString:
    case Type::kDatetime:
    case Type::kReference:
      return ColumnKind::kText;
    default:
      return ColumnKind::kValues;
  }
}

}  // namespace

TableColumn::TableColumn(std::span<const Instance> rows, const Property& property)
    : kind_(kind_of(property)) {
  const int slot = property.slot;
  if (std::all_of(rows.begin(), rows.end(),
                  [&](const Instance& row) { return row.at(slot).is_null(); })) {
    kind_ = ColumnKind::kNull;
    return;
  }
  switch (kind_) {
    case ColumnKind::kBool:
      fill<std::uint8_t>(rows, slot, [](const Value& v) { return v.as_boolean() ? 1 : 0; });
      break;
    case ColumnKind::kSint32:
      fill<std::int32_t>(rows, slot, [](const Value& v) { return v.as_sint64(); });
      break;
    case ColumnKind::kUint32:
      fill<std::uint32_t>(rows, slot, [](const Value& v) { return v.as_uint32(); });
      break;
    case ColumnKind::kSint64:
      fill<std::int64_t>(rows, slot, [](const Value& v) { return v.as_sint64(); });
      break;
    case ColumnKind::kUint64:
      fill<std::uint64_t>(rows, slot, [](const Value& v) { return v.as_uint64(); });
      break;
    case ColumnKind::kReal64:
      fill<double>(rows, slot, [](const Value& v) { return v.as_real(); });
      break;
    case ColumnKind::kText:
      fill_text(rows, slot);
      break;
    default:
      cell_bytes_ = sizeof(Value);
      values_.reserve(rows.size());
      for (const Instance& row : rows) values_.push_back(row.at(slot));
  }
}

template <class Cell, class Get>
void TableColumn::fill(std::span<const Instance> rows, int slot, Get get) {
  cell_bytes_ = sizeof(Cell);
  cells_.resize((rows.size() * sizeof(Cell) + 7) / 8);
  auto* const bytes = reinterpret_cast<std::byte*>(cells_.data());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Value& value = rows[i].at(slot);
    if (value.is_null()) {
      if (valid_.empty()) valid_.assign((rows.size() + 63) / 64, ~std::uint64_t{0});
      valid_[i / 64] &= ~(std::uint64_t{1} << (i % 64));
      continue;
    }
    const auto cell = static_cast<Cell>(get(value));
    std::memcpy(bytes + i * sizeof(Cell), &cell, sizeof(Cell));
  }
}

void TableColumn::fill_text(std::span<const Instance> rows, int slot) {
  std::unordered_map<std::string_view, std::uint32_t> codes;  // views of the rows' own texts
  fill<std::uint32_t>(rows, slot, [&](const Value& value) {
    const auto next = static_cast<std::uint32_t>(values_.size());
    const auto [it, fresh] = codes.try_emplace(value.as_text(), next);
    if (fresh) values_.push_back(value);
    return it->second;
  });
  dictionary_.entries = values_;
}

Column TableColumn::from(std::size_t first) const {
  if (kind_ == ColumnKind::kNull) return {};
  if (kind_ == ColumnKind::kValues) return Column::values(values_.data() + first);
  Column out;
  out.kind = kind_;
  out.data = reinterpret_cast<const std::byte*>(cells_.data()) + first * cell_bytes_;
  out.valid = valid_.empty() ? nullptr : valid_.data() + first / 64;
  out.dictionary = kind_ == ColumnKind::kText ? &dictionary_ : nullptr;
  return out;
}

}  // namespace slwmi::cim
