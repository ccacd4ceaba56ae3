#include "world/net/compiled.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace slwmi::world::net {
namespace {

constexpr std::uint32_t kNoDomain = 0;
constexpr std::uint32_t kUnknownDomain = 1;

// A pattern of sites as a Match; "*" is everyone.
Match site_match(const std::string& pattern) {
  Match out;
  if (pattern != "*") out.site = pattern;
  return out;
}

}  // namespace

CompiledNetwork::CompiledNetwork(std::shared_ptr<const Model> model, std::uint64_t seed,
                                 Resolve resolve)
    : model_(std::move(model)), matches_(1) {
  std::map<std::string, std::uint16_t> known{{to_text(Match{}), std::uint16_t{0}}};
  const auto bit_of = [&](const Match& match) {
    const auto [at, fresh] =
        known.try_emplace(to_text(match), static_cast<std::uint16_t>(matches_.size()));
    if (fresh) matches_.push_back(match);
    return at->second;
  };
  for (const Link& link : model_->links) {
    links_.push_back(
        {bit_of(site_match(link.a)), bit_of(site_match(link.b)), 0, link.open, link.window});
  }
  for (const PortRule& rule : model_->ports)
    ports_.push_back({bit_of(rule.from), bit_of(rule.to), rule.port, rule.open, rule.window});
  for (const Fault& fault : model_->faults) {
    rules_.push_back({bit_of(fault.who), bit_of(fault.at), fault.share, info_of(fault.kind).code,
                      fault.window, fault.one_in, fault.skew,
                      combine(seed, fault.seed != 0 ? fault.seed : hash64(fold(fault.name)))});
  }
  for (const Site& site : model_->sites) {
    if (!site.internet) offline_.push_back(bit_of(site_match(site.name)));
  }
  domains_ = {{HResult::kErrorInvalidName, 0, 0}, {HResult::kDnsErrorRcodeNameError, 0, 0}};
  for (const Zone& zone : model_->zones) {
    for (const ServiceName& name : zone.names) {
      Domain domain{name.records.empty() ? HResult::kDnsInfoNoRecords : HResult::kSOk,
                    static_cast<std::uint32_t>(targets_.size()),
                    static_cast<std::uint32_t>(name.records.size())};
      for (const SrvRecord& record : name.records) {
        targets_.push_back(
            {record.host, record.port, record.priority, record.weight, resolve(record.host)});
      }
      domain_ids_.emplace(name.domain, static_cast<std::uint32_t>(domains_.size()));
      domains_.push_back(domain);
    }
  }
}

std::uint32_t CompiledNetwork::domain_of(std::string_view domain) const {
  if (domain.empty()) return kNoDomain;
  const auto found = domain_ids_.find(domain);
  return found == domain_ids_.end() ? kUnknownDomain : found->second;
}

CompiledNetwork::Key CompiledNetwork::key_of(const Traits& machine) const {
  Key key{domain_of(machine.domain), std::vector<std::uint64_t>((matches_.size() + 63) / 64)};
  key.second[0] = 1;
  for (std::size_t bit = 1; bit < matches_.size(); ++bit) {
    if (fits(matches_[bit], machine)) key.second[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
  return key;
}

Profile CompiledNetwork::make_profile(Key key) const {
  Profile out;
  out.domain_ = key.first;
  out.bits_ = std::move(key.second);
  out.internet_ = std::none_of(offline_.begin(), offline_.end(),
                               [&](std::uint16_t bit) { return out.has(bit); });
  const auto gather = [&](Profile::Question question, std::size_t count, auto concerns) {
    for (std::size_t i = 0; i < count; ++i) {
      if (concerns(i)) out.rules_.push_back(static_cast<std::uint16_t>(i));
    }
    out.begin_[question + 1] = static_cast<std::uint32_t>(out.rules_.size());
  };
  const auto faults = [&](Profile::Question question, auto of_kind) {
    gather(question, rules_.size(), [&](std::size_t i) {
      return of_kind(info_of(model_->faults[i].kind)) && out.has(rules_[i].who);
    });
  };
  faults(Profile::kLookup, [](const FaultInfo& info) { return info.lookups; });
  faults(Profile::kUpdate, [](const FaultInfo& info) { return info.updates; });
  faults(Profile::kReach,
         [](const FaultInfo& info) { return info.kind == FaultKind::kHostUnreachable; });
  faults(Profile::kBusy, [](const FaultInfo& info) { return info.kind == FaultKind::kHostBusy; });
  faults(Profile::kResponse,
         [](const FaultInfo& info) { return info.kind == FaultKind::kResponseLost; });
  faults(Profile::kActivation, [](const FaultInfo& info) {
    return info.kind == FaultKind::kServiceUnreachable || info.kind == FaultKind::kServiceTimeout;
  });
  faults(Profile::kClock, [](const FaultInfo& info) { return info.kind == FaultKind::kClockSkew; });
  gather(Profile::kLinks, links_.size(),
         [&](std::size_t i) { return out.has(links_[i].from) || out.has(links_[i].to); });
  gather(Profile::kPorts, ports_.size(), [&](std::size_t i) { return out.has(ports_[i].from); });
  return out;
}

Profile CompiledNetwork::profile(const Traits& machine) const {
  return make_profile(key_of(machine));
}

bool CompiledNetwork::happens(const Rule& rule, MachineId who, MachineId at, FileTime now) const {
  if (!rule.window.holds(now)) return false;
  if (rule.one_in == 1) return true;
  const bool machines = rule.share == Share::kMachines;
  const std::uint64_t entity = machines || at == 0 ? who : combine(who, at);
  const std::uint64_t draw =
      random_value(rule.seed, entity, machines ? FileTime{} : now, "network fault");
  return random_below(draw, rule.one_in) == 0;
}

Verdict CompiledNetwork::first_of_rules(std::span<const std::uint16_t> rules, MachineId who,
                                        const Peer* at, FileTime now) const {
  for (const std::uint16_t i : rules) {
    const Rule& rule = rules_[i];
    if (at != nullptr && !at->profile.has(rule.at)) continue;
    if (happens(rule, who, at == nullptr ? 0 : at->id, now)) return {rule.code, Cause::kFault, i};
  }
  return {};
}

Answer CompiledNetwork::lookup(const Peer& who, std::uint32_t domain, FileTime now) const {
  if (const Verdict fault = first_fault(who, Profile::kLookup, nullptr, now); !fault.ok())
    return {fault, {}};
  const Domain& found = domains_[domain];
  if (found.code != HResult::kSOk) return {{found.code, Cause::kDns, 0}, {}};
  return {{}, std::span(targets_).subspan(found.first, found.count)};
}

Answer CompiledNetwork::lookup(const Peer& who, std::string_view domain, FileTime now) const {
  return lookup(who, domain_of(domain), now);
}

Verdict CompiledNetwork::reach_by_rules(const Peer& from, const Peer& to, std::uint16_t port,
                                        FileTime now) const {
  if (from.id == to.id && from.id != 0) return {};
  constexpr HResult kClosed = HResult::kRpcSServerUnavailable;
  const auto links = from.profile.rules(Profile::kLinks);
  for (auto i = links.rbegin(); i != links.rend(); ++i) {
    const Gate& link = links_[*i];
    const bool concerned = (from.profile.has(link.from) && to.profile.has(link.to)) ||
                           (from.profile.has(link.to) && to.profile.has(link.from));
    if (!concerned || !link.window.holds(now)) continue;
    if (!link.open) return {kClosed, Cause::kLink, *i};
    break;
  }
  const auto ports = from.profile.rules(Profile::kPorts);
  for (auto i = ports.rbegin(); i != ports.rend(); ++i) {
    const Gate& rule = ports_[*i];
    if ((rule.port != 0 && rule.port != port) || !to.profile.has(rule.to) ||
        !rule.window.holds(now))
      continue;
    if (!rule.open) return {kClosed, Cause::kPort, *i};
    break;
  }
  return first_fault(from, Profile::kReach, &to, now);
}

Verdict CompiledNetwork::service(const Peer& who, FileTime now) const {
  if (!who.profile.internet_) return {HResult::kErrorInternetNameNotResolved, Cause::kSite, 0};
  return first_fault(who, Profile::kActivation, nullptr, now);
}

std::int64_t CompiledNetwork::skew_by_rules(const Peer& who, FileTime now) const {
  std::int64_t minutes = 0;
  for (const std::uint16_t i : who.profile.rules(Profile::kClock)) {
    if (happens(rules_[i], who.id, 0, now)) minutes += rules_[i].skew;
  }
  return std::clamp<std::int64_t>(minutes, -kMaxSkew, kMaxSkew);
}

std::vector<FileTime> CompiledNetwork::clock_turns() const {
  std::vector<FileTime> out;
  for (const Fault& fault : model_->faults) {
    if (fault.kind != FaultKind::kClockSkew) continue;
    if (fault.window.from.ticks != 0) out.push_back(fault.window.from);
    if (fault.window.until.ticks != 0) out.push_back(fault.window.until);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

FileTime CompiledNetwork::clock_of(const Peer& who, FileTime now) const {
  const std::int64_t ahead = skew(who, now);
  if (ahead == 0) return now;
  const TickSpan span = minutes(ahead);
  if (ahead < 0 && now.ticks <= static_cast<std::uint64_t>(-span.ticks)) return FileTime{1};
  return std::min(now + span, kMaxFileTime);
}

std::string CompiledNetwork::describe(const Verdict& verdict) const {
  switch (verdict.cause) {
    case Cause::kNone:
      break;
    case Cause::kLink: {
      const Link& link = model_->links[verdict.rule];
      return "the sites have no link (" + link.a + " and " + link.b + ")";
    }
    case Cause::kPort: {
      const PortRule& rule = model_->ports[verdict.rule];
      return (rule.port == 0 ? std::string("every port")
                             : "the port " + std::to_string(rule.port)) +
             " is closed from " + to_text(rule.from) + " to " + to_text(rule.to);
    }
    case Cause::kFault:
      return "the fault " + model_->faults[verdict.rule].name;
    case Cause::kSite:
      return "the site has no way to the Internet";
    case Cause::kDns:
      return std::string(text_of(verdict.code));
  }
  return {};
}

const Profiles::Place& Profiles::place_of(const Traits& machine) {
  if (last_ != nullptr && last_->first.site == machine.site &&
      last_->first.domain == machine.domain && last_->first.role == machine.role)
    return last_->second;  // as most machines beside each other
  if (const auto known = places_.find(machine); known != places_.end())
    return (last_ = &*known)->second;
  Place place{{network_.domain_of(machine.domain),
               std::vector<std::uint64_t>((network_.matches_.size() + 63) / 64)},
              {}};
  place.key.second[0] = 1;
  for (std::size_t bit = 1; bit < network_.matches_.size(); ++bit) {
    const Match& match = network_.matches_[bit];
    if (!fits_place(match, machine)) continue;
    if (match.name.empty()) {
      place.key.second[bit / 64] |= std::uint64_t{1} << (bit % 64);
    } else {
      place.named.push_back(static_cast<std::uint16_t>(bit));
    }
  }
  PlaceName name{std::string(machine.site), std::string(machine.domain), std::string(machine.role)};
  return (last_ = &*places_.emplace(std::move(name), std::move(place)).first)->second;
}

std::uint32_t Profiles::add(const Traits& machine) {
  const Place& place = place_of(machine);
  key_ = place.key;
  for (const std::uint16_t bit : place.named) {
    if (fits_name(network_.matches_[bit], machine.name))
      key_.second[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
  const auto next = static_cast<std::uint32_t>(profiles_.size());
  const auto [at, fresh] = numbers_.try_emplace(key_, next);
  if (fresh) profiles_.push_back(network_.make_profile(key_));
  return at->second;
}

}  // namespace slwmi::world::net
