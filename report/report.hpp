// What a report is when it is done: a table of typed values, charts and headline figures as plain
// data. Tools print the table, page.hpp makes a page of all of it, and tests look at the numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/datetime.hpp"

namespace slwmi::report {

// Nothing, a text, a number or a time of the world's clock.
using Value = std::variant<std::monostate, std::string, std::int64_t, FileTime>;
inline Value number(std::uint64_t n) { return static_cast<std::int64_t>(n); }
std::string to_text(const Value& value);  // "" for nothing; times in ISO form

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;  // as many values each as there are columns
};

// What a colour of a page stands for.
enum class Tone : std::uint8_t {
  kPlain,
  kGood,     // licensed, new activations
  kInitial,  // initial grace
  kExpired,  // additional grace
  kSuspect,  // non-genuine
  kBad,      // unlicensed, failed
  kSeries1,  // kinds of things that have no rank among them
  kSeries2,
  kSeries3,
  kSeries4,
  kSeries5,
  kSeries6,
};
std::string_view to_text(Tone tone);  // "good": a name that style sheets can use

struct Series {
  std::string name;
  Tone tone = Tone::kPlain;
  std::vector<std::uint64_t> values;  // one a category
};

// Stacked bars: of each category the values of all series on top of each other.
struct Chart {
  enum class Kind : std::uint8_t {
    kColumns,  // upright; categories have an order, such as days
    kBars,     // lying; categories are names
  };
  Kind kind = Kind::kColumns;
  std::string title;
  std::string category_label, value_label;  // of the axes
  std::vector<std::string> categories;
  std::vector<Series> series;
};

// A band for each line that is coloured by what it was over time.
struct Timeline {
  struct Span {
    FileTime from, to;
    Tone tone = Tone::kPlain;
    std::string label;
  };
  struct Line {
    std::string name;
    std::vector<Span> spans;  // in order of time
  };
  std::string title;
  FileTime from, to;
  std::vector<Line> lines;
  std::vector<std::pair<std::string, Tone>> legend;  // what the tones mean
};

struct Figure {
  std::string label;
  std::uint64_t value = 0;
  Tone tone = Tone::kPlain;
};

struct Report {
  std::string name;   // "activation-count-summary"
  std::string title;  // "Activation Count Summary"
  std::string about;  // what it shows, in a sentence
  FileTime at;        // of the world's clock
  std::vector<Figure> figures;
  std::vector<Chart> charts;
  std::vector<Timeline> timelines;
  Table table;
  std::vector<std::string> notes;  // what a reader must know, such as hosts without data
};

}  // namespace slwmi::report
