// The version of a simulated operating system, as SoftwareLicensingService.Version begins with it.
#pragma once

#include <compare>
#include <cstdint>

namespace slwmi::licensing {

// Which set of answers an OS version gives where they changed over time.
enum class Era : std::uint8_t { kVista, kLater };

struct OsVersion {
  std::uint16_t major = 6;
  std::uint16_t minor = 0;
  std::uint16_t build = 6000;
  auto operator<=>(const OsVersion&) const = default;

  Era era() const { return major == 6 && minor == 0 ? Era::kVista : Era::kLater; }
  // From 6.0.6001 on an expired product shows notifications instead of reduced functionality.
  bool notifies() const { return *this >= OsVersion{6, 0, 6001}; }
};

}  // namespace slwmi::licensing
