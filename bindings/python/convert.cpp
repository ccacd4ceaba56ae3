#include "base/text.hpp"
#include "object.hpp"

namespace slwmi::python {
namespace {

py::object datetime_of(std::string_view cim_text) {
  const auto parsed = parse_cim_datetime(cim_text);
  if (!parsed || parsed->wildcards) return text(cim_text);
  const py::module_ module = py::module_::import("datetime");
  if (parsed->span) {
    return module.attr("timedelta")(0, 0, parsed->span->microseconds);
  }
  const CivilTime t = to_civil(*parsed->time);
  return module.attr("datetime")(t.year, t.month, t.day, t.hour, t.minute, t.second, t.ticks / 10,
                                 module.attr("timezone").attr("utc"));
}

py::object scalar(const cim::Value& value, bool json) {
  using cim::Type;
  switch (value.type()) {
    case Type::kBoolean:
      return py::bool_(value.as_boolean());
    case Type::kSint64:
      if (json) return py::str(value.to_display());
      [[fallthrough]];
    case Type::kSint8:
    case Type::kSint16:
    case Type::kSint32:
      return py::reinterpret_steal<py::object>(PyLong_FromLongLong(value.as_sint64()));
    case Type::kUint64:
      if (json) return py::str(value.to_display());
      [[fallthrough]];
    case Type::kUint8:
    case Type::kUint16:
    case Type::kChar16:
    case Type::kUint32:
      return py::reinterpret_steal<py::object>(PyLong_FromUnsignedLongLong(value.as_uint64()));
    case Type::kReal32:
    case Type::kReal64:
      return py::float_(value.as_real());
    case Type::kDatetime:
      return json ? text(value.as_text()) : datetime_of(value.as_text());
    case Type::kObject: {
      py::object object = make_object(*value.as_object(), py::none());
      return json ? object.attr("to_dict")(true) : object;
    }
    default:
      return text(value.as_text());
  }
}

py::object convert(const cim::Value& value, bool json) {
  if (value.is_null()) return py::none();
  if (!value.is_array()) return scalar(value, json);
  py::list out;
  for (const cim::Value& element : value.elements()) out.append(convert(element, json));
  return out;
}

// Beyond 64 bits the digits, which a cast takes for the number that they say.
cim::Value integer(const py::handle& object) {
  int overflow = 0;
  const long long small = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
  if (overflow == 0) return cim::Value::integer(cim::Type::kSint64, small);
  const unsigned long long large = overflow > 0 ? PyLong_AsUnsignedLongLong(object.ptr()) : 0;
  if (overflow > 0 && PyErr_Occurred() == nullptr)
    return cim::Value::unsigned_integer(cim::Type::kUint64, large);
  PyErr_Clear();
  return cim::Value::text(std::string(py::str(object)));
}

// A timedelta, which the integers say exactly.
cim::Value interval(const py::handle& object) {
  const auto days = object.attr("days").cast<std::int64_t>();
  const auto seconds = object.attr("seconds").cast<std::int64_t>();
  const auto microseconds = object.attr("microseconds").cast<std::int64_t>();
  constexpr std::int64_t kMostDays = 99'999'999;
  if (days < 0 || days > kMostDays)
    raise(
        {HResult::kWbemEValueOutOfRange, "the interval has under 0 or over 99999999 days", {}, {}});
  const CimInterval span{(days * 86'400 + seconds) * 1'000'000 + microseconds};
  return cim::Value::text(format_cim_interval(span), cim::Type::kDatetime);
}

// The type that holds what both hold; kEmpty when none does.
cim::Type common_type(cim::Type a, cim::Type b) {
  if (a == b) return a;
  if (cim::is_integer(a) && cim::is_integer(b)) return cim::Type::kUint64;
  const auto is_number = [](cim::Type type) {
    return cim::is_integer(type) || type == cim::Type::kReal64;
  };
  return is_number(a) && is_number(b) ? cim::Type::kReal64 : cim::Type::kEmpty;
}

cim::Value array(const py::handle& object) {
  std::vector<cim::Value> elements;
  for (const py::handle& element : py::reinterpret_borrow<py::object>(object))
    elements.push_back(from_python(element));
  cim::Type type = elements.empty() ? cim::Type::kString : elements.front().type();
  for (const cim::Value& element : elements) {
    type = element.is_array() ? cim::Type::kEmpty : common_type(type, element.type());
    if (type == cim::Type::kEmpty)
      raise({HResult::kWbemETypeMismatch, "no CIM array has all elements of the list", {}, {}});
  }
  for (cim::Value& element : elements) element = must(element.cast_to(type));
  return cim::Value::array(type, std::move(elements));
}

}  // namespace

py::object text(std::string_view value) {
  PyObject* out =
      PyUnicode_DecodeUTF8(value.data(), static_cast<Py_ssize_t>(value.size()), "surrogatepass");
  if (out == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(out);
}
py::object text_or_none(std::string_view value) {
  return value.empty() ? py::object(py::none()) : text(value);
}

py::object datetime(FileTime time) { return to_python(cim::Value::datetime(time)); }
py::object datetime_or_none(FileTime time) {
  return time == FileTime{} ? py::object(py::none()) : datetime(time);
}

py::object code_or_none(HResult code) {
  return failed(code) ? py::object(py::int_(value_of(code))) : py::object(py::none());
}

FileTime time_of(const py::object& time) {
  const bool is_text = PyUnicode_Check(time.ptr());
  const std::string iso = py::str(is_text ? time : time.attr("isoformat")());
  return must(parse_iso8601(iso));
}

std::string path_of(const py::object& path) {
  std::string name = py::str(py::module_::import("os").attr("fsdecode")(path));
  if (name.find('\0') != std::string::npos)
    raise({HResult::kErrorInvalidName, "there is a NUL in the path", {}, {}});
  return name;
}

void raise(const Error& error) {
  const py::module_ errors = py::module_::import("slwmi.errors");
  const py::object offset =
      error.at ? py::object(py::int_(error.at->offset)) : py::object(py::none());
  const py::object made = errors.attr("make")(
      value_of(error.code), text(error.message), text(symbol_of(error.code)), offset,
      text(error.token), error.at ? error.at->line : 0, error.at ? error.at->column : 0);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(made.ptr())), made.ptr());
  throw py::error_already_set();
}

py::object to_python(const cim::Value& value) { return convert(value, false); }
py::object to_json_value(const cim::Value& value) { return convert(value, true); }

std::optional<std::string> bytes_of(const py::handle& object) {
  PyObject* const from = object.ptr();
  const auto copy = [](const char* data, Py_ssize_t size) {
    return std::string(data, static_cast<std::size_t>(size));
  };
  if (PyBytes_Check(from)) return copy(PyBytes_AS_STRING(from), PyBytes_GET_SIZE(from));
  if (PyByteArray_Check(from)) return copy(PyByteArray_AS_STRING(from), PyByteArray_GET_SIZE(from));
  return std::nullopt;
}

cim::Value from_python(const py::handle& object) {
  using cim::Value;
  if (object.is_none()) return Value();
  if (PyBool_Check(object.ptr())) return Value::boolean(object.ptr() == Py_True);
  if (PyLong_Check(object.ptr())) return integer(object);
  if (PyFloat_Check(object.ptr())) return Value::real(PyFloat_AsDouble(object.ptr()));
  if (PyUnicode_Check(object.ptr())) {
    const py::bytes encoded = py::reinterpret_steal<py::bytes>(
        PyUnicode_AsEncodedString(object.ptr(), "utf-8", "surrogatepass"));
    return Value::text(std::string(encoded));
  }
  if (const auto bytes = bytes_of(object)) {
    std::vector<Value> elements;
    for (const char c : *bytes) {
      elements.push_back(Value::unsigned_integer(cim::Type::kUint8, static_cast<unsigned char>(c)));
    }
    return Value::array(cim::Type::kUint8, std::move(elements));
  }
  if (py::hasattr(object, "total_seconds") && py::hasattr(object, "microseconds"))
    return interval(object);
  if (is_object(object)) return Value::object(std::make_shared<cim::Instance>(instance_of(object)));
  if (PyObject_HasAttrString(object.ptr(), "isoformat") != 0 &&
      PyObject_HasAttrString(object.ptr(), "utcoffset") != 0) {
    const auto time = parse_iso8601(std::string(py::str(object.attr("isoformat")())));
    if (time) return Value::datetime(*time);
  }
  if (PySequence_Check(object.ptr()) != 0) return array(object);
  raise({HResult::kWbemETypeMismatch,
         "CIM has no type for a Python " + std::string(Py_TYPE(object.ptr())->tp_name),
         {},
         {}});
}

}  // namespace slwmi::python
