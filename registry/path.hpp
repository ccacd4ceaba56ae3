// Registry paths as people write them: a root in its long or short spelling and components between
// backslashes. Resolving gives the absolute key that Windows would open: HKCU lies in the caller's
// own hive below HKU (S-1-5-20 for the licensing service), HKCR is HKLM\SOFTWARE\Classes, HKCC the
// current hardware profile.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/principal.hpp"
#include "base/result.hpp"
#include "registry/names.hpp"

namespace slwmi::reg {

enum class Root : std::uint8_t {
  kClassesRoot,
  kCurrentUser,
  kLocalMachine,
  kUsers,
  kCurrentConfig
};

// Limits in UTF-16 code units. Windows documents 255 for a key's name and its kernel takes 256.
constexpr std::size_t kMaxKeyName = 256;
constexpr std::size_t kMaxValueName = 16383;
constexpr int kMaxDepth = 512;

std::string_view long_name(Root root);       // "HKEY_LOCAL_MACHINE"
std::string_view short_name(Root root);      // "HKLM"
std::uint32_t predefined_handle(Root root);  // 0x80000002 for HKLM
std::optional<Root> root_of(std::string_view name,
                            bool allow_short = true);  // without regard to case
std::optional<Root> root_of_handle(std::uint32_t handle);

struct PathOptions {
  bool short_roots = true;       // .reg files know only the long ones
  bool slash_separates = false;  // StdRegProv takes '/' for '\'
};

// A path taken apart; the components point into the text.
struct Path {
  Root root = Root::kLocalMachine;
  std::vector<std::string_view> components;
};

// ERROR_BAD_PATHNAME when the root is unknown or a component is missing at the start,
// ERROR_INVALID_PARAMETER (E_INVALIDARG) when a component or the depth is over its limit; `at` is
// the place. A backslash at the end and doubled ones between components are passed over, as the
// kernel does.
Result<Path> parse_path(std::string_view text, PathOptions options = {});
// The same for a path below an open key; empty text is no component.
Result<std::vector<std::string_view>> split_subkey(std::string_view text, PathOptions options = {});

Result<> check_key_name(std::string_view component);
Result<> check_value_name(std::string_view name);

// Where a root lies: in HKLM or HKU, and at which components below.
KeyId hive_of(Root root);
std::vector<std::string> hive_path(Root root, const Sid& caller);

// The absolute key of a root for a caller; makes ids as needed.
KeyId resolve(Root root, const Sid& caller);
KeyId resolve(const Path& path, const Sid& caller);
// The same without making ids: nullopt when no such key exists in any hive of this process.
std::optional<KeyId> find(const Path& path, const Sid& caller);
// Below an open key.
KeyId resolve(KeyId base, const std::vector<std::string_view>& components);
std::optional<KeyId> find(KeyId base, const std::vector<std::string_view>& components);

// A key from text with a root, for tables and tests; HKCU is S-1-5-20's. kNone when the text is no
// path.
KeyId key_of(std::string_view text);

// A path that the program knows by heart, with its key: the text is read once.
class KnownPath : public std::string_view {
 public:
  explicit constexpr KnownPath(const char* text) : std::string_view(text) {}
  KeyId key() const;  // as key_of

 private:
  mutable std::atomic<KeyId> key_{KeyId::kNone};
};

}  // namespace slwmi::reg
