#include "registry/overlay.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

#include "registry/slots.hpp"

namespace slwmi::reg {
namespace {

struct ValueRow {
  KeyId key;
  NameId name;
  SpellingId spelling;
  ValueType type;
  std::uint32_t size;
  std::uint32_t sequence;
  Generation written;
  Generation born;
  std::uint32_t deleted;
  std::uint32_t place;  // offset among the data or, up to four bytes, the data itself

  std::uint64_t order() const { return pair_of(key, name); }
};
static_assert(sizeof(OwnKey) == 48 && sizeof(ValueRow) == 48);

constexpr std::uint32_t kInlineData = 4;

std::uint64_t order_of(const OwnKey& row) {
  return (std::uint64_t{number(row.parent)} << 32) | number(row.key);
}
std::uint64_t order_of(const OwnValue& row) { return pair_of(row.key, row.name()); }

template <class Row>
std::vector<const Row*> in_order(std::span<const Row> rows) {
  std::vector<const Row*> out;
  out.reserve(rows.size());
  for (const Row& row : rows) out.push_back(&row);
  const auto less = [](const Row* a, const Row* b) { return order_of(*a) < order_of(*b); };
  if (!std::is_sorted(out.begin(), out.end(), less)) std::sort(out.begin(), out.end(), less);
  return out;
}

}  // namespace

struct Overlay::Block {
  std::atomic<std::uint32_t> references{1};
  std::uint32_t key_count = 0;
  std::uint32_t value_count = 0;
  std::uint32_t any_deleted = 0;
  std::size_t size = 0;

  OwnKey* keys() { return reinterpret_cast<OwnKey*>(this + 1); }
  ValueRow* values() { return reinterpret_cast<ValueRow*>(keys() + key_count); }
  std::byte* data() { return reinterpret_cast<std::byte*>(values() + value_count); }

  ValueRow* lower(std::uint64_t order) {
    return std::lower_bound(values(), values() + value_count, order,
                            [](const ValueRow& row, std::uint64_t o) { return row.order() < o; });
  }
  OwnKey* lower_key(std::uint64_t order) {
    return std::lower_bound(keys(), keys() + key_count, order,
                            [](const OwnKey& row, std::uint64_t o) { return order_of(row) < o; });
  }
  OwnValue value(std::size_t index) {
    const ValueRow& row = values()[index];
    const std::byte* bytes = row.size <= kInlineData
                                 ? reinterpret_cast<const std::byte*>(&row.place)
                                 : data() + row.place;
    return {row.key,      row.spelling, row.type, row.deleted != 0,
            row.sequence, row.written,  row.born, ByteSpan(bytes, row.size)};
  }
};

Overlay::Overlay(std::span<const OwnKey> keys, std::span<const OwnValue> values) {
  if (keys.empty() && values.empty()) return;
  std::size_t data = 0;
  for (const OwnValue& value : values) {
    if (value.data.size() > kInlineData) data += value.data.size();
  }
  const std::size_t size =
      sizeof(Block) + keys.size() * sizeof(OwnKey) + values.size() * sizeof(ValueRow) + data;
  block_ = new (::operator new(size)) Block;
  block_->key_count = static_cast<std::uint32_t>(keys.size());
  block_->value_count = static_cast<std::uint32_t>(values.size());
  block_->size = size;
  OwnKey* key_out = block_->keys();
  for (const OwnKey* key : in_order(keys)) {
    new (key_out++) OwnKey(*key);
    if (key->deleted != 0) block_->any_deleted = 1;
  }
  ValueRow* value_out = block_->values();
  std::uint32_t offset = 0;
  for (const OwnValue* value : in_order(values)) {
    const auto length = static_cast<std::uint32_t>(value->data.size());
    ValueRow* row = new (value_out++)
        ValueRow{value->key,      value->name(),  value->spelling, value->type,    length,
                 value->sequence, value->written, value->born,     value->deleted, 0};
    if (length > kInlineData) {
      std::memcpy(block_->data() + offset, value->data.data(), length);
      row->place = offset;
      offset += length;
    } else if (length > 0) {
      std::memcpy(&row->place, value->data.data(), length);
    }
  }
}

Overlay::Overlay(const Overlay& other) noexcept : block_(other.block_) {
  if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
}

Overlay& Overlay::operator=(Overlay other) noexcept {
  std::swap(block_, other.block_);
  return *this;
}

Overlay::~Overlay() {
  if (block_ != nullptr && block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    block_->~Block();
    ::operator delete(block_);
  }
}

std::size_t Overlay::key_count() const { return block_ == nullptr ? 0 : block_->key_count; }
std::size_t Overlay::value_count() const { return block_ == nullptr ? 0 : block_->value_count; }
std::size_t Overlay::memory() const { return block_ == nullptr ? 0 : block_->size; }

bool Overlay::find(KeyId key, OwnKey& out) const {
  if (block_ == nullptr || block_->key_count == 0) return false;
  const std::uint64_t order = (std::uint64_t{number(parent_of(key))} << 32) | number(key);
  const OwnKey* row = block_->lower_key(order);
  if (row == block_->keys() + block_->key_count || row->key != key) return false;
  out = *row;
  return true;
}

bool Overlay::find(KeyId key, NameId name, OwnValue& out) const {
  if (block_ == nullptr || block_->value_count == 0) return false;
  const std::uint64_t order = pair_of(key, name);
  const ValueRow* row = block_->lower(order);
  if (row == block_->values() + block_->value_count || row->order() != order) return false;
  out = block_->value(static_cast<std::size_t>(row - block_->values()));
  return true;
}

OwnKey Overlay::key_at(std::size_t index) const { return block_->keys()[index]; }
OwnValue Overlay::value_at(std::size_t index) const { return block_->value(index); }

std::pair<std::size_t, std::size_t> Overlay::children(KeyId parent) const {
  if (block_ == nullptr) return {0, 0};
  const std::uint64_t first = std::uint64_t{number(parent)} << 32;
  return {block_->lower_key(first) - block_->keys(),
          block_->lower_key(first + (std::uint64_t{1} << 32)) - block_->keys()};
}

std::pair<std::size_t, std::size_t> Overlay::values(KeyId key) const {
  if (block_ == nullptr) return {0, 0};
  const std::uint64_t first = std::uint64_t{number(key)} << 32;
  return {block_->lower(first) - block_->values(),
          block_->lower(first + (std::uint64_t{1} << 32)) - block_->values()};
}

Generation Overlay::barrier(KeyId key) const {
  if (block_ == nullptr || block_->any_deleted == 0) return 0;
  Generation newest = 0;
  OwnKey row;
  for (; key != KeyId::kNone; key = parent_of(key)) {
    if (find(key, row)) newest = std::max(newest, row.deleted);
  }
  return newest;
}

}  // namespace slwmi::reg
