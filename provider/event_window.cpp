#include "provider/event_window.hpp"

#include "provider/machine_state.hpp"

namespace slwmi::licensing {

const reg::KnownPath& log_key(EventLog log) {
  static constinit const reg::KnownPath kApplication{
      "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Eventlog\\Application"};
  static constinit const reg::KnownPath kKeyManagementService{
      "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Eventlog\\Key Management "
      "Service"};
  return log == EventLog::kApplication ? kApplication : kKeyManagementService;
}

LogLimits read_limits(const reg::HiveView& view, EventLog log) {
  const reg::KnownPath& key = log_key(log);
  LogLimits out;
  out.max_size = read_number(view, key, "MaxSize").value_or(out.max_size);
  out.retention = read_number(view, key, "Retention").value_or(out.retention);
  return out;
}

}  // namespace slwmi::licensing
