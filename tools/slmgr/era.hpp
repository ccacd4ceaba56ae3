// What slmgr's script was in each generation of Windows: its options, its texts, how it counts
// days. All of it is rows: a later generation adds rows, and the newest row that the script's
// version has counts. The rows that there are: 6.0 (Windows Vista and Windows Server 2008).
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "provider/os_version.hpp"

namespace slwmi::slmgr {

using licensing::OsVersion;

class Script;

inline constexpr OsVersion kVista{6, 0, 6000};
inline constexpr OsVersion kVistaSp1{6, 0, 6001};  // Server 2008 too

enum class Text {
#define SLWMI_SLMGR_TEXT(enumerator, text) enumerator,
#include "tools/slmgr/texts.def"
#undef SLWMI_SLMGR_TEXT
  kCount
};

// The text as scripts of that version have it, with %1, %2 replaced by `values`.
std::string text(Text id, OsVersion version, std::initializer_list<std::string_view> values = {});

enum class Elevation {
  kNone,
  kAdministrator,   // an elevated administrator
  kUserOperations,  // the same, or anybody where the registry value UserOperations is 1
};

struct Option {
  std::string_view name;  // without its prefix
  OsVersion since;
  Elevation elevation;
  Text section;                // of the usage text
  std::string_view arguments;  // as usage shows them: "KEY", "CONFIRMATION-ID [ACTIVATION-ID]"
  std::string_view help;
  // What the option does. The Error is the provider's; what is no failure in Windows is said.
  Result<> (*run)(Script&);

  std::size_t required() const;  // arguments that must be there
  std::size_t most() const;
};

// Every row, in the order of the usage text.
std::span<const Option> options();
// The newest row of that name, in lower case, that scripts of the version have; nullptr: none.
const Option* find_option(std::string_view name, OsVersion version);

// The whole days of so many minutes, as scripts of the version count them: truncated in 6.0.
std::string days_of(std::uint32_t minutes, OsVersion version);

// "0x80070005 text" of the codes that the script explains itself, a pointer to slui.exe for others.
std::string error_line(HResult code, OsVersion version);
// As VBScript's Hex writes it: "0x5", "0xC004F009".
std::string hex_of(HResult code);

}  // namespace slwmi::slmgr
