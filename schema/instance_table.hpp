// The static instances of one class, found by key in a fraction of a microsecond. A table that is
// shared never changes: writers copy it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "schema/class.hpp"
#include "schema/instance.hpp"

namespace slwmi::cim {

enum class PutMode : std::uint8_t { kCreateOrUpdate, kUpdateOnly, kCreateOnly };

class TableColumn;

class InstanceTable {
 public:
  explicit InstanceTable(ClassPtr cls);
  ~InstanceTable();
  InstanceTable(const InstanceTable& other);  // another serial
  InstanceTable& operator=(const InstanceTable&) = delete;

  const ClassPtr& cls() const { return cls_; }
  const std::vector<Instance>& rows() const { return rows_; }
  std::uint64_t serial() const { return serial_; }  // keys caches

  // The row whose keys, in the order of Class::key_slots, are these; texts compare without case. -1
  // when there is none. Rows of a class with neither keys nor the singleton qualifier are nameless.
  std::int64_t find_row(std::span<const Value> keys) const;
  const Instance* find(std::span<const Value> keys) const {
    const std::int64_t row = find_row(keys);
    return row < 0 ? nullptr : &rows_[static_cast<std::size_t>(row)];
  }
  const Instance* find(std::string_view relpath) const;  // as a path's text

  // The property of every row as an array; made when it is first asked for, safe from any thread.
  const TableColumn& column(int slot) const;

  void reserve(std::size_t rows);
  // `row` is of cls(). WBEM_E_ILLEGAL_NULL for a null key, WBEM_E_ALREADY_EXISTS, WBEM_E_NOT_FOUND.
  Result<> put(Instance row, PutMode mode = PutMode::kCreateOrUpdate);
  void erase(std::size_t row);

 private:
  bool named() const { return !cls_->key_slots().empty() || cls_->is_singleton(); }
  std::uint64_t hash_of(const Instance& row) const;
  bool has_keys(const Instance& row, std::span<const Value> keys) const;
  void grow(std::size_t rows);
  void index_row(std::uint32_t row);

  ClassPtr cls_;
  std::vector<Instance> rows_;
  std::vector<std::uint32_t> index_;  // open addressing by the keys' hash; row + 1, 0: free
  std::uint64_t serial_;
  mutable std::mutex columns_lock_;
  mutable std::vector<std::unique_ptr<const TableColumn>> columns_;  // by slot
};
using InstanceTablePtr = std::shared_ptr<const InstanceTable>;

}  // namespace slwmi::cim
