// The licence files that Windows keeps on a machine's disk, so that they can be installed again.
// Simulated machines have no disk: the files follow from the media that they were installed from.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "world/machine.hpp"

namespace slwmi::world {

struct LicenseFile {
  std::string path;  // "C:\Windows\System32\licensing\skus\Enterprise\<ID>.xrm-ms"
  std::string text;  // docs/formats.md, "Licence documents"
};

// One of each product of the machine's media, in the order of the catalogue.
Result<std::vector<LicenseFile>> license_files(const Machine& machine);

}  // namespace slwmi::world
