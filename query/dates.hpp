// The ways to write a moment in a WHERE clause besides the 25 characters of a CIM datetime: the
// sixteen documented date forms, each with an optional documented time after it. Windows reads them
// by locale and zone; here they are always US order and UTC, so that an answer does not depend on
// the host.
#pragma once

#include <optional>
#include <string_view>

#include "base/datetime.hpp"

namespace slwmi::wql {

// The moment that all of `text` says, or nothing. A date without a time is midnight; a month or
// year alone is its first day; two-digit years are 1930 to 2029. A time needs a date. The fourth
// field of a time is milliseconds.
std::optional<FileTime> parse_date_literal(std::string_view text);

}  // namespace slwmi::wql
