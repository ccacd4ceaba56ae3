#include "registry/names.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "registry/growing_array.hpp"

namespace slwmi::reg {
namespace {

// Open addressing over ids (stored plus one). Readers probe the published table without a lock; a
// grown table is published whole and the old ones stay for readers that still look at them.
class IdTable {
 public:
  IdTable() { publish(1024); }

  template <class Equal>
  std::optional<std::uint32_t> find(std::uint64_t hash, Equal equal) const {
    const Table* table = current_.load(std::memory_order_acquire);
    for (std::size_t i = hash & table->mask;; i = (i + 1) & table->mask) {
      const std::uint32_t slot = table->slots[i].load(std::memory_order_acquire);
      if (slot == 0) return std::nullopt;
      if (equal(slot - 1)) return slot - 1;
    }
  }
  // Under the writer's lock; `hash_of(id)` gives the hash of any id in the table.
  template <class HashOf>
  void insert(std::uint64_t hash, std::uint32_t id, HashOf hash_of) {
    if (++used_ * 2 > current_.load(std::memory_order_relaxed)->mask) grow(hash_of);
    put(*current_.load(std::memory_order_relaxed), hash, id);
  }

 private:
  struct Table {
    std::size_t mask = 0;
    std::unique_ptr<std::atomic<std::uint32_t>[]> slots;
  };
  static void put(Table& table, std::uint64_t hash, std::uint32_t id) {
    std::size_t i = hash & table.mask;
    while (table.slots[i].load(std::memory_order_relaxed) != 0) i = (i + 1) & table.mask;
    table.slots[i].store(id + 1, std::memory_order_release);
  }
  Table& make(std::size_t size) {
    auto table = std::make_unique<Table>();
    table->mask = size - 1;
    table->slots = std::make_unique<std::atomic<std::uint32_t>[]>(size);
    owned_.push_back(std::move(table));
    return *owned_.back();
  }
  void publish(std::size_t size) { current_.store(&make(size), std::memory_order_release); }
  template <class HashOf>
  void grow(HashOf hash_of) {
    const Table& old = *current_.load(std::memory_order_relaxed);
    Table& bigger = make((old.mask + 1) * 2);
    for (std::size_t i = 0; i <= old.mask; ++i) {
      const std::uint32_t slot = old.slots[i].load(std::memory_order_relaxed);
      if (slot != 0) put(bigger, hash_of(slot - 1), slot - 1);
    }
    current_.store(&bigger, std::memory_order_release);
  }

  std::atomic<Table*> current_{nullptr};
  std::vector<std::unique_ptr<Table>> owned_;
  std::size_t used_ = 0;
};

struct Spelling {
  const char* text = "";
  std::uint32_t length = 0;
  NameId folded = NameId::kDefault;
  std::uint64_t hash = 0;

  std::string_view view() const { return {text, length}; }
};

struct KeyNode {
  KeyId parent = KeyId::kNone;
  NameId name = NameId::kDefault;
  std::uint32_t depth = 0;
};

std::uint64_t hash_of_key(KeyId parent, NameId name) {
  return mix64((std::uint64_t{number(parent)} << 32) | number(name));
}

class Names {
 public:
  Names() {
    add_spelling("", hash64(std::string_view{}), true);
    keys_.append({});  // KeyId::kNone
    add_key(KeyId::kNone, intern("HKEY_LOCAL_MACHINE").id);
    add_key(KeyId::kNone, intern("HKEY_USERS").id);
  }

  Name intern(std::string_view text) {
    const std::uint64_t hash = hash64(text);
    if (const auto id = find_spelling(text, hash)) return name(*id);
    const std::string folded = fold(text);
    const std::lock_guard lock(mutex_);
    if (const auto id = find_spelling(text, hash)) return name(*id);
    const std::uint64_t folded_hash = hash64(folded);
    auto folded_id = find_spelling(folded, folded_hash);
    if (!folded_id) folded_id = add_spelling(folded, folded_hash, true);
    if (folded == text) return name(*folded_id);
    return name(add_spelling(text, hash, false, static_cast<NameId>(*folded_id)));
  }
  std::optional<NameId> find(std::string_view text) const {
    if (const auto id = find_spelling(text, hash64(text))) return spellings_[*id].folded;
    const std::string folded = fold(text);
    if (const auto id = find_spelling(folded, hash64(folded))) return static_cast<NameId>(*id);
    return std::nullopt;
  }
  const Spelling& spelling(std::uint32_t id) const { return spellings_[id]; }

  KeyId intern(KeyId parent, NameId name) {
    if (const auto id = find(parent, name)) return *id;
    const std::lock_guard lock(mutex_);
    if (const auto id = find(parent, name)) return *id;
    return add_key(parent, name);
  }
  std::optional<KeyId> find(KeyId parent, NameId name) const {
    const auto id = key_table_.find(hash_of_key(parent, name), [&](std::uint32_t i) {
      return keys_[i].parent == parent && keys_[i].name == name;
    });
    if (!id) return std::nullopt;
    return static_cast<KeyId>(*id);
  }
  const KeyNode& key(KeyId id) const { return keys_[number(id)]; }

 private:
  Name name(std::uint32_t id) const { return {spellings_[id].folded, static_cast<SpellingId>(id)}; }
  std::optional<std::uint32_t> find_spelling(std::string_view text, std::uint64_t hash) const {
    return spelling_table_.find(hash, [&](std::uint32_t i) {
      return spellings_[i].hash == hash && spellings_[i].view() == text;
    });
  }
  std::uint32_t add_spelling(std::string_view text, std::uint64_t hash, bool is_fold,
                             NameId folded = NameId::kDefault) {
    char* copy = allocate(text.size());
    std::copy_n(text.data(), text.size(), copy);  // an empty text may have no data
    if (is_fold) folded = static_cast<NameId>(spellings_.size());
    const std::uint32_t id =
        spellings_.append({copy, static_cast<std::uint32_t>(text.size()), folded, hash});
    spelling_table_.insert(hash, id, [&](std::uint32_t i) { return spellings_[i].hash; });
    return id;
  }
  KeyId add_key(KeyId parent, NameId name) {
    const std::uint32_t id = keys_.append({parent, name, keys_[number(parent)].depth + 1});
    key_table_.insert(hash_of_key(parent, name), id,
                      [&](std::uint32_t i) { return hash_of_key(keys_[i].parent, keys_[i].name); });
    return static_cast<KeyId>(id);
  }
  char* allocate(std::size_t size) {
    constexpr std::size_t kArena = 16384;
    if (size > kArena / 4) return texts_.emplace_back(std::make_unique<char[]>(size)).get();
    if (size > arena_left_) {
      arena_ = texts_.emplace_back(std::make_unique<char[]>(kArena)).get();
      arena_left_ = kArena;
    }
    char* out = arena_;
    arena_ += size;
    arena_left_ -= size;
    return out;
  }

  mutable std::mutex mutex_;
  GrowingArray<Spelling> spellings_;
  IdTable spelling_table_;
  GrowingArray<KeyNode> keys_;
  IdTable key_table_;
  std::vector<std::unique_ptr<char[]>> texts_;
  char* arena_ = nullptr;
  std::size_t arena_left_ = 0;
};

// Never destroyed: ids are good until the process ends, in destructors of static objects too.
Names& names() {
  static Names& instance = *new Names;
  return instance;
}

}  // namespace

Name intern_name(std::string_view text) { return names().intern(text); }
std::optional<NameId> find_name(std::string_view text) { return names().find(text); }
NameId name_of(SpellingId spelling) { return names().spelling(number(spelling)).folded; }
std::string_view text_of(SpellingId spelling) { return names().spelling(number(spelling)).view(); }
std::string_view folded_text(NameId name) { return names().spelling(number(name)).view(); }

std::strong_ordering compare(NameId a, NameId b) {
  if (a == b) return std::strong_ordering::equal;
  return compare_ordinal(folded_text(a), folded_text(b));
}

KeyId intern_key(KeyId parent, NameId name) { return names().intern(parent, name); }
std::optional<KeyId> find_key(KeyId parent, NameId name) { return names().find(parent, name); }
KeyId parent_of(KeyId key) { return names().key(key).parent; }
NameId name_of(KeyId key) { return names().key(key).name; }
int depth_of(KeyId key) { return static_cast<int>(names().key(key).depth); }

bool is_within(KeyId key, KeyId ancestor) {
  const int depth = depth_of(ancestor);
  int steps = depth_of(key) - depth;
  for (; steps > 0; --steps) key = parent_of(key);
  return steps == 0 && key == ancestor;
}

}  // namespace slwmi::reg
