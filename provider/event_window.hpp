// Which entries of a log are still there: a log has a size, and what happens when it is full says
// its retention. Nothing is kept for that; a log's present limits are applied to all that was ever
// written to it whenever it is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "base/datetime.hpp"
#include "provider/event_log.hpp"
#include "registry/hive_view.hpp"
#include "registry/path.hpp"

namespace slwmi::licensing {

// The values MaxSize and Retention of SYSTEM\CurrentControlSet\Services\Eventlog\<log>.
struct LogLimits {
  static constexpr std::uint32_t kNever = 0xFFFFFFFF;
  std::uint32_t max_size = 20 * 1024 * 1024;  // bytes
  // Seconds that an entry is safe from being overwritten. 0: overwritten as needed; kNever: new
  // entries are lost when the log is full.
  std::uint32_t retention = 0;
  bool operator==(const LogLimits&) const = default;
};
// A value that is absent or no REG_DWORD leaves the default.
LogLimits read_limits(const reg::HiveView& view, EventLog log);
// The key of a log's values.
const reg::KnownPath& log_key(EventLog log);

// Lines of one log, from the first that was ever written. Numbers start at 1 and go on when entries
// are overwritten and when the log is cleared; an entry that finds no room gets none.
template <class Line>
class LogWindow {
 public:
  struct Kept {
    Line line;
    FileTime time;
    std::uint64_t number = 0;
    std::size_t bytes = 0;
  };

  explicit LogWindow(LogLimits limits = {}) : limits_(limits) {}

  // False: the log is full, and the entry is lost.
  bool add(Line line, FileTime time, std::size_t bytes) {
    while (!kept_.empty() && used_ + bytes > limits_.max_size && may_go(kept_.front().time, time)) {
      used_ -= kept_.front().bytes;
      kept_.pop_front();
    }
    // A log takes an entry at least, however small it is.
    if (!kept_.empty() && used_ + bytes > limits_.max_size) {
      ++lost_;
      return false;
    }
    kept_.push_back({std::move(line), time, ++last_, bytes});
    used_ += bytes;
    return true;
  }
  void clear() {
    kept_.clear();
    used_ = 0;
  }

  const std::deque<Kept>& kept() const { return kept_; }
  std::uint64_t last() const { return last_; }  // number of the newest entry ever; 0: none
  std::uint64_t lost() const { return lost_; }  // entries that found no room
  std::uint64_t used() const { return used_; }  // bytes
  const LogLimits& limits() const { return limits_; }

 private:
  bool may_go(FileTime oldest, FileTime now) const {
    return limits_.retention != LogLimits::kNever && now - oldest >= seconds(limits_.retention);
  }

  LogLimits limits_;
  std::deque<Kept> kept_;
  std::uint64_t used_ = 0, last_ = 0, lost_ = 0;
};

}  // namespace slwmi::licensing
