#include "schema/instance_table.hpp"

#include <atomic>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "schema/object_path.hpp"
#include "schema/table_column.hpp"

namespace slwmi::cim {
namespace {

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

std::uint64_t key_hash(std::uint64_t seed, const Value& key) {
  return combine(seed, is_text(key.type()) ? hash_ignore_case(key.as_text()) : key.hash());
}
bool same_key(const Value& a, const Value& b) {
  return is_text(a.type()) && is_text(b.type()) ? equal_ignore_case(a.as_text(), b.as_text())
                                                : a == b;
}

}  // namespace

InstanceTable::InstanceTable(ClassPtr cls) : cls_(std::move(cls)), serial_(next_serial()) {}

InstanceTable::InstanceTable(const InstanceTable& other)
    : cls_(other.cls_), rows_(other.rows_), index_(other.index_), serial_(next_serial()) {}

InstanceTable::~InstanceTable() = default;

const TableColumn& InstanceTable::column(int slot) const {
  const std::lock_guard lock(columns_lock_);
  if (columns_.empty()) columns_.resize(cls_->properties().size());
  std::unique_ptr<const TableColumn>& column = columns_[static_cast<std::size_t>(slot)];
  if (column == nullptr) {
    column = std::make_unique<const TableColumn>(
        rows_, cls_->properties()[static_cast<std::size_t>(slot)]);
  }
  return *column;
}

std::uint64_t InstanceTable::hash_of(const Instance& row) const {
  std::uint64_t hash = 0;
  for (const int slot : cls_->key_slots()) hash = key_hash(hash, row.at(slot));
  return hash;
}

bool InstanceTable::has_keys(const Instance& row, std::span<const Value> keys) const {
  const std::vector<int>& slots = cls_->key_slots();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (!same_key(row.at(slots[i]), keys[i])) return false;
  }
  return true;
}

std::int64_t InstanceTable::find_row(std::span<const Value> keys) const {
  if (index_.empty() || keys.size() != cls_->key_slots().size()) return -1;
  std::uint64_t hash = 0;
  for (const Value& key : keys) hash = key_hash(hash, key);
  const std::size_t mask = index_.size() - 1;
  for (std::size_t i = hash & mask; index_[i] != 0; i = (i + 1) & mask) {
    if (has_keys(rows_[index_[i] - 1], keys)) return index_[i] - 1;
  }
  return -1;
}

const Instance* InstanceTable::find(std::string_view relpath) const {
  const auto path = ObjectPath::parse(relpath);
  if (!path || !equal_ignore_case(path->class_name(), cls_->name())) return nullptr;
  const auto keys = path->resolve(*cls_);
  return keys ? find(*keys) : nullptr;
}

void InstanceTable::index_row(std::uint32_t row) {
  const std::size_t mask = index_.size() - 1;
  std::size_t i = hash_of(rows_[row]) & mask;
  while (index_[i] != 0) i = (i + 1) & mask;
  index_[i] = row + 1;
}

void InstanceTable::grow(std::size_t rows) {
  if (!named() || rows * 3 <= index_.size() * 2) return;
  std::size_t size = 8;
  while (rows * 3 > size * 2) size *= 2;
  index_.assign(size, 0);
  for (std::uint32_t row = 0; row < rows_.size(); ++row) index_row(row);
}

void InstanceTable::reserve(std::size_t rows) {
  rows_.reserve(rows);
  grow(rows);
}

Result<> InstanceTable::put(Instance row, PutMode mode) {
  columns_.clear();
  std::int64_t old = -1;
  if (named()) {
    std::vector<Value> keys;
    keys.reserve(cls_->key_slots().size());
    for (const int slot : cls_->key_slots()) {
      keys.push_back(row.at(slot));
      if (keys.back().is_null()) {
        return fail(HResult::kWbemEIllegalNull, "a key of class " + cls_->name() + " is null");
      }
    }
    old = find_row(keys);
  }
  if (old < 0 && mode == PutMode::kUpdateOnly)
    return fail(HResult::kWbemENotFound, "there is no instance " + row.relpath());
  if (old >= 0 && mode == PutMode::kCreateOnly)
    return fail(HResult::kWbemEAlreadyExists, "instance " + row.relpath() + " exists already");
  if (old >= 0) {
    rows_[static_cast<std::size_t>(old)] = std::move(row);
    return {};
  }
  grow(rows_.size() + 1);
  rows_.push_back(std::move(row));
  if (named()) index_row(static_cast<std::uint32_t>(rows_.size() - 1));
  return {};
}

void InstanceTable::erase(std::size_t row) {
  columns_.clear();
  rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(row));
  index_.clear();
  grow(rows_.size());
}

}  // namespace slwmi::cim
