// StdRegProv: the registry through WMI. All 20 methods work with the caller's own rights, as the
// real provider impersonates; ReturnValue is a Win32 code and the call itself succeeds.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "provider/host.hpp"
#include "schema/class.hpp"
#include "schema/provider.hpp"

namespace slwmi::licensing {

// A class of the namespace that the provider serves; nullptr when there is none.
using ClassFinder = std::function<cim::ClassPtr(std::string_view name)>;

std::unique_ptr<cim::Provider> make_registry_provider(const Host& host, ClassFinder find_class);

std::vector<std::string_view> registry_methods();

// Security descriptors as WMI objects: __SecurityDescriptor with __ACE and __Trustee.
Result<cim::Value> to_object(const reg::SecurityDescriptor& descriptor,
                             const ClassFinder& find_class);
// ERROR_INVALID_DATA when a field is missing or of the wrong kind.
Result<reg::SecurityDescriptor> from_object(const cim::Value& object);

// %NAME% replaced from the machine's environment; names that it lacks stay as they are.
std::string expand_environment(std::string_view text, const reg::HiveView& view);

}  // namespace slwmi::licensing
