#include "provider/event_log.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace slwmi::licensing {
namespace {

// The parameters of one event, in the order of events.def.
struct DeclaredParameter {
  EventId event;
  EventParameter parameter;
};
constexpr DeclaredParameter kDeclared[] = {
#define SLWMI_EVENT(enumerator, id, log, level, form, by, what, message)
#define SLWMI_EVENT_PARAMETER(enumerator, label, kind, description, example) \
  {EventId::enumerator, {label, ParameterKind::kind, description, example}},
#include "provider/events.def"
#undef SLWMI_EVENT
#undef SLWMI_EVENT_PARAMETER
};

constexpr auto kParameters = [] {
  std::array<EventParameter, std::size(kDeclared)> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = kDeclared[i].parameter;
  return out;
}();

constexpr std::span<const EventParameter> parameters_of(EventId event) {
  std::size_t first = 0;
  while (first < std::size(kDeclared) && kDeclared[first].event != event) ++first;
  std::size_t end = first;
  while (end < std::size(kDeclared) && kDeclared[end].event == event) ++end;
  return std::span(kParameters).subspan(first, end - first);
}

constexpr EventDeclaration kEvents[] = {
#define SLWMI_EVENT(enumerator, id, log, level, form, by, what, message) \
  {EventId::enumerator,                                                  \
   EventLog::log,                                                        \
   EventLevel::level,                                                    \
   EventForm::form,                                                      \
   by,                                                                   \
   what,                                                                 \
   message,                                                              \
   parameters_of(EventId::enumerator)},
#define SLWMI_EVENT_PARAMETER(enumerator, label, kind, description, example)
#include "provider/events.def"
#undef SLWMI_EVENT
#undef SLWMI_EVENT_PARAMETER
};

constexpr StatusFlag kStatusFlagNames[] = {
    {kStatusFlags[0], "SL_VL_BINDING_STATUS_OTHER_PC", "A warning: no ACPI_SLIC table"},
    {kStatusFlags[1], "SL_VL_BINDING_ERROR_NO_BINDING_SERVER_REGISTRATION",
     "No KMS host was found"},
    {kStatusFlags[2], "SL_VL_BINDING_ERROR_INVALID_REGISTRATION_DATA_TYPE",
     "KeyManagementServiceName or its port is not REG_SZ"},
    {kStatusFlags[3], "SL_VL_BINDING_ERROR_NOT_ENOUGH_COUNT",
     "The count of the KMS host is too low"},
    {kStatusFlags[4], "SL_VL_BINDING_ERROR_NOT_WINDOWS_SLP", "No qualifying system is proved"},
};

constexpr std::string_view kLogNames[kEventLogs] = {"Application", "Key Management Service"};

bool is_number(ParameterKind kind) {
  return kind != ParameterKind::kText && kind != ParameterKind::kGuid;
}

tl::unexpected<Error> bad_entry(const LogEntry& entry, std::string_view why) {
  return fail(HResult::kEInvalidarg,
              "event " + std::to_string(static_cast<unsigned>(entry.event)) + std::string(why));
}

}  // namespace

std::span<const EventDeclaration> event_declarations() { return kEvents; }

std::span<const StatusFlag> status_flag_declarations() { return kStatusFlagNames; }

const EventDeclaration* find_event(std::uint32_t id) {
  const auto found = std::find_if(std::begin(kEvents), std::end(kEvents), [&](const auto& e) {
    return static_cast<std::uint32_t>(e.id) == id;
  });
  return found == std::end(kEvents) ? nullptr : &*found;
}

std::string_view log_name(EventLog log) { return kLogNames[static_cast<std::size_t>(log)]; }

std::string_view level_name(EventLevel level) {
  switch (level) {
    case EventLevel::kError:
      return "Error";
    case EventLevel::kWarning:
      return "Warning";
    default:
      return "Information";
  }
}

std::optional<EventLog> find_log(std::string_view name) {
  for (std::size_t i = 0; i < kEventLogs; ++i)
    if (equal_ignore_case(name, kLogNames[i])) return static_cast<EventLog>(i);
  if (equal_ignore_case(name, "kms")) return EventLog::kKeyManagementService;
  return std::nullopt;
}

Result<> check(const LogEntry& entry) {
  if (entry.event == EventId::kLogCleared) {
    const auto* log =
        entry.values.size() == 1 ? std::get_if<std::uint64_t>(&entry.values[0]) : nullptr;
    if (log == nullptr || *log >= kEventLogs) return bad_entry(entry, " names no log");
    return {};
  }
  const EventDeclaration* event = find_event(static_cast<std::uint32_t>(entry.event));
  if (event == nullptr) return bad_entry(entry, " is unknown");
  if (entry.values.size() != event->parameters.size())
    return bad_entry(entry, " has " + std::to_string(event->parameters.size()) +
                                " parameters and not " + std::to_string(entry.values.size()));
  for (std::size_t i = 0; i < entry.values.size(); ++i) {
    const auto& parameter = event->parameters[i];
    const auto* text = std::get_if<std::string>(&entry.values[i]);
    if ((text == nullptr) != is_number(parameter.kind))
      return bad_entry(entry, " has a value of the wrong kind for " + std::string(parameter.label));
    if (text != nullptr && text->size() > kMaxEventText)
      return bad_entry(entry, " has too long a text for " + std::string(parameter.label));
    if (text != nullptr && find_invalid(*text))
      return bad_entry(entry, " has a text that is not UTF-8 for " + std::string(parameter.label));
    if ((parameter.kind == ParameterKind::kCode || parameter.kind == ParameterKind::kFlags) &&
        std::get<std::uint64_t>(entry.values[i]) > std::numeric_limits<std::uint32_t>::max())
      return bad_entry(entry, " has too large a number for " + std::string(parameter.label));
  }
  return {};
}

LogEntry make_entry(EventId event, FileTime now, std::vector<EventValue> values) {
  LogEntry entry;
  entry.event = event;
  entry.time = now;
  entry.values = std::move(values);
  for (EventValue& value : entry.values)
    if (auto* text = std::get_if<std::string>(&value)) *text = log_text(*text, kMaxEventText);
  return entry;
}

LogEntry log_cleared(EventLog log, FileTime now) {
  return make_entry(EventId::kLogCleared, now, {static_cast<std::uint64_t>(log)});
}

LogEntry failure(EventId event, HResult result, FileTime now) {
  return make_entry(event, now, {std::uint64_t{value_of(result)}});
}

LogEntry publishing_failed(HResult result, std::string_view domain, FileTime now) {
  return make_entry(EventId::kPublishingFailed, now,
                    {std::uint64_t{value_of(result)}, std::string(domain)});
}

LogEntry publishing_done(std::string_view domain, FileTime now) {
  return make_entry(EventId::kPublishingDone, now, {std::string(domain)});
}

std::uint64_t digest(const KmsExchange& exchange, std::string_view server_name) {
  KmsExchange content = exchange;
  content.server_name = 0;
  std::array<std::uint64_t, sizeof(KmsExchange) / 8> words;
  std::memcpy(words.data(), &content, sizeof content);
  // Each word is mixed by itself, so that the multiplications overlap.
  std::uint64_t sum = server_name.empty() ? 0 : hash64(server_name);
  for (std::size_t i = 0; i < words.size(); ++i)
    sum += mix64(words[i] + (i + 1) * 0x9E3779B97F4A7C15u);
  return mix64(sum);
}

std::uint64_t digest(const LogEntry& entry) {
  std::uint64_t hash = combine(entry.time.ticks, entry.machine);
  hash = combine(hash, static_cast<std::uint64_t>(entry.event));
  hash = combine(hash, static_cast<std::uint32_t>(entry.clock));
  for (const EventValue& value : entry.values) {
    const auto* text = std::get_if<std::string>(&value);
    hash = combine(hash + (text != nullptr ? 1 : 0),
                   text != nullptr ? hash64(*text) : std::get<std::uint64_t>(value));
  }
  return hash;
}

}  // namespace slwmi::licensing
