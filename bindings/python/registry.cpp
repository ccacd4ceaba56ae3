// The registry of a machine for Python: values by path and name, .reg files both ways.
#include "registry/registry.hpp"

#include "object.hpp"
#include "registry/formats/reg_file.hpp"
#include "registry/path.hpp"
#include "world/machine.hpp"

namespace slwmi::python {
namespace {

struct Registry {
  reg::Registry registry;
};

py::object value_to_python(const reg::ValueData& data) {
  const reg::ValueView view = data.view();
  if (const auto number = reg::as_dword(view)) return py::int_(*number);
  if (const auto number = reg::as_qword(view)) return py::int_(*number);
  if (const auto text = reg::as_string(view)) return to_python(cim::Value::text(*text));
  if (const auto texts = reg::as_multi_sz(view)) {
    py::list out;
    for (const std::string& text : *texts) out.append(to_python(cim::Value::text(text)));
    return out;
  }
  return py::bytes(reinterpret_cast<const char*>(data.data().data()), data.data().size());
}

reg::ValueData value_from_python(const py::object& value, const std::string& type_name) {
  const auto type = type_name.empty() ? std::optional<reg::ValueType>() : reg::type_of(type_name);
  if (!type_name.empty() && !type) raise({HResult::kEInvalidarg, "there is no registry type " + type_name, {}, {}});
  if (PyLong_Check(value.ptr())) {
    const auto number = value.cast<std::uint64_t>();
    if (type == reg::ValueType::kQword || (!type && number > 0xFFFFFFFFu)) return reg::make_qword(number);
    if ((!type || type == reg::ValueType::kDword) && number <= 0xFFFFFFFFu) return reg::make_dword(static_cast<std::uint32_t>(number));
  } else if (PyUnicode_Check(value.ptr())) {
    const std::string text(from_python(value).as_text());
    if (type == reg::ValueType::kExpandSz) return reg::make_expand_sz(text);
    if (!type || type == reg::ValueType::kSz) return reg::make_sz(text);
  } else if (PyBytes_Check(value.ptr())) {
    const auto bytes = value.cast<std::string>();
    return {type.value_or(reg::ValueType::kBinary), as_bytes(bytes)};
  } else if (PyList_Check(value.ptr()) || PyTuple_Check(value.ptr())) {
    std::vector<std::string> texts;
    for (const py::handle& item : value) texts.emplace_back(from_python(item).as_text());
    if (!type || type == reg::ValueType::kMultiSz) return reg::make_multi_sz(texts);
  }
  raise({HResult::kWbemETypeMismatch, "the value does not fit the registry type", {}, {}});
}

py::list read_values(Registry& self, const std::string& path) {
  const reg::Key key = must(self.registry.open(path));
  py::list out;
  for (const reg::ValueEntry& entry : must(key.values())) {
    out.append(py::make_tuple(to_python(cim::Value::text(entry.name)), value_to_python(entry.data),
                              std::string(reg::type_name(entry.data.type()))));
  }
  return out;
}

py::list import_file(Registry& self, const py::bytes& data, bool strict) {
  const std::string bytes = data;
  reg::RegOptions options;
  options.strict = strict;
  const reg::RegFile file = must(reg::read_reg(as_bytes(bytes), options));
  py::list out;
  for (const reg::RegProblem& problem : file.problems) out.append(py::make_tuple(problem.line, problem.message));
  for (const reg::RegProblem& problem : must(reg::import_reg(self.registry, file, strict))) {
    out.append(py::make_tuple(problem.line, problem.message));
  }
  return out;
}

}  // namespace

void bind_registry(py::module_& m) {
  py::class_<Registry>(m, "Registry", "The registry of a machine as one principal may use it; paths start at a root (HKLM\\...).")
      .def("get", [](Registry& self, const std::string& path, const std::string& name) {
             return value_to_python(must(self.registry.get(path, name)));
           }, py::arg("path"), py::arg("name") = "", "The value's data. NotFound.")
      .def("set", [](Registry& self, const std::string& path, const std::string& name, const py::object& value,
                     const std::string& type) { must(self.registry.set(path, name, value_from_python(value, type))); },
           py::arg("path"), py::arg("name"), py::arg("value"), py::arg("type") = "",
           "Sets a value, making the key when it is missing. The type follows from the value unless it is named.")
      .def("delete", [](Registry& self, const std::string& path, const std::string& name) {
             must(must(self.registry.open(path, reg::access::kSetValue)).remove_value(name));
           }, py::arg("path"), py::arg("name"))
      .def("delete_key", [](Registry& self, const std::string& path) { must(self.registry.remove_key(path)); }, py::arg("path"))
      .def("keys", [](Registry& self, const std::string& path) {
             py::list out;
             for (const std::string& name : must(must(self.registry.open(path)).subkeys())) out.append(to_python(cim::Value::text(name)));
             return out;
           }, py::arg("path"))
      .def("values", read_values, py::arg("path"), "Triples of name, data and type name.")
      .def("import_reg", import_file, py::arg("data"), py::kw_only(), py::arg("strict") = false,
           "Does what a .reg file says; returns (line, problem) pairs of what was passed over.");
  m.def("_open_registry", [](const world::Machine& machine, const std::string& user) {
    return std::make_unique<Registry>(Registry{must(machine.registry(must(find_principal(user))))});
  }, py::arg("machine"), py::arg("user"), py::keep_alive<0, 1>());
}

}  // namespace slwmi::python
