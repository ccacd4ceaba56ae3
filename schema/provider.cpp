// What a provider answers when it does not say otherwise.
#include "schema/provider.hpp"

#include "base/text.hpp"
#include "schema/class.hpp"
#include "schema/instance.hpp"

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

Result<Instance> Provider::get(const Call&, const Class& cls, const ObjectPath&,
                               std::span<const int>) {
  return fail(HResult::kWbemEProviderNotCapable,
              "the provider of " + cls.name() + " cannot get an instance by its path");
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
