#include "provider/license.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "provider/client_id.hpp"

namespace slwmi::licensing {
namespace {

constexpr int bit(LicenseFlag flag) { return static_cast<int>(flag); }

// What status_at says, with the instant at which it ends rather than the minutes left; zero: it
// does not end.
struct Phase {
  LicenseStatus status;
  HResult reason;
  FileTime until = {};
  FileTime since = {};  // start of the period that `until` ends, zero when there is none
};

Phase expired(const Policy& policy, HResult reason) {
  return {policy.notification ? LicenseStatus::kNotification : LicenseStatus::kUnlicensed, reason};
}

bool is_grace(LicenseStatus status) {
  return status == LicenseStatus::kOobGrace || status == LicenseStatus::kOotGrace ||
         status == LicenseStatus::kNonGenuineGrace;
}

bool over(FileTime end, FileTime now) { return now >= end; }

Phase grace(LicenseStatus status, HResult reason, Minute start, HResult end_reason,
            const Policy& policy, FileTime now) {
  const FileTime end = time_of(start + kGraceMinutes);
  if (over(end, now)) return expired(policy, end_reason);
  return {status, reason, end, time_of(start)};
}

Phase licensed_phase(const License& license, const Policy& policy, FileTime now) {
  const bool kms = license.has(LicenseFlag::kKmsActivated);
  const Minute kms_end = license.activated_at + kKmsValidityMinutes;
  if (license.has(LicenseFlag::kOutOfTolerance) && (!kms || license.out_of_tolerance_at < kms_end))
    return grace(LicenseStatus::kOotGrace, HResult::kSlIOotGracePeriod, license.out_of_tolerance_at,
                 HResult::kSlEOutOfTolerance, policy, now);
  if (!kms) {
    const bool timed = policy.evaluation_end != FileTime{};
    return {LicenseStatus::kLicensed, timed ? HResult::kSlITimebasedValidityPeriod : HResult::kSOk};
  }
  if (!over(time_of(kms_end), now))
    return {LicenseStatus::kLicensed, HResult::kSlEVlInfoProductUserRight, time_of(kms_end),
            time_of(license.activated_at)};
  return grace(LicenseStatus::kOotGrace, HResult::kSlIOotGracePeriod, kms_end,
               HResult::kSlEGraceTimeExpired, policy, now);
}

// Non-genuine, beside what the product is otherwise. Its grace period does not outlast the other
// one.
Phase non_genuine_phase(const License& license, const Policy& policy, const Phase& other,
                        FileTime now) {
  if (license.has(LicenseFlag::kNonGenuineNoGrace)) return expired(policy, HResult::kSlENotGenuine);
  Phase phase = grace(LicenseStatus::kNonGenuineGrace, HResult::kSlINongenuineGracePeriod,
                      license.non_genuine_at, HResult::kSlENongenuineGraceTimeExpired, policy, now);
  if (is_grace(phase.status) && is_grace(other.status) && other.until < phase.until) {
    phase.until = other.until;
    phase.since = other.since;
  }
  return phase;
}

bool is_expired(const Phase& phase) {
  return phase.status == LicenseStatus::kNotification || phase.status == LicenseStatus::kUnlicensed;
}

Phase phase_at(const License& license, const Policy& policy, FileTime now) {
  if (license.has(LicenseFlag::kTampered))
    return expired(policy, HResult::kSlRemappingSpPubTsTampered);
  if (!license.has(LicenseFlag::kHasKey))
    return {LicenseStatus::kUnlicensed, HResult::kSlEPkeyNotInstalled};
  const bool evaluation = policy.evaluation_end != FileTime{};
  if (evaluation && over(policy.evaluation_end, now))
    return {LicenseStatus::kUnlicensed, HResult::kSlEValidityTimeExpired};
  const bool activated =
      license.has(LicenseFlag::kActivated) || license.has(LicenseFlag::kKmsActivated);
  Phase phase = activated ? licensed_phase(license, policy, now)
                          : grace(LicenseStatus::kOobGrace, HResult::kSlIOobGracePeriod,
                                  license.grace_start, HResult::kSlEGraceTimeExpired, policy, now);
  if (license.has(LicenseFlag::kNonGenuine) && !is_expired(phase))
    phase = non_genuine_phase(license, policy, phase, now);
  if (evaluation && (phase.until == FileTime{} || phase.until > policy.evaluation_end))
    phase.until = policy.evaluation_end;
  return phase;
}

std::uint32_t minutes_left(const Phase& phase, FileTime now) {
  if (phase.until == FileTime{}) return 0;
  // A clock that was set back does not lengthen a period.
  const std::uint64_t from = std::max(now.ticks, phase.since.ticks);
  const std::uint64_t left = phase.until.ticks - from;
  return static_cast<std::uint32_t>((left + kTicksPerMinute - 1) / kTicksPerMinute);
}

void forget_attempts(License& license) {
  license.attempted_at = 0;
  license.set(LicenseFlag::kAttemptFailed, false);
  license.set(LicenseFlag::kNetworkWatched, false);
}

// An attempt has failed until its answer comes.
void note_attempt(License& license, Minute now) {
  license.set(LicenseFlag::kNetworkWatched, license.has(LicenseFlag::kAttemptFailed));
  license.set(LicenseFlag::kAttemptFailed);
  license.attempted_at = now;
}

std::uint16_t interval_of(std::uint32_t minutes) {
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(minutes, 0xFFFF));
}

void take_intervals(License& license, std::uint32_t activation, std::uint32_t renewal) {
  license.activation_interval = interval_of(activation);
  license.renewal_interval = interval_of(renewal);
}

void drop_activation(License& license) {
  license.set(LicenseFlag::kActivated, false);
  license.set(LicenseFlag::kKmsActivated, false);
  license.set(LicenseFlag::kOutOfTolerance, false);
  license.activated_at = 0;
  license.out_of_tolerance_at = 0;
  license.activation_interval = 0;
  license.renewal_interval = 0;
  forget_attempts(license);
}

// What a KMS host's answer that suffices makes of it.
void grant(License& license, FileTime now, std::uint32_t activation_interval,
           std::uint32_t renewal_interval) {
  drop_activation(license);
  license.set(LicenseFlag::kKmsActivated);
  license.activated_at = license.attempted_at = minute_of(now);
  take_intervals(license, activation_interval, renewal_interval);
}

// A new key or none: the activation is gone. A product that was in order gets an initial grace
// period of its own; one in a grace period keeps the minutes it had left, and one that had expired
// stays so.
void change_key(License& license, const Status& before, Minute now) {
  const bool activated =
      license.has(LicenseFlag::kActivated) || license.has(LicenseFlag::kKmsActivated);
  drop_activation(license);
  if (before.status == LicenseStatus::kLicensed || license.grace_start == 0) {
    license.grace_start = now;
  } else if (activated && before.status == LicenseStatus::kOotGrace) {
    license.grace_start = now - (kGraceMinutes - before.remaining);
  }
}

void reset_activation(License& license, Minute now) {
  drop_activation(license);
  license.set(LicenseFlag::kRearmPending, false);
  if (license.client_id != 0) license.previous_client_id = license.client_id;
  license.client_id = 0;
  license.grace_start = now;
}

void mark_non_genuine(License& license, bool with_grace, Minute now) {
  if (!license.has(LicenseFlag::kNonGenuine)) license.non_genuine_at = now;
  license.set(LicenseFlag::kNonGenuine);
  if (!with_grace) license.set(LicenseFlag::kNonGenuineNoGrace);
}

// Why the product cannot be activated or given a key now; kSOk when it can.
HResult obstacle(const License& license, const Policy& policy, FileTime now, bool needs_key) {
  if (license.has(LicenseFlag::kTampered)) return HResult::kSlRemappingSpPubTsTampered;
  if (license.has(LicenseFlag::kRearmPending)) return HResult::kSlRemappingSpPubTsRearmed;
  if (!needs_key) return HResult::kSOk;
  if (!license.has(LicenseFlag::kHasKey)) return HResult::kSlEPkeyNotInstalled;
  if (policy.evaluation_end != FileTime{} && over(policy.evaluation_end, now))
    return HResult::kSlEValidityTimeExpired;
  return HResult::kSOk;
}

HResult use_rearm(License& license, const Policy& policy) {
  if (license.has(LicenseFlag::kTampered)) return HResult::kSlRemappingSpPubTsTampered;
  if (license.has(LicenseFlag::kRearmPending)) return HResult::kSlRemappingSpPubTsRearmed;
  if (license.rearms_used >= policy.rearm_limit) return HResult::kSlRemappingSpPubTsMaxRearmReached;
  ++license.rearms_used;
  return HResult::kSOk;
}

void make_client_id(License& license, std::uint64_t entropy) {
  license.client_id = made_client_id(entropy, ++license.generation);
}

// A record on its way: every failure comes before the first change.
struct Change {
  License& next;
  const Status& before;
  bool restart_required = false;
  bool client_id_made = false;
};

HResult apply(Change& out, const Policy& policy, const Event& event, FileTime now) {
  License& next = out.next;
  const Minute minute = minute_of(now);
  switch (event.kind) {
    case EventKind::kInstalled:
      next = {};
      next.grace_start = minute;
      return HResult::kSOk;
    case EventKind::kKeyInstalled:
      if (const HResult no = obstacle(next, policy, now, false); no != HResult::kSOk) return no;
      change_key(next, out.before, minute);
      next.set(LicenseFlag::kHasKey);
      next.key_group = event.key_group;
      next.key_serial = event.key_serial;
      next.key_installed_at = minute;
      return HResult::kSOk;
    case EventKind::kKeyUninstalled:
      if (!next.has(LicenseFlag::kHasKey)) return HResult::kSlEPkeyNotInstalled;
      if (const HResult no = obstacle(next, policy, now, false); no != HResult::kSOk) return no;
      change_key(next, out.before, minute);
      next.set(LicenseFlag::kHasKey, false);
      next.key_group = 0;
      next.key_serial = 0;
      next.key_installed_at = 0;
      return HResult::kSOk;
    case EventKind::kActivated:
      if (const HResult no = obstacle(next, policy, now, true); no != HResult::kSOk) return no;
      drop_activation(next);
      next.set(LicenseFlag::kActivated);
      next.activated_at = minute;
      return HResult::kSOk;
    case EventKind::kKmsRequested:
      if (const HResult no = obstacle(next, policy, now, true); no != HResult::kSOk) return no;
      if (next.client_id == 0) {
        make_client_id(next, event.entropy);
        out.client_id_made = true;
      }
      note_attempt(next, minute);
      return HResult::kSOk;
    case EventKind::kKmsNotRequested:
      if (const HResult no = obstacle(next, policy, now, true); no != HResult::kSOk) return no;
      note_attempt(next, minute);
      return HResult::kSOk;
    case EventKind::kKmsAnswered:
      if (const HResult no = obstacle(next, policy, now, true); no != HResult::kSOk) return no;
      if (event.granted) {
        grant(next, now, event.activation_interval, event.renewal_interval);
      } else {
        take_intervals(next, event.activation_interval, event.renewal_interval);
      }
      return HResult::kSOk;
    case EventKind::kRearmRequested:
      if (const HResult no = use_rearm(next, policy); no != HResult::kSOk) return no;
      next.set(LicenseFlag::kRearmPending);
      out.restart_required = true;
      return HResult::kSOk;
    case EventKind::kGeneralized:
      if (const HResult no = use_rearm(next, policy); no != HResult::kSOk) return no;
      reset_activation(next, minute);
      return HResult::kSOk;
    case EventKind::kRestarted:
      if (next.has(LicenseFlag::kRearmPending)) reset_activation(next, minute);
      if (out.before.status != LicenseStatus::kLicensed) forget_attempts(next);
      return HResult::kSOk;
    case EventKind::kHardwareChanged:
      if ((next.has(LicenseFlag::kActivated) || next.has(LicenseFlag::kKmsActivated)) &&
          !next.has(LicenseFlag::kOutOfTolerance)) {
        next.set(LicenseFlag::kOutOfTolerance);
        next.out_of_tolerance_at = minute;
      }
      return HResult::kSOk;
    case EventKind::kMarkedNonGenuine:
      mark_non_genuine(next, event.granted, minute);
      return HResult::kSOk;
    case EventKind::kValidated:
      if (!event.granted) {
        mark_non_genuine(next, true, minute);
        return HResult::kSOk;
      }
      next.set(LicenseFlag::kNonGenuine, false);
      next.set(LicenseFlag::kNonGenuineNoGrace, false);
      next.non_genuine_at = 0;
      return HResult::kSOk;
    case EventKind::kTampered:
      next.set(LicenseFlag::kTampered);
      return HResult::kSOk;
    case EventKind::kLicenseInstalled:
      next.set(LicenseFlag::kRefreshRequired);
      return HResult::kSOk;
    case EventKind::kRefreshed:
      next.set(LicenseFlag::kRefreshRequired, false);
      return HResult::kSOk;
    case EventKind::kTimePassed:
      return HResult::kSOk;
  }
  return HResult::kEInvalidarg;
}

// The seed names the layout: bytes of another version do not decode.
std::uint64_t digest_of(ByteSpan body, const Guid& sku) {
  const std::uint64_t layout = hash64("slwmi licence record 2");
  return hash64(body, hash64(std::as_bytes(std::span(sku.bytes)), layout));
}

}  // namespace

Record encode(const License& license, const Guid& sku) {
  ByteWriter out;
  out.u16(license.flags);
  out.u16(license.key_group);
  out.u32(license.key_serial);
  out.u32(license.key_installed_at);
  out.u32(license.grace_start);
  out.u32(license.activated_at);
  out.u32(license.out_of_tolerance_at);
  out.u32(license.non_genuine_at);
  out.u32(license.attempted_at);
  out.u16(license.activation_interval);
  out.u16(license.renewal_interval);
  out.u16(license.rearms_used);
  out.u16(license.generation);
  out.u64(license.client_id);
  out.u64(license.previous_client_id);
  out.u64(digest_of(out.data(), sku));
  Record record{};
  std::copy(out.data().begin(), out.data().end(), record.begin());
  return record;
}

Result<License> decode(std::span<const std::byte> bytes, const Guid& sku) {
  if (bytes.size() != kRecordSize)
    return fail(HResult::kSlETamperDetected, "a licence record has 64 bytes");
  ByteReader in(bytes);
  License license;
  license.flags = in.u16();
  license.key_group = in.u16();
  license.key_serial = in.u32();
  license.key_installed_at = in.u32();
  license.grace_start = in.u32();
  license.activated_at = in.u32();
  license.out_of_tolerance_at = in.u32();
  license.non_genuine_at = in.u32();
  license.attempted_at = in.u32();
  license.activation_interval = in.u16();
  license.renewal_interval = in.u16();
  license.rearms_used = in.u16();
  license.generation = in.u16();
  license.client_id = in.u64();
  license.previous_client_id = in.u64();
  if (in.u64() != digest_of(bytes.first(kRecordSize - 8), sku))
    return fail(HResult::kSlETamperDetected, "the digest of a licence record does not fit");
  return license;
}

Guid client_machine_id(std::uint64_t client_id) {
  const std::uint64_t high = combine(client_id, kClientIdPurpose);
  return guid_from_hash({high, combine(high, client_id)});
}

Status status_at(const License& license, const Policy& policy, FileTime now) {
  const Phase phase = phase_at(license, policy, now);
  return {phase.status, phase.reason, minutes_left(phase, now)};
}

std::optional<FileTime> next_change(const License& license, const Policy& policy, FileTime now) {
  const Phase phase = phase_at(license, policy, now);
  if (phase.until == FileTime{}) return std::nullopt;
  return phase.until;
}

Step step(const License& license, const Policy& policy, const Event& event, FileTime now) {
  Step out;
  out.next = license;
  out.before = status_at(license, policy, now);
  Change change{out.next, out.before};
  out.result = apply(change, policy, event, now);
  out.restart_required = change.restart_required;
  out.client_id_made = change.client_id_made;
  out.after = status_at(out.next, policy, now);
  return out;
}

std::optional<std::uint32_t> renew(License& license, const Policy& policy, FileTime now,
                                   std::uint32_t activation_interval,
                                   std::uint32_t renewal_interval) {
  using Flag = LicenseFlag;
  constexpr int kNeeded = bit(Flag::kHasKey) | bit(Flag::kKmsActivated);
  constexpr int kHarmless =
      bit(Flag::kRefreshRequired) | bit(Flag::kAttemptFailed) | bit(Flag::kNetworkWatched);
  if ((license.flags & ~kHarmless) != kNeeded || license.client_id == 0 ||
      policy.evaluation_end != FileTime{})
    return std::nullopt;
  const FileTime end = time_of(license.activated_at + kKmsValidityMinutes);
  if (over(end, now)) return std::nullopt;
  const std::uint32_t left = minutes_left(
      {LicenseStatus::kLicensed, HResult::kSOk, end, time_of(license.activated_at)}, now);
  grant(license, now, activation_interval, renewal_interval);
  return left;
}

void take_renewal(License& license, const License& other) {
  license.activated_at = other.activated_at;
  license.attempted_at = other.attempted_at;
  license.activation_interval = other.activation_interval;
  license.renewal_interval = other.renewal_interval;
}

HResult move(License& license, const Policy& policy, const Event& event, FileTime now,
             const Status& before) {
  Change change{license, before};
  return apply(change, policy, event, now);
}

}  // namespace slwmi::licensing
