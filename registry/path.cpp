#include "registry/path.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"

namespace slwmi::reg {
namespace {

struct RootRow {
  Root root;
  std::string_view long_name;
  std::string_view short_name;
  std::uint32_t handle;
};

constexpr RootRow kRoots[] = {
    {Root::kClassesRoot, "HKEY_CLASSES_ROOT", "HKCR", 0x80000000},
    {Root::kCurrentUser, "HKEY_CURRENT_USER", "HKCU", 0x80000001},
    {Root::kLocalMachine, "HKEY_LOCAL_MACHINE", "HKLM", 0x80000002},
    {Root::kUsers, "HKEY_USERS", "HKU", 0x80000003},
    {Root::kCurrentConfig, "HKEY_CURRENT_CONFIG", "HKCC", 0x80000005},
};

const RootRow& row_of(Root root) { return kRoots[static_cast<std::size_t>(root)]; }

// Splits at separators; passes over empty components.
std::vector<std::string_view> split(std::string_view text, bool slash) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(slash ? "\\/" : "\\"), text.size());
    if (end != 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool is_separator(char c, PathOptions options) {
  return c == '\\' || (options.slash_separates && c == '/');
}

// `whole` is the text that positions refer to.
Result<std::vector<std::string_view>> checked_split(std::string_view text, std::string_view whole,
                                                    PathOptions options) {
  std::vector<std::string_view> parts = split(text, options.slash_separates);
  if (parts.size() >= static_cast<std::size_t>(kMaxDepth)) {
    return fail(HResult::kEInvalidarg, "the path is deeper than 512 keys");
  }
  for (const std::string_view part : parts) {
    if (auto ok = check_key_name(part); !ok) {
      Error error = ok.error();
      error.at = SourcePos{static_cast<std::size_t>(part.data() - whole.data())};
      return fail(std::move(error));
    }
  }
  return parts;
}

template <class Parts>
KeyId make_below(KeyId key, const Parts& parts) {
  for (const auto& part : parts) key = intern_key(key, intern_name(part).id);
  return key;
}

template <class Parts>
std::optional<KeyId> find_below(std::optional<KeyId> key, const Parts& parts) {
  for (const auto& part : parts) {
    const std::optional<NameId> name = key ? find_name(part) : std::nullopt;
    if (!name) return std::nullopt;
    key = find_key(*key, *name);
  }
  return key;
}

}  // namespace

std::string_view long_name(Root root) { return row_of(root).long_name; }
std::string_view short_name(Root root) { return row_of(root).short_name; }
std::uint32_t predefined_handle(Root root) { return row_of(root).handle; }

std::optional<Root> root_of(std::string_view name, bool allow_short) {
  for (const RootRow& row : kRoots) {
    if (equal_ignore_case(name, row.long_name)) return row.root;
    if (allow_short && equal_ignore_case(name, row.short_name)) return row.root;
  }
  return std::nullopt;
}

std::optional<Root> root_of_handle(std::uint32_t handle) {
  const auto* row = std::find_if(std::begin(kRoots), std::end(kRoots),
                                 [&](const RootRow& r) { return r.handle == handle; });
  if (row == std::end(kRoots)) return std::nullopt;
  return row->root;
}

Result<Path> parse_path(std::string_view text, PathOptions options) {
  const auto end =
      std::find_if(text.begin(), text.end(), [&](char c) { return is_separator(c, options); });
  const auto length = static_cast<std::size_t>(end - text.begin());
  const std::optional<Root> root = root_of(text.substr(0, length), options.short_roots);
  if (!root) {
    return fail(HResult::kErrorBadPathname, "the path does not start with a root key", SourcePos{0},
                std::string(text.substr(0, length)));
  }
  Path path{*root, {}};
  if (length < text.size()) {
    const std::string_view rest = text.substr(length + 1);
    if (!rest.empty() && is_separator(rest.front(), options)) {
      return fail(HResult::kErrorBadPathname, "a key name is missing", SourcePos{length + 1});
    }
    SL_TRY(path.components, checked_split(rest, text, options));
  }
  return path;
}

Result<std::vector<std::string_view>> split_subkey(std::string_view text, PathOptions options) {
  if (!text.empty() && is_separator(text.front(), options)) {
    return fail(HResult::kErrorBadPathname, "the path of a subkey starts with a separator",
                SourcePos{0});
  }
  return checked_split(text, text, options);
}

Result<> check_key_name(std::string_view component) {
  if (component.empty()) return fail(HResult::kErrorBadPathname, "a key name is missing");
  if (component.size() > kMaxKeyName && utf16_length(component) > kMaxKeyName) {
    return fail(HResult::kEInvalidarg, "a key name is longer than 256 characters");
  }
  return {};
}

Result<> check_value_name(std::string_view name) {
  if (name.size() > kMaxValueName && utf16_length(name) > kMaxValueName) {
    return fail(HResult::kEInvalidarg, "a value name is longer than 16383 characters");
  }
  return {};
}

std::vector<std::string> hive_path(Root root, const Sid& caller) {
  switch (root) {
    case Root::kClassesRoot:
      return {"SOFTWARE", "Classes"};
    case Root::kCurrentUser:
      return {format_sid(caller)};
    case Root::kCurrentConfig:
      return {"SYSTEM", "CurrentControlSet", "Hardware Profiles", "Current"};
    case Root::kLocalMachine:
    case Root::kUsers:
      break;
  }
  return {};
}

KeyId hive_of(Root root) {
  return root == Root::kUsers || root == Root::kCurrentUser ? KeyId::kUsers : KeyId::kLocalMachine;
}

KeyId resolve(Root root, const Sid& caller) {
  return make_below(hive_of(root), hive_path(root, caller));
}
KeyId resolve(const Path& path, const Sid& caller) {
  return make_below(resolve(path.root, caller), path.components);
}
std::optional<KeyId> find(const Path& path, const Sid& caller) {
  return find_below(find_below(hive_of(path.root), hive_path(path.root, caller)), path.components);
}
KeyId resolve(KeyId base, const std::vector<std::string_view>& components) {
  return make_below(base, components);
}
std::optional<KeyId> find(KeyId base, const std::vector<std::string_view>& components) {
  return find_below(base, components);
}

KeyId key_of(std::string_view text) {
  const Result<Path> path = parse_path(text);
  return path ? resolve(*path, sids::kNetworkService) : KeyId::kNone;
}

// Threads that come at once find the same.
KeyId KnownPath::key() const {
  KeyId key = key_.load(std::memory_order_relaxed);
  if (key == KeyId::kNone) {
    key = key_of(*this);
    key_.store(key, std::memory_order_relaxed);
  }
  return key;
}

}  // namespace slwmi::reg
