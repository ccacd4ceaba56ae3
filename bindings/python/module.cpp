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

}  // namespace

PYBIND11_MODULE(_core, m) {
  m.doc() = "The compiled core of slwmi; import slwmi instead.";
  m.attr("__version__") = SLWMI_VERSION;
  bind_object(m);
  bind_registry(m);
  bind_machine(m);
  bind_world(m);
  bind_session(m);
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
}

}  // namespace slwmi::python
