// Warnings about documents: never a reason to refuse one.

#include "base/text.hpp"
#include "policy/document.hpp"
#include "registry/path.hpp"

namespace slwmi::policy {
namespace {

Finding warning(std::string code, std::string message, const Place& place) {
  return {Severity::kWarning, std::move(code), std::move(message), place};
}

std::string subject(const Setting& setting) {
  return setting.info != nullptr ? setting.info->name : setting.key + "\\" + setting.value;
}

bool makes_value(const Setting& setting) {
  return setting.action == Action::kSet || setting.action == Action::kSoftSet;
}

void lint_role(const Setting& setting, std::string_view role, Findings& findings) {
  const SettingInfo& info = *setting.info;
  const bool host = equal_ignore_case(role, to_text(Scope::kKmsHost));
  if (info.replaced_by_host) {
    if (host) return;
    findings.push_back(
        warning("replaced-by-host",
                info.name + " holds on a client only until its KMS host first answers, whose own "
                            "number it takes over then",
                setting.place));
    return;
  }
  if (in_scope(info.scope, role)) return;
  findings.push_back(warning(info.scope == Scope::kKmsHost ? "kms-only" : "client-only",
                             info.name + " means something on a " +
                                 std::string(to_text(info.scope)) + " only, and this is a " +
                                 std::string(role),
                             setting.place));
}

// Values outside of the trees that real Group Policy cleans up, as one warning.
void lint_tattoo(const Document& document, Findings& findings) {
  const Setting* first = nullptr;
  std::size_t count = 0;
  for (const Setting& setting : document.settings) {
    if (!makes_value(setting)) continue;
    const auto path = reg::parse_path(setting.key);
    const auto key = path ? reg::find(*path, sids::kNetworkService) : std::nullopt;
    if (key && in_policy_tree(*key)) continue;
    if (first == nullptr) first = &setting;
    ++count;
  }
  if (first == nullptr) return;
  std::string message = std::to_string(count) + (count == 1 ? " value lies" : " values lie");
  message +=
      " outside of the policy trees (the first is " + subject(*first) +
      "): real Group Policy would leave them behind when the policy goes; here removal restores "
      "what was there";
  findings.push_back(warning("would-tattoo", std::move(message), first->place));
}

}  // namespace

Findings lint(const Document& document, std::string_view role) {
  Findings findings;
  for (const Setting& setting : document.settings) {
    if (setting.info == nullptr || !makes_value(setting)) continue;
    if (!role.empty()) lint_role(setting, role, findings);
    if (role.empty() && setting.info->kept_by_service) {
      findings.push_back(
          warning("kept-by-service",
                  setting.info->name +
                      " is written by the licensing service itself, which may overwrite it",
                  setting.place));
    }
  }
  if (role.empty()) lint_tattoo(document, findings);
  return findings;
}

}  // namespace slwmi::policy
