// Policies for Python: documents from files, mappings or keyword settings, plans, pushes and
// removals.
#include <sstream>

#include <pybind11/stl.h>

#include "base/text.hpp"
#include "handles.hpp"
#include "policy/document.hpp"
#include "policy/plan.hpp"
#include "policy/targeting.hpp"
#include "provider/catalogue.hpp"

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
  if (value.is_none()) {
    raise({HResult::kEInvalidarg,
           "None is no value of a setting; Policy.read({'policy': ..., 'remove': [...]}) takes one "
           "away",
           {},
           {}});
  }
  if (PyBool_Check(value.ptr())) return value.ptr() == Py_True ? "1" : "0";
  return py::str(value);
}

Policy make_policy(const std::string& name, const py::dict& settings,
                   const std::string& description) {
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

Policy parse_policy(const std::string& bytes, const std::string& file, const std::string& name) {
  return Policy{
      must(unlocked([&] { return policy::parse_document(as_bytes(bytes), file, name); }))};
}

Policy load_policy(const py::object& source, const std::string& name) {
  if (PyBytes_Check(source.ptr())) return parse_policy(source.cast<std::string>(), "", name);
  if (PyDict_Check(source.ptr())) {
    const py::object text = py::module_::import("json").attr("dumps")(source);
    return parse_policy(text.cast<std::string>(), "", name);
  }
  const py::object path = py::module_::import("pathlib").attr("Path")(path_of(source));
  const std::string bytes =
      py::module_::import("slwmi._files").attr("read")(source).cast<py::bytes>();
  return parse_policy(bytes, py::str(path),
                      name.empty() ? std::string(py::str(path.attr("stem"))) : name);
}

std::string write_policy(const Policy& self, const std::string& form) {
  const auto syntax = policy::syntax_of_name(form);
  if (!syntax || *syntax == policy::Syntax::kPol)
    raise({HResult::kEInvalidarg, "a policy's text is json, info or xml", {}, form});
  return must(policy::write_document(self.document, *syntax));
}

py::bytes pol_of(const Policy& self) {
  return py::bytes(must(policy::write_document(self.document, policy::Syntax::kPol)));
}

py::list texts_of(const policy::Findings& findings, const std::string& file) {
  py::list out;
  for (const policy::Finding& finding : findings) out.append(policy::to_text(finding, file));
  return out;
}

// The machines of a target as the command takes it. What it does not find is a UserWarning, nothing
// at all NotFound.
std::vector<std::string> names_of_target(const WorldHandle& world, const std::string& text) {
  const policy::TargetSet targets = must(policy::parse_targets(text));
  const Principal caller = must(find_principal("administrator"));
  policy::Selection selection =
      world.run([&](World& opened) { return opened.select_machines(targets, caller); });
  if (selection.machines.empty())
    raise({HResult::kErrorNotFound, "no machine is meant by \"" + text + "\"", {}, text});
  for (const policy::Finding& finding : selection.warnings) {
    if (PyErr_WarnEx(PyExc_UserWarning, finding.message.c_str(), 2) != 0)
      throw py::error_already_set();
  }
  return std::move(selection.machines);
}

// Nothing for all, a target, a Machine, or names and Machines.
std::vector<std::string> names_of(const WorldHandle& world, const py::object& machines) {
  if (machines.is_none()) return world.run([](World& opened) { return opened.machine_names(); });
  if (PyUnicode_Check(machines.ptr())) return names_of_target(world, machines.cast<std::string>());
  const auto name_of = [](const py::handle& machine) {
    if (PyUnicode_Check(machine.ptr())) return machine.cast<std::string>();
    return machine.cast<const MachineHandle&>().run(
        [](const world::Machine& opened) { return opened.name(); });
  };
  if (py::isinstance<MachineHandle>(machines)) return {name_of(machines)};
  std::vector<std::string> out;
  for (const py::handle& machine : machines) out.push_back(name_of(machine));
  return out;
}

Plan plan(const WorldHandle& self, const Policy& policy, const py::object& machines) {
  const std::vector<std::string> names = names_of(self, machines);
  return {self.run([&](World& world) { return world.plan_policy(policy.document, names); })};
}

Plan plan_removal(const WorldHandle& self, const std::string& name, const py::object& machines) {
  const std::vector<std::string> names = names_of(self, machines);
  return {self.run([&](World& world) { return world.plan_removal(name, names); })};
}

std::uint64_t apply(const WorldHandle& self, const Policy& policy, const py::object& machines) {
  const std::vector<std::string> names = names_of(self, machines);
  return self.run([&](World& world) { return world.apply_policy(policy.document, names); });
}

std::uint64_t remove(const WorldHandle& self, const std::string& name, const py::object& machines) {
  const std::vector<std::string> names = names_of(self, machines);
  return self.run([&](World& world) { return world.remove_policy(name, names); });
}

py::list policies(const WorldHandle& self) {
  py::list out;
  for (const World::PolicyStatus& status :
       self.run([](World& world) { return world.policy_status(); })) {
    py::dict row;
    row["name"] = status.name;
    row["machines"] = status.machines;
    row["settings"] = status.settings;
    row["generation"] = status.generation;
    out.append(row);
  }
  return out;
}

py::list settings_of(const Policy& self) {
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
}

py::dict counts_of(const Plan& self) {
  py::dict out;
  out["add"] = self.plan.counts.add;
  out["change"] = self.plan.counts.change;
  out["delete"] = self.plan.counts.remove;
  out["unchanged"] = self.plan.counts.unchanged;
  return out;
}

py::object data_text(const std::optional<reg::ValueData>& data, const policy::SettingInfo* info) {
  return data ? py::object(py::str(policy::to_text(data, info))) : py::none();
}

// A row for each value that becomes another on a group of equal machines.
py::list changes_of(const Plan& self) {
  py::list out;
  for (const policy::GroupPlan& group : self.plan.groups) {
    for (const policy::Difference& difference : group.differences) {
      if (difference.change == policy::Change::kUnchanged) continue;
      const policy::SettingInfo* info = policy::find_setting(difference.setting);
      py::dict row;
      row["machines"] = group.machines;
      row["change"] = std::string(policy::to_text(difference.change));
      row["setting"] = difference.setting;
      row["key"] = difference.key;
      row["value"] = difference.value;
      row["before"] = data_text(difference.before, info);
      row["after"] = data_text(difference.after, info);
      out.append(row);
    }
  }
  return out;
}

void bind_document(py::module_& m) {
  py::class_<Policy>(m, "Policy", "A checked policy document: a name and registry settings.")
      .def(py::init(&make_policy), py::arg("name"), py::arg("settings"), py::kw_only(),
           py::arg("description") = "",
           "A policy of named settings, such as {'VLRenewalInterval': '7 days'}. InvalidArgument "
           "lists every error.")
      .def_static("read", &load_policy, py::arg("source"), py::arg("name") = "",
                  "Reads a document (JSON, INFO, XML) or a Registry.pol from a path or bytes, or a "
                  "document as a dict; a Registry.pol is named by its file unless `name` says.")
      .def_property_readonly("name", [](const Policy& self) { return self.document.name; })
      .def_property_readonly("description",
                             [](const Policy& self) { return self.document.description; })
      .def_property_readonly(
          "warnings",
          [](const Policy& self) { return texts_of(self.document.warnings, self.document.file); })
      .def(
          "lint",
          [](const Policy& self, const std::string& role) {
            const std::string_view known = role.empty() ? role : must(licensing::parse_role(role));
            return texts_of(policy::lint(self.document, known), self.document.file);
          },
          py::arg("role") = "", "Warnings about the document on machines of a role. NotFound.")
      .def_property_readonly("settings", &settings_of)
      .def("text", &write_policy, py::arg("form") = "json",
           "The document as json, info or xml. NotSupported for what a text cannot say.")
      .def("pol", &pol_of, "The document as the bytes of a Registry.pol.")
      .def("__len__", [](const Policy& self) { return self.document.settings.size(); })
      .def("__repr__", [](const Policy& self) {
        return "<Policy " + self.document.name + ", " +
               std::to_string(self.document.settings.size()) + " settings>";
      });
}

void bind_plan(py::module_& m) {
  py::class_<Plan>(m, "Plan", "What a push or a removal would change; true when it would.")
      .def_property_readonly("differs", [](const Plan& self) { return self.plan.differs(); })
      .def_property_readonly("machines", [](const Plan& self) { return self.plan.machines; })
      .def_property_readonly("changed", [](const Plan& self) { return self.plan.machines_changed; })
      .def_property_readonly("counts", &counts_of)
      .def_property_readonly("changes", &changes_of,
                             "A dict for each value that becomes another on a group of equal "
                             "machines.")
      .def_property_readonly("warnings",
                             [](const Plan& self) { return texts_of(self.plan.warnings, ""); })
      .def("__str__", [](const Plan& self) { return policy::to_text(self.plan); })
      .def("__bool__", [](const Plan& self) { return self.plan.differs(); });
}

}  // namespace

void bind_policy(py::module_& m) {
  bind_document(m);
  bind_plan(m);
  world_class(m)
      .def("plan", &plan, py::arg("policy"), py::arg("machines") = py::none(),
           "What a push would change; changes nothing.")
      .def("plan_removal", &plan_removal, py::arg("name"), py::arg("machines") = py::none(),
           "What taking a policy away would change; changes nothing.")
      .def("apply", &apply, py::arg("policy"), py::arg("machines") = py::none(),
           "Pushes a policy in one transaction; returns the generation. Machines are all by "
           "default, a target as the command takes it ('PC*', 'role=kms-client'), a Machine, or "
           "names and Machines.")
      .def("remove_policy", &remove, py::arg("name"), py::arg("machines") = py::none(),
           "Takes a policy away; what was there before shows again.")
      .def("policies", &policies, "Name, machines, settings and generation of each pushed policy.")
      .def(
          "policy",
          [](const WorldHandle& self, const std::string& name) {
            return Policy{self.run([&](World& opened) { return opened.policy_document(name); })};
          },
          py::arg("name"), "A pushed policy as a document. NotFound.");
}

}  // namespace slwmi::python
