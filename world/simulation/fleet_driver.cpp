#include "world/simulation/fleet_driver.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/hash.hpp"
#include "provider/client_id.hpp"
#include "world/simulation/fleet_loader.hpp"

namespace slwmi::world::simulation {

using licensing::Attempt;
using licensing::KmsExchange;
using licensing::KmsServer;
using licensing::Minute;
using licensing::minute_of;
using licensing::time_of;
namespace kms = licensing::kms;

namespace {

// How many machines ahead their records are fetched from memory.
constexpr std::size_t kAhead = 8;
// So many are renewed in one step.
constexpr std::size_t kMostAtOnce = 64;

}  // namespace

struct FleetDriver::Moment {
  std::uint32_t machine;
  FileTime now;  // by its clock
  const Kind& kind;
  Packed& packed;
  net::Peer peer;
  licensing::ClientFacts facts;
  // Whom the client asked last: a number among the servers, and the host there, if there is any.
  std::uint32_t asked = 0;
  Host* host = nullptr;
};

FleetDriver::FleetDriver(Fleet& fleet, Observer& observer)
    : fleet_(fleet),
      observer_(observer),
      wheel_(minute_of(fleet.now())),
      cohorts_(fleet.size()),
      now_(fleet.now()),
      turns_(fleet.network_->clock_turns()) {
  plan_all();
}

KmsServer FleetDriver::server_of(std::uint32_t number) const {
  const Server& server = *fleet_.servers_[number];
  return {server.name, server.port, 0};
}

// --- time

void FleetDriver::plan(std::uint32_t machine, std::int64_t skew, Minute earliest) {
  const Packed& packed = fleet_.machines_[machine];
  const Kind& kind = fleet_.kinds_[packed.kind];
  const TickSpan ahead = minutes(skew);
  const auto next =
      licensing::next_attempt(packed.license, kind.facts.policy, kind.timers, now_ + ahead);
  if (next) wheel_.schedule(machine, std::max(minute_of(*next - ahead), earliest));
}

void FleetDriver::plan_all() {
  settle();
  cohorts_.clear();
  wheel_ = Wheel(minute_of(now_));
  for (std::uint32_t i = 0; i < fleet_.size(); ++i)
    if (fleet_.kind_of(i).facts.policy.channel == licensing::Channel::kKmsClient)
      plan(i, fleet_.skew(i, now_),
           minute_of(fleet_.columns_->installed[i]));  // it does nothing before
}

Result<> FleetDriver::run(FileTime until) {
  for (const FileTime turn : turns_) {
    if (turn <= now_ || turn > until) continue;
    SL_CHECK(run_plain(minute_of(FileTime{turn.ticks - 1})));
    now_ = turn;
    plan_all();
  }
  SL_CHECK(run_plain(minute_of(until)));
  now_ = until;
  return {};
}

// Up to the end of minute `last`, in which clocks stay as they are.
Result<> FleetDriver::run_plain(Minute last) {
  const FileTime from = now_;
  while (const auto minute = wheel_.next(last)) {
    now_ = std::max(time_of(*minute), from);
    if (cohorts_.is_wasteful()) {
      plan_all();
      continue;
    }
    std::span<const std::uint32_t> due = wheel_.take(*minute);
    for (const Wheel::Entry& entry : wheel_.upcoming()) fetch(entry.machine);
    if (overlap(due)) due = apart(due);
    while (!due.empty()) {
      if (Cohorts::Cohort* const cohort = cohorts_.led_by(due.front())) {
        if (!renew(*cohort, *minute)) {
          dissolve(*cohort);
          act_all(cohorts_.members(*cohort), *minute);
        }
        due = due.subspan(1);
        continue;
      }
      std::size_t singles = 1;
      while (singles < due.size() && cohorts_.led_by(due[singles]) == nullptr) ++singles;
      act_all(due.first(singles), *minute);
      due = due.subspan(singles);
    }
    if (error_) return fail(*std::move(error_));
  }
  return {};
}

// --- cohorts

// Whether a cohort's machines are not all before the next that are due.
bool FleetDriver::overlap(std::span<const std::uint32_t> due) {
  for (std::size_t i = 0; i + 1 < due.size(); ++i) {
    const Cohorts::Cohort* const cohort = cohorts_.led_by(due[i]);
    if (cohort != nullptr && cohorts_.members(*cohort).back() > due[i + 1]) return true;
  }
  return false;
}

std::span<const std::uint32_t> FleetDriver::apart(std::span<const std::uint32_t> due) {
  apart_.clear();
  for (const std::uint32_t machine : due) {
    Cohorts::Cohort* const cohort = cohorts_.led_by(machine);
    if (cohort == nullptr) {
      apart_.push_back(machine);
      continue;
    }
    dissolve(*cohort);
    const auto members = cohorts_.members(*cohort);
    apart_.insert(apart_.end(), members.begin(), members.end());
  }
  std::sort(apart_.begin(), apart_.end());
  return apart_;
}

void FleetDriver::dissolve(Cohorts::Cohort& cohort) {
  catch_up(cohort);
  cohorts_.dissolve(cohort);
}

void FleetDriver::catch_up(Cohorts::Cohort& cohort) {
  if (!std::exchange(cohort.behind, false)) return;
  const auto members = cohorts_.members(cohort);
  const licensing::License& license = fleet_.machines_[members.front()].license;
  for (const std::uint32_t machine : members.subspan(1)) {
    licensing::take_renewal(fleet_.machines_[machine].license, license);
    fleet_.marks_[machine] |= kDirty | kMoved;
  }
}

void FleetDriver::settle() {
  for (Cohorts::Cohort& cohort : cohorts_.all()) catch_up(cohort);
}

// Into the processor's cache what an attempt will ask for.
void FleetDriver::fetch(std::uint32_t machine) const {
  __builtin_prefetch(&fleet_.machines_[machine], 1);
  __builtin_prefetch(&fleet_.columns_->id[machine]);
  __builtin_prefetch(&fleet_.pid_[machine], 1);
  __builtin_prefetch(&fleet_.marks_[machine], 1);
  cohorts_.fetch(machine);
}

// --- attempts

FleetDriver::Alike FleetDriver::alike_of(std::uint32_t machine) const {
  const Packed& packed = fleet_.machines_[machine];
  const Kind& kind = fleet_.kinds_[packed.kind];
  return {packed.kind, kind.fixed != 0 ? kind.fixed : packed.server,
          fleet_.network_->skew({*kind.network, fleet_.id(machine)}, now_)};
}

void FleetDriver::act(std::uint32_t machine, Minute now) {
  ++attempts_;
  const std::int64_t skew = fleet_.network_->skew(fleet_.peer(machine), now_);
  attempt(machine, skew);
  fleet_.marks_[machine] |= kDirty | kMoved;
  plan(machine, skew, now + 1);
}

void FleetDriver::act_all(std::span<const std::uint32_t> due, Minute now) {
  while (!due.empty() && !error_) {
    const std::size_t renewed = renew(due, now);
    if (renewed == 0) act(due.front(), now);
    due = due.subspan(std::max(renewed, std::size_t{1}));
  }
}

Host* FleetDriver::renews_with(std::uint32_t machine) {
  const Alike alike = alike_of(machine);
  if (alike.server == 0 || fleet_.kinds_[alike.kind].invalid_registration) return nullptr;
  if (!renewals_ || alike_ != alike) begin_renewals(alike);
  if (!renewals_) return nullptr;
  Host& host = *fleet_.hosts_[static_cast<std::uint32_t>(fleet_.servers_[alike.server]->host)];
  if (renewed_at_ != now_) {
    renewed_at_ = now_;
    may_renew_ = may_renew(host);
  }
  return may_renew_ ? &host : nullptr;
}

std::size_t FleetDriver::renew(std::span<const std::uint32_t> due, Minute now) {
  Host* const host = renews_with(due.front());
  if (host == nullptr) return 0;
  const net::Profile& network = *fleet_.kinds_[alike_.kind].network;
  const net::Peer asked{*host->network, host->machine};
  // What stands between a client and its host, and what runs there, must let it through.
  const auto passes = [&](MachineId id) {
    return fleet_.network_->lets_through({network, id}, asked, host->port, host->low_priority,
                                         now_);
  };
  std::array<licensing::License*, kMostAtOnce> licenses;
  std::array<licensing::ClientPart, kMostAtOnce> parts;
  std::size_t ready = 0;
  for (const std::uint32_t machine : due.first(std::min(due.size(), kMostAtOnce))) {
    if (ready + kAhead < due.size()) fetch(due[ready + kAhead]);
    const MachineId id = fleet_.id(machine);
    if ((ready != 0 && alike_of(machine) != alike_) || !passes(id)) break;
    licenses[ready] = &fleet_.machines_[machine].license;
    parts[ready++].client = id;
  }
  if (ready == 0) return 0;
  const std::size_t done =
      renewals_->renew(std::span(licenses).first(ready), std::span(parts).first(ready));
  if (done == 0) return 0;

  due = due.first(done);
  for (const std::uint32_t machine : due) {
    fleet_.pid_[machine] = host->pid;
    fleet_.marks_[machine] |= kDirty | kMoved;
  }
  renewed(*host, {std::span(parts).first(done), 0});
  const Minute next = next_renewal(*licenses[0], now);
  if (done >= Cohorts::kLeast && network.is_plain() && cohorts_.has_room(done)) {
    const auto own = std::span(parts).first(done);
    cohorts_.form(due, {own, licensing::made_generation(fleet_.seed_, own)});
    due = due.first(1);
  }
  wheel_.schedule(due, next);
  return done;
}

bool FleetDriver::renew(Cohorts::Cohort& cohort, Minute now) {
  const std::uint32_t leader = cohorts_.members(cohort).front();
  Host* const host = renews_with(leader);
  licensing::License& license = fleet_.machines_[leader].license;
  const std::span<licensing::ClientPart> parts = cohorts_.parts(cohort);
  if (host == nullptr || !renewals_->renew(license, parts)) return false;
  cohort.behind = true;
  fleet_.marks_[leader] |= kDirty | kMoved;
  renewed(*host, {parts, cohort.generation});
  wheel_.schedule(leader, next_renewal(license, now));
  return true;
}

void FleetDriver::renewed(Host& host, const licensing::AlikeClients& clients) {
  attempts_ += clients.parts.size();
  host.dirty = true;
  observer_.exchanged_alike(renewals_->exchange(), clients, fleet_.servers_[alike_.server]->name);
}

Minute FleetDriver::next_renewal(const licensing::License& license, Minute now) const {
  const TickSpan ahead = minutes(alike_.skew);
  const FileTime next =
      licensing::next_renewal(license, fleet_.kinds_[alike_.kind].timers, now_ + ahead);
  return std::max(minute_of(next - ahead), now + 1);
}

KmsServer FleetDriver::asked_of(const Alike& alike) const {
  KmsServer out = server_of(alike.server);
  if (const std::uint16_t port = fleet_.kinds_[alike.kind].port; port != 0) out.port = port;
  return out;
}

void FleetDriver::begin_renewals(const Alike& alike) {
  renewals_.reset();
  renewed_at_ = {};
  Host* const host = host_at(alike.server);
  if (host == nullptr) return;
  alike_ = alike;
  licensing::ClientFacts facts = fleet_.kinds_[alike.kind].facts;
  facts.clock_skew = static_cast<decltype(facts.clock_skew)>(alike.skew);
  renewals_.emplace(facts, asked_of(alike), host->state, host->facts);
}

bool FleetDriver::may_renew(Host& host) {
  const FileTime host_now = clock_of(host);
  return host.port == asked_of(alike_).port && host.enabled &&
         fleet_.columns_->installed[host.index] <= now_ &&
         renewals_->at(now_ + minutes(alike_.skew), host_now);
}

void FleetDriver::attempt(std::uint32_t machine, std::int64_t skew) {
  Packed& packed = fleet_.machines_[machine];
  const Kind& kind = fleet_.kinds_[packed.kind];
  const net::Peer peer = fleet_.peer(machine);
  Moment moment{machine, now_ + minutes(skew), kind, packed, peer, kind.facts};
  moment.facts.machine = peer.id;
  moment.facts.clock_skew = static_cast<decltype(moment.facts.clock_skew)>(skew);
  moment.facts.seed = combine(fleet_.seed_, peer.id);
  licensing::ClientSettings settings;
  if (kind.fixed != 0) settings.fixed = server_of(kind.fixed);
  if (packed.server != 0) settings.cached = server_of(packed.server);
  if (kind.port != 0) settings.port = kind.port;
  settings.invalid_registration = kind.invalid_registration;

  const auto find = [&](std::span<const KmsServer>& servers) {
    return find_hosts(moment.machine, servers);
  };
  const auto question = [&](const KmsServer& server, const kms::Question& asked) {
    return ask(moment, number_of(moment, server), server.port, asked);
  };
  const auto log = [&](const KmsServer& server, const KmsExchange& exchange) {
    observer_.exchanged(exchange, server.name);
  };
  const Attempt done = licensing::attempt_activation(packed.license, moment.facts, settings,
                                                     moment.now, {find, question, log});
  packed.license = done.next;
  if (done.discovered) packed.server = moment.asked;
  if (done.result == HResult::kSOk && moment.host != nullptr)
    fleet_.pid_[moment.machine] = moment.host->pid;
}

HResult FleetDriver::find_hosts(std::uint32_t machine, std::span<const KmsServer>& servers) {
  const net::Answer answer = fleet_.network_->lookup(fleet_.peer(machine), now_);
  if (!answer.verdict.ok()) return answer.verdict.code;
  std::vector<KmsServer>& known = answers_[answer.targets.data()];
  if (known.empty()) {
    for (const net::Target& target : answer.targets) {
      const std::uint32_t number = numbered(target.host, target.port);
      const Server& server = *fleet_.servers_[number];
      known.push_back({server.name, server.port, target.machine});
      named_[server.name.data()] = number;
    }
  }
  servers = known;
  return HResult::kSOk;
}

// The number of what the client asks, told from where the name lies: those of known servers do not
// move.
std::uint32_t FleetDriver::number_of(const Moment& moment, const KmsServer& server) const {
  for (const std::uint32_t known : {moment.packed.server, moment.kind.fixed}) {
    if (known != 0 && fleet_.servers_[known]->name.data() == server.name.data()) return known;
  }
  return named_.at(server.name.data());
}

std::uint32_t FleetDriver::numbered(std::string_view name, std::uint16_t port) {
  auto number = FleetLoader(fleet_).server(name, port);
  if (number) return *number;
  error_ = std::move(number).error();
  return 0;
}

Host* FleetDriver::host_at(std::uint32_t number) {
  Server& server = *fleet_.servers_[number];
  if (server.machine == 0) return nullptr;
  if (server.host < 0) {
    const auto index = fleet_.index_of(server.machine);
    auto host = index ? FleetLoader(fleet_).host(*index)
                      : fail(HResult::kErrorNotFound, "a machine is gone");
    if (!host) {
      error_ = std::move(host).error();
      return nullptr;
    }
    server.host = static_cast<std::int32_t>(*host);
  }
  return fleet_.hosts_[static_cast<std::uint32_t>(server.host)].get();
}

FileTime FleetDriver::clock_of(Host& host) {
  licensing::kms::HostFacts& facts = host.facts;
  const net::Peer peer{*host.network, host.machine};
  if (host.asked_at != now_) {
    host.asked_at = now_;
    facts.clock_skew = static_cast<decltype(facts.clock_skew)>(fleet_.network_->skew(peer, now_));
    const FileTime clock = now_ + minutes(facts.clock_skew);
    if (clock < host.status_from || clock >= host.status_until) {
      facts.activated = licensing::status_at(host.license, host.policy, clock).status ==
                        licensing::LicenseStatus::kLicensed;
      host.status_from = clock;
      host.status_until =
          licensing::next_change(host.license, host.policy, clock).value_or(kMaxFileTime);
    }
  }
  return now_ + minutes(facts.clock_skew);
}

kms::Reply FleetDriver::ask(Moment& moment, std::uint32_t server, std::uint16_t port,
                            const kms::Question& question) {
  kms::Reply reply;
  moment.asked = server;
  moment.host = host_at(moment.asked);
  Host* const host = moment.host;
  if (host == nullptr) return reply;
  const net::CompiledNetwork& network = *fleet_.network_;
  const net::Peer asked{*host->network, host->machine};
  const net::Verdict way = network.reach(moment.peer, asked, port, now_);
  if (!way.ok()) {
    reply.code = way.code;
    return reply;
  }
  if (host->port != port || fleet_.columns_->installed[host->index] > now_) return reply;
  if (host->low_priority) {
    const net::Verdict busy = network.starve(moment.peer, asked, now_);
    if (!busy.ok()) {
      reply.code = busy.code;
      return reply;
    }
  }
  if (!host->enabled) {
    reply.code = HResult::kSlEVlBindingServiceNotEnabled;
    return reply;
  }
  const FileTime host_now = clock_of(*host);
  reply = kms::answer(host->state, host->facts, question, host_now);
  host->dirty = true;
  const net::Verdict back = network.response(moment.peer, asked, now_);
  if (!back.ok()) reply.code = back.code;
  return reply;
}

}  // namespace slwmi::world::simulation
