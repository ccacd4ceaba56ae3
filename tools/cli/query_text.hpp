// A query as a command's argument, and its errors with the place marked.
#pragma once

#include <string>

#include "tools/cli/invocation.hpp"

namespace slwmi::tools {

// The argument WQL; "-" is standard input.
Result<std::string> query_argument(Invocation& in);

// The Failure that shows the query's line with a mark below the place.
tl::unexpected<Failure> fail_with_query(Error error, const std::string& wql);

}  // namespace slwmi::tools
