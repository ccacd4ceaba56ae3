// The events of a notification query for Python. Waiting is Python's own: slwmi/_watch.py.
#include "world/watch.hpp"

#include "handles.hpp"

namespace slwmi::python {
namespace {

using world::Subscription;
using SubscriptionHandle = Exclusive<Subscription>;

constexpr double kTicks = static_cast<double>(kTicksPerSecond);

// The next event that is due, or None; after few looks also where there is more to do.
py::object poll(SubscriptionHandle& self) {
  std::vector<std::string> names;
  std::optional<cim::Instance> event = self.run([&](Subscription& events) {
    names = events.columns();
    return events.poll(Subscription::kFewLooks);
  });
  if (!event) return py::none();
  SelectionPtr columns = columns_of(names, *event->cls());
  return make_object(*std::move(event), py::none(), std::move(columns));
}

}  // namespace

py::object watch(SessionHandle& session, const Text& wql, const py::object& timeout) {
  Subscription events = session.run([&](world::Session& opened) { return opened.watch(wql); });
  auto handle = std::make_unique<SubscriptionHandle>(session.world(), session.world().get(),
                                                     std::move(events));
  return py::module_::import("slwmi._watch").attr("Watch")(std::move(handle), timeout);
}

void bind_watch(py::module_& m) {
  py::class_<SubscriptionHandle>(m, "Subscription", "What Session.watch waits with.")
      .def("poll", &poll,
           "The next event that is due, or None, also when behind() after few looks.")
      .def(
          "behind",
          [](SubscriptionHandle& self) {
            return self.run([](Subscription& events) -> Result<bool> { return events.behind(); });
          },
          "Whether poll() stopped before it had looked at all.")
      .def(
          "pause",
          [](SubscriptionHandle& self) {
            return self.run([](Subscription& events) -> Result<double> {
              return static_cast<double>(events.pause().ticks) / kTicks;
            });
          },
          "How many seconds it is worth to sleep before the next poll.")
      .def(
          "waited",
          [](SubscriptionHandle& self, double seconds) {
            self.run([&](Subscription& events) -> Result<> {
              events.waited({static_cast<std::int64_t>(seconds * kTicks)});
              return {};
            });
          },
          py::arg("seconds"), "Tells that real time has passed since the last poll.")
      .def("close", &SubscriptionHandle::close);
}

}  // namespace slwmi::python
