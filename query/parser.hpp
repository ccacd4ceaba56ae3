// WQL text to Query. Pure: no schema is consulted, so names are whatever the text says; the planner
// resolves them.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "query/ast.hpp"
#include "query/dialect.hpp"

namespace slwmi::wql {

// The query of `text`, which must outlive the result. Errors carry the byte offset and the
// offending token: WBEM_E_INVALID_PARAMETER for an empty text, WBEM_E_QUOTA_VIOLATION beyond the
// limits, WBEM_E_MISSING_GROUP_WITHIN and WBEM_E_MISSING_AGGREGATION_LIST in GROUP, else
// WBEM_E_INVALID_QUERY.
Result<Query> parse(std::string_view text, const Limits& limits = {});

}  // namespace slwmi::wql
