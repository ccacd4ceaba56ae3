// Reports and health of a world for Python: finished reports as objects, tables as lists of dicts.
#include <pybind11/stl.h>

#include "handles.hpp"
#include "report/doctor.hpp"
#include "report/health.hpp"
#include "report/inventory.hpp"
#include "report/page.hpp"
#include "report/reports.hpp"

namespace slwmi::python {
namespace {

using report::Health;
using report::Report;
using world::World;

py::object value_of(const report::Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return py::none();
  if (const auto* number = std::get_if<std::int64_t>(&value)) return py::int_(*number);
  if (const auto* time = std::get_if<FileTime>(&value)) return datetime(*time);
  return text(report::to_text(value));
}

py::list rows_of(const report::Table& table) {
  py::list out;
  for (const auto& row : table.rows) {
    py::dict each;
    for (std::size_t i = 0; i < row.size(); ++i) each[text(table.columns[i])] = value_of(row[i]);
    out.append(each);
  }
  return out;
}

py::list texts(const std::vector<std::string>& from) {
  py::list out;
  for (const std::string& each : from) out.append(text(each));
  return out;
}

py::list charts_of(const Report& self) {
  py::list out;
  for (const report::Chart& chart : self.charts) {
    py::dict series;
    for (const report::Series& each : chart.series) series[text(each.name)] = py::cast(each.values);
    py::dict one;
    one["title"] = text(chart.title);
    one["category_label"] = text(chart.category_label);
    one["value_label"] = text(chart.value_label);
    one["categories"] = texts(chart.categories);
    one["series"] = series;
    out.append(one);
  }
  return out;
}

std::string html_of(const std::vector<Report>& reports, const std::string& title) {
  const FileTime at = reports.empty() ? FileTime{} : reports.front().at;
  return report::to_html({title, "A simulated world", at, reports});
}

std::vector<Report> reports_of(const WorldHandle& world, const std::vector<std::string>& hosts) {
  const report::Warehouse warehouse =
      world.run([&](World& opened) { return report::Warehouse::read(opened, {hosts}); });
  std::vector<Report> out;
  for (const report::Kind& kind : report::kinds())
    out.push_back(report::make_report(kind, warehouse));
  return out;
}

Report report_of(const WorldHandle& world, const std::string& name,
                 const std::vector<std::string>& hosts) {
  const report::Kind& kind = *must(report::find_kind(name));
  return report::make_report(
      kind, world.run([&](World& opened) { return report::Warehouse::read(opened, {hosts}); }));
}

py::list hosts_of(const Health& self) {
  py::list out;
  for (const report::HostHealth& host : self.hosts) {
    py::dict rules;
    for (const report::Change& rule : host.rules) {
      py::dict each;
      each["severity"] = text(to_text(rule.severity));
      each["since"] = datetime(rule.time);
      each["what"] = text(rule.what);
      each["advice"] = text(report::advice(rule.rule, rule.severity));
      rules[text(to_text(rule.rule))] = each;
    }
    py::dict one;
    one["name"] = text(host.host.full_name);
    one["agent"] = text(to_text(host.host.membership));
    one["worst"] = text(to_text(host.worst));
    one["count"] = host.count;
    one["needed"] = host.needed;
    one["last_request"] = host.last_request ? datetime(*host.last_request) : py::none();
    one["rules"] = rules;
    out.append(one);
  }
  return out;
}

// The findings of the troubleshooter, a dict each.
py::list doctor(const MachineHandle& machine, bool all) {
  const report::Diagnosis diagnosis =
      machine.run([](const world::Machine& m) { return report::diagnose(m.world(), m.id()); });
  py::list out;
  for (const report::Finding& finding : diagnosis.findings) {
    if (!all && finding.kind == report::Finding::Kind::kFine) continue;
    const report::IssueRow& row = report::issue_rows()[static_cast<std::size_t>(finding.issue)];
    py::dict each;
    each["table"] = row.table;
    each["row"] = row.row;
    each["about"] = text(row.about);
    each["check"] = text(finding.check);
    each["verdict"] = text(report::to_text(finding.kind));
    each["what"] = text(finding.what);
    each["advice"] = text(finding.advice);
    out.append(each);
  }
  return out;
}

py::list inventory_of(const WorldHandle& world, const std::string& summary) {
  const report::Table table = world.run([&](World& opened) -> Result<report::Table> {
    if (summary.empty()) return report::inventory(opened);
    for (const report::Summary each : report::summaries())
      if (report::to_text(each) == summary) return report::summary_of(opened, each);
    return fail(HResult::kEInvalidarg, "there is no summary " + summary +
                                           "; there are status, products, expiration, kms-hosts");
  });
  return rows_of(table);
}

void bind_report_class(py::module_& m) {
  py::class_<Report>(m, "Report", "A report that was made, at one time of the world's clock.")
      .def_property_readonly("name", [](const Report& self) { return text(self.name); })
      .def_property_readonly("title", [](const Report& self) { return text(self.title); })
      .def_property_readonly("about", [](const Report& self) { return text(self.about); })
      .def_property_readonly("at", [](const Report& self) { return datetime(self.at); })
      .def_property_readonly("columns",
                             [](const Report& self) { return texts(self.table.columns); })
      .def_property_readonly(
          "rows", [](const Report& self) { return rows_of(self.table); },
          "A dict a row, by column: texts, numbers, datetimes or None.")
      .def_property_readonly(
          "figures",
          [](const Report& self) {
            py::dict out;
            for (const report::Figure& each : self.figures) out[text(each.label)] = each.value;
            return out;
          },
          "The headline numbers by what they count.")
      .def_property_readonly("charts", &charts_of, "What the charts show, as lists and dicts.")
      .def_property_readonly(
          "notes", [](const Report& self) { return texts(self.notes); },
          "What a reader must know, such as hosts whose events are missing.")
      .def(
          "to_html", [](const Report& self) { return html_of({self}, self.title); },
          "A page with charts that stands alone.")
      .def("__len__", [](const Report& self) { return self.table.rows.size(); })
      .def("__repr__", [](const Report& self) { return "<Report " + self.name + ">"; });
}

void bind_health(py::module_& m) {
  py::class_<Health>(m, "Health", "What the health rules said of the KMS hosts at one time.")
      .def_property_readonly("at", [](const Health& self) { return datetime(self.now); })
      .def_property_readonly(
          "worst", [](const Health& self) { return text(to_text(self.worst())); },
          "Success, Warning, Error or Critical Error.")
      .def_property_readonly("hosts", &hosts_of, "A dict a host, with its rules by name.")
      .def(
          "history", [](const Health& self) { return rows_of(history_table(self)); },
          "When the verdicts changed: a dict a change.")
      .def("report", &report::to_report, "The same as a Report.");
}

}  // namespace

void bind_report(py::module_& m) {
  bind_report_class(m);
  bind_health(m);
  m.def("reports_html", &html_of, py::arg("reports"), py::arg("title") = "KMS reports",
        "One page of several reports that stands alone.");
  const std::vector<std::string> none;
  world_class(m)
      .def("report", &report_of, py::arg("name"), py::kw_only(), py::arg("hosts") = none,
           "One of the six reports of the KMS Management Pack, by name or title; of some KMS hosts "
           "only.")
      .def("reports", &reports_of, py::kw_only(), py::arg("hosts") = none,
           "All six, of one reading of the event logs.")
      .def(
          "health",
          [](const WorldHandle& self, const std::vector<std::string>& hosts) {
            return self.run([&](World& opened) { return report::health_of(opened, hosts); });
          },
          py::kw_only(), py::arg("hosts") = none,
          "What the health rules say of the KMS hosts, now and over time.")
      .def("inventory", &inventory_of, py::arg("summary") = "",
           "The products of every machine with their licence states, a dict a row; or what they "
           "add up to: status, products, expiration or kms-hosts.")
      .def(
          "add_to_computer_group",
          [](const WorldHandle& self, const std::string& pattern) {
            self.run([&](World& opened) { return report::add_to_custom_group(opened, pattern); });
          },
          py::arg("pattern"),
          "Takes KMS hosts into the custom computer group, by name or pattern, so that monitoring "
          "has those on 64-bit Windows Vista RTM.")
      .def(
          "remove_from_computer_group",
          [](const WorldHandle& self, const std::string& pattern) {
            self.run(
                [&](World& opened) { return report::remove_from_custom_group(opened, pattern); });
          },
          py::arg("pattern"))
      .def_property_readonly(
          "computer_group",
          [](const WorldHandle& self) {
            return self.run([](World& opened) { return report::custom_group(opened); });
          },
          "The patterns of the custom computer group.");
  machine_class(m).def(
      "doctor", &doctor, py::kw_only(), py::arg("all") = false,
      "What is wrong with its activation and what to do: a dict a finding, which names the row of "
      "the guide's troubleshooting tables. With all, what is fine, too.");
}

}  // namespace slwmi::python
