// Licence documents: the XML of our own that InstallLicense and InstallLicensePackage take in place
// of Windows' signed licences. docs/formats.md, "Licence documents", has the elements. No DTD, no
// entities but XML's five.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "provider/catalogue.hpp"

namespace slwmi::licensing {

inline constexpr std::string_view kLicenseNamespace = "urn:slwmi:license:1";
inline constexpr std::size_t kMaxLicenseBytes = 1u << 20;
inline constexpr std::size_t kMaxPackageLicenses = 256;

// A <license>. E_INVALIDARG for the empty text; SL_E_INVALID_LICENSE with the offset for anything
// that is not one.
Result<Product> parse_license(std::string_view xml);

// A <licensePackage> of one <license> or more. SL_E_INVALID_PACKAGE, or SL_E_INVALID_LICENSE for a
// bad licence in it.
Result<std::vector<Product>> parse_package(std::string_view xml);

// The document that parse_license reads back as the same product.
std::string to_document(const Product& product);

}  // namespace slwmi::licensing
