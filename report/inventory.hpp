// Asset inventory: the products of every machine of a world with their licence states, as asset
// intelligence of Systems Management Server 2003 SP3 gathers them through the licensing classes
// (VA2, "Management Tools for Volume Activation"), and what they add up to.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "provider/license.hpp"
#include "report/report.hpp"

namespace slwmi::world {
class World;
}  // namespace slwmi::world

namespace slwmi::report {

// One licensed product of a machine: its base product, and add-ons that have a key. Texts are empty
// where there is nothing.
struct Asset {
  std::string computer, domain, site;
  std::string system;   // "Microsoft Windows Vista Enterprise"
  std::string version;  // "6.0.6001"
  bool virtual_machine = false;
  // --- SoftwareLicensingProduct
  std::string product, description, activation_id;
  std::string channel;         // "VOLUME_KMSCLIENT"
  std::string partial_key;     // last five characters
  std::string product_key_id;  // extended product ID
  licensing::Status status;    // remaining in minutes
  FileTime until;              // of that status; zero: it does not end by itself
  bool addon = false;
  // --- SoftwareLicensingService
  std::string client_machine_id;  // of KMS clients
  std::string kms_host;           // NAME:PORT that it is set to, or that it found
  std::string customer_pid;       // of the KMS host's key
  bool is_kms_host = false;
  std::optional<std::uint32_t> count;     // of a KMS host
  std::optional<std::uint16_t> kms_port;  // that a KMS host listens on
};

// Every asset, machines by id. The sink returns false to stop.
Result<> each_asset(world::World& world, FunctionRef<bool(const Asset&)> sink);

// The columns of a row an asset, and one row.
std::span<const std::string_view> asset_columns();
std::vector<Value> row_of(const Asset& asset);

// What assets add up to.
enum class Summary : std::uint8_t {
  kStatus,      // licences by status
  kProducts,    // computers by product and channel
  kExpiration,  // licences that end, by ranges of time
  kKmsHosts,    // computers that provide the Key Management Service
};
std::string_view to_text(Summary summary);  // "status"
std::span<const Summary> summaries();

Result<Table> inventory(world::World& world);
Result<Table> summary_of(world::World& world, Summary summary);

}  // namespace slwmi::report
