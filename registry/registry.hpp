// The registry of one machine as one caller uses it: keys opened against their ACLs, values,
// enumeration, security, and transactions. What is read comes from the store's present view; what
// is written goes to the store as one change set for each call or, inside a transaction, as one for
// the outermost commit. Errors are Windows' codes as HRESULTs. A Registry, its keys and its
// transactions belong to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"
#include "registry/hive_view.hpp"
#include "registry/op.hpp"
#include "registry/path.hpp"
#include "registry/security.hpp"
#include "registry/value.hpp"

namespace slwmi::reg {

class Draft;

// What a commit changes, in order: kCreateKey, kSetValue, kDeleteValue, kDeleteKey and kSetSecurity
// only.
struct ChangeSet {
  std::vector<Op> ops = {};
  FileTime now = {};    // becomes the last-write time of the keys touched
  Generation base = 0;  // of the view that the changes were decided on
  // Refused with ERROR_TRANSACTIONAL_CONFLICT when the machine's own values were written after
  // `base`: for changes that follow from what was read.
  bool exclusive = false;
  // What happened along with the changes and lasts with them or not at all. Records of the event
  // log (provider/event_log.hpp), which nothing here looks into; each says itself where it ends.
  std::vector<Bytes> events = {};
  // The same `ops` applied to the view they were decided on, where there is one already.
  std::shared_ptr<const Draft> draft = nullptr;
};

// Where a machine's registry lives. Implementations decide how it lasts and who else sees it.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;
  // The newest committed state, other processes' commits included.
  virtual Result<HiveView> view() = 0;
  // Applies all of the changes to the newest state, or none of them; returns once they last.
  virtual Result<Generation> commit(const ChangeSet& changes) = 0;
};

// What RegQueryInfoKey tells.
struct KeyInfo {
  std::size_t subkeys = 0;
  std::size_t values = 0;
  std::size_t longest_subkey = 0;  // UTF-16 units, as the other names
  std::size_t longest_value_name = 0;
  std::size_t longest_value = 0;  // bytes
  FileTime last_write = {};
};

struct ValueEntry {
  std::string name;
  ValueData data;
};

// Which parts of a descriptor are read or replaced.
enum SecurityParts : std::uint32_t { kOwnerPart = 1, kGroupPart = 2, kDaclPart = 4, kSaclPart = 8 };

class Registry;

// An open key. It keeps the rights it was opened with; later changes of the ACL do not revoke them.
// Every call fails with E_ACCESSDENIED when the handle lacks the right named beside it, and with
// ERROR_KEY_DELETED once the key is gone. The names given are UTF-8; a value name "" is the default
// value.
class Key {
 public:
  KeyId id() const { return key_; }
  Access granted() const { return granted_; }
  Result<std::string> path() const;  // as the machine spells it

  // kQueryValue. ERROR_FILE_NOT_FOUND when there is no such value.
  Result<ValueData> get(std::string_view name) const;
  Result<std::vector<ValueEntry>> values() const;        // in the order of their making
  Result<ValueEntry> value_at(std::size_t index) const;  // ERROR_NO_MORE_ITEMS past the end
  Result<KeyInfo> info() const;
  // kEnumerateSubKeys. By upcased name.
  Result<std::vector<std::string>> subkeys() const;
  Result<std::string> subkey_at(std::size_t index) const;  // ERROR_NO_MORE_ITEMS past the end

  // kSetValue. Setting what is already there still counts as a write. E_INVALIDARG for a name over
  // the limit.
  Result<> set(std::string_view name, const ValueData& data);
  Result<> remove_value(std::string_view name);  // ERROR_FILE_NOT_FOUND

  // Below this key; "" opens the key itself again. A `want` of 0 is refused.
  Result<Key> open(std::string_view subkey, Access want = access::kRead) const;
  // Makes what is missing; each new key needs kCreateSubKey on its parent. `made` tells whether the
  // last was new.
  Result<Key> create(std::string_view subkey, Access want = access::kAllAccess,
                     bool* made = nullptr);
  // Needs DELETE on the key removed. E_ACCESSDENIED when it has subkeys.
  Result<> remove_key(std::string_view subkey);
  // The key and all below it; DELETE on each.
  Result<> remove_tree(std::string_view subkey);

  // READ_CONTROL; kSaclPart needs ACCESS_SYSTEM_SECURITY.
  Result<SecurityDescriptor> security(std::uint32_t parts = kOwnerPart | kGroupPart |
                                                            kDaclPart) const;
  // WRITE_OWNER for owner and group, WRITE_DAC for the DACL.
  Result<> set_security(const SecurityDescriptor& descriptor, std::uint32_t parts);

 private:
  friend class Registry;
  struct Context;
  friend class Transaction;
  Key(std::shared_ptr<Context> context, KeyId key, Access granted);
  Result<> need(Access right) const;

  std::shared_ptr<Context> context_;
  KeyId key_ = KeyId::kNone;
  Access granted_ = 0;
};

// Collects what is written through its Registry until commit(); goes away without a trace
// otherwise. Transactions nest: an inner commit hands its changes to the outer one. Reads inside
// see what was written inside.
class Transaction {
 public:
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  // The outermost returns the store's generation, an inner one 0. On failure nothing has changed
  // and the transaction is over.
  Result<Generation> commit();
  // What is pending, this transaction's and those around it.
  const std::vector<Op>& pending() const;
  // The outermost commit is refused (ERROR_TRANSACTIONAL_CONFLICT) when anybody else wrote own
  // values of the machine since the outermost begin(). A push of policy does not count.
  void make_exclusive();
  // An event that is committed with the changes, in the order of attaching.
  void attach(Bytes event);

 private:
  friend class Registry;
  explicit Transaction(std::shared_ptr<Key::Context> context);
  std::shared_ptr<Key::Context> context_;
  int level_ = 0;
  std::size_t mark_ = 0;
  std::size_t event_mark_ = 0;
};

class Registry {
 public:
  // The clock must outlive the registry and all that came from it.
  Registry(std::shared_ptr<Store> store, Principal caller, const Clock& clock);

  const Principal& caller() const;

  // ERROR_FILE_NOT_FOUND when a component is missing; E_ACCESSDENIED when the DACL refuses a right
  // of `want`.
  Result<Key> open(std::string_view path, Access want = access::kRead) const;
  Result<Key> open(KeyId key, Access want = access::kRead) const;
  Result<Key> open_root(Root root, Access want = access::kMaximumAllowed) const;
  Result<Key> create(std::string_view path, Access want = access::kAllAccess, bool* made = nullptr);
  Result<> remove_key(std::string_view path);

  // Open, get, close; open or make, set, close.
  Result<ValueData> get(std::string_view path, std::string_view name) const;
  Result<> set(std::string_view path, std::string_view name, const ValueData& data);
  // Whether the key is there and has the value; asks no access of the caller.
  Result<bool> has(KeyId key, std::string_view name) const;

  Result<Transaction> begin();

 private:
  std::shared_ptr<Key::Context> context_;
};

// RegNotifyChangeKeyValue's filters.
enum NotifyFilter : std::uint32_t {
  kNotifyName = 1,
  kNotifyAttributes = 2,
  kNotifyLastSet = 4,
  kNotifySecurity = 8
};
// Whether a commit changes what a watcher of `key` waits for: names of its subkeys, its values, its
// descriptor; with `subtree`, of all below it too.
bool touches(const ChangeSet& changes, KeyId key, bool subtree, std::uint32_t filter);

}  // namespace slwmi::reg
