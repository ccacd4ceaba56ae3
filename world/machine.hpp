// One simulated machine: a cheap handle into its World, which must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/function_ref.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"
#include "registry/registry.hpp"

namespace slwmi::licensing {
enum class Firmware : std::uint8_t;
struct RightsDecision;
struct RightsFacts;
struct Event;
struct EventRecord;
struct LogTotals;
class Service;
enum class EventLog : std::uint8_t;
}  // namespace slwmi::licensing

namespace slwmi::world {

struct EventFilter;
class Session;
class World;

class Machine {
 public:
  Machine(World& world, std::uint32_t id) : world_(&world), id_(id) {}

  std::uint32_t id() const { return id_; }
  World& world() const { return *world_; }
  Result<std::string> name() const;
  Result<std::string> domain() const;
  Result<std::string> site() const;     // "Default-First-Site-Name" when it was put into none
  Result<std::string> profile() const;  // "vista-sp1-kms-client"
  Result<std::string> edition() const;  // "Enterprise"
  Result<std::string> version() const;  // "6.0.6001"

  // A session of `caller` with a namespace of this machine, in any form that ConnectServer takes.
  // 0x8004100E for an unknown namespace, 0x80041008 for a malformed one, 0x800706BA for another
  // computer, 0x80041003 for anonymous.
  Result<Session> connect(const Principal& caller, std::string_view ns = "root\\cimv2") const;

  // The registry as `caller` sees it; ACLs apply. Its writes are stamped with the world's clock.
  Result<reg::Registry> registry(const Principal& caller) const;

  // Restarts the machine at the present time of the world's clock: what waits for a restart takes
  // effect.
  Result<> restart() const;
  // sysprep /generalize: a reset of the activation timers that takes effect at once and uses one of
  // the rearms.
  Result<> generalize() const;
  // --- event logs (event_logs.hpp)
  // Entries of its logs; the sink returns false to stop.
  Result<> events(const EventFilter& filter,
                  FunctionRef<bool(const licensing::EventRecord&)> sink) const;
  Result<std::vector<licensing::EventRecord>> events(const EventFilter& filter) const;
  Result<licensing::LogTotals> log_totals(licensing::EventLog log) const;
  // What the log holds is gone; numbers go on. With `last`, the number of the newest entry that the
  // caller has seen: ERROR_TRANSACTIONAL_CONFLICT when there is a newer one.
  Result<> clear_log(licensing::EventLog log, std::optional<std::uint64_t> last = {}) const;

  // --- firmware
  Result<licensing::Firmware> firmware() const;
  // Another board with that firmware, and a restart: the hardware is beyond tolerance, and an OEM
  // product looks for its marker.
  Result<> replace_board(licensing::Firmware firmware) const;
  // What setup found wrong with the firmware for the edition that the machine was installed with;
  // kSOk for nothing.
  Result<HResult> setup_error() const;
  // Whether the machine may be moved to a volume edition (provider/usage_rights.hpp). Of `facts`
  // what the machine itself says is filled in; an empty edition is the usual one.
  Result<licensing::RightsDecision> usage_rights(licensing::RightsFacts facts) const;

  // What may happen to a machine: hardware beyond tolerance, a key marked non-genuine, tampering.
  Result<> happened(const licensing::Event& event) const;

 private:
  World* world_;
  std::uint32_t id_;
};

}  // namespace slwmi::world
