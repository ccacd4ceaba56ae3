#include "policy/document_builder.hpp"

#include "base/principal.hpp"
#include "base/text.hpp"
#include "registry/path.hpp"

namespace slwmi::policy {
namespace {

const SettingInfo* info_of(std::string_view key, std::string_view value) {
  // Names that the process has never seen are in no catalogue: nothing is interned here.
  catalogue();
  const auto path = reg::parse_path(key);
  if (!path) return nullptr;
  const auto id = reg::find(*path, sids::kNetworkService);
  const auto name = reg::find_name(value);
  return id && name ? find_setting(*id, *name) : nullptr;
}

// What a setting changes: two settings of one document may not change the same.
std::string subject(const Setting& setting) {
  std::string text = fold(setting.key);
  switch (setting.action) {
    case Action::kSet:
    case Action::kSoftSet:
    case Action::kDeleteValue:
      return text + '\x01' + fold(setting.value);
    case Action::kSecureKey:
    case Action::kResetKey:
      return text + '\x02';
    case Action::kDeleteValues:
      return text + '\x03';
    case Action::kDeleteKey:
      return text + '\x04';
    case Action::kCreateKey:
      return text + '\x05';
  }
  return text;
}

}  // namespace

void DocumentBuilder::error(std::string code, std::string message, Place place) {
  failed_ = true;
  findings_.push_back({Severity::kError, std::move(code), std::move(message), std::move(place)});
}

void DocumentBuilder::warn(std::string code, std::string message, Place place) {
  findings_.push_back({Severity::kWarning, std::move(code), std::move(message), std::move(place)});
}

void DocumentBuilder::set_name(std::string_view name, const Place& place) {
  document_.name = name;
  if (auto good = check_policy_name(name); !good) error("bad-name", good.error().message, place);
}

void DocumentBuilder::set_scope(std::string_view scope, const Place& place) {
  document_.scope = scope_of(scope);
  if (document_.scope) return;
  error("unknown-scope", "'" + std::string(scope) + "' is none of all, kms-host and kms-client",
        place);
}

const SettingInfo* DocumentBuilder::known(std::string_view name, const Place& place) {
  const SettingInfo* info = find_setting(name);
  if (info == nullptr) {
    std::string message = "no setting is called '" + std::string(name.substr(0, 128)) + "'";
    const std::string_view nearest = nearest_setting(name);
    if (!nearest.empty()) message += "; did you mean " + std::string(nearest) + "?";
    error("unknown-setting", std::move(message), place);
    return nullptr;
  }
  const auto declared = document_.scope;
  if (declared && *declared != Scope::kAll && info->scope != Scope::kAll &&
      *declared != info->scope) {
    error("wrong-scope",
          "is for a " + std::string(to_text(info->scope)) + ", and the document for a " +
              std::string(to_text(*declared)),
          place);
    return nullptr;
  }
  return info;
}

void DocumentBuilder::add_named(std::string_view name, const std::vector<std::string>& texts,
                                bool list, const Place& place) {
  const SettingInfo* info = known(name, place);
  if (info == nullptr) return;
  auto data = parse_setting(*info, texts, list);
  if (!data) {
    error("wrong-value", data.error().message, place);
    return;
  }
  add({Action::kSet, info, info->key, info->value, *std::move(data), place});
}

void DocumentBuilder::remove_named(std::string_view name, const Place& place) {
  if (const SettingInfo* info = known(name, place)) {
    add({Action::kDeleteValue, info, info->key, info->value, {}, place});
  }
}

void DocumentBuilder::add_raw(Action action, std::string_view key, std::string_view value,
                              reg::ValueData data, const Place& place) {
  auto path = canonical_key(key);
  if (!path) {
    error("bad-key", path.error().message, place);
    return;
  }
  if (auto good = reg::check_value_name(value); !good) {
    error("bad-value-name", good.error().message, place);
    return;
  }
  const bool sets = action == Action::kSet || action == Action::kSoftSet;
  const SettingInfo* info =
      sets || action == Action::kDeleteValue ? info_of(*path, value) : nullptr;
  if (info != nullptr && sets) {
    if (auto good = check_setting(*info, data.view()); !good) {
      warn("unlike-documented", good.error().message, place);
    }
  }
  add({action, info, *std::move(path), std::string(value), std::move(data), place});
}

void DocumentBuilder::add(Setting setting) {
  if (!document_.ordered) {
    const auto [first, fresh] = seen_.emplace(subject(setting), setting.place);
    if (!fresh) {
      const std::size_t line = first->second.at.line;
      error("duplicate-setting",
            "changes what " + first->second.path +
                (line == 0 ? "" : " in line " + std::to_string(line)) + " changes already",
            setting.place);
      return;
    }
  }
  document_.settings.push_back(std::move(setting));
}

Reading DocumentBuilder::take() {
  Reading reading;
  reading.findings = std::move(findings_);
  if (!failed_) {
    for (const Finding& finding : reading.findings) document_.warnings.push_back(finding);
    reading.document = std::move(document_);
  }
  return reading;
}

}  // namespace slwmi::policy
