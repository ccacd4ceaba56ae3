#include "report/report.hpp"

namespace slwmi::report {

std::string to_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* n = std::get_if<std::int64_t>(&value)) return std::to_string(*n);
  if (const auto* time = std::get_if<FileTime>(&value)) return format_iso8601(*time);
  return {};
}

std::string_view to_text(Tone tone) {
  constexpr std::string_view kNames[] = {"plain", "good", "initial", "expired", "suspect", "bad",
                                         "s1",    "s2",   "s3",      "s4",      "s5",      "s6"};
  return kNames[static_cast<std::size_t>(tone)];
}

}  // namespace slwmi::report
