// The registry of a machine for Python: values by path and name, security, transactions, .reg files
// both ways.
#include "registry/registry.hpp"

#include <limits>

#include "base/text.hpp"
#include "handles.hpp"
#include "registry/formats/reg_file.hpp"
#include "registry/path.hpp"

namespace slwmi::python {

namespace {

py::object value_to_python(const reg::ValueData& data) {
  const reg::ValueView view = data.view();
  if (const auto number = reg::as_dword(view)) return py::int_(*number);
  if (const auto number = reg::as_qword(view)) return py::int_(*number);
  if (const auto string = reg::as_string(view)) return text(*string);
  if (const auto strings = reg::as_multi_sz(view)) {
    py::list out;
    for (const std::string& string : *strings) out.append(text(string));
    return out;
  }
  return py::bytes(reinterpret_cast<const char*>(data.data().data()), data.data().size());
}

[[noreturn]] void raise_misfit() {
  raise({HResult::kWbemETypeMismatch, "the value does not fit the registry type", {}, {}});
}

std::string text_of(const py::handle& value) {
  if (!PyUnicode_Check(value.ptr())) raise_misfit();
  return std::string(from_python(value).as_text());
}

reg::ValueData number_data(const py::object& value, std::optional<reg::ValueType> type) {
  const std::uint64_t number = PyLong_AsUnsignedLongLong(value.ptr());
  if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    raise({HResult::kWbemEValueOutOfRange, "the number is negative or over 64 bits", {}, {}});
  }
  constexpr std::uint64_t kMostDword = 0xFFFFFFFFu;
  const reg::ValueType fitting =
      number > kMostDword ? reg::ValueType::kQword : reg::ValueType::kDword;
  const reg::ValueType wanted = type.value_or(fitting);
  if (wanted == reg::ValueType::kQword) return reg::make_qword(number);
  if (wanted != reg::ValueType::kDword) raise_misfit();
  if (number > kMostDword)
    raise({HResult::kWbemEValueOutOfRange, "the number is over 32 bits", {}, {}});
  return reg::make_dword(static_cast<std::uint32_t>(number));
}

// By name, or by number for those without one.
reg::ValueType type_of(const std::string& text) {
  if (const auto type = reg::type_of(text)) return *type;
  const auto number = parse_unsigned(text);
  if (!number || *number > std::numeric_limits<std::uint32_t>::max())
    raise({HResult::kEInvalidarg, "there is no registry type " + text, {}, text});
  return static_cast<reg::ValueType>(*number);
}

std::string text_of(reg::ValueType type) {
  const std::string_view name = reg::type_name(type);
  return name.empty() ? std::to_string(static_cast<std::uint32_t>(type)) : std::string(name);
}

reg::ValueData value_from_python(const py::object& value, const std::string& type_name) {
  std::optional<reg::ValueType> type;
  if (!type_name.empty()) type = type_of(type_name);
  if (PyLong_Check(value.ptr()) && !PyBool_Check(value.ptr())) return number_data(value, type);
  if (PyUnicode_Check(value.ptr())) {
    if (type == reg::ValueType::kExpandSz) return reg::make_expand_sz(text_of(value));
    if (!type || type == reg::ValueType::kSz) return reg::make_sz(text_of(value));
  } else if (const auto bytes = bytes_of(value)) {
    return {type.value_or(reg::ValueType::kBinary), as_bytes(*bytes)};
  } else if (PyList_Check(value.ptr()) || PyTuple_Check(value.ptr())) {
    std::vector<std::string> strings;
    for (const py::handle& item : value) strings.push_back(text_of(item));
    if (!type || type == reg::ValueType::kMultiSz) return reg::make_multi_sz(strings);
  }
  raise_misfit();
}

// Runs `body` with the key open for `want`.
template <class F>
auto with_key(RegistryHandle& self, const std::string& path, reg::Access want, F&& body) {
  return self.run([&](reg::Registry& registry) -> decltype(body(std::declval<reg::Key&>())) {
    SL_TRY(reg::Key key, registry.open(path, want));
    return body(key);
  });
}

py::object get(RegistryHandle& self, const Text& path, const Text& name) {
  return value_to_python(
      self.run([&](reg::Registry& registry) { return registry.get(path, name); }));
}

void set(RegistryHandle& self, const Text& path, const Text& name, const py::object& value,
         const std::string& type) {
  const reg::ValueData data = value_from_python(value, type);
  self.run([&](reg::Registry& registry) { return registry.set(path, name, data); });
}

py::list values_of(RegistryHandle& self, const Text& path) {
  py::list out;
  for (const reg::ValueEntry& entry :
       with_key(self, path, reg::access::kRead, [](reg::Key& key) { return key.values(); })) {
    out.append(
        py::make_tuple(text(entry.name), value_to_python(entry.data), text_of(entry.data.type())));
  }
  return out;
}

py::list keys_of(RegistryHandle& self, const Text& path) {
  py::list out;
  for (const std::string& name :
       with_key(self, path, reg::access::kRead, [](reg::Key& key) { return key.subkeys(); }))
    out.append(text(name));
  return out;
}

bool exists(RegistryHandle& self, const Text& path) {
  return self.run([&](reg::Registry& registry) -> Result<bool> {
    const auto key = registry.open(path, reg::access::kRead);
    if (!key && key.error().code != HResult::kErrorFileNotFound) return fail(key.error());
    return key.has_value();
  });
}

void delete_tree(RegistryHandle& self, const Text& path) {
  self.run([&](reg::Registry& registry) -> Result<> {
    const std::size_t at = path.find_last_of('\\');
    if (at == std::string::npos) return fail(HResult::kEAccessdenied, "a root cannot be deleted");
    SL_TRY(reg::Key parent, registry.open(path.substr(0, at), reg::access::kRead));
    SL_TRY(reg::Transaction transaction, registry.begin());
    SL_CHECK(parent.remove_tree(path.substr(at + 1)));
    SL_CHECK(transaction.commit());
    return {};
  });
}

std::string security_of(RegistryHandle& self, const Text& path) {
  return with_key(self, path, reg::access::kReadControl, [](reg::Key& key) -> Result<std::string> {
    SL_TRY(const reg::SecurityDescriptor descriptor, key.security());
    return reg::to_sddl(descriptor);
  });
}

void set_security(RegistryHandle& self, const Text& path, const std::string& sddl) {
  const reg::SecurityDescriptor descriptor = must(reg::parse_sddl(sddl));
  std::uint32_t parts = 0;
  reg::Access want = 0;
  if (descriptor.owner) parts |= reg::kOwnerPart;
  if (descriptor.group) parts |= reg::kGroupPart;
  if ((descriptor.control & reg::kDaclPresent) != 0) parts |= reg::kDaclPart;
  if ((descriptor.control & reg::kSaclPresent) != 0) parts |= reg::kSaclPart;
  if ((parts & (reg::kOwnerPart | reg::kGroupPart)) != 0) want |= reg::access::kWriteOwner;
  if ((parts & reg::kDaclPart) != 0) want |= reg::access::kWriteDac;
  if ((parts & reg::kSaclPart) != 0) want |= reg::access::kAccessSystemSecurity;
  if (parts == 0) raise({HResult::kEInvalidarg, "the text says nothing to set", {}, sddl});
  with_key(self, path, want, [&](reg::Key& key) { return key.set_security(descriptor, parts); });
}

py::list import_file(RegistryHandle& self, const py::bytes& data, bool strict) {
  const std::string bytes = data;
  reg::RegOptions options;
  options.strict = strict;
  std::vector<reg::RegProblem> problems =
      self.run([&](reg::Registry& registry) -> Result<std::vector<reg::RegProblem>> {
        SL_TRY(reg::RegFile file, reg::read_reg(as_bytes(bytes), options));
        SL_TRY(const std::vector<reg::RegProblem> refused, reg::import_reg(registry, file, strict));
        file.problems.insert(file.problems.end(), refused.begin(), refused.end());
        return std::move(file.problems);
      });
  py::list out;
  for (const reg::RegProblem& problem : problems)
    out.append(py::make_tuple(problem.line, problem.message));
  return out;
}

py::bytes export_file(RegistryHandle& self, const Text& path) {
  const std::vector<std::byte> bytes =
      self.run([&](reg::Registry& registry) { return reg::export_reg(registry, path); });
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What is written in a with block is one change, or none when the block raises.
class Block {
 public:
  explicit Block(py::object registry) : registry_(std::move(registry)) {}

  void enter() {
    if (transaction_) raise({HResult::kEInvalidarg, "the transaction was entered before", {}, {}});
    transaction_.emplace(handle().run([](reg::Registry& registry) { return registry.begin(); }));
  }
  void leave(bool commit) {
    if (!transaction_) return;
    handle().run([&](reg::Registry&) -> Result<> {
      reg::Transaction transaction = *std::move(transaction_);
      transaction_.reset();
      if (!commit) return {};
      SL_CHECK(transaction.commit());
      return {};
    });
  }

 private:
  RegistryHandle& handle() { return registry_.cast<RegistryHandle&>(); }
  py::object registry_;
  std::optional<reg::Transaction> transaction_;
};

}  // namespace

std::unique_ptr<RegistryHandle> open_registry(const MachineHandle& machine,
                                              const std::string& user) {
  const Principal caller = must(find_principal(user));
  reg::Registry registry =
      machine.run([&](const world::Machine& opened) { return opened.registry(caller); });
  return std::make_unique<RegistryHandle>(machine.world, machine.world.get(), std::move(registry));
}

void bind_registry(py::module_& m) {
  py::class_<Block>(m, "RegistryTransaction",
                    "A context manager: what is written inside is one change, or none when the "
                    "block raises. Transactions nest.")
      .def("__enter__",
           [](py::object self) {
             self.cast<Block&>().enter();
             return self;
           })
      .def("__exit__", [](Block& self, const py::object& kind, const py::object&,
                          const py::object&) { self.leave(kind.is_none()); });
  py::class_<RegistryHandle>(m, "Registry",
                             "The registry of a machine as one principal may use it; paths start "
                             "at a root (HKLM\\...).")
      .def("get", &get, py::arg("path"), py::arg("name") = "", "The value's data. NotFound.")
      .def(
          "set", &set, py::arg("path"), py::arg("name"), py::arg("value"), py::arg("type") = "",
          "Sets a value, making the key when it is missing. The type follows from the value unless "
          "it is named, or given as a number in decimal or 0x hex.")
      .def(
          "create",
          [](RegistryHandle& self, const Text& path) {
            return self.run([&](reg::Registry& registry) -> Result<bool> {
              bool made = false;
              SL_CHECK(registry.create(path, reg::access::kRead, &made));
              return made;
            });
          },
          py::arg("path"), "Makes a key and what is missing above it; whether it was new.")
      .def("exists", &exists, py::arg("path"), "Whether there is such a key.")
      .def(
          "delete",
          [](RegistryHandle& self, const Text& path, const Text& name) {
            with_key(self, path, reg::access::kSetValue,
                     [&](reg::Key& key) { return key.remove_value(name); });
          },
          py::arg("path"), py::arg("name"), "Deletes a value. NotFound.")
      .def(
          "delete_key",
          [](RegistryHandle& self, const Text& path) {
            self.run([&](reg::Registry& registry) { return registry.remove_key(path); });
          },
          py::arg("path"), "Deletes a key without subkeys. NotFound, AccessDenied.")
      .def("delete_tree", &delete_tree, py::arg("path"), "Deletes a key and all below it.")
      .def("keys", &keys_of, py::arg("path"), "Names of the subkeys, by upcased name.")
      .def("values", &values_of, py::arg("path"),
           "Triples of name, data and type, in the order of their making; a type without a name is "
           "its number.")
      .def(
          "last_write",
          [](RegistryHandle& self, const Text& path) {
            const reg::KeyInfo info =
                with_key(self, path, reg::access::kRead, [](reg::Key& key) { return key.info(); });
            return to_python(cim::Value::datetime(info.last_write));
          },
          py::arg("path"), "When the key was last written, a datetime in UTC.")
      .def("security", &security_of, py::arg("path"), "Owner, group and DACL as SDDL.")
      .def("set_security", &set_security, py::arg("path"), py::arg("sddl"),
           "Replaces the parts that the SDDL text has.")
      .def(
          "transaction", [](py::object self) { return Block(std::move(self)); },
          "A transaction for a with block.")
      .def("import_reg", &import_file, py::arg("data"), py::kw_only(), py::arg("strict") = false,
           "Does what a .reg file says; returns (line, problem) pairs of what was passed over.")
      .def("export_reg", &export_file, py::arg("path"),
           "A key and all below it as the bytes of a .reg file, as regedit writes it.")
      .def("close", &RegistryHandle::close)
      .def("__enter__",
           [](py::object self) {
             self.cast<RegistryHandle&>().check();
             return self;
           })
      .def("__exit__", [](RegistryHandle& self, const py::args&) { self.close(); });
}

}  // namespace slwmi::python
