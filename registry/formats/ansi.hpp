// The ANSI code page of Western Windows, 1252, which REGEDIT4 files are in.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace slwmi::reg {

// Every byte means something; those that 1252 leaves open stand for the control character of the
// same number.
std::string from_ansi(ByteSpan bytes);
// What the code page lacks becomes '?'.
std::string to_ansi(std::string_view text);

}  // namespace slwmi::reg
