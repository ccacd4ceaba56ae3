#include "provider/event_window.hpp"

#include "provider/machine_state.hpp"

namespace slwmi::licensing {

std::string log_key(EventLog log) {
  return "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Eventlog\\" +
         std::string(log_name(log));
}

LogLimits read_limits(const reg::HiveView& view, EventLog log) {
  const std::string key = log_key(log);
  LogLimits out;
  out.max_size = read_number(view, key, "MaxSize").value_or(out.max_size);
  out.retention = read_number(view, key, "Retention").value_or(out.retention);
  return out;
}

}  // namespace slwmi::licensing
