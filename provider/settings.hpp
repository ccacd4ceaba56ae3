// What the documented registry values of VA2 mean to the machine, read from one view of its hive:
// timers, notices, the KMS service and its DNS records, Windows Anytime Upgrade. Pure functions;
// nothing is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "provider/kms/client.hpp"
#include "provider/machine_state.hpp"
#include "registry/hive_view.hpp"

namespace slwmi::licensing {

// The values with their defaults put in. A value of a wrong type counts as absent.
struct Settings {
  // SL
  bool dns_publishing = true;             // DisableDnsPublishing is absent or 0
  bool low_priority = false;              // EnableKmsLowPriority is not 0
  std::optional<std::string> kms_name;    // KeyManagementServiceName
  std::optional<std::uint16_t> kms_port;  // KeyManagementServicePort: of whatever host is asked
  std::uint16_t listening_port = kDefaultKmsPort;  // KeyManagementServiceListeningPort
  std::vector<std::string> publish_domains;  // DnsDomainPublishList, without the machine's own
  std::uint32_t activation_interval = kDefaultActivationInterval;  // within 15 to 43200
  std::uint32_t renewal_interval = kDefaultRenewalInterval;        // within 15 to 43200
  std::optional<std::string>
      kms_version;  // KeyManagementServiceVersion: found by monitoring as a KMS host
  bool user_operations = false;
  // SL\Activation
  bool automatic_activation = true;  // Manual is not 1
  bool notices = true;               // NotificationDisabled is not 1
  // the service account's SL
  std::optional<std::string> registered_domain, registered_host, registered_port;
  std::optional<std::string> discovered_name, discovered_port;
  std::optional<std::string> customer_pid;
  // Policies\Explorer\WAU
  bool anytime_upgrade_disabled = false;  // Disabled is 1
};

Settings read_settings(const reg::HiveView& view);
// Name or port of the KMS host that is set by hand are of a wrong type, and passed over.
bool has_invalid_registration(const reg::HiveView& view);

// EnableKmsLowPriority: a KMS that does not get to answer while its machine has much to do.
bool has_low_priority(const reg::HiveView& view);

// What next_attempt (kms/client.hpp) asks of the registry.
ClientTimers timers_of(const Settings& settings);

// Whether the user sees activation notices: something to say, and NotificationDisabled not set.
bool shows_notices(const Status& status, const Settings& settings);

// What happens to a user who clicks the Windows Anytime Upgrade link.
enum class AnytimeUpgrade { kAbsent, kOffered, kRefused };
AnytimeUpgrade anytime_upgrade(const Product& product, const OperatingSystem& os,
                               const Settings& settings);

// The machine as the rules of KMS know it: a client with `product`, or a host as of one view.
ClientFacts client_facts(const Host& host, const Product& product);
kms::HostFacts kms_host_facts(const Host& host, const MachineState& state,
                              const reg::HiveView& view, FileTime now);

// What the host would publish: its own domain first. Empty when it is no KMS host or publishing is
// off.
std::vector<Publication> publications(const Host& host, const MachineState& state,
                                      const Settings& settings);
// Whether what was last published is another name, domain or port, or nothing was.
bool must_publish(const std::vector<Publication>& wanted, const Settings& settings);

}  // namespace slwmi::licensing
