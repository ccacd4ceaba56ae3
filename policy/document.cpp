#include "policy/document.hpp"

#include "base/text.hpp"
#include "policy/document_builder.hpp"
#include "policy/tree.hpp"

namespace slwmi::policy {

std::string_view to_text(Action action) {
  switch (action) {
    case Action::kSet:
      return "set";
    case Action::kSoftSet:
      return "soft-set";
    case Action::kDeleteValue:
      return "delete-value";
    case Action::kDeleteValues:
      return "delete-values";
    case Action::kDeleteKey:
      return "delete-key";
    case Action::kCreateKey:
      return "create-key";
    case Action::kSecureKey:
      return "secure-key";
    case Action::kResetKey:
      return "reset-key";
  }
  return "set";
}

Syntax syntax_of(ByteSpan bytes) {
  std::string_view text = as_text(bytes);
  if (text.substr(0, 4) == "PReg") return Syntax::kPol;
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.substr(0, kMark.size()) == kMark) text.remove_prefix(kMark.size());
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return Syntax::kInfo;
  if (text[first] == '<') return Syntax::kXml;
  return text[first] == '{' || text[first] == '[' ? Syntax::kJson : Syntax::kInfo;
}

std::optional<Syntax> syntax_of_name(std::string_view text) {
  if (equal_ignore_case(text, "json")) return Syntax::kJson;
  if (equal_ignore_case(text, "info")) return Syntax::kInfo;
  if (equal_ignore_case(text, "xml")) return Syntax::kXml;
  if (equal_ignore_case(text, "pol")) return Syntax::kPol;
  return std::nullopt;
}

Reading read_document(ByteSpan bytes, Syntax syntax, std::string_view file, std::string_view name,
                      const Limits& limits) {
  DocumentBuilder builder(file);
  if (syntax == Syntax::kPol) {
    builder.set_name(name, {SourcePos{}, "name"});
    read_pol_document(bytes, limits, builder);
  } else {
    read_text_document(as_text(bytes), syntax, limits, builder);
  }
  return builder.take();
}

Result<Document> parse_document(ByteSpan bytes, std::string_view file, std::string_view name,
                                const Limits& limits) {
  Reading reading = read_document(bytes, syntax_of(bytes), file, name, limits);
  if (!reading.document) return fail(to_error(reading.findings, file));
  return *std::move(reading.document);
}

Result<Document> make_document(std::string_view name, std::string_view description,
                               const std::vector<NamedText>& settings) {
  DocumentBuilder builder({});
  builder.set_name(name, {SourcePos{}, "policy"});
  builder.document().description = description;
  for (const NamedText& setting : settings) {
    builder.add_named(setting.name, setting.texts, setting.list,
                      {SourcePos{}, "settings." + setting.name});
  }
  Reading reading = builder.take();
  if (!reading.document) return fail(to_error(reading.findings, {}));
  return *std::move(reading.document);
}

Result<> check_policy_name(std::string_view name) {
  constexpr std::size_t kMaxName = 128;
  constexpr std::string_view kForbidden = "\\/:*?\"<>|";
  if (name.empty()) return fail(HResult::kErrorInvalidName, "a policy's name is empty");
  if (find_invalid_utf8(name))
    return fail(HResult::kErrorInvalidName, "a policy's name is not UTF-8");
  if (utf16_length(name) > kMaxName) {
    return fail(HResult::kErrorInvalidName, "a policy's name is over 128 characters");
  }
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || kForbidden.find(c) != std::string_view::npos) {
      return fail(HResult::kErrorInvalidName,
                  "a policy's name has a control character or one of " + std::string(kForbidden));
    }
  }
  if (name.front() == ' ' || name.back() == ' ') {
    return fail(HResult::kErrorInvalidName, "a policy's name begins or ends with a space");
  }
  return {};
}

}  // namespace slwmi::policy
