// Every machine of a world as a packed record: its licensing state, and by number what it has in
// common with machines like it. What time does to a fleet is done on these records, and queries
// over all machines read them. The picture is of one state of the world.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/datetime.hpp"
#include "base/large_pages.hpp"
#include "base/result.hpp"
#include "provider/catalogue.hpp"
#include "provider/kms/client.hpp"
#include "provider/kms/host.hpp"
#include "provider/license.hpp"
#include "provider/machine_state.hpp"
#include "world/net/compiled.hpp"
#include "world/shared.hpp"

namespace slwmi::world::simulation {

// What machines that no rule tells apart have in common.
struct Kind {
  std::uint32_t profile = 0;                    // of the columns: what it was installed as
  const licensing::Product* product = nullptr;  // whose state the machine's record is
  licensing::ClientFacts facts;                 // of no machine in particular
  licensing::ClientTimers timers;
  std::uint32_t fixed = 0;            // KeyManagementServiceName, a number among the servers
  std::uint16_t port = 0;             // KeyManagementServicePort, whatever server is asked; 0: none
  bool invalid_registration = false;  // a registration is of a wrong type
  const net::Profile* network = nullptr;
};

// One machine, in a line of the processor's cache.
struct alignas(64) Packed {
  licensing::License license;
  std::uint32_t kind = 0;
  std::uint32_t server = 0;  // the cached KMS host, a number among the servers; 0: none
};
static_assert(sizeof(Packed) == 64);

// Where clients ask.
struct Server {
  std::string name;
  std::uint16_t port = licensing::kDefaultKmsPort;
  MachineId machine = 0;   // that has the name; 0: none
  std::int32_t host = -1;  // of that machine among the hosts; -1: it was not asked yet
};

// A machine that clients ask.
struct Host {
  MachineId machine = 0;
  std::uint32_t index = 0;  // among all machines
  std::uint32_t pid = 0;    // of its answers, a number among the PIDs
  const net::Profile* network = nullptr;
  std::uint16_t port = licensing::kDefaultKmsPort;  // on which it listens
  bool enabled = false;                             // a KMS key is installed, and the KMS runs
  bool low_priority = false;
  licensing::kms::HostFacts facts;
  licensing::License license;
  licensing::Policy policy;
  licensing::kms::HostState state;
  bool dirty = false;  // `state` differs from what the store has
  // When it was last asked, what its clock is ahead by and whether it is activated then stand in
  // `facts`; they may have changed when it is another time.
  FileTime asked_at;
  FileTime status_from, status_until;  // by its clock: `facts.activated` does not change between
};

enum Mark : std::uint8_t {
  kDirty = 1,     // the record differs from what the store has
  kOwn = 2,       // has own values that a fleet row does not stand for
  kMore = 4,      // carries state that the record does not show: add-ons, licences of its own
  kMoved = 8,     // the record has changed since the last census
  kDamaged = 16,  // a licence record does not fit its digest, and the machine has not noticed yet
};

class Fleet {
 public:
  static Result<std::unique_ptr<Fleet>> load(WorldShared& world);
  // Follows what was committed since: machines that changed are read again, and where more changed
  // the fleet is loaded anew. An empty pointer is filled.
  static Result<> follow(WorldShared& shared, std::unique_ptr<Fleet>& fleet);
  ~Fleet();

  std::uint32_t size() const { return static_cast<std::uint32_t>(machines_.size()); }
  reg::Generation generation() const { return generation_; }
  std::uint64_t epoch() const { return epoch_; }  // another one for each load()
  FileTime now() const { return now_; }           // the world's clock
  std::uint64_t seed() const { return seed_; }    // the world's
  const MachineColumns& columns() const { return *columns_; }
  const net::CompiledNetwork& network() const { return *network_; }

  // Machines by their place among all, in the order of their numbers in the world.
  MachineId id(std::uint32_t machine) const { return columns_->id[machine]; }
  std::string_view name(std::uint32_t machine) const { return columns_->name(machine); }
  std::optional<std::uint32_t> index_of(MachineId id) const;  // nothing: no such machine
  std::string_view customer_pid(std::uint32_t machine) const { return pids_[pid_[machine]]; }
  const Packed& machine(std::uint32_t machine) const { return machines_[machine]; }
  const Kind& kind_of(std::uint32_t machine) const { return kinds_[machines_[machine].kind]; }
  const licensing::Catalogue::Resolved& profile(const Kind& kind) const {
    return resolved_[kind.profile];
  }
  bool has(std::uint32_t machine, Mark mark) const { return (marks_[machine] & mark) != 0; }
  void clear(std::uint32_t machine, Mark mark) {
    marks_[machine] &= static_cast<std::uint8_t>(~mark);
  }
  // Another state of the machine, to be stored with the next commit.
  void change(std::uint32_t machine, const licensing::License& license);
  net::Peer peer(std::uint32_t machine) const { return {*kind_of(machine).network, id(machine)}; }
  // Minutes that the machine's clock is ahead of the world's.
  std::int64_t skew(std::uint32_t machine, FileTime now) const {
    return network_->skew(peer(machine), now);
  }

  // The machines with a KMS key, as numbers of hosts, by machine.
  Result<std::vector<std::uint32_t>> kms_hosts();
  const Host& host(std::uint32_t number) const { return *hosts_[number]; }

 private:
  friend class FleetDriver;
  friend class FleetLoader;
  friend class FleetStorer;

  explicit Fleet(WorldShared& world);

  WorldShared& world_;
  std::uint64_t epoch_ = 0;
  std::uint64_t seed_ = 0;
  reg::Generation generation_ = 0;
  FileTime now_ = {};
  std::shared_ptr<const Definitions> definitions_;
  std::shared_ptr<const MachineColumns> columns_;
  std::shared_ptr<const net::CompiledNetwork> network_;
  std::unique_ptr<net::Profiles> networks_;
  std::vector<licensing::Catalogue::Resolved> resolved_;  // by profile of the columns
  std::vector<Kind> kinds_;
  std::vector<std::unique_ptr<Server>> servers_;  // 0: none; none moves
  std::deque<std::string> pids_;                  // 0: none
  std::vector<std::unique_ptr<Host>> hosts_;      // those that were asked
  // One a machine.
  std::vector<Packed, LargePages<Packed>> machines_;
  std::vector<std::uint32_t, LargePages<std::uint32_t>>
      pid_;  // CustomerPID, a number among the PIDs
  std::vector<std::uint8_t, LargePages<std::uint8_t>> marks_;
  // What kinds have that licence documents gave: it stays where it is as long as they do.
  std::unordered_set<std::shared_ptr<const licensing::Product>> documented_;
  // To find what there is already.
  std::unordered_map<MachineId, std::uint32_t> host_numbers_;
  std::map<std::pair<std::string, std::uint16_t>, std::uint32_t> server_numbers_;
  std::map<std::string, std::uint32_t, std::less<>> pid_numbers_;
  std::map<std::array<std::uint64_t, 8>, std::uint32_t> kind_numbers_;
  // The store's numbers of texts, 0 where it was not asked yet.
  std::vector<std::uint32_t> server_texts_, pid_texts_;
  std::unordered_map<const licensing::Product*, std::uint32_t> product_texts_;
};

}  // namespace slwmi::world::simulation
