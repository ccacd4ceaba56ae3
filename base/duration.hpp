// Lengths of time as people write them: whole minutes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slwmi {

// Minutes of "30d", "1d12h", "180 days", "2 weeks 90 minutes": numbers with units, blanks between
// them or not. Units are w, d, h and m and their English words, in any case. Nothing for anything
// else, a number without a unit included, and for more than 1,900 years.
std::optional<std::uint64_t> parse_duration(std::string_view text);

// The shortest such text: "1w2d", "90m" is "1h30m", "0m".
std::string format_duration(std::uint64_t minutes);

}  // namespace slwmi
