// Names and conditions of a query resolved against one class. Part of the planner, and of the event
// queries.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "query/ast.hpp"
#include "query/filter.hpp"
#include "schema/class.hpp"

namespace slwmi::wql {

// WBEM_E_INVALID_QUERY at a place of the query.
tl::unexpected<Error> refuse(const Query& query, Span where, std::string message);

// Where a name of the query leads.
struct Target {
  int slot = -1;                  // -1: a system property
  std::string system;             // its name
  std::vector<std::string> path;  // below the slot's object
};
Result<Target> resolve(const Query& query, Span name, const cim::Class& cls);

struct BuiltFilter {
  FilterNode root;
  bool depends_on_class = false;  // on more than the slots: a subclass needs its own
};

// The condition of `query`, which has one, for instances of exactly `cls`. Appends to `wanted` the
// slots it reads; columns of the filter are indices into it.
Result<BuiltFilter> build_filter(const Query& query, const cim::Class& cls, std::string_view server,
                                 std::string_view ns, std::vector<int>& wanted);

}  // namespace slwmi::wql
