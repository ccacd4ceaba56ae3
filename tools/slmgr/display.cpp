// /dli and /dlv: what is known of the licences of a machine, line by line as VA2's samples show it.
#include <array>

#include "tools/slmgr/script.hpp"

namespace slwmi::slmgr {
namespace {

constexpr std::array<Column, 10> kProductColumns{{{"LicenseStatus"},
                                                  {"LicenseStatusReason", kVistaSp1},
                                                  {"GracePeriodRemaining"},
                                                  {"EvaluationEndDate"},
                                                  {"ProductKeyID"},
                                                  {"OfflineInstallationId"},
                                                  {"ProcessorURL"},
                                                  {"MachineURL"},
                                                  {"UseLicenseURL"},
                                                  {"ProductKeyURL"}}};
constexpr std::array<Column, 16> kServiceColumns{
    {{"IsKeyManagementServiceMachine"},
     {"RequiredClientCount"},
     {"ClientMachineID"},
     {"KeyManagementServiceMachine"},
     {"KeyManagementServiceProductKeyID"},
     {"VLActivationInterval"},
     {"VLRenewalInterval"},
     {"KeyManagementServiceCurrentCount"},
     {"KeyManagementServiceTotalRequests"},
     {"KeyManagementServiceFailedRequests"},
     {"KeyManagementServiceUnlicensedRequests"},
     {"KeyManagementServiceLicensedRequests"},
     {"KeyManagementServiceOOBGraceRequests"},
     {"KeyManagementServiceOOTGraceRequests"},
     {"KeyManagementServiceNonGenuineGraceRequests"},
     {"KeyManagementServiceNotificationRequests", kVistaSp1}}};

// A property and the line that shows it; there is none when it is null or empty.
struct Line {
  std::string_view property;
  Text text;
};
constexpr std::array<Line, 2> kIdentity{
    {{"Name", Text::kName}, {"Description", Text::kDescription}}};
constexpr std::array<Line, 4> kIds{{{"ID", Text::kActivationId},
                                    {"ApplicationId", Text::kApplicationId},
                                    {"ProductKeyID", Text::kExtendedPid},
                                    {"OfflineInstallationId", Text::kInstallationId}}};
constexpr std::array<Line, 4> kUrls{{{"ProcessorURL", Text::kProcessorUrl},
                                     {"MachineURL", Text::kMachineUrl},
                                     {"UseLicenseURL", Text::kUseLicenseUrl},
                                     {"ProductKeyURL", Text::kProductKeyUrl}}};
constexpr std::array<Line, 8> kCounters{
    {{"KeyManagementServiceTotalRequests", Text::kTotalRequests},
     {"KeyManagementServiceFailedRequests", Text::kFailedRequests},
     {"KeyManagementServiceUnlicensedRequests", Text::kUnlicensedRequests},
     {"KeyManagementServiceLicensedRequests", Text::kLicensedRequests},
     {"KeyManagementServiceOOBGraceRequests", Text::kInitialGraceRequests},
     {"KeyManagementServiceOOTGraceRequests", Text::kAdditionalGraceRequests},
     {"KeyManagementServiceNonGenuineGraceRequests", Text::kNonGenuineRequests},
     {"KeyManagementServiceNotificationRequests", Text::kNotificationRequests}}};

constexpr std::uint32_t kLicensed = 1;
constexpr std::uint32_t kNotification = 5;
constexpr std::array kStatusNames = {Text::kUnlicensed,      Text::kLicensed,
                                     Text::kInitialGrace,    Text::kAdditionalGrace,
                                     Text::kNonGenuineGrace, Text::kNotification};

void say_lines(Script& script, const Row& row, std::span<const Line> lines) {
  for (const Line& line : lines)
    if (row.has(line.property)) script.say(line.text, {row.text(line.property)});
}

void say_reason(Script& script, std::uint32_t reason) {
  const auto code = static_cast<HResult>(reason);
  const Text line = code == HResult::kSlENotGenuine         ? Text::kReasonNonGenuine
                    : code == HResult::kSlEGraceTimeExpired ? Text::kReasonGraceOver
                                                            : Text::kReason;
  script.say(line, {hex_of(code)});
}

void say_status(Script& script, const Row& product) {
  const std::uint32_t status = product.number("LicenseStatus");
  const std::uint32_t minutes = product.number("GracePeriodRemaining");
  const std::string count = std::to_string(minutes);
  const std::string days = days_of(minutes, script.version());
  script.say(Text::kLicenseStatus,
             {status < kStatusNames.size()
                  ? text(kStatusNames[status], script.version())
                  : text(Text::kUnknownStatus, script.version(), {std::to_string(status)})});
  if (status == kLicensed) {
    const Text line = is_timebased(product) ? Text::kTimebasedExpiration : Text::kVolumeExpiration;
    if (minutes != 0) script.say(line, {count, days});
  } else if (status == kNotification) {
    say_reason(script, product.number("LicenseStatusReason"));
  } else if (status != 0) {
    script.say(Text::kTimeRemaining, {count, days});
  }
}

// Zero means none.
void say_evaluation_end(Script& script, const Row& product) {
  const auto end = parse_cim_datetime(product.text("EvaluationEndDate"));
  if (end && end->time && end->time->ticks != 0)
    script.say(Text::kEvaluationEnd, {format_date(*end->time)});
}

constexpr std::string_view kDefaultPort = "1688";

Result<std::string> port_at(Script& script, const Place& place) {
  SL_TRY(const std::optional<std::string> port, read_text(script.wmi(), place));
  return port && parse_port(*port) ? *port : std::string(kDefaultPort);
}

// The KMS host that a client was told, or else that it found. 6.0 keeps both in the registry only.
Result<> say_kms_name(Script& script, const Row& service) {
  if (service.has("KeyManagementServiceMachine")) {
    SL_TRY(const std::string port, port_at(script, sl_value("KeyManagementServicePort")));
    script.say(Text::kRegisteredKms, {service.text("KeyManagementServiceMachine"), port});
    return {};
  }
  const auto name =
      read_text(script.wmi(), service_account_value("DiscoveredKeyManagementServiceName"));
  if (!name && name.error().code == kRegistryDenied) {
    script.say(Text::kKmsFromDnsDenied);
    return {};
  }
  if (!name) return fail(name.error());
  if (!*name) {
    script.say(Text::kNoKmsFromDns);
    return {};
  }
  SL_TRY(const std::string port,
         port_at(script, service_account_value("DiscoveredKeyManagementServicePort")));
  script.say(Text::kKmsFromDns, {**name, port});
  return {};
}

Result<> say_kms_client(Script& script, const Row& service) {
  constexpr std::array<Line, 1> kBefore{{{"ClientMachineID", Text::kClientMachineId}}};
  constexpr std::array<Line, 3> kAfter{{{"KeyManagementServiceProductKeyID", Text::kKmsPid},
                                        {"VLActivationInterval", Text::kActivationInterval},
                                        {"VLRenewalInterval", Text::kRenewalInterval}}};
  script.blank_line();
  script.say(Text::kKmsClient);
  say_lines(script, service, kBefore);
  SL_CHECK(say_kms_name(script, service));
  say_lines(script, service, kAfter);
  return {};
}

// Whether a REG_DWORD switch of the SL key is on.
Result<bool> is_on(Script& script, std::string_view name) {
  SL_TRY(const std::optional<std::uint32_t> number, read_number(script.wmi(), sl_value(name)));
  return number.value_or(0) != 0;
}

Result<> say_kms_host(Script& script, const Row& service, bool counters) {
  SL_TRY(const std::string port, port_at(script, sl_value("KeyManagementServiceListeningPort")));
  SL_TRY(const bool publishing_off, is_on(script, "DisableDnsPublishing"));
  SL_TRY(const bool low_priority, is_on(script, "EnableKmsLowPriority"));
  script.blank_line();
  script.say(Text::kKmsHost);
  // Before the first request the count is 0xFFFFFFFF, which VBScript writes as -1.
  const auto count = static_cast<std::int32_t>(service.number("KeyManagementServiceCurrentCount"));
  script.say(Text::kCurrentCount, {std::to_string(count)});
  script.say(Text::kListening, {port});
  script.say(publishing_off ? Text::kDnsDisabled : Text::kDnsEnabled);
  script.say(low_priority ? Text::kPriorityLow : Text::kPriorityNormal);
  if (!counters || service.number("KeyManagementServiceTotalRequests") == kUnset) return {};
  script.blank_line();
  script.say(Text::kRequests);
  say_lines(script, service, kCounters);
  return {};
}

Result<> say_product(Script& script, const Row& product, const Row& service, bool verbose) {
  say_lines(script, product, kIdentity);
  if (verbose) {
    say_lines(script, product, kIds);
    if (!is_kms_client(product)) say_lines(script, product, kUrls);
  }
  if (!product.has("PartialProductKey")) {
    script.say(Text::kNotInUse);
    return {};
  }
  script.say(Text::kPartialProductKey, {product.text("PartialProductKey")});
  say_status(script, product);
  say_evaluation_end(script, product);
  // 6.0 has one KMS state a machine, which is the base product's.
  if (product.flag("LicenseIsAddon")) return {};
  if (service.number("IsKeyManagementServiceMachine") == 1)
    return say_kms_host(script, service, verbose);
  if (service.number("RequiredClientCount") != kUnset) return say_kms_client(script, service);
  return {};
}

Result<> display(Script& script, bool verbose) {
  SL_TRY(const Row service, script.service(kServiceColumns));
  if (verbose) {
    script.say(Text::kServiceVersion, {script.service_version()});
    script.blank_line();
  }
  SL_TRY(const std::vector<Row> products,
         script.choose(script.argument(0), Script::Choice::kInUseOrAll, kProductColumns));
  for (const Row& product : products) {
    if (&product != products.data()) script.blank_line();
    SL_CHECK(say_product(script, product, service, verbose));
  }
  return {};
}

}  // namespace

Result<> run_dli(Script& script) { return display(script, false); }
Result<> run_dlv(Script& script) { return display(script, true); }

}  // namespace slwmi::slmgr
