// Registry.pol as a policy document, and back. A machine's file: its keys lie below HKLM.

#include "base/text.hpp"
#include "policy/document_builder.hpp"
#include "registry/formats/pol_file.hpp"
#include "registry/path.hpp"

namespace slwmi::policy {
namespace {

constexpr std::string_view kMachine = "HKEY_LOCAL_MACHINE\\";

Place place_of(const reg::PolRecord& record, std::size_t index) {
  return {SourcePos{record.offset, 0, 0}, "record " + std::to_string(index)};
}

void read_record(const reg::PolRecord& record, const Place& place, DocumentBuilder& builder) {
  const auto ops = reg::compile_pol({{record}}, reg::KeyId::kLocalMachine);
  for (Setting& setting : settings_of(ops)) {
    builder.add_raw(setting.action, setting.key, setting.value, std::move(setting.data), place);
  }
  if (ops.empty() && reg::meaning_of(record).action != reg::PolAction::kComment) {
    builder.warn("left-out", "names a key or value that no registry can hold", place);
  }
}

tl::unexpected<Error> no_place(const Setting& setting, std::string_view why) {
  return fail(HResult::kErrorNotSupported, "a Registry.pol cannot say " + setting.key + "\\" +
                                               setting.value + ": " + std::string(why));
}

reg::ValueData mark() { return reg::make_sz(" "); }

Result<reg::PolRecord> record_of(const Setting& setting) {
  if (!starts_with_ignore_case(setting.key, kMachine))
    return no_place(setting, "it is not below HKLM");
  reg::PolRecord record;
  record.key = setting.key.substr(kMachine.size());
  switch (setting.action) {
    case Action::kSet:
      record.value = setting.value;
      record.data = setting.data;
      if (reg::meaning_of(record).action != reg::PolAction::kSetValue) {
        return no_place(setting,
                        "the name reads as a directive, or the type as making the key only");
      }
      return record;
    case Action::kSoftSet:
      record.value = "**soft." + setting.value;
      record.data = setting.data;
      return record;
    case Action::kDeleteValue:
      record.value = "**del." + setting.value;
      record.data = mark();
      return record;
    case Action::kDeleteValues:
      record.value = "**delvals.";
      record.data = mark();
      return record;
    case Action::kDeleteKey: {
      const std::size_t last = record.key.rfind('\\');
      if (last == std::string::npos) return no_place(setting, "it has no key above it");
      record.value = "**DeleteKeys";
      record.data = reg::make_sz(record.key.substr(last + 1));
      record.key.resize(last);
      return record;
    }
    case Action::kCreateKey:
      return record;
    case Action::kSecureKey:
    case Action::kResetKey:
      record.value = "**SecureKey";
      record.data = reg::make_dword(setting.action == Action::kSecureKey ? 1 : 0);
      return record;
  }
  return record;
}

}  // namespace

void read_pol_document(ByteSpan bytes, const Limits& limits, DocumentBuilder& builder) {
  const auto file = reg::read_pol(bytes, {.bytes = limits.bytes, .records = limits.nodes});
  if (!file) {
    const bool limit = file.error().code == HResult::kEInvalidarg;
    builder.error(limit ? "over-limit" : "malformed", file.error().message,
                  {file.error().at.value_or(SourcePos{}), ""});
    return;
  }
  builder.document().ordered = true;
  for (std::size_t i = 0; i < file->records.size(); ++i) {
    read_record(file->records[i], place_of(file->records[i], i), builder);
  }
  for (const reg::PolLint& lint : reg::lint_pol(*file)) {
    builder.warn("registry-pol", lint.message, {SourcePos{lint.offset, 0, 0}, ""});
  }
}

Result<std::string> write_pol_document(const Document& document) {
  reg::PolFile file;
  for (const Setting* setting : in_order(document)) {
    SL_TRY(reg::PolRecord record, record_of(*setting));
    const bool secures =
        setting->action == Action::kSecureKey || setting->action == Action::kResetKey;
    if (secures && !document.ordered) file.records.push_back({.key = record.key});
    file.records.push_back(std::move(record));
  }
  const std::vector<std::byte> bytes = reg::write_pol(file);
  return std::string(as_text(bytes));
}

}  // namespace slwmi::policy
