#include "policy/plan.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/text.hpp"

namespace slwmi::policy {
namespace {

struct Slot {
  reg::KeyId key = reg::KeyId::kNone;
  reg::SpellingId spelling = reg::SpellingId::kDefault;
};

std::string spelled_path(const reg::HiveView& view, const reg::HiveView& other, reg::KeyId key) {
  if (view.exists(key)) return view.path(key);
  if (other.exists(key)) return other.path(key);
  const reg::KeyId parent = reg::parent_of(key);
  // The first spelling of a name has the name's own number.
  std::string text(reg::text_of(static_cast<reg::SpellingId>(reg::number(reg::name_of(key)))));
  return parent == reg::KeyId::kNone ? text : spelled_path(view, other, parent) + "\\" + text;
}

// What two views of one machine differ in, wherever the layers of either say something.
class Comparison {
 public:
  Comparison(const reg::HiveView& before, const reg::HiveView& after, const reg::Layer& subject,
             std::span<const Applied> policies)
      : before_(before), after_(after), policies_(policies) {
    for (const reg::Op& op : subject.ops()) {
      if (op.kind == reg::OpKind::kSetValue || op.kind == reg::OpKind::kSoftSetValue ||
          op.kind == reg::OpKind::kDeleteValue) {
        subject_.insert(reg::pair_of(op.key, op.name()));
      }
    }
  }

  std::vector<Difference> run() {
    for (const reg::HiveView* view : {&before_, &after_}) {
      if (view->layers() == nullptr) continue;
      const reg::LayerTable& table = view->layers()->table();
      for (const auto& value : table.values()) compare_value({value.key, value.spelling});
      for (const auto& key : table.keys()) {
        if (key.deleted) compare_tree(key.id);
        if (key.values_deleted) compare_values(key.id);
      }
    }
    for (const reg::HiveView* view : {&before_, &after_}) {
      if (view->layers() == nullptr) continue;
      for (const auto& key : view->layers()->table().keys()) compare_key(key);
    }
    std::sort(differences_.begin(), differences_.end(), [](const auto& a, const auto& b) {
      const auto by_key = compare_ignore_case(a.key, b.key);
      if (by_key != 0) return by_key < 0;
      if (a.what != b.what) return a.what > b.what;
      return compare_ignore_case(a.value, b.value) < 0;
    });
    return std::move(differences_);
  }

 private:
  void compare_tree(reg::KeyId key) {
    if (!walked_.insert(key).second) return;
    compare_values(key);
    for (const reg::HiveView* view : {&before_, &after_}) {
      for (const reg::Subkey& subkey : view->subkeys(key)) compare_tree(subkey.key);
    }
  }

  void compare_values(reg::KeyId key) {
    for (const reg::HiveView* view : {&before_, &after_}) {
      for (const reg::NamedValue& value : view->values(key)) compare_value({key, value.spelling});
    }
  }

  void compare_value(const Slot& slot) {
    const reg::NameId name = reg::name_of(slot.spelling);
    if (!compared_.insert(reg::pair_of(slot.key, name)).second) return;
    const auto old_value = before_.explain(slot.key, name);
    const auto new_value = after_.explain(slot.key, name);
    const bool was = old_value.source != reg::Source::kNone;
    const bool is = new_value.source != reg::Source::kNone;
    Difference difference;
    if (was && is) {
      difference.change = old_value.value == new_value.value ? Change::kUnchanged : Change::kChange;
    } else if (was != is) {
      difference.change = is ? Change::kAdd : Change::kDelete;
    }
    // Other policies' values are told only when they come out differently.
    const bool mine = subject_.contains(reg::pair_of(slot.key, name));
    if (difference.change == Change::kUnchanged && !mine) return;
    difference.key = spelled_path(after_, before_, slot.key);
    difference.value = reg::text_of(slot.spelling);
    if (const SettingInfo* info = find_setting(slot.key, name)) difference.setting = info->name;
    if (was) difference.before = reg::ValueData(old_value.value);
    if (is) difference.after = reg::ValueData(new_value.value);
    difference.before_source = old_value.source;
    difference.after_source = new_value.source;
    if (new_value.source == reg::Source::kLayer && new_value.layer < policies_.size()) {
      difference.policy = policies_[new_value.layer].name;
    }
    if (difference.change != Change::kUnchanged) tell(slot.key);
    differences_.push_back(std::move(difference));
  }

  // A key that comes or goes is told when no value in it or below says so already.
  void compare_key(const reg::LayerTable::Key& key) {
    if (!compared_keys_.insert(key.id).second) return;
    const bool was = before_.exists(key.id), is = after_.exists(key.id);
    if (was != is && told_.count(key.id) == 0) {
      tell(key.id);
      add_key(key.id, Difference::What::kKey, is ? Change::kAdd : Change::kDelete);
    }
    const bool secured = key.security != reg::SecurityId::kInherited || key.security_of_root;
    if (!secured || !is) return;
    const bool same = was && before_.security(key.id) == after_.security(key.id);
    add_key(key.id, Difference::What::kSecurity, same ? Change::kUnchanged : Change::kChange);
  }

  // A change in `key` tells of the keys above it, too.
  void tell(reg::KeyId key) {
    while (key != reg::KeyId::kNone && told_.insert(key).second) key = reg::parent_of(key);
  }

  void add_key(reg::KeyId key, Difference::What what, Change change) {
    Difference difference;
    difference.what = what;
    difference.change = change;
    difference.key = spelled_path(after_, before_, key);
    differences_.push_back(std::move(difference));
  }

  const reg::HiveView& before_;
  const reg::HiveView& after_;
  std::span<const Applied> policies_;
  std::unordered_set<std::uint64_t> subject_, compared_;
  std::unordered_set<reg::KeyId> walked_, compared_keys_, told_;
  std::vector<Difference> differences_;
};

void count(const Difference& difference, Counts& counts) {
  switch (difference.change) {
    case Change::kAdd:
      ++counts.add;
      break;
    case Change::kChange:
      ++counts.change;
      break;
    case Change::kDelete:
      ++counts.remove;
      break;
    case Change::kUnchanged:
      ++counts.unchanged;
      break;
  }
}

void add_counts(Counts& to, const Counts& from, std::size_t times) {
  to.add += from.add * times;
  to.change += from.change * times;
  to.remove += from.remove * times;
  to.unchanged += from.unchanged * times;
}

// Compiled lists by their layers, so that groups with the same list share one table.
class Lists {
 public:
  Lists(reg::Generation next, FileTime now) : next_(next), now_(now) {}

  reg::LayerListPtr pushed(std::span<const Applied> policies) {
    std::vector<reg::LayerPtr> layers = layers_of(policies);
    for (const reg::LayerListPtr& list : made_) {
      if (list->layers() == layers) return list;
    }
    made_.push_back(reg::LayerList::make(std::move(layers), next_, now_));
    return made_.back();
  }

  // A list that loses a policy stays as old as it was: what hid it before hides it still.
  reg::LayerListPtr reduced(std::span<const Applied> policies, const reg::LayerListPtr& before) {
    if (policies.empty()) return nullptr;
    return reg::LayerList::make(layers_of(policies), before == nullptr ? 0 : before->generation(),
                                before == nullptr ? now_ : before->applied());
  }

 private:
  static std::vector<reg::LayerPtr> layers_of(std::span<const Applied> policies) {
    std::vector<reg::LayerPtr> layers;
    for (const Applied& policy : policies) layers.push_back(policy.layer);
    return layers;
  }

  reg::Generation next_;
  FileTime now_;
  std::vector<reg::LayerListPtr> made_;
};

const Applied* find_policy(std::span<const Applied> policies, std::string_view name) {
  for (const Applied& policy : policies) {
    if (equal_ignore_case(policy.name, name)) return &policy;
  }
  return nullptr;
}

reg::Generation stamp_of(const reg::LayerListPtr& list) {
  return list == nullptr ? 0 : list->generation();
}

void finish(GroupPlan planned, Plan& plan) {
  for (const Difference& difference : planned.differences) count(difference, planned.counts);
  const std::size_t machines = planned.machines.size();
  plan.machines += machines;
  if (planned.differs()) plan.machines_changed += machines;
  add_counts(plan.counts, planned.counts, machines);
  plan.groups.push_back(std::move(planned));
}

// For documents without an order of their own, lints by role are the same for each group of that
// role.
const Findings& lints_of(const Document& document, const std::string& role,
                         std::unordered_map<std::string, Findings>& known) {
  const auto [it, fresh] = known.try_emplace(role);
  if (fresh && !role.empty()) it->second = lint(document, role);
  return it->second;
}

}  // namespace

std::vector<Applied> after_push(std::span<const Applied> before, Applied pushed) {
  std::vector<Applied> after = after_removal(before, pushed.name);
  after.push_back(std::move(pushed));
  return after;
}

std::vector<Applied> after_removal(std::span<const Applied> before, std::string_view name) {
  std::vector<Applied> after;
  for (const Applied& policy : before) {
    if (!equal_ignore_case(policy.name, name)) after.push_back(policy);
  }
  return after;
}

std::string_view to_text(Change change) {
  switch (change) {
    case Change::kAdd:
      return "add";
    case Change::kChange:
      return "change";
    case Change::kDelete:
      return "delete";
    case Change::kUnchanged:
      return "unchanged";
  }
  return "unchanged";
}

Result<Plan> plan_push(const Document& document, std::span<const Group> groups,
                       reg::Generation generation, FileTime now) {
  SL_TRY(Compiled compiled, compile(document));
  Plan plan;
  plan.policy = document.name;
  plan.hash = compiled.hash;
  plan.generation = generation;
  plan.warnings = document.warnings;
  for (Finding& finding : lint(document)) plan.warnings.push_back(std::move(finding));
  Lists lists(generation + 1, now);
  std::unordered_map<std::string, Findings> lints;
  for (const Group& group : groups) {
    GroupPlan planned;
    planned.machines = group.machines;
    planned.role = group.role;
    const Applied* present = find_policy(group.policies, document.name);
    planned.list_changes = present == nullptr || present->hash != compiled.hash;
    const Applied pushed{document.name, compiled.hash,
                         planned.list_changes ? compiled.layer : present->layer};
    planned.after = after_push(group.policies, pushed);
    planned.stamp = generation + 1;
    const reg::HiveView after = group.view.with_layers(lists.pushed(planned.after), planned.stamp);
    planned.differences = Comparison(group.view, after, *compiled.layer, planned.after).run();
    planned.lints = lints_of(document, group.role, lints);
    const bool changes = std::any_of(planned.differences.begin(), planned.differences.end(),
                                     [](const auto& d) { return d.change != Change::kUnchanged; });
    if (!planned.list_changes && !changes) {
      planned.after = group.policies;
      planned.stamp = stamp_of(group.view.layers());
    }
    finish(std::move(planned), plan);
  }
  return plan;
}

Result<Plan> plan_removal(std::string_view policy, std::span<const Group> groups,
                          reg::Generation generation, FileTime now) {
  Plan plan;
  plan.policy = policy;
  plan.removal = true;
  plan.generation = generation;
  Lists lists(generation + 1, now);
  for (const Group& group : groups) {
    GroupPlan planned;
    planned.machines = group.machines;
    planned.role = group.role;
    planned.after = after_removal(group.policies, policy);
    planned.stamp = stamp_of(group.view.layers());
    if (const Applied* present = find_policy(group.policies, policy)) {
      plan.policy = present->name;
      plan.hash = present->hash;
      planned.list_changes = true;
      const reg::HiveView after =
          group.view.with_layers(lists.reduced(planned.after, group.view.layers()), generation + 1);
      planned.differences = Comparison(group.view, after, *present->layer, planned.after).run();
    }
    finish(std::move(planned), plan);
  }
  return plan;
}

}  // namespace slwmi::policy
