// The compiled core of the package: World, Machine, Session and classes.
#include <pybind11/stl.h>

#include "base/text.hpp"
#include "object.hpp"
#include "provider/explain.hpp"
#include "provider/license.hpp"
#include "world/session.hpp"
#include "world/world.hpp"

namespace slwmi::python {
namespace {

using world::Machine;
using world::MachineSpec;
using world::World;

// Runs without the GIL: other Python threads go on while the world works.
template <class F>
auto unlocked(F&& body) {
  const py::gil_scoped_release release;
  return body();
}

struct CimClass {
  cim::ClassPtr cls;
};

struct Session {
  world::Session session;

  py::list query(const py::object& self, const std::string& wql) {
    wql::ResultSet result = must(unlocked([&] { return session.collect(wql); }));
    py::list out;
    for (cim::ClassPtr& cls : result.classes) out.append(CimClass{std::move(cls)});
    std::shared_ptr<const std::vector<int>> columns;
    const cim::Class* columns_of = nullptr;
    for (cim::Instance& row : result.rows) {
      if (!result.columns.empty() && row.cls().get() != columns_of) {
        std::vector<int> slots;
        for (const std::string& name : result.columns) {
          const int slot = row.cls()->find_slot(name);
          if (slot >= 0) slots.push_back(slot);
        }
        columns = std::make_shared<const std::vector<int>>(std::move(slots));
        columns_of = row.cls().get();
      }
      out.append(make_object(std::move(row), self, columns));
    }
    return out;
  }

  py::object call(const std::string& path, const std::string& method, const py::kwargs& arguments) {
    world::Parameters in;
    for (const auto& [name, value] : arguments) in.emplace_back(name.cast<std::string>(), from_python(value));
    const world::CallResult result = must(unlocked([&] { return session.call(path, method, in); }));
    py::dict out;
    for (const auto& [name, value] : result.out) out[py::str(name)] = to_python(value);
    return py::module_::import("slwmi._objects").attr("CallResult")(to_python(result.return_value), out);
  }
};

py::list names_of(const CimClass& self, bool methods) {
  py::list out;
  if (methods) {
    for (const cim::Method& method : self.cls->methods()) out.append(py::str(method.name));
  } else {
    for (const cim::Property& property : self.cls->properties()) out.append(py::str(property.name));
  }
  return out;
}

MachineSpec spec_of(const std::string& name, const std::string& os, const std::string& role, const std::string& edition,
                    const std::string& domain, bool virtual_machine, bool upgraded) {
  MachineSpec spec;
  spec.name = name;
  spec.os = os;
  spec.role = role;
  spec.edition = edition;
  spec.domain = domain;
  spec.virtual_machine = virtual_machine;
  spec.upgraded = upgraded;
  return spec;
}

FileTime time_of(const py::object& time) {
  const std::string text = PyUnicode_Check(time.ptr()) ? time.cast<std::string>() : std::string(py::str(time.attr("isoformat")()));
  return must(parse_iso8601(text));
}

std::uint64_t minutes_of(const py::object& by, double days, double hours, double minutes) {
  double total = days * 1440 + hours * 60 + minutes;
  if (!by.is_none()) total += py::hasattr(by, "total_seconds") ? by.attr("total_seconds")().cast<double>() / 60 : by.cast<double>();
  if (!(total >= 0)) raise({HResult::kEInvalidarg, "the clock does not go back", {}, {}});
  return static_cast<std::uint64_t>(total);
}

void bind_world(py::module_& m) {
  py::class_<World>(m, "World", "A world of simulated Windows machines: one file, one virtual clock.")
      .def_static(
          "open", [](const py::object& path, std::uint64_t seed) {
            const std::string text = py::str(py::module_::import("os").attr("fspath")(path));
            return must(unlocked([&] { return World::open(text, World::Mode::kOpenOrCreate, seed); }));
          },
          py::arg("path"), py::kw_only(), py::arg("seed") = 0, "Opens the world in a file, or makes a new one.")
      .def_static(
          "create", [](const py::object& path, std::uint64_t seed) {
            const std::string text = py::str(py::module_::import("os").attr("fspath")(path));
            return must(World::open(text, World::Mode::kCreate, seed));
          },
          py::arg("path"), py::kw_only(), py::arg("seed") = 0, "Makes a new world; AlreadyExists when the file is there.")
      .def_static("temporary", [](std::uint64_t seed) { return must(World::in_memory(seed)); }, py::kw_only(),
                  py::arg("seed") = 0, "A world in memory that goes away with the object.")
      .def("__enter__", [](py::object self) { return self; })
      .def("__exit__", [](World&, const py::args&) {})
      .def(
          "add_machine",
          [](World& self, const std::string& name, const std::string& os, const std::string& role, const std::string& edition,
             const std::string& domain, bool virtual_machine, bool upgraded) {
            return must(self.add_machine(spec_of(name, os, role, edition, domain, virtual_machine, upgraded)));
          },
          py::arg("name"), py::kw_only(), py::arg("os") = "vista-sp1", py::arg("role") = "kms-client", py::arg("edition") = "",
          py::arg("domain") = "contoso.com", py::arg("virtual_machine") = false, py::arg("upgraded") = true,
          py::keep_alive<0, 1>(), "Adds a machine. AlreadyExists by name; os and role as in machine profiles.")
      .def(
          "add_machines",
          [](World& self, const py::iterable& names, const std::string& os, const std::string& role, const std::string& edition,
             const std::string& domain) {
            std::vector<MachineSpec> specs;
            for (const py::handle& name : names) {
              specs.push_back(spec_of(name.cast<std::string>(), os, role, edition, domain, false, true));
            }
            must(unlocked([&] { return self.add_machines(specs); }));
            return specs.size();
          },
          py::arg("names"), py::kw_only(), py::arg("os") = "vista-sp1", py::arg("role") = "kms-client", py::arg("edition") = "",
          py::arg("domain") = "contoso.com", "Adds many machines, all or none; returns how many.")
      .def("machine", [](World& self, const std::string& name) { return must(self.machine(name)); }, py::arg("name"),
           py::keep_alive<0, 1>(), "The machine of that name. NotFound.")
      .def("remove_machine", [](World& self, const std::string& name) { must(self.remove_machine(name)); }, py::arg("name"))
      .def_property_readonly("machine_names", [](World& self) { return must(self.machine_names()); })
      .def("__len__", [](World& self) { return must(self.machine_count()); })
      .def_property_readonly("now", [](World& self) { return to_python(cim::Value::datetime(must(self.now()))); },
                             "The virtual time, a datetime in UTC.")
      .def(
          "advance",
          [](World& self, const py::object& by, double days, double hours, double minutes) {
            const std::uint64_t total = minutes_of(by, days, hours, minutes);
            must(unlocked([&] { return self.advance(total); }));
          },
          py::arg("by") = py::none(), py::kw_only(), py::arg("days") = 0.0, py::arg("hours") = 0.0, py::arg("minutes") = 0.0,
          "Moves the clock forward by a timedelta, or by days, hours and minutes; a bare number is minutes.")
      .def("set_clock", [](World& self, const py::object& to) { must(self.set_clock(time_of(to))); }, py::arg("to"),
           "Sets the clock to a datetime or an ISO 8601 text.")
      .def("snapshot", [](World& self, const std::string& name) { must(unlocked([&] { return self.snapshot(name); })); }, py::arg("name"))
      .def("restore", [](World& self, const std::string& name) { must(unlocked([&] { return self.restore(name); })); }, py::arg("name"))
      .def_property_readonly("snapshots", [](World& self) { return must(self.snapshot_names()); })
      .def_property_readonly("generation", [](World& self) { return must(self.generation()); })
      .def("digest", [](World& self) { return must(unlocked([&] { return self.digest(); })); },
           "32 hex digits over everything that queries can see.")
      .def("compile_mof",
           [](World& self, const std::string& text, const std::string& ns) { must(self.compile_mof(text, ns)); },
           py::arg("text"), py::arg("namespace") = "root\\cimv2", "Adds classes and static instances; all or nothing.")
      .def("product_key",
           [](World& self, const std::string& edition, const std::string& channel, std::uint32_t serial) {
             return must(self.product_key(edition, channel, serial));
           },
           py::arg("edition"), py::arg("channel"), py::arg("serial") = 1, "A fictitious key of the catalogue.")
      .def("confirmation_id", [](World& self, const std::string& id) { return must(self.confirmation_id(id)); },
           py::arg("installation_id"), "What the activation centre of this world reads out.")
      .def("block_key", [](World& self, const std::string& key) { must(self.block_key(key)); }, py::arg("product_key"))
      .def("plan", [](py::object self, const py::object& policy, const py::object& machines) {
             return py::module_::import("slwmi._core").attr("_plan")(self, policy, machines);
           }, py::arg("policy"), py::arg("machines") = py::none(), "What a push would change; changes nothing.")
      .def("apply", [](py::object self, const py::object& policy, const py::object& machines) {
             return py::module_::import("slwmi._core").attr("_apply")(self, policy, machines);
           }, py::arg("policy"), py::arg("machines") = py::none(),
           "Pushes a policy to machines (all by default) in one transaction; returns the generation.")
      .def("remove_policy", [](py::object self, const std::string& name, const py::object& machines) {
             return py::module_::import("slwmi._core").attr("_remove")(self, name, machines);
           }, py::arg("name"), py::arg("machines") = py::none(), "Takes a policy away; what was there before shows again.")
      .def("policies", [](py::object self) {
             return py::module_::import("slwmi._core").attr("_policies")(self);
           }, "Name, machines, settings and generation of each pushed policy.")
      .def("mark_non_genuine", [](World& self, const std::string& key, bool on) { must(self.mark_non_genuine(key, on)); },
           py::arg("product_key"), py::arg("non_genuine") = true);
}

void bind_machine(py::module_& m) {
  py::class_<Machine>(m, "Machine", "One simulated machine.")
      .def_property_readonly("name", [](const Machine& self) { return must(self.name()); })
      .def_property_readonly("domain", [](const Machine& self) { return must(self.domain()); })
      .def_property_readonly("profile", [](const Machine& self) { return must(self.profile()); })
      .def_property_readonly("edition", [](const Machine& self) { return must(self.edition()); })
      .def_property_readonly("version", [](const Machine& self) { return must(self.version()); })
      .def(
          "connect",
          [](const Machine& self, const std::string& user, const std::string& ns, const std::string& via) {
            Principal caller = must(find_principal(user));
            caller.via = via;
            return std::make_unique<Session>(Session{must(self.connect(caller, ns))});
          },
          py::kw_only(), py::arg("user") = "administrator", py::arg("namespace") = "root\\cimv2", py::arg("via") = "",
          py::keep_alive<0, 1>(), "A session of a principal with a namespace of this machine.")
      .def_property_readonly("policies", [](const Machine& self) {
             return must(self.world().policies_of(must(self.name())));
           }, "Names of its policies, first to last applied.")
      .def("registry", [](py::object self, const std::string& user) {
             return py::module_::import("slwmi._core").attr("_open_registry")(self, user);
           }, py::kw_only(), py::arg("user") = "administrator", "The registry as a principal may use it.")
      .def("slmgr", &run_slmgr, py::arg("user") = "administrator",
           "Runs slmgr.vbs with these words, as slmgr('/skms', 'kms1:1688'), and returns what it prints and its exit\n"
           "code: 0; 1 for wrong usage; after a failure the HRESULT, a negative number. Nothing is raised for these.")
      .def("restart", [](const Machine& self) { must(self.restart()); }, "What waits for a restart takes effect.")
      .def("generalize", [](const Machine& self) { must(self.generalize()); }, "sysprep /generalize.")
      .def("change_hardware",
           [](const Machine& self) { must(self.happened({.kind = licensing::EventKind::kHardwareChanged})); },
           "Changes the hardware beyond tolerance.")
      .def("__repr__", [](const Machine& self) {
        return "<Machine " + must(self.name()) + " " + must(self.profile()) + ">";
      });
}

void bind_session(py::module_& m) {
  py::class_<Session>(m, "Session", "A principal connected to a namespace of a machine.")
      .def("query", [](py::object self, const std::string& wql) { return self.cast<Session&>().query(self, wql); }, py::arg("wql"),
           "The rows of a WQL query as a list of Object (CimClass for schema queries).")
      .def(
          "get", [](py::object self, const std::string& path) {
            return make_object(must(self.cast<Session&>().session.get(path)), self);
          },
          py::arg("path"), "The instance that a path names. NotFound.")
      .def("call", [](Session& self, const std::string& path, const std::string& method, const py::kwargs& arguments) {
             return self.call(path, method, arguments);
           }, py::arg("path"), py::arg("method"), "Runs a method with keyword arguments; a failure changes nothing.")
      .def("read", [](Session& self, const std::string& path, const std::string& property) {
             return to_python(must(self.session.read(path, property)));
           }, py::arg("path"), py::arg("property"), "One property, without reading the others.")
      .def("put", [](Session& self, const py::object& object) {
             if (!is_object(object)) throw py::type_error("put takes an Object");
             must(self.session.put(instance_of(object)));
           }, py::arg("object"), "Writes a static instance.")
      .def("delete", [](Session& self, const std::string& path) { must(self.session.remove(path)); }, py::arg("path"))
      .def("get_class", [](Session& self, const std::string& name) { return CimClass{must(self.session.get_class(name))}; }, py::arg("name"))
      .def("classes", [](Session& self, const std::string& superclass, bool deep) {
             py::list out;
             for (cim::ClassPtr& cls : must(self.session.classes(superclass, deep))) out.append(CimClass{std::move(cls)});
             return out;
           }, py::arg("superclass") = "", py::arg("deep") = true)
      .def("spawn", [](py::object self, const std::string& name) {
             return make_object(cim::Instance(must(self.cast<Session&>().session.get_class(name))), self);
           }, py::arg("class_name"), "A new instance of a class, for put.")
      .def("explain", [](Session& self, const std::string& wql) { return must(self.session.explain(wql)); }, py::arg("wql"))
      .def_property_readonly("namespace", [](const Session& self) { return self.session.ns(); })
      .def_property_readonly("server", [](const Session& self) { return self.session.server(); })
      .def("__enter__", [](py::object self) { return self; })
      .def("__exit__", [](Session&, const py::args&) {});
  py::class_<CimClass>(m, "CimClass", "The declaration of a class as one OS version has it.")
      .def_property_readonly("name", [](const CimClass& self) { return self.cls->name(); })
      .def_property_readonly("derivation", [](const CimClass& self) { return self.cls->derivation(); })
      .def_property_readonly("properties", [](const CimClass& self) { return names_of(self, false); })
      .def_property_readonly("methods", [](const CimClass& self) { return names_of(self, true); })
      .def("qualifiers", [](const CimClass& self, const std::string& member) {
             const cim::QualifierSet* set = &self.cls->qualifiers();
             if (const cim::Property* p = self.cls->find_property(member)) set = &p->qualifiers;
             else if (const cim::Method* method = self.cls->find_method(member)) set = &method->qualifiers;
             py::dict out;
             for (const cim::Qualifier& q : *set) out[py::str(q.name)] = to_python(q.value);
             return out;
           }, py::arg("member") = "", "Qualifiers of the class, or of a property or method of it.")
      .def("__repr__", [](const CimClass& self) { return "<CimClass " + self.cls->name() + ">"; });
}

py::dict explain_code(std::uint32_t code) {
  const licensing::Explanation known = licensing::explain(static_cast<HResult>(code), licensing::OsVersion{6, 0, 6001});
  py::dict out;
  out["hresult"] = code;
  out["symbol"] = std::string(symbol_of(static_cast<HResult>(code)));
  out["meaning"] = std::string(known.meaning);
  return out;
}

}  // namespace

PYBIND11_MODULE(_core, m) {
  m.doc() = "The compiled core of slwmi; import slwmi instead.";
  m.attr("__version__") = SLWMI_VERSION;
  bind_object(m);
  bind_registry(m);
  bind_policy(m);
  bind_machine(m);
  bind_world(m);
  bind_session(m);
  m.def("explain", explain_code, py::arg("code"), "What an error code means: a dict with symbol and meaning.");
}

}  // namespace slwmi::python
