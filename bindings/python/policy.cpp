// Policies for Python: documents from files or keyword settings, plans, pushes and removals.
#include <pybind11/stl.h>

#include "object.hpp"
#include "policy/document.hpp"
#include "policy/plan.hpp"
#include "world/world.hpp"

namespace slwmi::python {
namespace {

using world::World;

struct Policy {
  policy::Document document;
};
struct Plan {
  policy::Plan plan;
};

std::string text_of(const py::handle& value) {
  if (PyBool_Check(value.ptr())) return value.ptr() == Py_True ? "1" : "0";
  return py::str(value);
}

Policy make_policy(const std::string& name, const py::dict& settings, const std::string& description) {
  std::vector<policy::NamedText> named;
  for (const auto& [key, value] : settings) {
    policy::NamedText entry;
    entry.name = text_of(key);
    entry.list = PyList_Check(value.ptr()) || PyTuple_Check(value.ptr());
    if (entry.list) {
      for (const py::handle& item : value) entry.texts.push_back(text_of(item));
    } else {
      entry.texts.push_back(text_of(value));
    }
    named.push_back(std::move(entry));
  }
  return Policy{must(policy::make_document(name, description, named))};
}

Policy load_policy(const py::object& path, const std::string& name) {
  if (PyBytes_Check(path.ptr())) {
    const std::string bytes = path.cast<std::string>();
    return Policy{must(policy::parse_document(as_bytes(bytes), "", name))};
  }
  const std::string file = py::str(py::module_::import("os").attr("fspath")(path));
  const std::string bytes = py::bytes(py::module_::import("pathlib").attr("Path")(file).attr("read_bytes")());
  std::string fallback = name;
  if (fallback.empty()) fallback = py::str(py::module_::import("pathlib").attr("Path")(file).attr("stem"));
  return Policy{must(policy::parse_document(as_bytes(bytes), file, fallback))};
}

py::list texts_of(const policy::Findings& findings, const std::string& file) {
  py::list out;
  for (const policy::Finding& finding : findings) out.append(policy::to_text(finding, file));
  return out;
}

// Machines as a list of names, one name, or nothing for all.
std::vector<std::string> names_of(World& world, const py::object& machines) {
  if (machines.is_none()) return must(world.machine_names());
  if (PyUnicode_Check(machines.ptr())) return {machines.cast<std::string>()};
  std::vector<std::string> out;
  for (const py::handle& machine : machines) {
    out.push_back(PyUnicode_Check(machine.ptr()) ? machine.cast<std::string>()
                                                 : must(machine.cast<const world::Machine&>().name()));
  }
  return out;
}

template <class F>
auto unlocked(F&& body) {
  const py::gil_scoped_release release;
  return body();
}

}  // namespace

void bind_policy(py::module_& m) {
  py::class_<Policy>(m, "Policy", "A checked policy document: a name and registry settings.")
      .def(py::init(&make_policy), py::arg("name"), py::arg("settings"), py::kw_only(), py::arg("description") = "",
           "A policy of named settings, such as {'VLRenewalInterval': '7 days'}. InvalidArgument lists every error.")
      .def_static("read", &load_policy, py::arg("source"), py::arg("name") = "",
                  "Reads a document (JSON, INFO, XML) or a Registry.pol from a path or bytes; a Registry.pol is named by its "
                  "file unless `name` says.")
      .def_property_readonly("name", [](const Policy& self) { return self.document.name; })
      .def_property_readonly("description", [](const Policy& self) { return self.document.description; })
      .def_property_readonly("warnings", [](const Policy& self) { return texts_of(self.document.warnings, self.document.file); })
      .def("lint", [](const Policy& self, const std::string& role) {
             return texts_of(policy::lint(self.document, role), self.document.file);
           }, py::arg("role") = "", "Warnings about the document on machines of a role.")
      .def_property_readonly("settings", [](const Policy& self) {
        py::list out;
        for (const policy::Setting& setting : self.document.settings) {
          py::dict row;
          row["action"] = std::string(policy::to_text(setting.action));
          row["key"] = setting.key;
          row["value"] = setting.value;
          row["setting"] = setting.info == nullptr ? std::string() : setting.info->name;
          row["type"] = std::string(reg::type_name(setting.data.type()));
          out.append(row);
        }
        return out;
      })
      .def("__len__", [](const Policy& self) { return self.document.settings.size(); });
  py::class_<Plan>(m, "Plan", "What a push or a removal would change.")
      .def_property_readonly("differs", [](const Plan& self) { return self.plan.differs(); })
      .def_property_readonly("machines", [](const Plan& self) { return self.plan.machines; })
      .def_property_readonly("changed", [](const Plan& self) { return self.plan.machines_changed; })
      .def_property_readonly("counts", [](const Plan& self) {
        py::dict out;
        out["add"] = self.plan.counts.add;
        out["change"] = self.plan.counts.change;
        out["delete"] = self.plan.counts.remove;
        out["unchanged"] = self.plan.counts.unchanged;
        return out;
      })
      .def("__str__", [](const Plan& self) { return policy::to_text(self.plan); })
      .def("__bool__", [](const Plan& self) { return self.plan.differs(); });
  m.def("_plan", [](World& world, const Policy& policy, const py::object& machines) {
    const std::vector<std::string> names = names_of(world, machines);
    return Plan{must(unlocked([&] { return world.plan_policy(policy.document, names); }))};
  });
  m.def("_apply", [](World& world, const Policy& policy, const py::object& machines) {
    const std::vector<std::string> names = names_of(world, machines);
    return must(unlocked([&] { return world.apply_policy(policy.document, names); }));
  });
  m.def("_remove", [](World& world, const std::string& name, const py::object& machines) {
    const std::vector<std::string> names = names_of(world, machines);
    return must(unlocked([&] { return world.remove_policy(name, names); }));
  });
  m.def("_policies", [](World& world) {
    py::list out;
    for (const World::PolicyStatus& status : must(world.policy_status())) {
      py::dict row;
      row["name"] = status.name;
      row["machines"] = status.machines;
      row["settings"] = status.settings;
      row["generation"] = status.generation;
      out.append(row);
    }
    return out;
  });
}

}  // namespace slwmi::python
