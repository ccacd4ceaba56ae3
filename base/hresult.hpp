// HRESULT codes by their Windows names. errors.def holds one row a code; this header turns the rows
// that C++ names into enumerators and gives the text of any code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace slwmi {

// An HRESULT. Enumerators of the codes named in the sources follow errors.def; any 32-bit value is
// valid.
enum class HResult : std::uint32_t {
#define SLWMI_ERROR(enumerator, value, symbol, text) enumerator = value,
#include "base/errors.def"
#undef SLWMI_ERROR
};

constexpr std::uint32_t value_of(HResult code) { return static_cast<std::uint32_t>(code); }
constexpr bool failed(HResult code) { return (value_of(code) & 0x80000000u) != 0; }

// HRESULT_FROM_WIN32: 0 stays 0.
constexpr HResult hresult_from_win32(std::uint32_t error) {
  return static_cast<HResult>(error == 0 ? 0u : (error & 0xFFFFu) | 0x80070000u);
}

// The Windows name ("SL_E_GRACE_TIME_EXPIRED"), or empty when the code is not in errors.def.
std::string_view symbol_of(HResult code);
// One sentence in our own words, or empty when the code is not in errors.def.
std::string_view text_of(HResult code);
// "0xC004F009", upper-case hex as Windows prints it.
std::string to_hex(HResult code);
// The code of a Windows name, compared without regard to case; false when unknown.
bool find_symbol(std::string_view symbol, HResult& code);

}  // namespace slwmi
