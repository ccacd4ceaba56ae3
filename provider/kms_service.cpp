#include "provider/kms_service.hpp"

#include <algorithm>
#include <charconv>

namespace slwmi::licensing {
namespace {

HResult check_interval(const reg::HiveView& view, std::string_view name) {
  const auto value = find_value(view, paths::kSl, name);
  if (!value) return HResult::kSOk;
  const auto number = reg::as_dword(*value);
  if (value->type != reg::ValueType::kDword || !number) return HResult::kSlEDatatypeMismatched;
  return *number < kMinInterval || *number > kMaxInterval ? HResult::kEInvalidarg : HResult::kSOk;
}

}  // namespace

KmsStart kms_start(const reg::HiveView& view) {
  KmsStart out;
  if (const auto table = find_value(view, paths::kStore, kKmsHostValue)) {
    const bool good =
        table->type == reg::ValueType::kBinary && kms::decode_host_state(table->data).has_value();
    if (!good) out.service = HResult::kErrorInvalidData;
  }
  for (const std::string_view name : {"VLActivationInterval", "VLRenewalInterval"})
    if (!failed(out.timer)) out.timer = check_interval(view, name);
  return out;
}

std::vector<Publication> records_wanted(const Host& host, const MachineState& state,
                                        const reg::HiveView& view) {
  if (!state.is_kms_host() || !kms_start(view).runs()) return {};
  return publications(host, state, read_settings(view));
}

std::optional<FileTime> next_publication(const std::vector<Publication>& wanted,
                                         const reg::HiveView& view, FileTime now) {
  if (wanted.empty()) return std::nullopt;
  if (must_publish(wanted, read_settings(view))) return now;
  const auto due = read_number(view, paths::kStore, kNextPublicationValue);
  if (!due) return std::nullopt;
  return std::max(time_of(*due), now);
}

std::optional<FileTime> next_act(const Host& host, const MachineState& state,
                                 const reg::HiveView& view, FileTime now) {
  if (state.is_kms_host()) return next_publication(records_wanted(host, state, view), view, now);
  const Carried& base = state.base();
  return next_attempt(base.license, policy_of(*base.product, *host.resolved.os),
                      timers_of(read_settings(view)), now);
}

KmsStatus kms_status(const Host& host, const MachineState& state, const reg::HiveView& view,
                     FileTime now) {
  const Settings settings = read_settings(view);
  KmsStatus out;
  out.enabled = state.is_kms_host();
  out.start = kms_start(view);
  const kms::HostFacts facts = kms_host_facts(host, state, view, now);
  out.activated = out.enabled && facts.activated;
  out.listening_port = settings.listening_port;
  out.low_priority = settings.low_priority;
  out.dns_publishing = settings.dns_publishing;
  out.activation_interval = facts.activation_interval;
  out.renewal_interval = facts.renewal_interval;
  out.state = read_kms_host(view);
  out.count = kms::client_count(out.state, now);
  out.capacity = kms::capacity(out.state);
  out.publications = records_wanted(host, state, view);
  if (settings.registered_host) {
    Publication registered{settings.registered_domain.value_or(""), *settings.registered_host, 0};
    const std::string port = settings.registered_port.value_or("");
    std::from_chars(port.data(), port.data() + port.size(), registered.port);
    out.registered = std::move(registered);
  }
  out.next_publication = next_publication(out.publications, view, now);
  return out;
}

}  // namespace slwmi::licensing
