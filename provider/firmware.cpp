#include "provider/firmware.hpp"

#include "base/text.hpp"

namespace slwmi::licensing {
namespace {

constexpr FirmwareInfo kKinds[] = {
    {Firmware::kNone, "none", HResult::kSlESlpMissingAcpiSlic, "no ACPI_SLIC table"},
    {Firmware::kUnmarked, "no-marker", HResult::kSlESlpMissingSlpMarker,
     "an ACPI_SLIC table without a Windows marker"},
    {Firmware::kMalformed, "malformed", HResult::kSlESlpBadFormat,
     "an ACPI_SLIC table that cannot be read"},
    {Firmware::kMarked, "marker", HResult::kSOk, "an ACPI_SLIC table with a Windows marker"},
};

// Windows Vista, as against Windows Server.
constexpr std::uint32_t kWorkstation = 1;

bool is_volume(Channel channel) {
  return channel == Channel::kKmsClient || channel == Channel::kKmsHost || channel == Channel::kMak;
}

bool lacks_marker(Firmware firmware) {
  return firmware == Firmware::kUnmarked || firmware == Firmware::kMalformed;
}

}  // namespace

std::span<const FirmwareInfo> firmware_kinds() { return kKinds; }

const FirmwareInfo& info_of(Firmware firmware) {
  return kKinds[static_cast<std::size_t>(firmware)];
}

Result<Firmware> parse_firmware(std::string_view name) {
  std::string names;
  for (const FirmwareInfo& info : kKinds) {
    if (equal_ignore_case(info.name, name)) return info.firmware;
    names += (names.empty() ? "" : ", ") + std::string(info.name);
  }
  return fail(HResult::kEInvalidarg,
              "\"" + std::string(name) + "\" is no firmware; there are " + names);
}

Firmware firmware_of(const MachineFacts& machine) {
  if (!machine.slic_table) return Firmware::kNone;
  if (machine.slic_malformed) return Firmware::kMalformed;
  return machine.windows_marker ? Firmware::kMarked : Firmware::kUnmarked;
}

HResult volume_refusal(const OperatingSystem& os, const Product& product, Firmware firmware,
                       bool upgraded) {
  const bool by_kms =
      product.channel == Channel::kKmsClient || product.channel == Channel::kKmsHost;
  if (!by_kms || firmware == Firmware::kMarked) return HResult::kSOk;
  const bool upgrade_only = os.product_type == kWorkstation;
  return lacks_marker(firmware) || (upgrade_only && !upgraded) ? HResult::kSlEVlNotWindowsSlp
                                                               : HResult::kSOk;
}

HResult setup_error(const OperatingSystem& os, const Product& product, Firmware firmware) {
  const bool checked = os.product_type == kWorkstation && is_volume(product.channel);
  return checked && lacks_marker(firmware) ? HResult::kSlEVlNotWindowsSlp : HResult::kSOk;
}

}  // namespace slwmi::licensing
