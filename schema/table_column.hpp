// One property of all rows of an instance table as an array of its type, the form that scans read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "schema/batch.hpp"
#include "schema/instance.hpp"

namespace slwmi::cim {

class TableColumn {
 public:
  TableColumn(std::span<const Instance> rows, const Property& property);
  TableColumn(const TableColumn&) = delete;
  TableColumn& operator=(const TableColumn&) = delete;

  // The rows from `first` on, which is a multiple of kBatchRows. Valid as long as this column.
  Column from(std::size_t first) const;

 private:
  template <class Cell, class Get>
  void fill(std::span<const Instance> rows, int slot, Get get);
  void fill_text(std::span<const Instance> rows, int slot);

  ColumnKind kind_ = ColumnKind::kNull;
  std::size_t cell_bytes_ = 0;
  std::vector<std::uint64_t> cells_;  // 8 bytes at a time, whatever the cell
  std::vector<std::uint64_t> valid_;  // empty: every row has a value
  std::vector<Value> values_;         // kValues: the rows'; kText: the distinct texts
  Dictionary dictionary_;
};

}  // namespace slwmi::cim
