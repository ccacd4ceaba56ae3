// From a document to the layer that machines share, and back.

#include <algorithm>

#include "base/text.hpp"
#include "policy/document.hpp"
#include "policy/document_builder.hpp"
#include "registry/op.hpp"
#include "registry/path.hpp"

namespace slwmi::policy {
namespace {

struct Target {
  reg::KeyId root = reg::KeyId::kNone;
  std::vector<std::string_view> components;
};

Result<Target> target_of(const Setting& setting) {
  SL_TRY(const reg::Path path, reg::parse_path(setting.key));
  return Target{reg::resolve(path.root, sids::kNetworkService), path.components};
}

// What a document does first: taking away, then making keys, then values.
int rank(Action action) {
  switch (action) {
    case Action::kDeleteKey:
      return 0;
    case Action::kDeleteValues:
      return 1;
    case Action::kCreateKey:
      return 2;
    case Action::kSecureKey:
    case Action::kResetKey:
      return 3;
    case Action::kSet:
    case Action::kSoftSet:
    case Action::kDeleteValue:
      break;
  }
  return 4;
}

// A Registry.pol secures only keys that are there; a document's text makes them.
void append(const Setting& setting, const Target& target, bool makes_keys, reg::OpBuilder& ops) {
  const auto existing = [&] { return reg::resolve(target.root, target.components); };
  const auto made = [&] { return ops.create_key(target.root, target.components); };
  const auto spelling = [&] { return reg::intern_name(setting.value).spelling; };
  switch (setting.action) {
    case Action::kSet:
      return ops.set_value(made(), spelling(), setting.data);
    case Action::kSoftSet:
      return ops.soft_set_value(made(), spelling(), setting.data);
    case Action::kDeleteValue:
      return ops.delete_value(existing(), spelling());
    case Action::kDeleteValues:
      return ops.delete_all_values(existing());
    case Action::kDeleteKey:
      return ops.delete_key(existing());
    case Action::kCreateKey:
      made();
      return;
    case Action::kSecureKey:
      return ops.set_security(makes_keys ? made() : existing(), reg::secure_key());
    case Action::kResetKey:
      return ops.reset_security(makes_keys ? made() : existing());
  }
}

// A key's path from what it is called in the operations themselves.
class Paths {
 public:
  std::string of(reg::KeyId key) const {
    const reg::KeyId parent = reg::parent_of(key);
    if (parent == reg::KeyId::kNone) {
      return std::string(key == reg::KeyId::kUsers ? reg::long_name(reg::Root::kUsers)
                                                   : reg::long_name(reg::Root::kLocalMachine));
    }
    const auto named = names_.find(key);
    // The first spelling of a name has the name's own number.
    const auto spelling = named != names_.end()
                              ? named->second
                              : static_cast<reg::SpellingId>(reg::number(reg::name_of(key)));
    return of(parent) + "\\" + std::string(reg::text_of(spelling));
  }
  void name(reg::KeyId key, reg::SpellingId spelling) { names_.insert_or_assign(key, spelling); }

 private:
  std::unordered_map<reg::KeyId, reg::SpellingId> names_;
};

std::optional<Action> action_of(const reg::Op& op) {
  switch (op.kind) {
    case reg::OpKind::kSetValue:
      return Action::kSet;
    case reg::OpKind::kSoftSetValue:
      return Action::kSoftSet;
    case reg::OpKind::kDeleteValue:
      return Action::kDeleteValue;
    case reg::OpKind::kDeleteAllValues:
      return Action::kDeleteValues;
    case reg::OpKind::kDeleteKey:
      return Action::kDeleteKey;
    case reg::OpKind::kCreateKey:
      return Action::kCreateKey;
    case reg::OpKind::kSetSecurity:
      return Action::kSecureKey;
    case reg::OpKind::kResetSecurity:
      return Action::kResetKey;
  }
  return std::nullopt;
}

// Whether making the key says something that no later operation in it implies.
bool stands_alone(const std::vector<reg::Op>& ops, std::size_t index) {
  for (std::size_t i = index + 1; i < ops.size(); ++i) {
    const bool makes = ops[i].kind == reg::OpKind::kSetValue ||
                       ops[i].kind == reg::OpKind::kSoftSetValue ||
                       ops[i].kind == reg::OpKind::kCreateKey;
    if (makes && reg::is_within(ops[i].key, ops[index].key)) return false;
  }
  return true;
}

}  // namespace

std::vector<const Setting*> in_order(const Document& document) {
  std::vector<const Setting*> settings;
  for (const Setting& setting : document.settings) settings.push_back(&setting);
  if (document.ordered) return settings;
  std::stable_sort(settings.begin(), settings.end(), [](const Setting* a, const Setting* b) {
    if (rank(a->action) != rank(b->action)) return rank(a->action) < rank(b->action);
    const auto by_key = compare_ignore_case(a->key, b->key);
    return by_key != 0 ? by_key < 0 : compare_ignore_case(a->value, b->value) < 0;
  });
  return settings;
}

Result<Compiled> compile(const Document& document) {
  reg::OpBuilder ops;
  for (const Setting* setting : in_order(document)) {
    SL_TRY(const Target target, target_of(*setting));
    append(*setting, target, !document.ordered, ops);
  }
  Compiled compiled;
  compiled.bytes = reg::encode_ops(ops.ops());
  compiled.hash = hash128(compiled.bytes);
  compiled.layer = std::make_shared<const reg::Layer>(ops.take());
  return compiled;
}

std::vector<Setting> settings_of(const std::vector<reg::Op>& ops) {
  std::vector<Setting> settings;
  Paths paths;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const reg::Op& op = ops[i];
    if (op.kind == reg::OpKind::kCreateKey) {
      paths.name(op.key, op.spelling);
      if (!stands_alone(ops, i)) continue;
    }
    const auto action = action_of(op);
    if (!action) continue;
    Setting setting;
    setting.action = *action;
    setting.key = paths.of(op.key);
    setting.place.path = "operation " + std::to_string(i);
    const bool sets = *action == Action::kSet || *action == Action::kSoftSet;
    if (sets || *action == Action::kDeleteValue) {
      setting.value = reg::text_of(op.spelling);
      setting.info = find_setting(op.key, op.name());
    }
    if (sets) setting.data = op.value;
    settings.push_back(std::move(setting));
  }
  return settings;
}

Document document_of(std::string_view name, std::string_view description, const reg::Layer& layer) {
  Document document;
  document.name = name;
  document.description = description;
  document.ordered = true;
  document.settings = settings_of(layer.ops());
  return document;
}

bool in_policy_tree(reg::KeyId key) {
  static const reg::KeyId kMachineTrees[] = {
      reg::key_of("HKLM\\SOFTWARE\\Policies"),
      reg::key_of("HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies")};
  for (const reg::KeyId tree : kMachineTrees) {
    if (reg::is_within(key, tree)) return true;
  }
  // A user's trees: the same two below HKU\<SID>.
  const int depth = reg::depth_of(key);
  reg::KeyId user = key;
  for (int i = depth; i > 2; --i) user = reg::parent_of(user);
  if (depth < 3 || reg::parent_of(user) != reg::KeyId::kUsers) return false;
  for (const char* tree :
       {"SOFTWARE\\Policies", "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies"}) {
    const auto parts = reg::split_subkey(tree);
    if (!parts) continue;
    const auto found = reg::find(user, *parts);
    if (found && reg::is_within(key, *found)) return true;
  }
  return false;
}

}  // namespace slwmi::policy
