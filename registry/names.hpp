// Names of keys and values as small numbers, shared by everything in the process. A spelling is a
// name exactly as written; all spellings that Windows' upcase table holds equal share one NameId. A
// KeyId names an absolute path by its folded components. Ids are given out once and never taken
// back; they differ from process to process, so nothing stores them. Any thread may call anything
// here; reading an id takes no lock.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace slwmi::reg {

enum class NameId : std::uint32_t {
  kDefault = 0
};  // a folded name; kDefault is "", the default value
enum class SpellingId : std::uint32_t { kDefault = 0 };  // a name as written
enum class KeyId : std::uint32_t { kNone = 0, kLocalMachine = 1, kUsers = 2 };

constexpr std::uint32_t number(NameId id) { return static_cast<std::uint32_t>(id); }
constexpr std::uint32_t number(SpellingId id) { return static_cast<std::uint32_t>(id); }
constexpr std::uint32_t number(KeyId id) { return static_cast<std::uint32_t>(id); }

struct Name {
  NameId id = NameId::kDefault;
  SpellingId spelling = SpellingId::kDefault;
};

// The name of `text` (WTF-8: a surrogate pair is one four-byte sequence), made when it is new.
Name intern_name(std::string_view text);
// The same without making anything; nullopt says that no key or value of that name exists anywhere.
std::optional<NameId> find_name(std::string_view text);
// The name that a spelling folds to.
NameId name_of(SpellingId spelling);
// The text lives as long as the process.
std::string_view text_of(SpellingId spelling);
std::string_view folded_text(NameId name);
// The order in which Windows lists keys: by upcased UTF-16 code units.
std::strong_ordering compare(NameId a, NameId b);

// The key `name` below `parent`, made when it is new.
KeyId intern_key(KeyId parent, NameId name);
std::optional<KeyId> find_key(KeyId parent, NameId name);
KeyId parent_of(KeyId key);  // kNone for HKLM and HKU
NameId name_of(KeyId key);   // of HKLM: "HKEY_LOCAL_MACHINE"
int depth_of(KeyId key);     // 1 for HKLM and HKU
// Whether `key` is `ancestor` or lies below it.
bool is_within(KeyId key, KeyId ancestor);

}  // namespace slwmi::reg
