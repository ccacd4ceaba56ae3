// Win32_OperatingSystem and Win32_ComputerSystem: which machine answers. Small on purpose; they
// show what another provider costs.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "provider/host.hpp"
#include "schema/provider.hpp"

namespace slwmi::licensing {

std::unique_ptr<cim::Provider> make_operating_system_provider(const Host& host);
std::unique_ptr<cim::Provider> make_computer_system_provider(const Host& host);

std::vector<std::string_view> operating_system_bindings();
std::vector<std::string_view> computer_system_bindings();

}  // namespace slwmi::licensing
