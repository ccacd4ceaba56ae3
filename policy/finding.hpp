// What reading a policy document found: errors, which refuse it, and lints, which only warn. Each
// says where it was written, so that a person can go there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace slwmi::policy {

// A place in a document: `at` has the offset always, line and column in a text; `path` names the
// node
// ("settings.VLRenewalInterval", "registry[2].type") or the record of a Registry.pol ("record 3").
struct Place {
  SourcePos at = {};
  std::string path = {};
  bool operator==(const Place&) const = default;
};

enum class Severity : std::uint8_t { kWarning, kError };

struct Finding {
  Severity severity = Severity::kError;
  std::string code;     // a short word for programs: "unknown-setting", "would-tattoo"
  std::string message;  // one sentence without a full stop
  Place place = {};
  bool operator==(const Finding&) const = default;
};
using Findings = std::vector<Finding>;

// "kms.json:4:5: error: settings.Manual: ... [out-of-range]"; offsets stand for lines in binary
// files.
std::string to_text(const Finding& finding, std::string_view file);

// All errors among `findings` as one Error: its place is the first one's, its message has a line
// for each. `findings` must have an error.
Error to_error(const Findings& findings, std::string_view file);

}  // namespace slwmi::policy
