// Policy of a world: what the policy part decides, applied to the machines that it is for.
#include <unordered_set>

#include "base/text.hpp"
#include "policy/document.hpp"
#include "policy/plan.hpp"
#include "policy/targeting.hpp"
#include "world/session.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

namespace slwmi::world {
namespace {

std::vector<policy::Applied> as_applied(const std::vector<StoredPolicy>& stored) {
  std::vector<policy::Applied> out;
  out.reserve(stored.size());
  for (const StoredPolicy& policy : stored) out.push_back({policy.name, policy.hash, policy.layer});
  return out;
}

// The list as the store keeps it: descriptions come from `known`.
std::vector<StoredPolicy> as_stored(const std::vector<policy::Applied>& list,
                                    const std::vector<StoredPolicy>& known) {
  std::vector<StoredPolicy> out;
  for (const policy::Applied& policy : list) {
    StoredPolicy stored{policy.name, {}, policy.hash, policy.layer};
    for (const StoredPolicy& other : known) {
      if (other.name == policy.name && other.hash == policy.hash)
        stored.description = other.description;
    }
    out.push_back(std::move(stored));
  }
  return out;
}

// The machines in groups of equal ones, as plans look at them; by number instead of by name when
// `numbered`.
std::vector<policy::Group> groups_of(std::span<const Store::MachineView> views,
                                     reg::LayerPtr coming, bool numbered = false) {
  policy::Grouping grouping(std::move(coming));
  const std::vector<StoredPolicy>* last = nullptr;
  std::vector<policy::Applied> applied;
  for (const Store::MachineView& machine : views) {
    if (machine.policies.get() != last) {
      last = machine.policies.get();
      applied = as_applied(*last);
    }
    grouping.add(numbered ? std::to_string(machine.id) : machine.name, machine.profile->role,
                 machine.view, applied);
  }
  return grouping.take();
}

bool has_layer(const std::vector<StoredPolicy>& policies, const StoredPolicy& wanted) {
  for (const StoredPolicy& policy : policies) {
    if (equal_ignore_case(policy.name, wanted.name)) return policy.hash == wanted.hash;
  }
  return false;
}

// Of machines that have the policy already those on which a push would still change something.
Result<std::vector<MachineId>> differing(const policy::Document& document,
                                         const reg::LayerPtr& layer,
                                         std::span<const Store::MachineView> views, FileTime now) {
  const std::vector<policy::Group> groups = groups_of(views, layer, /*numbered=*/true);
  const reg::Generation generation = views.empty() ? 0 : views.front().view.generation();
  SL_TRY(const policy::Plan plan, policy::plan_push(document, groups, generation, now));
  std::vector<MachineId> ids;
  for (const policy::GroupPlan& group : plan.groups) {
    if (!group.differs()) continue;
    for (const std::string& number : group.machines) {
      ids.push_back(static_cast<MachineId>(parse_unsigned(number).value_or(0)));
    }
  }
  return ids;
}

// The machines of a world as targets ask for them.
class WorldFleet final : public policy::Fleet {
 public:
  WorldFleet(World& world, const Principal& caller) : world_(world), caller_(caller) {}

  Result<> machines(FunctionRef<bool(const policy::MachineFacts&)> sink) override {
    Store& store = world_.shared().store();
    SL_TRY(const std::vector<MachineId> ids, store.ids());
    for (const MachineId id : ids) {
      SL_TRY(const MachineInfo info, store.info(id));
      if (!sink({info.name, info.profile->role, info.profile->os})) break;
    }
    return {};
  }

  Result<bool> has_row(std::string_view machine, std::string_view ns,
                       std::string_view query) override {
    SL_TRY(const Machine found, world_.machine(machine));
    SL_TRY(Session session, found.connect(caller_, ns));
    bool any = false;
    SL_CHECK(session.query_rows(query, [&](const wql::Row&) {
      any = true;
      return false;
    }));
    return any;
  }

 private:
  World& world_;
  const Principal& caller_;
};

}  // namespace

Result<policy::Selection> World::select_machines(const policy::TargetSet& targets,
                                                 const Principal& caller) {
  WorldFleet fleet(*this, caller);
  return policy::select(targets, fleet);
}

Result<policy::Plan> World::plan_policy(const policy::Document& document,
                                        std::span<const std::string> machines) {
  Store& store = shared_->store();
  SL_TRY(const std::vector<MachineId> ids, store.find_machines(machines));
  SL_TRY(const policy::Compiled compiled, policy::compile(document));
  SL_TRY(const std::vector<Store::MachineView> views, store.views(ids));
  SL_TRY(const std::uint64_t generation, store.generation());
  SL_TRY(const FileTime now, store.now());
  return policy::plan_push(document, groups_of(views, compiled.layer), generation, now);
}

Result<policy::Plan> World::plan_removal(std::string_view name,
                                         std::span<const std::string> machines) {
  Store& store = shared_->store();
  SL_TRY(const std::vector<MachineId> ids, store.find_machines(machines));
  SL_TRY(const std::vector<Store::MachineView> views, store.views(ids));
  SL_TRY(const std::uint64_t generation, store.generation());
  SL_TRY(const FileTime now, store.now());
  return policy::plan_removal(name, groups_of(views, nullptr), generation, now);
}

Result<std::uint64_t> World::apply_policy(const policy::Document& document,
                                          std::span<const std::string> machines) {
  Store& store = shared_->store();
  SL_CHECK(policy::check_policy_name(document.name));
  SL_TRY(const std::vector<MachineId> ids, store.find_machines(machines));
  SL_TRY(const policy::Compiled compiled, policy::compile(document));
  SL_TRY(const FileTime now, store.now());
  const StoredPolicy pushed{document.name, document.description, compiled.hash, compiled.layer};
  const auto next = [&](const std::vector<StoredPolicy>& before, reg::Generation) {
    std::vector<StoredPolicy> known = before;
    known.push_back(pushed);
    Store::NewList list;
    list.policies = as_stored(
        policy::after_push(as_applied(before), {pushed.name, pushed.hash, pushed.layer}), known);
    list.ask = has_layer(before, pushed);
    return list;
  };
  return store.change_policies(ids, next, [&](std::span<const Store::MachineView> views) {
    return differing(document, compiled.layer, views, now);
  });
}

Result<std::uint64_t> World::remove_policy(std::string_view name,
                                           std::span<const std::string> machines) {
  Store& store = shared_->store();
  SL_TRY(const std::vector<MachineId> ids, store.find_machines(machines));
  SL_TRY(const std::optional<StoredPolicy> known, store.find_policy(name));
  if (!known) return fail(HResult::kErrorNotFound, "there is no policy " + std::string(name));
  return store.change_policies(
      ids, [&](const std::vector<StoredPolicy>& before, reg::Generation stamp) {
        return Store::NewList{as_stored(policy::after_removal(as_applied(before), name), before),
                              stamp};
      });
}

Result<std::vector<World::PolicyStatus>> World::policy_status() {
  SL_TRY(const std::vector<Store::PolicyTable> table, shared_->store().policy_table());
  std::vector<PolicyStatus> out;
  out.reserve(table.size());
  for (const Store::PolicyTable& row : table)
    out.push_back({row.name, row.generation, row.machines, row.settings});
  return out;
}

Result<std::vector<std::string>> World::policies_of(std::string_view name) {
  SL_TRY(const Machine machine, this->machine(name));
  SL_TRY(const std::vector<StoredPolicy> policies, shared_->store().policies(machine.id()));
  std::vector<std::string> out;
  out.reserve(policies.size());
  for (const StoredPolicy& policy : policies) out.push_back(policy.name);
  return out;
}

Result<policy::Document> World::policy_document(std::string_view name) {
  SL_TRY(const std::optional<StoredPolicy> policy, shared_->store().find_policy(name));
  if (!policy) return fail(HResult::kErrorNotFound, "there is no policy " + std::string(name));
  return policy::document_of(policy->name, policy->description, *policy->layer);
}

}  // namespace slwmi::world
