#include "registry/draft.hpp"

#include <algorithm>
#include <utility>

#include "registry/slots.hpp"

namespace slwmi::reg {
namespace {

bool is_root(KeyId key) { return parent_of(key) == KeyId::kNone; }
SpellingId folded_spelling(KeyId key) { return static_cast<SpellingId>(number(name_of(key))); }

}  // namespace

// --- reading ---

bool Draft::hidden(KeyId key) const {
  if (!any_deleted_) return false;
  for (; key != KeyId::kNone; key = parent_of(key)) {
    const auto it = keys_.find(key);
    if (it != keys_.end() && it->second.deleted) return true;
  }
  return false;
}

std::optional<ValueView> Draft::find(KeyId key, NameId name) const {
  const auto it = values_.find(pair_of(key, name));
  if (it != values_.end()) {
    if (it->second.deleted) return std::nullopt;
    return it->second.data.view();
  }
  if (hidden(key)) return std::nullopt;
  return base_.find(key, name);
}

bool Draft::exists(KeyId key) const {
  const auto it = keys_.find(key);
  if (it != keys_.end() && it->second.created) return true;
  return !hidden(key) && base_.exists(key);
}

bool Draft::exists_below_layers(KeyId key) const {
  const auto it = keys_.find(key);
  if (it != keys_.end() && it->second.created) return true;
  return !hidden(key) && base_.exists_below_layers(key);
}

std::vector<Subkey> Draft::subkeys(KeyId key) const {
  std::vector<Subkey> out = base_.subkeys(key);
  std::erase_if(out, [&](const Subkey& child) { return !exists(child.key); });
  const std::size_t before = out.size();
  for (const auto& [child, pending] : keys_) {
    if (!pending.created || parent_of(child) != key) continue;
    const auto known = [&, id = child](const Subkey& s) { return s.key == id; };
    if (std::any_of(out.begin(), out.end(), known)) continue;
    out.push_back({child, pending.spelling});
  }
  if (out.size() > before) {
    std::sort(out.begin(), out.end(), [](const Subkey& a, const Subkey& b) {
      return compare(name_of(a.key), name_of(b.key)) < 0;
    });
  }
  return out;
}

std::vector<NamedValue> Draft::values(KeyId key) const {
  std::vector<NamedValue> out;
  if (!hidden(key)) out = base_.values(key);
  std::erase_if(out, [&](NamedValue& value) {
    const auto it = values_.find(pair_of(key, name_of(value.spelling)));
    if (it == values_.end()) return false;
    if (it->second.deleted || it->second.born) return true;
    value.value = it->second.data.view();
    value.source = Source::kOwn;
    return false;
  });
  std::vector<const PendingValue*> born;
  for (const auto& [pair, pending] : values_) {
    if (pending.key == key && pending.born && !pending.deleted) born.push_back(&pending);
  }
  std::sort(born.begin(), born.end(),
            [](const auto* a, const auto* b) { return a->sequence < b->sequence; });
  for (const PendingValue* pending : born) {
    out.push_back({pending->spelling, pending->data.view(), Source::kOwn});
  }
  return out;
}

std::optional<SpellingId> Draft::spelling(KeyId key) const {
  const std::optional<SpellingId> base = hidden(key) ? std::nullopt : base_.spelling(key);
  if (base) return base;
  const auto it = keys_.find(key);
  if (it == keys_.end() || !it->second.created) return std::nullopt;
  return it->second.spelling;
}

std::string Draft::path(KeyId key) const {
  if (is_root(key)) return std::string(folded_text(name_of(key)));
  const SpellingId own = spelling(key).value_or(folded_spelling(key));
  return path(parent_of(key)) + "\\" + std::string(text_of(own));
}

SecurityId Draft::security(KeyId key) const {
  const auto it = keys_.find(key);
  if (it != keys_.end() && it->second.secured) return it->second.security;
  if (!hidden(key)) {
    const SecurityId own = base_.explicit_security(key);
    if (own != SecurityId::kInherited) return own;
  }
  return is_root(key) ? machine_default() : handed_down(security(parent_of(key)));
}

FileTime Draft::last_write(KeyId key, FileTime now) const {
  const auto it = keys_.find(key);
  if (it != keys_.end() && it->second.touched) return now;
  return base_.last_write(key);
}

// --- writing ---

void Draft::touch(KeyId key) {
  if (!is_root(key)) keys_[key].touched = true;
}

// What is written must have its key, and must keep it when the layers that made the key go away.
void Draft::keep_without_layers(KeyId key) {
  for (; !is_root(key) && !(exists(key) && exists_below_layers(key)); key = parent_of(key)) {
    const SpellingId text = spelling(key).value_or(folded_spelling(key));
    PendingKey& pending = keys_[key];
    pending.created = true;
    pending.spelling = text;
  }
}

void Draft::create(const Op& op) {
  const bool existed = exists(op.key);
  if (!existed) {
    PendingKey& pending = keys_[op.key];
    pending.created = true;
    pending.spelling = op.spelling;
    touch(op.key);
    touch(parent_of(op.key));
    if (op.security != SecurityId::kInherited) {
      pending.security = op.security;
      pending.secured = true;
    }
  }
  keep_without_layers(existed ? op.key : parent_of(op.key));
}

void Draft::erase_tree(KeyId key) {
  std::erase_if(keys_, [&](const auto& entry) { return is_within(entry.first, key); });
  std::erase_if(values_, [&](const auto& entry) { return is_within(entry.second.key, key); });
  keys_[key].deleted = true;
  any_deleted_ = true;
  touch(parent_of(key));
}

void Draft::put_value(const Op& op) {
  const bool born = !find(op.key, op.name());
  PendingValue& pending = values_[pair_of(op.key, op.name())];
  if (born) {
    pending.born = true;
    pending.sequence = ++sequence_;
    pending.spelling = op.spelling;
  } else if (pending.key == KeyId::kNone) {
    pending.spelling = op.spelling;
  }
  pending.key = op.key;
  pending.deleted = false;
  pending.data = op.value;
  touch(op.key);
  keep_without_layers(op.key);
}

void Draft::apply(Op change) {
  const Op& op = ops_.emplace_back(std::move(change));
  switch (op.kind) {
    case OpKind::kCreateKey:
      return create(op);
    case OpKind::kSetValue:
      return put_value(op);
    case OpKind::kDeleteValue: {
      if (!find(op.key, op.name())) return;
      PendingValue& pending = values_[pair_of(op.key, op.name())];
      pending = {.key = op.key, .spelling = op.spelling, .deleted = true};
      return touch(op.key);
    }
    case OpKind::kDeleteKey:
      if (exists(op.key) && !is_root(op.key)) erase_tree(op.key);
      return;
    case OpKind::kSetSecurity: {
      keep_without_layers(op.key);
      PendingKey& pending = keys_[op.key];
      pending.security = op.security;
      pending.secured = true;
      return;
    }
    case OpKind::kDeleteAllValues:
    case OpKind::kSoftSetValue:
    case OpKind::kResetSecurity:
      return;  // not part of a change set
  }
}

void Draft::rollback(std::size_t count) {
  if (count >= ops_.size()) return;
  std::vector<Op> kept(ops_.begin(), ops_.begin() + static_cast<std::ptrdiff_t>(count));
  *this = Draft(std::move(base_));
  for (const Op& op : kept) apply(op);
}

// --- the next overlay ---

// Whether a deletion needs to stay written: something below would show without it.
bool Draft::hides_something(KeyId key) const {
  return base_.image()->find(key) != nullptr ||
         (base_.layers() != nullptr && base_.layers()->table().find(key) != nullptr);
}
bool Draft::hides_something(KeyId key, NameId name) const {
  return base_.image()->find(key, name) != nullptr ||
         (base_.layers() != nullptr && base_.layers()->table().find(key, name) != nullptr);
}

OwnKey Draft::sealed(KeyId key, const PendingKey& pending, Generation generation,
                     FileTime now) const {
  OwnKey row;
  if (hidden(key) || !base_.own().find(key, row)) {
    row = OwnKey{.parent = parent_of(key), .key = key, .spelling = folded_spelling(key)};
  }
  if (pending.deleted) row.deleted = generation;
  if (pending.created) {
    row.created = generation;
    row.spelling = pending.spelling;
  }
  if (pending.secured) {
    row.security = pending.security;
    row.secured = generation;
  }
  if (pending.touched || pending.created) row.written = now;
  return row;
}

OwnValue Draft::sealed(const PendingValue& pending, Generation generation) const {
  OwnValue row;
  const bool known = !hidden(pending.key) &&
                     base_.own().find(pending.key, name_of(pending.spelling), row) && !row.deleted;
  OwnValue out{.key = pending.key, .spelling = pending.spelling, .written = generation};
  if (pending.deleted) {
    out.deleted = true;
    return out;
  }
  out.type = pending.data.type();
  out.data = pending.data.data();
  if (pending.born) {
    out.born = generation;
    out.sequence = pending.sequence;
  } else if (known) {
    out.born = row.born;
    out.sequence = row.sequence;
    out.spelling = row.spelling;
  }
  return out;
}

Overlay Draft::seal(Generation generation, FileTime now, OwnDelta* delta) const {
  const Overlay& own = base_.own();
  OwnDelta changes;
  std::vector<OwnKey> keys;
  keys.reserve(own.key_count() + keys_.size());
  for (std::size_t i = 0; i < own.key_count(); ++i) {
    const OwnKey row = own.key_at(i);
    if (keys_.contains(row.key)) continue;
    if (hidden(row.key)) {
      changes.dropped_keys.push_back(row.key);
    } else {
      keys.push_back(row);
    }
  }
  for (const auto& [key, pending] : keys_) {
    const OwnKey row = sealed(key, pending, generation, now);
    if (row.created == 0 && row.deleted != 0 && !hides_something(key)) {
      OwnKey old;
      if (own.find(key, old)) changes.dropped_keys.push_back(key);
      continue;
    }
    keys.push_back(row);
    changes.keys.push_back(row);
  }
  std::vector<OwnValue> values;
  values.reserve(own.value_count() + values_.size());
  for (std::size_t i = 0; i < own.value_count(); ++i) {
    const OwnValue row = own.value_at(i);
    if (values_.contains(pair_of(row.key, row.name()))) continue;
    if (hidden(row.key)) {
      changes.dropped_values.push_back({row.key, row.name()});
    } else {
      values.push_back(row);
    }
  }
  std::vector<std::pair<KeyId, NameId>> written;
  for (const auto& [pair, pending] : values_) {
    const NameId name = name_of(pending.spelling);
    if (pending.deleted && !hides_something(pending.key, name)) {
      OwnValue old;
      if (own.find(pending.key, name, old)) changes.dropped_values.push_back({pending.key, name});
      continue;
    }
    values.push_back(sealed(pending, generation));
    written.push_back({pending.key, name});
  }
  Overlay next(keys, values);
  if (delta != nullptr) {
    for (const auto& [key, name] : written) next.find(key, name, changes.values.emplace_back());
    *delta = std::move(changes);
  }
  return next;
}

}  // namespace slwmi::reg
