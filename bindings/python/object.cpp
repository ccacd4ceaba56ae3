#include "object.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "base/text.hpp"

namespace slwmi::python {
namespace {

// What a class's attribute names mean: interned Python strings to slots. One for each class object,
// kept for good.
struct NameTable {
  struct Entry {
    PyObject* name = nullptr;
    int slot = -1;
  };
  std::vector<Entry> entries = std::vector<Entry>(64);
  std::size_t used = 0;

  static std::size_t hash(const PyObject* name) {
    return reinterpret_cast<std::uintptr_t>(name) >> 4;
  }
  int find(PyObject* name) const {
    for (std::size_t i = hash(name) & (entries.size() - 1);; i = (i + 1) & (entries.size() - 1)) {
      if (entries[i].name == name) return entries[i].slot;
      if (entries[i].name == nullptr) return -1;
    }
  }
  void add(PyObject* name, int slot) {
    if (used * 2 >= entries.size()) return;  // a class has at most 512 names that matter
    std::size_t i = hash(name) & (entries.size() - 1);
    while (entries[i].name != nullptr) i = (i + 1) & (entries.size() - 1);
    Py_INCREF(name);
    entries[i] = {name, slot};
    ++used;
  }
};

NameTable& table_of(const cim::Class& cls) {
  static std::unordered_map<std::uint64_t, std::unique_ptr<NameTable>> tables;
  std::unique_ptr<NameTable>& table = tables[cls.serial()];
  if (table == nullptr) {
    table = std::make_unique<NameTable>();
    std::size_t size = 64;
    while (size < cls.properties().size() * 4) size *= 2;
    table->entries.resize(size);
  }
  return *table;
}

struct Object {
  PyObject_HEAD cim::Instance* instance;
  NameTable* names;
  PyObject* session;      // or None
  PyObject** cache;       // a converted value per slot, or nullptr
  SelectionPtr* columns;  // what was selected
};

PyTypeObject* type = nullptr;

Object* self_of(PyObject* self) { return reinterpret_cast<Object*>(self); }

bool selected(const Object* self, int slot) {
  const SelectionPtr& columns = *self->columns;
  return columns == nullptr ||
         std::find(columns->slots.begin(), columns->slots.end(), slot) != columns->slots.end();
}

// Runs C++ that may throw Python errors at the C boundary.
template <class F>
auto guarded(F&& body, decltype(body()) failure) -> decltype(body()) {
  try {
    return body();
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const py::cast_error&) {
    PyErr_SetString(PyExc_TypeError, "the value is of a wrong type");
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return failure;
}

PyObject* slot_value(Object* self, int slot) {
  PyObject*& cached = self->cache[slot];
  if (cached == nullptr) {
    const cim::Value& value = self->instance->at(slot);
    PyObject* made = guarded([&] { return to_python(value).release().ptr(); }, nullptr);
    // A list is the caller's own: what he does with it is not read back.
    if (made == nullptr || value.is_array()) return made;
    cached = made;
  }
  Py_INCREF(cached);
  return cached;
}

std::string_view view(PyObject* name) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(name, &size);
  if (data == nullptr) {
    PyErr_Clear();
    return {};
  }
  return {data, static_cast<std::size_t>(size)};
}

// The slot of a selected property; -1 otherwise.
int find_slot(const Object* self, std::string_view name) {
  const int slot = self->instance->cls()->find_slot(name);
  return slot >= 0 && selected(self, slot) ? slot : -1;
}

PyObject* method_object(Object* self, const cim::Method& method) {
  return guarded(
      [&]() -> PyObject* {
        const std::string path =
            method.is_static() ? self->instance->cls()->name() : self->instance->relpath();
        return make_method(self->session, path, method).release().ptr();
      },
      nullptr);
}

// What WMI's objects say of themselves when only some properties were selected: of those, and of
// where they are only with their keys. Nothing: as any object.
std::optional<cim::Value> of_selection(const Object* self, std::string_view name) {
  const auto is = [&](std::string_view other) { return equal_ignore_case(name, other); };
  const SelectionPtr& columns = *self->columns;
  if (columns == nullptr || std::any_of(columns->system.begin(), columns->system.end(), is))
    return std::nullopt;
  if (is("__PROPERTY_COUNT"))
    return cim::Value::integer(cim::Type::kSint32, static_cast<int>(columns->slots.size()));
  if (is("__SUPERCLASS") || is("__DYNASTY")) return cim::Value::null(cim::Type::kString);
  if (is("__DERIVATION")) return cim::Value::array(cim::Type::kString, {});
  if ((is("__SERVER") || is("__NAMESPACE")) && self->instance->relpath().empty())
    return cim::Value::null(cim::Type::kString);
  return std::nullopt;
}

PyObject* system_value(Object* self, std::string_view name) {
  return guarded(
      [&]() -> PyObject* {
        if (const auto value = of_selection(self, name)) return to_python(*value).release().ptr();
        std::string server, ns;
        if (self->session != Py_None) {
          server = py::handle(self->session).attr("server").cast<std::string>();
          ns = py::handle(self->session).attr("namespace").cast<std::string>();
        }
        return to_python(cim::system_property(*self->instance, name, server, ns)).release().ptr();
      },
      nullptr);
}

PyObject* get_attribute(PyObject* object, PyObject* name) {
  Object* self = self_of(object);
  if (const int slot = self->names->find(name);
      slot >= 0 && (*self->columns == nullptr || selected(self, slot))) {
    return slot_value(self, slot);
  }
  const std::string_view text = view(name);
  const cim::Class& cls = *self->instance->cls();
  // An exact property name comes first, then what every Object has, then a property or method in
  // any case.
  int slot = find_slot(self, text);
  const bool exact = slot >= 0 && cls.properties()[static_cast<std::size_t>(slot)].name == text;
  if (!exact) {
    if (PyObject* own = _PyType_Lookup(Py_TYPE(object), name); own != nullptr)
      return PyObject_GenericGetAttr(object, name);
  }
  if (slot >= 0) {
    PyObject* interned = name;
    Py_INCREF(interned);
    PyUnicode_InternInPlace(&interned);
    self->names->add(interned, slot);
    Py_DECREF(interned);
    return slot_value(self, slot);
  }
  if (const cim::Method* method = cls.find_method(text);
      method != nullptr && self->session != Py_None) {
    return method_object(self, *method);
  }
  if (cim::is_system_property(text)) return system_value(self, text);
  PyErr_Format(PyExc_AttributeError, "%s has no property %R", cls.name().c_str(), name);
  return nullptr;
}

int set_slot(Object* self, int slot, PyObject* value) {
  return guarded(
      [&] {
        const auto at = static_cast<std::size_t>(slot);
        must(self->instance->set(self->instance->cls()->properties()[at].name, from_python(value)));
        Py_CLEAR(self->cache[slot]);
        return 0;
      },
      -1);
}

int set_attribute(PyObject* object, PyObject* name, PyObject* value) {
  Object* self = self_of(object);
  const int slot = find_slot(self, view(name));
  if (slot >= 0 && value != nullptr) return set_slot(self, slot, value);
  PyErr_Format(PyExc_AttributeError, "property %R can not be set", name);
  return -1;
}

void drop_cache(Object* self) {
  for (std::size_t i = 0; i < self->instance->values().size(); ++i) Py_XDECREF(self->cache[i]);
  delete[] self->cache;
  self->cache = nullptr;
}

void take_instance(Object* self, cim::Instance instance) {
  self->names = &table_of(*instance.cls());
  self->cache = new PyObject*[instance.values().size() + 1]();
  *self->instance = std::move(instance);
}

void destroy(PyObject* object) {
  Object* self = self_of(object);
  drop_cache(self);
  delete self->instance;
  delete self->columns;
  Py_XDECREF(self->session);
  PyTypeObject* const object_type = Py_TYPE(object);
  object_type->tp_free(object);
  Py_DECREF(object_type);
}

// The selected slots in the order of the select list.
std::vector<int> slots(const Object* self) {
  if (*self->columns != nullptr) return (*self->columns)->slots;
  std::vector<int> out(self->instance->values().size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<int>(i);
  return out;
}

const std::string& name_at(const Object* self, int slot) {
  return self->instance->cls()->properties()[static_cast<std::size_t>(slot)].name;
}

Py_ssize_t length(PyObject* object) {
  return static_cast<Py_ssize_t>(slots(self_of(object)).size());
}

PyObject* subscript(PyObject* object, PyObject* key) {
  Object* self = self_of(object);
  if (PyUnicode_Check(key)) {
    const int slot = find_slot(self, view(key));
    if (slot >= 0) return slot_value(self, slot);
    if (cim::is_system_property(view(key))) return system_value(self, view(key));
  }
  PyErr_SetObject(PyExc_KeyError, key);
  return nullptr;
}

int assign_subscript(PyObject* object, PyObject* key, PyObject* value) {
  Object* self = self_of(object);
  const int slot = PyUnicode_Check(key) ? find_slot(self, view(key)) : -1;
  if (slot >= 0 && value != nullptr) return set_slot(self, slot, value);
  PyErr_SetObject(PyExc_KeyError, key);
  return -1;
}

int contains(PyObject* object, PyObject* key) {
  return PyUnicode_Check(key) && find_slot(self_of(object), view(key)) >= 0 ? 1 : 0;
}

PyObject* keys(PyObject* object, PyObject*) {
  return guarded(
      [&]() -> PyObject* {
        py::list out;
        for (const int slot : slots(self_of(object)))
          out.append(py::str(name_at(self_of(object), slot)));
        return out.release().ptr();
      },
      nullptr);
}

PyObject* values(PyObject* object, PyObject*) {
  return guarded(
      [&]() -> PyObject* {
        py::list out;
        for (const int slot : slots(self_of(object)))
          out.append(to_python(self_of(object)->instance->at(slot)));
        return out.release().ptr();
      },
      nullptr);
}

PyObject* items(PyObject* object, PyObject*) {
  return guarded(
      [&]() -> PyObject* {
        py::list out;
        for (const int slot : slots(self_of(object))) {
          out.append(py::make_tuple(name_at(self_of(object), slot),
                                    to_python(self_of(object)->instance->at(slot))));
        }
        return out.release().ptr();
      },
      nullptr);
}

PyObject* iterate(PyObject* object) {
  PyObject* list = keys(object, nullptr);
  if (list == nullptr) return nullptr;
  PyObject* out = PyObject_GetIter(list);
  Py_DECREF(list);
  return out;
}

PyObject* get(PyObject* object, PyObject* args) {
  PyObject* key = nullptr;
  PyObject* fallback = Py_None;
  if (!PyArg_ParseTuple(args, "O|O:get", &key, &fallback)) return nullptr;
  if (PyObject* found = subscript(object, key); found != nullptr) return found;
  PyErr_Clear();
  Py_INCREF(fallback);
  return fallback;
}

PyObject* to_dict(PyObject* object, PyObject* args, PyObject* kwargs) {
  static constexpr const char* kNames[] = {"json", nullptr};
  int json = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|p:to_dict", const_cast<char**>(kNames), &json))
    return nullptr;
  return guarded(
      [&]() -> PyObject* {
        py::dict out;
        for (const int slot : slots(self_of(object))) {
          const cim::Value& value = self_of(object)->instance->at(slot);
          out[py::str(name_at(self_of(object), slot))] =
              json != 0 ? to_json_value(value) : to_python(value);
        }
        return out.release().ptr();
      },
      nullptr);
}

PyObject* to_json(PyObject* object, PyObject*) {
  return guarded(
      [&]() -> PyObject* {
        const py::object dict = py::handle(object).attr("to_dict")(true);
        return py::module_::import("json")
            .attr("dumps")(dict, py::arg("allow_nan") = false)
            .release()
            .ptr();
      },
      nullptr);
}

PyObject* mof(PyObject* object, PyObject*) {
  const std::string text = self_of(object)->instance->to_mof();
  return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "surrogatepass");
}

PyObject* refresh(PyObject* object, PyObject*) {
  return guarded(
      [&]() -> PyObject* {
        Object* self = self_of(object);
        const std::string path = self->instance->relpath();
        if (self->session == Py_None || path.empty()) {
          raise({HResult::kWbemEInvalidObjectPath,
                 "it has no path to be read again: its keys were not selected",
                 {},
                 {}});
        }
        const py::object fresh = py::handle(self->session).attr("get")(path);
        cim::Instance instance = instance_of(fresh);
        // The class may have been declared anew since.
        if (instance.cls() != self->instance->cls()) self->columns->reset();
        drop_cache(self);
        take_instance(self, std::move(instance));
        Py_RETURN_NONE;
      },
      nullptr);
}

PyObject* directory(PyObject* object, PyObject*) {
  return guarded(
      [&]() -> PyObject* {
        py::list out = py::reinterpret_steal<py::list>(keys(object, nullptr));
        for (const cim::Method& method : self_of(object)->instance->cls()->methods())
          out.append(py::str(method.name));
        for (const char* own : {"keys", "values", "items", "get", "to_dict", "to_json", "mof",
                                "refresh", "path", "class_name"}) {
          out.append(py::str(own));
        }
        return out.release().ptr();
      },
      nullptr);
}

PyObject* represent(PyObject* object) {
  const cim::Instance& instance = *self_of(object)->instance;
  const std::string path = instance.relpath();
  const std::string text = "<" + (path.empty() ? instance.cls()->name() : path) + ">";
  return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "surrogatepass");
}

PyObject* compare(PyObject* a, PyObject* b, int op) {
  if ((op != Py_EQ && op != Py_NE) || !is_object(b)) Py_RETURN_NOTIMPLEMENTED;
  const bool equal = *self_of(a)->instance == *self_of(b)->instance;
  return PyBool_FromLong((op == Py_EQ) == equal ? 1 : 0);
}

PyObject* get_path(PyObject* object, void*) {
  const std::string path = self_of(object)->instance->relpath();
  if (path.empty()) Py_RETURN_NONE;
  return PyUnicode_DecodeUTF8(path.data(), static_cast<Py_ssize_t>(path.size()), "surrogatepass");
}

PyObject* get_class_name(PyObject* object, void*) {
  const std::string& name = self_of(object)->instance->cls()->name();
  return PyUnicode_FromStringAndSize(name.data(), static_cast<Py_ssize_t>(name.size()));
}

PyMethodDef methods[] = {
    {"keys", keys, METH_NOARGS, "Names of the selected properties."},
    {"values", values, METH_NOARGS, "Their values."},
    {"items", items, METH_NOARGS, "Pairs of name and value."},
    {"get", get, METH_VARARGS, "get(name, default=None): the property's value."},
    {"to_dict", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(to_dict)),
     METH_VARARGS | METH_KEYWORDS,
     "to_dict(json=False): a dict; with json, 64-bit numbers are str and datetimes CIM text."},
    {"to_json", to_json, METH_NOARGS,
     "A JSON object. ValueError for a real that JSON has not: NaN or an infinity."},
    {"mof", mof, METH_NOARGS, "The instance as MOF, as GetObjectText gives it."},
    {"refresh", refresh, METH_NOARGS, "Reads the instance again."},
    {"__dir__", directory, METH_NOARGS, "Properties and methods."},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef properties[] = {
    {"path", get_path, nullptr, "Relative path, or None when a key was not selected.", nullptr},
    {"class_name", get_class_name, nullptr, "Name of the class.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

template <class F>
void* as_pointer(F* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace

py::object make_method(const py::handle& session, const std::string& path,
                       const cim::Method& method) {
  py::list parameters;
  std::string doc = "ReturnValue = " + method.name + "(";
  for (const cim::Parameter& p : method.parameters) {
    if (!p.in) continue;
    doc +=
        (py::len(parameters) == 0 ? "" : ", ") + p.name + ": " + std::string(cim::name_of(p.type));
    if (const std::string_view units = p.qualifiers.text("Units"); !units.empty())
      doc += " (" + std::string(units) + ")";
    parameters.append(py::str(p.name));
  }
  doc += ")\n\n" + std::string(method.qualifiers.text("Description"));
  return py::module_::import("slwmi._objects")
      .attr("Method")(session, path, method.name, py::tuple(parameters), doc);
}

py::object make_object(cim::Instance instance, py::object session, SelectionPtr columns) {
  PyObject* object = type->tp_alloc(type, 0);
  if (object == nullptr) throw py::error_already_set();
  Object* self = self_of(object);
  self->instance = new cim::Instance;
  take_instance(self, std::move(instance));
  self->columns = new SelectionPtr(std::move(columns));
  self->session = session.release().ptr();
  return py::reinterpret_steal<py::object>(object);
}

SelectionPtr columns_of(const std::vector<std::string>& names, const cim::Class& cls) {
  if (names.empty()) return nullptr;
  Selection out;
  for (const std::string& name : names) {
    if (cim::is_system_property(name)) out.system.push_back(name);
    const int slot = cls.find_slot(name.substr(0, name.find('.')));
    if (slot >= 0 && std::find(out.slots.begin(), out.slots.end(), slot) == out.slots.end())
      out.slots.push_back(slot);
  }
  return std::make_shared<const Selection>(std::move(out));
}

bool is_object(const py::handle& object) { return Py_TYPE(object.ptr()) == type; }
const cim::Instance& instance_of(const py::handle& object) {
  return *self_of(object.ptr())->instance;
}

void bind_object(py::module_& m) {
  static const char kDoc[] =
      "An instance of a CIM class, as it was when it was read.\n\nProperties are attributes and "
      "items, in any case; "
      "methods are callables with keyword arguments. dict(obj) and obj.to_json() convert it; "
      "str(obj) is its MOF.";
  PyType_Slot slots[] = {{Py_tp_getattro, as_pointer(get_attribute)},
                         {Py_tp_setattro, as_pointer(set_attribute)},
                         {Py_tp_dealloc, as_pointer(destroy)},
                         {Py_tp_methods, methods},
                         {Py_tp_getset, properties},
                         {Py_tp_repr, as_pointer(represent)},
                         {Py_tp_str, as_pointer(+[](PyObject* o) { return mof(o, nullptr); })},
                         {Py_tp_iter, as_pointer(iterate)},
                         {Py_tp_richcompare, as_pointer(compare)},
                         {Py_tp_hash, as_pointer(PyObject_HashNotImplemented)},
                         {Py_mp_length, as_pointer(length)},
                         {Py_mp_subscript, as_pointer(subscript)},
                         {Py_mp_ass_subscript, as_pointer(assign_subscript)},
                         {Py_sq_contains, as_pointer(contains)},
                         {Py_tp_doc, const_cast<char*>(kDoc)},
                         {0, nullptr}};
  PyType_Spec spec{"slwmi._core.Object", sizeof(Object), 0,
                   Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  PyObject* made = PyType_FromSpec(&spec);
  if (made == nullptr) throw py::error_already_set();
  type = reinterpret_cast<PyTypeObject*>(made);
  m.attr("Object") = py::reinterpret_borrow<py::object>(made);
}

}  // namespace slwmi::python
