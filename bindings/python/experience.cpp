// What the user of a machine sees, and another operating system on it, for Python.
#include "world/experience.hpp"

#include <pybind11/stl.h>

#include "handles.hpp"
#include "world/upgrade.hpp"

namespace slwmi::python {
namespace {

using licensing::Experience;
using world::Machine;

py::object reminder_of(const Experience& seen) {
  if (!seen.reminder) return py::none();
  py::dict out;
  out["text"] = text(seen.reminder->text);
  out["next"] = datetime(seen.reminder->next);
  out["every"] = seen.reminder->every;
  return out;
}

py::object dialog_of(const Experience& seen) {
  if (!seen.logon) return py::none();
  py::list choices;
  for (const licensing::Choice& choice : seen.logon->choices) {
    py::dict one;
    one["label"] = text(choice.label);
    one["leads_to"] = text(choice.leads_to);
    one["offered"] = choice.offered;
    choices.append(one);
  }
  py::dict out;
  out["text"] = text(seen.logon->text);
  out["choices"] = choices;
  out["delay"] = seen.logon->delay;
  return out;
}

py::dict experience(const MachineHandle& self) {
  const Experience seen =
      self.run([](const Machine& machine) { return world::experience(machine); });
  py::list withheld;
  for (const std::string_view what : seen.withheld) withheld.append(text(what));
  py::dict out;
  out["functionality"] = text(licensing::name_of(seen.functionality));
  out["status"] = text(seen.status);
  out["next_step"] = text_or_none(seen.next_step);
  out["reminder"] = reminder_of(seen);
  out["watermark"] = text_or_none(seen.watermark);
  out["black_background"] = seen.black_background;
  out["background_reset"] = seen.background_reset;
  out["logon_dialog"] = dialog_of(seen);
  out["session"] = seen.session;
  out["withheld"] = withheld;
  out["anytime_upgrade"] = text(licensing::name_of(seen.anytime_upgrade));
  out["anytime_upgrade_message"] = text_or_none(seen.anytime_upgrade_says);
  return out;
}

std::vector<std::string> upgrade_advice(const MachineHandle& self, const std::string& os) {
  return self.run([&](const Machine& machine) { return world::upgrade_advice(machine, os); });
}

std::vector<std::string> upgrade(const MachineHandle& self, const std::string& os) {
  return self.run([&](const Machine& machine) -> Result<std::vector<std::string>> {
    SL_TRY(std::vector<std::string> advice, world::upgrade_advice(machine, os));
    SL_CHECK(world::upgrade(machine, os));
    return advice;
  });
}

void reinstall(const MachineHandle& self) {
  self.run([](const Machine& machine) { return world::reinstall(machine); });
}

}  // namespace

void bind_experience(py::module_& m) {
  machine_class(m)
      .def("experience", &experience,
           "What its user sees of its licence: a dict with functionality ('full', 'notification', "
           "'reduced'), status, next_step, reminder (text, next, every so many minutes), "
           "watermark, black_background, background_reset (minutes), logon_dialog (text, choices, "
           "delay in seconds), session (minutes until logged off, 0 for none), withheld, "
           "anytime_upgrade ('absent', 'offered', 'refused') and its message. None for what is "
           "not there.")
      .def("upgrade_advice", &upgrade_advice, py::arg("os") = "vista-sp1",
           "What to heed before it becomes another operating system. InvalidArgument when it "
           "cannot.")
      .def("upgrade", &upgrade, py::arg("os") = "vista-sp1",
           "Applies the service pack and restarts; returns what was to be heeded.")
      .def("reinstall", &reinstall,
           "Installs the operating system once more: registry and event logs are new.");
}

}  // namespace slwmi::python
