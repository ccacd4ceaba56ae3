// The Key Management Service in its rules: what a host counts, remembers and answers. Pure
// functions on a state that fits into one registry value.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/datetime.hpp"
#include "base/guid.hpp"
#include "base/result.hpp"
#include "provider/kms/message.hpp"
#include "provider/license.hpp"

namespace slwmi::licensing::kms {

// Requests by the status that the client reported, and the failed ones.
struct Counters {
  std::array<std::uint32_t, 6> by_status{};  // index: LicenseStatus
  std::uint32_t failed = 0;
  std::uint32_t total() const;  // valid requests
  bool operator==(const Counters&) const = default;
};

struct Client {
  Guid id;
  Minute seen = 0;
  bool operator==(const Client&) const = default;
};

struct HostState {
  Counters counters;
  std::uint32_t largest_requirement = 0;  // of any client; the table holds twice as many
  std::vector<Client> clients;            // oldest first
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

// What the host is and has been told.
struct HostFacts {
  bool activated = false;
  Guid kms_id;  // of the keys that it has
  std::uint32_t activation_interval = 120;
  std::uint32_t renewal_interval = 10080;
  std::string pid;
};

// The KMS ID of released and of beta software; only equal ones serve each other.
Guid release_id(bool prerelease);

// Counts the request and answers it; the counters have changed even when the answer is an error,
// which is what the client gets: SL_E_VL_KEY_MANAGEMENT_SERVICE_NOT_ACTIVATED,
// SL_E_VL_KEY_MANAGEMENT_SERVICE_ID_MISMATCH, or 0xC004F069 (the timestamp code of 6.0) for a
// client whose clock is off. An answer does not mean that the count suffices: the client compares
// it with what it needs.
Result<Response> answer(HostState& state, const HostFacts& host, const Request& request,
                        FileTime now);

}  // namespace slwmi::licensing::kms
