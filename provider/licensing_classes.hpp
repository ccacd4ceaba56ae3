// SoftwareLicensingProduct and SoftwareLicensingService: the providers behind the two classes.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "provider/host.hpp"
#include "schema/provider.hpp"

namespace slwmi::licensing {

// The host must outlive the provider.
std::unique_ptr<cim::Provider> make_product_provider(const Host& host);
std::unique_ptr<cim::Provider> make_service_provider(const Host& host);

// Names that C++ binds, for the comparison with MOF (binding.hpp, missing_properties).
struct BoundNames {
  std::vector<std::string_view> properties;
  std::vector<std::string_view> methods;
};
BoundNames product_bindings();
BoundNames service_bindings();

}  // namespace slwmi::licensing
