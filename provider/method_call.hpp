// A method call from its name and arguments to its handler: the one place where declaration,
// authority, arguments and scope are checked, in that order, for every provider. What is checked
// stands in the MOF: Privilege, UserOperations, MinValue, MaxValue, Scope.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/principal.hpp"
#include "base/result.hpp"
#include "provider/host.hpp"
#include "schema/class.hpp"
#include "schema/object_path.hpp"
#include "schema/provider.hpp"

namespace slwmi::licensing {

// Arguments by parameter name, compared without case.
using Arguments = std::vector<std::pair<std::string, cim::Value>>;

// The name that the only tool goes by that UserOperations opens methods to.
inline constexpr std::string_view kSlmgr = "slmgr";

// In this order:
//   declaration  WBEM_E_INVALID_METHOD, WBEM_E_METHOD_NOT_IMPLEMENTED without the qualifier
//   `implemented` authority    E_ACCESSDENIED, before any argument is looked at arguments
//   WBEM_E_INVALID_METHOD_PARAMETERS for an unknown, doubled or missing one, WBEM_E_TYPE_MISMATCH,
//                E_INVALIDARG outside MinValue and MaxValue
//   scope        SL_E_VL_BINDING_SERVICE_NOT_ENABLED when the method is for KMS hosts and this is
//   none
// and then what the provider's invoke answers. A failure has changed nothing.
Result<cim::MethodResult> call_method(const Host& host, cim::Provider& provider,
                                      const cim::Call& call, const cim::Class& cls,
                                      const cim::ObjectPath& path, std::string_view method,
                                      const Arguments& arguments);

// --- the steps, one by one

// Whether `caller` may call the method. UserOperations is REG_DWORD 1 in the view's SL key, or it
// is not set.
Result<> authorise(const cim::Method& method, const Principal& caller, const reg::HiveView& view);
// Values by position in the declaration, [out] parameters null.
Result<std::vector<cim::Value>> coerce(const cim::Method& method, const Arguments& arguments);

}  // namespace slwmi::licensing
