// World: one file (or memory) with any number of simulated machines, one virtual clock, and the
// policy that was pushed to them. The facade that the bindings and the tools use; it wires the
// parts together and holds no rules.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/datetime.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"
#include "world/machine.hpp"

namespace slwmi::licensing {
enum class Firmware : std::uint8_t;
enum class KeyState : std::uint8_t;
struct KeyAccount;
}  // namespace slwmi::licensing

namespace slwmi::policy {
struct Document;   // a checked policy document: named settings with types and data
struct Plan;       // old -> new per group of equal machines, with counts
struct Selection;  // the machines that a target means
struct TargetSet;  // a target as a person writes it
}  // namespace slwmi::policy

namespace slwmi::world {

class WorldShared;

namespace net {
struct Model;      // the network as data (world/net/model.hpp)
struct SrvRecord;  // a service record of DNS
}  // namespace net

// How a machine starts. `os` is vista-rtm, vista-sp1 or 2008; `role` is kms-client, kms-host, mak,
// oem, retail or unlicensed; an empty `edition` takes the usual one. Users' catalogues may add more
// of each.
struct MachineSpec {
  std::string name;
  std::string os = "vista-sp1";
  std::string role = "kms-client";
  std::string edition = {};
  std::string domain = "contoso.com";
  std::string site = {};  // of the network
  bool virtual_machine = false;
  bool slic_table = false;      // the firmware has an ACPI_SLIC table; OEM machines always have
  bool windows_marker = false;  // ... with a Windows marker; OEM machines always have
  bool slic_malformed = false;  // ... that cannot be read; never of OEM machines
  bool upgraded = true;         // installed over a qualifying system
  bool x64 = false;             // 64-bit Windows
  FileTime installed = {};      // zero: now; a later time: nothing happens on it before

  void set_firmware(licensing::Firmware firmware);
};

// 1 to 63 letters, digits, '-' and '_', no '-' at either end. ERROR_INVALID_NAME.
Result<> check_machine_name(std::string_view name);

// Whether Windows on the machine is 64-bit (provider/architecture.hpp).
Result<bool> is_x64(const Machine& machine);

// "vista-sp1-kms-client" -> {os, role}. E_INVALIDARG names what is unknown and lists what there is.
Result<MachineSpec> parse_profile(std::string_view profile);
std::vector<std::string> profile_names();

class World {
 public:
  enum class Mode { kOpen, kCreate, kOpenOrCreate };

  // ERROR_FILE_NOT_FOUND for kOpen of a missing file, ERROR_ALREADY_EXISTS for kCreate of a present
  // one, ERROR_FILE_CORRUPT when the file is no world or is damaged. An empty file is a world that
  // is being made, or was until its maker died, and becomes one. `seed` is for a world that is
  // made.
  static Result<std::unique_ptr<World>> open(const std::string& path,
                                             Mode mode = Mode::kOpenOrCreate,
                                             std::uint64_t seed = 0);
  static Result<std::unique_ptr<World>> in_memory(std::uint64_t seed = 0);
  ~World();

  bool created() const;  // by this call of open
  std::uint64_t seed() const;

  // --- machines ---
  Result<Machine> add_machine(const MachineSpec& spec);       // ERROR_ALREADY_EXISTS by name
  Result<> add_machines(std::span<const MachineSpec> specs);  // all or none, one transaction
  // What add_machine would refuse of it whatever machines there are; adds nothing.
  Result<> check_machine(const MachineSpec& spec);
  Result<> remove_machine(std::string_view name);
  Result<Machine> machine(std::string_view name);    // ERROR_NOT_FOUND
  Result<std::vector<std::string>> machine_names();  // by upcased name
  Result<std::optional<Machine>> oldest_machine();   // by when it was added
  // Gives a machine another name and restarts it, so that its services see it. What DNS had of the
  // old name stays there. ERROR_INVALID_NAME, ERROR_ALREADY_EXISTS, ERROR_NOT_FOUND.
  Result<> rename_machine(std::string_view name, std::string_view to);
  // Puts a machine into another domain or site; an empty one stays. A new domain restarts it.
  Result<> move_machine(std::string_view name, std::string_view domain, std::string_view site);
  Result<std::size_t> machine_count();

  // --- the virtual clock: starts 2008-03-01T00:00:00Z, moves only here, never backwards by advance
  // ---
  Result<FileTime> now();
  Result<> advance(std::uint64_t minutes);
  Result<> set_clock(FileTime to);
  const Clock& clock() const;

  // --- whole-world state ---
  // ERROR_ALREADY_EXISTS for a name that is taken, unless it may be replaced.
  Result<> snapshot(std::string_view name, bool replace = false);
  Result<> restore(std::string_view name);  // ERROR_NOT_FOUND
  Result<std::vector<std::string>> snapshot_names();
  Result<std::uint64_t> generation();
  // 32 hex digits over everything that queries can see; equal worlds have equal digests on every
  // compiler.
  Result<std::string> digest();

  // --- users' classes and static instances, in the namespace that the text's pragma or `ns` names
  // ---
  Result<> compile_mof(std::string_view text, std::string_view ns = "root\\cimv2");
  Result<std::vector<std::string>> namespaces();

  // --- the activation service ---
  // What the service answers attempts with a key from now on; block_key is KeyState::kBlocked.
  Result<> set_key_state(std::string_view product_key, licensing::KeyState state);
  Result<> block_key(std::string_view product_key);
  // A key that was lost or misused activates nothing more, and systems with it fail validations,
  // with the 30 days of grace or without.
  Result<> mark_non_genuine(std::string_view product_key, bool non_genuine = true,
                            bool grace = true);
  Result<> extend_key(std::string_view product_key, std::uint32_t activations);
  // ERROR_NOT_FOUND when the key belongs to no product of the world's catalogue.
  Result<licensing::KeyAccount> key_account(std::string_view product_key);
  // The confirmation ID that the activation centre of this world reads out for an installation ID.
  // A call counts as an activation of the key and is refused as one; a KMS key that is used up is
  // granted more. The codes of parse_installation_id and of activate (activation_service.hpp).
  Result<std::string> confirmation_id(std::string_view installation_id);
  // An answer for each, in the same order; one commit.
  Result<std::vector<Result<std::string>>> confirmation_ids(
      std::span<const std::string> installation_ids);
  // A product key of this world's catalogue: `edition` and `channel` ("VOLUME_MAK"), a serial
  // number and, because systems have editions of the same name, the system whose media carry the
  // product (empty: whichever is first). Fictitious, as every key here. ERROR_NOT_FOUND.
  Result<std::string> product_key(std::string_view edition, std::string_view channel,
                                  std::uint32_t serial, std::string_view os = {});

  // --- the network ---
  Result<std::shared_ptr<const net::Model>> network();
  // One change of it (world/net/model.hpp, dns.hpp), in one transaction; nothing changes when it
  // fails or leaves what check() refuses.
  Result<> change_network(const std::function<Result<>(net::Model&)>& change);
  // Every domain and every site that a machine is in or the network lists, in upcased order.
  Result<std::vector<std::string>> domains();
  struct SiteStatus {
    std::string name;
    std::size_t machines = 0;
    bool internet = true;  // its machines reach the activation service
  };
  Result<std::vector<SiteStatus>> sites();
  // The machine that a name leads to, as a DNS name or alone.
  Result<std::optional<Machine>> find_host(std::string_view name);
  // What the machine finds now when it looks for the KMS hosts of a domain, its own when empty; the
  // codes of DNS.
  Result<std::vector<net::SrvRecord>> lookup(const Machine& machine, std::string_view domain = {});
  // Whether the machine reaches a host, by name, at a port now. RPC_S_SERVER_UNAVAILABLE.
  Result<> reach(const Machine& machine, std::string_view host, std::uint16_t port);

  // --- policy ---
  // The machines that a target means; a WMI filter in it is asked as `caller`.
  Result<policy::Selection> select_machines(const policy::TargetSet& targets,
                                            const Principal& caller);
  // What `document` would change on `machines`; changes nothing.
  Result<policy::Plan> plan_policy(const policy::Document& document,
                                   std::span<const std::string> machines);
  Result<policy::Plan> plan_removal(std::string_view policy_name,
                                    std::span<const std::string> machines);
  // One transaction; every machine or none. Returns the generation.
  Result<std::uint64_t> apply_policy(const policy::Document& document,
                                     std::span<const std::string> machines);
  Result<std::uint64_t> remove_policy(std::string_view policy_name,
                                      std::span<const std::string> machines);
  struct PolicyStatus {
    std::string name;
    std::uint64_t generation = 0;  // of the newest push
    std::size_t machines = 0;
    std::size_t settings = 0;
  };
  Result<std::vector<PolicyStatus>> policy_status();
  Result<std::vector<std::string>> policies_of(std::string_view machine);  // first to last applied
  // A pushed policy as a document, from the newest list that has it. ERROR_NOT_FOUND.
  Result<policy::Document> policy_document(std::string_view policy_name);

  WorldShared& shared() { return *shared_; }

 private:
  class StoreClock;
  World();
  Result<> start_services(std::span<const MachineSpec> specs, std::span<const std::uint32_t> ids);

  std::unique_ptr<WorldShared> shared_;
  std::unique_ptr<StoreClock> clock_;
};

}  // namespace slwmi::world
