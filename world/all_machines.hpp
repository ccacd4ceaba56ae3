// A session with every machine of a world at once: one WQL query over all of them, whose rows say
// by __SERVER whose they are. SoftwareLicensingProduct comes from columns of the whole fleet; other
// classes are asked of one machine after the other.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/principal.hpp"
#include "base/result.hpp"
#include "query/plan.hpp"

namespace slwmi::world {

class World;

class AllMachines {
 public:
  // The world must outlive the session. The classes are those of the newest operating system among
  // the machines; what a machine's own lacks is null there. 0x8004100E for an unknown namespace,
  // 0x80041003 for anonymous.
  static Result<AllMachines> connect(World& world, const Principal& caller,
                                     std::string_view ns = "root\\cimv2");
  AllMachines(AllMachines&&) noexcept;
  AllMachines& operator=(AllMachines&&) noexcept;
  ~AllMachines();

  // The rows of a data or schema query; a row is valid during the call only. Rows of one machine
  // come in the order of its products or instances, those of different machines in any order.
  // WBEM_E_INVALID_QUERY for ASSOCIATORS OF and REFERENCES OF.
  Result<> query_rows(std::string_view wql, wql::RowSink sink);
  Result<std::vector<std::string>> columns(std::string_view wql);  // wql::column_names
  Result<std::string> explain(std::string_view wql);

 private:
  struct Impl;
  explicit AllMachines(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace slwmi::world
