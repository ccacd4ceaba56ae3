#include "policy/finding.hpp"

#include <algorithm>

namespace slwmi::policy {
namespace {

std::string where(const SourcePos& at) {
  if (at.line == 0) return "offset " + std::to_string(at.offset);
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

// Settings that were not read from a text have no place worth telling.
bool placed(const Finding& finding) {
  return finding.place.at.line != 0 || finding.place.at.offset != 0;
}

std::string what(const Finding& finding) {
  return finding.place.path.empty() ? finding.message : finding.place.path + ": " + finding.message;
}

}  // namespace

std::string to_text(const Finding& finding, std::string_view file) {
  std::string text;
  if (!file.empty()) text.append(file).append(":");
  if (placed(finding)) text += where(finding.place.at) + ":";
  if (!text.empty()) text += ' ';
  text += finding.severity == Severity::kError ? "error: " : "warning: ";
  return text + what(finding) + " [" + finding.code + "]";
}

Error to_error(const Findings& findings, std::string_view file) {
  std::vector<const Finding*> errors;
  for (const Finding& finding : findings) {
    if (finding.severity == Severity::kError) errors.push_back(&finding);
  }
  const Finding& first = *errors.front();
  Error error{HResult::kEInvalidarg, {}, std::nullopt, first.place.path};
  if (placed(first)) error.at = first.place.at;
  if (errors.size() == 1) {
    if (placed(first) && !file.empty())
      error.message.append(file).append(":" + where(first.place.at) + ": ");
    error.message += what(first);
    return error;
  }
  error.message = std::to_string(errors.size()) + " errors";
  if (!file.empty()) error.message.append(" in ").append(file);
  for (const Finding* finding : errors) {
    error.message += "\n  ";
    if (placed(*finding)) error.message += where(finding->place.at) + ": ";
    error.message += what(*finding);
  }
  return error;
}

}  // namespace slwmi::policy
