// The event logs of a machine as its providers read them. World implements it.
#pragma once

#include <cstdint>

#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "provider/event_record.hpp"
#include "provider/event_window.hpp"

namespace slwmi::licensing {

struct LogTotals {
  std::uint64_t records = 0;  // that are there
  std::uint64_t bytes = 0;    // of them
  std::uint64_t last = 0;     // number of the newest ever; 0: none
  std::uint64_t lost = 0;     // that found no room
  LogLimits limits;
};

class EventSource {
 public:
  EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;
  virtual ~EventSource() = default;

  // What is there of a log, newest first as WMI gives it. A sink returns false to stop. Lines are
  // good until the next call of any of these.
  virtual Result<> read(EventLog log,
                        FunctionRef<bool(const LogLine&, std::uint64_t number)> sink) = 0;
  virtual Result<LogTotals> totals(EventLog log) = 0;
  // For the lines of the last read.
  virtual const EventNames& names() const = 0;
  // What the log holds is gone; numbers go on.
  virtual Result<> clear(EventLog log) = 0;
};

}  // namespace slwmi::licensing
