// What all machines of a world share: the store, and the classes and products that its schema
// defines.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "provider/catalogue.hpp"
#include "schema/repository.hpp"
#include "world/store.hpp"

namespace slwmi::world {

// The schema at one moment and what follows from it. Immutable.
struct Definitions {
  cim::RepositoryPtr schema;
  std::shared_ptr<const licensing::Catalogue> catalogue;
};

// Who wants to know the classes that this process is about to change.
class SchemaWitness {
 public:
  SchemaWitness() = default;
  SchemaWitness(const SchemaWitness&) = delete;
  SchemaWitness& operator=(const SchemaWitness&) = delete;
  virtual ~SchemaWitness() = default;
  virtual void schema_ends(const std::shared_ptr<const Definitions>& before) = 0;
};
namespace net {
class CompiledNetwork;
struct Model;
}  // namespace net

namespace simulation {
class Fleet;
}
class WorldShared;

// The fleet of a world while nobody works with it, so that the next who does finds it loaded.
class FleetPark {
 public:
  FleetPark();
  ~FleetPark();
  // Up to date, and the caller's alone until it is given back.
  Result<std::unique_ptr<simulation::Fleet>> take(WorldShared& world);
  void give(std::unique_ptr<simulation::Fleet> fleet);

 private:
  std::mutex mutex_;
  std::unique_ptr<simulation::Fleet> fleet_;
};

class WorldShared {
 public:
  static Result<std::unique_ptr<WorldShared>> open(const std::string& path, Database::Mode mode,
                                                   std::uint64_t seed);
  static Result<std::unique_ptr<WorldShared>> in_memory(std::uint64_t seed);

  Store& store() { return *store_; }
  FleetPark& fleets() { return fleets_; }
  // The present definitions; reads the users' classes again when another process changed them.
  Result<std::shared_ptr<const Definitions>> definitions();
  // One change of the users' classes, stored; nothing changes when it or the new catalogue fails.
  Result<> change_schema(const std::function<Result<>(cim::Repository&)>& change);

  void add_witness(SchemaWitness& witness);
  void remove_witness(SchemaWitness& witness);  // when this returns it is called no more
  // The present network with the machines that its records lead to.
  Result<std::shared_ptr<const net::CompiledNetwork>> network();
  // One change of the network, stored; nothing changes when it fails or leaves what check() (net/
  // model.hpp) refuses.
  Result<> change_network(const std::function<Result<>(net::Model&)>& change);

 private:
  WorldShared() = default;
  StoreHooks hooks();
  Result<std::shared_ptr<const Definitions>> define(cim::RepositoryPtr schema) const;

  std::unique_ptr<Store> store_;
  FleetPark fleets_;
  std::mutex mutex_;
  std::uint64_t epoch_ = 0;  // of the store's schema that definitions_ shows
  std::shared_ptr<const Definitions> definitions_;
  std::mutex witness_mutex_;
  std::vector<SchemaWitness*> witnesses_;
  std::uint64_t network_epoch_ = 0;  // of the store's network that network_ shows
  std::shared_ptr<const net::CompiledNetwork> network_;
};

}  // namespace slwmi::world
