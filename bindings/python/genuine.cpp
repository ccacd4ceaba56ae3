// Genuine validation for Python.
#include "world/genuine.hpp"

#include <pybind11/stl.h>

#include "handles.hpp"
#include "provider/license.hpp"

namespace slwmi::python {
namespace {

using world::Machine;
using world::World;

py::object time_or_none(FileTime time) {
  return time.ticks == 0 ? py::object(py::none()) : to_python(cim::Value::datetime(time));
}
py::object code_or_none(HResult code) {
  return failed(code) ? py::object(py::int_(value_of(code))) : py::object(py::none());
}

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
  out["state"] = py::str(std::string(licensing::name_of(status.state)));
  out["reason"] = code_or_none(status.reason);
  out["since"] = time_or_none(status.since);
  out["until"] = time_or_none(status.until);
  out["key"] = status.key ? py::object(py::str(licensing::partial_text(*status.key)))
                          : py::object(py::none());
  out["last_validation"] = time_or_none(status.last ? status.last->time : FileTime{});
  out["last_result"] =
      status.last ? py::object(py::int_(value_of(status.last->code))) : py::object(py::none());
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
    licensing::Event event;
    event.kind = licensing::EventKind::kTampered;
    return machine.happened(event);
  });
}

}  // namespace

void bind_genuine(py::module_& m) {
  const py::object machine = m.attr("Machine");
  const auto method = [&](const char* name, auto function, const auto&... extra) {
    machine.attr(name) =
        py::cpp_function(function, py::name(name), py::is_method(machine), extra...);
  };
  method(
      "validate", &validate,
      "Goes to the validation site: whether the system is genuine. When it is not, event 8209 and "
      "genuine() say why. Raises what keeps it from a verdict, such as 0x80072EE7.");
  method(
      "genuine", &genuine,
      "Its genuine state: a dict with state ('genuine', 'invalid licence', 'tampered' or 'not "
      "validated'), reason (an HRESULT or None), since, until (end of the grace period), key (last "
      "five characters of the one that a validation checks), last_validation and last_result.");
  method(
      "tamper", &tamper, py::arg("files") = false,
      "Somebody altered the trusted store, or with files=True the system's licensing files, which "
      "the next validation finds.");
  const py::object world = m.attr("World");
  world.attr("uses_of_key") = py::cpp_function(&uses_of_key, py::name("uses_of_key"),
                                               py::is_method(world), py::arg("product_key"),
                                               "The machines that a product key licenses, as "
                                               "dicts: machine, installed (else a KMS host with "
                                               "it activated the machine), kms_host and status.");
}

}  // namespace slwmi::python
