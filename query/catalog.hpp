// What the engine needs to know of the namespace that a query runs in. world implements it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "schema/class.hpp"
#include "schema/provider.hpp"

namespace slwmi::wql {

class Catalog {
 public:
  Catalog() = default;
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;
  virtual ~Catalog() = default;

  // The class of that name, compared without case; nullptr when the namespace has none.
  virtual cim::ClassPtr find_class(std::string_view name) const = 0;

  // Appends every class below `name` (all classes, for an empty name), at any depth, each after its
  // superclass.
  virtual void append_subclasses(std::string_view name, std::vector<cim::ClassPtr>& out) const = 0;

  // Who answers for the instances of exactly this class; nullptr when it has none (abstract, or
  // nobody implements it). Lives as long as the catalog.
  virtual cim::Provider* provider_of(const cim::Class& cls) const = 0;

  virtual std::string_view server() const = 0;  // "VISTA-01"
  virtual std::string_view ns() const = 0;      // "root\\cimv2", as __NAMESPACE shows it

  // Changes whenever a class or provider comes, goes or changes: plans made before are stale.
  virtual std::uint64_t generation() const = 0;
};

}  // namespace slwmi::wql
