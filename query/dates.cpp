// Splits the text into numbers, month names and marks, then tries the documented shapes in their
// order.
#include "query/dates.hpp"

#include <array>
#include <cstddef>

#include "base/text.hpp"

namespace slwmi::wql {
namespace {

struct Piece {
  enum Kind { kNumber, kMonth, kHalf, kMark } kind = kMark;
  int value = 0;   // of a number; 1..12; kHalf: 0 AM, 12 PM; the mark's character
  int digits = 0;  // of a number
  bool blank_before = false;
};

struct Pieces {
  std::array<Piece, 16> data;
  std::size_t count = 0;
};

constexpr std::string_view kMonths[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};

int month_of(std::string_view word) {
  for (int m = 0; m < 12; ++m) {
    if (equal_ignore_case(word, kMonths[m]) || equal_ignore_case(word, kMonths[m].substr(0, 3)))
      return m + 1;
  }
  return 0;
}

bool split(std::string_view text, Pieces& out) {
  std::size_t i = 0;
  bool blank = false;
  while (i < text.size()) {
    if (text[i] == ' ') {
      blank = true;
      ++i;
      continue;
    }
    if (out.count == out.data.size()) return false;
    Piece& piece = out.data[out.count++];
    piece.blank_before = blank;
    blank = false;
    const std::size_t begin = i;
    if (is_digit(text[i])) {
      piece.kind = Piece::kNumber;
      while (i < text.size() && is_digit(text[i])) {
        if (++piece.digits > 8) return false;
        piece.value = piece.value * 10 + (text[i++] - '0');
      }
    } else if (is_ascii_alpha(text[i])) {
      while (i < text.size() && is_ascii_alpha(text[i])) ++i;
      const std::string_view word = text.substr(begin, i - begin);
      piece.kind = Piece::kMonth;
      piece.value = month_of(word);
      if (equal_ignore_case(word, "am") || equal_ignore_case(word, "pm")) {
        piece.kind = Piece::kHalf;
        piece.value = equal_ignore_case(word, "pm") ? 12 : 0;
      } else if (piece.value == 0) {
        return false;
      }
    } else {
      piece.value = static_cast<unsigned char>(text[i++]);
    }
  }
  return out.count != 0 && !blank;
}

class Reader {
 public:
  explicit Reader(const Pieces& pieces) : pieces_(pieces), date_end_(pieces.count) {}

  std::optional<FileTime> read() {
    if (!read_time() || !read_date()) return std::nullopt;
    return from_civil(civil_);
  }

 private:
  const Piece& at(std::size_t i) const { return pieces_.data[i]; }
  bool is_mark(std::size_t i, char c) const {
    return i < pieces_.count && at(i).kind == Piece::kMark && at(i).value == c;
  }
  bool number(std::size_t i, int most_digits) const {
    return i < pieces_.count && at(i).kind == Piece::kNumber && at(i).digits <= most_digits;
  }

  // Reads the time from the number before the first colon or before AM or PM, and cuts it off the
  // date.
  bool read_time() {
    std::size_t start = pieces_.count;
    for (std::size_t i = 0; i < pieces_.count && start == pieces_.count; ++i) {
      if (i > 0 && (is_mark(i, ':') || at(i).kind == Piece::kHalf)) start = i - 1;
    }
    if (start == pieces_.count) return true;
    if (start == 0 || !at(start).blank_before) return false;
    date_end_ = start;
    std::array<int, 4> fields{};
    std::size_t i = start, count = 0;
    while (true) {
      if (count == fields.size() || !number(i, count == 3 ? 3 : 2)) return false;
      fields[count++] = at(i++).value;
      if (!is_mark(i, ':')) break;
      ++i;
    }
    civil_.hour = fields[0];
    if (i < pieces_.count && at(i).kind == Piece::kHalf) {
      if (fields[0] < 1 || fields[0] > 12) return false;
      civil_.hour = fields[0] % 12 + at(i++).value;
    } else if (count == 1) {
      return false;
    }
    civil_.minute = fields[1];
    civil_.second = fields[2];
    civil_.ticks = fields[3] * 10'000;
    return i == pieces_.count;
  }

  bool read_date() {
    // Commas may follow a day or a month name; then only numbers, month names and separators are
    // left.
    std::array<Piece, 5> parts{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < date_end_; ++i) {
      if (is_mark(i, ',')) {
        if (i == 0 || i + 1 == date_end_ || is_mark(i - 1, ',')) return false;
        continue;
      }
      if (count == parts.size()) return false;
      parts[count++] = at(i);
    }
    const auto number = [&](std::size_t i) { return parts[i].kind == Piece::kNumber; };
    const auto month = [&](std::size_t i) { return parts[i].kind == Piece::kMonth; };
    if (count == 1 && number(0)) return compact(parts[0]);
    if (count == 2 && month(0) && number(1))
      return parts[1].digits == 4 && set(parts[1], parts[0].value, 1);
    if (count == 2 && number(0) && month(1))
      return parts[0].digits == 4 && set(parts[0], parts[1].value, 1);
    if (count == 3 && month(0) && number(1) && number(2))
      return day_and_year(parts[1], parts[2], parts[0].value);
    if (count == 3 && number(0) && month(1) && number(2))
      return day_and_year(parts[0], parts[2], parts[1].value);
    if (count == 3 && number(0) && number(1) && month(2))
      return day_and_year(parts[0], parts[1], parts[2].value);
    return count == 5 && number(0) && number(2) && number(4) && parts[1].kind == Piece::kMark &&
           parts[3].kind == Piece::kMark &&
           separated(parts[0], parts[2], parts[4], parts[1].value, parts[3].value);
  }

  // [yy]yyMMdd, then yyyy[MM].
  bool compact(const Piece& n) {
    const Piece year{Piece::kNumber, n.value / 10000, n.digits - 4, false};
    if (n.digits == 8 || n.digits == 6) {
      if (set(year, n.value / 100 % 100, n.value % 100)) return true;
    }
    if (n.digits == 6) return set({Piece::kNumber, n.value / 100, 4, false}, n.value % 100, 1);
    return n.digits == 4 && set(n, 1, 1);
  }

  bool day_and_year(const Piece& a, const Piece& b, int month) {
    return (a.digits <= 2 && set(b, month, a.value)) || (b.digits <= 2 && set(a, month, b.value));
  }

  bool separated(const Piece& a, const Piece& b, const Piece& c, int first, int second) {
    if (first != second || (first != '/' && first != '-' && first != '.')) return false;
    if (a.digits == 4) return date_of(a, b, c) || date_of(a, c, b);
    return date_of(c, a, b) || date_of(c, b, a) || date_of(b, a, c) || date_of(b, c, a) ||
           date_of(a, c, b) || date_of(a, b, c);
  }
  bool date_of(const Piece& year, const Piece& month, const Piece& day) {
    return month.digits <= 2 && day.digits <= 2 && set(year, month.value, day.value);
  }

  bool set(const Piece& year, int month, int day) {
    if (year.digits != 2 && year.digits != 4) return false;
    civil_.year = year.digits == 4  ? year.value
                  : year.value < 30 ? 2000 + year.value
                                    : 1900 + year.value;
    civil_.month = month;
    civil_.day = day;
    return from_civil(civil_).has_value();
  }

  const Pieces& pieces_;
  std::size_t date_end_;
  CivilTime civil_;
};

}  // namespace

std::optional<FileTime> parse_date_literal(std::string_view text) {
  Pieces pieces;
  if (!split(text, pieces)) return std::nullopt;
  return Reader(pieces).read();
}

}  // namespace slwmi::wql
