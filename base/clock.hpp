// Time is an argument: nothing in the project asks the operating system. A Clock is passed in; the
// one here moves only when it is told to.
#pragma once

#include "base/datetime.hpp"

namespace slwmi {

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = default;
  Clock& operator=(const Clock&) = default;
  virtual ~Clock() = default;
  virtual FileTime now() const = 0;
};

class ManualClock final : public Clock {
 public:
  explicit ManualClock(FileTime start) : now_(start) {}
  FileTime now() const override { return now_; }
  void set(FileTime to) { now_ = to; }
  void advance(TickSpan by) { now_ = now_ + by; }

 private:
  FileTime now_;
};

}  // namespace slwmi
