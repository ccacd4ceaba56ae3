// The Key Management Service of one machine as a whole: whether it comes up, when it writes its
// service records by itself, and all that can be asked of it. Pure functions of one view of the
// hive; service.hpp does what they say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "provider/settings.hpp"

namespace slwmi::licensing {

// When the records are to be written again (REG_DWORD, a Minute), in kStore; only after a failure.
inline constexpr std::string_view kNextPublicationValue = "KmsNextPublication";
// So long a host waits after a record was refused. It starts anew with a restart in any case.
inline constexpr std::uint32_t kPublicationRetryMinutes = 24 * 60;

// How the service starts.
struct KmsStart {
  // 12291. ERROR_INVALID_DATA: the table of clients in the store is damaged. The service does not
  // run then, until a KMS key is installed again.
  HResult service = HResult::kSOk;
  // 12292. SL_E_DATATYPE_MISMATCHED: VLActivationInterval or VLRenewalInterval is no REG_DWORD;
  // E_INVALIDARG: one is out of its range. The service runs with the default then.
  HResult timer = HResult::kSOk;
  bool runs() const { return !failed(service); }
};
KmsStart kms_start(const reg::HiveView& view);

// The records that the host writes: publications() of a service that runs.
std::vector<Publication> records_wanted(const Host& host, const MachineState& state,
                                        const reg::HiveView& view);

// When a host next writes its records by itself, `now` when that is overdue: at once when what it
// wrote last has another domain, name or port, or it wrote nothing yet; else a day after it was
// refused. Nothing when it has nothing to write or all is written.
std::optional<FileTime> next_publication(const std::vector<Publication>& wanted,
                                         const reg::HiveView& view, FileTime now);

// When the machine next does anything by itself: an attempt of a KMS client, or a host's
// publication. This is what Service::act does.
std::optional<FileTime> next_act(const Host& host, const MachineState& state,
                                 const reg::HiveView& view, FileTime now);

// The service as an administrator sees it.
struct KmsStatus {
  bool enabled = false;    // a KMS key is installed
  bool activated = false;  // ... and activated, so that requests are granted
  KmsStart start;
  std::uint16_t listening_port = kDefaultKmsPort;
  bool low_priority = false;  // EnableKmsLowPriority: it yields to whatever else runs there
  bool dns_publishing = true;
  std::uint32_t activation_interval = kDefaultActivationInterval;  // handed to clients
  std::uint32_t renewal_interval = kDefaultRenewalInterval;
  std::uint32_t count = 0;     // clients that count now
  std::uint32_t capacity = 0;  // of the table: twice the largest requirement of any client
  kms::HostState state;        // counters, and who was seen when
  std::vector<Publication> publications;  // what it wants in DNS
  std::optional<Publication> registered;  // cached: what it last went to DNS with
  std::optional<FileTime> next_publication = {};
};
KmsStatus kms_status(const Host& host, const MachineState& state, const reg::HiveView& view,
                     FileTime now);

}  // namespace slwmi::licensing
