#include "provider/method_call.hpp"

#include "base/text.hpp"
#include "provider/machine_state.hpp"

namespace slwmi::licensing {
namespace {

bool user_operations(const reg::HiveView& view) {
  return read_number(view, paths::kSl, "UserOperations") == 1u;
}

Result<> check_range(const cim::Parameter& parameter, const cim::Value& value) {
  const cim::Qualifier* low = parameter.qualifiers.find("MinValue");
  const cim::Qualifier* high = parameter.qualifiers.find("MaxValue");
  if (low == nullptr && high == nullptr) return {};
  const bool inside =
      !value.is_null() &&
      (low == nullptr || value.as_uint64() >= static_cast<std::uint64_t>(low->value.as_sint64())) &&
      (high == nullptr || value.as_uint64() <= static_cast<std::uint64_t>(high->value.as_sint64()));
  if (inside) return {};
  return fail(HResult::kEInvalidarg, parameter.name + " is outside its range");
}

bool has_range(const cim::Parameter& parameter) {
  return parameter.qualifiers.has("MinValue") || parameter.qualifiers.has("MaxValue");
}

Result<cim::Value> coerce_one(const cim::Parameter& parameter, const cim::Value& given) {
  if (given.is_null()) return cim::Value::null(parameter.type, parameter.is_array);
  if (given.is_array() != parameter.is_array)
    return fail(HResult::kWbemETypeMismatch, parameter.name + " is an array on one side only");
  auto cast = given.cast_to(parameter.type);
  if (cast) return cast;
  Error error = std::move(cast).error();
  if (error.code == HResult::kWbemEValueOutOfRange && has_range(parameter))
    error.code = HResult::kEInvalidarg;
  error.message = parameter.name + ": " + error.message;
  return fail(std::move(error));
}

}  // namespace

Result<> authorise(const cim::Method& method, const Principal& caller, const reg::HiveView& view) {
  if (!equal_ignore_case(method.qualifiers.text("Privilege"), "Administrator")) return {};
  if (caller.elevated) return {};
  const bool opened = method.qualifiers.is_true("UserOperations") && user_operations(view) &&
                      equal_ignore_case(caller.via, kSlmgr);
  // Opened to the users of the machine, not to whoever has no name.
  if (opened && !is_member(caller, sids::kAnonymous)) return {};
  return fail(HResult::kEAccessdenied, method.name + " needs an elevated administrator");
}

Result<std::vector<cim::Value>> coerce(const cim::Method& method, const Arguments& arguments) {
  std::vector<cim::Value> values;
  std::vector<bool> given(method.parameters.size(), false);
  for (const cim::Parameter& parameter : method.parameters) {
    values.push_back(parameter.in ? parameter.default_value
                                  : cim::Value::null(parameter.type, parameter.is_array));
  }
  for (const auto& [name, value] : arguments) {
    const int found = method.find_parameter(name);
    const auto index = static_cast<std::size_t>(found);
    if (found < 0 || !method.parameters[index].in)
      return fail(HResult::kWbemEInvalidMethodParameters,
                  method.name + " has no [in] parameter " + name);
    if (given[index]) return fail(HResult::kWbemEInvalidMethodParameters, name + " is given twice");
    given[index] = true;
    SL_TRY(values[index], coerce_one(method.parameters[index], value));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const cim::Parameter& parameter = method.parameters[i];
    if (!parameter.in) continue;
    if (!given[i] && parameter.default_value.is_null() && !parameter.qualifiers.is_true("optional"))
      return fail(HResult::kWbemEInvalidMethodParameters, parameter.name + " is missing");
    SL_CHECK(check_range(parameter, values[i]));
  }
  return values;
}

Result<cim::MethodResult> call_method(const Host& host, cim::Provider& provider,
                                      const cim::Call& call, const cim::Class& cls,
                                      const cim::ObjectPath& path, std::string_view name,
                                      const Arguments& arguments) {
  const cim::Method* method = cls.find_method(name);
  if (method == nullptr)
    return fail(HResult::kWbemEInvalidMethod, cls.name() + " has no method " + std::string(name));
  if (!method->qualifiers.is_true("implemented"))
    return fail(HResult::kWbemEMethodNotImplemented, method->name + " has no implementation");
  SL_TRY(const reg::HiveView view, host.store->view());
  SL_CHECK(authorise(*method, call.caller, view));
  SL_TRY(const std::vector<cim::Value> in, coerce(*method, arguments));
  if (method->qualifiers.text("Scope") == "KMSHost" &&
      !MachineState::read(host, view).is_kms_host())
    return fail(HResult::kSlEVlBindingServiceNotEnabled,
                method->name + " is for KMS hosts, and this computer is none");
  return provider.invoke(call, path, *method, in);
}

}  // namespace slwmi::licensing
