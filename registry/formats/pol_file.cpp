#include "registry/formats/pol_file.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "registry/path.hpp"

namespace slwmi::reg {
namespace {

constexpr std::uint32_t kSignature = 0x67655250;  // "PReg"
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMaxDocumentedName = 259;
constexpr std::size_t kMaxDocumentedData = 65535;

class Reader {
 public:
  Reader(ByteSpan bytes, const PolLimits& limits) : in_(bytes), bytes_(bytes), limits_(limits) {}

  Result<PolFile> read() {
    if (bytes_.size() > limits_.bytes) {
      return fail(HResult::kEInvalidarg, "the file is over the limit of bytes", SourcePos{0});
    }
    const std::uint32_t signature = in_.u32();
    if (!in_.ok() || signature != kSignature) {
      return fail(HResult::kErrorBaddb, "the file does not start with PReg", SourcePos{0});
    }
    const std::uint32_t version = in_.u32();
    if (!in_.ok()) return bad("the version is cut off");
    if (version != kVersion) {
      return fail(HResult::kErrorNotSupported, "the version is not 1", SourcePos{4},
                  std::to_string(version));
    }
    PolFile file;
    while (!in_.at_end()) {
      if (file.records.size() == limits_.records) {
        return fail(HResult::kEInvalidarg, "the file is over the limit of records",
                    SourcePos{in_.position()});
      }
      SL_TRY(PolRecord next, record());
      file.records.push_back(std::move(next));
    }
    return file;
  }

 private:
  tl::unexpected<Error> bad(std::string what) const {
    return fail(HResult::kErrorInvalidData, std::move(what), SourcePos{in_.position()});
  }
  Result<> expect(char16_t unit) {
    const std::size_t at = in_.position();
    if (in_.u16() == unit && in_.ok()) return {};
    return fail(HResult::kErrorInvalidData,
                std::string("a '") + static_cast<char>(unit) + "' is missing", SourcePos{at});
  }
  Result<std::string> name() {
    const std::size_t start = in_.position();
    while (in_.ok() && in_.u16() != 0) {
    }
    if (!in_.ok()) return bad("a name has no end");
    return from_utf16le(bytes_.subspan(start, in_.position() - 2 - start));
  }
  Result<std::uint32_t> number() {
    const std::uint32_t n = in_.u32();
    if (!in_.ok()) return bad("a number is cut off");
    return n;
  }

  Result<PolRecord> record() {
    PolRecord out{.offset = in_.position()};
    SL_CHECK(expect(u'['));
    SL_TRY(out.key, name());
    SL_CHECK(expect(u';'));
    SL_TRY(out.value, name());
    SL_CHECK(expect(u';'));
    SL_TRY(const std::uint32_t type, number());
    SL_CHECK(expect(u';'));
    const std::size_t size_at = in_.position();
    SL_TRY(const std::uint32_t size, number());
    if (size > in_.remaining()) {
      return fail(HResult::kErrorInvalidData, "the data is longer than the file",
                  SourcePos{size_at}, std::to_string(size));
    }
    SL_CHECK(expect(u';'));
    const ByteSpan data = in_.span(size);
    if (!in_.ok()) return bad("the data is longer than the file");
    SL_CHECK(expect(u']'));
    out.data = ValueData(static_cast<ValueType>(type), data);
    return out;
  }

  ByteReader in_;
  ByteSpan bytes_;
  PolLimits limits_;
};

// The text after a directive's name, or nothing when the value is something else.
std::optional<std::string_view> after(std::string_view value, std::string_view directive) {
  if (!starts_with_ignore_case(value, directive)) return std::nullopt;
  return value.substr(directive.size());
}

// Names in a directive's data stand between semicolons.
std::vector<std::string> listed(const PolRecord& record) {
  std::vector<std::string> out;
  const std::string text = as_string({ValueType::kSz, record.data.data()}).value_or("");
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find(';', start), text.size());
    if (end > start) out.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

bool is_documented(ValueType type) {
  const auto n = static_cast<std::uint32_t>(type);
  return (n >= 1 && n <= 5) || n == 7 || n == 11;
}

bool is_text(ValueType type) {
  return type == ValueType::kSz || type == ValueType::kExpandSz || type == ValueType::kMultiSz;
}

bool ends_with_nul(ByteSpan data) {
  return data.size() >= 2 && data[data.size() - 1] == std::byte{0} &&
         data[data.size() - 2] == std::byte{0};
}

bool has_empty_component(std::string_view key) {
  return key.empty() || key.front() == '\\' || key.back() == '\\' ||
         key.find("\\\\") != std::string_view::npos;
}

class Linter {
 public:
  explicit Linter(std::vector<PolLint>& out) : out_(out) {}

  void lint(const PolRecord& record) {
    record_ = &record;
    lint_key();
    const PolMeaning meaning = meaning_of(record);
    switch (meaning.action) {
      case PolAction::kSetValue:
        if (record.value.rfind("**", 0) == 0) say("an unknown directive is taken as a value name");
        lint_name(meaning.name);
        return lint_data();
      case PolAction::kSoftSetValue:
        lint_name(meaning.name);
        return lint_data();
      case PolAction::kDeleteAllValues:
        if (record.value.find('.') == std::string::npos)
          say("**DelVals is spelled without its dot");
        return;
      case PolAction::kDeleteKeys:
        for (const std::string& name : listed(record)) {
          if (name.find('\\') != std::string::npos) say("**DeleteKeys gives a path, not a subkey");
        }
        return;
      case PolAction::kSecureKey:
        if (!as_dword(record.data.view())) say("**SecureKey is no REG_DWORD");
        return;
      case PolAction::kCreateKey:
      case PolAction::kDeleteValue:
      case PolAction::kDeleteValues:
      case PolAction::kComment:
        return;
    }
  }

 private:
  void say(std::string message) { out_.push_back({record_->offset, std::move(message)}); }

  void lint_key() {
    const std::string& key = record_->key;
    if (has_empty_component(key)) say("a component of the key is empty");
    const std::string_view first = std::string_view(key).substr(0, key.find('\\'));
    if (root_of(first)) say("the key starts with a root, which makes a key of that name");
    std::string_view rest = key;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\\'), rest.size());
      if (utf16_length(rest.substr(0, end)) > 255) say("a component of the key is over 255");
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  void lint_name(std::string_view name) {
    if (utf16_length(name) > kMaxDocumentedName) say("the value name is over 259");
  }
  void lint_data() {
    const ValueType type = record_->data.type();
    const ByteSpan data = record_->data.data();
    if (!is_documented(type)) say("the type is not one that policy documents");
    if (data.size() > kMaxDocumentedData) say("the data is over 65535 bytes");
    if ((type == ValueType::kDword || type == ValueType::kDwordBigEndian) && data.size() != 4) {
      say("the size of a DWORD is not 4");
    }
    if (type == ValueType::kQword && data.size() != 8) say("the size of a QWORD is not 8");
    if (!is_text(type) || data.empty()) return;
    if (data.size() % 2 != 0) {
      say("the size of a text is odd");
    } else if (!ends_with_nul(data)) {
      say("a text has no NUL at its end");
    } else if (type == ValueType::kMultiSz && !ends_with_nul(data.first(data.size() - 2))) {
      say("a list of texts has no empty one at its end");
    }
  }

  std::vector<PolLint>& out_;
  const PolRecord* record_ = nullptr;
};

class Compiler {
 public:
  explicit Compiler(KeyId root) : root_(root) {}

  void add(const PolRecord& record) {
    const auto parts = split_subkey(trimmed(record.key));
    if (!parts) return;
    const PolMeaning meaning = meaning_of(record);
    if (!check_value_name(meaning.name)) return;
    const SpellingId name = intern_name(meaning.name).spelling;
    switch (meaning.action) {
      case PolAction::kSetValue:
        return ops_.set_value(ops_.create_key(root_, *parts), name, record.data);
      case PolAction::kSoftSetValue:
        return ops_.soft_set_value(ops_.create_key(root_, *parts), name, record.data);
      case PolAction::kCreateKey:
        ops_.create_key(root_, *parts);
        return;
      case PolAction::kDeleteValue:
        return ops_.delete_value(resolve(root_, *parts), name);
      case PolAction::kDeleteValues:
        for (const std::string& one : listed(record)) {
          ops_.delete_value(resolve(root_, *parts), intern_name(one).spelling);
        }
        return;
      case PolAction::kDeleteAllValues:
        return ops_.delete_all_values(resolve(root_, *parts));
      case PolAction::kDeleteKeys:
        for (const std::string& one : listed(record)) delete_key(record, *parts, one);
        return;
      case PolAction::kSecureKey: {
        const KeyId key = resolve(root_, *parts);
        if (as_dword(record.data.view()) == 1u) return ops_.set_security(key, secure_key());
        return ops_.reset_security(key);
      }
      case PolAction::kComment:
        return;
    }
  }
  std::vector<Op> take() { return ops_.take(); }

 private:
  // Windows passes over empty components, at the front too.
  static std::string_view trimmed(std::string_view key) {
    const std::size_t start = key.find_first_not_of('\\');
    return start == std::string_view::npos ? std::string_view{} : key.substr(start);
  }
  // A subkey's name, or a path that starts with the record's own key.
  void delete_key(const PolRecord& record, const std::vector<std::string_view>& base,
                  std::string_view name) {
    const std::string full = record.key + "\\";
    if (starts_with_ignore_case(name, full)) name.remove_prefix(full.size());
    const auto below = split_subkey(trimmed(name));
    if (below && !below->empty()) ops_.delete_key(resolve(resolve(root_, base), *below));
  }

  KeyId root_;
  OpBuilder ops_;
};

}  // namespace

Result<PolFile> read_pol(ByteSpan bytes, const PolLimits& limits) {
  return Reader(bytes, limits).read();
}

std::vector<std::byte> write_pol(const PolFile& file) {
  ByteWriter out;
  out.u32(kSignature);
  out.u32(kVersion);
  for (const PolRecord& record : file.records) {
    out.u16(u'[');
    out.bytes(to_utf16le(record.key));
    out.u16(0);
    out.u16(u';');
    out.bytes(to_utf16le(record.value));
    out.u16(0);
    out.u16(u';');
    out.u32(static_cast<std::uint32_t>(record.data.type()));
    out.u16(u';');
    out.u32(static_cast<std::uint32_t>(record.data.data().size()));
    out.u16(u';');
    out.bytes(record.data.data());
    out.u16(u']');
  }
  return out.take();
}

std::vector<PolLint> lint_pol(const PolFile& file) {
  std::vector<PolLint> out;
  Linter linter(out);
  for (const PolRecord& record : file.records) linter.lint(record);
  return out;
}

PolMeaning meaning_of(const PolRecord& record) {
  const std::string_view value = record.value;
  if (value.rfind("**", 0) == 0) {
    if (after(value, "**DeleteValues")) return {PolAction::kDeleteValues};
    if (after(value, "**DeleteKeys")) return {PolAction::kDeleteKeys};
    if (after(value, "**DelVals")) return {PolAction::kDeleteAllValues};
    if (after(value, "**SecureKey")) return {PolAction::kSecureKey};
    if (after(value, "**Comment:")) return {PolAction::kComment};
    if (const auto name = after(value, "**Del.")) return {PolAction::kDeleteValue, *name};
    if (const auto name = after(value, "**soft.")) return {PolAction::kSoftSetValue, *name};
  }
  const bool nothing = record.data.type() == ValueType::kNone && record.data.data().empty();
  if (nothing) return {PolAction::kCreateKey};
  return {PolAction::kSetValue, value};
}

std::vector<Op> compile_pol(const PolFile& file, KeyId root) {
  Compiler compiler(root);
  for (const PolRecord& record : file.records) compiler.add(record);
  return compiler.take();
}

}  // namespace slwmi::reg
