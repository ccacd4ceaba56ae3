// The named settings: every registry value that the volume activation guide documents, with type,
// range, unit and the machines that it is for. A policy document names them; the rest of the
// registry is reached by key and value. Declared in
// provider/mof/registry_values.mof.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "registry/names.hpp"
#include "registry/value.hpp"

namespace slwmi::policy {

// What the text of a setting must be.
enum class Kind : std::uint8_t {
  kFlag,     // REG_DWORD: 0, 1, true, false
  kNumber,   // REG_DWORD in a range
  kMinutes,  // REG_DWORD in a range: a number of minutes, or "2 hours", "7 days", "1 week"
  kPort,     // REG_SZ: 1 to 65535
  kHost,     // REG_SZ: a host's name or address
  kText,     // REG_SZ
  kDomains,  // REG_MULTI_SZ: domain names, each with an optional ", priority, weight"
};

// Which machines a setting means something to.
enum class Scope : std::uint8_t { kAll, kKmsHost, kKmsClient };

struct SettingInfo {
  std::string name;   // unique without regard to case; the value's name where that is unique
  std::string key;    // "HKEY_LOCAL_MACHINE\..."
  std::string value;  // name of the value
  Kind kind = Kind::kText;
  std::uint32_t min = 0, max = 0;  // of the number; of the length for kText
  Scope scope = Scope::kAll;
  std::optional<std::string> default_text = {};  // as a document writes it; nothing: no default
  bool replaced_by_host = false;  // a client takes its host's number with the first answer
  bool kept_by_service = false;   // the service itself writes it and may overwrite what is pushed
  std::string description;
  std::string source;
  reg::KeyId key_id = reg::KeyId::kNone;  // of `key`
  reg::NameId value_id = reg::NameId::kDefault;
};

std::string_view to_text(Kind kind);    // "minutes"
std::string_view to_text(Scope scope);  // "kms-host"
std::optional<Scope> scope_of(std::string_view text);
reg::ValueType type_of(Kind kind);

// Whether a machine of `role` ("kms-client", "kms-host", "mak", ...) is one that `scope` means.
// Everything that is no KMS host may be a KMS client one day, but only a kms-client is one.
bool in_scope(Scope scope, std::string_view role);

// All settings by name; lives as long as the process.
std::span<const SettingInfo> catalogue();
// Without regard to case; null when there is none.
const SettingInfo* find_setting(std::string_view name);
const SettingInfo* find_setting(reg::KeyId key, reg::NameId value);
// The name in the catalogue nearest to `name`, when one is near enough to be meant; else empty.
std::string_view nearest_setting(std::string_view name);

// The registry value of `text` for a setting (several texts: a list). E_INVALIDARG with a sentence
// that names the range or the form wanted.
Result<reg::ValueData> parse_setting(const SettingInfo& info, std::span<const std::string> texts,
                                     bool list);
// The text that parse_setting takes, for one item; lists are one text per item. Nothing when the
// data is not of the setting's kind.
std::optional<std::vector<std::string>> setting_texts(const SettingInfo& info,
                                                      const reg::ValueView& data);
// A text in quotation marks, as messages name it: of a long one whole characters at its beginning.
std::string excerpt(std::string_view text);
// Whether `data` is what the setting documents: type, form and range; otherwise a sentence says
// what is wrong.
Result<> check_setting(const SettingInfo& info, const reg::ValueView& data);

}  // namespace slwmi::policy
