// What a computer's firmware says of the Windows it was sold with, and what follows for OEM and
// volume editions: the ACPI_SLIC table and its Windows marker (VA2, "Activation of Windows OEM
// Computers"). Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "provider/catalogue.hpp"
#include "provider/host.hpp"

namespace slwmi::licensing {

enum class Firmware : std::uint8_t {
  kNone,       // no ACPI_SLIC table: not sold with an OEM licence, or not by a manufacturer at all
  kUnmarked,   // the table has no valid Windows marker
  kMalformed,  // the table cannot be read
  kMarked,     // the table with a valid marker: sold with Windows
};
struct FirmwareInfo {
  Firmware firmware;
  std::string_view name;  // "no-marker"
  HResult oem;            // what it answers an OEM key, when it is the firmware that refuses it
  std::string_view help;
};
std::span<const FirmwareInfo> firmware_kinds();
const FirmwareInfo& info_of(Firmware firmware);
Result<Firmware> parse_firmware(std::string_view name);  // E_INVALIDARG lists them
Firmware firmware_of(const MachineFacts& machine);

// Why a KMS client or host is not activated on such a computer: SL_E_VL_NOT_WINDOWS_SLP when the
// table has no valid marker, and when Windows Vista, whose volume editions are upgrades, has no
// qualifying system below it. kSOk for other channels and wherever the marker proves a licence. A
// MAK or retail key activates all of them.
HResult volume_refusal(const OperatingSystem& os, const Product& product, Firmware firmware,
                       bool upgraded);

// What the setup of a volume edition of Windows Vista reports on such a computer: an error of the
// firmware. kSOk otherwise, also where only a qualifying system is missing, which setup does not
// look for.
HResult setup_error(const OperatingSystem& os, const Product& product, Firmware firmware);

}  // namespace slwmi::licensing
