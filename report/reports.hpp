// The six reports of the KMS Management Pack (VA2, Table 3), each a pure function of what the logs
// of the KMS hosts say.
#pragma once

#include <span>
#include <string_view>

#include "base/result.hpp"
#include "report/report.hpp"
#include "report/warehouse.hpp"

namespace slwmi::report {

struct Kind {
  std::string_view name;   // "activation-count-summary"
  std::string_view title;  // "Activation Count Summary", as VA2 calls it
  std::string_view about;  // what it shows
  Report (*make)(const Warehouse&);
};
std::span<const Kind> kinds();  // in the order of VA2
// By name or title, in any case. ERROR_NOT_FOUND lists the names.
Result<const Kind*> find_kind(std::string_view name);

Report make_report(const Kind& kind, const Warehouse& warehouse);

// "Licensed", "Initial grace (OOB)": the states as the reports call them.
std::string_view state_name(licensing::LicenseStatus status);
// Begun days count whole, so that what ends today has one left.
std::int64_t begun_days(TickSpan left);
Tone tone_of(licensing::LicenseStatus status);

}  // namespace slwmi::report
