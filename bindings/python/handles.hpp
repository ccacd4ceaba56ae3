// What Python holds of a world: handles that can be closed, that keep alive what they stand on, and
// that several threads may use. Every call runs without the GIL.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "object.hpp"
#include "registry/registry.hpp"
#include "world/machine.hpp"
#include "world/session.hpp"
#include "world/world.hpp"

namespace slwmi::python {

// Other Python threads go on while the world works.
template <class F>
auto unlocked(F&& body) {
  const py::gil_scoped_release release;
  return body();
}

// A world until close(). Copies are the same world.
class WorldHandle {
 public:
  explicit WorldHandle(std::unique_ptr<world::World> world);

  // Stays open while the caller keeps it. Raises InvalidArgument, a ValueError, once it was closed.
  std::shared_ptr<world::World> get() const;
  bool closed() const { return *state_ == nullptr; }
  bool operator==(const WorldHandle& other) const = default;
  // The file is given back when the last session with it has gone.
  void close() { state_->reset(); }

  template <class F>
  auto run(F&& body) const {
    const std::shared_ptr<world::World> world = get();
    return must(unlocked([&] { return body(*world); }));
  }

 private:
  std::shared_ptr<std::shared_ptr<world::World>> state_;
};

struct MachineHandle {
  WorldHandle world;
  std::uint32_t id = 0;

  template <class F>
  auto run(F&& body) const {
    return world.run([&](world::World& opened) { return body(world::Machine(opened, id)); });
  }
};

// A T that stands on a world and belongs to one thread at a time: threads wait for each other.
template <class T>
class Exclusive {
 public:
  Exclusive(const WorldHandle& handle, std::shared_ptr<world::World> kept, T value)
      : handle_(handle), kept_(std::move(kept)), value_(std::move(value)) {}
  ~Exclusive() { close(); }
  Exclusive(const Exclusive&) = delete;
  Exclusive& operator=(const Exclusive&) = delete;

  template <class F>
  auto run(F&& body) {
    static_cast<void>(handle_.get());  // raises when the world was closed
    return must(unlocked([&]() -> decltype(body(*value_)) {
      const std::lock_guard lock(mutex_);
      if (!value_) return fail(HResult::kErrorInvalidHandle, "it was closed");
      return body(*value_);
    }));
  }

  // Raises when it was closed.
  void check() {
    run([](T&) -> Result<> { return {}; });
  }
  void close() {
    unlocked([&] {
      const std::lock_guard lock(mutex_);
      value_.reset();
      kept_.reset();
    });
  }
  const WorldHandle& world() const { return handle_; }

 private:
  WorldHandle handle_;
  std::mutex mutex_;
  std::shared_ptr<world::World> kept_;
  std::optional<T> value_;
};

using SessionHandle = Exclusive<world::Session>;
using RegistryHandle = Exclusive<reg::Registry>;

// The classes once they are bound, for further members.
inline py::class_<WorldHandle> world_class(const py::module_& m) {
  return py::reinterpret_borrow<py::class_<WorldHandle>>(m.attr("World"));
}
inline py::class_<MachineHandle> machine_class(const py::module_& m) {
  return py::reinterpret_borrow<py::class_<MachineHandle>>(m.attr("Machine"));
}

// The registry of a machine as `user` may use it.
std::unique_ptr<RegistryHandle> open_registry(const MachineHandle& machine,
                                              const std::string& user);

// SlmgrResult of a run of slmgr.vbs by a named principal.
py::object run_slmgr(const MachineHandle& machine, const py::args& words, const std::string& user);

// A Watch (slwmi/_watch.py) over the events of a notification query.
py::object watch(SessionHandle& session, const Text& wql, const py::object& timeout);

void bind_world(py::module_& m);
void bind_machine(py::module_& m);
void bind_session(py::module_& m);
void bind_registry(py::module_& m);
void bind_watch(py::module_& m);
void bind_policy(py::module_& m);
void bind_network(py::module_& m);
void bind_events(py::module_& m);      // after bind_machine
void bind_genuine(py::module_& m);     // after bind_machine and bind_world
void bind_experience(py::module_& m);  // after bind_machine
void bind_kms(py::module_& m);         // after bind_machine
void bind_report(py::module_& m);      // after bind_machine and bind_world
void bind_vamt(py::module_& m);        // after bind_machine and bind_world
void bind_simulation(py::module_& m);  // after bind_world

}  // namespace slwmi::python
