// Machine.slmgr: the script slmgr.vbs from Python.
#include "tools/slmgr/slmgr.hpp"

#include <fstream>
#include <iterator>

#include "handles.hpp"

namespace slwmi::python {
namespace {

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(HResult::kErrorFileNotFound, "cannot open " + path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

py::object run_slmgr(const MachineHandle& machine, const py::args& words, const std::string& user) {
  std::vector<std::string> texts;
  for (const py::handle& word : words) texts.emplace_back(from_python(py::str(word)).as_text());
  const Principal caller = must(find_principal(user));
  const slmgr::Finished finished = machine.run(
      [&](const world::Machine& opened) { return slmgr::run(opened, caller, texts, read_file); });
  return py::module_::import("slwmi._objects")
      .attr("SlmgrResult")(to_python(cim::Value::text(finished.text)), finished.exit_code);
}

}  // namespace slwmi::python
