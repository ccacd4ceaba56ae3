// Genuine validation for Python.
#include "world/genuine.hpp"

#include <pybind11/stl.h>

#include "handles.hpp"
#include "provider/license.hpp"

namespace slwmi::python {
namespace {

using world::Machine;
using world::World;

// False when the verdict is against the system; what kept it from a verdict is raised.
bool validate(const MachineHandle& self) {
  return self.run([](const Machine& machine) -> Result<bool> {
    const Result<> done = world::validate(machine);
    if (done) return true;
    if (done.error().code == HResult::kSlENotGenuine) return false;
    return fail(done.error());
  });
}

py::dict genuine(const MachineHandle& self) {
  const licensing::GenuineStatus status =
      self.run([](const Machine& machine) { return world::genuine_status(machine); });
  py::dict out;
  out["state"] = text(licensing::name_of(status.state));
  out["reason"] = code_or_none(status.reason);
  out["since"] = datetime_or_none(status.since);
  out["until"] = datetime_or_none(status.until);
  out["key"] = status.key ? text(licensing::partial_text(*status.key)) : py::none();
  out["last_validation"] = datetime_or_none(status.last ? status.last->time : FileTime{});
  out["last_result"] = status.last ? py::object(py::int_(value_of(status.last->code))) : py::none();
  return out;
}

py::list uses_of_key(const WorldHandle& self, const std::string& key) {
  py::list out;
  for (const world::KeyUse& use :
       self.run([&](World& world) { return world::uses_of_key(world, key); })) {
    py::dict row;
    row["machine"] = use.machine;
    row["installed"] = use.installed;
    row["kms_host"] = use.kms_host;
    row["status"] = static_cast<std::uint32_t>(use.status);
    out.append(row);
  }
  return out;
}

void tamper(const MachineHandle& self, bool files) {
  self.run([&](const Machine& machine) -> Result<> {
    if (files) return world::tamper_files(machine);
    return machine.happened({.kind = licensing::EventKind::kTampered});
  });
}

}  // namespace

void bind_genuine(py::module_& m) {
  machine_class(m)
      .def("validate", &validate,
           "Goes to the validation site: whether the system is genuine. When it is not, event 8209 "
           "and genuine() say why. Raises what keeps it from a verdict, such as 0x80072EE7.")
      .def("genuine", &genuine,
           "Its genuine state: a dict with state ('genuine', 'invalid licence', 'tampered' or 'not "
           "validated'), reason (an HRESULT or None), since, until (end of the grace period), key "
           "(last five characters of the one that a validation checks), last_validation and "
           "last_result.")
      .def("tamper", &tamper, py::arg("files") = false,
           "Somebody altered the trusted store, or with files=True the system's licensing files, "
           "which the next validation finds.");
  world_class(m).def("uses_of_key", &uses_of_key, py::arg("product_key"),
                     "The machines that a product key licenses, as dicts: machine, installed (else "
                     "a KMS host with it activated the machine), kms_host and status.");
}

}  // namespace slwmi::python
