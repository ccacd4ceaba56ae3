// What a provider answers when it does not say otherwise.
#include "schema/provider.hpp"

#include "base/text.hpp"
#include "schema/class.hpp"
#include "schema/instance.hpp"
#include "schema/object_path.hpp"

namespace slwmi::cim {

const Value* Call::find(std::string_view name) const {
  for (const ContextValue& value : context) {
    if (equal_ignore_case(value.name, name)) return &value.value;
  }
  return nullptr;
}

const Value* Scan::equal_to(int slot) const {
  for (const Comparison& comparison : pushed) {
    if (comparison.slot == slot && comparison.op == CompareOp::kEqual) return &comparison.value;
  }
  return nullptr;
}

namespace {

bool same_key(const Value& a, const Value& b) {
  if (is_text(a.type())) return equal_ignore_case(a.as_text(), b.as_text());
  return a == b;
}

}  // namespace

Result<Instance> Provider::get(const Call& call, const ClassPtr& cls, const ObjectPath& path,
                               std::span<const int> wanted) {
  SL_TRY(const std::vector<Value> keys, path.resolve(*cls));
  std::vector<int> slots(wanted.begin(), wanted.end());
  std::vector<Comparison> pushed;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    slots.push_back(cls->key_slots()[i]);
    pushed.push_back({cls->key_slots()[i], CompareOp::kEqual, keys[i]});
  }
  std::vector<Value> found;
  bool there = false;
  const auto look = [&](const Batch& batch) {
    for (std::size_t i = 0; i < (batch.selected != nullptr ? batch.selected_count : batch.rows);
         ++i) {
      const std::size_t row = batch.selected != nullptr ? batch.selected[i] : i;
      bool same = batch.columns.size() >= slots.size();
      for (std::size_t k = 0; same && k < keys.size(); ++k) {
        same = same_key(value_at(batch.columns[wanted.size() + k], row, keys[k].type()), keys[k]);
      }
      if (!same) continue;
      there = true;
      for (const Property& property : cls->properties())
        found.push_back(Value::null(property.type, property.is_array));
      for (std::size_t s = 0; s < slots.size(); ++s) {
        const auto slot = static_cast<std::size_t>(slots[s]);
        found[slot] = value_at(batch.columns[s], row, cls->properties()[slot].type);
      }
      return false;
    }
    return true;
  };
  SL_CHECK(enumerate(call, Scan{*cls, slots, pushed}, look));
  if (!there) {
    return fail(HResult::kWbemENotFound, "there is no " + path.text(PathText::kRelativeOnly));
  }
  return Instance(cls, std::move(found));
}

Result<MethodResult> Provider::invoke(const Call&, const ObjectPath&, const Method& method,
                                      const Params&) {
  return fail(HResult::kWbemEProviderNotCapable,
              "the provider does not run the method " + method.name);
}

Result<> Provider::put(const Call&, const Instance& instance) {
  return fail(HResult::kWbemEProviderNotCapable,
              "the provider of " + instance.cls()->name() + " does not write");
}

Result<> Provider::delete_instance(const Call&, const ObjectPath&) {
  return fail(HResult::kWbemEProviderNotCapable, "the provider does not delete instances");
}

}  // namespace slwmi::cim
