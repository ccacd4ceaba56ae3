#include "report/chart.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "provider/xml_text.hpp"

namespace slwmi::report {
namespace {

// Coordinates are in pixels of a drawing that is scaled to the width it has.
constexpr double kWidth = 880;
constexpr double kTop = 14, kRight = 16;
constexpr double kUnit = 14;            // above upright charts: what their values are
constexpr double kPlot = 220;           // height of upright charts without their axis
constexpr double kLetter = 6.6;         // about the width of one at 12 px
constexpr double kBar = 22, kGap = 12;  // of lying charts

std::string px(double value) {
  const auto tenths = static_cast<long long>(std::llround(value * 10));
  std::string out = std::to_string(tenths / 10);
  if (tenths % 10 != 0) out += "." + std::to_string(std::abs(tenths % 10));
  if (tenths < 0 && tenths / 10 == 0) out.insert(0, "-");
  return out;
}

std::string attribute(std::string_view name, double value) {
  return " " + std::string(name) + "=\"" + px(value) + "\"";
}

std::string text_at(double x, double y, std::string_view style, std::string_view text) {
  return "<text" + attribute("x", x) + attribute("y", y) + " class=\"" + std::string(style) +
         "\">" + escaped(text) + "</text>";
}

std::string line_at(double x1, double y1, double x2, double y2, std::string_view style) {
  return "<line" + attribute("x1", x1) + attribute("y1", y1) + attribute("x2", x2) +
         attribute("y2", y2) + " class=\"" + std::string(style) + "\"/>";
}

std::string bar_at(double x, double y, double width, double height, Tone tone,
                   std::string_view title) {
  return "<rect" + attribute("x", x) + attribute("y", y) + attribute("width", width) +
         attribute("height", height) + " rx=\"" + px(std::min({3.0, width / 4, height / 4})) +
         "\" class=\"f-" + std::string(to_text(tone)) + "\"><title>" + escaped(title) +
         "</title></rect>";
}

std::size_t length_of(std::string_view text) { return to_utf16(text).size(); }
double width_of(std::string_view text) { return kLetter * static_cast<double>(length_of(text)); }

std::string shortened(std::string_view text, std::size_t most) {
  std::u16string units = to_utf16(text);
  if (units.size() <= most) return std::string(text);
  units.resize(most - 1);
  return from_utf16(units) + "…";
}

std::string opened(double height, std::string_view label) {
  return "<svg viewBox=\"0 0 " + px(kWidth) + " " + px(height) + "\" role=\"img\" aria-label=\"" +
         escaped(label) + "\">";
}

std::string legend_of(const std::vector<std::pair<std::string, Tone>>& entries) {
  std::string out = "<ul class=\"legend\">";
  for (const auto& [name, tone] : entries)
    out += "<li><i class=\"b-" + std::string(to_text(tone)) + "\"></i>" + escaped(name) + "</li>";
  return out + "</ul>";
}

// One series needs none.
std::string legend_of(const Chart& chart) {
  if (chart.series.size() < 2) return {};
  std::vector<std::pair<std::string, Tone>> entries;
  for (const Series& series : chart.series) entries.emplace_back(series.name, series.tone);
  return legend_of(entries);
}

std::uint64_t total_of(const Chart& chart, std::size_t category) {
  std::uint64_t sum = 0;
  for (const Series& series : chart.series)
    if (category < series.values.size()) sum += series.values[category];
  return sum;
}

std::uint64_t largest_total(const Chart& chart) {
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < chart.categories.size(); ++i)
    most = std::max(most, total_of(chart, i));
  return most;
}

std::string title_of(const Chart& chart, std::size_t category, const Series& series) {
  const std::uint64_t value = series.values[category], total = total_of(chart, category);
  std::string out = chart.categories[category];
  if (chart.kind == Chart::Kind::kColumns) out = chart.category_label + " " + out;
  out += "\n" + series.name + ": " + grouped(value) + " " + chart.value_label;
  if (total != value) out += "\nof " + grouped(total);
  return out;
}

std::string columns(const Chart& chart) {
  const std::vector<std::uint64_t> marks = axis_marks(largest_total(chart));
  const double scale = kPlot / static_cast<double>(marks.back());
  const double left = std::max(34.0, width_of(grouped(marks.back())) + 14);
  const double plot = kWidth - left - kRight, bottom = kUnit + kTop + kPlot;
  const double height = bottom + 44;
  const double slot = plot / static_cast<double>(chart.categories.size());
  const double width = std::min(slot * 0.8, 46.0);
  std::string out = opened(height, chart.title);
  out += text_at(0, 11, "unit", chart.value_label);
  for (const std::uint64_t mark : marks) {
    const double y = bottom - static_cast<double>(mark) * scale;
    out += line_at(left, y, kWidth - kRight, y, mark == 0 ? "axis" : "grid");
    out += text_at(left - 8, y + 4, "tick end", grouped(mark));
  }
  // As many labels as have room, evenly spaced.
  double widest = 0;
  for (const std::string& name : chart.categories) widest = std::max(widest, width_of(name));
  const auto every = static_cast<std::size_t>(std::ceil((widest + 10) / slot));
  for (std::size_t i = 0; i < chart.categories.size(); ++i) {
    const double middle = left + slot * (static_cast<double>(i) + 0.5);
    double y = bottom;
    for (const Series& series : chart.series) {
      if (i >= series.values.size() || series.values[i] == 0) continue;
      const double tall = std::max(static_cast<double>(series.values[i]) * scale, 1.0);
      y -= tall;
      out += bar_at(middle - width / 2, y, width, tall, series.tone, title_of(chart, i, series));
    }
    if (i % std::max<std::size_t>(every, 1) == 0)
      out += text_at(middle, bottom + 17, "tick middle", chart.categories[i]);
  }
  out += text_at(left + plot / 2, bottom + 38, "unit middle", chart.category_label);
  return out + "</svg>";
}

std::string bars(const Chart& chart) {
  constexpr std::size_t kLongest = 44;
  double left = 40;
  for (const std::string& name : chart.categories)
    left = std::max(left, width_of(shortened(name, kLongest)) + 14);
  const std::vector<std::uint64_t> marks = axis_marks(largest_total(chart));
  const double plot = kWidth - left - kRight - 40;
  const double scale = plot / static_cast<double>(marks.back());
  const double bottom = kTop + static_cast<double>(chart.categories.size()) * (kBar + kGap);
  std::string out = opened(bottom + 40, chart.title);
  for (const std::uint64_t mark : marks) {
    const double x = left + static_cast<double>(mark) * scale;
    out += line_at(x, kTop - 4, x, bottom, mark == 0 ? "axis" : "grid");
    out += text_at(x, bottom + 16, "tick middle", grouped(mark));
  }
  for (std::size_t i = 0; i < chart.categories.size(); ++i) {
    const double y = kTop + static_cast<double>(i) * (kBar + kGap) + kGap / 2;
    out +=
        text_at(left - 8, y + kBar / 2 + 4, "tick end", shortened(chart.categories[i], kLongest));
    double x = left;
    for (const Series& series : chart.series) {
      if (i >= series.values.size() || series.values[i] == 0) continue;
      const double wide = std::max(static_cast<double>(series.values[i]) * scale, 1.0);
      out += bar_at(x, y, wide, kBar, series.tone, title_of(chart, i, series));
      x += wide;
    }
    out += text_at(x + 6, y + kBar / 2 + 4, "value", grouped(total_of(chart, i)));
  }
  out += text_at(left + plot / 2, bottom + 35, "unit middle", chart.value_label);
  return out + "</svg>";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  licensing::append_xml_text(out, text);
  return out;
}

std::string grouped(std::uint64_t number) {
  std::string out = std::to_string(number);
  for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
  return out;
}

std::vector<std::uint64_t> axis_marks(std::uint64_t most) {
  constexpr std::uint64_t kMost = 5;  // besides 0
  std::uint64_t step = 1;
  for (int i = 0; (most + step - 1) / step > kMost; ++i)
    step = i % 3 == 1 ? step / 2 * 5 : step * 2;
  std::vector<std::uint64_t> out = {0};
  do {
    out.push_back(out.back() + step);
  } while (out.back() < most);
  return out;
}

std::string to_svg(const Chart& chart) {
  std::string out = "<figure><figcaption>" + escaped(chart.title) + "</figcaption>";
  if (largest_total(chart) == 0) return out + "<p class=\"empty\">Nothing to show.</p></figure>";
  out += legend_of(chart);
  out += chart.kind == Chart::Kind::kColumns ? columns(chart) : bars(chart);
  return out + "</figure>";
}

std::string to_svg(const Timeline& timeline) {
  double left = 40;
  for (const Timeline::Line& line : timeline.lines) left = std::max(left, width_of(line.name) + 14);
  const double plot = kWidth - left - kRight;
  const double bottom = kTop + static_cast<double>(timeline.lines.size()) * (kBar + kGap);
  const auto whole =
      static_cast<double>(std::max<std::int64_t>((timeline.to - timeline.from).ticks, 1));
  const auto x_of = [&](FileTime time) {
    const double part = static_cast<double>((time - timeline.from).ticks) / whole;
    return left + plot * std::clamp(part, 0.0, 1.0);
  };
  std::string out = "<figure><figcaption>" + escaped(timeline.title) + "</figcaption>";
  if (!timeline.legend.empty()) out += legend_of(timeline.legend);
  out += opened(bottom + 28, timeline.title);
  for (std::size_t i = 0; i < timeline.lines.size(); ++i) {
    const Timeline::Line& line = timeline.lines[i];
    const double y = kTop + static_cast<double>(i) * (kBar + kGap) + kGap / 2;
    out += text_at(left - 8, y + kBar / 2 + 4, "tick end", line.name);
    for (const Timeline::Span& span : line.spans) {
      const double x = x_of(span.from), wide = std::max(x_of(span.to) - x, 1.0);
      out +=
          bar_at(x, y, wide, kBar, span.tone,
                 span.label + "\n" + format_iso8601(span.from) + " to " + format_iso8601(span.to));
    }
  }
  constexpr int kMarks = 4;
  for (int i = 0; i <= kMarks; ++i) {
    const FileTime time = timeline.from + TickSpan{static_cast<std::int64_t>(whole) / kMarks * i};
    const std::string_view style = i == 0 ? "tick" : i == kMarks ? "tick end" : "tick middle";
    out += line_at(x_of(time), bottom, x_of(time), bottom + 5, "axis");
    out += text_at(x_of(time), bottom + 20, style, format_iso8601(time).substr(0, 10));
  }
  out += line_at(left, bottom, left + plot, bottom, "axis");
  return out + "</svg></figure>";
}

}  // namespace slwmi::report
