// What the store takes and gives: plain records of machines, policies, commits, events and fleets.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/datetime.hpp"
#include "base/hash.hpp"
#include "base/result.hpp"
#include "registry/image.hpp"
#include "registry/layer.hpp"
#include "registry/op.hpp"
#include "registry/registry.hpp"
#include "world/fleet_row.hpp"

namespace slwmi::world {

using MachineId = std::uint32_t;

// What a machine was installed as; os, role and edition are ids of the catalogue.
struct StoredProfile {
  std::string os, role, edition;
  auto operator<=>(const StoredProfile&) const = default;
};

// Bits of a machine's flags; there is room for 24.
enum MachineFlag : std::uint32_t {
  kVirtualMachine = 1,
  kSlicTable = 2,
  kWindowsMarker = 4,
  kUpgraded = 8,
  kTamperedFiles = 16,
  kSlicMalformed = 32,
};
inline constexpr std::uint32_t kMaxMachineFlags = (1u << 24) - 1;

struct NewMachine {
  std::string name;
  std::string domain;
  StoredProfile profile;
  std::uint32_t flags = 0;  // MachineFlag
  std::string site = {};
  FileTime installed = {};  // zero: now
};

struct MachineInfo {
  MachineId id = 0;
  std::string name;
  std::string domain;
  const StoredProfile* profile = nullptr;  // lives as long as the store
  FileTime installed, started;
  std::uint32_t flags = 0;
  std::uint32_t hardware = 0;  // counts changes of the hardware
  std::string site = {};
  bool operator==(const MachineInfo&) const = default;
};

// What a machine was called at some time.
struct MachineName {
  std::string name, domain;
  bool operator==(const MachineName&) const = default;
};

// What a machine was called until some time.
struct OldName {
  MachineId machine = 0;
  FileTime until = {};
  MachineName name;
};

// All machines at one moment, by id, one array a column. Profiles and texts are told apart by
// number: profile[i] is an index into `profiles`, domain[i] and site[i] are into `texts`.
struct MachineColumns {
  reg::Generation generation = 0;
  std::vector<MachineId> id;
  std::vector<std::uint32_t> name_end;  // into `names`; a name starts where the one before ends
  std::string names;
  std::vector<std::uint32_t> profile, domain, site, flags, hardware;
  std::vector<FileTime> installed, started;
  std::vector<std::uint32_t> policies;         // equal numbers are equal lists; 0: none
  std::vector<const StoredProfile*> profiles;  // live as long as the store
  std::vector<std::string> texts;

  std::size_t size() const { return id.size(); }
  std::string_view name(std::size_t i) const {
    const std::uint32_t first = i == 0 ? 0 : name_end[i - 1];
    return std::string_view(names).substr(first, name_end[i] - first);
  }
  MachineInfo info(std::size_t i) const {
    return {id[i],         std::string(name(i)), texts[domain[i]], profiles[profile[i]],
            installed[i],  started[i],           flags[i],         hardware[i],
            texts[site[i]]};
  }
};

// A policy of a machine's list.
struct StoredPolicy {
  std::string name;
  std::string description;
  Hash128 hash = {};
  reg::LayerPtr layer;
};

// What a commit changed: one of these or several together.
enum class JournalKind : std::uint32_t {
  kNone = 0,
  kMachines = 1 << 0,  // made or removed
  kRegistry = 1 << 1,  // own writes
  kPolicies = 1 << 2,  // a push or a removal
  kClock = 1 << 3,
  kSchema = 1 << 4,
  kRestored = 1 << 5,    // everything may have changed
  kMachineRow = 1 << 6,  // of one machine: restarted, renamed, changed
  kLedger = 1 << 7,      // what the activation service knows
  kEvents = 1 << 8,
  kFleet = 1 << 9,
  kNetwork = 1 << 10,
  kBlob = 1 << 11,  // of any name
};
constexpr JournalKind operator|(JournalKind a, JournalKind b) {
  return static_cast<JournalKind>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr JournalKind without(JournalKind set, JournalKind some) {
  return static_cast<JournalKind>(static_cast<std::uint32_t>(set) &
                                  ~static_cast<std::uint32_t>(some));
}
constexpr bool has(JournalKind set, JournalKind one) {
  return (static_cast<std::uint32_t>(set) & static_cast<std::uint32_t>(one)) != 0;
}

// One entry of the journal.
struct JournalEntry {
  reg::Generation generation = 0;
  JournalKind kind = JournalKind::kNone;
  MachineId machine = 0;                 // the one that it is about; 0: none, or more than one
  FileTime at = {};                      // of the world's clock
  std::vector<MachineId> machines = {};  // when it is about a few; none and machine 0: all, or none
};

// --- events

// A piece of the event log: `count` entries of one machine, or of many (machine 0), in the encoding
// of provider/event_log.hpp.
struct EventChunk {
  std::uint64_t id = 0;  // in the order of appending; given by the store
  MachineId machine = 0;
  FileTime first = {}, last = {};  // times of its earliest and latest entry
  std::uint32_t count = 0;
  ByteSpan data = {};  // when it comes from the store: good until the sink returns
};
// Which chunks: those of the machine and of many machines (0: all there are) that may have entries
// between the two times, both included.
struct EventQuery {
  MachineId machine = 0;
  std::uint64_t after = 0;  // only chunks that were appended after the one with this id
  FileTime from = {};
  FileTime to = kMaxFileTime;
};
struct EventTotals {
  std::uint64_t chunks = 0, entries = 0, bytes = 0;
};

// --- fleets

// The packed records of kFleetPageRows machines: row i is of machine page * kFleetPageRows + i.
// Each is an own write of the registry values that it stands for (fleet_row.hpp).
struct FleetPage {
  std::uint32_t page = 0;
  std::vector<FleetRow> rows;  // kFleetPageRows of them; one without product leaves what is there
};

// --- commits

struct MachineChanges {
  MachineId machine = 0;
  reg::ChangeSet changes;
};
struct NamedBlob {
  std::string_view name;
  ByteSpan data;
  JournalKind kind = JournalKind::kNone;  // what a change of it means to readers
  // What it must be until now (empty: there is none, too); else ERROR_TRANSACTIONAL_CONFLICT.
  std::optional<ByteSpan> before = {};
};
// What is to last together. Everything is one generation.
struct Commit {
  std::span<const MachineChanges> machines = {};  // each machine at most once
  std::span<const EventChunk> events = {};
  std::span<const FleetPage> fleet = {};
  // Of the state that the fleet rows follow from: refused with ERROR_TRANSACTIONAL_CONFLICT when
  // anybody wrote own values of a machine with a row since.
  reg::Generation fleet_base = 0;
  std::span<const NamedBlob> blobs = {};
  std::optional<FileTime> clock = {};
};

// --- what the store asks of others

struct StoreHooks {
  std::function<Result<reg::ImagePtr>(const StoredProfile&)> images;
  // Changes of the registry that a fleet's row stands for; expand() of fleet_row.hpp when absent.
  std::function<Result<std::vector<reg::Op>>(const FleetRow&, const FleetTexts&)> fleet = {};
  // The sum of the digests of a chunk's entries, so that a world's digest does not depend on how
  // its events are cut into chunks. When absent a chunk counts as one entry.
  std::function<Result<std::uint64_t>(const EventChunk&)> events = {};
  // Makes the events that were attached to a machine's changes one chunk of the log: writes into
  // them whose they are; machine, times and count follow. When absent they stay as they are.
  std::function<Result<>(std::span<std::byte> data, EventChunk& chunk)> adopt = {};
};

}  // namespace slwmi::world
