// Changes over a hive view that are not committed yet: what a transaction reads from and writes to,
// and the step from one overlay to the next. Everything here is newer than all that the view shows.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "registry/hive_view.hpp"

namespace slwmi::reg {

class Draft {
 public:
  explicit Draft(HiveView base) : base_(std::move(base)) {}

  const HiveView& base() const { return base_; }
  const std::vector<Op>& ops() const { return ops_; }
  bool empty() const { return ops_.empty(); }

  // As the members of HiveView of the same names, with the changes in.
  std::optional<ValueView> find(KeyId key, NameId name) const;
  bool exists(KeyId key) const;
  std::vector<Subkey> subkeys(KeyId key) const;
  std::vector<NamedValue> values(KeyId key) const;
  std::optional<SpellingId> spelling(KeyId key) const;
  std::string path(KeyId key) const;
  SecurityId security(KeyId key) const;
  FileTime last_write(KeyId key, FileTime now) const;

  // Applies one change: of the kinds that a ChangeSet may have.
  void apply(Op change);
  // Takes back all but the first `count` changes.
  void rollback(std::size_t count);

  // The machine's own writes with the changes in, stamped; what that does to the rows goes to
  // `delta`.
  Overlay seal(Generation generation, FileTime now, OwnDelta* delta) const;

 private:
  struct PendingKey {
    SpellingId spelling = SpellingId::kDefault;
    SecurityId security = SecurityId::kInherited;
    bool created = false;
    bool deleted = false;
    bool secured = false;
    bool touched = false;  // last-write time
  };
  struct PendingValue {
    KeyId key = KeyId::kNone;
    SpellingId spelling = SpellingId::kDefault;
    bool deleted = false;
    bool born = false;  // was not there before, so it is listed last
    std::uint32_t sequence = 0;
    ValueData data = {};
  };

  bool hidden(KeyId key) const;  // by a pending deletion of it or of a key above
  bool exists_below_layers(KeyId key) const;
  void touch(KeyId key);
  void keep_without_layers(KeyId key);
  void create(const Op& op);
  void erase_tree(KeyId key);
  void put_value(const Op& op);
  OwnKey sealed(KeyId key, const PendingKey& pending, Generation generation, FileTime now) const;
  OwnValue sealed(const PendingValue& pending, Generation generation) const;
  bool hides_something(KeyId key) const;
  bool hides_something(KeyId key, NameId name) const;

  HiveView base_;
  std::vector<Op> ops_;
  std::unordered_map<KeyId, PendingKey> keys_;
  std::unordered_map<std::uint64_t, PendingValue> values_;
  std::uint32_t sequence_ = 0;
  bool any_deleted_ = false;
};

}  // namespace slwmi::reg
