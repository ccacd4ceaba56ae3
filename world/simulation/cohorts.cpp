#include "world/simulation/cohorts.hpp"

namespace slwmi::world::simulation {

Cohorts::Cohorts(std::uint32_t machines) : led_(machines, 0), cohorts_(1) {
  const std::size_t room = machines + machines / 4 + 64;
  members_.reserve(room);
  parts_.reserve(room);
}

void Cohorts::form(std::span<const std::uint32_t> machines,
                   const licensing::AlikeClients& clients) {
  led_[machines.front()] = static_cast<std::uint32_t>(cohorts_.size());
  cohorts_.push_back({.first = static_cast<std::uint32_t>(members_.size()),
                      .count = static_cast<std::uint32_t>(machines.size()),
                      .generation = clients.generation});
  // One by one: they may be the members of another, which an insertion must not be given.
  for (const std::uint32_t machine : machines) members_.push_back(machine);
  parts_.insert(parts_.end(), clients.parts.begin(), clients.parts.end());
  live_ += machines.size();
}

void Cohorts::dissolve(Cohort& cohort) {
  led_[members_[cohort.first]] = 0;
  cohort.gone = true;
  live_ -= cohort.count;
}

void Cohorts::clear() {
  for (Cohort& cohort : all())
    if (!cohort.gone) dissolve(cohort);
  cohorts_.resize(1);
  members_.clear();
  parts_.clear();
}

void Cohorts::fetch(std::uint32_t machine) const {
  const std::uint32_t number = led_[machine];
  if (number == 0) return;
  const Cohort& cohort = cohorts_[number];
  constexpr std::size_t kLine = 64 / sizeof(licensing::ClientPart);
  for (std::size_t i = 0; i < cohort.count; i += kLine)
    __builtin_prefetch(&parts_[cohort.first + i], 1);
}

}  // namespace slwmi::world::simulation
