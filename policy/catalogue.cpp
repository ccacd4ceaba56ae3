#include "policy/catalogue.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"
#include "policy/catalogue_source.hpp"
#include "registry/path.hpp"

namespace slwmi::policy {
namespace {

struct Catalogue {
  std::vector<SettingInfo> settings;
  std::unordered_map<std::uint64_t, const SettingInfo*> by_value;
};

std::uint64_t index_of(reg::KeyId key, reg::NameId value) {
  return std::uint64_t{reg::number(key)} << 32 | reg::number(value);
}

const Catalogue& loaded() {
  static const Catalogue kCatalogue = [] {
    Catalogue made;
    made.settings = declared_settings();
    std::sort(made.settings.begin(), made.settings.end(),
              [](const auto& a, const auto& b) { return compare_ignore_case(a.name, b.name) < 0; });
    for (SettingInfo& info : made.settings) {
      info.key_id = reg::key_of(info.key);
      info.value_id = reg::intern_name(info.value).id;
      made.by_value.emplace(index_of(info.key_id, info.value_id), &info);
    }
    return made;
  }();
  return kCatalogue;
}

// Insertions, deletions and replacements between two names, with swapped neighbours as one; names
// that differ by more than `limit` are `limit` + 1 apart.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]);
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && ascii_lower(a[i - 1]) == ascii_lower(b[j - 2]) &&
                           ascii_lower(a[i - 2]) == ascii_lower(b[j - 1]);
      if (swapped) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return std::min(row[b.size()], limit + 1);
}

}  // namespace

std::string_view to_text(Kind kind) {
  switch (kind) {
    case Kind::kFlag:
      return "flag";
    case Kind::kNumber:
      return "number";
    case Kind::kMinutes:
      return "minutes";
    case Kind::kPort:
      return "port";
    case Kind::kHost:
      return "host";
    case Kind::kText:
      return "text";
    case Kind::kDomains:
      return "domains";
  }
  return "text";
}

std::string_view to_text(Scope scope) {
  switch (scope) {
    case Scope::kAll:
      return "all";
    case Scope::kKmsHost:
      return "kms-host";
    case Scope::kKmsClient:
      return "kms-client";
  }
  return "all";
}

std::optional<Kind> kind_of(std::string_view text) {
  for (const Kind kind : {Kind::kFlag, Kind::kNumber, Kind::kMinutes, Kind::kPort, Kind::kHost,
                          Kind::kText, Kind::kDomains}) {
    if (equal_ignore_case(text, to_text(kind))) return kind;
  }
  return std::nullopt;
}

std::optional<Scope> scope_of(std::string_view text) {
  for (const Scope scope : {Scope::kAll, Scope::kKmsHost, Scope::kKmsClient}) {
    if (equal_ignore_case(text, to_text(scope))) return scope;
  }
  return std::nullopt;
}

reg::ValueType type_of(Kind kind) {
  switch (kind) {
    case Kind::kFlag:
    case Kind::kNumber:
    case Kind::kMinutes:
      return reg::ValueType::kDword;
    case Kind::kDomains:
      return reg::ValueType::kMultiSz;
    case Kind::kPort:
    case Kind::kHost:
    case Kind::kText:
      break;
  }
  return reg::ValueType::kSz;
}

bool in_scope(Scope scope, std::string_view role) {
  return scope == Scope::kAll || equal_ignore_case(to_text(scope), role);
}

std::span<const SettingInfo> catalogue() { return loaded().settings; }

const SettingInfo* find_setting(std::string_view name) {
  for (const SettingInfo& info : loaded().settings) {
    if (equal_ignore_case(info.name, name)) return &info;
  }
  return nullptr;
}

const SettingInfo* find_setting(reg::KeyId key, reg::NameId value) {
  const auto& by_value = loaded().by_value;
  const auto found = by_value.find(index_of(key, value));
  return found == by_value.end() ? nullptr : found->second;
}

std::string_view nearest_setting(std::string_view name) {
  const std::size_t limit = std::max<std::size_t>(2, name.size() / 4);
  std::size_t best = limit + 1;
  std::string_view nearest;
  if (name.size() > 128) return nearest;
  for (const SettingInfo& info : loaded().settings) {
    const std::size_t apart = distance(name, info.name, limit);
    if (apart < best) {
      best = apart;
      nearest = info.name;
    }
  }
  return nearest;
}

}  // namespace slwmi::policy
