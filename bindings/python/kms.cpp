// A KMS host for Python, from inside.
#include "world/kms.hpp"

#include <pybind11/stl.h>

#include "handles.hpp"

namespace slwmi::python {
namespace {

py::dict record_of(const licensing::Publication& record) {
  py::dict out;
  out["domain"] = text(record.domain);
  out["host"] = text(record.host);
  out["port"] = record.port;
  return out;
}

py::list clients_of(const licensing::kms::HostState& state) {
  py::list out;
  for (const licensing::kms::Client& client : state.clients) {
    py::dict row;
    row["id"] = text(format_guid(licensing::client_machine_id(client.id)));
    row["seen"] = datetime(licensing::time_of(client.seen));
    row["forgotten"] = datetime(licensing::time_of(client.seen + licensing::kms::kMemoryMinutes));
    out.append(row);
  }
  return out;
}

py::object status_of(const MachineHandle& machine) {
  const licensing::KmsStatus status =
      machine.run([](const world::Machine& m) { return world::kms_status(m); });
  if (!status.enabled) return py::none();
  py::dict out;
  out["activated"] = status.activated;
  out["service_trouble"] = code_or_none(status.start.service);
  out["timer_trouble"] = code_or_none(status.start.timer);
  out["listening_port"] = status.listening_port;
  out["low_priority"] = status.low_priority;
  out["count"] = status.count;
  out["capacity"] = status.capacity;
  out["clients"] = clients_of(status.state);
  out["requests"] = status.state.counters.total();
  out["failed_requests"] = status.state.counters.failed;
  py::dict by_status;
  for (std::size_t i = 0; i < status.state.counters.by_status.size(); ++i)
    by_status[py::int_(i)] = status.state.counters.by_status[i];
  out["requests_by_status"] = by_status;
  out["activation_interval"] = status.activation_interval;
  out["renewal_interval"] = status.renewal_interval;
  out["dns_publishing"] = status.dns_publishing;
  py::list records;
  for (const licensing::Publication& record : status.publications)
    records.append(record_of(record));
  out["records"] = records;
  out["registered"] = status.registered ? py::object(record_of(*status.registered)) : py::none();
  out["next_publication"] =
      status.next_publication ? datetime(*status.next_publication) : py::object(py::none());
  return out;
}

}  // namespace

void bind_kms(py::module_& m) {
  machine_class(m).def_property_readonly(
      "kms", &status_of,
      "The Key Management Service from inside; None where no KMS key is installed.");
}

}  // namespace slwmi::python
