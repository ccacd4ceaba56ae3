// World and Machine for Python.
#include <cmath>

#include <pybind11/stl.h>

#include "base/text.hpp"
#include "handles.hpp"
#include "provider/firmware.hpp"
#include "provider/license.hpp"

namespace slwmi::python {
namespace {

using world::Machine;
using world::MachineSpec;
using world::World;

MachineSpec spec_of(const std::string& name, const std::string& os, const std::string& role,
                    const std::string& edition, const std::string& domain,
                    const std::string& site) {
  MachineSpec spec;
  spec.name = name;
  spec.os = os;
  spec.role = role;
  spec.edition = edition;
  spec.domain = domain;
  spec.site = site;
  return spec;
}

// InvalidArgument unless it is a number of minutes from 0 on that the clock can hold.
std::uint64_t minutes_of(const py::object& by, double days, double hours, double minutes) {
  double total = days * 1440 + hours * 60 + minutes;
  if (!by.is_none()) {
    total += py::hasattr(by, "total_seconds") ? by.attr("total_seconds")().cast<double>() / 60
                                              : by.cast<double>();
  }
  constexpr double kMost = 1e10;  // more than the clock has
  if (std::isnan(total) || total < 0)
    raise({HResult::kEInvalidarg, "the clock does not go back", {}, {}});
  return static_cast<std::uint64_t>(std::min(total, kMost));
}

WorldHandle open_world(const py::object& path, World::Mode mode, std::uint64_t seed) {
  const std::string text = path_of(path);
  return WorldHandle(must(unlocked([&] { return World::open(text, mode, seed); })));
}

MachineHandle machine_of(const WorldHandle& self, const std::string& name) {
  return {self, self.run([&](World& world) { return world.machine(name); }).id()};
}

py::list machines_of(const WorldHandle& self) {
  py::list out;
  for (const std::string& name : self.run([](World& world) { return world.machine_names(); }))
    out.append(machine_of(self, name));
  return out;
}

bool has_machine(const WorldHandle& self, const std::string& name) {
  return self.run([&](World& world) -> Result<bool> {
    const auto found = world.machine(name);
    if (!found && found.error().code != HResult::kErrorNotFound) return fail(found.error());
    return found.has_value();
  });
}

std::string text_of_machine(const MachineHandle& self,
                            Result<std::string> (Machine::*text)() const) {
  return self.run([&](const Machine& machine) { return (machine.*text)(); });
}

std::string represent(const MachineHandle& self) {
  if (self.world.closed()) return "<Machine, closed>";
  return self.run([](const Machine& machine) -> Result<std::string> {
    const auto name = machine.name();
    if (!name && name.error().code == HResult::kErrorNotFound) return "<Machine, removed>";
    if (!name) return fail(name.error());
    SL_TRY(const std::string profile, machine.profile());
    return "<Machine " + *name + " " + profile + ">";
  });
}

void happen(const MachineHandle& self, const licensing::Event& event) {
  self.run([&](const Machine& machine) { return machine.happened(event); });
}

std::unique_ptr<SessionHandle> connect(const MachineHandle& self, const std::string& user,
                                       const std::string& ns, const std::string& via) {
  Principal caller = must(find_principal(user));
  caller.via = via;
  world::Session session =
      self.run([&](const Machine& machine) { return machine.connect(caller, ns); });
  return std::make_unique<SessionHandle>(self.world, self.world.get(), std::move(session));
}

void bind_machines_of_world(py::class_<WorldHandle>& cls) {
  cls.def(
         "add_machine",
         [](const WorldHandle& self, const std::string& name, const std::string& os,
            const std::string& role, const std::string& edition, const std::string& domain,
            const std::string& site, bool virtual_machine, bool upgraded,
            const std::string& firmware, bool x64) {
           MachineSpec spec = spec_of(name, os, role, edition, domain, site);
           spec.virtual_machine = virtual_machine;
           spec.upgraded = upgraded;
           spec.x64 = x64;
           spec.set_firmware(must(licensing::parse_firmware(firmware)));
           return MachineHandle{
               self, self.run([&](World& world) { return world.add_machine(spec); }).id()};
         },
         py::arg("name"), py::kw_only(), py::arg("os") = "vista-sp1",
         py::arg("role") = "kms-client", py::arg("edition") = "", py::arg("domain") = "contoso.com",
         py::arg("site") = "", py::arg("virtual_machine") = false, py::arg("upgraded") = true,
         py::arg("firmware") = "none", py::arg("x64") = false,
         "Adds a machine. AlreadyExists by name; os and role as in machine profiles; firmware: "
         "'none', 'no-marker',\n'malformed' or 'marker'; x64: 64-bit Windows.")
      .def(
          "add_machines",
          [](const WorldHandle& self, const py::iterable& names, const std::string& os,
             const std::string& role, const std::string& edition, const std::string& domain,
             const std::string& site) {
            if (PyUnicode_Check(names.ptr()))
              throw py::type_error("names is one text, not several names");
            std::vector<MachineSpec> specs;
            for (const py::handle& name : names)
              specs.push_back(spec_of(name.cast<std::string>(), os, role, edition, domain, site));
            self.run([&](World& world) { return world.add_machines(specs); });
            return specs.size();
          },
          py::arg("names"), py::kw_only(), py::arg("os") = "vista-sp1",
          py::arg("role") = "kms-client", py::arg("edition") = "",
          py::arg("domain") = "contoso.com", py::arg("site") = "",
          "Adds many machines, all or none; returns how many.")
      .def("machine", &machine_of, py::arg("name"), "The machine of that name. NotFound.")
      .def(
          "remove_machine",
          [](const WorldHandle& self, const std::string& name) {
            self.run([&](World& world) { return world.remove_machine(name); });
          },
          py::arg("name"), "Removes a machine with all it holds. NotFound.")
      .def_property_readonly("machines", &machines_of, "Every machine, by name.")
      .def_property_readonly("machine_names",
                             [](const WorldHandle& self) {
                               return self.run([](World& world) { return world.machine_names(); });
                             })
      .def("__len__",
           [](const WorldHandle& self) {
             return self.run([](World& world) { return world.machine_count(); });
           })
      .def("__iter__", [](const WorldHandle& self) { return py::iter(machines_of(self)); })
      .def("__contains__", &has_machine, py::arg("name"))
      .def("__getitem__", &machine_of, py::arg("name"))
      // A world without machines is a world all the same.
      .def("__bool__", [](const WorldHandle&) { return true; });
}

void bind_time_of_world(py::class_<WorldHandle>& cls) {
  cls.def_property_readonly(
         "now",
         [](const WorldHandle& self) {
           return datetime(self.run([](World& world) { return world.now(); }));
         },
         "The virtual time, a datetime in UTC.")
      .def(
          "advance",
          [](const WorldHandle& self, const py::object& by, double days, double hours,
             double minutes) {
            const std::uint64_t total = minutes_of(by, days, hours, minutes);
            self.run([&](World& world) { return world.advance(total); });
          },
          py::arg("by") = py::none(), py::kw_only(), py::arg("days") = 0.0, py::arg("hours") = 0.0,
          py::arg("minutes") = 0.0,
          "Moves the clock forward by a timedelta, or by days, hours and minutes; a bare number is "
          "minutes.")
      .def(
          "set_clock",
          [](const WorldHandle& self, const py::object& to) {
            const FileTime time = time_of(to);
            self.run([&](World& world) { return world.set_clock(time); });
          },
          py::arg("to"), "Sets the clock to a datetime or an ISO 8601 text.");
}

void bind_whole_of_world(py::class_<WorldHandle>& cls) {
  cls.def(
         "snapshot",
         [](const WorldHandle& self, const std::string& name, bool replace) {
           self.run([&](World& world) { return world.snapshot(name, replace); });
         },
         py::arg("name"), py::kw_only(), py::arg("replace") = false,
         "Keeps the present state under a name. AlreadyExists, unless it is to replace.")
      .def(
          "restore",
          [](const WorldHandle& self, const std::string& name) {
            self.run([&](World& world) { return world.restore(name); });
          },
          py::arg("name"), "Returns to a snapshot. NotFound.")
      .def_property_readonly("snapshots",
                             [](const WorldHandle& self) {
                               return self.run([](World& world) { return world.snapshot_names(); });
                             })
      .def_property_readonly("generation",
                             [](const WorldHandle& self) {
                               return self.run([](World& world) { return world.generation(); });
                             })
      .def_property_readonly("seed", [](const WorldHandle& self) { return self.get()->seed(); })
      .def(
          "digest",
          [](const WorldHandle& self) {
            return self.run([](World& world) { return world.digest(); });
          },
          "32 hex digits over everything that queries can see.")
      .def(
          "compile_mof",
          [](const WorldHandle& self, const Text& text, const Text& ns) {
            self.run([&](World& world) { return world.compile_mof(text, ns); });
          },
          py::arg("text"), py::arg("namespace") = "root\\cimv2",
          "Adds classes and static instances; all or nothing.");
}

void bind_service_of_world(py::class_<WorldHandle>& cls) {
  cls.def(
         "product_key",
         [](const WorldHandle& self, const std::string& edition, const std::string& channel,
            std::uint32_t serial, const std::string& os) {
           return self.run(
               [&](World& world) { return world.product_key(edition, channel, serial, os); });
         },
         py::arg("edition"), py::arg("channel"), py::arg("serial") = 1, py::kw_only(),
         py::arg("os") = "",
         "A fictitious key of the catalogue; `os` chooses where systems have editions of one name.")
      .def(
          "confirmation_id",
          [](const WorldHandle& self, const std::string& id) {
            return self.run([&](World& world) { return world.confirmation_id(id); });
          },
          py::arg("installation_id"),
          "What the activation centre of this world reads out; the call counts as an activation.")
      .def(
          "block_key",
          [](const WorldHandle& self, const std::string& key) {
            self.run([&](World& world) { return world.block_key(key); });
          },
          py::arg("product_key"), "The activation service refuses the key from now on.")
      .def(
          "extend_key",
          [](const WorldHandle& self, const std::string& key, std::uint32_t activations) {
            self.run([&](World& world) { return world.extend_key(key, activations); });
          },
          py::arg("product_key"), py::arg("activations"),
          "Allows a multiple activation key more activations.")
      .def(
          "mark_non_genuine",
          [](const WorldHandle& self, const std::string& key, bool on, bool grace) {
            self.run([&](World& world) { return world.mark_non_genuine(key, on, grace); });
          },
          py::arg("product_key"), py::arg("non_genuine") = true, py::kw_only(),
          py::arg("grace") = true,
          "The key was lost or misused: it activates nothing more, and systems that answer for it "
          "fail validations, with 30 days of grace or without.");
}

}  // namespace

WorldHandle::WorldHandle(std::unique_ptr<world::World> world)
    : state_(std::make_shared<std::shared_ptr<world::World>>(std::move(world))) {}

std::shared_ptr<world::World> WorldHandle::get() const {
  if (closed()) raise({HResult::kErrorInvalidHandle, "the world was closed", {}, {}});
  return *state_;
}

void bind_world(py::module_& m) {
  py::class_<WorldHandle> cls(m, "World",
                              "A world of simulated Windows machines: one file, one virtual clock. "
                              "A context manager that closes it.");
  cls.def_static(
         "open",
         [](const py::object& path, std::uint64_t seed) {
           return open_world(path, World::Mode::kOpenOrCreate, seed);
         },
         py::arg("path"), py::kw_only(), py::arg("seed") = 0,
         "Opens the world in a file, or makes a new one.")
      .def_static(
          "create",
          [](const py::object& path, std::uint64_t seed) {
            return open_world(path, World::Mode::kCreate, seed);
          },
          py::arg("path"), py::kw_only(), py::arg("seed") = 0,
          "Makes a new world; AlreadyExists when the file is there.")
      .def_static(
          "temporary",
          [](std::uint64_t seed) {
            return WorldHandle(must(unlocked([&] { return World::in_memory(seed); })));
          },
          py::kw_only(), py::arg("seed") = 0, "A world in memory that goes away with the object.")
      .def("close", &WorldHandle::close,
           "Ends the use of the world; its machines and sessions refuse from then on.")
      .def_property_readonly("closed", &WorldHandle::closed)
      .def("__enter__",
           [](py::object self) {
             static_cast<void>(self.cast<WorldHandle&>().get());
             return self;
           })
      .def("__exit__", [](WorldHandle& self, const py::args&) { self.close(); })
      .def("__repr__", [](const WorldHandle& self) -> std::string {
        if (self.closed()) return "<World, closed>";
        const std::size_t count = self.run([](World& world) { return world.machine_count(); });
        return "<World of " + std::to_string(count) + " machines>";
      });
  bind_machines_of_world(cls);
  bind_time_of_world(cls);
  bind_whole_of_world(cls);
  bind_service_of_world(cls);
}

void bind_machine(py::module_& m) {
  py::class_<MachineHandle>(m, "Machine", "One simulated machine.")
      .def_property_readonly(
          "name", [](const MachineHandle& self) { return text_of_machine(self, &Machine::name); })
      .def_property_readonly(
          "domain",
          [](const MachineHandle& self) { return text_of_machine(self, &Machine::domain); })
      .def_property_readonly(
          "site", [](const MachineHandle& self) { return text_of_machine(self, &Machine::site); })
      .def_property_readonly(
          "profile",
          [](const MachineHandle& self) { return text_of_machine(self, &Machine::profile); })
      .def_property_readonly(
          "edition",
          [](const MachineHandle& self) { return text_of_machine(self, &Machine::edition); })
      .def_property_readonly(
          "x64",
          [](const MachineHandle& self) {
            return self.run([](const Machine& machine) { return world::is_x64(machine); });
          },
          "Whether Windows is 64-bit.")
      .def_property_readonly(
          "version",
          [](const MachineHandle& self) { return text_of_machine(self, &Machine::version); })
      .def_property_readonly(
          "policies",
          [](const MachineHandle& self) {
            const std::string name = text_of_machine(self, &Machine::name);
            return self.world.run([&](World& world) { return world.policies_of(name); });
          },
          "Names of its policies, first to last applied.")
      .def("connect", &connect, py::kw_only(), py::arg("user") = "administrator",
           py::arg("namespace") = "root\\cimv2", py::arg("via") = "",
           "A session of a principal with a namespace of this machine.")
      .def("registry", &open_registry, py::kw_only(), py::arg("user") = "administrator",
           "The registry as a principal may use it.")
      .def("slmgr", &run_slmgr, py::arg("user") = "administrator",
           "Runs slmgr.vbs with these words, as slmgr('/skms', 'kms1:1688'), and returns what it "
           "prints "
           "and its exit\ncode: 0; 1 for wrong usage; after a failure the HRESULT, a negative "
           "number. "
           "Nothing is raised for these.")
      .def(
          "restart",
          [](const MachineHandle& self) {
            self.run([](const Machine& machine) { return machine.restart(); });
          },
          "What waits for a restart takes effect.")
      .def(
          "generalize",
          [](const MachineHandle& self) {
            self.run([](const Machine& machine) { return machine.generalize(); });
          },
          "sysprep /generalize.")
      .def(
          "change_hardware",
          [](const MachineHandle& self) {
            happen(self, {.kind = licensing::EventKind::kHardwareChanged});
          },
          "Changes the hardware beyond tolerance.")
      .def(
          "mark_non_genuine",
          [](const MachineHandle& self, bool grace) {
            happen(self, {.kind = licensing::EventKind::kMarkedNonGenuine, .granted = grace});
          },
          py::arg("grace") = true, "A validation failed, with or without a grace period.")
      .def("__eq__",
           [](const MachineHandle& self, const py::object& other) {
             if (!py::isinstance<MachineHandle>(other)) return false;
             const auto& machine = other.cast<const MachineHandle&>();
             return machine.id == self.id && machine.world == self.world;
           })
      .def("__hash__", [](const MachineHandle& self) { return std::size_t{self.id}; })
      .def("__repr__", &represent);
}

}  // namespace slwmi::python
