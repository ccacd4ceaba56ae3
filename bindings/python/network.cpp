// The network of a world as Python sees it: lists of dicts out, one change a call in.
#include <pybind11/stl.h>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "handles.hpp"
#include "world/net/dns.hpp"

namespace slwmi::python {
namespace {

namespace net = world::net;
using world::Machine;
using world::World;

// What is done to the model runs without the GIL, so it touches no Python object.
struct Network {
  WorldHandle world;

  std::shared_ptr<const net::Model> model() const {
    return world.run([](World& opened) { return opened.network(); });
  }
  void change(const std::function<Result<>(net::Model&)>& edit) const {
    world.run([&](World& opened) { return opened.change_network(edit); });
  }
  FileTime now() const {
    return world.run([](World& opened) { return opened.now(); });
  }
};

// A datetime, an ISO text, a timedelta or a text such as "10d" after the world's time, or None.
FileTime time_of(const Network& self, const py::object& time) {
  if (time.is_none()) return {};
  const auto after = [&](double minutes) {
    return self.now() + slwmi::minutes(static_cast<std::int64_t>(minutes));
  };
  if (py::hasattr(time, "total_seconds"))
    return after(time.attr("total_seconds")().cast<double>() / 60);
  if (PyUnicode_Check(time.ptr())) {
    if (const auto length = parse_duration(time.cast<std::string>()))
      return after(static_cast<double>(*length));
  }
  return python::time_of(time);
}

net::Window window_of(const Network& self, const py::object& start, const py::object& until) {
  return {time_of(self, start), time_of(self, until)};
}

net::Match match_of(const std::string& who) { return must(net::parse_match(who)); }

// A machine by its name or as itself.
std::uint32_t id_of(const Network& self, const py::object& machine) {
  if (!PyUnicode_Check(machine.ptr())) return machine.cast<const MachineHandle&>().id;
  const std::string name = machine.cast<std::string>();
  return self.world.run([&](World& opened) { return opened.machine(name); }).id();
}

void put_window(py::dict& row, const net::Window& window) {
  row["start"] = datetime_or_none(window.from);
  row["until"] = datetime_or_none(window.until);
}

py::dict to_dict(const std::string& domain, const net::SrvRecord& record) {
  py::dict row;
  row["domain"] = domain;
  row["host"] = record.host;
  row["port"] = record.port;
  row["priority"] = record.priority;
  row["weight"] = record.weight;
  row["ttl"] = record.ttl;
  row["written"] = datetime_or_none(record.written);
  return row;
}

py::list zones(const Network& self) {
  py::list out;
  for (const net::Zone& zone : self.model()->zones) {
    py::dict row;
    row["name"] = zone.name;
    row["updates"] = std::string(net::to_text(zone.updates));
    row["writers"] = zone.writers;
    out.append(row);
  }
  return out;
}

py::list records(const Network& self, const std::string& domain) {
  py::list out;
  for (const net::Zone& zone : self.model()->zones) {
    for (const net::ServiceName& name : zone.names) {
      if (!domain.empty() && !equal_ignore_case(name.domain, domain)) continue;
      for (const net::SrvRecord& record : name.records) {
        py::dict row = to_dict(name.domain, record);
        row["manual"] = record.owner == 0;
        const auto found =
            self.world.run([&](World& opened) { return opened.find_host(record.host); });
        row["stale"] = !found.has_value();
        out.append(row);
      }
    }
  }
  return out;
}

py::list sites(const Network& self) {
  py::list out;
  for (const World::SiteStatus& site :
       self.world.run([](World& opened) { return opened.sites(); })) {
    py::dict row;
    row["name"] = site.name;
    row["machines"] = site.machines;
    row["internet"] = site.internet;
    out.append(row);
  }
  return out;
}

py::list links(const Network& self) {
  py::list out;
  for (const net::Link& link : self.model()->links) {
    py::dict row;
    row["a"] = link.a;
    row["b"] = link.b;
    row["open"] = link.open;
    put_window(row, link.window);
    out.append(row);
  }
  return out;
}

py::list ports(const Network& self) {
  py::list out;
  for (const net::PortRule& rule : self.model()->ports) {
    py::dict row;
    row["port"] = rule.port;
    row["open"] = rule.open;
    row["who"] = net::to_text(rule.from);
    row["at"] = net::to_text(rule.to);
    put_window(row, rule.window);
    out.append(row);
  }
  return out;
}

py::list faults(const Network& self) {
  py::list out;
  for (const net::Fault& fault : self.model()->faults) {
    py::dict row;
    row["name"] = fault.name;
    row["kind"] = std::string(net::info_of(fault.kind).name);
    row["who"] = net::to_text(fault.who);
    row["at"] = net::to_text(fault.at);
    row["one_in"] = fault.one_in;
    row["of"] = std::string(net::to_text(fault.share));
    row["seed"] = fault.seed;
    row["skew"] = fault.skew;
    put_window(row, fault.window);
    out.append(row);
  }
  return out;
}

py::dict fault_kinds() {
  py::dict out;
  for (const net::FaultInfo& info : net::fault_kinds())
    out[py::str(std::string(info.name))] = value_of(info.code);
  return out;
}

void set_zone(const Network& self, const std::string& name,
              const std::optional<std::string>& updates,
              const std::optional<std::vector<std::string>>& writers) {
  self.change([&](net::Model& model) -> Result<> {
    SL_TRY(net::Zone * zone, net::ensure_zone(model, name));
    if (updates) {
      SL_TRY(zone->updates, net::parse_updates(*updates));
    }
    if (writers) zone->writers = *writers;
    return {};
  });
}

void add_record(const Network& self, const std::string& domain, const std::string& host,
                std::uint16_t port, std::uint16_t priority, std::uint16_t weight,
                std::uint32_t ttl) {
  const net::SrvRecord record{host, port, priority, weight, ttl, 0, self.now()};
  self.change([&](net::Model& model) { return net::add_record(model, domain, record); });
}

std::size_t remove_record(const Network& self, const std::string& domain, const std::string& host,
                          std::uint16_t port) {
  std::size_t removed = 0;
  self.change([&](net::Model& model) -> Result<> {
    SL_TRY(removed, net::remove_records(model, domain, host, port));
    return {};
  });
  return removed;
}

void add_link(const Network& self, const std::string& a, const std::string& b, bool open,
              const py::object& start, const py::object& until) {
  const net::Link link{a, b, open, window_of(self, start, until)};
  self.change([&](net::Model& model) -> Result<> {
    model.links.push_back(link);
    return {};
  });
}

void add_port(const Network& self, std::uint16_t port, const std::string& who,
              const std::string& at, bool open, const py::object& start, const py::object& until) {
  const net::PortRule rule{match_of(who), match_of(at), port, open, window_of(self, start, until)};
  self.change([&](net::Model& model) -> Result<> {
    model.ports.push_back(rule);
    return {};
  });
}

std::string add_fault(const Network& self, const std::string& kind, const std::string& who,
                      const std::string& at, const py::object& start, const py::object& until,
                      std::uint32_t one_in, const std::string& of, std::uint64_t seed,
                      const std::string& name) {
  net::Fault fault;
  fault.name = name;
  fault.kind = must(net::parse_fault_kind(kind));
  fault.who = match_of(who);
  fault.at = match_of(at);
  fault.window = window_of(self, start, until);
  fault.one_in = one_in;
  fault.share = must(net::parse_share(of));
  fault.seed = seed;
  std::string out;
  self.change([&](net::Model& model) -> Result<> {
    SL_TRY(out, net::add_fault(model, fault));
    return {};
  });
  return out;
}

// Minutes of a timedelta, a number or a text such as "5h", "-30m".
std::int32_t skew_of(const py::object& by) {
  double minutes = 0;
  if (py::hasattr(by, "total_seconds")) {
    minutes = by.attr("total_seconds")().cast<double>() / 60;
  } else if (PyUnicode_Check(by.ptr())) {
    const std::string text = by.cast<std::string>();
    const bool behind = !text.empty() && text.front() == '-';
    const auto length = parse_duration(std::string_view(text).substr(behind ? 1 : 0));
    if (!length)
      raise({HResult::kEInvalidarg, "\"" + text + "\" is no difference of clocks", {}, {}});
    minutes = (behind ? -1 : 1) * static_cast<double>(*length);
  } else {
    minutes = by.cast<double>();
  }
  if (!(minutes >= -net::kMaxSkew && minutes <= net::kMaxSkew))
    raise({HResult::kEInvalidarg, "clocks are at most ten years off", {}, {}});
  return static_cast<std::int32_t>(minutes);
}

std::string skew_clock(const Network& self, const std::string& who, const py::object& by,
                       const py::object& start, const py::object& until, std::uint32_t one_in,
                       std::uint64_t seed, const std::string& name) {
  net::Fault fault;
  fault.name = name;
  fault.kind = net::FaultKind::kClockSkew;
  fault.who = match_of(who);
  fault.skew = skew_of(by);
  fault.window = window_of(self, start, until);
  fault.one_in = one_in;
  fault.share = net::Share::kMachines;
  fault.seed = seed;
  std::string out;
  self.change([&](net::Model& model) -> Result<> {
    SL_TRY(out, net::add_fault(model, fault));
    return {};
  });
  return out;
}

py::list lookup(const Network& self, const py::object& machine, const std::string& domain) {
  const std::uint32_t id = id_of(self, machine);
  std::string name = domain;
  const auto records = self.world.run([&](World& opened) -> Result<std::vector<net::SrvRecord>> {
    const Machine who(opened, id);
    if (name.empty()) {
      SL_TRY(name, who.domain());
    }
    return opened.lookup(who, domain);
  });
  py::list out;
  for (const net::SrvRecord& record : records) out.append(to_dict(name, record));
  return out;
}

}  // namespace

void bind_network(py::module_& m) {
  using py::arg;
  const auto none = py::none();
  py::class_<Network>(
      m, "Network",
      "The network of a world: DNS zones with the service records of KMS hosts, sites and their "
      "links, "
      "firewalls' port rules, faults and clocks.\n\n"
      "`who` and `at` name machines: 'PC*', 'site=Ulm', 'domain=contoso.com role=kms-client|mak', "
      "'all'. "
      "Times are datetimes, ISO texts, or timedeltas and texts such as '10d' from now.")
      .def_property_readonly("zones", &zones,
                             "Name, updates and writers of each zone that was written or changed.")
      .def("set_zone", &set_zone, arg("name"), py::kw_only(), arg("updates") = none,
           arg("writers") = none,
           "Adds a zone or changes who may write in it: 'every-host', 'first-host', 'refused', "
           "'unsupported'; writers are "
           "patterns of machines that may although the rule denies it.")
      .def(
          "remove_zone",
          [](const Network& self, const std::string& name) {
            self.change([&](net::Model& model) { return net::remove_zone(model, name); });
          },
          arg("name"), "Removes a zone with its records. NotFound.")
      .def("records", &records, arg("domain") = "", "The service records, of one domain or all.")
      .def("add_record", &add_record, arg("domain"), arg("host"), py::kw_only(),
           arg("port") = net::kKmsPort, arg("priority") = 0, arg("weight") = 0,
           arg("ttl") = net::kDefaultTtl,
           "Enters a record by hand, in place of one with the same host and port.")
      .def("remove_record", &remove_record, arg("domain"), arg("host") = "", py::kw_only(),
           arg("port") = 0, "Removes the records of a host, or all; returns how many. NotFound.")
      .def(
          "set_other_records",
          [](const Network& self, const std::string& domain, bool there) {
            self.change(
                [&](net::Model& model) { return net::set_other_records(model, domain, there); });
          },
          arg("domain"), arg("there") = true,
          "Says that the name has records of other types, so that it exists without a service "
          "record.")
      .def_property_readonly("sites", &sites, "Name, number of machines and internet of each site.")
      .def(
          "set_site",
          [](const Network& self, const std::string& name, bool internet) {
            self.change([&](net::Model& model) -> Result<> {
              SL_TRY(net::Site * site, net::ensure_site(model, name));
              site->internet = internet;
              return {};
            });
          },
          arg("name"), py::kw_only(), arg("internet") = true,
          "Adds a site, or says whether it reaches the services.")
      .def(
          "remove_site",
          [](const Network& self, const std::string& name) {
            self.change([&](net::Model& model) { return net::remove_site(model, name); });
          },
          arg("name"), "Forgets what was said of a site; machines stay in it. NotFound.")
      .def_property_readonly("links", &links,
                             "The links that were cut or opened; the last that fits decides.")
      .def(
          "cut_link",
          [](const Network& self, const std::string& a, const std::string& b,
             const py::object& start,
             const py::object& until) { add_link(self, a, b, false, start, until); },
          arg("a"), arg("b") = "*", py::kw_only(), arg("start") = none, arg("until") = none,
          "Lets nothing pass between the sites of two patterns.")
      .def(
          "open_link",
          [](const Network& self, const std::string& a, const std::string& b,
             const py::object& start,
             const py::object& until) { add_link(self, a, b, true, start, until); },
          arg("a"), arg("b") = "*", py::kw_only(), arg("start") = none, arg("until") = none,
          "Lets everything pass between the sites of two patterns.")
      .def_property_readonly("ports", &ports,
                             "The port rules; port 0 is every port, the last that fits decides.")
      .def(
          "close_port",
          [](const Network& self, std::uint16_t port, const std::string& who, const std::string& at,
             const py::object& start,
             const py::object& until) { add_port(self, port, who, at, false, start, until); },
          arg("port") = net::kKmsPort, py::kw_only(), arg("who") = "all", arg("at") = "all",
          arg("start") = none, arg("until") = none,
          "Closes a port (0: all) from machines to machines.")
      .def(
          "open_port",
          [](const Network& self, std::uint16_t port, const std::string& who, const std::string& at,
             const py::object& start,
             const py::object& until) { add_port(self, port, who, at, true, start, until); },
          arg("port") = net::kKmsPort, py::kw_only(), arg("who") = "all", arg("at") = "all",
          arg("start") = none, arg("until") = none, "Opens a port that another rule closes.")
      .def_property_readonly("faults", &faults, "The faults, those of clocks too.")
      .def_static("fault_kinds", &fault_kinds, "The kinds of faults, and the HRESULT of each.")
      .def("add_fault", &add_fault, arg("kind"), py::kw_only(), arg("who") = "all",
           arg("at") = "all", arg("start") = none, arg("until") = none, arg("one_in") = 1,
           arg("of") = "attempts", arg("seed") = 0, arg("name") = "",
           "Lets something go wrong; returns the fault's name. `of` is 'attempts' or 'machines': "
           "once in N of which.")
      .def("skew_clock", &skew_clock, arg("who"), arg("by"), py::kw_only(), arg("start") = none,
           arg("until") = none, arg("one_in") = 1, arg("seed") = 0, arg("name") = "",
           "Puts clocks ahead by a timedelta, minutes or a text such as '5h', '-30m'; returns the "
           "fault's name.")
      .def(
          "remove_fault",
          [](const Network& self, const std::string& name) {
            self.change([&](net::Model& model) { return net::remove_fault(model, name); });
          },
          arg("name"), "Takes a fault back, a clock's too. NotFound.")
      .def(
          "reset",
          [](const Network& self) {
            self.change([](net::Model& model) -> Result<> {
              model.links.clear();
              model.ports.clear();
              model.faults.clear();
              return {};
            });
          },
          "Takes every link, port rule and fault back.")
      .def("lookup", &lookup, arg("machine"), arg("domain") = "",
           "The service records that a machine finds now; WmiError with the code of DNS.")
      .def(
          "reach",
          [](const Network& self, const py::object& machine, const std::string& host,
             std::uint16_t port) {
            const std::uint32_t id = id_of(self, machine);
            self.world.run(
                [&](World& opened) { return opened.reach(Machine(opened, id), host, port); });
          },
          arg("machine"), arg("host"), arg("port") = net::kKmsPort,
          "Returns when a machine reaches a host, by name, at a port now; WmiError otherwise.");
  world_class(m)
      .def(
          "rename_machine",
          [](const WorldHandle& self, const std::string& name, const std::string& to) {
            self.run([&](World& opened) { return opened.rename_machine(name, to); });
          },
          arg("name"), arg("to"),
          "Gives a machine another name and restarts it; what DNS had of the old name stays there.")
      .def(
          "move_machine",
          [](const WorldHandle& self, const std::string& name, const std::string& domain,
             const std::string& site) {
            self.run([&](World& opened) { return opened.move_machine(name, domain, site); });
          },
          arg("name"), py::kw_only(), arg("domain") = "", arg("site") = "",
          "Puts a machine into another domain or site; an empty one stays.")
      .def_property_readonly(
          "network", [](const WorldHandle& self) { return Network{self}; },
          "The network: zones, records, sites, links, ports, faults and clocks.");
}

}  // namespace slwmi::python
