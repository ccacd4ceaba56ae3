// The view against a model that cannot be wrong: a list of all writes ever made, played from the
// start for each question. Random histories of own commits and pushes over a small tree of keys.
#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "registry/difference.hpp"
#include "registry/draft.hpp"
#include "registry/hive_view.hpp"
#include "registry/path.hpp"
#include "registry/registry.hpp"

namespace slwmi::reg {
namespace {

struct NaiveKey {
  std::vector<std::pair<NameId, ValueData>> values;  // in order of making
};
using Naive = std::map<KeyId, NaiveKey>;

void make(Naive& state, KeyId key) {
  for (; parent_of(key) != KeyId::kNone; key = parent_of(key)) state.try_emplace(key);
}

void play(Naive& state, const Op& op) {
  const auto it = state.find(op.key);
  const auto named = [&](const auto& entry) { return entry.first == op.name(); };
  switch (op.kind) {
    case OpKind::kCreateKey:
      return make(state, op.key);
    case OpKind::kSetValue:
    case OpKind::kSoftSetValue: {
      make(state, op.key);
      auto& values = state[op.key].values;
      const auto value = std::find_if(values.begin(), values.end(), named);
      if (value == values.end()) {
        values.emplace_back(op.name(), op.value);
      } else if (op.kind == OpKind::kSetValue) {
        value->second = op.value;
      }
      return;
    }
    case OpKind::kDeleteValue:
      if (it != state.end()) std::erase_if(it->second.values, named);
      return;
    case OpKind::kDeleteAllValues:
      if (it != state.end()) it->second.values.clear();
      return;
    case OpKind::kDeleteKey:
      std::erase_if(state, [&](const auto& entry) { return is_within(entry.first, op.key); });
      return;
    default:
      return;
  }
}

struct History {
  std::vector<Op> image;
  std::vector<std::pair<Generation, std::vector<Op>>> own;
  std::vector<LayerPtr> layers;
  Generation pushed = 0;

  Naive state() const {
    Naive out;
    for (const Op& op : image) play(out, op);
    for (const auto& [generation, ops] : own) {
      if (generation < pushed) {
        for (const Op& op : ops) play(out, op);
      }
    }
    for (const LayerPtr& layer : layers) {
      for (const Op& op : layer->ops()) play(out, op);
    }
    for (const auto& [generation, ops] : own) {
      if (generation >= pushed) {
        for (const Op& op : ops) play(out, op);
      }
    }
    return out;
  }
};

std::vector<KeyId> all_keys() {
  std::vector<KeyId> keys;
  const std::function<void(KeyId, int)> add = [&](KeyId parent, int depth) {
    for (const char* name : {"m0", "M1"}) {
      const KeyId key = intern_key(parent, intern_name(name).id);
      keys.push_back(key);
      if (depth > 1) add(key, depth - 1);
    }
  };
  add(key_of("HKLM\\Model"), 3);
  return keys;
}

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  Op op(const std::vector<KeyId>& keys, std::initializer_list<OpKind> kinds) {
    Op out;
    out.kind = kinds.begin()[below(static_cast<unsigned>(kinds.size()))];
    out.key = keys[below(static_cast<unsigned>(keys.size()))];
    if (out.kind == OpKind::kCreateKey) {
      out.spelling = static_cast<SpellingId>(number(name_of(out.key)));
    } else {
      const char* names[] = {"", "va", "VB", "vc"};
      out.spelling = intern_name(names[below(4)]).spelling;
    }
    out.value = below(4) == 0 ? make_sz("text " + std::to_string(below(9))) : make_dword(below(99));
    return out;
  }

 private:
  std::mt19937 random_;
};

std::string show(const std::vector<std::pair<NameId, ValueData>>& values, bool in_order) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : values) {
    std::string part(folded_text(name));
    part += "=";
    for (const std::byte b : value.data()) part += std::to_string(std::to_integer<int>(b)) + ".";
    parts.push_back(part);
  }
  if (!in_order) std::sort(parts.begin(), parts.end());
  std::string out;
  for (const std::string& part : parts) out += part + " ";
  return out;
}

void compare_all(const HiveView& view, const Naive& expected, const std::vector<KeyId>& keys,
                 bool in_order) {
  for (const KeyId key : keys) {
    const auto it = expected.find(key);
    BOOST_REQUIRE_EQUAL(view.exists(key), it != expected.end());
    std::vector<std::string> subkeys, expected_subkeys;
    for (const Subkey& child : view.subkeys(key)) {
      subkeys.emplace_back(folded_text(name_of(child.key)));
    }
    for (const auto& [other, data] : expected) {
      if (parent_of(other) == key) expected_subkeys.emplace_back(folded_text(name_of(other)));
    }
    std::sort(expected_subkeys.begin(), expected_subkeys.end());
    if (it == expected.end()) {
      BOOST_REQUIRE(!view.spelling(key).has_value());
      continue;
    }
    std::string got, want;
    for (const std::string& name : subkeys) got += name + " ";
    for (const std::string& name : expected_subkeys) want += name + " ";
    BOOST_REQUIRE_EQUAL(view.path(key) + ": " + got, view.path(key) + ": " + want);
    std::vector<std::pair<NameId, ValueData>> values;
    for (const NamedValue& value : view.values(key)) {
      values.emplace_back(name_of(value.spelling), ValueData(value.value));
    }
    BOOST_REQUIRE_EQUAL(show(values, in_order), show(it->second.values, in_order));
    for (const char* name : {"", "va", "vb", "vc"}) {
      const NameId id = intern_name(name).id;
      const auto found = view.find(key, id);
      const auto known = std::find_if(it->second.values.begin(), it->second.values.end(),
                                      [&](const auto& entry) { return entry.first == id; });
      BOOST_REQUIRE_EQUAL(found.has_value(), known != it->second.values.end());
      if (found) BOOST_REQUIRE((*found == known->second.view()));
    }
  }
}

std::optional<ValueData> data_of(const HiveView& view, KeyId key, NameId name) {
  const auto value = view.find(key, name);
  return value ? std::optional<ValueData>(*value) : std::nullopt;
}

// Whatever a program can see of the step from one view to the next is in their difference; and of
// a push nothing else is.
void compare_difference(const HiveView& before, const HiveView& after, bool push,
                        const std::vector<KeyId>& keys) {
  const ChangeSet changes = difference(before, after);
  for (const KeyId key : keys) {
    if (before.exists(key) != after.exists(key))
      BOOST_REQUIRE(touches(changes, parent_of(key), false, kNotifyName));
    for (const char* name : {"", "va", "vb", "vc"}) {
      const NameId id = intern_name(name).id;
      if (data_of(before, key, id) == data_of(after, key, id)) continue;
      BOOST_REQUIRE(touches(changes, key, false, kNotifyName | kNotifyLastSet));
      BOOST_REQUIRE(touches(changes, parent_of(key), true, kNotifyName | kNotifyLastSet));
    }
  }
  for (const Op& op : changes.ops) {
    if (!push || (op.kind != OpKind::kSetValue && op.kind != OpKind::kDeleteValue)) continue;
    BOOST_REQUIRE(data_of(before, op.key, op.name()) != data_of(after, op.key, op.name()));
  }
  BOOST_REQUIRE(difference(after, after).ops.empty());
}

// Only what the machine can do at this moment: deleting what is there.
bool possible(const HiveView& view, const Op& op) {
  if (op.kind == OpKind::kDeleteKey) return view.exists(op.key);
  if (op.kind == OpKind::kDeleteValue) return view.find(op.key, op.name()).has_value();
  return true;
}

void run_history(unsigned seed, int pushes_in_ten) {
  Dice dice(seed);
  const std::vector<KeyId> keys = all_keys();
  History history;
  for (unsigned n = dice.below(12); n > 0; --n) {
    history.image.push_back(dice.op(keys, {OpKind::kCreateKey, OpKind::kSetValue}));
  }
  HiveView view(Image::make(history.image, {}), nullptr, {});
  compare_all(view, history.state(), keys, true);
  for (Generation generation = 1; generation < 16; ++generation) {
    const HiveView before = view;
    const bool push = static_cast<int>(dice.below(10)) < pushes_in_ten;
    if (push) {
      history.layers.clear();
      for (unsigned layers = dice.below(4); layers > 0; --layers) {
        std::vector<Op> ops;
        for (unsigned n = dice.below(9); n > 0; --n) {
          ops.push_back(dice.op(keys, {OpKind::kSetValue, OpKind::kSetValue, OpKind::kSoftSetValue,
                                       OpKind::kDeleteValue, OpKind::kDeleteAllValues,
                                       OpKind::kDeleteKey, OpKind::kCreateKey}));
        }
        history.layers.push_back(std::make_shared<const Layer>(std::move(ops)));
      }
      history.pushed = generation;
      view = view.with_layers(LayerList::make(history.layers, generation, {}), generation);
    } else {
      ChangeSet changes;
      HiveView ahead = view;
      for (unsigned n = 1 + dice.below(4); n > 0; --n) {
        const Op op = dice.op(keys, {OpKind::kSetValue, OpKind::kSetValue, OpKind::kDeleteValue,
                                     OpKind::kDeleteKey, OpKind::kCreateKey});
        if (!possible(ahead, op)) continue;
        changes.ops.push_back(op);
        ahead = view.after(changes, generation);
      }
      history.own.emplace_back(generation, changes.ops);
      view = ahead;
    }
    compare_all(view, history.state(), keys, pushes_in_ten == 0);
    compare_difference(before, view, push, keys);
  }
}

// Rows as a store keeps them, brought up to date by the deltas.
struct Rows {
  std::map<KeyId, OwnKey> keys;
  std::map<std::pair<KeyId, NameId>, std::pair<OwnValue, ValueData>> values;

  void apply(const OwnDelta& delta) {
    for (const OwnKey& row : delta.keys) keys[row.key] = row;
    for (const OwnValue& row : delta.values) {
      values[{row.key, row.name()}] = {row, ValueData(row.type, row.data)};
    }
    for (const KeyId key : delta.dropped_keys) keys.erase(key);
    for (const auto& name : delta.dropped_values) values.erase(name);
  }
  Overlay load() const {
    std::vector<OwnKey> key_rows;
    for (const auto& [key, row] : keys) key_rows.push_back(row);
    std::vector<OwnValue> value_rows;
    for (const auto& [name, row] : values) {
      value_rows.push_back(row.first);
      value_rows.back().data = row.second.data();
    }
    return {key_rows, value_rows};
  }
};

std::string show(const Overlay& overlay) {
  std::string out;
  for (std::size_t i = 0; i < overlay.key_count(); ++i) {
    const OwnKey row = overlay.key_at(i);
    out += std::to_string(number(row.key)) + " " + std::to_string(row.created) + " " +
           std::to_string(row.deleted) + " " + std::to_string(row.written.ticks) + "\n";
  }
  for (std::size_t i = 0; i < overlay.value_count(); ++i) {
    const OwnValue row = overlay.value_at(i);
    out += std::to_string(number(row.key)) + " " + std::to_string(number(row.spelling)) + " " +
           std::to_string(row.written) + " " + std::to_string(row.born) + " " +
           std::to_string(row.sequence) + " " + std::to_string(row.deleted) + " ";
    for (const std::byte b : row.data) out += std::to_string(std::to_integer<int>(b)) + ".";
    out += "\n";
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hive_view_model)

BOOST_AUTO_TEST_CASE(own_writes_agree_with_a_list_of_all_writes_and_keep_the_order_of_values) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) run_history(seed, 0);
  }
}

BOOST_AUTO_TEST_CASE(own_writes_and_layers_agree_with_a_list_of_all_writes) {
  for (unsigned seed = 0; seed < 1500; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) run_history(seed, 4);
  }
}

BOOST_AUTO_TEST_CASE(a_draft_shows_what_its_commit_will_show) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    Dice dice(seed);
    const std::vector<KeyId> keys = all_keys();
    std::vector<Op> image;
    for (int n = 0; n < 8; ++n) image.push_back(dice.op(keys, {OpKind::kSetValue}));
    HiveView view(Image::make(image, {}), nullptr, {});
    Draft draft(view);
    for (int n = 0; n < 12; ++n) {
      const Op op = dice.op(keys, {OpKind::kSetValue, OpKind::kSetValue, OpKind::kDeleteValue,
                                   OpKind::kDeleteKey, OpKind::kCreateKey});
      const std::size_t before = draft.ops().size();
      draft.apply(op);
      if (dice.below(5) == 0) draft.rollback(before);
    }
    const HiveView after = view.after({.ops = draft.ops()}, 1);
    for (const KeyId key : keys) {
      BOOST_TEST_REQUIRE(draft.exists(key) == after.exists(key));
      if (!draft.exists(key)) continue;
      BOOST_TEST_REQUIRE((draft.path(key) == after.path(key)));
      const auto pending = draft.values(key);
      const auto sealed = after.values(key);
      BOOST_TEST_REQUIRE(pending.size() == sealed.size());
      for (std::size_t i = 0; i < pending.size(); ++i) {
        BOOST_TEST_REQUIRE((pending[i].spelling == sealed[i].spelling));
        BOOST_TEST_REQUIRE((pending[i].value == sealed[i].value));
      }
      BOOST_TEST_REQUIRE(draft.subkeys(key).size() == after.subkeys(key).size());
    }
  }
}

BOOST_AUTO_TEST_CASE(rows_kept_from_the_deltas_load_into_the_same_overlay) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    Dice dice(seed);
    const std::vector<KeyId> keys = all_keys();
    std::vector<Op> image;
    for (int n = 0; n < 5; ++n) image.push_back(dice.op(keys, {OpKind::kSetValue}));
    HiveView view(Image::make(image, {}), nullptr, {});
    Rows rows;
    for (Generation generation = 1; generation < 12; ++generation) {
      ChangeSet changes{.now = FileTime{generation * 100}};
      for (unsigned n = 1 + dice.below(4); n > 0; --n) {
        changes.ops.push_back(dice.op(keys, {OpKind::kSetValue, OpKind::kDeleteValue,
                                             OpKind::kDeleteKey, OpKind::kCreateKey}));
      }
      OwnDelta delta;
      view = view.after(changes, generation, &delta);
      rows.apply(delta);
      BOOST_TEST_REQUIRE(show(rows.load()) == show(view.own()));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace slwmi::reg
