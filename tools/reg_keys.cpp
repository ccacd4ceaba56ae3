#include "tools/reg_keys.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "registry/path.hpp"
#include "world/machine.hpp"

namespace slwmi::tools {

tl::expected<KeyName, Failure> parse_key_name(std::string_view text) {
  KeyName name;
  if (text.substr(0, 2) == "\\\\") {
    const std::size_t end = text.find('\\', 2);
    if (end == std::string_view::npos)
      return usage("\"" + std::string(text) + "\" names a machine and no key");
    name.machine = text.substr(2, end - 2);
    text.remove_prefix(end + 1);
    if (name.machine == ".") name.machine.clear();
  }
  const std::string_view below = text.substr(std::min(text.find('\\'), text.size()));
  if (below == "\\" || below.ends_with("\\\\"))
    return usage("\"" + std::string(text) + "\" has a backslash too many at its end");
  const auto parsed = reg::parse_path(text);
  if (!parsed) {
    const std::string_view root = text.substr(0, text.find('\\'));
    if (reg::root_of(root)) return usage(parsed.error().message);
    return usage("\"" + std::string(text) +
                 "\" is no key; it begins with HKLM, HKCU, HKCR, HKU or HKCC");
  }
  name.path = reg::long_name(parsed->root);
  for (const std::string_view component : parsed->components)
    name.path += "\\" + std::string(component);
  return name;
}

Result<reg::Registry> open_registry(Invocation& in, const KeyName& name) {
  SL_TRY(const Principal principal, in.caller());
  SL_TRY(const world::Machine machine,
         name.machine.empty() ? in.machine() : in.machine(name.machine));
  SL_TRY(reg::Registry registry, machine.registry(principal));
  // Names of keys are known to a process once it has read the machine's state.
  (void)registry.open_root(reg::Root::kLocalMachine);
  return registry;
}

tl::expected<void, Failure> check_view(Invocation& in) {
  const std::string view = in.value("reg", "64");
  if (view == "64") return {};
  return usage(view == "32" ? "/reg:32: the machines here have the 64-bit view only"
                            : "/reg takes 64, not \"" + view + "\"");
}

Error for_key(Error error, const std::string& path) {
  if (error.code == HResult::kErrorFileNotFound) {
    error.message = "there is no key " + path;
  } else if (error.code == HResult::kEAccessdenied) {
    error.message = "the caller may not open " + path + " that way";
  }
  return error;
}

Result<reg::Key> open_key(const reg::Registry& registry, const std::string& path,
                          reg::Access want) {
  auto key = registry.open(path, want);
  if (!key) return fail(for_key(key.error(), path));
  return key;
}

tl::expected<std::string, Failure> separator_option(Invocation& in, std::string_view option) {
  if (!in.has(option)) return "\\0";
  std::string separator = in.value(option);
  if (utf16_length(separator) != 1)
    return usage("/" + std::string(option) + " takes one character");
  return separator;
}

tl::expected<std::optional<reg::ValueType>, Failure> type_option(Invocation& in) {
  if (!in.has("t")) return std::optional<reg::ValueType>();
  const std::string text = in.value("t");
  const auto type = equal_ignore_case(text, "REG_DWORD_LITTLE_ENDIAN") ? reg::ValueType::kDword
                                                                       : reg::type_of(text);
  if (!type) {
    return usage("/t: there is no type " + text +
                 "; REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ, REG_DWORD, REG_QWORD, REG_BINARY and "
                 "REG_NONE are usual");
  }
  return type;
}

}  // namespace slwmi::tools
