// The compiled core of the package.
#include <sstream>

#include "base/text.hpp"
#include "handles.hpp"
#include "provider/explain.hpp"

namespace slwmi::python {
namespace {

HResult code_of(const py::object& code) {
  const std::string word = py::str(code);
  const auto known = licensing::read_code(word);
  if (!known) raise({HResult::kEInvalidarg, "\"" + word + "\" is no error code", {}, word});
  return *known;
}

py::dict explain(const py::object& code, const std::string& os) {
  const auto version = licensing::read_os(os);
  if (!version) raise({HResult::kEInvalidarg, "there is no system \"" + os + "\"", {}, os});
  const HResult number = code_of(code);
  const licensing::Explanation known = licensing::explain(number, *version);
  py::list steps;
  std::istringstream lines{std::string(known.steps)};
  for (std::string line; std::getline(lines, line);) steps.append(py::str(line));
  const auto text = [](std::string_view view) { return py::str(std::string(view)); };
  py::dict out;
  out["hresult"] = value_of(number);
  out["symbol"] = text(known.symbol);
  out["meaning"] = text(known.meaning);
  out["activation"] = text(known.activation);
  out["causes"] = text(known.causes);
  out["steps"] = steps;
  return out;
}

[[noreturn]] void* refuse_unmade(std::size_t) {
  throw py::type_error("the object was not made in the way of its class");
}

// Objects stand on what is no data, so they have no pickle. Those of a class without a constructor
// come from calls only; one that was never made, which __new__ can hand out, refuses all use.
void guard(const py::object& cls) {
  const auto no_pickle = [](const py::object& self, const py::args&) {
    throw py::type_error("cannot pickle " + std::string(Py_TYPE(self.ptr())->tp_name));
  };
  for (const char* name : {"__reduce__", "__reduce_ex__"})
    cls.attr(name) = py::cpp_function(no_pickle, py::name(name), py::is_method(cls));
  auto* const type = reinterpret_cast<PyTypeObject*>(cls.ptr());
  py::detail::type_info* const bound = py::detail::get_type_info(type);
  if (bound == nullptr) return;  // Object, which cannot be made by its type
  bound->operator_new = refuse_unmade;
  const bool has_constructor = type->tp_init != type->tp_base->tp_init;
  if (!has_constructor) type->tp_new = nullptr;
  PyType_Modified(type);
}

// Casts in the bodies of calls fail as those of their arguments do.
void translate(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const py::cast_error&) {
    PyErr_SetString(PyExc_TypeError, "an argument, or an item of one, is of a wrong type");
  }
}

}  // namespace

PYBIND11_MODULE(_core, m) {
  m.doc() = "The compiled core of slwmi; import slwmi instead.";
  m.attr("__version__") = SLWMI_VERSION;
  py::register_local_exception_translator(translate);
  bind_object(m);
  bind_registry(m);
  bind_machine(m);
  bind_world(m);
  bind_session(m);
  bind_watch(m);
  bind_policy(m);
  bind_network(m);
  bind_events(m);
  bind_kms(m);
  bind_report(m);
  bind_genuine(m);
  bind_experience(m);
  bind_vamt(m);
  bind_simulation(m);
  m.def("explain", explain, py::arg("code"), py::arg("os") = "vista-sp1",
        "What an error code means, by number or symbol: a dict with hresult, symbol, meaning, "
        "activation, causes and steps. Empty texts for an unknown one.");
  for (const auto& [name, value] : m.attr("__dict__").cast<py::dict>())
    if (PyType_Check(value.ptr())) guard(py::reinterpret_borrow<py::object>(value));
}

}  // namespace slwmi::python
