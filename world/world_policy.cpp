// Policy of a world: what the policy part decides, applied to the machines that it is for.
#include <algorithm>
#include <unordered_set>

#include "base/text.hpp"
#include "policy/document.hpp"
#include "policy/plan.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

namespace slwmi::world {
namespace {

std::vector<policy::Applied> as_applied(const std::vector<StoredPolicy>& stored) {
  std::vector<policy::Applied> out;
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

// The machines in groups of equal ones, as plans look at them.
Result<std::vector<policy::Group>> groups_of(Store& store, const std::vector<std::uint32_t>& ids,
                                             reg::LayerPtr pushed) {
  std::vector<std::vector<policy::Applied>> lists;
  for (const std::uint32_t id : ids) {
    SL_TRY(const std::vector<StoredPolicy> policies, store.policies(id));
    lists.push_back(as_applied(policies));
  }
  policy::Grouping grouping(std::move(pushed));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    SL_TRY(const MachineInfo info, store.info(ids[i]));
    SL_TRY(const reg::HiveView view, store.view(ids[i]));
    grouping.add(info.name, info.profile->role, view, lists[i]);
  }
  return grouping.take();
}

}  // namespace

Result<std::vector<std::uint32_t>> World::machine_ids(std::span<const std::string> names) {
  std::vector<std::uint32_t> out;
  std::unordered_set<std::uint32_t> seen;
  out.reserve(names.size());
  SL_TRY(const std::vector<MachineId> ids, shared_->store().find_machines(names));
  for (const MachineId id : ids) {
    if (seen.insert(id).second) out.push_back(id);
  }
  return out;
}

Result<policy::Plan> World::plan_policy(const policy::Document& document,
                                        std::span<const std::string> machines) {
  Store& store = shared_->store();
  SL_TRY(const std::vector<std::uint32_t> ids, machine_ids(machines));
  SL_TRY(const policy::Compiled compiled, policy::compile(document));
  SL_TRY(const std::vector<policy::Group> groups, groups_of(store, ids, compiled.layer));
  SL_TRY(const std::uint64_t generation, store.generation());
  SL_TRY(const FileTime now, store.now());
  return policy::plan_push(document, groups, generation, now);
}

Result<policy::Plan> World::plan_removal(std::string_view name,
                                         std::span<const std::string> machines) {
  Store& store = shared_->store();
  SL_TRY(const std::vector<std::uint32_t> ids, machine_ids(machines));
  SL_TRY(const std::vector<policy::Group> groups, groups_of(store, ids, nullptr));
  SL_TRY(const std::uint64_t generation, store.generation());
  SL_TRY(const FileTime now, store.now());
  return policy::plan_removal(name, groups, generation, now);
}

Result<std::uint64_t> World::apply_policy(const policy::Document& document,
                                          std::span<const std::string> machines) {
  SL_TRY(const std::vector<std::uint32_t> ids, machine_ids(machines));
  SL_TRY(const policy::Compiled compiled, policy::compile(document));
  const StoredPolicy pushed{document.name, document.description, compiled.hash, compiled.layer};
  return shared_->store().change_policies(ids, [&](const std::vector<StoredPolicy>& before) {
    std::vector<StoredPolicy> known = before;
    known.push_back(pushed);
    const auto applied = as_applied(before);
    return as_stored(policy::after_push(applied, {pushed.name, pushed.hash, pushed.layer}), known);
  });
}

Result<std::uint64_t> World::remove_policy(std::string_view name,
                                           std::span<const std::string> machines) {
  SL_TRY(const std::vector<std::uint32_t> ids, machine_ids(machines));
  return shared_->store().change_policies(ids, [&](const std::vector<StoredPolicy>& before) {
    const auto applied = as_applied(before);
    return as_stored(policy::after_removal(applied, name), before);
  });
}

Result<std::vector<World::PolicyStatus>> World::policy_status() {
  SL_TRY(const std::vector<Store::PolicyTable> table, shared_->store().policy_table());
  std::vector<PolicyStatus> out;
  for (const Store::PolicyTable& row : table)
    out.push_back({row.name, row.generation, row.machines, row.settings});
  return out;
}

Result<std::vector<std::string>> World::policies_of(std::string_view name) {
  SL_TRY(const Machine machine, this->machine(name));
  SL_TRY(const std::vector<StoredPolicy> policies, shared_->store().policies(machine.id()));
  std::vector<std::string> out;
  for (const StoredPolicy& policy : policies) out.push_back(policy.name);
  return out;
}

Result<policy::Document> World::policy_document(std::string_view name) {
  SL_TRY(const std::optional<StoredPolicy> policy, shared_->store().find_policy(name));
  if (!policy) return fail(HResult::kErrorNotFound, "there is no policy " + std::string(name));
  return policy::document_of(policy->name, policy->description, *policy->layer);
}

}  // namespace slwmi::world
