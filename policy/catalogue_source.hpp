// What the catalogue is made from: the declared settings, without the ids that a process gives.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "policy/catalogue.hpp"

namespace slwmi::policy {

std::vector<SettingInfo> declared_settings();
std::optional<Kind> kind_of(std::string_view text);

}  // namespace slwmi::policy
