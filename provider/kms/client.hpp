// The KMS client in its rules: one attempt to activate or renew from its beginning to what it
// leaves behind, and when the next is due. Pure functions without allocation: Service::activate
// runs them on one machine, a simulation on packed records of 100,000.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/function_ref.hpp"
#include "provider/kms/exchange.hpp"
#include "provider/kms/host.hpp"
#include "provider/kms/question.hpp"
#include "provider/license.hpp"

namespace slwmi::licensing {

// What the client is.
struct ClientFacts {
  Policy policy;                // of its product
  std::uint64_t seed = 0;       // of the machine
  std::uint32_t machine = 0;    // its number in the world
  std::uint32_t required = 0;   // N-policy of the product
  std::uint16_t product = 0;    // key group of the product
  std::int32_t clock_skew = 0;  // minutes that its clock is ahead of the world's
  bool prerelease = false;
  bool virtual_machine = false;
  bool slic_table = false;
  bool unqualified = false;  // the computer does not qualify for a volume edition (firmware.hpp)
};

// Where it looks for its host: the fixed one and no other, else the cached one, else DNS.
struct ClientSettings {
  std::optional<KmsServer> fixed;     // KeyManagementServiceName
  std::optional<KmsServer> cached;    // DiscoveredKeyManagementServiceName
  std::optional<std::uint16_t> port;  // KeyManagementServicePort: whatever host is asked
  bool invalid_registration = false;  // a value of these is of a wrong type, and passed over
};

// The outside, as one attempt needs it.
struct KmsPeers {
  // The KMS hosts that DNS names for the client, in the order of the answer; they stay valid for
  // the rest of the attempt. A code of DNS when there are none.
  FunctionRef<HResult(std::span<const KmsServer>&)> find_hosts;
  FunctionRef<kms::Reply(const KmsServer&, const kms::Question&)> ask;
  // Takes what the event logs keep, once for each host that was asked, or once without a host.
  FunctionRef<void(const KmsServer&, const KmsExchange&)> log;
};

struct Attempt {
  License next;                    // the record after it, which has changed on failure too
  HResult result = HResult::kSOk;  // of Activate
  bool discovered = false;         // `server` came from DNS and answered: it is to be cached
  KmsServer server;                // the last that was asked, as found; no name when none was
  kms::Reply reply;                // of it
};

// Of several hosts that DNS names the client takes one at random, and after a failure another,
// until one answers or none is left; the result is the last failure. A response whose count is too
// low is an answer: SL_E_VL_NOT_ENOUGH_COUNT. SL_E_VL_NOT_WINDOWS_SLP, before
// anything is asked, on a computer that does not qualify for a volume edition. A licence that
// cannot be activated at all (no key, tampered, reset pending) fails with its own code, logs
// nothing and is left as it is.
Attempt attempt_activation(const License& license, const ClientFacts& facts,
                           const ClientSettings& settings, FileTime now, const KmsPeers& peers);

// The usual renewals, for who makes them by the million: clients of one product, in good order, ask
// the host that they know in one minute and are granted what they ask for. Each does what
// attempt_activation() does. A registration of a wrong type is for attempt_activation().
class Renewals {
 public:
  // `client`: of no machine in particular. What the host is and remembers must outlive this.
  Renewals(const ClientFacts& client, const KmsServer& server, kms::HostState& state,
           const kms::HostFacts& host);

  // Before those of a minute, in which the host's state may change by answers only. `now` is the
  // clients' time, `host_now` the host's. False: a client could be refused, and none may be
  // renewed.
  bool at(FileTime now, FileTime host_now);

  // Renews the licences from the first on, as far as they go the usual way and the host tells all
  // the same count; how many. The others are left as they are: the attempt of the next may be
  // another. `parts`, as many, which have their machines' numbers, get what the event logs keep.
  std::size_t renew(std::span<License* const> licenses, std::span<ClientPart> parts);
  // Renews a licence, which stands for as many as there are `parts`, whose client machine IDs alone
  // differ and are there; or none.
  bool renew(License& license, std::span<ClientPart> parts);
  // What those exchanges share.
  const KmsExchange& exchange() const { return exchange_; }

 private:
  // Whether the host tells each of several clients the same count.
  bool is_full() const;
  void count(std::span<const ClientPart> clients);

  Policy policy_;
  bool unqualified_;
  kms::Question question_;
  kms::HostState* state_;
  const kms::HostFacts* host_;
  Minute host_now_ = 0;
  KmsExchange exchange_;
};

// What the registry says of a client's timers.
struct ClientTimers {
  std::uint32_t activation_interval = 120;  // minutes; a host's numbers go before these
  std::uint32_t renewal_interval = 10080;
  bool automatic = true;  // Manual is not set
};

// A client whose renewal failed watches the network for so many minutes before it falls back to the
// activation interval.
inline constexpr std::uint32_t kNetworkWatchMinutes = 15;

// When the client next acts by itself, `now` when that is overdue: at its start, then every
// activation interval until it is licensed; every renewal interval after that. Nothing for what
// does not activate by itself: no KMS client, no key, a licence that cannot be activated, or Manual
// set and not licensed by then (renewals go on). Source: VA2, "KMS Registry Keys / Values".
std::optional<FileTime> next_attempt(const License& license, const Policy& policy,
                                     const ClientTimers& timers, FileTime now);
// The same for a licence that Renewals::renew() has just left.
FileTime next_renewal(const License& license, const ClientTimers& timers, FileTime now);

}  // namespace slwmi::licensing
