// `slwmi policy`: documents checked, planned, pushed to machines and taken away again.
#include "base/text.hpp"
#include "policy/catalogue.hpp"
#include "policy/document.hpp"
#include "policy/plan.hpp"
#include "policy/targeting.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/cli/values.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

ByteSpan bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// "kms.json" of "/a/kms.json", and "kms" where a Registry.pol needs a name.
std::string stem_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::size_t dot = name.rfind('.');
  if (dot != std::string::npos && dot != 0) name.resize(dot);
  return name;
}

void say_findings(Invocation& in, const policy::Findings& findings, const std::string& file) {
  for (const policy::Finding& finding : findings)
    in.err() << policy::to_text(finding, file) << '\n';
}

// The document, its warnings said; the errors of a bad one, each in a line.
tl::expected<policy::Document, Failure> read_policy(Invocation& in, const std::string& path) {
  SL_TRY(const std::string text, read_file(path, in.around()));
  const policy::Syntax syntax = policy::syntax_of(bytes_of(text));
  policy::Reading reading =
      policy::read_document(bytes_of(text), syntax, path, in.value("name", stem_of(path)));
  if (reading.document) {
    say_findings(in, reading.findings, path);
    return *std::move(reading.document);
  }
  if (in.json()) return fail(policy::to_error(reading.findings, path));
  say_findings(in, reading.findings, path);
  return fail(HResult::kEInvalidarg, path + " is no policy that can be pushed");
}

tl::expected<std::vector<std::string>, Failure> target_machines(Invocation& in,
                                                                world::World& world) {
  std::string text;
  for (const std::string& word : in.values("TARGET")) text += (text.empty() ? "" : " ") + word;
  const auto targets = policy::parse_targets(text);
  if (!targets) return usage("TARGET: " + targets.error().message);
  SL_TRY(const Principal caller, in.caller());
  SL_TRY(policy::Selection selection, world.select_machines(*targets, caller));
  say_findings(in, selection.warnings, "TARGET");
  if (selection.machines.empty())
    return fail(HResult::kErrorNotFound, "no machine is meant by \"" + text + "\"");
  return std::move(selection.machines);
}

Cell data_cell(const std::optional<reg::ValueData>& data, const policy::SettingInfo* info) {
  return data ? Cell(policy::to_text(data, info)) : Cell();
}

int print_plan(Invocation& in, const policy::Plan& plan) {
  if (in.row_style().chosen) {
    RowPrinter rows = in.rows();
    for (const policy::GroupPlan& group : plan.groups) {
      for (const policy::Difference& difference : group.differences) {
        if (difference.change == policy::Change::kUnchanged && !in.has("all")) continue;
        const policy::SettingInfo* info = policy::find_setting(difference.setting);
        rows.add({{"Machines", Cell::number(std::uint64_t{group.machines.size()})},
                  {"First", group.machines.front()},
                  {"Change", policy::to_text(difference.change)},
                  {"Setting", cell_or_null(difference.setting)},
                  {"Key", difference.key},
                  {"Value", difference.value},
                  {"Before", data_cell(difference.before, info)},
                  {"After", data_cell(difference.after, info)}});
      }
    }
    rows.finish();
  } else {
    in.out() << policy::to_text(plan, in.has("all"));
  }
  return plan.differs() ? kDifferent : kDone;
}

Outcome run_check(Invocation& in) {
  for (const std::string& path : in.values("FILE")) {
    SL_TRY(const policy::Document document, read_policy(in, path));
    in.note(path + ": " + document.name + ", " + count_of(document.settings.size(), "setting"));
  }
  return kDone;
}

Outcome run_plan(Invocation& in) {
  SL_TRY(const policy::Document document, read_policy(in, in.value("FILE")));
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::vector<std::string> machines, target_machines(in, *world));
  SL_TRY(const policy::Plan plan, world->plan_policy(document, machines));
  say_findings(in, plan.warnings, in.value("FILE"));
  return print_plan(in, plan);
}

Outcome run_apply(Invocation& in) {
  SL_TRY(const policy::Document document, read_policy(in, in.value("FILE")));
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::vector<std::string> machines, target_machines(in, *world));
  SL_CHECK(world->apply_policy(document, machines));
  in.note("pushed " + document.name + " to " + count_of(machines.size(), "machine"));
  return kDone;
}

Outcome run_remove(Invocation& in) {
  const std::string name = in.value("POLICY");
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::vector<std::string> machines, target_machines(in, *world));
  SL_TRY(const policy::Plan plan, world->plan_removal(name, machines));
  if (in.has("plan")) return print_plan(in, plan);
  SL_CHECK(world->remove_policy(name, machines));
  in.note("took " + name + " from " + count_of(plan.machines_changed, "machine"));
  return kDone;
}

Outcome run_status(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::vector<world::World::PolicyStatus> policies, world->policy_status());
  RowPrinter rows(in.out(), table_by_default(in));
  for (const world::World::PolicyStatus& policy : policies) {
    rows.add({{"Policy", policy.name},
              {"Machines", Cell::number(std::uint64_t{policy.machines})},
              {"Settings", Cell::number(std::uint64_t{policy.settings})},
              {"Generation", Cell::number(policy.generation)}});
  }
  rows.finish();
  return kDone;
}

Outcome run_export(Invocation& in) {
  const std::string format = in.value("to", "json");
  const auto syntax = policy::syntax_of_name(format);
  if (!syntax) return usage("--to is json, info, xml or pol, not \"" + format + "\"");
  SL_TRY(world::World * world, in.world());
  SL_TRY(const policy::Document document, world->policy_document(in.value("POLICY")));
  SL_TRY(const std::string text, policy::write_document(document, *syntax));
  in.out() << text;
  return kDone;
}

Outcome run_settings(Invocation& in) {
  RowPrinter rows(in.out(), in.row_style());
  for (const policy::SettingInfo& info : policy::catalogue()) {
    const bool ranged = info.max != 0;
    rows.add({{"Name", info.name},
              {"Kind", policy::to_text(info.kind)},
              {"Min", ranged ? Cell::number(std::uint64_t{info.min}) : Cell()},
              {"Max", ranged ? Cell::number(std::uint64_t{info.max}) : Cell()},
              {"Scope", policy::to_text(info.scope)},
              {"Default", info.default_text ? Cell(*info.default_text) : Cell()},
              {"Key", info.key},
              {"Value", info.value},
              {"Description", info.description}});
  }
  rows.finish();
  return kDone;
}

constexpr std::string_view kTargetHelp =
    "names and patterns (PC1, lab-*), all, !NAME, role=kms-client, os=vista-sp1, 'wmi=SELECT ...'";
constexpr std::string_view kFileHelp =
    "a policy in JSON, INFO or XML, or a Registry.pol; \"-\" is standard input";

constexpr Argument kFiles[] = {{"FILE", kFileHelp, Count::kMany}};
constexpr Argument kFileAndTargets[] = {{"FILE", kFileHelp}, {"TARGET", kTargetHelp, Count::kMany}};
constexpr Argument kPolicyAndTargets[] = {{"POLICY", "the policy's name"},
                                          {"TARGET", kTargetHelp, Count::kMany}};
constexpr Argument kPolicyName[] = {{"POLICY", "the policy's name"}};
constexpr Option kNameOption[] = {
    {"--name", "NAME", "the policy's name where the file has none (default: the file's)"}};
constexpr Option kPlanOptions[] = {
    {"--name", "NAME", "the policy's name where the file has none (default: the file's)"},
    {"--all", "", "the settings that stay as they are, too"},
};
constexpr Option kRemoveOptions[] = {
    {"--plan", "", "only say what would change; exit with 3 when something would"},
    {"--all", "", "with --plan: the settings that stay as they are, too"},
};
constexpr Option kExportOptions[] = {{"--to", "FORMAT", "json (the default), info, xml or pol"}};

constexpr Command kCommands[] = {
    {"settings",
     "list the named settings that a policy can make",
     {},
     {},
     "",
     "slwmi policy settings\nslwmi policy settings --json",
     run_settings},
    {"check", "check policy files", kFiles, kNameOption, "", "slwmi policy check kms.json",
     run_check},
    {"plan", "what a push would change; changes nothing", kFileAndTargets, kPlanOptions,
     "Exit code 3 when something would change, 0 when nothing would.",
     "slwmi policy plan kms.json all\nslwmi policy plan kms.json 'lab-*' role=kms-client --json",
     run_plan},
    {"apply", "push a policy to machines", kFileAndTargets, kNameOption,
     "One transaction: every machine or none, and the next query sees it.",
     "slwmi policy apply kms.json all\nslwmi policy apply Registry.pol PC1 PC2 --name baseline",
     run_apply},
    {"remove", "take a policy from machines", kPolicyAndTargets, kRemoveOptions,
     "What lay below the policy's values shows again.", "slwmi policy remove kms-clients all",
     run_remove},
    {"status", "list the policies in force", {}, {}, "", "slwmi policy status", run_status},
    {"export", "print a pushed policy as a document", kPolicyName, kExportOptions, "",
     "slwmi policy export kms-clients\nslwmi policy export kms-clients --to pol >Registry.pol",
     run_export},
};

}  // namespace

constexpr Group kPolicy{"policy", "check, plan, push and remove policies", kCommands, "status"};

}  // namespace slwmi::tools
