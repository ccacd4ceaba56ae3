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
                                        reg::Generation generation) {
  const Bytes bytes = bytes_of(layers);
  SL_TRY(const std::uint32_t id, next_number("SELECT max(id) FROM layer_list"));
  SL_SQL(insert, "INSERT INTO layer_list VALUES(?,?,?,?,?)");
  insert->bind(1, id).bind(2, ByteSpan(bytes)).bind(3, generation).bind(4, now_.ticks);
  SL_CHECK(insert->bind(5, list_digest(id, bytes, generation, now_)).run());
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

Result<reg::Generation> Store::change_policies(std::span<const MachineId> machines,
                                               const NextList& next) {
  const std::lock_guard lock(mutex_);
  SL_TRY(Writing write, Writing::begin(*this));
  const reg::Generation generation = generation_ + 1;
  // (a | b) - (a & b) is a XOR b, which SQLite does not have.
  SL_SQL(update, "UPDATE machine SET list=?1, digest=(digest | ?2) - (digest & ?2) WHERE id=?3");
  std::unordered_map<std::uint32_t, std::uint32_t> moved;  // old list -> new list
  std::vector<std::pair<Machine*, std::uint32_t>> changed;
  changed.reserve(machines.size());
  for (const MachineId id : machines) {
    SL_TRY(Machine * machine, load(id));
    const std::uint32_t old = machine->list;
    auto [target, fresh] = moved.try_emplace(old, 0);
    if (fresh) {
      SL_TRY(const std::vector<StoredPolicy> policies, policies_of_list(old));
      std::vector<std::uint32_t> layers;
      for (const StoredPolicy& policy : next(policies)) {
        SL_TRY(const std::uint32_t number, store_layer(policy));
        layers.push_back(number);
      }
      if (!layers.empty()) {
        SL_TRY(target->second, store_list(layers, generation));
      }
    }
    if (target->second == old) continue;
    changed.emplace_back(machine, target->second);
    const std::uint64_t turn = digest_of_list(id, old) ^ digest_of_list(id, target->second);
    SL_CHECK(update->bind(1, target->second).bind(2, turn).bind(3, id).run());
  }
  SL_CHECK(record(JournalKind::kPolicies, 0));
  SL_CHECK(write.commit(generation));
  for (const auto& [machine, list] : changed) machine->list = list;
  return generation;
}

Result<std::optional<StoredPolicy>> Store::find_policy(std::string_view name) {
  const std::lock_guard lock(mutex_);
  SL_SQL(query, "SELECT id FROM layer WHERE name=? COLLATE WINDOWS ORDER BY id DESC LIMIT 1");
  SL_TRY(const bool row, query->bind(1, name).step());
  if (!row) return std::optional<StoredPolicy>();
  StoredPolicy policy;
  SL_CHECK(layer(static_cast<std::uint32_t>(query->integer(0)), &policy));
  return std::optional<StoredPolicy>(std::move(policy));
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
  for (auto& [name, entry] : out) table.push_back(std::move(entry));
  return table;
}

}  // namespace slwmi::world
