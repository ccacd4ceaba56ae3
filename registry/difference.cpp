// Own rows and layers name the keys and values that may differ; only those are compared.
#include "registry/difference.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace slwmi::reg {
namespace {

using ValueId = std::pair<KeyId, NameId>;

bool same_row(const OwnKey& a, const OwnKey& b) {
  return a.security == b.security && a.created == b.created && a.deleted == b.deleted &&
         a.secured == b.secured;
}

bool same_data(const std::optional<ValueView>& a, const std::optional<ValueView>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->type == b->type &&
                std::equal(a->data.begin(), a->data.end(), b->data.begin(), b->data.end()));
}

class Comparison {
 public:
  Comparison(const HiveView& before, const HiveView& after) : before_(before), after_(after) {}

  ChangeSet run() {
    own_rows(before_.own(), after_.own());
    own_rows(after_.own(), before_.own());
    if (before_.layers() != after_.layers()) {
      layer_rows(before_.layers());
      layer_rows(after_.layers());
    }
    compare_keys();
    compare_values();
    return std::move(changes_);
  }

 private:
  // Rows of `rows` that `others` has not, or has otherwise.
  void own_rows(const Overlay& rows, const Overlay& others) {
    for (std::size_t i = 0; i < rows.key_count(); ++i) {
      const OwnKey row = rows.key_at(i);
      OwnKey other;
      if (!others.find(row.key, other) || !same_row(row, other)) keys_.push_back(row.key);
    }
    for (std::size_t i = 0; i < rows.value_count(); ++i) {
      const OwnValue row = rows.value_at(i);
      OwnValue other;
      const bool there = others.find(row.key, row.name(), other);
      if (there && row.written == other.written) continue;
      values_.emplace_back(row.key, row.name());
      if (there && !row.deleted && !other.deleted) rewritten_.emplace_back(row.key, row.name());
    }
  }

  void layer_rows(const LayerListPtr& layers) {
    if (layers == nullptr) return;
    for (const LayerTable::Key& key : layers->table().keys()) {
      keys_.push_back(key.id);
      if (!key.deleted && !key.values_deleted) continue;
      for (const HiveView* view : {&before_, &after_}) all_of(*view, key.id, key.deleted);
    }
    for (const LayerTable::Value& value : layers->table().values())
      values_.emplace_back(value.key, value.name);
  }

  // What a deletion hides, or would hide: the values of a key, and with `subtree` all below it.
  void all_of(const HiveView& view, KeyId key, bool subtree) {
    for (const NamedValue& value : view.values(key))
      values_.emplace_back(key, name_of(value.spelling));
    if (!subtree) return;
    for (const Subkey& child : view.subkeys(key)) {
      keys_.push_back(child.key);
      all_of(view, child.key, true);
    }
  }

  template <class T>
  static void sort_once(std::vector<T>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }

  void compare_keys() {
    sort_once(keys_);
    for (const KeyId key : keys_) {
      const bool was = before_.exists(key), is = after_.exists(key);
      OwnKey old_row, row;
      before_.own().find(key, old_row);
      after_.own().find(key, row);
      const bool remade = was && is && row.created != 0 && row.created != old_row.created;
      if ((was && !is) || remade) add(OpKind::kDeleteKey, key);
      if ((!was && is) || remade) add(OpKind::kCreateKey, key);
      const bool secured = old_row.secured != row.secured ||
                           before_.explicit_security(key) != after_.explicit_security(key);
      if (was && is && secured) add(OpKind::kSetSecurity, key);
    }
  }

  void compare_values() {
    sort_once(values_);
    sort_once(rewritten_);
    for (const ValueId& id : values_) {
      const auto was = before_.find(id.first, id.second), is = after_.find(id.first, id.second);
      if (!was && !is) continue;
      const bool rewritten = std::binary_search(rewritten_.begin(), rewritten_.end(), id);
      if (same_data(was, is) && !rewritten) continue;
      add(is ? OpKind::kSetValue : OpKind::kDeleteValue, id.first,
          static_cast<SpellingId>(number(id.second)));
    }
  }

  void add(OpKind kind, KeyId key, SpellingId spelling = SpellingId::kDefault) {
    Op op;
    op.kind = kind;
    op.key = key;
    op.spelling = spelling;
    changes_.ops.push_back(std::move(op));
  }

  const HiveView& before_;
  const HiveView& after_;
  ChangeSet changes_;
  std::vector<KeyId> keys_;
  std::vector<ValueId> values_, rewritten_;
};

}  // namespace

ChangeSet difference(const HiveView& before, const HiveView& after) {
  return Comparison(before, after).run();
}

}  // namespace slwmi::reg
