#include "base/datetime.hpp"

#include <algorithm>
#include <chrono>

#include "base/text.hpp"

namespace slwmi {
namespace {

namespace chr = std::chrono;

constexpr std::int64_t kTicksPerDay = 86'400 * kTicksPerSecond;
constexpr chr::sys_days kEpoch = chr::sys_days(chr::year(1601) / 1 / 1);
constexpr std::size_t kCimLength = 25;

void append_number(std::string& out, std::int64_t value, int width) {
  const std::string digits = std::to_string(value);
  for (auto i = static_cast<int>(digits.size()); i < width; ++i) out.push_back('0');
  out += digits;
}

// Reads fixed-width fields from left to right; remembers the first bad offset.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : text_(text) {}

  bool ok() const { return !failed_; }
  bool wildcards() const { return wildcards_; }
  std::size_t offset() const { return offset_; }
  bool at_end() const { return offset_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[offset_]; }
  void fail_at(std::size_t offset) {
    if (!failed_) offset_ = offset;
    failed_ = true;
  }

  bool accept(char c) {
    if (failed_ || peek() != c) return false;
    ++offset_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) failed_ = true;
  }

  // A number of exactly `width` digits up to `max`.
  int number(int width, int max) {
    const std::size_t start = offset_;
    int value = 0;
    for (int i = 0; i < width && !failed_; ++i) {
      if (!is_digit(peek())) {
        failed_ = true;
        return 0;
      }
      value = value * 10 + (text_[offset_++] - '0');
    }
    if (value > max) fail_at(start);
    return value;
  }

  // As number, or `width` asterisks (then 0).
  int number_or_wildcard(int width, int max) {
    if (peek() != '*') return number(width, max);
    wildcards_ = true;
    for (int i = 0; i < width; ++i) expect('*');
    return 0;
  }

  // Six digits of which the last ones may be asterisks.
  int microseconds() {
    int value = 0;
    bool star = false;
    for (int i = 0; i < 6 && !failed_; ++i) {
      const char c = peek();
      star = star || c == '*';
      if (star ? c != '*' : !is_digit(c)) {
        failed_ = true;
        return 0;
      }
      value = value * 10 + (star ? 0 : c - '0');
      ++offset_;
    }
    wildcards_ = wildcards_ || star;
    return value;
  }

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
  bool failed_ = false;
  bool wildcards_ = false;
};

tl::unexpected<Error> bad_cim(const FieldReader& in) {
  return fail(HResult::kWbemEInvalidParameter, "not a CIM datetime or interval",
              SourcePos{in.offset(), 0, 0});
}

Result<CimDateTime> parse_timestamp(std::string_view text) {
  FieldReader in(text);
  CivilTime civil;
  civil.year = in.number_or_wildcard(4, 9999);
  civil.month = in.number_or_wildcard(2, 12);
  civil.day = in.number_or_wildcard(2, 31);
  civil.hour = in.number_or_wildcard(2, 23);
  civil.minute = in.number_or_wildcard(2, 59);
  civil.second = in.number_or_wildcard(2, 59);
  in.expect('.');
  civil.ticks = in.microseconds() * 10;
  CimDateTime out;
  const bool minus = in.accept('-');
  if (!minus) in.expect('+');
  out.utc_offset = in.number_or_wildcard(3, 999);
  if (minus) out.utc_offset = -out.utc_offset;
  if (!in.ok() || !in.at_end()) return bad_cim(in);
  out.wildcards = in.wildcards();
  if (out.wildcards) return out;
  const auto local = from_civil(civil);
  const auto time =
      local ? local->ticks - static_cast<std::uint64_t>(minutes(out.utc_offset).ticks) : 0;
  // A local time near the ends may lie outside what a FILETIME holds.
  if (!local || time > kMaxFileTime.ticks) {
    in.fail_at(0);
    return fail(HResult::kWbemEInvalidParameter, "no such date and time", SourcePos{0, 0, 0});
  }
  out.time = FileTime{time};
  return out;
}

Result<CimDateTime> parse_interval(std::string_view text) {
  FieldReader in(text);
  const std::int64_t whole_days = in.number_or_wildcard(8, 99'999'999);
  const int hour = in.number_or_wildcard(2, 23);
  const int minute = in.number_or_wildcard(2, 59);
  const int second = in.number_or_wildcard(2, 59);
  in.expect('.');
  const int micros = in.microseconds();
  in.expect(':');
  in.number(3, 0);
  if (!in.ok() || !in.at_end()) return bad_cim(in);
  CimDateTime out;
  out.interval = true;
  out.wildcards = in.wildcards();
  if (!out.wildcards) {
    const std::int64_t second_of_all = ((whole_days * 24 + hour) * 60 + minute) * 60 + second;
    out.span = CimInterval{second_of_all * 1'000'000 + micros};
  }
  return out;
}

void append_time_of_day(std::string& out, const CivilTime& civil, std::string_view separator) {
  append_number(out, civil.hour, 2);
  out += separator;
  append_number(out, civil.minute, 2);
  out += separator;
  append_number(out, civil.second, 2);
}

std::string cim_local(FileTime time) {
  const CivilTime civil = to_civil(time);
  std::string out;
  out.reserve(kCimLength);
  append_number(out, civil.year, 4);
  append_number(out, civil.month, 2);
  append_number(out, civil.day, 2);
  append_time_of_day(out, civil, "");
  out.push_back('.');
  append_number(out, civil.ticks / 10, 6);
  return out;
}

// Up to seven digits of fraction, scaled to ticks.
int iso_fraction(FieldReader& in) {
  int value = 0;
  int digits = 0;
  for (; is_digit(in.peek()) && digits < 7; ++digits) value = value * 10 + in.number(1, 9);
  if (digits == 0) in.fail_at(in.offset());
  for (; digits < 7; ++digits) value *= 10;
  return value;
}

int iso_zone(FieldReader& in) {  // minutes east of UTC
  if (in.accept('Z') || in.accept('z') || in.at_end()) return 0;
  const bool minus = in.accept('-');
  if (!minus) in.expect('+');
  const int hour = in.number(2, 23);
  in.accept(':');
  const int offset = hour * 60 + in.number(2, 59);
  return minus ? -offset : offset;
}

}  // namespace

CivilTime to_civil(FileTime time) {
  const auto ticks = static_cast<std::int64_t>(std::min(time, kMaxFileTime).ticks);
  const chr::year_month_day date(kEpoch + chr::days(ticks / kTicksPerDay));
  const std::int64_t in_day = ticks % kTicksPerDay;
  const auto second = static_cast<int>(in_day / kTicksPerSecond);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          second / 3600,
          second / 60 % 60,
          second % 60,
          static_cast<int>(in_day % kTicksPerSecond)};
}

std::optional<FileTime> from_civil(const CivilTime& civil) {
  const auto within = [](int value, int low, int high) { return value >= low && value <= high; };
  if (!within(civil.year, 1601, 9999) || !within(civil.month, 1, 12) || !within(civil.day, 1, 31) ||
      !within(civil.hour, 0, 23) || !within(civil.minute, 0, 59) || !within(civil.second, 0, 59) ||
      !within(civil.ticks, 0, static_cast<int>(kTicksPerSecond) - 1)) {
    return std::nullopt;
  }
  const auto date = chr::year(civil.year) / civil.month / civil.day;
  if (!date.ok()) return std::nullopt;
  const std::int64_t day = (chr::sys_days(date) - kEpoch).count();
  const std::int64_t second = (civil.hour * 60 + civil.minute) * 60 + civil.second;
  return FileTime{
      static_cast<std::uint64_t>(day * kTicksPerDay + second * kTicksPerSecond + civil.ticks)};
}

Result<CimDateTime> parse_cim_datetime(std::string_view text) {
  return text.size() == kCimLength && text[21] == ':' ? parse_interval(text)
                                                      : parse_timestamp(text);
}

std::string format_cim_datetime(FileTime time) { return cim_local(time) + "-000"; }

std::string format_cim_datetime(FileTime time, int utc_offset) {
  const int offset = std::clamp(utc_offset, -999, 999);
  const FileTime earliest{static_cast<std::uint64_t>(minutes(std::max(-offset, 0)).ticks)};
  std::string out = cim_local(std::max(std::min(time, kMaxFileTime), earliest) + minutes(offset));
  out.push_back(offset < 0 ? '-' : '+');
  append_number(out, offset < 0 ? -offset : offset, 3);
  return out;
}

std::string format_cim_interval(CimInterval span) {
  const std::int64_t micros = std::max<std::int64_t>(span.microseconds, 0);
  const std::int64_t second = micros / 1'000'000;
  std::string out;
  out.reserve(kCimLength);
  append_number(out, std::min<std::int64_t>(second / 86'400, 99'999'999), 8);
  append_number(out, second / 3600 % 24, 2);
  append_number(out, second / 60 % 60, 2);
  append_number(out, second % 60, 2);
  out.push_back('.');
  append_number(out, micros % 1'000'000, 6);
  return out + ":000";
}

std::string format_iso8601(FileTime time) {
  const CivilTime civil = to_civil(time);
  std::string out;
  append_number(out, civil.year, 4);
  out.push_back('-');
  append_number(out, civil.month, 2);
  out.push_back('-');
  append_number(out, civil.day, 2);
  out.push_back('T');
  append_time_of_day(out, civil, ":");
  if (civil.ticks != 0) {
    out.push_back('.');
    append_number(out, civil.ticks, 7);
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out + "Z";
}

Result<FileTime> parse_iso8601(std::string_view text) {
  FieldReader in(text);
  CivilTime civil;
  civil.year = in.number(4, 9999);
  in.expect('-');
  civil.month = in.number(2, 12);
  in.expect('-');
  civil.day = in.number(2, 31);
  int zone = 0;
  if (in.ok() && !in.at_end()) {
    if (!in.accept('T') && !in.accept('t')) in.expect(' ');
    civil.hour = in.number(2, 23);
    in.expect(':');
    civil.minute = in.number(2, 59);
    if (in.accept(':')) {
      civil.second = in.number(2, 59);
      if (in.accept('.')) civil.ticks = iso_fraction(in);
    }
    zone = iso_zone(in);
  }
  if (!in.ok() || !in.at_end()) {
    return fail(HResult::kEInvalidarg, "not an ISO 8601 date and time",
                SourcePos{in.offset(), 0, 0});
  }
  const auto local = from_civil(civil);
  const std::uint64_t ticks =
      local ? local->ticks - static_cast<std::uint64_t>(minutes(zone).ticks) : 0;
  if (!local || ticks > kMaxFileTime.ticks) {
    return fail(HResult::kEInvalidarg, "no such date and time", SourcePos{0, 0, 0});
  }
  return FileTime{ticks};
}

}  // namespace slwmi
