// Entries as a log shows them: one line of a log per event, with a record number, texts in their
// documented form and a message. Pure; names come from whoever reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provider/event_log.hpp"

namespace slwmi::licensing {

// What a reader must be told of the world. Texts are good as long as the object.
class EventNames {
 public:
  EventNames() = default;
  EventNames(const EventNames&) = delete;
  EventNames& operator=(const EventNames&) = delete;
  virtual ~EventNames() = default;
  // The full name of a machine at a time of the world's clock; empty when there is none.
  virtual std::string_view computer(std::uint32_t machine, FileTime at) const = 0;
  // The activation ID of the product with that key group; empty when nobody knows it. A machine may
  // carry products of its own.
  virtual std::string_view product(std::uint16_t key_group, std::uint32_t machine) const = 0;
};

// One line of one log: an entry, or one of the sides of an exchange.
struct LogLine {
  EventId id = EventId::kLogCleared;
  std::uint32_t machine = 0;              // whose log
  std::shared_ptr<const LogEntry> entry;  // nullptr: `exchange` says it
  KmsExchange exchange;
  std::string_view server;  // what its server name says, whatever the number

  FileTime world_time() const {
    return entry != nullptr ? entry->time : exchange.time;  // NOLINT: it is not null here
  }
  FileTime local_time() const;  // by the machine's clock
  EventLog log() const;
};

// The sides of an exchange that a machine's logs have, in their order.
struct ExchangeEvents {
  EventId ids[3] = {};
  std::size_t count = 0;
  const EventId* begin() const { return ids; }
  const EventId* end() const { return ids + count; }
};
ExchangeEvents events_of(const KmsExchange& exchange, std::uint32_t machine);

struct EventRecord {
  std::uint64_t number = 0;  // of its log, from 1
  const EventDeclaration* event = nullptr;
  std::uint32_t machine = 0;
  FileTime time;        // by the machine's clock
  FileTime world_time;  // by the world's
  std::string computer;
  std::vector<std::string> parameters;  // in the documented order and form
  std::optional<HResult> code;          // the first parameter, where it is one

  std::uint32_t id() const { return static_cast<std::uint32_t>(event->id); }
  // ID and severity as message files number them: 0x40003000.
  std::uint32_t identifier() const;
  // What the message's "%1" and so on stand for: the parameters, or all of them in one.
  std::vector<std::string> strings() const;
  std::string message() const;  // lines end in CR LF
  // Names of the status flags that are set; none of an event without such a parameter.
  std::vector<std::string_view> flags() const;
};

EventRecord read_record(const LogLine& line, std::uint64_t number, const EventNames& names);

// What the line takes of its log's size: an EVENTLOGRECORD with its texts, whose layout Windows
// documents.
std::size_t record_bytes(const LogLine& line, const EventNames& names);

}  // namespace slwmi::licensing
