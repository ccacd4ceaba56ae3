// The store's policies: layers named by their content, lists of them, and which machine has which
// list. A push writes one narrow column a machine.
#include <algorithm>

#include "base/text.hpp"
#include "registry/op.hpp"
#include "world/store_impl.hpp"

namespace slwmi::world {
namespace {

Bytes bytes_of(const Hash128& hash) {
  ByteWriter out;
  out.u64(hash.high);
  out.u64(hash.low);
  return out.take();
}

Bytes bytes_of(const std::vector<std::uint32_t>& numbers) {
  ByteWriter out;
  for (const std::uint32_t number : numbers) out.u32(number);
  return out.take();
}

std::uint64_t layer_digest(std::uint32_t id, std::string_view name, std::string_view description,
                           const Hash128& hash) {
  return row_digest("layer", {id, hash64(description), hash.high, hash.low}, name);
}

std::uint64_t list_digest(std::uint32_t id, ByteSpan layers, reg::Generation generation,
                          FileTime applied) {
  return row_digest("layer_list", {id, generation, applied.ticks}, {}, layers);
}

}  // namespace

Result<reg::LayerPtr> Store::layer(std::uint32_t id, StoredPolicy* out) {
  StoredPolicy& policy = layers_[id];
  if (policy.layer == nullptr) {
    SL_SQL(query, "SELECT name, description, hash, ops, digest FROM layer WHERE id=?");
    SL_TRY(const bool row, query->bind(1, id).step());
    if (!row) return fail(HResult::kErrorFileCorrupt, "a policy layer of the world is missing");
    ByteReader hash(query->blob(2));
    policy.hash.high = hash.u64();
    policy.hash.low = hash.u64();
    if (hash128(query->blob(3)) != policy.hash ||
        layer_digest(id, query->text(0), query->text(1), policy.hash) != query->number(4))
      return fail(HResult::kErrorFileCorrupt, "a policy layer of the world is damaged");
    SL_TRY(std::vector<reg::Op> ops, reg::decode_ops(query->blob(3)));
    policy.name = std::string(query->text(0));
    policy.description = std::string(query->text(1));
    policy.layer = std::make_shared<const reg::Layer>(std::move(ops));
  }
  if (out != nullptr) *out = policy;
  return policy.layer;
}

Result<Store::List*> Store::list(std::uint32_t id) {
  std::unique_ptr<List>& out = lists_[id];
  if (out != nullptr) return out.get();
  auto fresh = std::make_unique<List>();
  reg::Generation generation = 0;
  FileTime applied;
  {
    SL_SQL(query, "SELECT layers, generation, applied, digest FROM layer_list WHERE id=?");
    SL_TRY(const bool row, query->bind(1, id).step());
    if (!row) return fail(HResult::kErrorFileCorrupt, "a policy list of the world is missing");
    ByteReader in(query->blob(0));
    while (!in.at_end()) fresh->layers.push_back(in.u32());
    generation = query->number(1);
    applied = FileTime{query->number(2)};
    if (list_digest(id, query->blob(0), generation, applied) != query->number(3))
      return damaged("policy list number " + std::to_string(id));
  }
  std::vector<reg::LayerPtr> layers;
  for (const std::uint32_t number : fresh->layers) {
    SL_TRY(reg::LayerPtr layer, this->layer(number, nullptr));
    layers.push_back(std::move(layer));
  }
  for (const auto& [other_id, other] : lists_) {  // the same layers pushed again share their table
    if (other != nullptr && other->layers == fresh->layers)
      fresh->compiled = other->compiled->restamped(generation, applied);
  }
  if (fresh->compiled == nullptr)
    fresh->compiled = reg::LayerList::make(std::move(layers), generation, applied);
  out = std::move(fresh);
  return out.get();
}

Result<std::uint32_t> Store::store_layer(const StoredPolicy& policy) {
  const Bytes hash = bytes_of(policy.hash);
  {
    SL_SQL(query, "SELECT id FROM layer WHERE name=? AND hash=? AND description=?");
    SL_TRY(const bool there,
           query->bind(1, policy.name).bind(2, ByteSpan(hash)).bind(3, policy.description).step());
    if (there) return static_cast<std::uint32_t>(query->integer(0));
  }
  const Bytes ops = reg::encode_ops(policy.layer->ops());
  SL_TRY(const std::uint32_t id, next_number("SELECT max(id) FROM layer"));
  SL_SQL(insert, "INSERT INTO layer VALUES(?,?,?,?,?,?)");
  insert->bind(1, id).bind(2, policy.name).bind(3, policy.description).bind(4, ByteSpan(hash));
  insert->bind(5, ByteSpan(ops));
  SL_CHECK(insert->bind(6, layer_digest(id, policy.name, policy.description, policy.hash)).run());
  return id;
}

Result<std::uint32_t> Store::store_list(const std::vector<std::uint32_t>& layers,
                                        reg::Generation generation, FileTime applied) {
  const Bytes bytes = bytes_of(layers);
  SL_TRY(const std::uint32_t id, next_number("SELECT max(id) FROM layer_list"));
  SL_SQL(insert, "INSERT INTO layer_list VALUES(?,?,?,?,?)");
  insert->bind(1, id).bind(2, ByteSpan(bytes)).bind(3, generation).bind(4, applied.ticks);
  SL_CHECK(insert->bind(5, list_digest(id, bytes, generation, applied)).run());
  return id;
}

Result<std::vector<StoredPolicy>> Store::policies(MachineId id) {
  const std::lock_guard lock(mutex_);
  return at_one_state(false, [&]() -> Result<std::vector<StoredPolicy>> {
    SL_TRY(const Machine* machine, load(id));
    return policies_of_list(machine->list);
  });
}

Result<std::vector<StoredPolicy>> Store::policies_of_list(std::uint32_t id) {
  std::vector<StoredPolicy> out;
  if (id == 0) return out;
  SL_TRY(const List* list, this->list(id));
  for (const std::uint32_t number : list->layers) {
    StoredPolicy policy;
    SL_CHECK(layer(number, &policy));
    out.push_back(std::move(policy));
  }
  return out;
}

Result<> Store::move_machines(std::uint32_t from, std::uint32_t to,
                              std::span<const MachineId> ids) {
  // (a | b) - (a & b) is a XOR b, which SQLite does not have.
  SL_SQL(update, "UPDATE machine SET list=?1, digest=(digest | ?2) - (digest & ?2) WHERE id=?3");
  for (const MachineId id : ids) {
    const std::uint64_t turn = digest_of_list(id, from) ^ digest_of_list(id, to);
    SL_CHECK(update->bind(1, to).bind(2, turn).bind(3, id).run());
  }
  return {};
}

Result<reg::Generation> Store::change_policies(std::span<const MachineId> machines,
                                               const NextList& next, const Choose& choose) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  SL_CHECK(tell_witnesses());
  const reg::Generation generation = generation_ + 1;
  std::map<std::uint32_t, std::vector<MachineId>> by_list;
  for (const MachineId id : machines) {
    SL_TRY(const Machine* machine, load(id));
    by_list[machine->list].push_back(id);
  }
  std::vector<std::pair<std::uint32_t, std::vector<MachineId>>> moved;
  for (auto& [from, ids] : by_list) {
    const List* old = nullptr;
    if (from != 0) {
      SL_TRY(old, list(from));
    }
    const reg::Generation stamp = old == nullptr ? 0 : old->compiled->generation();
    SL_TRY(const std::vector<StoredPolicy> before, policies_of_list(from));
    const NewList wanted = next(before, stamp);
    if (wanted.ask) {
      SL_TRY(const std::vector<MachineView> views, views_of(ids));
      SL_TRY(ids, choose(views));
      if (ids.empty()) continue;
    }
    std::vector<std::uint32_t> layers;
    for (const StoredPolicy& policy : wanted.policies) {
      SL_TRY(const std::uint32_t number, store_layer(policy));
      layers.push_back(number);
    }
    const reg::Generation new_stamp = wanted.stamp.value_or(generation);
    const bool same = old == nullptr ? layers.empty() : layers == old->layers && new_stamp == stamp;
    if (same) continue;
    std::uint32_t to = 0;
    if (!layers.empty()) {
      const bool kept = old != nullptr && wanted.stamp.has_value();
      SL_TRY(to, store_list(layers, new_stamp, kept ? old->compiled->applied() : now_));
    }
    SL_CHECK(move_machines(from, to, ids));
    moved.emplace_back(to, std::move(ids));
  }
  if (moved.empty()) {  // nothing was written: the picture stays
    SL_CHECK(write.commit(generation_));
    return generation_;
  }
  SL_CHECK(record(JournalKind::kPolicies, 0));
  SL_CHECK(write.commit(generation));
  for (const auto& [to, ids] : moved) {
    for (const MachineId id : ids) machines_->at(id).list = to;
  }
  columns_ = nullptr;
  return generation;
}

Result<std::vector<Store::MachineView>> Store::views_of(std::span<const MachineId> machines) {
  std::unordered_map<std::uint32_t, std::shared_ptr<const std::vector<StoredPolicy>>> lists;
  std::vector<MachineView> out;
  out.reserve(machines.size());
  for (const MachineId id : machines) {
    SL_TRY(Machine * machine, load(id));
    auto& policies = lists[machine->list];
    if (policies == nullptr) {
      SL_TRY(std::vector<StoredPolicy> list, policies_of_list(machine->list));
      policies = std::make_shared<const std::vector<StoredPolicy>>(std::move(list));
    }
    MachineView& view = out.emplace_back();
    view.id = id;
    view.name = machine->name;
    view.profile = profiles_[machine->profile];
    view.policies = policies;
    SL_TRY(view.view, make_view(id, *machine));
  }
  return out;
}

Result<std::vector<Store::MachineView>> Store::views(std::span<const MachineId> machines) {
  const std::lock_guard lock(mutex_);
  return at_one_state(false, [&] { return views_of(machines); });
}

Result<std::optional<StoredPolicy>> Store::find_policy(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return at_one_state(false, [&] { return newest_policy(name); });
}

Result<std::optional<StoredPolicy>> Store::newest_policy(std::string_view name) {
  SL_SQL(query,
         "SELECT id FROM layer_list WHERE id IN (SELECT list FROM machine) ORDER BY generation "
         "DESC, id DESC");
  for (;;) {
    SL_TRY(const bool row, query->step());
    if (!row) return std::optional<StoredPolicy>();
    SL_TRY(const std::vector<StoredPolicy> policies,
           policies_of_list(static_cast<std::uint32_t>(query->integer(0))));
    for (const StoredPolicy& policy : policies) {
      if (equal_ignore_case(policy.name, name)) return std::optional<StoredPolicy>(policy);
    }
  }
}

Result<std::vector<Store::PolicyTable>> Store::policy_table() {
  const std::lock_guard lock(mutex_);
  return at_one_state(false, [this] { return count_policies(); });
}

Result<std::vector<Store::PolicyTable>> Store::count_policies() {
  std::map<std::string, PolicyTable, IgnoreCaseLess> out;
  SL_SQL(query,
         "SELECT list, count(*), (SELECT generation FROM layer_list WHERE id=list) FROM machine "
         "WHERE list<>0 GROUP BY list");
  for (;;) {
    SL_TRY(const bool row, query->step());
    if (!row) break;
    SL_TRY(const List* list, this->list(static_cast<std::uint32_t>(query->integer(0))));
    for (const std::uint32_t number : list->layers) {
      StoredPolicy policy;
      SL_CHECK(layer(number, &policy));
      PolicyTable& entry = out[policy.name];
      entry.name = policy.name;
      entry.machines += static_cast<std::size_t>(query->integer(1));
      const auto& ops = policy.layer->ops();
      entry.settings =
          static_cast<std::size_t>(std::count_if(ops.begin(), ops.end(), [](const reg::Op& op) {
            return op.kind != reg::OpKind::kCreateKey;
          }));
      entry.generation = std::max(entry.generation, query->number(2));
    }
  }
  std::vector<PolicyTable> table;
  table.reserve(out.size());
  for (auto& [name, entry] : out) table.push_back(std::move(entry));
  return table;
}

}  // namespace slwmi::world
