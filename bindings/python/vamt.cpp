// Activation by MAK, the activation service and OEM computers for Python: computer information
// lists, the Volume Activation Management Tool, accounts of keys, firmware and usage rights.
#include "world/vamt.hpp"

#include <pybind11/stl.h>

#include "handles.hpp"
#include "provider/activation_service.hpp"
#include "provider/computer_list.hpp"
#include "provider/firmware.hpp"
#include "provider/usage_rights.hpp"

namespace slwmi::python {
namespace {

using licensing::ComputerList;
using licensing::ListedComputer;
using licensing::ListedKey;
using licensing::ListedProduct;
using world::Machine;
using world::Vamt;
using world::VamtOutcome;
using world::VamtOutcomes;
using world::World;

// --- lists

// Of nothing that was done there is no result.
py::object result_or_none(FileTime when, HResult code) {
  return when == FileTime{} ? py::object(py::none()) : py::object(py::int_(value_of(code)));
}

py::dict to_dict(const ListedProduct& product) {
  py::dict row;
  row["id"] = text(product.sku);
  row["name"] = text(product.name);
  row["description"] = text(product.description);
  row["partial_key"] = text(product.partial_key);
  row["product_key_id"] = text_or_none(product.product_key_id);
  row["status"] = static_cast<std::uint32_t>(product.status);
  row["reason"] = product.reason ? py::object(py::int_(value_of(*product.reason))) : py::none();
  row["minutes"] = product.minutes;
  row["installation_id"] = text_or_none(product.installation_id);
  row["confirmation_id"] = text_or_none(product.confirmation_id);
  row["confirmed"] = datetime_or_none(product.confirmed);
  row["applied"] = datetime_or_none(product.applied);
  return row;
}

py::dict to_dict(const ListedComputer& computer) {
  py::list products;
  for (const ListedProduct& product : computer.products) products.append(to_dict(product));
  py::dict row;
  row["name"] = text(computer.name);
  row["domain"] = text_or_none(computer.domain);
  row["version"] = text_or_none(computer.version);
  row["collected"] = datetime_or_none(computer.collected);
  row["action"] = text_or_none(computer.action);
  row["acted"] = datetime_or_none(computer.acted);
  row["hresult"] = result_or_none(computer.acted, computer.result);
  row["products"] = products;
  return row;
}

py::dict to_dict(const ListedKey& key) {
  const bool asked = key.asked != FileTime{};
  py::dict row;
  row["key"] = text(key.text);
  row["edition"] = text(key.edition);
  row["asked"] = datetime_or_none(key.asked);
  row["remaining"] = asked ? py::object(py::int_(key.remaining)) : py::none();
  row["limit"] = asked ? py::object(py::int_(key.limit)) : py::none();
  row["hresult"] = result_or_none(key.asked, key.state);
  return row;
}

template <class T>
py::list to_list(const std::vector<T>& items) {
  py::list out;
  for (const T& item : items) out.append(to_dict(item));
  return out;
}

ComputerList loads(const std::string& xml) {
  return must(unlocked([&] { return licensing::read_computer_list(xml); }));
}

ComputerList load(const py::object& path) {
  return loads(py::module_::import("slwmi._files").attr("read")(path).cast<py::bytes>());
}

void save(const ComputerList& self, const py::object& path) {
  const std::string xml = unlocked([&] { return licensing::write_computer_list(self); });
  py::module_::import("slwmi._files").attr("replace")(path, py::bytes(xml));
}

// --- the tool

struct Tool {
  MachineHandle home;
  Principal caller;
  std::string user, password;
};

// None: all of the list; a name or a machine; or several.
std::vector<std::string> names_of(const py::object& machines) {
  std::vector<std::string> out;
  const auto add = [&](const py::handle& machine) {
    if (PyUnicode_Check(machine.ptr())) {
      out.push_back(machine.cast<std::string>());
    } else {
      const auto& handle = machine.cast<const MachineHandle&>();
      out.push_back(handle.run([](const Machine& m) { return m.name(); }));
    }
  };
  if (machines.is_none()) return out;
  if (PyUnicode_Check(machines.ptr()) || py::isinstance<MachineHandle>(machines)) {
    add(machines);
    return out;
  }
  for (const py::handle& machine : machines) add(machine);
  if (out.empty()) raise({HResult::kEInvalidarg, "no machine is named; None means all", {}, {}});
  return out;
}

// Works on a copy, so that the list is whole for other threads and stays as it is when this fails.
template <class Step>
py::list take(const Tool& self, ComputerList& list, Step step) {
  ComputerList copy = list;
  const VamtOutcomes outcomes = self.home.run([&](const Machine& machine) {
    Vamt vamt(machine, self.caller, self.user, self.password);
    return step(vamt, copy);
  });
  list = std::move(copy);
  py::list out;
  for (const VamtOutcome& outcome : outcomes) {
    py::dict row;
    row["computer"] = text_or_none(outcome.computer);
    row["product"] = text_or_none(outcome.product);
    row["hresult"] = value_of(outcome.code);
    row["text"] = text(outcome.text);
    out.append(row);
  }
  return out;
}

using Members = Result<VamtOutcomes> (Vamt::*)(ComputerList&, Vamt::Names);

auto stepping(Members member) {
  return [member](const Tool& self, ComputerList& list, const py::object& machines) {
    const std::vector<std::string> names = names_of(machines);
    return take(self, list,
                [&](Vamt& vamt, ComputerList& copy) { return (vamt.*member)(copy, names); });
  };
}

// --- rights

py::dict usage_rights(const MachineHandle& self, const py::object& purchase,
                      const py::object& assurance, const std::optional<std::string>& agreement,
                      const std::string& edition) {
  licensing::RightsFacts facts;
  if (!purchase.is_none()) facts.purchase = time_of(purchase);
  if (!assurance.is_none()) facts.assurance = time_of(assurance);
  facts.agreement = agreement;
  facts.edition = edition;
  const licensing::RightsDecision decision =
      self.run([&](const Machine& machine) { return machine.usage_rights(facts); });
  py::list reasons, routes;
  for (const licensing::RightsReason& reason : decision.reasons) {
    py::dict row;
    row["holds"] = reason.holds;
    row["text"] = text(reason.text);
    row["section"] = text(reason.section);
    reasons.append(row);
  }
  for (const licensing::Route& route : decision.routes) {
    py::dict row;
    row["name"] = text(route.name);
    row["hresult"] = value_of(route.code);
    row["text"] = text(route.text);
    routes.append(row);
  }
  py::dict out;
  out["allowed"] = decision.allowed;
  out["right"] = text(licensing::to_text(decision.right));
  out["setup"] = value_of(decision.setup);
  out["reasons"] = reasons;
  out["routes"] = routes;
  out["steps"] = decision.steps;
  return out;
}

py::dict key_account(const WorldHandle& self, const std::string& key) {
  const licensing::KeyAccount account =
      self.run([&](World& world) { return world.key_account(key); });
  const licensing::KeyStateInfo& state = licensing::info_of(account.state);
  py::dict out;
  out["state"] = text(state.name);
  out["hresult"] = value_of(state.code);
  out["genuine"] = !account.non_genuine;
  out["limit"] = account.limit;
  out["extension"] = account.extension;
  out["used"] = account.used;
  out["remaining"] = account.remaining;
  out["machines"] = account.machines;
  return out;
}

void bind_list(py::module_& m) {
  py::class_<ComputerList>(m, "ComputerList",
                           "A computer information list: what the Volume Activation Management "
                           "Tool knows of computers and MAKs.")
      .def(py::init<>(), "A list without anything in it.")
      .def_static("loads", &loads, py::arg("xml"),
                  "The list that a text holds; InvalidArgument or WmiError with the place of what "
                  "is wrong.")
      .def_static("load", &load, py::arg("path"), "The list in a file.")
      .def(
          "dumps", [](const ComputerList& self) { return licensing::write_computer_list(self); },
          "The list as XML.")
      .def("save", &save, py::arg("path"), "Writes the list into a file, in place of an older one.")
      .def_property_readonly(
          "computers", [](const ComputerList& self) { return to_list(self.computers); },
          "Name, domain, when it was collected, its last action and its products, a dict each.")
      .def_property_readonly(
          "keys", [](const ComputerList& self) { return to_list(self.keys); },
          "The MAKs, with what the activation service said of them last.")
      .def("__len__", [](const ComputerList& self) { return self.computers.size(); })
      .def(
          "__contains__",
          [](ComputerList& self, const std::string& name) { return self.find(name) != nullptr; },
          py::arg("name"))
      .def("__eq__",
           [](const ComputerList& self, const py::object& other) {
             return py::isinstance<ComputerList>(other) &&
                    other.cast<const ComputerList&>() == self;
           })
      .def("__repr__", [](const ComputerList& self) {
        return "<ComputerList of " + std::to_string(self.computers.size()) + " computers>";
      });
}

void bind_tool(py::module_& m) {
  using py::arg;
  const auto none = py::none();
  py::class_<Tool>(
      m, "Vamt",
      "The Volume Activation Management Tool on a machine. Each step works on the machines that "
      "are\nnamed, or on all of the list, changes the list and returns a dict for each product: "
      "computer, product,\nhresult and text. Trouble with one machine is such a dict; an exception "
      "means that nothing was done.")
      .def("collect", stepping(&Vamt::collect), arg("list"), arg("machines") = none,
           "Asks machines for their products; new ones come into the list.")
      .def(
          "install_key",
          [](const Tool& self, ComputerList& list, const std::string& key,
             const py::object& machines) {
            const std::vector<std::string> names = names_of(machines);
            return take(self, list, [&](Vamt& vamt, ComputerList& copy) {
              return vamt.install_key(copy, key, names);
            });
          },
          arg("list"), arg("key"), arg("machines") = none, "Installs a MAK.")
      .def("activate", stepping(&Vamt::activate), arg("list"), arg("machines") = none,
           "MAK Independent: the machines activate themselves.")
      .def("confirm", stepping(&Vamt::confirm), arg("list"), arg("machines") = none,
           "MAK Proxy: asks the activation service for confirmation IDs in the machines' place.")
      .def("apply", stepping(&Vamt::apply), arg("list"), arg("machines") = none,
           "MAK Proxy: returns the confirmation IDs to the machines.")
      .def(
          "query_keys",
          [](const Tool& self, ComputerList& list) {
            return take(self, list,
                        [](Vamt& vamt, ComputerList& copy) { return vamt.query_keys(copy); });
          },
          arg("list"), "Asks what is left of each MAK of the list.");
  machine_class(m).def(
      "vamt",
      [](const MachineHandle& self, const std::string& user, const std::string& remote_user,
         const std::string& password) {
        return Tool{self, must(find_principal(user)), remote_user, password};
      },
      py::kw_only(), arg("user") = "administrator", arg("remote_user") = "", arg("password") = "",
      "The Volume Activation Management Tool, run on this machine by a principal; to other "
      "machines it goes\nas `remote_user`, where one is given.");
}

}  // namespace

void bind_vamt(py::module_& m) {
  using py::arg;
  const auto none = py::none();
  bind_list(m);
  bind_tool(m);
  machine_class(m)
      .def_property_readonly(
          "firmware",
          [](const MachineHandle& self) {
            return text(licensing::info_of(self.run([](const Machine& machine) {
                          return machine.firmware();
                        })).name);
          },
          "Its ACPI_SLIC table: 'none', 'no-marker', 'malformed' or 'marker'.")
      .def_property_readonly(
          "setup_error",
          [](const MachineHandle& self) {
            return value_of(self.run([](const Machine& machine) { return machine.setup_error(); }));
          },
          "The HRESULT that setup reported about the firmware; 0 for none.")
      .def(
          "replace_board",
          [](const MachineHandle& self, const std::string& firmware) {
            const licensing::Firmware board = must(licensing::parse_firmware(firmware));
            self.run([&](const Machine& machine) { return machine.replace_board(board); });
          },
          arg("firmware"), "Another board with that firmware, and a restart.")
      .def("usage_rights", &usage_rights, py::kw_only(), arg("purchase") = none,
           arg("assurance") = none, arg("agreement") = none, arg("edition") = "",
           "Whether an OEM machine may be moved to a volume edition: a dict with allowed, right, "
           "reasons, routes\nand steps. `purchase` and `assurance` are dates of what was bought, "
           "`agreement` is the edition of a\nvolume licence agreement.");
  world_class(m)
      .def("key_account", &key_account, arg("product_key"),
           "What the activation service knows of a key: state, limit, used, remaining, ... "
           "NotFound.")
      .def(
          "set_key_state",
          [](const WorldHandle& self, const std::string& key, const std::string& state) {
            const licensing::KeyState parsed = must(licensing::parse_key_state(state));
            self.run([&](World& world) { return world.set_key_state(key, parsed); });
          },
          arg("product_key"), arg("state"),
          "What the activation service answers a key: 'accepted', 'blocked', 'invalid', "
          "'unsupported',\n'dynamically-blocked' or 'blocked-here'.");
}

}  // namespace slwmi::python
