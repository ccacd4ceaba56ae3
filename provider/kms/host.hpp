// The Key Management Service in its rules: what a host counts, remembers and answers. Pure
// functions on a state that fits into one registry value; a simulation asks them by the million.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/datetime.hpp"
#include "base/result.hpp"
#include "provider/kms/client_table.hpp"
#include "provider/kms/exchange.hpp"
#include "provider/kms/question.hpp"
#include "provider/license.hpp"

namespace slwmi::licensing::kms {

// Requests by the status that the client reported, and the failed ones.
struct Counters {
  std::array<std::uint32_t, 6> by_status{};  // index: LicenseStatus
  std::uint32_t failed = 0;
  std::uint32_t total() const;  // valid requests
  bool operator==(const Counters&) const = default;
};

struct HostState {
  Counters counters;
  std::uint32_t largest_requirement = 0;  // of any client; the table holds twice as many
  ClientTable clients;
  bool asked() const { return counters.total() != 0 || counters.failed != 0; }
  bool operator==(const HostState&) const = default;
};

inline constexpr std::uint32_t kMemoryMinutes =
    30 * 24 * 60;                                        // a client not seen so long is forgotten
inline constexpr std::int64_t kClockTolerance = 4 * 60;  // minutes either way

Bytes encode(const HostState& state);
// ERROR_INVALID_DATA with the offset. No bytes are the state of a new host.
Result<HostState> decode_host_state(ByteSpan bytes);

// Clients that count at `now`.
std::uint32_t client_count(const HostState& state, FileTime now);

// How many clients the table holds: twice the largest requirement.
std::uint32_t capacity(const HostState& state);

// What the host is and has been told.
struct HostFacts {
  bool activated = false;
  bool prerelease = false;               // which KMS ID its key has
  bool counts_virtual_machines = false;  // 6.1 and later; before, they are served and not counted
  std::int32_t clock_skew = 0;           // minutes that its clock is ahead of the world's
  std::uint32_t machine = 0;             // its number in the world
  std::uint32_t activation_interval = 120;
  std::uint32_t renewal_interval = 10080;
};

// Counts the question and answers it; the counters have changed even when the code is an error:
// SL_E_VL_KEY_MANAGEMENT_SERVICE_NOT_ACTIVATED, SL_E_VL_KEY_MANAGEMENT_SERVICE_ID_MISMATCH, or
// 0xC004F069 (the timestamp code of 6.0) for a client whose clock is off. Success does not mean
// that the count suffices: the client compares it with what it needs. `now` is the host's clock.
Reply answer(HostState& state, const HostFacts& host, const Question& question, FileTime now);

// answer() in parts, for who asks by the million. The code that it gives; nothing is counted.
HResult judge(const HostFacts& host, const Question& question, FileTime now);
// Whether every client of that requirement that is answered in this minute is told a count that
// suffices, and no client is forgotten for its age.
bool is_steady(const HostState& state, std::uint32_t required, Minute now);
// What it does to the state when judge() allows it: only required, status and virtual_machine of
// the question matter, and the IDs of the clients, which ask it one after the other in that minute.
void count(HostState& state, const HostFacts& host, const Question& question,
           std::span<const ClientPart> clients, Minute now);

}  // namespace slwmi::licensing::kms
