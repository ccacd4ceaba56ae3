// The event logs of a machine for Python: records with their parameters by label, and XML.
#include <pybind11/stl.h>

#include "handles.hpp"
#include "provider/event_xml.hpp"
#include "world/event_logs.hpp"

namespace slwmi::python {
namespace {

using licensing::EventLog;
using licensing::EventRecord;
using world::Machine;

EventLog log_of(const std::string& name) {
  const auto log = licensing::find_log(name);
  if (!log)
    raise({HResult::kEInvalidarg,
           "there is no log " + name +
               "; there are Application and \"Key Management Service\", also called kms",
           {},
           name});
  return *log;
}

py::dict parameters_of(const EventRecord& self) {
  py::dict out;
  for (std::size_t i = 0; i < self.parameters.size(); ++i)
    out[text(self.event->parameters[i].label)] = text(self.parameters[i]);
  return out;
}

py::list events_of(const MachineHandle& machine, const py::object& log, const py::iterable& ids,
                   const py::object& since, const py::object& until, bool errors, bool newest_first,
                   std::size_t last) {
  world::EventFilter filter;
  if (!log.is_none()) filter.log = log_of(log.cast<std::string>());
  for (const py::handle& id : ids) filter.ids.push_back(id.cast<std::uint32_t>());
  if (!since.is_none()) filter.from = time_of(since);
  if (!until.is_none()) filter.to = time_of(until);
  filter.failures = errors;
  filter.newest_first = newest_first;
  filter.limit = last;
  py::list out;
  for (EventRecord& record : machine.run([&](const Machine& m) { return m.events(filter); }))
    out.append(py::cast(std::move(record)));
  return out;
}

py::dict log_totals(const MachineHandle& machine) {
  py::dict out;
  for (const EventLog log : {EventLog::kApplication, EventLog::kKeyManagementService}) {
    const licensing::LogTotals totals =
        machine.run([&](const Machine& m) { return m.log_totals(log); });
    py::dict row;
    row["records"] = totals.records;
    row["newest"] = totals.last;
    row["bytes"] = totals.bytes;
    row["lost"] = totals.lost;
    row["max_size"] = totals.limits.max_size;
    row["retention"] = totals.limits.retention;
    out[text(licensing::log_name(log))] = row;
  }
  return out;
}

void clear_log(const MachineHandle& machine, const std::string& name,
               std::optional<std::uint64_t> newest) {
  const EventLog log = log_of(name);
  machine.run([&](const Machine& m) { return m.clear_log(log, newest); });
}

std::string events_xml(const py::iterable& events) {
  std::string out(licensing::kEventsHead);
  for (const py::handle& event : events) out += to_xml(event.cast<const EventRecord&>());
  return out.append(licensing::kEventsFoot);
}

void bind_event(py::module_& m) {
  py::class_<EventRecord>(m, "Event", "One entry of an event log.")
      .def_property_readonly(
          "log", [](const EventRecord& self) { return text(licensing::log_name(self.event->log)); })
      .def_readonly("number", &EventRecord::number,
                    "Record number in its log; numbers go on when a log is cleared.")
      .def_property_readonly(
          "id", [](const EventRecord& self) { return self.id(); }, "12288 and so on.")
      .def_property_readonly(
          "type",
          [](const EventRecord& self) { return text(licensing::level_name(self.event->level)); },
          "Error, Warning or Information.")
      .def_property_readonly(
          "time", [](const EventRecord& self) { return datetime(self.time); },
          "By the machine's clock, a datetime in UTC.")
      .def_property_readonly(
          "world_time", [](const EventRecord& self) { return datetime(self.world_time); },
          "By the world's clock.")
      .def_property_readonly("computer",
                             [](const EventRecord& self) { return text(self.computer); })
      .def_property_readonly(
          "code",
          [](const EventRecord& self) -> py::object {
            if (!self.code) return py::none();
            return py::int_(value_of(*self.code));
          },
          "The HRESULT, where the event has one.")
      .def_property_readonly("parameters", &parameters_of,
                             "Texts by the labels of the guide, in its order.")
      .def_property_readonly(
          "flags",
          [](const EventRecord& self) {
            py::list out;
            for (const std::string_view name : self.flags()) out.append(text(name));
            return out;
          },
          "Names of the status flags that are set.")
      .def_property_readonly(
          "strings",
          [](const EventRecord& self) {
            py::list out;
            for (const std::string& each : self.strings()) out.append(text(each));
            return out;
          },
          "What %1 and so on of the message stand for.")
      .def_property_readonly("message",
                             [](const EventRecord& self) { return text(self.message()); })
      .def(
          "to_xml", [](const EventRecord& self) { return to_xml(self); }, "As Windows exports it.")
      .def("__repr__", [](const EventRecord& self) {
        return "<Event " + std::to_string(self.id()) + " " + format_iso8601(self.time) + " " +
               self.computer + ">";
      });
}

}  // namespace

void bind_events(py::module_& m) {
  bind_event(m);
  m.def("events_xml", &events_xml, py::arg("events"),
        "An XML document of events, as Windows exports a log.");
  machine_class(m)
      .def("events", &events_of, py::kw_only(), py::arg("log") = py::none(),
           py::arg("ids") = py::tuple(), py::arg("since") = py::none(),
           py::arg("until") = py::none(), py::arg("errors") = false,
           py::arg("newest_first") = false, py::arg("last") = 0,
           "Licensing events of its logs as a list of Event, in the order of the world's clock. "
           "log names one of the logs, \"kms\" for the long name; since and until are times of the "
           "world's clock; errors leaves out what went well; last keeps the newest so many.")
      .def("clear_log", &clear_log, py::arg("log"), py::kw_only(), py::arg("newest") = py::none(),
           "Empties a log; numbers go on. With newest, refused when there is a record after that "
           "number.")
      .def_property_readonly("logs", &log_totals,
                             "Records, sizes and limits by the name of the log.");
}

}  // namespace slwmi::python
