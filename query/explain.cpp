// A plan as text for people: what each provider is asked, what it is told, and what the engine
// checks itself.
#include "base/text.hpp"
#include "query/association.hpp"
#include "query/plan.hpp"

namespace slwmi::wql {
namespace {

constexpr std::string_view kOps[] = {"=",  "<>",   "<",       "<=",          ">",
                                     ">=", "LIKE", "IS NULL", "IS NOT NULL", "ISA"};

std::string_view op_text(Op op) { return kOps[static_cast<std::size_t>(op)]; }

std::string comparison_text(const ClassScan& scan, const cim::Comparison& c) {
  const cim::Property& property = scan.cls->properties()[static_cast<std::size_t>(c.slot)];
  std::string text = property.name + " " + std::string(kOps[static_cast<std::size_t>(c.op)]);
  if (!c.value.is_null()) text += " " + c.value.to_mof();
  return text;
}

const std::string& column_name(const ClassScan& scan, int column) {
  const int slot = scan.wanted[static_cast<std::size_t>(column)];
  return scan.cls->properties()[static_cast<std::size_t>(slot)].name;
}

std::string condition_text(const std::string& name, const Condition& c, cim::Type type) {
  if (c.domain == Domain::kNull) return name + (c.boolean ? " IS NULL" : " IS NOT NULL");
  if (c.domain == Domain::kFixed) return name + (c.boolean ? ": always, if not null" : ": never");
  if (c.domain == Domain::kIsa) return name + " ISA \"" + c.text + "\"";
  cim::Comparison comparison;
  if (to_comparison(c, type, comparison)) {
    return name + " " + std::string(kOps[static_cast<std::size_t>(comparison.op)]) + " " +
           comparison.value.to_mof();
  }
  if (c.domain == Domain::kMoment && !c.interval) {
    return name + " " + std::string(op_text(c.op)) + " " +
           format_cim_datetime(FileTime{static_cast<std::uint64_t>(c.moment)});
  }
  if (c.domain == Domain::kMoment)
    return name + " " + std::string(op_text(c.op)) + " " + format_cim_interval({c.moment});
  return name + " " + std::string(op_text(c.op)) + " \"" + c.text + "\"";
}

std::string filter_text(const ClassScan& scan, const FilterNode& node) {
  switch (node.kind) {
    case FilterKind::kConstant:
      return node.truth == Truth::kTrue    ? "TRUE"
             : node.truth == Truth::kFalse ? "FALSE"
                                           : "UNKNOWN";
    case FilterKind::kColumn:
      return condition_text(column_name(scan, node.column), node.condition, node.type);
    case FilterKind::kEmbedded: {
      std::string name = column_name(scan, node.column);
      for (const std::string& part : node.embedded->path) name += "." + part;
      return name + " " + std::string(op_text(node.embedded->op)) + " " +
             node.embedded->literal.text;
    }
    case FilterKind::kPath:
      return condition_text(node.absolute ? "__PATH" : "__RELPATH", node.condition,
                            cim::Type::kString);
    case FilterKind::kNot:
      return "NOT (" + filter_text(scan, node.children[0]) + ")";
    case FilterKind::kAnd:
    case FilterKind::kOr:
      break;
  }
  std::string text;
  for (const FilterNode& child : node.children) {
    if (!text.empty()) text += node.kind == FilterKind::kAnd ? " AND " : " OR ";
    const bool group = child.kind == FilterKind::kAnd || child.kind == FilterKind::kOr;
    text += group ? "(" + filter_text(scan, child) + ")" : filter_text(scan, child);
  }
  return text;
}

}  // namespace

std::string explain(const Plan& plan) {
  std::string out;
  if (plan.association != nullptr) {
    explain_association(*plan.association, out);
    return out;
  }
  if (plan.kind == QueryKind::kSchema) {
    out += "schema: " + std::to_string(plan.classes.size()) + " classes\n";
    return out;
  }
  for (const ClassScan& scan : plan.scans) {
    out += "scan " + scan.cls->name() + "\n  read:";
    for (std::size_t i = 0; i < scan.wanted.size(); ++i) {
      out += (i == 0 ? " " : ", ") + column_name(scan, static_cast<int>(i));
    }
    if (scan.wanted.empty()) out += " nothing";
    out += "\n  pushed:";
    for (std::size_t i = 0; i < scan.pushed.size(); ++i) {
      out += (i == 0 ? " " : " AND ") + comparison_text(scan, scan.pushed[i]);
    }
    if (scan.pushed.empty()) out += " nothing";
    out += "\n  checked: " +
           (scan.filter == nullptr ? std::string("nothing") : filter_text(scan, *scan.filter)) +
           "\n";
  }
  for (const std::string& skipped : plan.skipped) out += "skip " + skipped + "\n";
  return out;
}

}  // namespace slwmi::wql
