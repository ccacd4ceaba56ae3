// The licensing service's entries in the event logs: which events there are (events.def), how an
// entry is kept, and what identifies it. event_chunk.hpp has the bytes. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/datetime.hpp"
#include "base/hresult.hpp"
#include "base/result.hpp"
#include "provider/kms/exchange.hpp"

namespace slwmi::licensing {

enum class EventId : std::uint16_t {
  kLogCleared = 0,  // no event: what a log held before is gone; its value is the log's number
#define SLWMI_EVENT(enumerator, id, log, level, form, by, what, message) enumerator = id,
#define SLWMI_EVENT_PARAMETER(enumerator, label, kind, description, example)
#include "provider/events.def"
#undef SLWMI_EVENT
#undef SLWMI_EVENT_PARAMETER
};

// VA2: Key Management Service for event 12290, Application for all others.
enum class EventLog : std::uint8_t { kApplication, kKeyManagementService };
inline constexpr std::size_t kEventLogs = 2;
// As Win32_NTLogEvent.EventType counts.
enum class EventLevel : std::uint8_t { kError = 1, kWarning = 2, kInformation = 3 };
enum class EventForm : std::uint8_t {
  kInfo,     // all parameters are one comma-delimited insertion string
  kStrings,  // each parameter is an insertion string
};
enum class ParameterKind : std::uint8_t {
  kCode,            // an HRESULT: "0x0", "0xC004F038"
  kFlags,           // "0x4000008"
  kNumber,          // decimal
  kText,            // as it is
  kGuid,            // text; lower case without braces
  kTimeYearFirst,   // a FileTime: "2006/1/14 2:30", UTC
  kTimeMonthFirst,  // a FileTime: "1/14/2006 2:30", UTC
};

inline constexpr std::string_view kEventProvider = "Microsoft-Windows-Security-Licensing-SLC";
inline constexpr std::string_view kEventSource = "Software Licensing Service";

struct EventParameter {
  std::string_view label;
  ParameterKind kind = ParameterKind::kText;
  std::string_view description;
  std::string_view example;
};
struct EventDeclaration {
  EventId id = EventId::kLogCleared;
  EventLog log = EventLog::kApplication;
  EventLevel level = EventLevel::kInformation;
  EventForm form = EventForm::kStrings;
  std::string_view logged_by;  // "Client", "KMS" or "Both"
  std::string_view what;
  std::string_view message;
  std::span<const EventParameter> parameters;
};
std::span<const EventDeclaration> event_declarations();  // by ID
const EventDeclaration* find_event(std::uint32_t id);    // nullptr: no event of ours

// A bit of the status of 12288 and 12289, and what it says. Source: VA2, the list below the events.
struct StatusFlag {
  std::uint32_t value;
  std::string_view name;
  std::string_view meaning;
};
std::span<const StatusFlag> status_flag_declarations();

std::string_view level_name(EventLevel level);  // "Error", "Warning", "Information"
std::string_view log_name(EventLog log);        // "Application"
// In any case, and "kms" for the long one; nothing when there is no such log.
std::optional<EventLog> find_log(std::string_view name);

// --- Entries

using EventValue = std::variant<std::uint64_t, std::string>;

// An entry as it is kept: numbers stay numbers (kCode, kFlags, kNumber and times), other kinds are
// text.
struct LogEntry {
  std::uint32_t machine = 0;  // 0 inside a machine, which does not know its number
  EventId event = EventId::kLogCleared;
  std::int32_t clock = 0;          // minutes that the machine's clock is ahead
  FileTime time;                   // of the world's clock
  std::vector<EventValue> values;  // in the documented order
  bool operator==(const LogEntry&) const = default;
};
// E_INVALIDARG when the values are not those that the event declares, or a text is too long.
Result<> check(const LogEntry& entry);
inline constexpr std::size_t kMaxEventText = 31839;  // UTF-8 bytes of one value

// Texts are made to fit (log_text).
LogEntry make_entry(EventId event, FileTime now, std::vector<EventValue> values);
LogEntry log_cleared(EventLog log, FileTime now);
LogEntry publishing_failed(HResult result, std::string_view domain, FileTime now);  // 12293
LogEntry publishing_done(std::string_view domain, FileTime now);                    // 12294
// An event that has no parameter but a code: 12291, 12292.
LogEntry failure(EventId event, HResult result, FileTime now);

using LogItem = std::variant<KmsExchange, LogEntry>;

// A number for the content, the same whatever chunk holds it and whichever number its server name
// has there. Sums of them identify a set of items.
std::uint64_t digest(const KmsExchange& exchange, std::string_view server_name);
std::uint64_t digest(const LogEntry& entry);

}  // namespace slwmi::licensing
