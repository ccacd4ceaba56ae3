// The machines that a command's NAME arguments mean.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/invocation.hpp"
#include "world/world.hpp"

namespace slwmi::tools {

// Every machine named, or the one of -m when none is. Nothing happens to any when one is unknown.
inline Result<std::vector<world::Machine>> named_machines(Invocation& in) {
  std::vector<world::Machine> out;
  for (const std::string& name : in.values("NAME")) {
    SL_TRY(const world::Machine machine, in.machine(name));
    out.push_back(machine);
  }
  if (!out.empty()) return out;
  SL_TRY(const world::Machine machine, in.machine());
  out.push_back(machine);
  return out;
}

inline constexpr Argument kNamesOrOne[] = {
    {"NAME", "the machines (default: the one of -m)", Count::kAny}};

}  // namespace slwmi::tools
