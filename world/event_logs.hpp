// The event logs of one machine, read from the world's chunks: what its providers, sessions and
// `slwmi events` see. Kept in memory once read, and brought up to date by what was appended since.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provider/event_book.hpp"
#include "provider/event_chunk.hpp"
#include "provider/event_source.hpp"
#include "world/shared.hpp"
#include "world/store.hpp"

namespace slwmi::world {

// Which entries of a machine's logs; all conditions must hold.
struct EventFilter {
  std::optional<licensing::EventLog> log = {};  // both
  std::vector<std::uint32_t> ids = {};          // any of these; none: all
  FileTime from = {}, to = kMaxFileTime;        // of the world's clock, both included
  bool failures = false;                        // only those with an error code, or of type Error
  bool newest_first = false;
  std::size_t limit = 0;  // so many of the newest; 0: all
};

// Every chunk of events that fits, decoded, in the order of appending and at one state. The sink
// must not call the store. ERROR_FILE_CORRUPT when a chunk is damaged.
Result<> read_chunks(Store& store, const EventQuery& query,
                     FunctionRef<void(const licensing::ChunkReader&)> sink);

// Appends what the writer holds as one chunk: the entries of `machine`, or of any when it is 0. A
// commit of its own.
Result<> append_events(Store& store, licensing::ChunkWriter& writer, MachineId machine = 0);

class EventLogs final : public licensing::EventSource {
 public:
  // The world must outlive it. For one thread at a time.
  EventLogs(WorldShared& world, MachineId machine);
  ~EventLogs() override;

  Result<> read(licensing::EventLog log,
                FunctionRef<bool(const licensing::LogLine&, std::uint64_t)> sink) override;
  Result<licensing::LogTotals> totals(licensing::EventLog log) override;
  const licensing::EventNames& names() const override;
  Result<> clear(licensing::EventLog log) override;

  // The entries of both logs in the order of the world's clock.
  Result<> records(const EventFilter& filter,
                   FunctionRef<bool(const licensing::EventRecord&)> sink);

  // The names of machines and products as of the present state, for who reads chunks himself. For
  // one thread at a time; the world must outlive them.
  static Result<std::unique_ptr<licensing::EventNames>> names_of(WorldShared& world);

 private:
  class Names;
  Result<> refresh();

  WorldShared& world_;
  MachineId machine_;
  std::unique_ptr<Names> names_;
  std::unique_ptr<licensing::LogBook> book_;
  licensing::AllLimits limits_;
  std::uint64_t word_ = 0;   // of the store's state that the book shows
  std::uint64_t epoch_ = 0;  // of the store's events
  std::uint64_t last_ = 0;   // chunk read
};

}  // namespace slwmi::world
