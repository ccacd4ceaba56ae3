// Machine.slmgr: the script slmgr.vbs from Python.
#include "tools/slmgr/slmgr.hpp"

#include <fstream>
#include <iterator>

#include "object.hpp"

namespace slwmi::python {
namespace {

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(HResult::kErrorFileNotFound, "cannot open " + path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

py::object run_slmgr(const world::Machine& machine, const py::args& words,
                     const std::string& user) {
  std::vector<std::string> texts;
  for (const py::handle& word : words) texts.emplace_back(from_python(py::str(word)).as_text());
  const slmgr::Finished finished = [&] {
    const py::gil_scoped_release release;
    auto caller = find_principal(user);
    auto run = caller ? slmgr::run(machine, *std::move(caller), texts, read_file)
                      : Result<slmgr::Finished>(fail(caller.error()));
    const py::gil_scoped_acquire acquire;
    return must(std::move(run));
  }();
  return py::module_::import("slwmi._objects")
      .attr("SlmgrResult")(to_python(cim::Value::text(finished.text)), finished.exit_code);
}

}  // namespace slwmi::python
