// Licence documents as they lie in the registry, one value each. What a text says never changes, so
// each is read once; the memory of it is no state of a machine. Any thread may call.
#pragma once

#include <memory>

#include "provider/catalogue.hpp"
#include "registry/value.hpp"

namespace slwmi::licensing {

// The product that a value gives a licence for; null when it holds none.
std::shared_ptr<const Product> installed_license(const reg::ValueView& value);

// The value for a product that a document gave.
reg::ValueData license_value(const Product& product);

}  // namespace slwmi::licensing
