// Settings, and what moves the state of a machine other than keys and activations.
#include <algorithm>

#include "base/text.hpp"
#include "provider/event_rules.hpp"
#include "provider/firmware.hpp"
#include "provider/installation_id.hpp"
#include "provider/kms_service.hpp"
#include "provider/pid.hpp"
#include "provider/service_work.hpp"

namespace slwmi::licensing {
namespace {

bool is_host_character(char c) {
  return is_digit(c) || is_ascii_alpha(c) || c == '-' || c == '.' || c == '_' || c == ':' ||
         c == '[' || c == ']' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::string installation_id_of(const Host& host, const License& license) {
  return installation_id({key_of(license), host.facts.hardware}, host.facts.world_seed);
}

std::string product_id_of(const Host& host, const Product& product, const License& license) {
  PidFields fields;
  fields.key = key_of(license);
  fields.channel = product.channel;
  fields.os = host.resolved.os->os;
  fields.revision = host.resolved.os->revision;
  fields.installed = time_of(license.key_installed_at);
  return extended_product_id(fields);
}

// --- settings

Result<> Service::set_value(const reg::KnownPath& path, std::string_view name,
                            const reg::ValueData& data) {
  SL_TRY(Work work, Work::begin(host_, clock_));
  SL_CHECK(work.set(path, name, data));
  return work.commit();
}

Result<> Service::set_kms_machine(std::string_view name) {
  if (name.empty()) return fail(HResult::kEInvalidarg, "the name of the KMS host is empty");
  constexpr std::size_t kMaxName = 255;
  if (name.size() > kMaxName || !std::all_of(name.begin(), name.end(), is_host_character))
    return fail(HResult::kErrorInvalidName, "the text is no host name or address");
  return set_value(paths::kSl, "KeyManagementServiceName", reg::make_sz(name));
}

Result<> Service::clear_kms_machine() {
  SL_TRY(Work work, Work::begin(host_, clock_));
  SL_CHECK(work.remove(paths::kSl, "KeyManagementServiceName"));
  return work.commit();
}

Result<> Service::set_activation_interval(std::uint32_t minutes) {
  return set_value(paths::kSl, "VLActivationInterval", reg::make_dword(minutes));
}

Result<> Service::set_renewal_interval(std::uint32_t minutes) {
  return set_value(paths::kSl, "VLRenewalInterval", reg::make_dword(minutes));
}

// --- state

Result<> Service::apply_to_base(const Event& event) {
  SL_TRY(Work work, Work::begin(host_, clock_));
  SL_CHECK(work.move(work.state().base(), event));
  return work.commit();
}

Result<> Service::refresh() { return apply_to_base(event_of(EventKind::kRefreshed)); }

Result<> Service::rearm() { return apply_to_base(event_of(EventKind::kRearmRequested)); }

Result<> Service::set_up() {
  SL_TRY(Work work, Work::begin(host_, clock_));
  const Product& product = *work.state().base().product;
  const HResult found = setup_error(*host_.resolved.os, product, firmware_of(host_.facts));
  if (!failed(found)) return {};
  work.log(activation_failed(found, product, work.now()));
  return work.commit();
}

Result<> Service::restarted() {
  SL_TRY(Work work, Work::begin(host_, clock_));
  Carried base = work.state().base();
  const bool reset = base.license.has(LicenseFlag::kRearmPending);
  const bool kms_host = work.state().is_kms_host();
  work.log(service_stopped(work.now()));
  work.log(service_started(host_.resolved.os->service_version, work.now()));
  SL_TRY(const Step started, work.move(base, event_of(EventKind::kRestarted)));
  if (reset) SL_CHECK(work.forget_kms());
  base.license = started.next;
  if (is_due_to_firmware(base, started.after))
    SL_CHECK(work.move(base, event_of(EventKind::kActivated)));
  if (kms_host) work.log_start(kms_start(work.view()));
  SL_CHECK(work.commit());
  if (!kms_host) return {};
  SL_CHECK(reactivate());
  return publish();
}

// Whether an OEM_SLP product waits for nothing but its firmware, and that fits.
bool Service::is_due_to_firmware(const Carried& base, const Status& status) const {
  return base.product->channel == Channel::kOemSlp && base.license.has(LicenseFlag::kHasKey) &&
         !base.license.has(LicenseFlag::kTampered) &&
         (status.status == LicenseStatus::kOobGrace ||
          status.reason == HResult::kSlIOotGracePeriod ||
          status.reason == HResult::kSlEGraceTimeExpired ||
          status.reason == HResult::kSlEOutOfTolerance) &&
         firmware_of(host_.facts) == Firmware::kMarked;
}

Result<> Service::generalized() {
  SL_TRY(Work work, Work::begin(host_, clock_));
  SL_CHECK(work.move(work.state().base(), event_of(EventKind::kGeneralized)));
  SL_CHECK(work.forget_kms());
  return work.commit();
}

Result<> Service::happened(const Event& event) { return apply_to_base(event); }

}  // namespace slwmi::licensing
