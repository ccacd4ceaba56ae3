// `slwmi health`: what the health rules of the KMS Management Pack say of the world's KMS hosts,
// and the custom computer group of those that the agent does not find.
#include "report/health.hpp"
#include "report/page.hpp"
#include "tools/cli/files.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/cli/values.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "tools/report_table.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

Result<report::Health> health_of(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  return report::health_of(*world, in.values("host"));
}

// Columns for a screen: advice is a line of its own.
void print_health(Invocation& in, const report::Report& report) {
  RowPrinter rows(in.out(), table_by_default(in));
  if (in.row_style().chosen) {
    print_table(std::move(rows), report.table);
    return;
  }
  for (const auto& row : report.table.rows) {
    Record record = record_of(report.table, row);
    record.pop_back();
    rows.add(std::move(record));
  }
  rows.finish();
  for (const auto& row : report.table.rows) {
    if (std::holds_alternative<std::monostate>(row.back())) continue;
    in.out() << '\n'
             << report::to_text(row[0]) << ", " << report::to_text(row[1]) << ": "
             << report::to_text(row.back()) << '\n';
  }
}

Outcome run_show(Invocation& in) {
  SL_TRY(const report::Health health, health_of(in));
  const report::Report made = report::to_report(health);
  if (in.has("html")) {
    const std::string hosts = count_of(health.hosts.size(), "KMS host");
    const std::string html = report::to_html({made.title, hosts, health.now, {&made, 1}});
    SL_CHECK(write_output(in, in.value("html"), html, "the health of " + hosts));
  } else {
    print_health(in, made);
  }
  if (in.has("check") && health.worst() >= report::Severity::kError) return kDifferent;
  return kDone;
}

Outcome run_history(Invocation& in) {
  FileTime since;
  if (in.has("since")) {
    SL_TRY(since, time_of_word(in.value("since")));
  }
  SL_TRY(const report::Health health, health_of(in));
  print_table(RowPrinter(in.out(), table_by_default(in)), report::history_table(health, since));
  return kDone;
}

Outcome run_group_list(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::vector<std::string> patterns, report::custom_group(*world));
  print_names(in, "Machines", patterns);
  return kDone;
}

Outcome run_group_add(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_CHECK(report::add_to_custom_group(*world, in.value("WHO")));
  in.note("added " + in.value("WHO") + " to the custom computer group");
  return kDone;
}

Outcome run_group_remove(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_CHECK(report::remove_from_custom_group(*world, in.value("WHO")));
  in.note("removed " + in.value("WHO") + " from the custom computer group");
  return kDone;
}

Outcome run_hosts(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::vector<report::KmsHost> hosts, report::kms_hosts(*world));
  RowPrinter rows(in.out(), table_by_default(in));
  for (const report::KmsHost& host : hosts)
    rows.add({{"Name", host.full_name},
              {"System", host.os},
              {"Bits", Cell::number(std::uint64_t{host.sixty_four_bit ? 64u : 32u})},
              {"KMS key", Cell::boolean(host.enabled)},
              {"Activated", Cell::boolean(host.activated)},
              {"Agent", report::to_text(host.membership)}});
  rows.finish();
  return kDone;
}

constexpr Option kHostOption{"--host", "NAME", "of this KMS host only; may be given several times"};
constexpr Option kShowOptions[] = {
    kHostOption,
    {"--html", "FILE", "write a page that stands alone, with what was when; - is standard output"},
    {"--check", "", "end with exit code 3 when a rule says Error or worse"},
};
constexpr Option kHistoryOptions[] = {
    kHostOption,
    {"--since", "TIME", "from this time of the world's clock on"},
};
constexpr Argument kWho[] = {
    {"WHO", "a machine's name, a pattern with * and ?, or site=, domain=, role= and such"}};

constexpr Command kCommands[] = {
    {"show",
     "what each rule says of each KMS host now",
     {},
     kShowOptions,
     "The rules: the service initialized (12291, 12292), DNS took its records (12293), its count "
     "is "
     "what clients need, a client asked within 8 hours, and an agent watches it.",
     "slwmi health show\nslwmi health --host KMS1 --json\nslwmi health --html health.html",
     run_show},
    {"history",
     "when the rules' verdicts changed",
     {},
     kHistoryOptions,
     "",
     "slwmi health history\nslwmi health history --host KMS1 --since 2008-03-01 --csv",
     run_history},
    {"hosts",
     "the KMS hosts as monitoring knows them",
     {},
     {},
     "The agent is a 32-bit program: it does not find hosts on 64-bit Windows Vista RTM. A machine "
     "is 64-bit when it was added with --x64, so that its value PROCESSOR_ARCHITECTURE is AMD64.",
     "slwmi health hosts",
     run_hosts},
    {"group list",
     "the custom computer group",
     {},
     {},
     "",
     "slwmi health group list",
     run_group_list},
    {"group add",
     "take hosts into the custom computer group",
     kWho,
     {},
     "The remedy for hosts on 64-bit Windows Vista RTM: their events are in health and reports "
     "then.",
     "slwmi health group add KMS1",
     run_group_add},
    {"group remove",
     "take hosts out of it",
     kWho,
     {},
     "",
     "slwmi health group remove KMS1",
     run_group_remove},
};

}  // namespace

constexpr Group kHealth{"health", "health of the KMS hosts, now and over time", kCommands, "show"};

}  // namespace slwmi::tools
