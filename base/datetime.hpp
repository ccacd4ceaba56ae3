// Points in time as Windows counts them (100 ns since 1601-01-01 UTC) and their texts: the 25
// characters of CIM datetimes and intervals, and ISO 8601 for people.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace slwmi {

inline constexpr std::int64_t kTicksPerSecond = 10'000'000;

// A length of time in 100 ns; may be negative.
struct TickSpan {
  std::int64_t ticks = 0;
  auto operator<=>(const TickSpan&) const = default;
};
constexpr TickSpan operator+(TickSpan a, TickSpan b) { return {a.ticks + b.ticks}; }
constexpr TickSpan operator-(TickSpan a, TickSpan b) { return {a.ticks - b.ticks}; }
constexpr TickSpan seconds(std::int64_t n) { return {n * kTicksPerSecond}; }
constexpr TickSpan minutes(std::int64_t n) { return seconds(n * 60); }
constexpr TickSpan hours(std::int64_t n) { return minutes(n * 60); }
constexpr TickSpan days(std::int64_t n) { return hours(n * 24); }
// Whole minutes, towards zero.
constexpr std::int64_t whole_minutes(TickSpan span) { return span.ticks / (60 * kTicksPerSecond); }

// A FILETIME. Zero means "none" in the licensing classes.
struct FileTime {
  std::uint64_t ticks = 0;
  auto operator<=>(const FileTime&) const = default;
};
constexpr FileTime operator+(FileTime t, TickSpan span) {
  return {t.ticks + static_cast<std::uint64_t>(span.ticks)};
}
constexpr FileTime operator-(FileTime t, TickSpan span) {
  return {t.ticks - static_cast<std::uint64_t>(span.ticks)};
}
constexpr TickSpan operator-(FileTime a, FileTime b) {
  return {static_cast<std::int64_t>(a.ticks - b.ticks)};
}

// 9999-12-31T23:59:59.9999999Z, the last time that the texts can show.
inline constexpr FileTime kMaxFileTime{2650467743999999999u};

// A UTC date and time of day in the proleptic Gregorian calendar.
struct CivilTime {
  int year = 1601;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int ticks = 0;  // 0..9,999,999 of 100 ns
  bool operator==(const CivilTime&) const = default;
};
// Times after kMaxFileTime are shown as kMaxFileTime.
CivilTime to_civil(FileTime time);
// Nothing for a date or time of day that does not exist or lies outside 1601..9999. No leap
// seconds.
std::optional<FileTime> from_civil(const CivilTime& civil);

// The length that a CIM interval says. 99,999,999 days do not fit a TickSpan.
struct CimInterval {
  std::int64_t microseconds = 0;
  auto operator<=>(const CimInterval&) const = default;
};

// What the 25 characters of a CIM datetime or interval say.
struct CimDateTime {
  bool interval = false;
  bool wildcards = false;           // some field is asterisks: neither `time` nor `span` is set
  std::optional<FileTime> time;     // the UTC instant of a timestamp without wildcards
  std::optional<CimInterval> span;  // of an interval without wildcards
  int utc_offset = 0;               // minutes; of timestamps only
};

// Parses `yyyymmddHHMMSS.mmmmmmsUUU` or `ddddddddHHMMSS.mmmmmm:000`. A whole field may be
// asterisks, of the microseconds the last digits alone too. WBEM_E_INVALID_PARAMETER with the
// offset of the first bad character.
Result<CimDateTime> parse_cim_datetime(std::string_view text);

// UTC with the offset "-000", as the licensing classes print times; zero gives
// "16010101000000.000000-000".
std::string format_cim_datetime(FileTime time);
// The local time at `utc_offset` minutes (-999..999) with that offset, "+000" for 0.
std::string format_cim_datetime(FileTime time, int utc_offset);
// `ddddddddHHMMSS.mmmmmm:000`; negative spans print as zero, days stop at 99,999,999.
std::string format_cim_interval(CimInterval span);

// "2008-03-01T00:00:00Z", with up to seven digits of fraction when there is one.
std::string format_iso8601(FileTime time);
// A date, or a date and a time with optional seconds, fraction and zone ("Z" or "+hh:mm"; none
// means UTC). E_INVALIDARG with the offset of the first bad character.
Result<FileTime> parse_iso8601(std::string_view text);

}  // namespace slwmi
