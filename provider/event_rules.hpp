// Which entries the licensing service writes when a licence moves. Pure functions of the step that
// was taken, so that every way to take it leaves the same log. Attempts of KMS clients write an
// exchange instead (kms/exchange.hpp), and time that passes writes nothing.
#pragma once

#include <string_view>
#include <vector>

#include "base/datetime.hpp"
#include "provider/catalogue.hpp"
#include "provider/event_log.hpp"
#include "provider/license.hpp"

namespace slwmi::licensing {

// What a step that succeeded writes, in the order of the entries:
//   a key was installed          1016
//   an evaluation was activated  1036
//   the hardware changed         1040
//   a validation failed, the key or the system was found not genuine   8209, with `why` when it is
//                                                                      a failure
//   a validation found the system genuine                              1067
//   the status was refreshed     1003
//   a grace period began         1025, after the event that began it
std::vector<LogEntry> entries_of(const Product& product, const Event& event, const Step& done,
                                 FileTime now, HResult why = HResult::kSOk);

LogEntry license_installed(const Product& product, FileTime now);                    // 1004
LogEntry activation_failed(HResult result, const Product& product, FileTime now);    // 8198
LogEntry ticket_failed(HResult result, std::string_view template_id, FileTime now);  // 8208
// The service comes up with the computer: 900 and 902.
std::vector<LogEntry> service_started(std::string_view version, FileTime now);
LogEntry service_stopped(FileTime now);  // 903

}  // namespace slwmi::licensing
