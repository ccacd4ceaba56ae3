#include "provider/event_book.hpp"

namespace slwmi::licensing {

Result<> LogBook::add(ByteSpan chunks) {
  return each_chunk(chunks, [&](const ChunkReader& chunk) {
    chunk.each_of(
        machine_,
        [&](const KmsExchange& exchange) {
          add(exchange, chunk.server_name(exchange));
          return true;
        },
        [&](const LogEntry& entry) {
          add(entry);
          return true;
        });
    return true;
  });
}

void LogBook::add(const KmsExchange& exchange, std::string_view server) {
  const std::string_view kept = servers_.text_of(servers_.number_of(server));
  for (const EventId id : events_of(exchange, machine_))
    add(LogLine{id, machine_, nullptr, exchange, kept});
}

void LogBook::add(const LogEntry& entry) {
  LogLine line{entry.event, machine_, std::make_shared<const LogEntry>(entry), {}, {}};
  if (entry.event == EventId::kLogCleared)
    windows_[static_cast<std::size_t>(line.log())].clear();
  else
    add(std::move(line));
}

void LogBook::add(LogLine line) {
  const FileTime time = line.local_time();
  const std::size_t bytes = record_bytes(line, *names_);
  LogWindow<LogLine>& window = windows_[static_cast<std::size_t>(line.log())];
  window.add(std::move(line), time, bytes);
}

}  // namespace slwmi::licensing
