// `slwmi doctor`: the guide's troubleshooting tables walked over the real state of a machine.
#include "report/doctor.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "tools/report_table.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

using report::Finding;

std::string_view mark_of(Finding::Kind kind) {
  return kind == Finding::Kind::kFine ? "ok " : kind == Finding::Kind::kRemark ? "-  " : "!  ";
}

// Each line of a text behind `indent`.
void print_lines(Writer& out, std::string_view indent, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out << indent << text.substr(0, end) << '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void print_text(Writer& out, const report::Diagnosis& diagnosis, bool all) {
  out << diagnosis.machine << (diagnosis.is_well() ? ": nothing is wrong" : "") << '\n';
  for (const report::IssueRow& row : report::issue_rows()) {
    bool headed = false;
    for (const Finding& finding : diagnosis.findings) {
      if (finding.issue != row.issue) continue;
      const bool state = finding.check == "state";  // the answer to what everybody asks first
      if (!all && !state && finding.kind == Finding::Kind::kFine) continue;
      if (!headed) out << '\n' << report::row_name(row.issue) << ": " << row.about << '\n';
      headed = true;
      out << "  " << mark_of(finding.kind) << finding.check << ": " << finding.what << '\n';
      print_lines(out, "       ", finding.advice);
    }
  }
}

Outcome run_doctor(Invocation& in) {
  const std::string name = in.value("MACHINE");
  SL_TRY(const world::Machine machine, name.empty() ? in.machine() : in.machine(name));
  SL_TRY(const report::Diagnosis diagnosis, report::diagnose(machine.world(), machine.id()));
  if (in.row_style().chosen) {
    print_table(in.rows(), report::to_table(diagnosis, in.has("all")));
  } else {
    print_text(in.out(), diagnosis, in.has("all"));
  }
  return in.has("check") && !diagnosis.is_well() ? kDifferent : kDone;
}

constexpr Argument kMachine[] = {
    {"MACHINE", "the machine (default: the one of -m)", Count::kOptional}};
constexpr Option kOptions[] = {
    {"-a,--all", "", "what is fine, too"},
    {"--check", "", "end with exit code 3 when something is wrong"},
};
constexpr Command kCommands[] = {
    {"", "what is wrong with a machine's activation, and what to do", kMachine, kOptions,
     "Walks the two troubleshooting tables of the Volume Activation guide over the machine's "
     "licence, registry, network, DNS records and event logs, and those of the KMS hosts that it "
     "asks. Each finding names the row of the table.\n"
     "\"!\" is trouble, \"-\" a remark, \"ok\" what is fine.",
     "slwmi doctor PC1\nslwmi doctor KMS1 --all\nslwmi doctor PC1 --json", run_doctor},
};

}  // namespace

constexpr Group kDoctor{"doctor", "what is wrong with a machine's activation, and what to do",
                        kCommands};

}  // namespace slwmi::tools
