// Lets time pass for a fleet: takes the machines that are due from a timing wheel and runs the
// rules of KMS client and host on their packed records. Everything that is asked of the outside
// comes from the fleet and its network, so that equal fleets have equal futures.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "provider/kms/client.hpp"
#include "world/simulation/cohorts.hpp"
#include "world/simulation/fleet.hpp"
#include "world/simulation/wheel.hpp"

namespace slwmi::world::simulation {

// Who wants to know what happens. It must not write to the world: the run's commit would fail then.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;
  // A client has asked a host, or found none. `server` is what it called the host.
  virtual void exchanged(const licensing::KmsExchange& exchange, std::string_view server) = 0;
  // Several have, in this order, and all is the same but the clients' own parts.
  virtual void exchanged_alike(const licensing::KmsExchange& common,
                               const licensing::AlikeClients& clients, std::string_view server) {
    for (const licensing::ClientPart& client : clients.parts)
      exchanged(licensing::with(common, client), server);
  }
};

class FleetDriver {
 public:
  // All must outlive the driver; the fleet must not be refreshed meanwhile.
  FleetDriver(Fleet& fleet, Observer& observer);

  // Everything that is due from the time that was reached up to `until`, both included. What it has
  // made of the machines' records is there after settle().
  Result<> run(FileTime until);
  void settle();

  std::uint64_t attempts() const { return attempts_; }

 private:
  struct Moment;  // one attempt while it lasts
  // What machines have in common whose renewals differ in little.
  struct Alike {
    std::uint32_t kind = 0;
    std::uint32_t server = 0;
    std::int64_t skew = 0;
    bool operator==(const Alike&) const = default;
  };
  Alike alike_of(std::uint32_t machine) const;

  void plan_all();
  // `skew`: minutes that the machine's clock is ahead.
  void plan(std::uint32_t machine, std::int64_t skew, licensing::Minute earliest);
  void act(std::uint32_t machine, licensing::Minute now);
  Result<> run_plain(licensing::Minute last);
  void fetch(std::uint32_t machine) const;
  void attempt(std::uint32_t machine, std::int64_t skew);
  // Those due now, in their order; none leads a cohort.
  void act_all(std::span<const std::uint32_t> due, licensing::Minute now);
  // Renews those of them, from the first on, that are alike and go the usual way; how many. The
  // attempt of the next is for act().
  std::size_t renew(std::span<const std::uint32_t> due, licensing::Minute now);
  // False, and nothing has changed: the attempts are another.
  bool renew(Cohorts::Cohort& cohort, licensing::Minute now);
  // The host that the machine renews with now, and `renewals_` is about it; nullptr: attempt().
  Host* renews_with(std::uint32_t machine);
  void renewed(Host& host, const licensing::AlikeClients& clients);
  // When those renew again whom the licence stands for.
  licensing::Minute next_renewal(const licensing::License& license, licensing::Minute now) const;
  // The machines become those of no cohort.
  void dissolve(Cohorts::Cohort& cohort);
  void catch_up(Cohorts::Cohort& cohort);
  // Whether the machines of cohorts that are due stand between others; and all of them, apart.
  bool overlap(std::span<const std::uint32_t> due);
  std::span<const std::uint32_t> apart(std::span<const std::uint32_t> due);
  // `renewals_` of those alike; nothing where they have no host.
  void begin_renewals(const Alike& alike);
  bool may_renew(Host& host);  // the clients that `renewals_` is about, now
  HResult find_hosts(std::uint32_t machine, std::span<const licensing::KmsServer>& servers);
  // The server with that number, at that port.
  licensing::kms::Reply ask(Moment& moment, std::uint32_t server, std::uint16_t port,
                            const licensing::kms::Question& question);
  std::uint32_t number_of(const Moment& moment, const licensing::KmsServer& server) const;
  std::uint32_t numbered(std::string_view name, std::uint16_t port);
  Host* host_at(std::uint32_t server);
  // Its clock now, and with it what `facts` say.
  FileTime clock_of(Host& host);
  licensing::KmsServer server_of(std::uint32_t number) const;
  licensing::KmsServer asked_of(const Alike& alike) const;  // with the port that they use

  Fleet& fleet_;
  Observer& observer_;
  Wheel wheel_;  // of a cohort it has the leader
  Cohorts cohorts_;
  std::vector<std::uint32_t> apart_;  // the machines due in a minute, when cohorts overlap in it
  FileTime now_;
  std::vector<FileTime> turns_;  // when clocks begin or end to be off, ascending
  std::uint64_t attempts_ = 0;
  // The renewals of machines alike, and whether there are any at that time.
  Alike alike_;
  std::optional<licensing::Renewals> renewals_;
  FileTime renewed_at_;
  bool may_renew_ = false;
  std::optional<Error> error_;
  // What DNS names, as clients ask for it; by the answer's place.
  std::unordered_map<const net::Target*, std::vector<licensing::KmsServer>> answers_;
  std::unordered_map<const char*, std::uint32_t> named_;  // their numbers, by the names' places
};

}  // namespace slwmi::world::simulation
