#include "world/simulation/census.hpp"

#include <algorithm>

namespace slwmi::world::simulation {

using licensing::Minute;
using licensing::minute_of;

Census::Census(Fleet& fleet)
    : fleet_(fleet),
      states_(fleet.size(), kAbsent),
      until_(fleet.size(), 0),
      turns_(fleet.network().clock_turns()) {}

std::array<std::uint32_t, 6> Census::count(FileTime now) {
  const bool turned = std::any_of(turns_.begin(), turns_.end(),
                                  [&](FileTime turn) { return turn > last_ && turn <= now; });
  if (turned || now < last_) std::fill(until_.begin(), until_.end(), 0);
  last_ = now;
  const Minute minute = minute_of(now);
  std::array<std::uint32_t, 7> out{};
  for (std::uint32_t i = 0; i < fleet_.size(); ++i) {
    if (until_[i] <= minute || fleet_.has(i, kMoved)) look_at(i, now);
    ++out[std::min<std::uint8_t>(states_[i], 6)];
  }
  std::array<std::uint32_t, 6> counts{};
  std::copy_n(out.begin(), counts.size(), counts.begin());
  return counts;
}

void Census::look_at(std::uint32_t machine, FileTime now) {
  fleet_.clear(machine, kMoved);
  const FileTime installed = fleet_.columns().installed[machine];
  if (installed > now) {
    states_[machine] = kAbsent;
    until_[machine] = minute_of(installed);
    return;
  }
  const Packed& packed = fleet_.machine(machine);
  const Kind& kind = fleet_.kind_of(machine);
  const TickSpan ahead = minutes(fleet_.skew(machine, now));
  const licensing::Status status =
      licensing::status_at(packed.license, kind.facts.policy, now + ahead);
  states_[machine] = static_cast<std::uint8_t>(status.status);
  const auto change = licensing::next_change(packed.license, kind.facts.policy, now + ahead);
  until_[machine] = change ? minute_of(*change - ahead) : 0xFFFFFFFF;
}

}  // namespace slwmi::world::simulation
