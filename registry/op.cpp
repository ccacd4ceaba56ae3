#include "registry/op.hpp"

#include <algorithm>
#include <unordered_map>

namespace slwmi::reg {

KeyId OpBuilder::create_key(KeyId base, const std::vector<std::string_view>& components) {
  for (const std::string_view component : components) {
    const Name name = intern_name(component);
    base = intern_key(base, name.id);
    if (made_.insert(base).second) {
      ops_.push_back({.kind = OpKind::kCreateKey, .key = base, .spelling = name.spelling});
    }
  }
  return base;
}

void OpBuilder::set_value(KeyId key, SpellingId name, ValueData value) {
  ops_.push_back(
      {.kind = OpKind::kSetValue, .key = key, .spelling = name, .value = std::move(value)});
}
void OpBuilder::soft_set_value(KeyId key, SpellingId name, ValueData value) {
  ops_.push_back(
      {.kind = OpKind::kSoftSetValue, .key = key, .spelling = name, .value = std::move(value)});
}
void OpBuilder::delete_value(KeyId key, SpellingId name) {
  ops_.push_back({.kind = OpKind::kDeleteValue, .key = key, .spelling = name});
}
void OpBuilder::delete_all_values(KeyId key) {
  ops_.push_back({.kind = OpKind::kDeleteAllValues, .key = key});
}
void OpBuilder::delete_key(KeyId key) {
  ops_.push_back({.kind = OpKind::kDeleteKey, .key = key});
  made_.clear();
}
void OpBuilder::set_security(KeyId key, SecurityId security) {
  ops_.push_back({.kind = OpKind::kSetSecurity, .security = security, .key = key});
}
void OpBuilder::reset_security(KeyId key) {
  ops_.push_back({.kind = OpKind::kResetSecurity, .key = key});
}

namespace {

constexpr std::uint32_t kMagic = 0x31504F53;  // "SOP1"
constexpr std::uint32_t kFixedKeys = 2;       // key indexes 0 and 1 are HKLM and HKU

bool has_spelling(OpKind kind) {
  return kind == OpKind::kCreateKey || kind == OpKind::kSetValue || kind == OpKind::kDeleteValue ||
         kind == OpKind::kSoftSetValue;
}
bool has_value(OpKind kind) { return kind == OpKind::kSetValue || kind == OpKind::kSoftSetValue; }
bool has_security(OpKind kind) {
  return kind == OpKind::kCreateKey || kind == OpKind::kSetSecurity;
}

// A number in groups of seven bits, low ones first.
void write_number(ByteWriter& out, std::uint64_t n) {
  while (n >= 0x80) {
    out.u8(static_cast<std::uint8_t>(n | 0x80));
    n >>= 7;
  }
  out.u8(static_cast<std::uint8_t>(n));
}

std::uint32_t read_number(ByteReader& in) {
  std::uint64_t n = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    const std::uint8_t byte = in.u8();
    n |= std::uint64_t{byte & 0x7Fu} << shift;
    if ((byte & 0x80) == 0) {
      if (n > 0xFFFFFFFFu) in.fail();
      return static_cast<std::uint32_t>(n);
    }
  }
  in.fail();
  return 0;
}

void write_sized(ByteWriter& out, ByteSpan bytes) {
  write_number(out, bytes.size());
  out.bytes(bytes);
}
ByteSpan read_sized(ByteReader& in) { return in.span(read_number(in)); }

// Numbers things by first use.
template <class Id>
class Table {
 public:
  std::uint32_t index(Id id) {
    const auto [it, added] = indexes_.try_emplace(id, static_cast<std::uint32_t>(ids_.size()));
    if (added) ids_.push_back(id);
    return it->second;
  }
  const std::vector<Id>& ids() const { return ids_; }

 private:
  std::unordered_map<Id, std::uint32_t> indexes_;
  std::vector<Id> ids_;
};

class Encoder {
 public:
  std::vector<std::byte> encode(const std::vector<Op>& ops) {
    ByteWriter body;
    for (const Op& op : ops) write(op, body);
    ByteWriter out;
    out.u32(kMagic);
    write_number(out, spellings_.ids().size());
    for (const SpellingId id : spellings_.ids()) write_sized(out, as_bytes(text_of(id)));
    write_number(out, keys_.size() / 2);
    for (const std::uint32_t n : keys_) write_number(out, n);
    write_number(out, securities_.ids().size());
    for (const SecurityId id : securities_.ids()) write_sized(out, to_bytes(security_of(id)));
    write_number(out, ops.size());
    out.bytes(body.data());
    return out.take();
  }

 private:
  std::uint32_t key_index(KeyId key) {
    if (key == KeyId::kLocalMachine) return 0;
    if (key == KeyId::kUsers) return 1;
    if (const auto it = key_indexes_.find(key); it != key_indexes_.end()) return it->second;
    const std::uint32_t parent = key_index(parent_of(key));
    // The folded name is a spelling of itself.
    const auto folded = static_cast<SpellingId>(number(name_of(key)));
    keys_.push_back(parent);
    keys_.push_back(spellings_.index(folded));
    const auto index = static_cast<std::uint32_t>(keys_.size() / 2 - 1 + kFixedKeys);
    key_indexes_.emplace(key, index);
    return index;
  }

  void write(const Op& op, ByteWriter& out) {
    out.u8(static_cast<std::uint8_t>(op.kind));
    write_number(out, key_index(op.key));
    if (has_spelling(op.kind)) write_number(out, spellings_.index(op.spelling));
    if (has_value(op.kind)) {
      write_number(out, static_cast<std::uint32_t>(op.value.type()));
      write_sized(out, op.value.data());
    }
    if (has_security(op.kind)) {
      const bool own = op.security != SecurityId::kInherited;
      write_number(out, own ? securities_.index(op.security) + 1 : 0);
    }
  }

  Table<SpellingId> spellings_;
  Table<SecurityId> securities_;
  std::unordered_map<KeyId, std::uint32_t> key_indexes_;
  std::vector<std::uint32_t> keys_;  // pairs: parent's index, name's index
};

class Decoder {
 public:
  explicit Decoder(ByteSpan bytes) : in_(bytes) {}

  Result<std::vector<Op>> decode() {
    if (in_.u32() != kMagic) return bad("the operations have another signature");
    for (std::uint32_t n = count(); n > 0; --n) {
      spellings_.push_back(intern_name(as_text(read_sized(in_))).spelling);
    }
    keys_ = {KeyId::kLocalMachine, KeyId::kUsers};
    for (std::uint32_t n = count(); n > 0; --n) {
      const KeyId parent = pick(keys_);
      const SpellingId name = pick(spellings_);
      if (!in_.ok()) break;
      keys_.push_back(intern_key(parent, name_of(name)));
    }
    securities_ = {SecurityId::kInherited};
    for (std::uint32_t n = count(); n > 0; --n) {
      SL_TRY(const SecurityDescriptor descriptor, parse_security(read_sized(in_)));
      securities_.push_back(intern_security(descriptor));
    }
    std::vector<Op> ops;
    const std::uint32_t op_count = count();
    ops.reserve(op_count);
    for (std::uint32_t n = 0; n < op_count && in_.ok(); ++n) ops.push_back(read());
    if (!in_.ok() || !in_.at_end()) return bad("the operations are cut off or damaged");
    return ops;
  }

 private:
  tl::unexpected<Error> bad(const char* what) const {
    return fail(HResult::kErrorInvalidData, what, SourcePos{in_.position()});
  }
  // A count of things that take at least one byte each.
  std::uint32_t count() {
    const std::uint32_t n = read_number(in_);
    if (n > in_.remaining()) in_.fail();
    return in_.ok() ? n : 0;
  }
  template <class T>
  T pick(const std::vector<T>& table) {
    const std::uint32_t index = read_number(in_);
    if (index >= table.size()) in_.fail();
    return in_.ok() ? table[index] : T{};
  }
  Op read() {
    Op op;
    const std::uint8_t kind = in_.u8();
    if (kind > static_cast<std::uint8_t>(OpKind::kResetSecurity)) in_.fail();
    if (!in_.ok()) return op;
    op.kind = static_cast<OpKind>(kind);
    op.key = pick(keys_);
    if (has_spelling(op.kind)) op.spelling = pick(spellings_);
    if (has_value(op.kind)) {
      const auto type = static_cast<ValueType>(read_number(in_));
      op.value = ValueData(type, read_sized(in_));
    }
    if (has_security(op.kind)) op.security = pick(securities_);
    return op;
  }

  ByteReader in_;
  std::vector<SpellingId> spellings_;
  std::vector<KeyId> keys_;
  std::vector<SecurityId> securities_;
};

}  // namespace

std::vector<std::byte> encode_ops(const std::vector<Op>& ops) { return Encoder().encode(ops); }
Result<std::vector<Op>> decode_ops(ByteSpan bytes) { return Decoder(bytes).decode(); }

}  // namespace slwmi::reg
