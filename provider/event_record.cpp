#include "provider/event_record.hpp"

#include "base/text.hpp"
#include "provider/license.hpp"

namespace slwmi::licensing {
namespace {

constexpr std::string_view kDelimiter = ",";

// Sinks for parameters. One makes their texts, the other counts UTF-16 units without making any;
// both walk over the same code, so that they cannot differ in what there is.
class Texts {
 public:
  void code(std::uint32_t value) { flags(value); }
  void flags(std::uint32_t value) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    do out.insert(out.begin(), kDigits[value & 15u]);
    while ((value >>= 4) != 0);
    texts.push_back("0x" + out);
  }
  void number(std::uint64_t value) { texts.push_back(std::to_string(value)); }
  void text(std::string_view value) { texts.emplace_back(value); }
  void guid(const Guid& value) { texts.push_back(format_guid(value)); }
  void server(std::string_view name, std::uint16_t port) {
    texts.push_back(std::string(name) + ":" + std::to_string(port));
  }
  void year_first(FileTime time) {
    const CivilTime at = to_civil(time);
    texts.push_back(std::to_string(at.year) + "/" + std::to_string(at.month) + "/" +
                    std::to_string(at.day) + time_of_day(at));
  }
  void month_first(FileTime time) {
    const CivilTime at = to_civil(time);
    texts.push_back(std::to_string(at.month) + "/" + std::to_string(at.day) + "/" +
                    std::to_string(at.year) + time_of_day(at));
  }

  std::vector<std::string> texts;

 private:
  static std::string time_of_day(const CivilTime& at) {
    return " " + std::to_string(at.hour) + (at.minute < 10 ? ":0" : ":") +
           std::to_string(at.minute);
  }
};

class Lengths {
 public:
  void code(std::uint32_t value) { flags(value); }
  void flags(std::uint32_t value) {
    std::size_t digits = 1;
    while ((value >>= 4) != 0) ++digits;
    add(2 + digits);
  }
  void number(std::uint64_t value) { add(digits_of(value)); }
  void text(std::string_view value) { add(utf16_length(value)); }
  void guid(const Guid&) { add(36); }
  void server(std::string_view name, std::uint16_t port) {
    add(utf16_length(name) + 1 + digits_of(port));
  }
  void year_first(FileTime time) {
    const CivilTime at = to_civil(time);
    add(digits_of(static_cast<std::uint64_t>(at.year)) + two(at.month) + two(at.day) +
        two(at.hour) + 6);
  }
  void month_first(FileTime time) { year_first(time); }

  std::size_t units = 0, count = 0;

 private:
  static std::size_t two(int value) { return value < 10 ? 1 : 2; }
  static std::size_t digits_of(std::uint64_t value) {
    std::size_t digits = 1;
    for (; value >= 10; value /= 10) ++digits;
    return digits;
  }
  void add(std::size_t length) {
    units += length;
    ++count;
  }
};

// No clock shows a time before the first.
FileTime shifted(FileTime time, std::int64_t clock_minutes) {
  const TickSpan by = minutes(clock_minutes);
  if (by.ticks < 0 && time.ticks < static_cast<std::uint64_t>(-by.ticks)) return {};
  return time + by;
}

std::string_view server_of(const LogLine& line, const EventNames& names) {
  const KmsExchange& exchange = line.exchange;
  if (!line.server.empty()) return line.server;
  return exchange.host == 0 ? std::string_view() : names.computer(exchange.host, exchange.time);
}

template <class Sink>
void what_the_client_said(const KmsExchange& exchange, Sink& sink) {
  sink.guid(exchange.client_id == 0 ? Guid{} : client_machine_id(exchange.client_id));
  sink.year_first(shifted(exchange.time, exchange.client_skew));
  sink.number(exchange.has(ExchangePart::kVirtualMachine) ? 1 : 0);
  sink.number(exchange.status);
  sink.number(exchange.minutes);
}

// The parameters of a side of an exchange, in the order of events.def.
template <class Sink>
void walk(const LogLine& line, const EventNames& names, Sink& sink) {
  const KmsExchange& exchange = line.exchange;
  constexpr std::uint32_t kNotEnoughCount = 0x04000000;  // follows from the response
  switch (line.id) {
    case EventId::kRequestSent:
      sink.code(value_of(exchange.requested));
      sink.flags(status_flags(exchange) & ~kNotEnoughCount);
      if (const std::string_view name = server_of(line, names); name.empty())
        sink.text({});
      else
        sink.server(name, exchange.port);
      what_the_client_said(exchange, sink);
      sink.text(names.product(exchange.product, exchange.client));
      sink.number(exchange.required);
      break;
    case EventId::kResponseProcessed:
      sink.code(value_of(exchange.processed));
      sink.flags(status_flags(exchange));
      sink.number(exchange.has(ExchangePart::kBound) ? 1 : 0);
      sink.number(0);
      sink.number(exchange.count);
      sink.number(exchange.activation_interval);
      sink.number(exchange.renewal_interval);
      sink.month_first(shifted(exchange.time, exchange.client_skew));
      break;
    case EventId::kRequestProcessed:
      sink.code(value_of(exchange.served));
      sink.number(exchange.required);
      sink.text(names.computer(exchange.client, exchange.time));
      what_the_client_said(exchange, sink);
      sink.text(names.product(exchange.product, exchange.client));
      break;
    default:
      break;
  }
}

template <class Sink>
void walk(const LogEntry& entry, const EventDeclaration& event, Sink& sink) {
  for (std::size_t i = 0; i < entry.values.size() && i < event.parameters.size(); ++i) {
    const EventValue& value = entry.values[i];
    if (const auto* text = std::get_if<std::string>(&value)) {
      sink.text(*text);
      continue;
    }
    const std::uint64_t number = std::get<std::uint64_t>(value);
    switch (event.parameters[i].kind) {
      case ParameterKind::kCode:
        sink.code(static_cast<std::uint32_t>(number));
        break;
      case ParameterKind::kFlags:
        sink.flags(static_cast<std::uint32_t>(number));
        break;
      case ParameterKind::kTimeYearFirst:
        sink.year_first({number});
        break;
      case ParameterKind::kTimeMonthFirst:
        sink.month_first({number});
        break;
      default:
        sink.number(number);
        break;
    }
  }
}

template <class Sink>
void walk(const LogLine& line, const EventDeclaration& event, const EventNames& names, Sink& sink) {
  if (line.entry != nullptr)
    walk(*line.entry, event, sink);
  else
    walk(line, names, sink);
}

const EventDeclaration& declaration_of(EventId id) {
  static const EventDeclaration kUnknown;
  const EventDeclaration* event = find_event(static_cast<std::uint32_t>(id));
  return event != nullptr ? *event : kUnknown;
}

std::string fill_in(std::string_view message, const std::vector<std::string>& strings) {
  std::string out;
  for (std::size_t i = 0; i < message.size(); ++i) {
    if (message[i] != '%' || i + 1 == message.size()) {
      out += message[i];
      continue;
    }
    ++i;
    const auto index = static_cast<std::size_t>(message[i] - '1');
    if (message[i] == 'n')
      out += "\r\n";
    else if (index < strings.size())
      out += strings[index];
  }
  return out;
}

}  // namespace

FileTime LogLine::local_time() const {
  if (entry != nullptr) return shifted(entry->time, entry->clock);
  const bool of_host = id == EventId::kRequestProcessed;
  return shifted(exchange.time, of_host ? exchange.host_skew : exchange.client_skew);
}

EventLog LogLine::log() const {
  if (id != EventId::kLogCleared) return declaration_of(id).log;
  return static_cast<EventLog>(std::get<std::uint64_t>(entry->values[0]));
}

ExchangeEvents events_of(const KmsExchange& exchange, std::uint32_t machine) {
  ExchangeEvents out;
  const auto add = [&](EventId id) { out.ids[out.count++] = id; };
  if (exchange.host == machine && exchange.has(ExchangePart::kServed))
    add(EventId::kRequestProcessed);
  if (exchange.client == machine && exchange.has(ExchangePart::kRequested))
    add(EventId::kRequestSent);
  if (exchange.client == machine && exchange.has(ExchangePart::kProcessed))
    add(EventId::kResponseProcessed);
  return out;
}

std::uint32_t EventRecord::identifier() const {
  switch (event->level) {
    case EventLevel::kError:
      return 0xC0000000u | id();
    case EventLevel::kWarning:
      return 0x80000000u | id();
    default:
      return 0x40000000u | id();
  }
}

std::vector<std::string> EventRecord::strings() const {
  if (event->form == EventForm::kStrings) return parameters;
  std::string all;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (i != 0) all += kDelimiter;
    all += parameters[i];
  }
  return {std::move(all)};
}

std::vector<std::string_view> EventRecord::flags() const {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (event->parameters[i].kind != ParameterKind::kFlags) continue;
    const std::uint64_t set = parse_unsigned(parameters[i]).value_or(0);
    for (const StatusFlag& flag : status_flag_declarations())
      if ((set & flag.value) != 0) out.push_back(flag.name);
  }
  return out;
}

std::string EventRecord::message() const { return fill_in(event->message, strings()); }

EventRecord read_record(const LogLine& line, std::uint64_t number, const EventNames& names) {
  const EventDeclaration& event = declaration_of(line.id);
  Texts texts;
  walk(line, event, names, texts);
  EventRecord out;
  out.number = number;
  out.event = &event;
  out.machine = line.machine;
  out.time = line.local_time();
  out.world_time = line.world_time();
  out.computer = names.computer(line.machine, out.world_time);
  out.parameters = std::move(texts.texts);
  const bool has_code =
      !event.parameters.empty() && event.parameters[0].kind == ParameterKind::kCode;
  if (line.entry != nullptr && has_code)
    out.code = static_cast<HResult>(std::get<std::uint64_t>(line.entry->values[0]));
  else if (has_code)
    out.code = line.id == EventId::kRequestSent         ? line.exchange.requested
               : line.id == EventId::kResponseProcessed ? line.exchange.processed
                                                        : line.exchange.served;
  return out;
}

std::size_t record_bytes(const LogLine& line, const EventNames& names) {
  constexpr std::size_t kFixed = 56, kLengthAtTheEnd = 4, kAlignment = 4;
  const EventDeclaration& event = declaration_of(line.id);
  Lengths lengths;
  walk(line, event, names, lengths);
  std::size_t units = lengths.units + kEventSource.size() + 1 +
                      utf16_length(names.computer(line.machine, line.world_time())) + 1;
  // A NUL behind each string; between the parameters of one string a delimiter.
  if (event.form == EventForm::kStrings)
    units += lengths.count;
  else
    units += (lengths.count - 1) * kDelimiter.size() + 1;
  const std::size_t bytes = kFixed + 2 * units;
  return (bytes + kAlignment - 1) / kAlignment * kAlignment + kLengthAtTheEnd;
}

}  // namespace slwmi::licensing
