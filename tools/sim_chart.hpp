// A time series of a simulation as text: a chart of stacked bars for people, records for programs,
// and the bar that shows how far a run is.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/datetime.hpp"
#include "tools/cli/rows.hpp"
#include "world/simulation/simulation.hpp"

namespace slwmi::tools {

struct ChartStyle {
  int columns = 80;
  int rows = 24;  // at most; a longer series shows every n-th sample and the last
  bool color = false;
};
// A legend, then a bar a sample: each character is a share of the machines, by state.
std::string chart_of(std::span<const world::simulation::Sample> series, const ChartStyle& style);

// One sample: time, machines by state, and of each KMS host its count and counters.
Record record_of(const world::simulation::Sample& sample);

// "[=====>      ]  42 % 2008-05-15", without a line end.
std::string progress_bar(FileTime start, FileTime now, FileTime end, int columns);

}  // namespace slwmi::tools
