// A query as a command's argument, and its errors with the place marked.
#pragma once

#include <string>

#include "tools/cli/invocation.hpp"

namespace slwmi::tools {

// The argument WQL; "-" is standard input.
Result<std::string> query_argument(Invocation& in);

// The Failure that shows the query's line with a mark below the place.
tl::unexpected<Failure> fail_with_query(Error error, const std::string& wql);

// The plan of a query as text, or as a row where a format was chosen.
void print_plan(Invocation& in, const std::string& wql, const std::string& plan);

}  // namespace slwmi::tools
