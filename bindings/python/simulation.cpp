// World.simulate and World.query: fleets, described worlds and their runs.
#include "world/simulation/simulation.hpp"

#include <pybind11/stl.h>

#include "handles.hpp"
#include "world/all_machines.hpp"
#include "world/simulation/machine_names.hpp"
#include "world/world.hpp"

namespace slwmi::python {
namespace {

namespace simulation = world::simulation;
using world::World;

// What a dict says as JSON; texts and bytes as they are.
std::string text_of(const py::object& description) {
  if (PyBytes_Check(description.ptr())) return description.cast<py::bytes>();
  if (PyUnicode_Check(description.ptr())) return description.cast<std::string>();
  return py::module_::import("json").attr("dumps")(description).cast<std::string>();
}

py::dict dict_of(const simulation::Sample& sample) {
  static constexpr const char* kNames[] = {"unlicensed", "licensed",          "oob_grace",
                                           "oot_grace",  "non_genuine_grace", "notification"};
  py::dict out;
  out["time"] = datetime(sample.at);
  for (std::size_t i = 0; i < sample.by_status.size(); ++i) out[kNames[i]] = sample.by_status[i];
  py::dict hosts;
  for (const simulation::HostSample& host : sample.hosts) {
    py::dict one;
    one["count"] = host.count;
    one["requests"] = host.requests;
    one["failed"] = host.failed;
    hosts[text(host.name)] = one;
  }
  out["hosts"] = hosts;
  return out;
}

// Calls a Python function for every exchange, until one raises: the run then ends at its next
// checkpoint.
class Listener final : public simulation::Observer {
 public:
  Listener(World& world, py::object call) : names_(world.shared()), call_(std::move(call)) {}

  void exchanged(const licensing::KmsExchange& e, std::string_view server) override {
    const py::gil_scoped_acquire locked;
    if (failed_) return;
    try {
      using Part = licensing::ExchangePart;
      py::dict out;
      out["time"] = datetime(e.time);
      out["client"] = text(names_.of(e.client));
      out["server"] = text(server);
      out["requested"] = value_of(e.requested);
      out["processed"] = e.has(Part::kProcessed);
      out["bound"] = e.has(Part::kBound);
      out["served"] = e.has(Part::kServed);
      out["status"] = e.status;
      out["remaining"] = e.minutes;
      out["count"] = e.count;
      out["required"] = e.required;
      call_(out);
    } catch (py::error_already_set& error) {
      failed_.emplace(std::move(error));
    }
  }
  bool failed() const { return failed_.has_value(); }
  void rethrow() {
    if (failed_) throw std::move(*failed_);
  }

 private:
  simulation::MachineNames names_;
  py::object call_;
  std::optional<py::error_already_set> failed_;
};

// The run of a world, which stays open while this is there. For one thread at a time: others wait,
// without the GIL; the functions that a run calls are of its own thread and may ask.
class Simulation {
 public:
  Simulation(WorldHandle handle, std::shared_ptr<World> world,
             std::unique_ptr<simulation::Simulation> run)
      : handle_(std::move(handle)), world_(std::move(world)), run_(std::move(run)) {}

  // What `body` makes of the run, without the GIL.
  template <class F>
  auto use(F&& body) {
    static_cast<void>(handle_.get());  // raises when the world was closed
    return unlocked([&] {
      const std::lock_guard lock(mutex_);
      return body(*run_);
    });
  }

  std::uint64_t go(const py::object& until, const std::string& driver, const py::object& progress,
                   const py::object& on_exchange) {
    simulation::Simulation::Options options;
    if (driver != "fleet" && driver != "provider")
      raise({HResult::kEInvalidarg, "the driver is fleet or provider", {}, {}});
    if (driver == "provider") options.driver = simulation::Driver::kProvider;
    std::optional<Listener> listener;
    if (!on_exchange.is_none()) {
      if (driver != "fleet")
        raise({HResult::kEInvalidarg, "exchanges are told by the fleet driver", {}, {}});
      listener.emplace(*world_, on_exchange);
      options.observer = &*listener;
    }
    std::optional<py::error_already_set> failed;
    if (listener || !progress.is_none()) {
      options.progress = [&](FileTime now) {
        if (listener && listener->failed()) return false;
        if (progress.is_none()) return true;
        const py::gil_scoped_acquire locked;
        try {
          const py::object answer = progress(datetime(now));
          return answer.is_none() || py::bool_(answer);
        } catch (py::error_already_set& error) {
          failed.emplace(std::move(error));
          return false;
        }
      };
    }
    const FileTime last = until.is_none() ? kMaxFileTime : time_of(until);
    auto totals = use([&](simulation::Simulation& run) { return run.run(options, last); });
    if (failed) throw std::move(*failed);
    if (listener) listener->rethrow();
    return must(std::move(totals)).attempts;
  }

 private:
  WorldHandle handle_;
  std::shared_ptr<World> world_;
  std::unique_ptr<simulation::Simulation> run_;
  std::recursive_mutex mutex_;
};

std::unique_ptr<Simulation> simulate(const WorldHandle& handle, const py::object& description) {
  std::shared_ptr<World> world = handle.get();
  std::optional<std::string> text;
  if (!description.is_none()) text = text_of(description);
  auto made = unlocked([&] {
    return text ? simulation::Simulation::begin(*world, as_bytes(*text))
                : simulation::Simulation::resume(*world);
  });
  // Nobody wrote the text that a dict became; the message has the path.
  const bool written = PyUnicode_Check(description.ptr()) || PyBytes_Check(description.ptr());
  if (!made && !written) made.error().at.reset();
  return std::make_unique<Simulation>(handle, std::move(world), must(std::move(made)));
}

// A row of a query over all machines, kept until there is the GIL for making objects of it.
struct FoundRow {
  bool is_class = false;
  std::string owner;  // the machine, or the class
  std::shared_ptr<const std::vector<std::string>> names;
  std::vector<cim::Value> values;
};

std::vector<FoundRow> find_rows(const WorldHandle& handle, const Principal& caller,
                                const std::string& wql, const std::string& ns) {
  return handle.run([&](World& world) -> Result<std::vector<FoundRow>> {
    SL_TRY(world::AllMachines session, world::AllMachines::connect(world, caller, ns));
    std::vector<FoundRow> out;
    std::shared_ptr<const std::vector<std::string>> names;
    cim::ClassPtr names_are_of;
    SL_CHECK(session.query_rows(wql, [&](const wql::Row& row) {
      if (names == nullptr || row.cls() != names_are_of) {
        std::vector<std::string> fresh;
        for (std::size_t i = 0; i < row.size(); ++i) fresh.push_back(row.name(i));
        names = std::make_shared<const std::vector<std::string>>(std::move(fresh));
        names_are_of = row.cls();
      }
      FoundRow& found = out.emplace_back();
      found.is_class = row.is_class();
      found.owner = row.is_class() ? row.cls()->name() : std::string(row.server());
      found.names = names;
      found.values.reserve(row.size());
      for (std::size_t i = 0; i < row.size(); ++i) found.values.push_back(row.value(i));
      return true;
    }));
    return out;
  });
}

py::list query_all(const WorldHandle& handle, const Text& wql, const std::string& user,
                   const std::string& ns) {
  py::list out;
  std::vector<py::object> keys;
  const std::vector<std::string>* keys_are_of = nullptr;
  const py::str server("__SERVER"), cls("__CLASS");
  for (const FoundRow& row : find_rows(handle, must(find_principal(user)), wql, ns)) {
    if (row.names.get() != keys_are_of) {
      keys_are_of = row.names.get();
      keys.clear();
      for (const std::string& name : *row.names) keys.push_back(text(name));
    }
    py::dict one;
    one[row.is_class ? cls : server] = text(row.owner);
    for (std::size_t i = 0; i < row.values.size(); ++i) one[keys[i]] = to_python(row.values[i]);
    out.append(std::move(one));
  }
  return out;
}

}  // namespace

void bind_simulation(py::module_& m) {
  using py::arg;
  py::class_<Simulation>(m, "Simulation", "A described world and its run; World.simulate makes it.")
      .def_property_readonly(
          "start",
          [](Simulation& self) {
            return datetime(self.use([](const auto& run) { return run.start(); }));
          })
      .def_property_readonly("end",
                             [](Simulation& self) {
                               return datetime(self.use([](const auto& run) { return run.end(); }));
                             })
      .def_property_readonly(
          "now",
          [](Simulation& self) {
            return datetime(must(self.use([](const auto& run) { return run.now(); })));
          })
      .def_property_readonly(
          "series",
          [](Simulation& self) {
            py::list out;
            for (const simulation::Sample& sample :
                 self.use([](const auto& run) { return std::vector(run.series()); }))
              out.append(dict_of(sample));
            return out;
          },
          "The samples so far: machines by licensing state, and each KMS host's counts.")
      .def("run", &Simulation::go, arg("until") = py::none(), py::kw_only(),
           arg("driver") = "fleet", arg("progress") = py::none(), arg("on_exchange") = py::none(),
           "Goes on to the end, or to `until`; returns the number of KMS attempts, which only the "
           "fleet driver counts: 0 with driver='provider'. `progress` gets the time of "
           "each checkpoint and ends the run by returning what is false, None excepted; "
           "`on_exchange` gets each exchange as a dict, and must not change the world. What either "
           "raises ends the run at that checkpoint or the next, with what was done kept.");
  world_class(m)
      .def("simulate", &simulate, arg("description") = py::none(),
           "Begins the simulation that a dict, or a text in JSON, INFO or XML, describes; without "
           "one, goes on with the one that the world holds.")
      .def("query", &query_all, arg("wql"), py::kw_only(), arg("user") = "administrator",
           arg("namespace") = "root\\cimv2",
           "The rows of a WQL query over all machines, as dicts; __SERVER says whose each is.");
}

}  // namespace slwmi::python
