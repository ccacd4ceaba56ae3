#include "report/health.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>

#include "base/text.hpp"
#include "provider/event_chunk.hpp"
#include "world/event_logs.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

namespace slwmi::report {
namespace {

using licensing::ExchangePart;
using licensing::KmsExchange;
using licensing::LogEntry;

// All rules on one host's log.
class Watch {
 public:
  explicit Watch(FileTime since)
      : initialization_(since), publishing_(since), count_(since), activity_(since) {}

  void add(const KmsExchange& served) {
    initialization_.add(served);
    count_.add(served);
    activity_.add(served);
    last_request_ = std::max(last_request_.value_or(FileTime{}), served.time);
  }
  void add(const LogEntry& entry) {
    initialization_.add(entry);
    publishing_.add(entry);
  }
  void finish(FileTime now, HostHealth& out) {
    count_.finish(now);
    activity_.finish(now);
    for (const std::vector<Change>* changes : {&initialization_.changes(), &publishing_.changes(),
                                               &count_.changes(), &activity_.changes()}) {
      out.rules.push_back(changes->back());
      out.history.insert(out.history.end(), changes->begin(), changes->end());
    }
    out.count = count_.count();
    out.needed = count_.needed();
    out.last_request = last_request_;
  }

 private:
  InitializationRule initialization_;
  PublishingRule publishing_;
  CountRule count_;
  ActivityRule activity_;
  std::optional<FileTime> last_request_;
};

Result<> feed(world::Store& store, std::unordered_map<std::uint32_t, Watch>& watches) {
  const auto exchange = [&](const KmsExchange& each) {
    if (!each.has(ExchangePart::kServed)) return true;
    if (const auto watch = watches.find(each.host); watch != watches.end()) watch->second.add(each);
    return true;
  };
  const auto entry = [&](const LogEntry& each) {
    if (const auto watch = watches.find(each.machine); watch != watches.end())
      watch->second.add(each);
    return true;
  };
  return world::read_chunks(
      store, {}, [&](const licensing::ChunkReader& reader) { reader.each(exchange, entry); });
}

Change unwatched(const KmsHost& host) {
  return {host.installed, Rule::kAgent, Severity::kWarning,
          "The 32-bit agent does not find KMS hosts on 64-bit Windows Vista RTM."};
}
Change watched(const KmsHost& host) {
  return {host.installed, Rule::kAgent, Severity::kSuccess,
          host.membership == Membership::kCustomGroup ? "It is in the custom computer group."
                                                      : "The agent found it."};
}

}  // namespace

Severity Health::worst() const {
  Severity out = Severity::kSuccess;
  for (const HostHealth& host : hosts) out = std::max(out, host.worst);
  return out;
}

Result<Health> health_of(world::World& world, const std::vector<std::string>& hosts) {
  Health out;
  SL_TRY(out.now, world.now());
  SL_TRY(std::vector<KmsHost> all, kms_hosts(world));
  SL_TRY(const std::vector<KmsHost> chosen, choose_hosts(std::move(all), hosts));
  std::unordered_map<std::uint32_t, Watch> watches;
  for (const KmsHost& host : chosen) {
    // What is no KMS host, and was none whose value somebody forgot, is nobody's trouble.
    const bool is_one =
        is_watched(host.membership) || (host.membership == Membership::kNotFound && host.enabled);
    if (!is_one) continue;
    HostHealth& health = out.hosts.emplace_back();
    health.host = host;
    if (is_watched(host.membership)) watches.try_emplace(host.machine, Watch(host.installed));
  }
  SL_CHECK(feed(world.shared().store(), watches));
  for (HostHealth& health : out.hosts) {
    const auto watch = watches.find(health.host.machine);
    if (watch != watches.end()) watch->second.finish(out.now, health);
    health.rules.push_back(watch != watches.end() ? watched(health.host) : unwatched(health.host));
    health.history.push_back(health.rules.back());
    std::stable_sort(health.history.begin(), health.history.end(),
                     [](const Change& a, const Change& b) { return a.time < b.time; });
    for (const Change& rule : health.rules) health.worst = std::max(health.worst, rule.severity);
  }
  return out;
}

Tone tone_of(Severity severity) {
  switch (severity) {
    case Severity::kSuccess:
      return Tone::kGood;
    case Severity::kInformation:
      return Tone::kInitial;
    case Severity::kWarning:
      return Tone::kExpired;
    default:
      return Tone::kBad;
  }
}

namespace {

Timeline timeline_of(const HostHealth& health, FileTime now) {
  Timeline out;
  out.title = health.host.full_name;
  out.from = health.host.installed;
  out.to = now;
  for (const Severity severity : {Severity::kSuccess, Severity::kWarning, Severity::kError})
    out.legend.emplace_back(to_text(severity), tone_of(severity));
  for (const Change& rule : health.rules) {
    Timeline::Line line;
    line.name = to_text(rule.rule);
    for (const Change& change : health.history) {
      if (change.rule != rule.rule) continue;
      if (!line.spans.empty()) line.spans.back().to = change.time;
      line.spans.push_back({change.time, now, tone_of(change.severity),
                            std::string(to_text(change.severity)) + ": " + change.what});
    }
    out.lines.push_back(std::move(line));
  }
  return out;
}

}  // namespace

Report to_report(const Health& health) {
  Report out;
  out.name = "kms-health";
  out.title = "KMS Health";
  out.about =
      "What the rules of the KMS Management Pack say of each KMS host: initialization, DNS "
      "publishing, the count, activity, and whether an agent watches it.";
  out.at = health.now;
  out.table.columns = {"KMS host", "Rule", "Severity", "Since", "What", "Advice"};
  std::array<std::uint64_t, 5> hosts{};
  for (const HostHealth& host : health.hosts) {
    ++hosts[static_cast<std::size_t>(host.worst)];
    for (const Change& rule : host.rules) {
      const std::string_view help = advice(rule.rule, rule.severity);
      out.table.rows.push_back({host.host.full_name, std::string(to_text(rule.rule)),
                                std::string(to_text(rule.severity)), rule.time, rule.what,
                                help.empty() ? Value() : Value(std::string(help))});
    }
    out.timelines.push_back(timeline_of(host, health.now));
  }
  out.figures = {{"healthy hosts", hosts[0] + hosts[1], Tone::kGood},
                 {"with a warning", hosts[2], Tone::kExpired},
                 {"with an error", hosts[3] + hosts[4], Tone::kBad}};
  return out;
}

Table history_table(const Health& health, FileTime since) {
  Table out;
  out.columns = {"Time", "KMS host", "Rule", "Severity", "What"};
  for (const HostHealth& host : health.hosts)
    for (const Change& change : host.history)
      if (change.time >= since)
        out.rows.push_back({change.time, host.host.full_name, std::string(to_text(change.rule)),
                            std::string(to_text(change.severity)), change.what});
  std::stable_sort(out.rows.begin(), out.rows.end(), [](const auto& a, const auto& b) {
    return std::get<FileTime>(a[0]) < std::get<FileTime>(b[0]);
  });
  return out;
}

}  // namespace slwmi::report
