// What a watcher of a machine's registry can tell between two of its views, however it came about:
// calls of programs, a policy that came or went, several commits at once.
#pragma once

#include "registry/hive_view.hpp"
#include "registry/registry.hpp"

namespace slwmi::reg {

// Changes that lead from `before` to `after`, for touches(); both are views of one machine, `after`
// the newer. A value that was written counts even when it got the data that it had, as long as the
// machine's own rows tell. Costs what the own rows and, when they differ, the layers cost.
ChangeSet difference(const HiveView& before, const HiveView& after);

}  // namespace slwmi::reg
