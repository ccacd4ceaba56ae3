// A policy document: a name and the registry settings that it makes, checked and with the place of
// each. It is read from INFO, JSON or XML (docs/formats.md, "policy documents") or from a
// Registry.pol. Pure: readers take bytes. Equal documents compile to equal layers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "base/result.hpp"
#include "policy/catalogue.hpp"
#include "policy/finding.hpp"
#include "registry/layer.hpp"
#include "registry/value.hpp"

namespace slwmi::policy {

enum class Action : std::uint8_t {
  kSet,
  kSoftSet,  // only where no such value is
  kDeleteValue,
  kDeleteValues,  // all of the key
  kDeleteKey,     // with all below it
  kCreateKey,
  kSecureKey,  // administrators and SYSTEM full, users read
  kResetKey,   // to the descriptor of the hive's root
};
std::string_view to_text(Action action);  // "set", "soft-set", "delete-value", ...

struct Setting {
  Action action = Action::kSet;
  const SettingInfo* info =
      nullptr;               // the catalogue's entry for this key and value, if there is one
  std::string key;           // "HKEY_LOCAL_MACHINE\...", as written below the root
  std::string value = {};    // empty: the default value
  reg::ValueData data = {};  // of kSet and kSoftSet
  Place place = {};
};

struct Document {
  std::string name;
  std::string description = {};
  std::optional<Scope> scope = {};  // declared: settings for other machines are errors
  std::vector<Setting> settings = {};
  bool ordered = false;   // settings are processed in their order, as a Registry.pol's records are
  std::string file = {};  // where it came from, for messages
  Findings warnings = {};
};

struct Limits {
  std::size_t bytes = 16u << 20;
  std::size_t depth = 16;
  std::size_t nodes = 200'000;
};

enum class Syntax : std::uint8_t { kJson, kInfo, kXml, kPol };
// By the first bytes: "PReg" is kPol, '<' kXml, '{' or '[' kJson, else kInfo.
Syntax syntax_of(ByteSpan bytes);
std::optional<Syntax> syntax_of_name(std::string_view text);  // "json", "info", "xml", "pol"

// What reading gave: a document without errors, or all the errors that it has.
struct Reading {
  std::optional<Document> document;
  Findings findings;  // errors and warnings in the order of the text
};

// `file` names the source in messages. `name` is the policy's name where the bytes have none
// (Registry.pol).
Reading read_document(ByteSpan bytes, Syntax syntax, std::string_view file,
                      std::string_view name = {}, const Limits& limits = {});
// The same by syntax_of, with all errors as one.
Result<Document> parse_document(ByteSpan bytes, std::string_view file, std::string_view name = {},
                                const Limits& limits = {});

// A document of named settings and their texts, for scripts: as if written in JSON.
struct NamedText {
  std::string name;
  std::vector<std::string> texts;  // one, or a list's items
  bool list = false;
};
Result<Document> make_document(std::string_view name, std::string_view description,
                               const std::vector<NamedText>& settings);

// The text that reads back as an equal document. E_NOTIMPL when a text cannot say it (kPol: bytes
// of a Registry.pol; keys outside HKLM have no place there).
Result<std::string> write_document(const Document& document, Syntax syntax);

// What a document does to a registry, ready to be shared: the layer, its bytes and the hash that
// names it.
struct Compiled {
  reg::LayerPtr layer;
  Bytes bytes;  // encode_ops of the layer
  Hash128 hash = {};
};
Result<Compiled> compile(const Document& document);
// A document from a stored layer, for export.
Document document_of(std::string_view name, std::string_view description, const reg::Layer& layer);

// Warnings about a document on machines of `role` (empty: whatever the role): values for another
// role, values that real Group Policy would leave behind, values that the service overwrites.
Findings lint(const Document& document, std::string_view role = {});

// Whether `key` lies in one of the four trees that real Group Policy cleans up.
bool in_policy_tree(reg::KeyId key);

// ERROR_INVALID_NAME (E_INVALIDARG) for an empty name, one over 128 units or with a control
// character or any of \ / : * ? " < > |.
Result<> check_policy_name(std::string_view name);

}  // namespace slwmi::policy
