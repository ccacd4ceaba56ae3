#include "report/warehouse.hpp"

#include <algorithm>

#include "provider/event_chunk.hpp"
#include "world/event_logs.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

namespace slwmi::report {
namespace {

using licensing::BindingFlag;
using licensing::ExchangePart;
using licensing::KmsExchange;
using licensing::LicenseStatus;

constexpr TickSpan kDay = days(1);

FileTime midnight(FileTime time) {
  return {time.ticks - time.ticks % static_cast<std::uint64_t>(kDay.ticks)};
}
std::size_t days_between(FileTime from, FileTime to) {
  return static_cast<std::size_t>((to - from).ticks / kDay.ticks);
}

// The narrowest range that holds a request of that age. What is dated after now (a clock that was
// set back) is of none but the last.
std::size_t range_of(TickSpan age) {
  if (age < TickSpan{}) return kRanges.size() - 1;
  std::size_t i = 0;
  while (kRanges[i] != 0 && age >= days(kRanges[i])) ++i;
  return i;
}

FileTime after_minutes(FileTime time, std::uint32_t count) { return time + minutes(count); }

// The events name no reason for Notification: it is that of a failed validation when the client was
// in the grace period after one, or when it says so again although the last request was granted,
// which ends every other.
bool is_non_genuine(const KmsExchange& exchange, const Client& before) {
  const auto status = static_cast<LicenseStatus>(exchange.status);
  if (status == LicenseStatus::kNonGenuineGrace) return true;
  if (status != LicenseStatus::kNotification) return false;
  return before.non_genuine || (before.granted && before.status == LicenseStatus::kNotification);
}

void note_state(const KmsExchange& exchange, Client& client) {
  client.non_genuine = is_non_genuine(exchange, client);
  client.machine = exchange.client;
  client.host = exchange.host;
  client.minutes = exchange.minutes;
  client.product = exchange.product;
  client.status = static_cast<LicenseStatus>(exchange.status);
  client.virtual_machine = exchange.has(ExchangePart::kVirtualMachine);
}

}  // namespace

Outcome outcome_of(const KmsExchange& exchange) {
  if (failed(exchange.served)) return Outcome::kRefused;
  if (exchange.has(ExchangePart::kBound)) {
    return static_cast<LicenseStatus>(exchange.status) == LicenseStatus::kLicensed
               ? Outcome::kRenewal
               : Outcome::kNew;
  }
  return exchange.has(BindingFlag::kNotEnoughCount) ? Outcome::kTooFew : Outcome::kUnanswered;
}

ClientState state_at(const Client& client, FileTime now) {
  LicenseStatus status = client.status;
  FileTime until = client.minutes == 0 ? FileTime{} : after_minutes(client.seen, client.minutes);
  if (client.activated.ticks != 0 && !client.non_genuine) {
    const FileTime end = after_minutes(client.activated, licensing::kKmsValidityMinutes);
    if (client.granted || (status == LicenseStatus::kLicensed && until.ticks == 0)) {
      status = LicenseStatus::kLicensed;
      until = end;
    }
  }
  if (until.ticks == 0) return {status, until};
  if (now < until) {  // a clock that was set back gives no more than the whole period
    const std::uint32_t period = status == LicenseStatus::kLicensed ? licensing::kKmsValidityMinutes
                                                                    : licensing::kGraceMinutes;
    return {status, std::min(until, after_minutes(now, period))};
  }
  if (status == LicenseStatus::kLicensed) {
    const FileTime end = after_minutes(until, licensing::kGraceMinutes);
    if (now < end) return {LicenseStatus::kOotGrace, end};
  }
  return {client.notifies ? LicenseStatus::kNotification : LicenseStatus::kUnlicensed, {}};
}

Result<Warehouse> Warehouse::read(world::World& world, const Options& options) {
  Warehouse out;
  SL_TRY(out.now_, world.now());
  SL_TRY(out.hosts_, kms_hosts(world));
  SL_CHECK(out.choose(options));
  world::WorldShared& shared = world.shared();
  SL_CHECK(world::read_chunks(shared.store(), {}, [&](const licensing::ChunkReader& reader) {
    reader.each(
        [&](const KmsExchange& exchange) {
          out.add(exchange);
          return true;
        },
        [](const licensing::LogEntry&) { return true; });
  }));

  for (auto& [group, product] : out.products_)
    for (std::size_t i = 1; i < kRanges.size(); ++i) product.ranges[i].add(product.ranges[i - 1]);
  SL_TRY(out.names_, world::EventLogs::names_of(shared));
  SL_TRY(const std::shared_ptr<const world::Definitions> definitions, shared.definitions());
  SL_TRY(const std::shared_ptr<const world::MachineColumns> columns, shared.store().all_machines());
  for (Client& client : out.clients_) {
    const auto found = std::lower_bound(columns->id.begin(), columns->id.end(), client.machine);
    if (found != columns->id.end() && *found == client.machine) {
      const auto row = static_cast<std::size_t>(found - columns->id.begin());
      const world::StoredProfile& profile = *columns->profiles[columns->profile[row]];
      const auto* os = definitions->catalogue->find_system(profile.os);
      client.notifies = os != nullptr && os->os.notifies();
    }
    const auto [edition, is_new] = out.editions_.try_emplace(client.product);
    if (!is_new) continue;
    const std::string_view sku = out.names_->product(client.product, client.machine);
    const licensing::Product* const product = definitions->catalogue->find(sku);
    edition->second = product != nullptr ? product->name : std::string(sku);
  }
  return out;
}

Result<> Warehouse::choose(const Options& options) {
  filtered_ = !options.hosts.empty();
  for (const KmsHost& host : hosts_) wanted_[host.machine] = !filtered_;
  SL_TRY(const std::vector<KmsHost> chosen, choose_hosts(hosts_, options.hosts));
  for (const KmsHost& host : chosen) wanted_[host.machine] = true;
  for (const KmsHost& host : hosts_)
    if (!sends_events(host.membership)) wanted_[host.machine] = false;
  return {};
}

// Hosts that are gone by now sent their events while they were there.
bool Warehouse::wanted(std::uint32_t host) {
  return wanted_.try_emplace(host, !filtered_).first->second;
}

void Warehouse::add(const KmsExchange& exchange) {
  if (!exchange.has(ExchangePart::kServed) || exchange.host == 0) return;
  if (!wanted(exchange.host)) {
    const auto host = std::find_if(hosts_.begin(), hosts_.end(), [&](const KmsHost& each) {
      return each.machine == exchange.host;
    });
    if (host != hosts_.end() && !sends_events(host->membership)) ++missing_;
    return;
  }
  Client& client = client_of(exchange);
  const bool newest = exchange.time >= client.seen;
  if (newest) note_state(exchange, client);
  Outcome outcome = outcome_of(exchange);
  // What keeps its state although it is granted was activated before.
  if (outcome == Outcome::kNew && client.non_genuine) outcome = Outcome::kRenewal;
  add_to_product(exchange, outcome);
  if (!newest) return;
  client.seen = exchange.time;
  client.granted = outcome == Outcome::kNew || outcome == Outcome::kRenewal;
  if (client.granted) client.activated = exchange.time;
}

void Warehouse::add_to_product(const KmsExchange& exchange, Outcome outcome) {
  if (last_.second == nullptr || last_.first != exchange.product)
    last_ = {exchange.product, &products_[exchange.product]};
  Product& product = *last_.second;
  const TickSpan age = now_ - exchange.time;
  product.ranges[range_of(age)].add(outcome);

  const FileTime day = midnight(exchange.time);
  if (first_day_.ticks == 0) first_day_ = day;
  if (day < first_day_) {
    const std::size_t earlier = days_between(day, first_day_);
    for (auto& [group, each] : products_) each.by_day.insert(each.by_day.begin(), earlier, 0);
    first_day_ = day;
  }
  if (outcome == Outcome::kNew || outcome == Outcome::kRenewal) {
    const std::size_t at = days_between(first_day_, day);
    if (product.by_day.size() <= at) product.by_day.resize(at + 1);
    ++product.by_day[at];
  }
  if (age >= kDay || age < TickSpan{}) return;
  Activity& activity = past_day_[{exchange.product, exchange.host}];
  activity.requests.add(outcome);
  activity.clients.insert(exchange.client);
  by_hour_[23 - static_cast<std::size_t>(age.ticks / hours(1).ticks)].add(outcome);
}

Client& Warehouse::client_of(const KmsExchange& exchange) {
  const auto [place, is_new] =
      client_of_.try_emplace(exchange.client, static_cast<std::uint32_t>(clients_.size()));
  if (is_new) clients_.emplace_back();
  return clients_[place->second];
}

std::string Warehouse::edition(std::uint16_t product) const {
  const auto found = editions_.find(product);
  return found == editions_.end() ? "key group " + std::to_string(product) : found->second;
}

std::string Warehouse::computer(std::uint32_t machine) const {
  const std::string_view name = names_->computer(machine, kMaxFileTime);
  return name.empty() ? "machine " + std::to_string(machine) : std::string(name);
}

}  // namespace slwmi::report
