// Win32_NTLogEvent and Win32_NTEventlogFile over the licensing events of a machine: no other
// component writes to its logs.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "provider/host.hpp"
#include "provider/licensing_classes.hpp"
#include "schema/provider.hpp"

namespace slwmi::licensing {

// `host` must outlive the providers. Without host.events the logs are empty.
std::unique_ptr<cim::Provider> make_event_provider(const Host& host);
std::unique_ptr<cim::Provider> make_log_file_provider(const Host& host);
BoundNames event_bindings();
BoundNames log_file_bindings();

}  // namespace slwmi::licensing
