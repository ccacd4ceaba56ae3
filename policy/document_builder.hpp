// Collects a document and what is wrong with it: the rules that hold for every syntax.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/document.hpp"

namespace slwmi::policy {

class DocumentBuilder {
 public:
  explicit DocumentBuilder(std::string_view file) { document_.file = file; }

  Document& document() { return document_; }
  void error(std::string code, std::string message, Place place);
  void warn(std::string code, std::string message, Place place);

  void set_name(std::string_view name, const Place& place);
  void set_scope(std::string_view scope, const Place& place);

  // A catalogue's setting; the texts are a list's items when `list`.
  void add_named(std::string_view name, const std::vector<std::string>& texts, bool list,
                 const Place& place);
  void remove_named(std::string_view name, const Place& place);
  // `key` with its root. Twice the same value is an error, unless the document is ordered.
  void add_raw(Action action, std::string_view key, std::string_view value, reg::ValueData data,
               const Place& place);

  Reading take();

 private:
  const SettingInfo* known(std::string_view name, const Place& place);
  void add(Setting setting);

  Document document_;
  Findings findings_;
  std::unordered_map<std::string, Place> seen_;  // by what a setting changes
  bool failed_ = false;
};

// "REG_DWORD", "DWORD", or a number.
std::optional<reg::ValueType> parse_type(std::string_view text);
// The data of a value of `type` as a document writes it. E_INVALIDARG with what is wanted.
Result<reg::ValueData> parse_data(reg::ValueType type, std::span<const std::string> texts,
                                  bool list);
Result<reg::ValueData> parse_bytes(reg::ValueType type, std::string_view hex);
// The texts that parse_data takes; nothing when only bytes say it.
struct DataText {
  std::vector<std::string> texts;
  bool list = false;
};
std::optional<DataText> data_text(const reg::ValueView& data);

// The canonical path, "HKEY_LOCAL_MACHINE\...". E_INVALIDARG for roots that no policy has.
Result<std::string> canonical_key(std::string_view text);

// The settings in the order in which they act: an ordered document's own; else taking keys and
// values away, then making keys, then values, each by name.
std::vector<const Setting*> in_order(const Document& document);
// What a list of operations says, without the keys that are made on the way to something else.
std::vector<Setting> settings_of(const std::vector<reg::Op>& ops);

void read_text_document(std::string_view text, Syntax syntax, const Limits& limits,
                        DocumentBuilder& builder);
Result<std::string> write_pol_document(const Document& document);
void read_pol_document(ByteSpan bytes, const Limits& limits, DocumentBuilder& builder);

}  // namespace slwmi::policy
