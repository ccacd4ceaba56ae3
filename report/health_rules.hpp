// The health rules of the KMS Management Pack (VA2, "KMS Health Monitoring"), each a fold over what
// one KMS host logged: it is fed the entries in their order and says when its verdict changed.
// Pure, and small however long the log is.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/datetime.hpp"
#include "base/text.hpp"
#include "provider/event_log.hpp"
#include "provider/kms/host.hpp"

namespace slwmi::report {

enum class Rule : std::uint8_t {
  kInitialization,  // 12291: the service did not initialize; 12292: a renewal timer did not
  kPublishing,      // 12293: no service record in a domain
  kCount,           // the count is below what clients need
  kActivity,        // no request for 8 hours
  kAgent,           // no agent watches the host
};
inline constexpr std::size_t kRules = 5;
std::string_view to_text(Rule rule);  // "initialization"

// As Operations Manager 2005 ranks alerts.
enum class Severity : std::uint8_t { kSuccess, kInformation, kWarning, kError, kCriticalError };
std::string_view to_text(Severity severity);  // "Critical Error"

struct Change {
  FileTime time;  // of the world's clock
  Rule rule = Rule::kInitialization;
  Severity severity = Severity::kSuccess;
  std::string what;  // a sentence
  bool operator==(const Change&) const = default;
};

// The verdicts of one rule in order of time: no two at one time, no two alike behind each other.
class Verdicts {
 public:
  Verdicts(Rule rule, FileTime since, std::string_view what)
      : changes_{{since, rule, Severity::kSuccess, std::string(what)}} {}
  void set(FileTime time, Severity severity, std::string_view what);
  const std::vector<Change>& changes() const { return changes_; }

 private:
  std::vector<Change> changes_;
};

// 12291 and 12292. The service runs again when it started, answered or published later; a timer
// when the service started later without complaint.
class InitializationRule {
 public:
  explicit InitializationRule(FileTime since);
  void add(const licensing::LogEntry& entry);
  void add(const licensing::KmsExchange& served);
  const std::vector<Change>& changes() const { return verdicts_.changes(); }

 private:
  void tell(FileTime time);
  std::string service_, timer_;  // their codes; empty: fine
  FileTime service_failed_, timer_failed_;
  Verdicts verdicts_;
};

// 12293, until 12294 for the same domain.
class PublishingRule {
 public:
  explicit PublishingRule(FileTime since);
  void add(const licensing::LogEntry& entry);
  const std::vector<Change>& changes() const { return verdicts_.changes(); }

 private:
  std::map<std::string, std::string, IgnoreCaseLess> failing_;  // domain: code
  Verdicts verdicts_;
};

// The count that follows from the log (different physical clients of the past 30 days, at most
// twice the largest requirement) against what the clients of these days need. A count that never
// was high enough is a warning, one that dropped an error.
class CountRule {
 public:
  explicit CountRule(FileTime since);
  void add(const licensing::KmsExchange& served);
  void finish(FileTime now);
  std::uint32_t count() const { return static_cast<std::uint32_t>(clients_.size()); }
  std::uint32_t needed() const;  // the largest requirement of the past 30 days; 0: nobody asked
  const std::vector<Change>& changes() const { return verdicts_.changes(); }

 private:
  void age(FileTime now);
  void tell(FileTime time);
  std::vector<licensing::kms::Client> clients_;     // oldest first
  std::map<std::uint32_t, FileTime> requirements_;  // by size: when last asked
  std::uint32_t largest_ = 0;                       // ever
  std::map<std::uint32_t, bool> met_;               // by requirement: was once
  struct Standing {
    std::uint32_t needed = 0, lacking = 0;
    bool dropped = false;
    bool operator==(const Standing&) const = default;
  } told_;
  Verdicts verdicts_;
};

// More than 8 hours without a request.
class ActivityRule {
 public:
  static constexpr std::int64_t kHours = 8;
  explicit ActivityRule(FileTime since);
  void add(const licensing::KmsExchange& served);
  void finish(FileTime now);
  const std::vector<Change>& changes() const { return verdicts_.changes(); }

 private:
  void quiet_until(FileTime time);
  FileTime last_;
  bool asked_ = false;
  Verdicts verdicts_;
};

// What to do about a verdict of that rule; empty when it is no trouble.
std::string_view advice(Rule rule, Severity severity);

}  // namespace slwmi::report
