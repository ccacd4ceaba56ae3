// The commands of `slwmi net` that write rules: links, ports, faults, clocks.
#pragma once

#include "tools/cli/invocation.hpp"

namespace slwmi::tools {

Outcome run_net_links(Invocation& in);
Outcome run_net_cut(Invocation& in);
Outcome run_net_link(Invocation& in);
Outcome run_net_unlink(Invocation& in);
Outcome run_net_ports(Invocation& in);
Outcome run_net_close(Invocation& in);
Outcome run_net_open(Invocation& in);
Outcome run_net_remove_port(Invocation& in);
Outcome run_net_faults(Invocation& in);
Outcome run_net_fault_kinds(Invocation& in);
Outcome run_net_add_fault(Invocation& in);
Outcome run_net_remove_fault(Invocation& in);
Outcome run_net_clocks(Invocation& in);
Outcome run_net_set_clock(Invocation& in);

}  // namespace slwmi::tools
