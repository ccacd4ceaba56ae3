// Makes a Catalogue of the instances that MOF declares in root\slwmi (mof/catalogue.mof), the
// world's own included.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "provider/catalogue.hpp"
#include "schema/repository.hpp"

namespace slwmi::licensing {

inline constexpr std::string_view kCatalogueNamespace = "root\\slwmi";

// The error names the instance and the property that cannot be used.
Result<std::shared_ptr<const Catalogue>> load_catalogue(const cim::Repository& repository);

}  // namespace slwmi::licensing
