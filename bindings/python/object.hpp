// Python objects for CIM values, instances and classes. Instances are a type of their own, not a
// bound C++ class: reading an attribute is the hot path of every script, and goes through a C-level
// getattr with interned names.
#pragma once

#include <optional>

#include <pybind11/pybind11.h>

#include "base/datetime.hpp"
#include "base/result.hpp"
#include "schema/class.hpp"
#include "schema/instance.hpp"
#include "schema/value.hpp"

namespace slwmi::python {

namespace py = pybind11;

// Raises the exception of slwmi.errors that fits.
[[noreturn]] void raise(const Error& error);

template <class T>
T must(Result<T> result) {
  if (!result) raise(result.error());
  return *std::move(result);
}
inline void must(Result<> result) {
  if (!result) raise(result.error());
}

// null -> None, integers -> int, text -> str, datetime -> datetime.datetime (UTC) or timedelta, or
// the CIM text when it has wildcards; arrays -> list, embedded objects -> Object.
py::object to_python(const cim::Value& value);
// Lone surrogates survive, as they do in Windows names.
py::object text(std::string_view value);
py::object text_or_none(std::string_view value);  // None when it is empty
py::object datetime(FileTime time);
py::object datetime_or_none(FileTime time);  // None for zero
py::object code_or_none(HResult code);       // the number, or None for a success
// A datetime, a date or an ISO 8601 text. Raises what parse_iso8601 fails with.
FileTime time_of(const py::object& time);
// The path that a str, bytes or PathLike names. InvalidArgument when it has a NUL.
std::string path_of(const py::object& path);
// The same as JSON has it: uint64 and sint64 as str, datetimes as CIM text.
py::object to_json_value(const cim::Value& value);
// What a bytes or a bytearray holds; nothing for another object.
std::optional<std::string> bytes_of(const py::handle& object);
// TypeMismatch for what CIM cannot hold.
cim::Value from_python(const py::handle& object);

// A method of `path`, an instance or a class, as a callable. `session` may be None.
py::object make_method(const py::handle& session, const std::string& path,
                       const cim::Method& method);

// What a select list names.
struct Selection {
  std::vector<int> slots;           // in its order; a dotted name means the embedded object in it
  std::vector<std::string> system;  // system properties
};
using SelectionPtr = std::shared_ptr<const Selection>;  // null: it was "*"

// A new Object. `session` may be None; `columns` are what was selected,
// `path` its __RELPATH or empty.
py::object make_object(cim::Instance instance, py::object session, SelectionPtr columns = nullptr);
SelectionPtr columns_of(const std::vector<std::string>& names, const cim::Class& cls);
bool is_object(const py::handle& object);
const cim::Instance& instance_of(const py::handle& object);

void bind_object(py::module_& m);

// Names, paths and queries: lone surrogates, which pybind11's own strings refuse, are part of them.
struct Text : std::string {};

}  // namespace slwmi::python

template <>
struct pybind11::detail::type_caster<slwmi::python::Text> {
  PYBIND11_TYPE_CASTER(slwmi::python::Text, const_name("str"));
  bool load(handle source, bool) {
    if (!PyUnicode_Check(source.ptr())) return false;
    value = {std::string(slwmi::python::from_python(source).as_text())};
    return true;
  }
};
