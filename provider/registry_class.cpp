#include "provider/registry_class.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "provider/architecture.hpp"
#include "provider/machine_state.hpp"
#include "registry/registry.hpp"

namespace slwmi::licensing {
namespace {

using cim::Type;
using cim::Value;

// Win32 codes that are not the low half of an HRESULT here. The first is what scripts see for a
// missing value of a key that exists, the second for a value of another type (docs/fidelity.md,
// "StdRegProv").
constexpr std::uint32_t kMissingValue = 1;
const std::uint32_t kOtherType = value_of(HResult::kWbemETypeMismatch);

std::uint32_t win32_code(HResult code) {
  constexpr std::uint32_t kWin32Facility = 0x80070000u;
  const std::uint32_t value = value_of(code);
  return (value & 0xFFFF0000u) == kWin32Facility ? value & 0xFFFFu : value;
}

// One call: the caller's registry, the in parameters by position, and what goes out.
struct Session {
  reg::Registry registry;
  const cim::Params& in;
  const reg::HiveView& view;
  const ClassFinder& find_class;
  std::vector<Value> out;  // by position in the declaration

  std::string_view text(std::size_t index) const { return in[index].as_text(); }
  void give(std::size_t index, Value value) {
    if (out.size() <= index) out.resize(index + 1);
    out[index] = std::move(value);
  }

  Result<reg::Key> root() const {
    const auto root = reg::root_of_handle(in[0].as_uint32());
    if (!root) return fail(HResult::kErrorInvalidHandle, "hDefKey is no predefined key");
    return registry.open_root(*root);
  }
  std::string subkey() const {
    std::string path(text(1));
    std::replace(path.begin(), path.end(), '/', '\\');
    return path;
  }
  Result<reg::Key> open(reg::Access want) const {
    SL_TRY(const reg::Key key, root());
    return key.open(subkey(), want);
  }
};

using Code = Result<std::uint32_t>;

Code create_key(Session& s) {
  SL_TRY(reg::Key root, s.root());
  SL_CHECK(root.create(s.subkey(), reg::access::kRead));
  return 0;
}

Code delete_key(Session& s) {
  SL_TRY(reg::Key root, s.root());
  SL_CHECK(root.remove_key(s.subkey()));
  return 0;
}

Value texts(const std::vector<std::string>& names) {
  std::vector<Value> values;
  values.reserve(names.size());
  for (const std::string& name : names) values.push_back(Value::text(name));
  return Value::array(Type::kString, std::move(values));
}

Code enum_key(Session& s) {
  SL_TRY(const reg::Key key, s.open(reg::access::kEnumerateSubKeys));
  SL_TRY(const auto names, key.subkeys());
  s.give(2, names.empty() ? Value::null(Type::kString, true) : texts(names));
  return 0;
}

Code enum_values(Session& s) {
  SL_TRY(const reg::Key key, s.open(reg::access::kQueryValue));
  SL_TRY(const auto entries, key.values());
  s.give(2, Value::null(Type::kString, true));
  s.give(3, Value::null(Type::kSint32, true));
  const bool only_default = entries.size() == 1 && entries[0].name.empty();
  if (entries.empty() || only_default) return 0;
  std::vector<std::string> names;
  std::vector<Value> types;
  for (const reg::ValueEntry& entry : entries) {
    names.push_back(entry.name);
    types.push_back(Value::integer(Type::kSint32, static_cast<std::int32_t>(entry.data.type())));
  }
  s.give(2, texts(names));
  s.give(3, Value::array(Type::kSint32, std::move(types)));
  return 0;
}

Code delete_value(Session& s) {
  SL_TRY(reg::Key key, s.open(reg::access::kSetValue));
  SL_CHECK(key.remove_value(s.text(2)));
  return 0;
}

Code set_value(Session& s, const reg::ValueData& data) {
  SL_TRY(reg::Key key, s.open(reg::access::kSetValue));
  SL_CHECK(key.set(s.text(2), data));
  return 0;
}

// Reads a value; `convert` gives nothing for a value of another type.
template <class Convert>
Code get_value(Session& s, Value none, Convert convert) {
  s.give(3, std::move(none));
  SL_TRY(const reg::Key key, s.open(reg::access::kQueryValue));
  const auto data = key.get(s.text(2));
  if (!data && data.error().code == HResult::kErrorFileNotFound) return kMissingValue;
  if (!data) return fail(data.error());
  std::optional<Value> value = convert(data->view());
  if (!value) return kOtherType;
  s.give(3, *std::move(value));
  return 0;
}

Code set_dword(Session& s) {
  if (s.in[3].is_null()) return fail(HResult::kEInvalidarg, "uValue is null");
  return set_value(s, reg::make_dword(s.in[3].as_uint32()));
}
Code get_dword(Session& s) {
  return get_value(s, Value::null(Type::kUint32), [](reg::ValueView v) -> std::optional<Value> {
    if (v.type != reg::ValueType::kDword) return std::nullopt;
    const auto number = reg::as_dword(v);
    return number ? std::optional(Value::uint32(*number)) : std::nullopt;
  });
}

Code set_qword(Session& s) {
  if (s.in[3].is_null()) return fail(HResult::kEInvalidarg, "uValue is null");
  return set_value(s, reg::make_qword(s.in[3].as_uint64()));
}
Code get_qword(Session& s) {
  return get_value(s, Value::null(Type::kUint64), [](reg::ValueView v) -> std::optional<Value> {
    const auto number = reg::as_qword(v);
    if (!number) return std::nullopt;
    return Value::unsigned_integer(Type::kUint64, *number);
  });
}

std::optional<Value> text_of_type(reg::ValueView v, reg::ValueType type) {
  if (v.type != type) return std::nullopt;
  const auto text = reg::as_string(v);
  return text ? std::optional(Value::text(*text)) : std::nullopt;
}

Code set_string(Session& s) { return set_value(s, reg::make_sz(s.text(3))); }
Code get_string(Session& s) {
  return get_value(s, Value::null(Type::kString),
                   [](reg::ValueView v) { return text_of_type(v, reg::ValueType::kSz); });
}

Code set_expanded(Session& s) { return set_value(s, reg::make_expand_sz(s.text(3))); }
Code get_expanded(Session& s) {
  return get_value(s, Value::null(Type::kString), [&](reg::ValueView v) -> std::optional<Value> {
    const auto text = text_of_type(v, reg::ValueType::kExpandSz);
    if (!text) return std::nullopt;
    return Value::text(expand_environment(text->as_text(), s.view));
  });
}

Code set_multi(Session& s) {
  std::vector<std::string> strings;
  for (const Value& element : s.in[3].elements()) strings.emplace_back(element.as_text());
  return set_value(s, reg::make_multi_sz(strings));
}
Code get_multi(Session& s) {
  return get_value(s, Value::null(Type::kString, true),
                   [](reg::ValueView v) -> std::optional<Value> {
                     const auto strings = reg::as_multi_sz(v);
                     return strings ? std::optional(texts(*strings)) : std::nullopt;
                   });
}

Code set_binary(Session& s) {
  std::vector<std::byte> bytes;
  for (const Value& element : s.in[3].elements())
    bytes.push_back(static_cast<std::byte>(element.as_uint32()));
  return set_value(s, reg::make_binary(bytes));
}
Code get_binary(Session& s) {
  return get_value(
      s, Value::null(Type::kUint8, true), [](reg::ValueView v) -> std::optional<Value> {
        if (v.type != reg::ValueType::kBinary) return std::nullopt;
        std::vector<Value> bytes;
        for (const std::byte b : v.data)
          bytes.push_back(Value::unsigned_integer(Type::kUint8, static_cast<std::uint8_t>(b)));
        return Value::array(Type::kUint8, std::move(bytes));
      });
}

Code check_access(Session& s) {
  s.give(3, Value::boolean(false));
  SL_CHECK(s.open(s.in[2].as_uint32()));
  s.give(3, Value::boolean(true));
  return 0;
}

Code get_security(Session& s) {
  s.give(2, Value::null(Type::kObject));
  SL_TRY(const reg::Key key, s.open(reg::access::kReadControl));
  SL_TRY(const reg::SecurityDescriptor descriptor, key.security());
  SL_TRY(Value object, to_object(descriptor, s.find_class));
  s.give(2, std::move(object));
  return 0;
}

Code set_security(Session& s) {
  SL_TRY(const reg::SecurityDescriptor descriptor, from_object(s.in[2]));
  std::uint32_t parts = 0;
  reg::Access want = 0;
  if (descriptor.owner || descriptor.group) want |= reg::access::kWriteOwner;
  if (descriptor.owner) parts |= reg::kOwnerPart;
  if (descriptor.group) parts |= reg::kGroupPart;
  if (descriptor.dacl) {
    parts |= reg::kDaclPart;
    want |= reg::access::kWriteDac;
  }
  if (parts == 0) return fail(HResult::kErrorInvalidData, "the descriptor is empty");
  SL_TRY(reg::Key key, s.open(want));
  SL_CHECK(key.set_security(descriptor, parts));
  return 0;
}

struct Handler {
  std::string_view name;
  Code (*run)(Session&);
};

constexpr std::array kHandlers = {
    Handler{"CreateKey", create_key},
    Handler{"DeleteKey", delete_key},
    Handler{"EnumKey", enum_key},
    Handler{"EnumValues", enum_values},
    Handler{"DeleteValue", delete_value},
    Handler{"SetDWORDValue", set_dword},
    Handler{"GetDWORDValue", get_dword},
    Handler{"SetQWORDValue", set_qword},
    Handler{"GetQWORDValue", get_qword},
    Handler{"SetStringValue", set_string},
    Handler{"GetStringValue", get_string},
    Handler{"SetExpandedStringValue", set_expanded},
    Handler{"GetExpandedStringValue", get_expanded},
    Handler{"SetMultiStringValue", set_multi},
    Handler{"GetMultiStringValue", get_multi},
    Handler{"SetBinaryValue", set_binary},
    Handler{"GetBinaryValue", get_binary},
    Handler{"CheckAccess", check_access},
    Handler{"SetSecurityDescriptor", set_security},
    Handler{"GetSecurityDescriptor", get_security},
};

class RegistryProvider final : public cim::Provider {
 public:
  RegistryProvider(const Host& host, ClassFinder find_class)
      : host_(host), find_class_(std::move(find_class)) {}

  Result<> enumerate(const cim::Call&, const cim::Scan&, const cim::Sink&) override { return {}; }

  Result<cim::MethodResult> invoke(const cim::Call& call, const cim::ObjectPath&,
                                   const cim::Method& method, const cim::Params& in) override {
    SL_TRY(const reg::HiveView view, host_.store->view());
    for (const Handler& handler : kHandlers) {
      if (handler.name != method.name) continue;
      Session session{
          reg::Registry(host_.store, call.caller, call.clock), in, view, find_class_, {}};
      const Code code = handler.run(session);
      const std::uint32_t number = code ? *code : win32_code(code.error().code);
      return cim::MethodResult{Value::uint32(number), std::move(session.out)};
    }
    return fail(HResult::kWbemEMethodNotImplemented, "the method has no handler");
  }

 private:
  const Host& host_;
  ClassFinder find_class_;
};

// What every simulated machine has in its environment, unless its registry says otherwise.
constexpr std::pair<std::string_view, std::string_view> kEnvironment[] = {
    {"SystemDrive", "C:"},
    {"SystemRoot", "C:\\Windows"},
    {"windir", "C:\\Windows"},
    {"ProgramFiles", "C:\\Program Files"},
    {"ProgramData", "C:\\ProgramData"},
    {"ALLUSERSPROFILE", "C:\\ProgramData"},
    {"PUBLIC", "C:\\Users\\Public"},
    {"path", "C:\\Windows\\system32;C:\\Windows;C:\\Windows\\System32\\Wbem"},
    {"OS", "Windows_NT"},
    {"TEMP", "C:\\Windows\\TEMP"},
    {"TMP", "C:\\Windows\\TEMP"},
};

std::optional<std::string> environment(std::string_view name, const reg::HiveView& view) {
  if (auto text = read_text(view, kSystemEnvironment, name)) return text;
  for (const auto& [known, text] : kEnvironment)
    if (equal_ignore_case(known, name)) return std::string(text);
  return std::nullopt;
}

}  // namespace

std::string expand_environment(std::string_view text, const reg::HiveView& view) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find('%');
    const std::size_t close = open == std::string_view::npos ? open : text.find('%', open + 1);
    if (close == std::string_view::npos) break;
    out += text.substr(0, open);
    const auto value = environment(text.substr(open + 1, close - open - 1), view);
    if (value) {
      out += *value;
      text.remove_prefix(close + 1);
    } else {
      out += text.substr(open, close - open);
      text.remove_prefix(close);
    }
  }
  return out += text;
}

std::unique_ptr<cim::Provider> make_registry_provider(const Host& host, ClassFinder find_class) {
  return std::make_unique<RegistryProvider>(host, std::move(find_class));
}

std::vector<std::string_view> registry_methods() {
  std::vector<std::string_view> names;
  names.reserve(std::size(kHandlers));
  for (const Handler& handler : kHandlers) names.push_back(handler.name);
  return names;
}

}  // namespace slwmi::licensing
