// A plan: what a push or a removal would change, per group of equal machines and per value, old and
// new. Pure: the world says what the machines see, and this says the difference; the cost is that
// of the groups, however many machines each has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/datetime.hpp"
#include "base/hash.hpp"
#include "policy/document.hpp"
#include "registry/hive_view.hpp"

namespace slwmi::policy {

// A policy on a machine.
struct Applied {
  std::string name;
  Hash128 hash = {};
  reg::LayerPtr layer;
};

// The rules of a machine's list of policies, first to last applied. A push puts its policy last, in
// place of an older one of the same name (without regard to case); a removal takes it out. Both
// leave the others in their order.
std::vector<Applied> after_push(std::span<const Applied> before, Applied pushed);
std::vector<Applied> after_removal(std::span<const Applied> before, std::string_view name);

// Machines that a plan cannot tell apart: the same role, image, list of policies and generation of
// the list, and own writes that agree wherever the policies look.
struct Group {
  std::vector<std::string> machines;  // by name; at least one
  std::string role;                   // "kms-client"
  reg::HiveView view;
  std::vector<Applied> policies = {};  // first to last applied; the layers of `view`
};

// Collects machines into groups, for a push of `coming` (null for a removal). A machine without own
// writes costs a look-up; one with them, its writes.
class Grouping {
 public:
  explicit Grouping(reg::LayerPtr coming = nullptr);
  ~Grouping();
  Grouping(Grouping&&) noexcept;
  Grouping& operator=(Grouping&&) noexcept;

  // `policies` are the layers of `view`, first to last applied.
  void add(std::string machine, std::string_view role, const reg::HiveView& view,
           std::span<const Applied> policies);
  // The groups in the order of their first machine.
  std::vector<Group> take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

enum class Change : std::uint8_t { kAdd, kChange, kDelete, kUnchanged };
std::string_view to_text(Change change);  // "add", "change", "delete", "unchanged"

// One value (or key, or a key's descriptor) before and after.
struct Difference {
  enum class What : std::uint8_t { kValue, kKey, kSecurity };
  What what = What::kValue;
  Change change = Change::kUnchanged;
  std::string key;           // as the machine spells it
  std::string value = {};    // name; empty: the default value
  std::string setting = {};  // the catalogue's name, if it has one
  std::optional<reg::ValueData> before = {};
  std::optional<reg::ValueData> after = {};
  reg::Source before_source = reg::Source::kNone;  // who says the old value
  reg::Source after_source = reg::Source::kNone;
  std::string policy = {};  // whose layer says the new value, if one does
};

struct Counts {
  std::size_t add = 0, change = 0, remove = 0, unchanged = 0;
  std::size_t changes() const { return add + change + remove; }
  bool operator==(const Counts&) const = default;
};

struct GroupPlan {
  std::vector<std::string> machines;
  std::string role;
  bool list_changes = false;            // the machines' list of policies becomes another
  Counts counts;                        // per machine
  std::vector<Difference> differences;  // by key and value; unchanged ones too
  std::vector<Applied> after;           // the machines' policies then, first to last applied
  // Of their list then: the next one for a push; a removal keeps what it was.
  reg::Generation stamp = 0;
  Findings lints;

  // When false, applying leaves these machines alone, and `after` is what they have.
  bool differs() const { return list_changes || counts.changes() != 0; }
};

struct Plan {
  std::string policy;
  bool removal = false;
  Hash128 hash = {};             // of the layer pushed
  std::uint64_t generation = 0;  // of the world that was looked at
  std::size_t machines = 0;
  Counts counts;  // of all machines together
  std::size_t machines_changed = 0;
  std::vector<GroupPlan> groups;  // by first machine
  Findings warnings;              // of the document and the targets

  // False when applying would change nothing on any machine.
  bool differs() const { return machines_changed != 0; }
};

// `generation` is the world's; `now` its clock.
Result<Plan> plan_push(const Document& document, std::span<const Group> groups,
                       reg::Generation generation, FileTime now);
Result<Plan> plan_removal(std::string_view policy, std::span<const Group> groups,
                          reg::Generation generation, FileTime now);

// For people: a line a value, old -> new, and the counts. With `all`, unchanged values too.
std::string to_text(const Plan& plan, bool all = false);
// "REG_DWORD 10080 (7 days)", "REG_SZ \"kms01\"", "(none)".
std::string to_text(const std::optional<reg::ValueData>& data, const SettingInfo* info = nullptr);

}  // namespace slwmi::policy
