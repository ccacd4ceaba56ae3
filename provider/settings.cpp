#include "provider/settings.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "provider/firmware.hpp"

namespace slwmi::licensing {
namespace {

constinit const reg::KnownPath kAnytimeUpgrade{
    "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\Explorer\\WAU"};

bool is_set(const reg::HiveView& view, const reg::KnownPath& path, std::string_view name) {
  return read_number(view, path, name).value_or(0) != 0;
}
bool is_one(const reg::HiveView& view, const reg::KnownPath& path, std::string_view name) {
  return read_number(view, path, name) == 1u;
}

// A value that is there and not REG_SZ.
bool is_no_text(const reg::HiveView& view, const reg::KnownPath& path, std::string_view name) {
  const auto value = find_value(view, path, name);
  return value && value->type != reg::ValueType::kSz;
}

std::vector<std::string> read_list(const reg::HiveView& view, const reg::KnownPath& path,
                                   std::string_view name) {
  const auto value = find_value(view, path, name);
  if (!value) return {};
  return reg::as_multi_sz(*value).value_or(std::vector<std::string>{});
}

}  // namespace

bool has_invalid_registration(const reg::HiveView& view) {
  return is_no_text(view, paths::kSl, "KeyManagementServiceName") ||
         is_no_text(view, paths::kSl, "KeyManagementServicePort");
}

Settings read_settings(const reg::HiveView& view) {
  Settings s;
  s.dns_publishing = !is_set(view, paths::kSl, "DisableDnsPublishing");
  s.low_priority = has_low_priority(view);
  s.kms_name = read_text(view, paths::kSl, "KeyManagementServiceName");
  s.kms_port = find_port(view, paths::kSl, "KeyManagementServicePort");
  s.listening_port = read_port(view, paths::kSl, "KeyManagementServiceListeningPort");
  s.publish_domains = read_list(view, paths::kSl, "DnsDomainPublishList");
  s.activation_interval =
      timer_interval(0, view, "VLActivationInterval", kDefaultActivationInterval);
  s.renewal_interval = timer_interval(0, view, "VLRenewalInterval", kDefaultRenewalInterval);
  s.kms_version = read_text(view, paths::kSl, "KeyManagementServiceVersion");
  s.user_operations = is_one(view, paths::kSl, "UserOperations");
  s.automatic_activation = !is_one(view, paths::kActivation, "Manual");
  s.notices = !is_one(view, paths::kActivation, "NotificationDisabled");
  s.registered_domain =
      read_text(view, paths::kServiceSl, "KeyManagementServiceRegisteredDomainName");
  s.registered_host = read_text(view, paths::kServiceSl, "KeyManagementServiceRegisteredHostName");
  s.registered_port =
      read_text(view, paths::kServiceSl, "KeyManagementServiceRegisteredPortNumber");
  s.discovered_name = read_text(view, paths::kServiceSl, "DiscoveredKeyManagementServiceName");
  s.discovered_port = read_text(view, paths::kServiceSl, "DiscoveredKeyManagementServicePort");
  s.customer_pid = read_text(view, paths::kServiceSl, "CustomerPID");
  s.anytime_upgrade_disabled = is_one(view, kAnytimeUpgrade, "Disabled");
  return s;
}

bool has_low_priority(const reg::HiveView& view) {
  return is_set(view, paths::kSl, "EnableKmsLowPriority");
}

ClientTimers timers_of(const Settings& settings) {
  return {settings.activation_interval, settings.renewal_interval, settings.automatic_activation};
}

bool shows_notices(const Status& status, const Settings& settings) {
  return settings.notices && status.status != LicenseStatus::kLicensed;
}

AnytimeUpgrade anytime_upgrade(const Product& product, const OperatingSystem& os,
                               const Settings& settings) {
  constexpr std::uint32_t kWorkstation = 1;
  const bool sold =
      product.channel != Channel::kOemSlp && product.channel != Channel::kTimebasedEval;
  if (os.product_type != kWorkstation || !sold ||
      !starts_with_ignore_case(product.edition, "Business"))
    return AnytimeUpgrade::kAbsent;
  return settings.anytime_upgrade_disabled ? AnytimeUpgrade::kRefused : AnytimeUpgrade::kOffered;
}

ClientFacts client_facts(const Host& host, const Product& product) {
  const MachineFacts& machine = host.facts;
  ClientFacts out;
  out.policy = policy_of(product, *host.resolved.os);
  out.seed = machine.seed;
  out.machine = machine.number;
  out.required = product.required_client_count;
  out.product = product.key_group;
  out.clock_skew = machine.clock_skew;
  out.prerelease = product.prerelease;
  out.virtual_machine = machine.virtual_machine;
  out.slic_table = machine.slic_table;
  out.unqualified =
      failed(volume_refusal(*host.resolved.os, product, firmware_of(machine), machine.upgraded));
  return out;
}

kms::HostFacts kms_host_facts(const Host& host, const MachineState& state,
                              const reg::HiveView& view, FileTime now) {
  const Carried& base = state.base();
  const OperatingSystem& os = *host.resolved.os;
  kms::HostFacts out;
  out.activated =
      status_at(base.license, policy_of(*base.product, os), now).status == LicenseStatus::kLicensed;
  out.prerelease = base.product->prerelease;
  out.counts_virtual_machines = os.os.era() != Era::kVista;
  out.clock_skew = host.facts.clock_skew;
  out.machine = host.facts.number;
  out.activation_interval =
      timer_interval(0, view, "VLActivationInterval", kDefaultActivationInterval);
  out.renewal_interval = timer_interval(0, view, "VLRenewalInterval", kDefaultRenewalInterval);
  return out;
}

std::vector<Publication> publications(const Host& host, const MachineState& state,
                                      const Settings& settings) {
  if (!state.is_kms_host() || !settings.dns_publishing) return {};
  const std::string& own = host.facts.domain;
  const std::string name = own.empty() ? host.facts.name : host.facts.name + "." + own;
  std::vector<Publication> out;
  if (!own.empty()) out.push_back({own, name, settings.listening_port});
  for (const std::string& domain : settings.publish_domains) {
    const bool there = std::any_of(out.begin(), out.end(), [&](const Publication& p) {
      return equal_ignore_case(p.domain, domain);
    });
    if (!domain.empty() && !there) out.push_back({domain, name, settings.listening_port});
  }
  return out;
}

bool must_publish(const std::vector<Publication>& wanted, const Settings& settings) {
  if (wanted.empty()) return false;
  const Publication& own = wanted.front();
  return settings.registered_domain != own.domain || settings.registered_host != own.host ||
         settings.registered_port != std::to_string(own.port);
}

}  // namespace slwmi::licensing
