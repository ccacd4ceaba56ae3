// Inside sessions: what World shares with them. Not for other parts.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "query/plan_cache.hpp"
#include "schema/object_path.hpp"
#include "world/catalog.hpp"
#include "world/machine_context.hpp"
#include "world/session.hpp"

namespace slwmi::world {

struct Session::Impl {
  struct Target {
    cim::ObjectPath path;
    cim::ClassPtr cls;
    cim::Provider* provider = nullptr;
  };
  // What a path and a property's name meant, and the value as of one state of the world. Every
  // value follows from what is committed, so it holds as long as nothing is.
  struct Read {
    std::string path, property;
    std::uint64_t word = 0;  // of the state that `value` is of
    int slot = -1;
    Target target;
    cim::Value value;
  };
  struct Resolved {
    std::string text;
    Target target;
  };

  Principal caller;
  std::string ns;
  std::unique_ptr<MachineContext> context;
  std::unique_ptr<NamespaceCatalog> catalog;
  // What follows from the catalog, and goes with it.
  wql::PlanCache plans;
  std::array<Read, 16> reads;  // by a hash of path and name
  Resolved last;               // path; its class is null when there is none

  Result<> refresh();
  // The class and provider of a path in this namespace; valid until the next refresh().
  Result<const Target*> resolve(std::string_view text);
  Result<CallResult> call_once(std::string_view path, std::string_view method,
                               const Parameters& in);
  cim::Call call() const { return cim::Call{caller, context->clock(), {}}; }
};

}  // namespace slwmi::world
