// `slwmi wql lint`: checks queries, LIKE patterns or object paths, one JSON object a line in, one a
// line out, in order. Made for users' CI and for conformance runs.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace slwmi::tools {

struct LintOptions {
  enum class Mode { kWql, kLike, kPath };
  Mode mode = Mode::kWql;
  std::vector<std::string> mof_files;  // for queries
};

// Answers the exit code: 0 all ok, 1 some not, 2 a line that is no JSON object or a MOF file that
// cannot be read (said on `err`). An answer is written as soon as its line has been read.
int wql_lint(const LintOptions& options, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace slwmi::tools
