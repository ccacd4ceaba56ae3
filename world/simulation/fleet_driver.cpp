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
  // What a host said already, when it was not what renew() takes.
  std::optional<kms::Reply> reply;
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
  Packed& packed = fleet_.machines_[machine];
  const Kind& kind = fleet_.kinds_[packed.kind];
  const net::Peer peer = fleet_.peer(machine);
  const std::int64_t skew = fleet_.network_->skew(peer, now_);
  Moment moment{machine, now_ + minutes(skew), kind, packed, peer, kind.facts, std::nullopt};
  moment.facts.machine = peer.id;
  moment.facts.clock_skew = static_cast<decltype(moment.facts.clock_skew)>(skew);
  const bool renewed = renew(moment);
  if (!renewed) attempt(moment);
  fleet_.marks_[machine] |= kDirty | kMoved;
  if (renewed) {
    schedule(machine, licensing::next_renewal(packed.license, kind.timers, moment.now), skew,
             now + 1);
  } else {
    plan(machine, skew, now + 1);
  }
}

bool FleetDriver::renew(Moment& moment) {
  const Kind& kind = moment.kind;
  const std::uint32_t number = kind.fixed != 0 ? kind.fixed : moment.packed.server;
  if (number == 0 || kind.invalid_registration) return false;
  licensing::License& license = moment.packed.license;
  const auto question = licensing::renewal_question(license, moment.facts, moment.now);
  if (!question) return false;
  const KmsServer server = server_of(number);
  const kms::Reply reply = ask(moment, number, server.port, *question);
  const auto exchange = licensing::renew(license, moment.facts, server, *question, reply);
  if (!exchange) {
    moment.reply = reply;
    return false;
  }
  observer_.exchanged(*exchange, server.name);
  fleet_.pid_[moment.machine] = moment.host->pid;
  return true;
}

void FleetDriver::attempt(Moment& moment) {
  const Kind& kind = moment.kind;
  Packed& packed = moment.packed;
  moment.facts.seed = combine(fleet_.seed_, moment.peer.id);
  licensing::ClientSettings settings;
  if (kind.fixed != 0) settings.fixed = server_of(kind.fixed);
  if (packed.server != 0) settings.cached = server_of(packed.server);
  settings.invalid_registration = kind.invalid_registration;

  const auto find = [&](std::span<const KmsServer>& servers) {
    return find_hosts(moment.machine, servers);
  };
  const auto question = [&](const KmsServer& server, const kms::Question& asked) {
    if (moment.reply) return *std::exchange(moment.reply, std::nullopt);
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

FileTime FleetDriver::clock_of(Host& host, const net::Peer& peer) {
  licensing::kms::HostFacts& facts = host.facts;
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
  const FileTime host_now = clock_of(*host, asked);
  reply = kms::answer(host->state, host->facts, question, host_now);
  host->dirty = true;
  const net::Verdict back = network.response(moment.peer, asked, now_);
  if (!back.ok()) reply.code = back.code;
  return reply;
}

}  // namespace slwmi::world::simulation
