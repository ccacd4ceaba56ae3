// WMI filters as Group Policy stores them (msWMI-Parm2). The lengths in them are often wrong in the
// wild, so that fields are told apart by their separators and a wrong length is a lint.
// MS-GPOL 2.2.4, 3.2.5.1.7.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "policy/finding.hpp"

namespace slwmi::policy {

struct WmiQuery {
  std::string language;  // "WQL"
  std::string ns;        // "root\CIMv2"
  std::string text;
  std::size_t declared_length = 0;  // of the text, as the filter says
  bool operator==(const WmiQuery&) const = default;
};

struct WmiFilter {
  std::vector<WmiQuery> queries;
  Findings lints;  // "wrong-length"
};

// "N;3;<length>;<length>;WQL;<namespace>;<query>;3;..." with N queries. ERROR_INVALID_DATA with the
// place.
Result<WmiFilter> parse_wmi_filter(std::string_view text);

// Whether each query has a row. `has_row` evaluates one; its Error ends it, as a query that cannot
// be evaluated ends Windows' application of policy.
Result<bool> passes(const WmiFilter& filter, FunctionRef<Result<bool>(const WmiQuery&)> has_row);

}  // namespace slwmi::policy
