// The logs of one machine, built of the chunks in which a world keeps events. Fed in the order of
// the world's history, it holds what is still there of each log. Pure.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "provider/event_chunk.hpp"
#include "provider/event_record.hpp"
#include "provider/event_window.hpp"

namespace slwmi::licensing {

using AllLimits = std::array<LogLimits, kEventLogs>;
inline AllLimits read_all_limits(const reg::HiveView& view) {
  return {read_limits(view, EventLog::kApplication),
          read_limits(view, EventLog::kKeyManagementService)};
}

class LogBook {
 public:
  // `names` must outlive the book; sizes of entries depend on what it says.
  LogBook(std::uint32_t machine, const AllLimits& limits, const EventNames& names)
      : machine_(machine),
        names_(&names),
        windows_{LogWindow<LogLine>(limits[0]), LogWindow<LogLine>(limits[1])} {}
  LogBook(const LogBook&) = delete;
  LogBook& operator=(const LogBook&) = delete;

  // What the chunks have of the machine. ERROR_INVALID_DATA with the offset.
  Result<> add(ByteSpan chunks);

  const LogWindow<LogLine>& log(EventLog log) const {
    return windows_[static_cast<std::size_t>(log)];
  }
  const EventNames& names() const { return *names_; }

 private:
  void add(const KmsExchange& exchange, std::string_view server);
  void add(const LogEntry& entry);
  void add(LogLine line);

  std::uint32_t machine_;
  const EventNames* names_;
  std::array<LogWindow<LogLine>, kEventLogs> windows_;
  ServerNames servers_;
};

}  // namespace slwmi::licensing
