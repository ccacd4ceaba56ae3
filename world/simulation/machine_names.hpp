// Machines' names by number for observers, who are told millions of numbers.
#pragma once

#include <string>
#include <vector>

#include "world/shared.hpp"

namespace slwmi::world::simulation {

class MachineNames {
 public:
  explicit MachineNames(WorldShared& world) : store_(world.store()) {}

  // As the machine is called now, without its domain; empty for 0 and for one that is gone. Looked
  // up once between two commits, since no machine is renamed without one.
  const std::string& of(MachineId machine) {
    if (const std::uint64_t word = store_.change_word(); word != word_) {
      word_ = word;
      names_.clear();
    }
    if (machine >= names_.size()) names_.resize(std::size_t{machine} + 1);
    std::string& name = names_[machine];
    if (name.empty() && machine != 0) {
      if (auto info = store_.info(machine)) name = std::move(info->name);
    }
    return name;
  }

 private:
  Store& store_;
  std::uint64_t word_ = 0;
  std::vector<std::string> names_;
};

}  // namespace slwmi::world::simulation
