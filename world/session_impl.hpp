// Inside sessions: what World shares with them. Not for other parts.
#pragma once

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
  struct LastRead {
    std::string path, property;
    std::uint64_t generation = 0;
    int slot = -1;
    Target target;
  };

  Principal caller;
  std::string ns;
  std::unique_ptr<MachineContext> context;
  std::unique_ptr<NamespaceCatalog> catalog;
  wql::PlanCache plans;
  LastRead last_read;

  Result<> refresh();
  Result<Target> resolve(std::string_view text);
  cim::Call call() const { return cim::Call{caller, context->clock(), {}}; }
};

}  // namespace slwmi::world
