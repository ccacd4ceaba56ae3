// `slwmi report`: the six reports of the KMS Management Pack over the world's event logs.
#include "report/health.hpp"
#include "report/page.hpp"
#include "report/reports.hpp"
#include "tools/cli/files.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "tools/report_table.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

Result<report::Warehouse> warehouse_of(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  return report::Warehouse::read(*world, {in.values("host")});
}

std::string subtitle_of(const report::Warehouse& warehouse) {
  std::size_t hosts = 0;
  for (const report::KmsHost& host : warehouse.hosts())
    hosts += report::sends_events(host.membership) ? 1 : 0;
  return (warehouse.is_filtered() ? "Some KMS hosts" : count_of(hosts, "KMS host")) + ", " +
         count_of(warehouse.clients().size(), "client");
}

tl::expected<void, Failure> write_page(Invocation& in, const report::Warehouse& warehouse,
                                       std::span<const report::Report> reports) {
  SL_TRY(const std::uint64_t rows, in.number("rows", 500));
  const std::string html =
      report::to_html({reports.size() == 1 ? reports.front().title : "KMS reports",
                       subtitle_of(warehouse), warehouse.now(), reports, rows});
  SL_CHECK(write_output(in, in.value("html"), html, count_of(reports.size(), "report")));
  return {};
}

void note_what_is_missing(Invocation& in, const report::Report& report) {
  for (const std::string& note : report.notes) in.note(note);
}

Outcome run_one(Invocation& in) {
  SL_TRY(const report::Kind* const kind, report::find_kind(in.command().name));
  SL_TRY(const report::Warehouse warehouse, warehouse_of(in));
  const report::Report made = report::make_report(*kind, warehouse);
  note_what_is_missing(in, made);
  if (in.has("html")) {
    SL_CHECK(write_page(in, warehouse, {&made, 1}));
    return kDone;
  }
  if (print_table(RowPrinter(in.out(), table_by_default(in)), made.table) == 0)
    in.note("the report is empty");
  return kDone;
}

Outcome run_all(Invocation& in) {
  if (!in.has("html")) return usage("name one report, or the page for all with --html FILE");
  SL_TRY(const report::Warehouse warehouse, warehouse_of(in));
  SL_TRY(world::World * world, in.world());
  SL_TRY(const report::Health health, report::health_of(*world, in.values("host")));
  std::vector<report::Report> reports = {report::to_report(health)};
  for (const report::Kind& kind : report::kinds())
    reports.push_back(report::make_report(kind, warehouse));
  note_what_is_missing(in, reports.back());
  SL_CHECK(write_page(in, warehouse, reports));
  return kDone;
}

Outcome run_list(Invocation& in) {
  RowPrinter rows(in.out(), table_by_default(in));
  for (const report::Kind& kind : report::kinds())
    rows.add({{"Name", kind.name}, {"Report", kind.title}, {"Shows", kind.about}});
  rows.finish();
  return kDone;
}

constexpr Option kOptions[] = {
    {"--host", "NAME", "of this KMS host only; may be given several times"},
    {"--html", "FILE", "write a page that stands alone, with charts; - is standard output"},
    {"--rows", "N", "so many rows of a table in the page at most (default: 500)"},
};
constexpr std::string_view kDetails =
    "Made of what KMS hosts logged, whatever became of their logs since, as an agent on each would "
    "have sent it.";

constexpr Command kCommands[] = {
    {"list", "the reports that there are", {}, {}, "", "slwmi report list", run_list},
    {"activation-count-summary",
     "activations of each edition in ranges of time",
     {},
     kOptions,
     kDetails,
     "slwmi report activation-count-summary\n"
     "slwmi report activation-count-summary --html activations.html",
     run_one},
    {"virtual-machine-summary",
     "virtual and physical clients activated in 14 days",
     {},
     kOptions,
     kDetails,
     "slwmi report virtual-machine-summary --csv",
     run_one},
    {"kms-activity-summary",
     "new activations and other requests of the past day",
     {},
     kOptions,
     kDetails,
     "slwmi report kms-activity-summary\nslwmi report kms-activity-summary --host KMS1",
     run_one},
    {"licensing-status-summary",
     "state and days left of each client",
     {},
     kOptions,
     "What a client is now follows from its last contact: 180 days after a request that was "
     "granted, else what it said of itself then.\n"
     "Made of what KMS hosts logged, whatever became of their logs since.",
     "slwmi report licensing-status-summary --json",
     run_one},
    {"machine-expiration-chart",
     "computers in grace that may lose it in 30 days",
     {},
     kOptions,
     kDetails,
     "slwmi report machine-expiration-chart --html -",
     run_one},
    {"machine-expiration-detail",
     "the computers that may lose it within 7 days",
     {},
     kOptions,
     kDetails,
     "slwmi report machine-expiration-detail",
     run_one},
    {"all",
     "the page of all reports, and of the hosts' health",
     {},
     kOptions,
     "",
     "slwmi report all --html reports.html",
     run_all},
};

}  // namespace

constexpr Group kReport{"report", "KMS activity reports: tables, CSV, JSON, a page with charts",
                        kCommands, "list"};

}  // namespace slwmi::tools
