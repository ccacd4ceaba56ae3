// Extended product IDs ("EPID", PID4): SoftwareLicensingProduct.ProductKeyID and the PID that a KMS
// host puts into its responses. Eight fields joined by hyphens; the platform groups are invented.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/datetime.hpp"
#include "provider/license.hpp"
#include "provider/os_version.hpp"
#include "provider/product_key.hpp"

namespace slwmi::licensing {

// ggggg of every product ID of a simulated world. No real product ID starts so.
inline constexpr std::uint32_t kPlatformGroup = 70007;

struct PidFields {
  ProductKey key;
  Channel channel = Channel::kRetail;
  std::uint32_t locale = 1033;
  OsVersion os;
  std::uint16_t revision = 0;
  FileTime installed;  // of the key; the last field is its UTC day of the year and year
};

// "70007-00140-000-000002-03-1033-6001.0000-0612008".
std::string extended_product_id(const PidFields& fields);

// The key in an extended product ID, as far as it tells it; nothing for another text.
std::optional<ProductKey> key_in(std::string_view extended_product_id);

// "70007-000-0000020-00402": what the system properties show, and the registry value ProductId. All
// zeros without a key.
std::string short_product_id(std::optional<ProductKey> key);

// The registry value DigitalProductId: 164 bytes with the short product ID at offset 8 and, as long
// as the key was not cleared, the key's 25 characters as a base-24 number in the 15 bytes from
// offset 52 on.
std::vector<std::byte> digital_product_id(std::string_view product_id,
                                          std::optional<ProductKey> key);

}  // namespace slwmi::licensing
