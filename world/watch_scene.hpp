// A machine at some moment, for the providers: a state that may be past and a clock that says what
// it is told. Inside watching; not for other parts.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/principal.hpp"
#include "query/events.hpp"
#include "registry/registry.hpp"
#include "schema/provider.hpp"
#include "world/catalog.hpp"
#include "world/shared.hpp"

namespace slwmi::world {

// What a machine's classes are computed from, the time aside. Cheap to copy.
struct Picture {
  std::shared_ptr<const licensing::Host> host;  // its store is not used
  std::shared_ptr<const Definitions> definitions;
  cim::Version version;
  reg::HiveView view;
};

class Scene {
 public:
  Scene(Principal caller, std::string ns);

  void show(const Picture& picture);
  const Picture& picture() const { return picture_; }
  // The providers' time from now on.
  void set_time(FileTime time);
  // Whether a provider asked for the time since set_time().
  bool time_was_asked() const { return clock_.asked; }

  const NamespaceCatalog& catalog() const { return *catalog_; }
  // The registry of the picture as the caller may read it.
  reg::Registry registry() const { return reg::Registry(store_, caller_, clock_); }
  const std::string& ns() const { return ns_; }
  const Principal& caller() const { return caller_; }
  cim::Call call() const { return cim::Call{caller_, clock_, {}}; }
  FileTime moment() const { return clock_.time; }

 private:
  // Reads show the picture; nothing can be written.
  struct Frozen final : reg::Store {
    reg::HiveView shown;
    Result<reg::HiveView> view() override { return shown; }
    Result<reg::Generation> commit(const reg::ChangeSet&) override {
      return fail(HResult::kEAccessdenied, "the past cannot be changed");
    }
  };
  struct TellingClock final : Clock {
    FileTime time;
    mutable bool asked = false;
    FileTime now() const override {
      asked = true;
      return time;
    }
  };

  Principal caller_;
  std::string ns_;
  TellingClock clock_;
  std::shared_ptr<Frozen> store_ = std::make_shared<Frozen>();
  Picture picture_;
  licensing::Host host_;
  std::unique_ptr<NamespaceCatalog> catalog_;
};

}  // namespace slwmi::world
