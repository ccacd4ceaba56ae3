// `slwmi rights`: whether a machine may be moved to a volume edition, with the reasons.
#include "provider/usage_rights.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

using licensing::RightsDecision;
using licensing::RightsFacts;
using licensing::RightsReason;
using licensing::Route;

tl::expected<std::optional<FileTime>, Failure> date(Invocation& in, std::string_view option) {
  if (!in.has(option)) return std::nullopt;
  const std::string text = in.value(option);
  const auto time = parse_iso8601(text);
  if (!time) return usage("--" + std::string(option) + ": \"" + text + "\" is no date");
  return std::optional<FileTime>(*time);
}

void print_for_people(Invocation& in, const std::string& name, const RightsDecision& decision) {
  Writer& out = in.out();
  out << name << ": a volume edition is " << (decision.allowed ? "allowed" : "not allowed") << " ("
      << licensing::to_text(decision.right) << ")\n\nReasons\n";
  for (const RightsReason& reason : decision.reasons)
    out << (reason.holds ? "  + " : "  - ") << reason.text << " [" << reason.section << "]\n";
  out << "\nActivation\n";
  for (const Route& route : decision.routes) {
    out << (route.code == HResult::kSOk ? "  + " : "  - ") << route.name << ": " << route.text;
    if (route.code != HResult::kSOk)
      out << " " << to_hex(route.code) << " (" << symbol_of(route.code) << ")";
    out << "\n";
  }
  if (decision.steps.empty()) return;
  out << "\nWhat can be done\n";
  for (const std::string& step : decision.steps) out << "  * " << step << "\n";
}

Record row_of(const std::string& name, const RightsDecision& decision) {
  Cell reasons, routes;
  reasons.kind = routes.kind = Cell::Kind::kArray;
  for (const RightsReason& reason : decision.reasons)
    reasons.items.push_back(object_of({{"Holds", Cell::boolean(reason.holds)},
                                       {"Text", reason.text},
                                       {"Section", reason.section}}));
  for (const Route& route : decision.routes)
    routes.items.push_back(
        object_of({{"Route", route.name}, {"Result", to_hex(route.code)}, {"Text", route.text}}));
  return {{"Machine", name},
          {"Allowed", Cell::boolean(decision.allowed)},
          {"Right", licensing::to_text(decision.right)},
          {"Setup", to_hex(decision.setup)},
          {"Reasons", std::move(reasons)},
          {"Routes", std::move(routes)},
          {"Steps", array_of(decision.steps)}};
}

Outcome run_rights(Invocation& in) {
  RightsFacts facts;
  facts.edition = in.value("edition");
  if (in.has("agreement")) facts.agreement = in.value("agreement");
  SL_TRY(facts.purchase, date(in, "purchase"));
  SL_TRY(facts.assurance, date(in, "assurance"));
  const std::string wanted = in.value("NAME");
  SL_TRY(const world::Machine machine, wanted.empty() ? in.machine() : in.machine(wanted));
  SL_TRY(const std::string name, machine.name());
  SL_TRY(const RightsDecision decision, machine.usage_rights(std::move(facts)));
  if (in.row_style().chosen) {
    RowPrinter rows = in.rows();
    rows.add(row_of(name, decision));
    rows.finish();
  } else {
    print_for_people(in, name, decision);
  }
  return decision.allowed ? kDone : kFailed;
}

constexpr Argument kName[] = {
    {"NAME", "the machine (default: the one of -m)", Count::kOptional},
};
constexpr Option kOptions[] = {
    {"--purchase", "DATE", "when the computer was bought"},
    {"--assurance", "DATE", "when Software Assurance was bought for it"},
    {"--agreement", "EDITION", "the edition that a volume licence agreement is for"},
    {"--edition", "EDITION",
     "the volume edition that is wanted (default: the agreement's, else the usual one)"},
};

constexpr Command kCommands[] = {
    {"", "whether a machine may be moved to a volume edition, and how it is activated then", kName,
     kOptions,
     "The rules of the guide's section on OEM computers: Software Assurance within 90 days, "
     "reimaging rights of the same product, firmware with or without a Windows marker, upgrades "
     "only. Ends with exit code 1 when it may not.",
     "slwmi rights PC1\n"
     "slwmi rights OEM1 --purchase 2008-01-15 --assurance 2008-02-20\n"
     "slwmi rights OEM1 --agreement Business",
     run_rights},
};

}  // namespace

constexpr Group kRights{
    "rights", "whether an OEM machine may be moved to a volume edition, with reasons", kCommands};

}  // namespace slwmi::tools
