#include "tools/net_rules.hpp"

#include "base/duration.hpp"
#include "base/text.hpp"
#include "tools/listing.hpp"
#include "tools/net_text.hpp"

namespace slwmi::tools {
namespace {

namespace net = world::net;

Outcome change(world::World& world, const std::function<Result<>(net::Model&)>& change) {
  SL_CHECK(world.change_network(change));
  return kDone;
}

// Takes the rule of a number, as the list shows it, away.
template <class T>
Result<> remove_numbered(std::vector<T>& rules, std::string_view text, std::string_view what) {
  const auto number = parse_unsigned(text);
  if (!number || *number == 0 || *number > rules.size()) {
    return fail(HResult::kErrorNotFound, "there is no " + std::string(what) + " " +
                                             std::string(text) + ", of " +
                                             count_of(rules.size(), what));
  }
  rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(*number - 1));
  return {};
}

Outcome add_link(Invocation& in, bool open) {
  SL_TRY(world::World * world, in.world());
  SL_TRY(const net::Window window, window_of(in, *world));
  const net::Link link{in.value("A"), in.value("B"), open, window};
  return change(*world, [&](net::Model& model) -> Result<> {
    model.links.push_back(link);
    return {};
  });
}

tl::expected<std::uint16_t, Failure> port_of(Invocation& in) {
  const std::string text = in.value("PORT");
  if (equal_ignore_case(text, "all")) return std::uint16_t{0};
  const auto port = parse_unsigned(text);
  if (port && *port >= 1 && *port <= 0xFFFF) return static_cast<std::uint16_t>(*port);
  return usage("\"" + text + "\" is no port: 1 to 65535, or all");
}

Outcome add_port_rule(Invocation& in, bool open) {
  net::PortRule rule;
  rule.open = open;
  SL_TRY(rule.port, port_of(in));
  SL_TRY(rule.from, match_of(in, "who"));
  SL_TRY(rule.to, match_of(in, "at"));
  SL_TRY(world::World * world, in.world());
  SL_TRY(rule.window, window_of(in, *world));
  return change(*world, [&](net::Model& model) -> Result<> {
    model.ports.push_back(rule);
    return {};
  });
}

// What faults of every kind take from the options.
Outcome fill_fault(Invocation& in, world::World& world, net::Fault& fault) {
  fault.name = in.value("name");
  SL_TRY(fault.window, window_of(in, world));
  SL_TRY(fault.one_in, number_up_to(in, "one-in", 1, 0xFFFFFFFF));
  SL_TRY(fault.seed, in.number("seed", 0));
  if (in.has("of")) {
    const auto share = net::parse_share(in.value("of"));
    if (!share) return usage("--of: " + share.error().message);
    fault.share = *share;
  }
  return kDone;
}

Outcome add_fault(Invocation& in, world::World& world, const net::Fault& fault) {
  std::string name;
  SL_CHECK(world.change_network([&](net::Model& model) -> Result<> {
    SL_TRY(name, net::add_fault(model, fault));
    return {};
  }));
  in.note("added the fault " + name);
  return kDone;
}

}  // namespace

Outcome run_net_links(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  return print_section(in, net_links(*world));
}
Outcome run_net_cut(Invocation& in) { return add_link(in, false); }
Outcome run_net_link(Invocation& in) { return add_link(in, true); }
Outcome run_net_unlink(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  return change(*world, [&](net::Model& model) {
    return remove_numbered(model.links, in.value("NUMBER"), "link");
  });
}

Outcome run_net_ports(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  return print_section(in, net_ports(*world));
}
Outcome run_net_close(Invocation& in) { return add_port_rule(in, false); }
Outcome run_net_open(Invocation& in) { return add_port_rule(in, true); }
Outcome run_net_remove_port(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  return change(*world, [&](net::Model& model) {
    return remove_numbered(model.ports, in.value("NUMBER"), "rule");
  });
}

Outcome run_net_faults(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  return print_section(in, net_faults(*world, false));
}

Outcome run_net_fault_kinds(Invocation& in) {
  RowPrinter rows(in.out(), table_by_default(in));
  for (const net::FaultInfo& info : net::fault_kinds()) {
    rows.add({{"Kind", info.name},
              {"Code", info.code == HResult::kSOk ? Cell() : Cell(to_hex(info.code))},
              {"Symbol", cell_or_null(info.code == HResult::kSOk ? std::string_view()
                                                                 : symbol_of(info.code))},
              {"What", info.help}});
  }
  rows.finish();
  return kDone;
}

Outcome run_net_add_fault(Invocation& in) {
  net::Fault fault;
  const auto kind = net::parse_fault_kind(in.value("KIND"));
  if (!kind) return usage(kind.error().message);
  if (*kind == net::FaultKind::kClockSkew)
    return usage("clocks are put ahead or behind with: slwmi net skew set WHO TIME");
  fault.kind = *kind;
  SL_TRY(fault.who, match_of(in, "who"));
  SL_TRY(fault.at, match_of(in, "at"));
  SL_TRY(world::World * world, in.world());
  if (auto filled = fill_fault(in, *world, fault); !filled) return filled;
  return add_fault(in, *world, fault);
}

Outcome run_net_remove_fault(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  return change(*world, [&](net::Model& model) -> Result<> {
    for (const std::string& name : in.values("NAME")) SL_CHECK(net::remove_fault(model, name));
    return {};
  });
}

Outcome run_net_clocks(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  return print_section(in, net_faults(*world, true));
}

Outcome run_net_set_clock(Invocation& in) {
  const std::string text = in.value("TIME");
  const auto length = parse_duration(text);
  if (!length || *length > static_cast<std::uint64_t>(net::kMaxSkew))
    return usage("\"" + text + "\" is no difference of clocks up to ten years, such as 5h or 30m");
  net::Fault fault;
  fault.kind = net::FaultKind::kClockSkew;
  fault.share = net::Share::kMachines;
  const auto ahead = static_cast<std::int32_t>(*length);
  fault.skew = in.has("behind") ? -ahead : ahead;
  auto who = net::parse_match(in.value("WHO"));
  if (!who) return usage(who.error().message);
  fault.who = *std::move(who);
  SL_TRY(world::World * world, in.world());
  if (auto filled = fill_fault(in, *world, fault); !filled) return filled;
  return add_fault(in, *world, fault);
}

}  // namespace slwmi::tools
