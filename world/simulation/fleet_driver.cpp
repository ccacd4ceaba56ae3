#include "world/simulation/fleet_driver.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"
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
  if (next) schedule(machine, *next, skew, earliest);
}

void FleetDriver::schedule(std::uint32_t machine, FileTime due, std::int64_t skew,
                           Minute earliest) {
  wheel_.schedule(machine, std::max(minute_of(due - minutes(skew)), earliest));
}

void FleetDriver::plan_all() {
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
    const std::vector<std::uint32_t>& due = wheel_.take(*minute);
    next_.clear();
    for (const Wheel::Entry& entry : wheel_.upcoming()) next_.push_back(entry.machine);
    for (std::size_t i = 0; i < due.size(); ++i) {
      if (i + kAhead < due.size()) {
        fetch(due[i + kAhead]);
      } else if (const std::size_t first = i + kAhead - due.size(); first < next_.size()) {
        fetch(next_[first]);
      }
      act(due[i], *minute);
      if (error_) return fail(*std::move(error_));
    }
  }
  return {};
}

// Into the processor's cache what an attempt will ask for.
void FleetDriver::fetch(std::uint32_t machine) const {
  __builtin_prefetch(&fleet_.machines_[machine], 1);
  __builtin_prefetch(&fleet_.columns_->id[machine]);
  __builtin_prefetch(&fleet_.pid_[machine], 1);
  __builtin_prefetch(&fleet_.marks_[machine], 1);
}

// --- one attempt

void FleetDriver::act(std::uint32_t machine, Minute now) {
  ++attempts_;
  const std::int64_t skew = fleet_.network_->skew(fleet_.peer(machine), now_);
  const bool renewed = renew(machine, skew);
  if (!renewed) attempt(machine, skew);
  fleet_.marks_[machine] |= kDirty | kMoved;
  if (renewed) {
    const Packed& packed = fleet_.machines_[machine];
    const licensing::ClientTimers& timers = fleet_.kinds_[packed.kind].timers;
    schedule(machine, licensing::next_renewal(packed.license, timers, now_ + minutes(skew)), skew,
             now + 1);
  } else {
    plan(machine, skew, now + 1);
  }
}

// What stands between a client and its host, and what runs there, must let it through.
bool FleetDriver::renew(std::uint32_t machine, std::int64_t skew) {
  Packed& packed = fleet_.machines_[machine];
  const Kind& kind = fleet_.kinds_[packed.kind];
  const std::uint32_t number = kind.fixed != 0 ? kind.fixed : packed.server;
  if (number == 0 || kind.invalid_registration) return false;
  const Alike alike{now_, packed.kind, number, skew};
  if (!renewals_ || alike_ != alike) {
    if (!begin_renewals(kind, number, skew)) return false;
    alike_ = alike;
  }
  const Server& server = *fleet_.servers_[number];
  Host& host = *fleet_.hosts_[static_cast<std::uint32_t>(server.host)];
  const net::Peer peer{*kind.network, fleet_.id(machine)};
  const net::Peer asked{*host.network, host.machine};
  if (!fleet_.network_->lets_through(peer, asked, server.port, host.low_priority, now_))
    return false;
  if (!renewals_->renew(packed.license, peer.id)) return false;
  host.dirty = true;
  observer_.exchanged(renewals_->exchange(), server.name);
  fleet_.pid_[machine] = host.pid;
  return true;
}

bool FleetDriver::begin_renewals(const Kind& kind, std::uint32_t server, std::int64_t skew) {
  renewals_.reset();
  Host* const host = host_at(server);
  if (host == nullptr) return false;
  const KmsServer asked = server_of(server);
  if (host->port != asked.port || !host->enabled || fleet_.columns_->installed[host->index] > now_)
    return false;
  licensing::ClientFacts facts = kind.facts;
  facts.clock_skew = static_cast<decltype(facts.clock_skew)>(skew);
  const FileTime host_now = clock_of(*host);
  renewals_ = licensing::Renewals::begin(facts, asked, now_ + minutes(skew), host->state,
                                         host->facts, host_now);
  return renewals_.has_value();
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
      const Server& server = *fleet_.servers_[numbered(target.host, target.port)];
      known.push_back({server.name, server.port, target.machine});
    }
  }
  servers = known;
  return HResult::kSOk;
}

// The number of what the client asks. Names of known servers do not move, so that most are told
// from where they lie.
std::uint32_t FleetDriver::number_of(const Moment& moment, const KmsServer& server) {
  for (const std::uint32_t known : {moment.packed.server, moment.kind.fixed}) {
    if (known != 0 && fleet_.servers_[known]->name.data() == server.name.data()) return known;
  }
  return numbered(server.name, server.port);
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
    facts.activated =
        licensing::status_at(host.license, host.policy, now_ + minutes(facts.clock_skew)).status ==
        licensing::LicenseStatus::kLicensed;
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
