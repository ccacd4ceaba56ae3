#include "provider/kms/client.hpp"

#include <algorithm>
#include <numeric>

#include "base/hash.hpp"

namespace slwmi::licensing {
namespace {

std::uint16_t to_u16(std::uint32_t number) {
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(number, 0xFFFF));
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
    if (qualified && out_.next.client_id == 0)
      event.entropy = combine(facts_.seed, hash64("client machine id"));
    before_ = status_at(out_.next, facts_.policy, now_);
    out_.result = move(out_.next, facts_.policy, event, now_, before_);
    if (failed(out_.result)) return;
    prepare(settings.invalid_registration);
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
  // What every exchange and question of the attempt has in common.
  void prepare(bool invalid_registration) {
    question_.client_id = out_.next.client_id;
    question_.previous_client_id = out_.next.previous_client_id;
    question_.client_time = now_;
    question_.required = facts_.required;
    question_.minutes = before_.remaining;
    question_.product = facts_.product;
    question_.status = static_cast<std::uint8_t>(before_.status);
    question_.virtual_machine = facts_.virtual_machine;
    question_.prerelease = facts_.prerelease;
    exchange_.time = now_ - minutes(facts_.clock_skew);
    exchange_.client_id = out_.next.client_id;
    exchange_.client = facts_.machine;
    exchange_.minutes = before_.remaining;
    exchange_.required = to_u16(facts_.required);
    exchange_.product = facts_.product;
    exchange_.client_skew = facts_.clock_skew;
    exchange_.status = question_.status;
    exchange_.set(ExchangePart::kRequested);
    if (facts_.virtual_machine) exchange_.set(ExchangePart::kVirtualMachine);
    if (!facts_.slic_table) exchange_.set(BindingFlag::kOtherPc);
    if (invalid_registration) exchange_.set(BindingFlag::kInvalidDataType);
  }

  void give_up(HResult code) {
    out_.result = code;
    exchange_.requested = code;
    peers_.log({}, exchange_);
  }

  // False when the host gave no answer, so that another may be asked.
  bool ask(const KmsServer& server) {
    const kms::Reply reply = peers_.ask(server, question_);
    out_.server = server;
    out_.reply = reply;
    KmsExchange exchange = exchange_;
    exchange.requested = reply.code;
    exchange.host = reply.machine != 0 ? reply.machine : server.machine;
    exchange.port = server.port;
    exchange.host_skew = reply.host_skew;
    if (reply.processed) {
      exchange.set(ExchangePart::kServed);
      exchange.served = reply.served;
    }
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
    exchange.set(ExchangePart::kProcessed);
    exchange.processed = answered;
    exchange.count = to_u16(reply.count);
    exchange.activation_interval = to_u16(reply.activation_interval);
    exchange.renewal_interval = to_u16(reply.renewal_interval);
    if (out_.result == HResult::kSOk) exchange.set(ExchangePart::kBound);
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
  Status before_;
  kms::Question question_;
  KmsExchange exchange_;
  Attempt& out_;
};

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

std::optional<FileTime> next_attempt(const License& license, const Policy& policy,
                                     const ClientTimers& timers, FileTime now) {
  if (policy.channel != Channel::kKmsClient || is_barred(license)) return std::nullopt;
  const auto licensed_at = [&](FileTime time) {
    return status_at(license, policy, time).status == LicenseStatus::kLicensed;
  };
  const auto or_local = [](std::uint32_t from_host, std::uint32_t local) {
    return from_host != 0 ? from_host : local;
  };
  const bool licensed = licensed_at(now);
  Minute due = 0;
  if (licensed && !license.has(LicenseFlag::kAttemptFailed)) {
    due = license.activated_at + or_local(license.renewal_interval, timers.renewal_interval);
  } else if (license.attempted_at == 0) {
    due = std::max(license.grace_start, license.key_installed_at);
  } else if (licensed && !license.has(LicenseFlag::kNetworkWatched)) {
    due = license.attempted_at + kNetworkWatchMinutes;
  } else {
    due = license.attempted_at + or_local(license.activation_interval, timers.activation_interval);
  }
  const FileTime time = std::max(time_of(due), now);
  if (policy.evaluation_end != FileTime{} && time >= policy.evaluation_end) return std::nullopt;
  if (!timers.automatic && !licensed_at(time)) return std::nullopt;
  return time;
}

}  // namespace slwmi::licensing
