#include "world/license_files.hpp"

#include "provider/license_document.hpp"
#include "world/machine_context.hpp"
#include "world/world.hpp"

namespace slwmi::world {

Result<std::vector<LicenseFile>> license_files(const Machine& machine) {
  SL_TRY(const std::unique_ptr<MachineContext> context,
         MachineContext::make(machine.world().shared(), machine.id()));
  std::vector<LicenseFile> files;
  for (const licensing::Product* product : context->host().resolved.carried) {
    files.push_back({"C:\\Windows\\System32\\licensing\\skus\\" + product->edition + "\\" +
                         product->sku_text + ".xrm-ms",
                     licensing::to_document(*product)});
  }
  return files;
}

}  // namespace slwmi::world
