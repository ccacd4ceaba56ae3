// One machine of a simulated fleet as a packed record: what its registry remembers of volume
// activation, in 72 bytes instead of a dozen rows. A row stands for registry values (expand); the
// world's file keeps rows in pages (docs/formats.md, "fleet pages").
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "provider/license.hpp"
#include "registry/op.hpp"

namespace slwmi::world {

// Texts are numbers that Store::text_numbers gives; 0 is none.
struct FleetRow {
  licensing::License license = {};
  std::uint32_t product = 0;  // the product ID (sku_text) whose record `license` is; 0: no row
  std::uint32_t host = 0;     // DiscoveredKeyManagementServiceName
  std::uint32_t pid = 0;      // CustomerPID
  std::uint16_t port = 0;     // DiscoveredKeyManagementServicePort, when there is a host
  std::uint16_t flags = 0;    // of the simulation; no registry value follows from them
  bool operator==(const FleetRow&) const = default;
};

// What the numbers of a row mean.
struct FleetTexts {
  std::string product, host, pid;
};

inline constexpr std::uint32_t kFleetPageRows = 1024;
inline constexpr std::size_t kFleetRowSize = 72;

// The registry values of a row: the licence record, and the three values of a KMS activation, which
// are deleted where the row has none. ERROR_INVALID_DATA when the product is no GUID.
Result<std::vector<reg::Op>> expand(const FleetRow& row, const FleetTexts& texts);

// The rows of a page, at most kFleetPageRows, as bytes, and back. ERROR_INVALID_DATA unless they
// are the rows of a whole page.
Bytes encode(std::span<const FleetRow> rows);
Result<std::vector<FleetRow>> decode_fleet_rows(ByteSpan bytes);

}  // namespace slwmi::world
