// Whether Windows on a machine is 64-bit. Setup writes it into the environment of the system, where
// remote tools look; that value is all that a machine remembers of it.
#pragma once

#include <string_view>

#include "provider/host.hpp"
#include "registry/hive_view.hpp"
#include "registry/path.hpp"

namespace slwmi::licensing {

// The environment of the system.
inline constinit const reg::KnownPath kSystemEnvironment{
    "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment"};

// PROCESSOR_ARCHITECTURE of the system's environment is AMD64; a machine without the value is
// 32-bit.
bool is_sixty_four_bit(const reg::HiveView& view);

// Writes the value, as setup of 64-bit Windows does.
Result<> set_sixty_four_bit(const Host& host, const Clock& clock);

}  // namespace slwmi::licensing
