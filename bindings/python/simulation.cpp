// World.simulate and World.query: fleets, described worlds and their runs.
#include "world/simulation/simulation.hpp"

#include <pybind11/stl.h>

#include "handles.hpp"
#include "world/all_machines.hpp"
#include "world/world.hpp"

namespace slwmi::python {
namespace {

namespace simulation = world::simulation;
using world::World;

py::object datetime_of(FileTime time) { return to_python(cim::Value::datetime(time)); }

FileTime time_of(const py::object& time) {
  const bool text = PyUnicode_Check(time.ptr());
  return must(parse_iso8601(text ? time.cast<std::string>()
                                 : std::string(py::str(time.attr("isoformat")()))));
}

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
  out["time"] = datetime_of(sample.at);
  for (std::size_t i = 0; i < sample.by_status.size(); ++i) out[kNames[i]] = sample.by_status[i];
  py::dict hosts;
  for (const simulation::HostSample& host : sample.hosts) {
    py::dict one;
    one["count"] = host.count;
    one["requests"] = host.requests;
    one["failed"] = host.failed;
    hosts[py::str(host.name)] = one;
  }
  out["hosts"] = hosts;
  return out;
}

// Calls a Python function for every exchange. An exception ends nothing before the run does.
class Listener final : public simulation::Observer {
 public:
  Listener(World& world, py::object call) : world_(world), call_(std::move(call)) {}

  void exchanged(const licensing::KmsExchange& e, std::string_view server) override {
    const py::gil_scoped_acquire locked;
    if (failed_) return;
    try {
      using Part = licensing::ExchangePart;
      py::dict out;
      out["time"] = datetime_of(e.time);
      out["client"] = name_of(e.client);
      out["server"] = std::string(server);
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
  void rethrow() {
    if (failed_) throw std::move(*failed_);
  }

 private:
  std::string name_of(std::uint32_t machine) {
    if (machine >= names_.size()) names_.resize(machine + 1);
    if (names_[machine].empty()) {
      const auto info = world_.shared().store().info(machine);
      if (info) names_[machine] = info->name;
    }
    return names_[machine];
  }

  World& world_;
  py::object call_;
  std::vector<std::string> names_;
  std::optional<py::error_already_set> failed_;
};

// The run of a world, which stays open while this is there.
struct Simulation {
  WorldHandle handle;
  std::shared_ptr<World> world;
  std::unique_ptr<simulation::Simulation> run;

  simulation::Simulation& open() const {
    static_cast<void>(handle.get());  // raises when the world was closed
    return *run;
  }

  std::uint64_t go(const py::object& until, const std::string& driver, const py::object& progress,
                   const py::object& on_exchange) {
    simulation::Simulation& opened = open();
    simulation::Simulation::Options options;
    if (driver != "fleet" && driver != "provider")
      raise({HResult::kEInvalidarg, "the driver is fleet or provider", {}, {}});
    if (driver == "provider") options.driver = simulation::Driver::kProvider;
    std::optional<Listener> listener;
    if (!on_exchange.is_none()) {
      listener.emplace(*world, on_exchange);
      options.observer = &*listener;
    }
    std::optional<py::error_already_set> failed;
    if (!progress.is_none()) {
      options.progress = [&](FileTime now) {
        const py::gil_scoped_acquire locked;
        try {
          const py::object answer = progress(datetime_of(now));
          return answer.is_none() || answer.cast<bool>();
        } catch (py::error_already_set& error) {
          failed.emplace(std::move(error));
          return false;
        }
      };
    }
    const FileTime last = until.is_none() ? kMaxFileTime : time_of(until);
    auto totals = unlocked([&] { return opened.run(options, last); });
    if (failed) throw std::move(*failed);
    if (listener) listener->rethrow();
    return must(std::move(totals)).attempts;
  }
};

std::unique_ptr<Simulation> simulate(const WorldHandle& handle, const py::object& description) {
  std::shared_ptr<World> world = handle.get();
  std::optional<std::string> text;
  if (!description.is_none()) text = text_of(description);
  auto made = must(unlocked([&] {
    return text ? simulation::Simulation::begin(*world, as_bytes(*text))
                : simulation::Simulation::resume(*world);
  }));
  return std::unique_ptr<Simulation>(new Simulation{handle, std::move(world), std::move(made)});
}

py::list query_all(const WorldHandle& handle, const std::string& wql, const std::string& user,
                   const std::string& ns) {
  const std::shared_ptr<World> world = handle.get();
  world::AllMachines session =
      must(world::AllMachines::connect(*world, must(find_principal(user)), ns));
  py::list out;
  must(session.query_rows(wql, [&](const wql::Row& row) {
    py::dict one;
    if (row.is_class()) one["__CLASS"] = row.cls()->name();
    if (!row.is_class()) one["__SERVER"] = std::string(row.server());
    for (std::size_t i = 0; i < row.size(); ++i)
      one[py::str(row.name(i))] = to_python(row.value(i));
    out.append(std::move(one));
    return true;
  }));
  return out;
}

}  // namespace

void bind_simulation(py::module_& m) {
  using py::arg;
  py::class_<Simulation>(m, "Simulation", "A described world and its run; World.simulate makes it.")
      .def_property_readonly(
          "start", [](const Simulation& self) { return datetime_of(self.open().start()); })
      .def_property_readonly("end",
                             [](const Simulation& self) { return datetime_of(self.open().end()); })
      .def_property_readonly(
          "now", [](const Simulation& self) { return datetime_of(must(self.open().now())); })
      .def_property_readonly(
          "series",
          [](const Simulation& self) {
            py::list out;
            for (const simulation::Sample& sample : self.open().series())
              out.append(dict_of(sample));
            return out;
          },
          "The samples so far: machines by licensing state, and each KMS host's counts.")
      .def("run", &Simulation::go, arg("until") = py::none(), py::kw_only(),
           arg("driver") = "fleet", arg("progress") = py::none(), arg("on_exchange") = py::none(),
           "Goes on to the end, or to `until`; returns the number of KMS attempts. `progress` gets "
           "the time of each checkpoint and ends the run by returning False; `on_exchange` gets "
           "each exchange as a dict.");
  auto world = py::reinterpret_borrow<py::class_<WorldHandle>>(m.attr("World"));
  world
      .def("simulate", &simulate, arg("description") = py::none(),
           "Begins the simulation that a dict, or a text in JSON, INFO or XML, describes; without "
           "one, goes on with the one that the world holds.")
      .def("query", &query_all, arg("wql"), py::kw_only(), arg("user") = "administrator",
           arg("namespace") = "root\\cimv2",
           "The rows of a WQL query over all machines, as dicts; __SERVER says whose each is.");
}

}  // namespace slwmi::python
