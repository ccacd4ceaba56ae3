#include "provider/kms/client.hpp"

#include <algorithm>
#include <numeric>

#include "base/hash.hpp"

namespace slwmi::licensing {
namespace {

std::uint16_t to_u16(std::uint32_t number) {
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(number, 0xFFFF));
}

// What every exchange and question of an attempt has in common.
kms::Question question_of(const License& license, const ClientFacts& facts, FileTime now,
                          LicenseStatus status, std::uint32_t left) {
  kms::Question question;
  question.client_id = license.client_id;
  question.previous_client_id = license.previous_client_id;
  question.client_time = now;
  question.required = facts.required;
  question.minutes = left;
  question.product = facts.product;
  question.status = static_cast<std::uint8_t>(status);
  question.virtual_machine = facts.virtual_machine;
  question.prerelease = facts.prerelease;
  return question;
}

KmsExchange exchange_of(const kms::Question& question, const ClientFacts& facts) {
  KmsExchange exchange;
  exchange.time = question.client_time - minutes(facts.clock_skew);
  exchange.client_id = question.client_id;
  exchange.client = facts.machine;
  exchange.minutes = question.minutes;
  exchange.required = to_u16(question.required);
  exchange.product = question.product;
  exchange.client_skew = facts.clock_skew;
  exchange.status = question.status;
  exchange.set(ExchangePart::kRequested);
  if (facts.virtual_machine) exchange.set(ExchangePart::kVirtualMachine);
  if (!facts.slic_table) exchange.set(BindingFlag::kOtherPc);
  return exchange;
}

void note_reply(KmsExchange& exchange, const KmsServer& server, const kms::Reply& reply) {
  exchange.requested = reply.code;
  exchange.host = reply.machine != 0 ? reply.machine : server.machine;
  exchange.port = server.port;
  exchange.host_skew = reply.host_skew;
  if (!reply.processed) return;
  exchange.set(ExchangePart::kServed);
  exchange.served = reply.served;
}

// What the client made of a response.
void note_answer(KmsExchange& exchange, const kms::Reply& reply, HResult processed, bool bound) {
  exchange.set(ExchangePart::kProcessed);
  exchange.processed = processed;
  exchange.count = to_u16(reply.count);
  exchange.activation_interval = to_u16(reply.activation_interval);
  exchange.renewal_interval = to_u16(reply.renewal_interval);
  if (bound) exchange.set(ExchangePart::kBound);
}

// One attempt while it runs.
class Trial {
 public:
  Trial(const ClientFacts& facts, FileTime now, const KmsPeers& peers, Attempt& out)
      : facts_(facts), now_(now), peers_(peers), out_(out) {}

  void run(const ClientSettings& settings) {
    const bool qualified = !facts_.unqualified;
    Event event;
    event.kind = qualified ? EventKind::kKmsRequested : EventKind::kKmsNotRequested;
    if (qualified && out_.next.client_id == 0) event.entropy = facts_.seed;
    before_ = status_at(out_.next, facts_.policy, now_);
    out_.result = move(out_.next, facts_.policy, event, now_, before_);
    if (failed(out_.result)) return;
    question_ = question_of(out_.next, facts_, now_, before_.status, before_.remaining);
    exchange_ = exchange_of(question_, facts_);
    port_ = settings.port;
    if (settings.invalid_registration) exchange_.set(BindingFlag::kInvalidDataType);
    if (!qualified) {
      exchange_.set(BindingFlag::kNotWindowsSlp);
      give_up(HResult::kSlEVlNotWindowsSlp);
    } else if (settings.fixed) {
      ask(*settings.fixed);
    } else if (!settings.cached || !ask(*settings.cached)) {
      discover(settings.cached);
    }
  }

 private:
  void give_up(HResult code) {
    out_.result = code;
    exchange_.requested = code;
    peers_.log({}, exchange_);
  }

  // False when the host gave no answer, so that another may be asked.
  bool ask(KmsServer server) {
    out_.server = server;
    server.port = port_.value_or(server.port);
    const kms::Reply reply = peers_.ask(server, question_);
    out_.reply = reply;
    KmsExchange exchange = exchange_;
    note_reply(exchange, server, reply);
    const bool answered = !failed(reply.code);
    if (answered) {
      take(reply, exchange);
    } else {
      out_.result = reply.code;
    }
    peers_.log(server, exchange);
    return answered;
  }

  // A response came: the host's intervals replace those of the client whatever the count is.
  void take(const kms::Reply& reply, KmsExchange& exchange) {
    Event event;
    event.kind = EventKind::kKmsAnswered;
    event.granted = reply.count >= facts_.required;
    event.activation_interval = reply.activation_interval;
    event.renewal_interval = reply.renewal_interval;
    const HResult answered = move(out_.next, facts_.policy, event, now_, before_);
    out_.result = failed(answered) ? answered
                  : event.granted  ? HResult::kSOk
                                   : HResult::kSlEVlNotEnoughCount;
    note_answer(exchange, reply, answered, out_.result == HResult::kSOk);
    if (!event.granted) exchange.set(BindingFlag::kNotEnoughCount);
  }

  // Asks the hosts of DNS in a random order: from a random one on, by a random step that reaches
  // all.
  void discover(const std::optional<KmsServer>& dropped) {
    std::span<const KmsServer> servers;
    HResult found = peers_.find_hosts(servers);
    if (!failed(found) && servers.empty()) found = HResult::kDnsInfoNoRecords;
    if (failed(found)) {
      exchange_.set(BindingFlag::kNoRegistration);
      return give_up(found);
    }
    const std::size_t count = servers.size();
    const std::uint64_t draw =
        count < 2 ? 0 : random_value(facts_.seed, facts_.machine, now_, "kms discovery");
    std::size_t at = random_below(draw, count);
    std::size_t stride = 1;
    if (count > 2) {
      stride += random_below(mix64(draw), count - 1);
      while (std::gcd(stride, count) != 1) stride = stride % (count - 1) + 1;
    }
    for (std::size_t i = 0; i < count; ++i, at = (at + stride) % count) {
      const KmsServer& server = servers[at];
      if (dropped && dropped->name == server.name && dropped->port == server.port) continue;
      if (!ask(server)) continue;
      out_.discovered = true;
      return;
    }
  }

  const ClientFacts& facts_;
  FileTime now_;
  const KmsPeers& peers_;
  std::optional<std::uint16_t> port_;
  Status before_;
  kms::Question question_;
  KmsExchange exchange_;
  Attempt& out_;
};

Minute renewal_due(const License& license, const ClientTimers& timers) {
  return license.activated_at +
         (license.renewal_interval != 0 ? license.renewal_interval : timers.renewal_interval);
}

// Why no attempt would do any good before something else happens to the machine.
bool is_barred(const License& license) {
  return !license.has(LicenseFlag::kHasKey) || license.has(LicenseFlag::kTampered) ||
         license.has(LicenseFlag::kRearmPending);
}

}  // namespace

Attempt attempt_activation(const License& license, const ClientFacts& facts,
                           const ClientSettings& settings, FileTime now, const KmsPeers& peers) {
  Attempt out;
  out.next = license;
  Trial(facts, now, peers, out).run(settings);
  return out;
}

Renewals::Renewals(const ClientFacts& client, const KmsServer& server, kms::HostState& state,
                   const kms::HostFacts& host)
    : policy_(client.policy),
      unqualified_(client.unqualified),
      question_(question_of({}, client, FileTime{}, LicenseStatus::kLicensed, 0)),
      state_(&state),
      host_(&host),
      exchange_(exchange_of(question_, client)) {
  kms::Reply reply;
  reply.code = HResult::kSOk;
  reply.processed = true;
  reply.machine = host.machine;
  reply.activation_interval = host.activation_interval;
  reply.renewal_interval = host.renewal_interval;
  note_reply(exchange_, server, reply);
  note_answer(exchange_, reply, HResult::kSOk, true);
}

bool Renewals::at(FileTime now, FileTime host_now) {
  question_.client_time = now;
  host_now_ = minute_of(host_now);
  exchange_.time = now - minutes(exchange_.client_skew);
  exchange_.host_skew = host_->clock_skew;
  return !unqualified_ && !failed(kms::judge(*host_, question_, host_now)) &&
         kms::is_steady(*state_, question_.required, host_now_);
}

bool Renewals::is_full() const { return state_->clients.size() >= kms::capacity(*state_); }

void Renewals::count(std::span<const ClientPart> clients) {
  kms::count(*state_, *host_, question_, clients, host_now_);
  exchange_.count = to_u16(static_cast<std::uint32_t>(state_->clients.size()));
}

std::size_t Renewals::renew(std::span<License* const> licenses, std::span<ClientPart> parts) {
  if (!is_full()) licenses = licenses.first(1);
  std::size_t done = 0;
  for (License* const license : licenses) {
    const auto left = licensing::renew(*license, policy_, question_.client_time,
                                       host_->activation_interval, host_->renewal_interval);
    if (!left) break;
    ClientPart& part = parts[done++];
    part.client_id = license->client_id;
    part.minutes = *left;
  }
  if (done != 0) count(parts.first(done));
  return done;
}

bool Renewals::renew(License& license, std::span<ClientPart> parts) {
  if (!is_full()) return false;
  const auto left = licensing::renew(license, policy_, question_.client_time,
                                     host_->activation_interval, host_->renewal_interval);
  if (!left) return false;
  for (ClientPart& part : parts) part.minutes = *left;
  count(parts);
  return true;
}

FileTime next_renewal(const License& license, const ClientTimers& timers, FileTime now) {
  return std::max(time_of(renewal_due(license, timers)), now);
}

std::optional<FileTime> next_attempt(const License& license, const Policy& policy,
                                     const ClientTimers& timers, FileTime now) {
  if (policy.channel != Channel::kKmsClient || is_barred(license)) return std::nullopt;
  const auto licensed_at = [&](FileTime time) {
    return status_at(license, policy, time).status == LicenseStatus::kLicensed;
  };
  Minute due = 0;
  if (licensed_at(now) && !license.has(LicenseFlag::kAttemptFailed)) {
    due = renewal_due(license, timers);
  } else if (license.attempted_at == 0) {
    due = std::max(license.grace_start, license.key_installed_at);
  } else if (!license.has(LicenseFlag::kNetworkWatched) &&
             licensed_at(time_of(license.attempted_at))) {  // a renewal, whatever it is by now
    due = license.attempted_at + kNetworkWatchMinutes;
  } else {
    due = license.attempted_at + (license.activation_interval != 0 ? license.activation_interval
                                                                   : timers.activation_interval);
  }
  const FileTime time = std::max(time_of(due), now);
  if (policy.evaluation_end != FileTime{} && time >= policy.evaluation_end) return std::nullopt;
  if (!timers.automatic && !licensed_at(time)) return std::nullopt;
  return time;
}

}  // namespace slwmi::licensing
