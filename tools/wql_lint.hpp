// `slwmi wql lint`: checks queries, LIKE patterns or object paths, one JSON object a line in, one a
// line out, in order. Made for users' CI and for conformance runs.
#pragma once

#include <iosfwd>

namespace slwmi::tools {

// Arguments after `lint`: nothing or --mof FILE for queries, --like, --path. Answers the exit code:
// 0 all ok, 1 some not, 2 a line that is no JSON object, a file that cannot be read, or wrong usage
// (said on `err`).
int wql_lint_main(int argc, const char* const* argv, std::istream& in, std::ostream& out,
                  std::ostream& err);

}  // namespace slwmi::tools
