// /skms, /ckms of KMS clients; /sai, /sri, /sprt, /sdns, /cdns, /spri, /cpri of KMS hosts. Where
// the classes of 6.0 have no method, the options write the registry values that VA2 documents.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "tools/slmgr/script.hpp"

namespace slwmi::slmgr {
namespace {

constexpr std::string_view kSl = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
constexpr std::string_view kServiceAccountSl =
    "S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";

tl::unexpected<Error> invalid_data(std::string_view word) {
  return fail(HResult::kErrorInvalidData, "\"" + std::string(word) + "\" is no valid number");
}

struct KmsAddress {
  std::string machine;  // empty: the port alone
  std::string port;     // empty: none was given
};

// "name", "name:port", ":port", "[v6]:port". An IPv6 address without brackets ends at its first
// colon, as in Windows.
Result<KmsAddress> parse_address(std::string_view word) {
  KmsAddress address;
  std::size_t end = word.find(':');
  if (word.starts_with('[')) {
    const std::size_t bracket = word.find(']');
    end = bracket == std::string_view::npos ? bracket : word.find(':', bracket);
  }
  address.machine = word.substr(0, end);
  if (end == std::string_view::npos) return address;
  address.port = word.substr(end + 1);
  if (address.port.empty()) return address;
  SL_TRY(const std::uint32_t port, parse_port(address.port));
  address.port = std::to_string(port);
  return address;
}

Result<> set_machine(Script& script, std::string_view machine) {
  if (machine.empty()) return script.call_service("ClearKeyManagementServiceMachine");
  return script.call_service("SetKeyManagementServiceMachine",
                             {{"MachineName", cim::Value::text(machine)}});
}

// Runs a method that takes minutes, on a KMS host.
Result<> set_interval(Script& script, std::string_view method, std::string_view parameter,
                      Text success) {
  const std::string_view word = script.argument(0);
  const auto minutes = parse_signed(word);
  if (!minutes || *minutes < 0 || *minutes > UINT32_MAX) return invalid_data(word);
  SL_TRY(const bool host, script.on_kms_host());
  if (!host) return {};
  SL_CHECK(script.call_service(
      method,
      {{std::string(parameter), cim::Value::uint32(static_cast<std::uint32_t>(*minutes))}}));
  script.say(success, {std::to_string(*minutes)});
  return {};
}

Result<> set_switch(Script& script, std::string_view value, std::uint32_t data, Text success) {
  SL_TRY(const bool host, script.on_kms_host());
  if (!host) return {};
  SL_CHECK(write_number(script.wmi(), sl_value(value), data));
  script.say(success);
  return {};
}

}  // namespace

Place sl_value(std::string_view name) { return {kLocalMachine, kSl, name}; }
Place service_account_value(std::string_view name) { return {kUsers, kServiceAccountSl, name}; }

Result<std::uint32_t> parse_port(std::string_view word) {
  constexpr std::int64_t kMaxPort = 65535;
  const auto port = parse_signed(word);
  if (!port || *port < 1 || *port > kMaxPort) return invalid_data(word);
  return static_cast<std::uint32_t>(*port);
}

Result<> run_skms(Script& script) {
  SL_TRY(const KmsAddress address, parse_address(script.argument(0)));
  const Place port = sl_value("KeyManagementServicePort");
  if (address.machine.empty() && address.port.empty()) return invalid_data(script.argument(0));
  SL_TRY(const Row before,
         script.service(std::array<Column, 1>{{{"KeyManagementServiceMachine"}}}));
  if (!address.machine.empty()) SL_CHECK(set_machine(script, address.machine));
  // A name without a port takes back a port that was set before.
  Result<> done = address.port.empty() ? remove_value(script.wmi(), port)
                                       : write_text(script.wmi(), port, address.port);
  if (!done) {
    if (!address.machine.empty())
      SL_CHECK(set_machine(script, before.text("KeyManagementServiceMachine")));
    return done;
  }
  if (address.machine.empty()) {
    script.say(Text::kKmsPortSet, {address.port});
  } else {
    script.say(Text::kKmsNameSet,
               {address.port.empty() ? address.machine : address.machine + ":" + address.port});
  }
  return {};
}

Result<> run_ckms(Script& script) {
  SL_CHECK(set_machine(script, {}));
  SL_CHECK(remove_value(script.wmi(), sl_value("KeyManagementServicePort")));
  script.say(Text::kKmsNameCleared);
  return {};
}

Result<> run_sai(Script& script) {
  return set_interval(script, "SetVLActivationInterval", "ActivationInterval",
                      Text::kActivationIntervalSet);
}

Result<> run_sri(Script& script) {
  return set_interval(script, "SetVLRenewalInterval", "RenewalInterval", Text::kRenewalIntervalSet);
}

Result<> run_sprt(Script& script) {
  SL_TRY(const std::uint32_t port, parse_port(script.argument(0)));
  SL_TRY(const bool host, script.on_kms_host());
  if (!host) return {};
  const std::string text = std::to_string(port);
  SL_CHECK(write_text(script.wmi(), sl_value("KeyManagementServiceListeningPort"), text));
  script.say(Text::kListeningPortSet, {text});
  script.say(Text::kRestartService);
  return {};
}

Result<> run_sdns(Script& script) {
  return set_switch(script, "DisableDnsPublishing", 0, Text::kDnsPublishingOn);
}
Result<> run_cdns(Script& script) {
  return set_switch(script, "DisableDnsPublishing", 1, Text::kDnsPublishingOff);
}
Result<> run_spri(Script& script) {
  return set_switch(script, "EnableKmsLowPriority", 0, Text::kPrioritySetNormal);
}
Result<> run_cpri(Script& script) {
  return set_switch(script, "EnableKmsLowPriority", 1, Text::kPrioritySetLow);
}

}  // namespace slwmi::slmgr
