// Registry values as reg.exe writes and reads them: "REG_DWORD    0x78", /t and /d.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "registry/value.hpp"
#include "tools/cli/rows.hpp"

namespace slwmi::tools {

// "REG_SZ"; a number without a name as reg.exe shows it, "0x1f".
std::string reg_type_text(reg::ValueType type);
// Texts as they are, numbers as 0x78 (REG_DWORD_BIG_ENDIAN in the order that reg.exe writes), the
// elements of a MULTI_SZ with `separator` between, other bytes as upper-case hex.
std::string reg_data_text(const reg::ValueView& value, std::string_view separator = "\\0");

// For JSON: texts, numbers (REG_QWORD as text), arrays of texts; other bytes as lower-case hex.
Cell reg_data_cell(const reg::ValueView& value);

// The value that /t and /d name; no data is an empty text, no bytes or, for REG_QWORD, 0.
// `separator` is not empty. E_INVALIDARG says what does not fit. Source: programs/reg/tests/add.c
// of Wine, which runs on Windows: half a byte comes first, REG_NONE holds a text,
// REG_DWORD_BIG_ENDIAN is little-endian as it is written.
Result<reg::ValueData> parse_reg_data(reg::ValueType type, std::string_view data,
                                      std::string_view separator = "\\0");

}  // namespace slwmi::tools
