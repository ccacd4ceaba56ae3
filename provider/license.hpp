// The licensing state of one product as a fixed-size record, and the pure functions that move it. A
// status is never stored: it follows from the record, the product's policy and the clock, so
// nothing has to tick. One machine and a fleet of 100,000 run exactly these functions.
// docs/formats.md has the bytes of the record.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/datetime.hpp"
#include "base/guid.hpp"
#include "base/result.hpp"

namespace slwmi::licensing {

// Whole minutes since 1601-01-01 UTC, the resolution of every licensing period.
using Minute = std::uint32_t;
inline constexpr std::uint64_t kTicksPerMinute = 600'000'000;
constexpr Minute minute_of(FileTime time) {
  return static_cast<Minute>(time.ticks / kTicksPerMinute);
}
constexpr FileTime time_of(Minute minute) { return FileTime{minute * kTicksPerMinute}; }

inline constexpr std::uint32_t kGraceMinutes = 30 * 24 * 60;         // every grace period: 43,200
inline constexpr std::uint32_t kKmsValidityMinutes = 180 * 24 * 60;  // 259,200

// SoftwareLicensingProduct.LicenseStatus.
enum class LicenseStatus : std::uint32_t {
  kUnlicensed = 0,
  kLicensed = 1,
  kOobGrace = 2,
  kOotGrace = 3,
  kNonGenuineGrace = 4,
  kNotification = 5,
};

enum class Channel : std::uint8_t { kKmsClient, kKmsHost, kMak, kRetail, kOemSlp, kTimebasedEval };

// What the catalogue and the OS version say about a product; never stored in the record.
struct Policy {
  Channel channel = Channel::kRetail;
  bool notification =
      false;  // 6.0.6001 on: an expired product notifies instead of losing functions
  std::uint8_t rearm_limit = 3;  // resets of the activation timers that the edition allows
  FileTime evaluation_end = {};  // zero: not an evaluation
};

enum class LicenseFlag : std::uint16_t {
  kHasKey = 1u << 0,
  kActivated = 1u << 1,          // permanent: MAK, retail, OEM, KMS host
  kKmsActivated = 1u << 2,       // by a KMS: valid for 180 days from activated_at
  kOutOfTolerance = 1u << 3,     // the hardware changed since the activation
  kNonGenuine = 1u << 4,         // a validation failed
  kNonGenuineNoGrace = 1u << 5,  // ... and no grace period was granted
  kTampered = 1u << 6,           // the trusted store was altered
  kRearmPending = 1u << 7,       // reset requested; takes effect with the next restart
  kRefreshRequired = 1u << 8,    // licences changed and were not yet consumed again
  kAttemptFailed = 1u << 9,      // the last KMS attempt did not license the product
  kNetworkWatched = 1u << 10,    // ... nor did the one before it
};

// One product's state. Zero-initialised: a licence that was never touched, without a key.
struct License {
  std::uint16_t flags = 0;
  std::uint16_t key_group = 0;   // of the installed key
  std::uint32_t key_serial = 0;  // of the installed key
  Minute key_installed_at = 0;
  Minute grace_start = 0;   // start of the initial grace period
  Minute activated_at = 0;  // of the last success; a KMS activation runs from here
  Minute out_of_tolerance_at = 0;
  Minute non_genuine_at = 0;
  Minute attempted_at = 0;  // the last KMS attempt; 0: none since key change, rearm or restart
  std::uint16_t activation_interval =
      0;  // minutes, from the last KMS response; 0: none since rearm or key change
  std::uint16_t renewal_interval = 0;  // likewise
  std::uint16_t rearms_used = 0;
  std::uint16_t generation = 0;          // counts client machine IDs made on this machine
  std::uint64_t client_id = 0;           // seed of the client machine ID; 0: none yet
  std::uint64_t previous_client_id = 0;  // the one before the last reset

  bool has(LicenseFlag flag) const { return (flags & static_cast<std::uint16_t>(flag)) != 0; }
  void set(LicenseFlag flag, bool on = true) {
    const auto bit = static_cast<std::uint16_t>(flag);
    flags = static_cast<std::uint16_t>(on ? flags | bit : flags & ~bit);
  }
  bool operator==(const License&) const = default;
};
static_assert(sizeof(License) <= 64, "a fleet keeps one per machine");

// --- The record as bytes

inline constexpr std::size_t kRecordSize = 64;
using Record = std::array<std::byte, kRecordSize>;

// The digest at the end binds the bytes to `sku`, so a record that was edited or copied from
// another product shows.
Record encode(const License& license, const Guid& sku);
// SL_E_TAMPER_DETECTED when size, version or digest do not fit.
Result<License> decode(std::span<const std::byte> bytes, const Guid& sku);

// --- What a record means

struct Status {
  LicenseStatus status = LicenseStatus::kUnlicensed;
  HResult reason = HResult::kSlEPkeyNotInstalled;  // LicenseStatusReason
  // Minutes until the product leaves this state, begun minutes counted whole; 0 when it does not
  // leave by itself.
  std::uint32_t remaining = 0;
  bool operator==(const Status&) const = default;
};

// Never fails. Source: VA2 Appendix 1 (LicenseStatus, GracePeriodRemaining) and "Managing License
// States".
Status status_at(const License& license, const Policy& policy, FileTime now);

// When the status next changes without any event; nothing when it will not.
std::optional<FileTime> next_change(const License& license, const Policy& policy, FileTime now);

// --- What moves it

enum class EventKind : std::uint8_t {
  kInstalled,     // a fresh operating system: everything forgotten, initial grace starts
  kKeyInstalled,  // key_group, key_serial
  kKeyUninstalled,
  kActivated,     // online, by telephone or by OEM marker: permanent
  kKmsAnswered,   // granted, activation_interval, renewal_interval: any answer of a KMS host
  kKmsRequested,  // a request goes out: the client machine ID is made now if there is none; entropy
  kKmsNotRequested,  // an attempt in which no request could be made
  kRearmRequested,
  kRestarted,         // of the machine
  kGeneralized,       // sysprep /generalize: a reset that takes effect at once
  kHardwareChanged,   // beyond tolerance
  kMarkedNonGenuine,  // granted: with the 30-day grace period
  kValidated,         // granted: the verdict
  kTampered,
  kLicenseInstalled,  // the policy cache is stale until kRefreshed
  kRefreshed,
  kTimePassed,
};

struct Event {
  EventKind kind = EventKind::kTimePassed;
  std::uint16_t key_group = 0;
  std::uint32_t key_serial = 0;
  bool granted = false;
  std::uint32_t activation_interval = 0;
  std::uint32_t renewal_interval = 0;
  std::uint64_t entropy = 0;  // for kKmsRequested; a hash of world seed and machine
};

struct Step {
  License next;  // equal to the input when result is a failure
  HResult result = HResult::kSOk;
  Status before, after;
  bool restart_required = false;  // the effect waits for a restart of the machine
  bool client_id_made = false;
};

Step step(const License& license, const Policy& policy, const Event& event, FileTime now);
// The same in place, for who moves many: the record stays as it is when the result is a failure.
// `before` is status_at(license, policy, now).
HResult move(License& license, const Policy& policy, const Event& event, FileTime now,
             const Status& before);

// --- The usual renewal, for who makes them by the million

// What kKmsRequested and a granting kKmsAnswered leave, in one step, of a licence that has a client
// machine ID and of which all there is to say is that a KMS activated it: status_at() has said
// kLicensed, and the minutes that come out. Nothing, and no change, where there is more to say.
std::optional<std::uint32_t> renew(License& license, const Policy& policy, FileTime now,
                                   std::uint32_t activation_interval,
                                   std::uint32_t renewal_interval);
// What renew() has left of a licence when `other`, of the same product, was renewed in its place
// since both were in the same minute.
void take_renewal(License& license, const License& other);

// The client machine ID that a seed stands for; never the nil GUID.
Guid client_machine_id(std::uint64_t client_id);

}  // namespace slwmi::licensing
