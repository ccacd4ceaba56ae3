#include "report/health_rules.hpp"

#include <algorithm>

#include "base/hresult.hpp"

namespace slwmi::report {
namespace {

using licensing::EventId;
using licensing::ExchangePart;
using licensing::KmsExchange;
using licensing::LogEntry;

constexpr std::string_view kRuns = "The Key Management Service runs.";
constexpr std::string_view kPublished = "Nothing was refused by DNS.";
constexpr std::string_view kNobody = "No client asked in the past 30 days.";
constexpr std::string_view kActive = "No 8 hours passed without a client.";

// The first value of an entry that has a code.
std::string code_of(const LogEntry& entry) {
  const auto* code = std::get_if<std::uint64_t>(&entry.values.front());
  return code == nullptr ? std::string() : to_hex(static_cast<HResult>(*code));
}
std::string domain_of(const LogEntry& entry) {
  const auto* domain = std::get_if<std::string>(&entry.values.back());
  return domain == nullptr ? std::string() : *domain;
}

}  // namespace

std::string_view to_text(Rule rule) {
  constexpr std::string_view kNames[kRules] = {"initialization", "DNS publishing", "count",
                                               "activity", "agent"};
  return kNames[static_cast<std::size_t>(rule)];
}

std::string_view to_text(Severity severity) {
  constexpr std::string_view kNames[] = {"Success", "Information", "Warning", "Error",
                                         "Critical Error"};
  return kNames[static_cast<std::size_t>(severity)];
}

void Verdicts::set(FileTime time, Severity severity, std::string_view what) {
  const Rule rule = changes_.front().rule;
  if (changes_.back().severity == severity && changes_.back().what == what) return;
  if (changes_.size() > 1 && time <= changes_.back().time) {
    changes_.back().severity = severity;
    changes_.back().what = what;
    const Change& before = changes_[changes_.size() - 2];
    if (before.severity == changes_.back().severity && before.what == changes_.back().what)
      changes_.pop_back();
    return;
  }
  if (time <= changes_.front().time) {
    changes_.front() = {changes_.front().time, rule, severity, std::string(what)};
    return;
  }
  changes_.push_back({time, rule, severity, std::string(what)});
}

// --- initialization

InitializationRule::InitializationRule(FileTime since)
    : verdicts_(Rule::kInitialization, since, kRuns) {}

void InitializationRule::add(const LogEntry& entry) {
  switch (entry.event) {
    case EventId::kKmsInitializationFailed:
      service_ = code_of(entry);
      service_failed_ = entry.time;
      break;
    case EventId::kRenewalTimerFailed:
      timer_ = code_of(entry);
      timer_failed_ = entry.time;
      break;
    case EventId::kServiceStarted:
      if (entry.time > service_failed_) service_.clear();
      if (entry.time > timer_failed_) timer_.clear();
      break;
    case EventId::kPublishingDone:
      if (entry.time > service_failed_) service_.clear();
      break;
    default:
      return;
  }
  tell(entry.time);
}

void InitializationRule::add(const KmsExchange& served) {
  if (service_.empty() || served.time <= service_failed_) return;
  service_.clear();
  tell(served.time);
}

void InitializationRule::tell(FileTime time) {
  if (!service_.empty()) {
    verdicts_.set(time, Severity::kCriticalError,
                  "The Key Management Service did not initialize (12291, " + service_ + ").");
  } else if (!timer_.empty()) {
    verdicts_.set(time, Severity::kWarning,
                  "A renewal timer did not initialize (12292, " + timer_ + ").");
  } else {
    verdicts_.set(time, Severity::kSuccess, kRuns);
  }
}

// --- publishing

PublishingRule::PublishingRule(FileTime since) : verdicts_(Rule::kPublishing, since, kPublished) {}

void PublishingRule::add(const LogEntry& entry) {
  if (entry.event == EventId::kPublishingFailed) {
    failing_[domain_of(entry)] = code_of(entry);
  } else if (entry.event == EventId::kPublishingDone) {
    failing_.erase(domain_of(entry));
  } else {
    return;
  }
  std::string domains;
  for (const auto& [domain, code] : failing_)
    domains.append(domains.empty() ? "" : ", ").append(domain).append(" (").append(code) += ")";
  if (failing_.empty()) {
    verdicts_.set(entry.time, Severity::kSuccess, kPublished);
  } else {
    verdicts_.set(entry.time, Severity::kError,
                  "DNS refused the service record (12293) of " + domains + ".");
  }
}

// --- count

CountRule::CountRule(FileTime since) : verdicts_(Rule::kCount, since, kNobody) {}

std::uint32_t CountRule::needed() const {
  return requirements_.empty() ? 0 : requirements_.rbegin()->first;
}

void CountRule::age(FileTime now) {
  constexpr TickSpan kMemory = minutes(licensing::kms::kMemoryMinutes);
  for (;;) {
    FileTime next = kMaxFileTime;
    if (!clients_.empty()) next = licensing::time_of(clients_.front().seen) + kMemory;
    for (const auto& [size, time] : requirements_) next = std::min(next, time + kMemory);
    if (next > now) return;
    std::erase_if(clients_, [&](const licensing::kms::Client& client) {
      return licensing::time_of(client.seen) + kMemory <= next;
    });
    std::erase_if(requirements_, [&](const auto& each) { return each.second + kMemory <= next; });
    tell(next);
  }
}

void CountRule::add(const KmsExchange& served) {
  if (failed(served.served)) return;
  age(served.time);
  requirements_[served.required] = std::max(requirements_[served.required], served.time);
  largest_ = std::max<std::uint32_t>(largest_, served.required);
  if (!served.has(ExchangePart::kVirtualMachine)) {
    std::erase_if(clients_, [&](const auto& client) { return client.id == served.client_id; });
    clients_.push_back({served.client_id, licensing::minute_of(served.time)});
    const std::size_t limit = 2 * std::size_t{largest_};
    if (clients_.size() > limit)
      clients_.erase(clients_.begin(), clients_.end() - static_cast<std::ptrdiff_t>(limit));
  }
  tell(served.time);
}

void CountRule::finish(FileTime now) { age(now); }

void CountRule::tell(FileTime time) {
  for (const auto& [size, asked] : requirements_)
    if (count() >= size) met_[size] = true;
  Standing now{needed(), 0, false};
  for (const auto& [size, asked] : requirements_) {
    if (count() >= size) continue;
    now.lacking = now.lacking == 0 ? size : now.lacking;
    now.dropped = now.dropped || met_[size];
  }
  if (now == told_) return;
  told_ = now;
  // The number of the moment is left out, so that a verdict lasts while the count moves.
  if (now.needed == 0) {
    verdicts_.set(time, Severity::kSuccess, kNobody);
  } else if (now.lacking == 0) {
    verdicts_.set(
        time, Severity::kSuccess,
        "The count is the " + std::to_string(now.needed) + " that clients need, or more.");
  } else {
    const std::string size = std::to_string(now.lacking);
    if (now.dropped) {
      verdicts_.set(time, Severity::kError,
                    "The count dropped below the " + size + " that clients need.");
    } else {
      verdicts_.set(time, Severity::kWarning,
                    "The count never was the " + size + " that clients need.");
    }
  }
}

// --- activity

ActivityRule::ActivityRule(FileTime since)
    : last_(since), verdicts_(Rule::kActivity, since, kActive) {}

void ActivityRule::quiet_until(FileTime time) {
  if (time - last_ <= hours(kHours)) return;
  verdicts_.set(last_ + hours(kHours), Severity::kWarning,
                asked_ ? "No client asked for more than 8 hours." : "No client ever asked.");
}

void ActivityRule::add(const KmsExchange& served) {
  quiet_until(served.time);
  last_ = std::max(last_, served.time);
  asked_ = true;
  verdicts_.set(served.time, Severity::kSuccess, kActive);
}

void ActivityRule::finish(FileTime now) { quiet_until(now); }

// --- advice

std::string_view advice(Rule rule, Severity severity) {
  if (severity <= Severity::kInformation) return {};
  switch (rule) {
    case Rule::kInitialization:
      return severity == Severity::kCriticalError
                 ? "Until the service initializes no client is answered. Look the code up (slwmi "
                   "explain CODE), install the KMS key again (slmgr /ipk), activate it (slmgr "
                   "/ato) and restart the host."
                 : "The service runs with its default intervals. Set VLActivationInterval and "
                   "VLRenewalInterval to 15 to 43200 minutes (slmgr /sai, slmgr /sri) and restart "
                   "the host.";
    case Rule::kPublishing:
      return "Clients do not find this host by themselves. Let the zone take dynamic updates, give "
             "the host write access to its SRV name, or enter the record by hand (slwmi net record "
             "add); then restart the host.";
    case Rule::kCount:
      return severity == Severity::kError
                 ? "Clients that must activate or renew are turned down. Find out why physical "
                   "clients no longer reach this host: other hosts, DNS, port 1688, machines that "
                   "are gone."
                 : "Clients wait for more physical computers with client machine IDs of their own. "
                   "Let more of them ask this host, and generalize images before they are cloned.";
    case Rule::kActivity:
      return "Check that the host runs, listens on its port behind its firewall, and is the one "
             "that DNS or KeyManagementServiceName names.";
    case Rule::kAgent:
      return "Create a custom computer group and add the host (slwmi health group add NAME), or "
             "move the Key Management Service to Windows Vista SP1 or Windows Server 2008.";
  }
  return {};
}

}  // namespace slwmi::report
