#include "world/simulation/laws.hpp"

#include <algorithm>
#include <numeric>

namespace slwmi::world::simulation {
namespace {

using licensing::ExchangePart;
using licensing::KmsExchange;
using licensing::LicenseStatus;

constexpr std::size_t kMostBroken = 8;
constexpr TickSpan kGrace = days(30);
constexpr TickSpan kValid = days(180);

FileTime client_time(const KmsExchange& exchange) {
  return exchange.time + minutes(exchange.client_skew);
}
FileTime host_time(const KmsExchange& exchange) {
  return exchange.time + minutes(exchange.host_skew);
}

// Begun minutes count whole; a clock before the period does not lengthen it.
std::uint32_t minutes_to(FileTime end, FileTime start, FileTime now) {
  const TickSpan left = end - std::max(now, start);
  const TickSpan minute = minutes(1);
  return static_cast<std::uint32_t>((left.ticks + minute.ticks - 1) / minute.ticks);
}

}  // namespace

Laws::Laws(const Fleet& fleet) {
  for (std::uint32_t i = 0; i < fleet.size(); ++i) {
    const licensing::License& license = fleet.machine(i).license;
    Client client;
    client.grace_start = licensing::time_of(license.grace_start);
    if (license.has(licensing::LicenseFlag::kKmsActivated))
      client.bound = licensing::time_of(license.activated_at);
    client.notifies = fleet.kind_of(i).facts.policy.notification;
    clients_[fleet.id(i)] = client;
  }
}

void Laws::fail(const KmsExchange& exchange, const std::string& what) {
  if (broken_.size() >= kMostBroken) return;
  broken_.push_back(format_iso8601(exchange.time) + " machine " + std::to_string(exchange.client) +
                    " host " + std::to_string(exchange.host) + ": " + what);
}

void Laws::exchanged(const KmsExchange& exchange, std::string_view) {
  ++exchanges_;
  check_order(exchange);
  check_state(exchange);
  check_count(exchange);
  check_outcome(exchange);
}

// Events are in the order of time and, within a minute, of the clients.
void Laws::check_order(const KmsExchange& exchange) {
  if (exchange.time < last_) fail(exchange, "an event before the one before it");
  if (exchange.time == last_ && exchange.client < last_client_)
    fail(exchange, "machines of a minute out of order");
  last_ = exchange.time;
  last_client_ = exchange.client;
}

// No client is licensed beyond its expiry, and every period ends to the minute.
void Laws::check_state(const KmsExchange& exchange) {
  const Client& client = clients_[exchange.client];
  const FileTime now = client_time(exchange);
  LicenseStatus status =
      client.notifies ? LicenseStatus::kNotification : LicenseStatus::kUnlicensed;
  std::uint32_t left = 0;
  if (client.bound != FileTime{}) {
    const FileTime end = client.bound + kValid;
    if (now < end) {
      status = LicenseStatus::kLicensed;
      left = minutes_to(end, client.bound, now);
    } else if (now < end + kGrace) {
      status = LicenseStatus::kOotGrace;
      left = minutes_to(end + kGrace, end, now);
    }
  } else if (now < client.grace_start + kGrace) {
    status = LicenseStatus::kOobGrace;
    left = minutes_to(client.grace_start + kGrace, client.grace_start, now);
  }
  if (exchange.status != static_cast<std::uint8_t>(status)) {
    fail(exchange, "state " + std::to_string(exchange.status) + " where " +
                       std::to_string(static_cast<int>(status)) + " is due");
  } else if (exchange.minutes != left) {
    fail(exchange,
         std::to_string(exchange.minutes) + " minutes left where " + std::to_string(left) + " are");
  }
}

// A host's count is the number of distinct client machine IDs of the last 30 days, virtual machines
// left out, and at most twice the largest requirement; what did not fit is forgotten.
void Laws::check_count(const KmsExchange& exchange) {
  if (!exchange.has(ExchangePart::kServed)) return;
  Host& host = hosts_[exchange.host];
  if (failed(exchange.served)) {
    ++host.failed;
    return;
  }
  ++host.valid;
  ++host.by_status[exchange.status];
  host.largest = std::max<std::uint32_t>(host.largest, exchange.required);
  const FileTime now = host_time(exchange);
  std::erase_if(host.seen, [&](const Seen& seen) {
    return licensing::minute_of(seen.at) + 30u * 24 * 60 <= licensing::minute_of(now);
  });
  if (!exchange.has(ExchangePart::kVirtualMachine)) {
    std::erase_if(host.seen,
                  [&](const Seen& seen) { return seen.client_id == exchange.client_id; });
    host.seen.push_back({exchange.client_id, now});
    std::stable_sort(host.seen.begin(), host.seen.end(),
                     [](const Seen& a, const Seen& b) { return a.at < b.at; });
    if (host.seen.size() > std::size_t{2} * host.largest) host.seen.erase(host.seen.begin());
  }
  if (exchange.has(ExchangePart::kProcessed) && exchange.count != host.seen.size()) {
    fail(exchange, "count " + std::to_string(exchange.count) + " where " +
                       std::to_string(host.seen.size()) + " clients were seen");
  }
}

// A client that gets a response is licensed exactly when the count suffices.
void Laws::check_outcome(const KmsExchange& exchange) {
  const bool bound = exchange.has(ExchangePart::kBound);
  const bool answered = exchange.has(ExchangePart::kProcessed);
  if (bound && !answered) fail(exchange, "licensed without a response");
  if (answered && bound != (exchange.count >= exchange.required))
    fail(exchange, bound ? "licensed below the threshold" : "not licensed above the threshold");
  if (answered && failed(exchange.requested)) fail(exchange, "a response to a request that failed");
  if (!answered && !failed(exchange.requested)) fail(exchange, "no response and no failure");
  if (bound) clients_[exchange.client].bound = client_time(exchange);
}

// The hosts' counters are the sums of their requests.
Result<> Laws::finish(Fleet& fleet) {
  SL_TRY(const std::vector<std::uint32_t> numbers, fleet.kms_hosts());
  for (const std::uint32_t number : numbers) {
    const simulation::Host& host = fleet.host(number);
    const Host& counted = hosts_[host.machine];
    const auto& counters = host.state.counters;
    if (counters.by_status != counted.by_status || counters.total() != counted.valid ||
        counters.failed != counted.failed)
      broken_.push_back("machine " + std::to_string(host.machine) + ": its counters are not the " +
                        "sums of its requests");
    if (host.state.asked() != (counted.valid + counted.failed != 0))
      broken_.push_back("machine " + std::to_string(host.machine) + ": asked by nobody");
  }
  return {};
}

}  // namespace slwmi::world::simulation
