// One simulated machine: a cheap handle into its World, which must outlive it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/principal.hpp"
#include "base/result.hpp"

namespace slwmi::reg {
class Registry;
}

namespace slwmi::world {

class Session;
class World;

class Machine {
 public:
  Machine(World& world, std::uint32_t id) : world_(&world), id_(id) {}

  std::uint32_t id() const { return id_; }
  World& world() const { return *world_; }
  Result<std::string> name() const;
  Result<std::string> profile() const;   // "vista-sp1-kms-client"
  Result<std::string> version() const;   // "6.0.6001"

  // A session of `caller` with a namespace of this machine. 0x8004100E for an unknown namespace, 0x80041008 for a
  // malformed one, 0x80041003 for the anonymous principal.
  Result<Session> connect(const Principal& caller, std::string_view ns = "root\\cimv2") const;

  // The registry as `caller` sees it; ACLs apply.
  Result<reg::Registry> registry(const Principal& caller) const;

  // Restarts the machine at the present time of the world's clock: what waits for a restart takes effect.
  Result<> restart() const;

 private:
  World* world_;
  std::uint32_t id_;
};

}  // namespace slwmi::world
