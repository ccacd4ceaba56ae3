#include "registry/registry.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "registry/draft.hpp"

namespace slwmi::reg {

struct Key::Context {
  std::shared_ptr<Store> store;
  Principal caller;
  const Clock* clock;
  std::shared_ptr<Draft> draft;  // while a transaction is open
  int level = 0;                 // how many are
  bool exclusive = false;        // one of them is
  std::vector<Bytes> events;     // attached to them

  // Calls `read` with what is to be seen now.
  template <class Read>
  auto see(Read read) -> decltype(read(std::declval<const Draft&>())) {
    if (draft) return read(std::as_const(*draft));
    SL_TRY(HiveView view, store->view());
    return read(Draft(std::move(view)));
  }
  Result<> write(std::vector<Op> ops) {
    if (ops.empty()) return {};
    if (draft) {
      for (Op& op : ops) draft->apply(std::move(op));
      return {};
    }
    SL_CHECK(store->commit({.ops = std::move(ops), .now = clock->now()}));
    return {};
  }
  Result<> write(Op op) {
    if (!draft) return write(std::vector<Op>{std::move(op)});
    draft->apply(std::move(op));
    return {};
  }
  // Opens or makes what lies below `base`, which must exist.
  static Result<Key> create(const std::shared_ptr<Context>& context, KeyId base,
                            const std::vector<std::string_view>& parts, Access want, bool* made);
};

namespace {

constexpr std::size_t kMaxLevelsPerCreate = 32;

tl::unexpected<Error> missing(const char* what) { return fail(HResult::kErrorFileNotFound, what); }
tl::unexpected<Error> denied(const char* what) { return fail(HResult::kEAccessdenied, what); }

Result<Access> grant(const Draft& now, KeyId key, const Principal& caller, Access want) {
  const std::optional<Access> granted = check_access(security_of(now.security(key)), caller, want);
  if (!granted) return denied("the key's security descriptor refuses the access");
  return *granted;
}

Result<> alive(const Draft& now, KeyId key) {
  if (now.exists(key)) return {};
  return fail(HResult::kErrorKeyDeleted, "the key has been deleted");
}

// HKLM, HKU and the hives right below them are no keys that a program makes or deletes.
bool is_fixed(KeyId key) { return depth_of(key) <= 2; }

Result<std::optional<KeyId>> find_open_key(const Draft& now, KeyId base, std::string_view subkey) {
  SL_TRY(const auto parts, split_subkey(subkey));
  const std::optional<KeyId> key = find(base, parts);
  if (!key || !now.exists(*key)) return std::optional<KeyId>{};
  return key;
}

// Where a root lies for the caller now. A user without a hive works in HKU\.DEFAULT.
KeyId root_key(const Draft& now, Root root, const Sid& caller) {
  const KeyId key = resolve(root, caller);
  if (root != Root::kCurrentUser || now.exists(key)) return key;
  return intern_key(KeyId::kUsers, intern_name(".DEFAULT").id);
}

template <class T>
Result<T> item(std::vector<T> items, std::size_t index) {
  if (index >= items.size()) return fail(HResult::kErrorNoMoreItems, "there are no more items");
  return std::move(items[index]);
}

Result<> collect_tree(const Draft& now, KeyId key, const Principal& caller) {
  SL_CHECK(grant(now, key, caller, access::kDelete));
  for (const Subkey& child : now.subkeys(key)) SL_CHECK(collect_tree(now, child.key, caller));
  return {};
}

// The operations that make the missing keys of a path, and whether the last was missing.
struct Creation {
  std::vector<Op> ops = {};
  KeyId key = KeyId::kNone;
  bool made = false;
};

Result<Creation> plan_creation(const Draft& now, KeyId base,
                               const std::vector<std::string_view>& parts,
                               const Principal& caller) {
  Creation out{.key = base};
  SecurityId security = SecurityId::kInherited;  // of out.key, once a key is missing
  for (const std::string_view part : parts) {
    const Name name = intern_name(part);
    const KeyId child = intern_key(out.key, name.id);
    if (!out.made && !now.exists(child)) {
      out.made = true;
      security = now.security(out.key);
    }
    if (out.made) {
      if (is_fixed(child)) return fail(HResult::kEInvalidarg, "no key can be made below a root");
      const SecurityDescriptor& parent = security_of(security);
      if (!check_access(parent, caller, access::kCreateSubKey)) {
        return denied("the parent's security descriptor refuses new subkeys");
      }
      const SecurityId mine = intern_security(inherit(parent, caller));
      const bool usual = mine == handed_down(security);
      out.ops.push_back({.kind = OpKind::kCreateKey,
                         .security = usual ? SecurityId::kInherited : mine,
                         .key = child,
                         .spelling = name.spelling});
      security = mine;
    }
    out.key = child;
  }
  if (out.ops.size() > kMaxLevelsPerCreate) {
    return fail(HResult::kEInvalidarg, "more than 32 levels of keys in one call");
  }
  if (depth_of(out.key) > kMaxDepth) {
    return fail(HResult::kEInvalidarg, "the path is deeper than 512 keys");
  }
  return out;
}

constexpr int kDaclBits = kDaclPresent | kDaclProtected | kDaclAutoInherited | kDaclAutoInheritReq;
constexpr int kSaclBits = kSaclPresent | kSaclProtected | kSaclAutoInherited | kSaclAutoInheritReq;

void copy_control(const SecurityDescriptor& from, SecurityDescriptor& to, int bits) {
  to.control = static_cast<std::uint16_t>((to.control & ~bits) | (from.control & bits));
}

void copy_parts(const SecurityDescriptor& from, SecurityDescriptor& to, std::uint32_t parts) {
  if ((parts & kOwnerPart) != 0) to.owner = from.owner;
  if ((parts & kGroupPart) != 0) to.group = from.group;
  if ((parts & kDaclPart) != 0) {
    to.dacl = from.dacl;
    copy_control(from, to, kDaclBits);
  }
  if ((parts & kSaclPart) != 0) {
    to.sacl = from.sacl;
    copy_control(from, to, kSaclBits);
  }
}

}  // namespace

// --- Key ---

Key::Key(std::shared_ptr<Context> context, KeyId key, Access granted)
    : context_(std::move(context)), key_(key), granted_(granted) {}

Result<> Key::need(Access right) const {
  if ((granted_ & right) == right) return {};
  return denied("the key was not opened with the right that this needs");
}

Result<std::string> Key::path() const {
  return context_->see([&](const Draft& now) -> Result<std::string> { return now.path(key_); });
}

Result<ValueData> Key::get(std::string_view name) const {
  SL_CHECK(need(access::kQueryValue));
  return context_->see([&](const Draft& now) -> Result<ValueData> {
    SL_CHECK(alive(now, key_));
    const std::optional<NameId> id = find_name(name);
    const std::optional<ValueView> value = id ? now.find(key_, *id) : std::nullopt;
    if (!value) return missing("the key has no such value");
    return ValueData(*value);
  });
}

Result<std::vector<ValueEntry>> Key::values() const {
  SL_CHECK(need(access::kQueryValue));
  return context_->see([&](const Draft& now) -> Result<std::vector<ValueEntry>> {
    SL_CHECK(alive(now, key_));
    std::vector<ValueEntry> out;
    for (const NamedValue& value : now.values(key_)) {
      out.push_back({std::string(text_of(value.spelling)), ValueData(value.value)});
    }
    return out;
  });
}

Result<ValueEntry> Key::value_at(std::size_t index) const {
  SL_TRY(auto all, values());
  return item(std::move(all), index);
}

Result<KeyInfo> Key::info() const {
  SL_CHECK(need(access::kQueryValue));
  return context_->see([&](const Draft& now) -> Result<KeyInfo> {
    SL_CHECK(alive(now, key_));
    KeyInfo info;
    for (const Subkey& child : now.subkeys(key_)) {
      ++info.subkeys;
      info.longest_subkey = std::max(info.longest_subkey, utf16_length(text_of(child.spelling)));
    }
    for (const NamedValue& value : now.values(key_)) {
      ++info.values;
      info.longest_value_name =
          std::max(info.longest_value_name, utf16_length(text_of(value.spelling)));
      info.longest_value = std::max(info.longest_value, value.value.data.size());
    }
    info.last_write = now.last_write(key_, context_->clock->now());
    return info;
  });
}

Result<std::vector<std::string>> Key::subkeys() const {
  SL_CHECK(need(access::kEnumerateSubKeys));
  return context_->see([&](const Draft& now) -> Result<std::vector<std::string>> {
    SL_CHECK(alive(now, key_));
    std::vector<std::string> out;
    for (const Subkey& child : now.subkeys(key_)) out.emplace_back(text_of(child.spelling));
    return out;
  });
}

Result<std::string> Key::subkey_at(std::size_t index) const {
  SL_TRY(auto all, subkeys());
  return item(std::move(all), index);
}

Result<> Key::set(std::string_view name, const ValueData& data) {
  SL_CHECK(need(access::kSetValue));
  SL_CHECK(check_value_name(name));
  SL_CHECK(context_->see([&](const Draft& now) { return alive(now, key_); }));
  return context_->write({.kind = OpKind::kSetValue,
                          .key = key_,
                          .spelling = intern_name(name).spelling,
                          .value = data});
}

Result<> Key::remove_value(std::string_view name) {
  SL_CHECK(need(access::kSetValue));
  const std::optional<NameId> id = find_name(name);
  const Result<> allowed = context_->see([&](const Draft& now) -> Result<> {
    SL_CHECK(alive(now, key_));
    if (!id || !now.find(key_, *id)) return missing("the key has no such value");
    return {};
  });
  SL_CHECK(allowed);
  return context_->write({.kind = OpKind::kDeleteValue,
                          .key = key_,
                          .spelling = static_cast<SpellingId>(number(*id))});
}

Result<Key> Key::open(std::string_view subkey, Access want) const {
  return context_->see([&](const Draft& now) -> Result<Key> {
    SL_CHECK(alive(now, key_));
    SL_TRY(const std::optional<KeyId> key, find_open_key(now, key_, subkey));
    if (!key) return missing("there is no such key");
    SL_TRY(const Access granted, grant(now, *key, context_->caller, want));
    return Key(context_, *key, granted);
  });
}

Result<Key> Key::Context::create(const std::shared_ptr<Context>& context, KeyId base,
                                 const std::vector<std::string_view>& parts, Access want,
                                 bool* made) {
  Access granted = 0;
  SL_TRY(Creation plan, context->see([&](const Draft& now) -> Result<Creation> {
    SL_CHECK(alive(now, base));
    SL_TRY(Creation out, plan_creation(now, base, parts, context->caller));
    if (!out.made) {
      SL_TRY(granted, grant(now, out.key, context->caller, want));
    }
    return out;
  }));
  if (made != nullptr) *made = plan.made;
  if (!plan.made) return Key(context, plan.key, granted);
  SL_CHECK(context->write(std::move(plan.ops)));
  // The maker of a key gets what it asks for.
  const Access asked = (want & access::kMaximumAllowed) != 0 ? access::kAllAccess : want;
  const SecurityDescriptor open_to_all{};
  return Key(context, plan.key, check_access(open_to_all, context->caller, asked).value_or(0));
}

Result<Key> Key::create(std::string_view subkey, Access want, bool* made) {
  SL_TRY(const auto parts, split_subkey(subkey));
  return Context::create(context_, key_, parts, want, made);
}

Result<> Key::remove_key(std::string_view subkey) {
  KeyId target = KeyId::kNone;
  const Result<> allowed = context_->see([&](const Draft& now) -> Result<> {
    SL_CHECK(alive(now, key_));
    SL_TRY(const std::optional<KeyId> key, find_open_key(now, key_, subkey));
    if (!key) return missing("there is no such key");
    SL_CHECK(grant(now, *key, context_->caller, access::kDelete));
    if (is_fixed(*key)) return denied("a hive cannot be deleted");
    if (!now.subkeys(*key).empty()) return denied("a key with subkeys cannot be deleted");
    target = *key;
    return {};
  });
  SL_CHECK(allowed);
  return context_->write({.kind = OpKind::kDeleteKey, .key = target});
}

Result<> Key::remove_tree(std::string_view subkey) {
  KeyId target = KeyId::kNone;
  const Result<> allowed = context_->see([&](const Draft& now) -> Result<> {
    SL_CHECK(alive(now, key_));
    SL_TRY(const std::optional<KeyId> key, find_open_key(now, key_, subkey));
    if (!key) return missing("there is no such key");
    if (is_fixed(*key)) return denied("a hive cannot be deleted");
    target = *key;
    return collect_tree(now, *key, context_->caller);
  });
  SL_CHECK(allowed);
  return context_->write({.kind = OpKind::kDeleteKey, .key = target});
}

Result<SecurityDescriptor> Key::security(std::uint32_t parts) const {
  if ((parts & (kOwnerPart | kGroupPart | kDaclPart)) != 0) SL_CHECK(need(access::kReadControl));
  if ((parts & kSaclPart) != 0) SL_CHECK(need(access::kAccessSystemSecurity));
  return context_->see([&](const Draft& now) -> Result<SecurityDescriptor> {
    SL_CHECK(alive(now, key_));
    const SecurityDescriptor& all = security_of(now.security(key_));
    SecurityDescriptor out;
    copy_parts(all, out, parts);
    return out;
  });
}

Result<> Key::set_security(const SecurityDescriptor& descriptor, std::uint32_t parts) {
  if ((parts & (kOwnerPart | kGroupPart)) != 0) SL_CHECK(need(access::kWriteOwner));
  if ((parts & kDaclPart) != 0) SL_CHECK(need(access::kWriteDac));
  if ((parts & kSaclPart) != 0) SL_CHECK(need(access::kAccessSystemSecurity));
  SecurityDescriptor next;
  const Result<> allowed = context_->see([&](const Draft& now) -> Result<> {
    SL_CHECK(alive(now, key_));
    next = security_of(now.security(key_));
    return {};
  });
  SL_CHECK(allowed);
  copy_parts(descriptor, next, parts);
  return context_->write(
      {.kind = OpKind::kSetSecurity, .security = intern_security(next), .key = key_});
}

// --- Transaction ---

Transaction::Transaction(std::shared_ptr<Key::Context> context)
    : context_(std::move(context)), level_(++context_->level) {
  mark_ = context_->draft->ops().size();
  event_mark_ = context_->events.size();
}

Transaction::Transaction(Transaction&& other) noexcept
    : context_(std::move(other.context_)),
      level_(other.level_),
      mark_(other.mark_),
      event_mark_(other.event_mark_) {}

Transaction::~Transaction() {
  if (context_ == nullptr || context_->level < level_) return;
  context_->level = level_ - 1;
  context_->events.resize(event_mark_);
  if (context_->level == 0) {
    context_->exclusive = false;
    context_->draft.reset();
  } else {
    context_->draft->rollback(mark_);
  }
}

Result<Generation> Transaction::commit() {
  if (context_ == nullptr || context_->level != level_) {
    return fail(HResult::kEUnexpected, "the transaction is over, or one inside it is still open");
  }
  const std::shared_ptr<Key::Context> context = std::move(context_);
  context_ = nullptr;
  if (--context->level > 0) return Generation{0};
  const std::shared_ptr<const Draft> draft = std::exchange(context->draft, nullptr);
  const bool exclusive = std::exchange(context->exclusive, false);
  std::vector<Bytes> events = std::exchange(context->events, {});
  if (draft->empty() && events.empty()) return draft->base().generation();
  return context->store->commit({.ops = draft->ops(),
                                 .now = context->clock->now(),
                                 .base = draft->base().generation(),
                                 .exclusive = exclusive,
                                 .events = std::move(events),
                                 .draft = draft});
}

void Transaction::make_exclusive() { context_->exclusive = true; }

void Transaction::attach(Bytes event) { context_->events.push_back(std::move(event)); }

const std::vector<Op>& Transaction::pending() const {
  static const std::vector<Op> kNone;
  return context_ == nullptr || !context_->draft ? kNone : context_->draft->ops();
}

// --- Registry ---

Registry::Registry(std::shared_ptr<Store> store, Principal caller, const Clock& clock)
    : context_(std::make_shared<Key::Context>()) {
  context_->store = std::move(store);
  context_->caller = std::move(caller);
  context_->clock = &clock;
}

const Principal& Registry::caller() const { return context_->caller; }

Result<Key> Registry::open(std::string_view path, Access want) const {
  SL_TRY(const Path parsed, parse_path(path));
  return context_->see([&](const Draft& now) -> Result<Key> {
    const KeyId root = root_key(now, parsed.root, context_->caller.user);
    const std::optional<KeyId> key = find(root, parsed.components);
    if (!key || !now.exists(*key)) return missing("there is no such key");
    SL_TRY(const Access granted, grant(now, *key, context_->caller, want));
    return Key(context_, *key, granted);
  });
}

Result<Key> Registry::open(KeyId key, Access want) const {
  return context_->see([&](const Draft& now) -> Result<Key> {
    if (!now.exists(key)) return missing("there is no such key");
    SL_TRY(const Access granted, grant(now, key, context_->caller, want));
    return Key(context_, key, granted);
  });
}

Result<Key> Registry::open_root(Root root, Access want) const {
  return open(long_name(root), want);
}

Result<Key> Registry::create(std::string_view path, Access want, bool* made) {
  SL_TRY(const Path parsed, parse_path(path));
  SL_TRY(const KeyId base, context_->see([&](const Draft& now) -> Result<KeyId> {
    return root_key(now, parsed.root, context_->caller.user);
  }));
  return Key::Context::create(context_, base, parsed.components, want, made);
}

Result<> Registry::remove_key(std::string_view path) {
  SL_TRY(Key key, open(path, access::kDelete));
  return key.remove_key("");
}

Result<ValueData> Registry::get(std::string_view path, std::string_view name) const {
  SL_TRY(const Key key, open(path, access::kQueryValue));
  return key.get(name);
}

Result<> Registry::set(std::string_view path, std::string_view name, const ValueData& data) {
  SL_CHECK(check_value_name(name));
  SL_TRY(Transaction transaction, begin());
  SL_TRY(Key key, create(path, access::kSetValue));
  SL_CHECK(key.set(name, data));
  SL_CHECK(transaction.commit());
  return {};
}

Result<bool> Registry::has(KeyId key, std::string_view name) const {
  return context_->see([&](const Draft& now) -> Result<bool> {
    const std::optional<NameId> id = find_name(name);
    return id && now.exists(key) && now.find(key, *id);
  });
}

Result<Transaction> Registry::begin() {
  if (!context_->draft) {
    SL_TRY(HiveView view, context_->store->view());
    context_->draft = std::make_shared<Draft>(std::move(view));
  }
  return Transaction(context_);
}

// --- notification ---

bool touches(const ChangeSet& changes, KeyId key, bool subtree, std::uint32_t filter) {
  const auto covers = [&](KeyId changed) {
    return subtree ? is_within(changed, key) : changed == key;
  };
  return std::any_of(changes.ops.begin(), changes.ops.end(), [&](const Op& op) {
    switch (op.kind) {
      case OpKind::kCreateKey:
        return (filter & kNotifyName) != 0 && covers(parent_of(op.key));
      case OpKind::kDeleteKey:  // one above the key takes it along
        return (filter & kNotifyName) != 0 && (covers(parent_of(op.key)) || is_within(key, op.key));
      case OpKind::kSetSecurity:
      case OpKind::kResetSecurity:
        return (filter & kNotifySecurity) != 0 && covers(op.key);
      default:
        return (filter & kNotifyLastSet) != 0 && covers(op.key);
    }
  });
}

}  // namespace slwmi::reg
