// SoftwareLicensingProduct of every machine of a world at once: a provider that hands out columns
// of the fleet as they lie. Rows come by blocks of machines; a batch is one product of a block.
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "provider/product_values.hpp"
#include "schema/provider.hpp"
#include "world/simulation/census.hpp"
#include "world/simulation/fleet.hpp"

namespace slwmi::world::simulation {

class ProductRows {
 public:
  // Whether a scan can be answered from columns: properties that only a registry knows cannot.
  static bool can_answer(const cim::Scan& scan);

  // The fleet must outlive this and keep its state.
  explicit ProductRows(Fleet& fleet);

  // Machines whose products the fleet does not know are left to `odd`; false of either stops.
  Result<> enumerate(const cim::Scan& scan, FileTime now, const cim::Sink& sink,
                     FunctionRef<Result<bool>(std::uint32_t machine)> odd);

 private:
  class Scanning;
  struct States {  // of every machine's own product
    std::vector<std::uint32_t> status, reason, remaining;
  };
  void fill(FileTime now, bool all);

  Fleet& fleet_;
  Census census_;
  FileTime filled_at_ = {};
  bool filled_all_ = false;
  States states_;
};

}  // namespace slwmi::world::simulation
