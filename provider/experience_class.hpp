// SlwmiUserExperience (mof/experience.mof): what the user sees, for queries.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "provider/host.hpp"
#include "schema/provider.hpp"

namespace slwmi::licensing {

// `host` must outlive the provider.
std::unique_ptr<cim::Provider> make_experience_provider(const Host& host);
std::vector<std::string_view> experience_bindings();

}  // namespace slwmi::licensing
