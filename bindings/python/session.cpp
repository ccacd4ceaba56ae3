// Session and CimClass for Python.
#include <pybind11/stl.h>

#include "base/text.hpp"
#include "handles.hpp"
#include "schema/mof_writer.hpp"
#include "schema/object_path.hpp"

namespace slwmi::python {
namespace {

using world::Session;

// A class as one OS version declares it; static methods are called through the session.
struct CimClass {
  cim::ClassPtr cls;
  py::object session;
};

py::list names_of(const CimClass& self, bool methods) {
  py::list out;
  if (methods) {
    for (const cim::Method& method : self.cls->methods()) out.append(py::str(method.name));
  } else {
    for (const cim::Property& property : self.cls->properties()) out.append(py::str(property.name));
  }
  return out;
}

py::dict qualifiers_of(const CimClass& self, const std::string& member) {
  const cim::QualifierSet* set = &self.cls->qualifiers();
  if (const cim::Property* property = self.cls->find_property(member)) {
    set = &property->qualifiers;
  } else if (const cim::Method* method = self.cls->find_method(member)) {
    set = &method->qualifiers;
  } else if (!member.empty()) {
    raise({HResult::kWbemENotFound, self.cls->name() + " has no member " + member, {}, member});
  }
  py::dict out;
  for (const cim::Qualifier& q : *set) out[py::str(q.name)] = to_python(q.value);
  return out;
}

py::object method_of(const CimClass& self, const std::string& name) {
  const cim::Method* method = self.cls->find_method(name);
  if (method == nullptr) throw py::attribute_error(self.cls->name() + " has no method " + name);
  return make_method(self.session, self.cls->name(), *method);
}

py::list query(const py::object& self, const Text& wql) {
  wql::ResultSet result =
      self.cast<SessionHandle&>().run([&](Session& session) { return session.collect(wql); });
  py::list out;
  for (cim::ClassPtr& cls : result.classes) out.append(CimClass{std::move(cls), self});
  SelectionPtr columns;
  const cim::Class* columns_are_of = nullptr;
  for (cim::Instance& row : result.rows) {
    if (row.cls().get() != columns_are_of) {
      columns = columns_of(result.columns, *row.cls());
      columns_are_of = row.cls().get();
    }
    out.append(make_object(std::move(row), self, columns));
  }
  return out;
}

py::object get(const py::object& self, const Text& path) {
  auto& handle = self.cast<SessionHandle&>();
  const auto parsed = cim::ObjectPath::parse(path);
  if (parsed && parsed->is_class())
    return py::cast(CimClass{
        handle.run([&](Session& session) { return session.get_class(parsed->class_name()); }),
        self});
  return make_object(handle.run([&](Session& session) { return session.get(path); }), self);
}

py::object call(SessionHandle& self, const Text& path, const Text& method,
                const py::kwargs& arguments) {
  world::Parameters in;
  for (const auto& [name, value] : arguments)
    in.emplace_back(name.cast<Text>(), from_python(value));
  const world::CallResult result =
      self.run([&](Session& session) { return session.call(path, method, in); });
  py::dict out;
  for (const auto& [name, value] : result.out) out[py::str(name)] = to_python(value);
  return py::module_::import("slwmi._objects")
      .attr("CallResult")(to_python(result.return_value), out);
}

void put(SessionHandle& self, const py::object& object) {
  if (!is_object(object)) throw py::type_error("put takes an Object");
  const cim::Instance instance = instance_of(object);
  self.run([&](Session& session) { return session.put(instance); });
}

py::list classes(const py::object& self, const Text& superclass, bool deep) {
  py::list out;
  for (cim::ClassPtr& cls : self.cast<SessionHandle&>().run(
           [&](Session& session) { return session.classes(superclass, deep); }))
    out.append(CimClass{std::move(cls), self});
  return out;
}

cim::ClassPtr class_of(const py::object& self, const std::string& name) {
  return self.cast<SessionHandle&>().run([&](Session& session) { return session.get_class(name); });
}

std::string text_of(SessionHandle& self, const std::string& (Session::*text)() const) {
  return self.run([&](const Session& session) { return Result<std::string>((session.*text)()); });
}

void bind_class(py::module_& m) {
  py::class_<CimClass>(m, "CimClass",
                       "The declaration of a class as one OS version has it. Its static methods "
                       "are callables, as those of an Object.")
      .def_property_readonly("name", [](const CimClass& self) { return self.cls->name(); })
      .def_property_readonly("derivation",
                             [](const CimClass& self) { return self.cls->derivation(); })
      .def_property_readonly("properties",
                             [](const CimClass& self) { return names_of(self, false); })
      .def_property_readonly("methods", [](const CimClass& self) { return names_of(self, true); })
      .def("qualifiers", &qualifiers_of, py::arg("member") = "",
           "Qualifiers of the class, or of a property or method of it. NotFound.")
      .def(
          "mof", [](const CimClass& self) { return cim::mof::write(*self.cls); },
          "The declaration as MOF.")
      .def("__getattr__", &method_of, py::arg("name"))
      .def("__repr__", [](const CimClass& self) { return "<CimClass " + self.cls->name() + ">"; });
}

}  // namespace

void bind_session(py::module_& m) {
  bind_class(m);
  py::class_<SessionHandle>(m, "Session",
                            "A principal connected to a namespace of a machine. A context manager "
                            "that closes it; threads that share it wait for each other.")
      .def("query", &query, py::arg("wql"),
           "The rows of a WQL query as a list of Object (CimClass for schema queries).")
      .def("get", &get, py::arg("path"),
           "The instance that a path names, or the class of a path without keys. NotFound.")
      .def("call", &call, py::arg("path"), py::arg("method"),
           "Runs a method with keyword arguments; a failure changes nothing.")
      .def(
          "read",
          [](SessionHandle& self, const Text& path, const Text& property) {
            return to_python(
                self.run([&](Session& session) { return session.read(path, property); }));
          },
          py::arg("path"), py::arg("property"), "One property, without reading the others.")
      .def("put", &put, py::arg("object"), "Writes a static instance.")
      .def(
          "delete",
          [](SessionHandle& self, const Text& path) {
            self.run([&](Session& session) { return session.remove(path); });
          },
          py::arg("path"), "Deletes a static instance. NotFound.")
      .def(
          "get_class",
          [](const py::object& self, const Text& name) {
            return CimClass{class_of(self, name), self};
          },
          py::arg("name"), "The class of that name. NotFound.")
      .def("classes", &classes, py::arg("superclass") = "", py::arg("deep") = true,
           "The classes of the namespace, or those below `superclass`.")
      .def(
          "spawn",
          [](const py::object& self, const Text& name) {
            return make_object(cim::Instance(class_of(self, name)), self);
          },
          py::arg("class_name"), "A new instance of a class, for put.")
      .def(
          "explain",
          [](SessionHandle& self, const Text& wql) {
            return self.run([&](Session& session) { return session.explain(wql); });
          },
          py::arg("wql"), "The plan of a query: what the provider is asked, what is checked.")
      .def("watch", &watch, py::arg("wql"), py::arg("timeout") = py::none(),
           "The events of a notification query as they come: an iterator, also for async for, that "
           "ends when none came for `timeout` seconds. InvalidQuery, InvalidClass.")
      .def_property_readonly("namespace",
                             [](SessionHandle& self) { return text_of(self, &Session::ns); })
      .def_property_readonly("server",
                             [](SessionHandle& self) { return text_of(self, &Session::server); })
      .def("close", &SessionHandle::close)
      .def("__enter__",
           [](py::object self) {
             self.cast<SessionHandle&>().check();
             return self;
           })
      .def("__exit__", [](SessionHandle& self, const py::args&) { self.close(); });
}

}  // namespace slwmi::python
