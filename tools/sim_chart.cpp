#include "tools/sim_chart.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace slwmi::tools {
namespace {

using world::simulation::Sample;

// In the order of the bar, by LicenseStatus.
struct State {
  std::size_t status;
  char mark;
  std::string_view name;  // as records call it
  std::string_view label;
  std::string_view color;  // of the terminal
};
constexpr std::array<State, 6> kStates = {{
    {1, '#', "Licensed", "licensed", "32"},
    {2, 'o', "OOBGrace", "initial grace", "36"},
    {3, '+', "OOTGrace", "additional grace", "33"},
    {4, '?', "NonGenuineGrace", "non-genuine grace", "35"},
    {5, '!', "Notification", "notification", "31"},
    {0, '.', "Unlicensed", "unlicensed", "90"},
}};
constexpr std::size_t kDateWidth = 10;

std::string painted(std::string text, std::string_view color, bool on) {
  if (!on || text.empty()) return text;
  return "\x1b[" + std::string(color) + "m" + text + "\x1b[0m";
}

std::uint32_t machines_of(const Sample& sample) {
  return std::accumulate(sample.by_status.begin(), sample.by_status.end(), std::uint32_t{0});
}

// Shares of `width` characters that add up to it; a state with any machine has one at least.
std::array<std::size_t, 6> shares(const Sample& sample, std::size_t width) {
  std::array<std::size_t, 6> out{};
  const std::uint64_t machines = machines_of(sample);
  if (machines == 0) return out;
  std::uint64_t before = 0;
  std::size_t used = 0;
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    before += sample.by_status[kStates[i].status];
    const auto end = static_cast<std::size_t>((before * width + machines / 2) / machines);
    out[i] = end - used;
    used = end;
  }
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (out[i] != 0 || sample.by_status[kStates[i].status] == 0) continue;
    const auto largest = std::max_element(out.begin(), out.end());
    if (*largest < 2) continue;
    --*largest;
    out[i] = 1;
  }
  return out;
}

std::string date_of(FileTime time) { return format_iso8601(time).substr(0, kDateWidth); }

}  // namespace

std::string chart_of(std::span<const Sample> series, const ChartStyle& style) {
  std::string out;
  if (series.empty()) return out;
  std::string legend;
  for (const State& state : kStates) {
    const bool there = std::any_of(series.begin(), series.end(), [&](const Sample& sample) {
      return sample.by_status[state.status] != 0;
    });
    if (!there) continue;
    if (!legend.empty()) legend += "  ";
    legend += painted(std::string(1, state.mark), state.color, style.color);
    legend += " " + std::string(state.label);
  }
  out += legend + "\n";
  const std::string most = std::to_string(machines_of(series.back()));
  const std::size_t fixed = kDateWidth + 3 + 1 + most.size();
  const auto columns = static_cast<std::size_t>(std::max(style.columns, 40));
  const std::size_t width = columns > fixed + 10 ? columns - fixed : 10;
  const auto rows = static_cast<std::size_t>(std::max(style.rows, 2));
  const std::size_t step = series.size() <= rows ? 1 : (series.size() + rows - 2) / (rows - 1);
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (i % step != 0 && i + 1 != series.size()) continue;
    const Sample& sample = series[i];
    const auto parts = shares(sample, width);
    out += date_of(sample.at) + " |";
    std::size_t drawn = 0;
    for (std::size_t k = 0; k < kStates.size(); ++k) {
      out += painted(std::string(parts[k], kStates[k].mark), kStates[k].color, style.color);
      drawn += parts[k];
    }
    const std::string count = std::to_string(machines_of(sample));
    out += std::string(width - drawn, ' ') + "| " +
           std::string(most.size() - std::min(most.size(), count.size()), ' ') + count + "\n";
  }
  return out;
}

Record record_of(const Sample& sample) {
  Record record;
  record.push_back({"Time", Cell(format_iso8601(sample.at))});
  record.push_back({"Machines", Cell::number(std::uint64_t{machines_of(sample)})});
  for (const State& state : kStates) {
    record.push_back(
        {std::string(state.name), Cell::number(std::uint64_t{sample.by_status[state.status]})});
  }
  for (const auto& host : sample.hosts) {
    record.push_back({host.name + ".Count", Cell::number(std::uint64_t{host.count})});
    record.push_back({host.name + ".Requests", Cell::number(std::uint64_t{host.requests})});
    record.push_back({host.name + ".Failed", Cell::number(std::uint64_t{host.failed})});
  }
  return record;
}

std::string progress_bar(FileTime start, FileTime now, FileTime end, int columns) {
  const std::uint64_t whole = std::max<std::uint64_t>(end.ticks - start.ticks, 1);
  const std::uint64_t done = std::min(now.ticks - start.ticks, whole);
  const auto percent = static_cast<unsigned>(done / (whole / 100 + 1));
  const std::string number = std::to_string(done == whole ? 100 : percent);
  const std::string tail =
      " " + std::string(3 - number.size(), ' ') + number + " % " + date_of(now);
  const std::size_t room = columns > 40 ? static_cast<std::size_t>(columns) - tail.size() - 3 : 20;
  const std::size_t filled =
      done == whole ? room : static_cast<std::size_t>(done / (whole / room + 1));
  std::string bar(filled, '=');
  if (filled < room) bar += ">" + std::string(room - filled - 1, ' ');
  return "[" + bar + "]" + tail;
}

}  // namespace slwmi::tools
