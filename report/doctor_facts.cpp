#include "report/doctor_facts.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "base/text.hpp"
#include "provider/event_chunk.hpp"
#include "provider/kms/host.hpp"
#include "provider/machine_state.hpp"
#include "provider/settings.hpp"
#include "report/hosts.hpp"
#include "world/event_logs.hpp"
#include "world/machine_context.hpp"
#include "world/net/dns.hpp"
#include "world/net/lookup.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

namespace slwmi::report {
namespace {

using licensing::EventId;
using licensing::ExchangePart;
using licensing::KmsExchange;
using licensing::LogEntry;

// What the logs of the world have about the machine.
class LogFacts {
 public:
  LogFacts(std::uint32_t machine, std::uint64_t client_id, FileTime now)
      : machine_(machine),
        client_id_(client_id),
        recent_(now.ticks < static_cast<std::uint64_t>(kMemory.ticks) ? FileTime{}
                                                                      : now - kMemory) {}

  Result<> read(world::Store& store) {
    const auto exchange = [&](const KmsExchange& each) {
      add(each);
      return true;
    };
    const auto entry = [&](const LogEntry& each) {
      add(each);
      return true;
    };
    return world::read_chunks(
        store, {}, [&](const licensing::ChunkReader& reader) { reader.each(exchange, entry); });
  }

  std::optional<KmsExchange> last_attempt;
  std::optional<HResult> online_failure;
  std::set<std::uint32_t> same_id;
  bool served = false;

  std::vector<std::uint32_t> twins() const {
    std::unordered_map<std::uint64_t, std::size_t> users;
    for (const auto& [machine, id] : id_of_) ++users[id];
    std::vector<std::uint32_t> out;
    for (const auto& [machine, id] : id_of_)
      if (users[id] > 1) out.push_back(machine);
    return out;
  }

 private:
  static constexpr TickSpan kMemory = minutes(licensing::kms::kMemoryMinutes);

  void add(const KmsExchange& each) {
    if (each.client == machine_) {
      last_attempt = each;
    } else if (client_id_ != 0 && each.client_id == client_id_ && each.time >= recent_) {
      same_id.insert(each.client);
    } else {
      same_id.erase(each.client);  // it has another one now
    }
    if (each.host != machine_ || !each.has(ExchangePart::kServed)) return;
    served = true;
    if (each.time < recent_ || failed(each.served)) return;
    id_of_[each.client] = each.client_id;
  }
  void add(const LogEntry& each) {
    if (each.machine != machine_) return;
    if (each.event == EventId::kActivationFailed) {
      if (const auto* code = std::get_if<std::uint64_t>(&each.values.front()))
        online_failure = static_cast<HResult>(*code);
    } else if (each.event == EventId::kKeyInstalled) {
      online_failure.reset();  // it was another key's
    }
  }

  std::uint32_t machine_;
  std::uint64_t client_id_;
  FileTime recent_;
  std::map<std::uint32_t, std::uint64_t> id_of_;  // of its clients: the last that each had
};

Result<KmsTarget> target_of(world::World& world, const world::net::Place& me,
                            KmsTarget::Origin origin, std::string_view name, std::uint16_t port) {
  world::WorldShared& shared = world.shared();
  KmsTarget out;
  out.origin = origin;
  out.name = name;
  out.port = port;
  SL_TRY(out.machine, world::net::machine_of(shared, name));
  if (out.machine == 0) return out;
  SL_TRY(const world::net::Place there, world::net::place_of(shared, out.machine));
  out.way = me.network->reach(me.peer(), there.peer(), port, me.now);
  if (!out.way.ok()) out.obstacle = me.network->describe(out.way);
  SL_TRY(const std::unique_ptr<world::MachineContext> host,
         world::MachineContext::make(shared, out.machine));
  SL_TRY(const reg::HiveView view, host->registry()->view());
  const auto state = licensing::MachineState::read(host->host(), view);
  out.enabled = state.is_kms_host();
  out.activated = is_activated(host->host(), state, host->clock().now());
  out.listening_port = licensing::read_settings(view).listening_port;
  out.count = licensing::kms::client_count(licensing::read_kms_host(view), host->clock().now());
  return out;
}

Result<> add_targets(world::World& world, const world::net::Place& me,
                     const licensing::Settings& settings, const reg::HiveView& view,
                     DoctorFacts& out) {
  using Origin = KmsTarget::Origin;
  const auto add = [&](Origin origin, std::string_view name, std::uint16_t found) -> Result<> {
    const std::uint16_t port = settings.kms_port.value_or(found);
    const bool known =
        std::any_of(out.targets.begin(), out.targets.end(), [&](const KmsTarget& target) {
          return equal_ignore_case(target.name, name) && target.port == port;
        });
    if (known) return {};
    SL_TRY(KmsTarget target, target_of(world, me, origin, name, port));
    out.targets.push_back(std::move(target));
    return {};
  };
  if (settings.kms_name && !settings.kms_name->empty())
    return add(Origin::kFixed, *settings.kms_name, licensing::kDefaultKmsPort);
  if (settings.discovered_name && !settings.discovered_name->empty()) {
    const std::uint16_t port = licensing::read_port(view, licensing::paths::kServiceSl,
                                                    "DiscoveredKeyManagementServicePort");
    SL_CHECK(add(Origin::kCached, *settings.discovered_name, port));
  }
  const world::net::Answer answer = me.network->lookup(me.peer(), me.now);
  out.lookup = answer.verdict.code;
  for (const world::net::Target& target : answer.targets)
    SL_CHECK(add(Origin::kDns, target.host, target.port));
  return {};
}

Result<> add_records(world::World& world, const world::MachineInfo& info,
                     const licensing::Host& host, const licensing::MachineState& state,
                     const licensing::Settings& settings, DoctorFacts& out) {
  SL_TRY(const std::shared_ptr<const world::net::Model> model, world.network());
  for (const licensing::Publication& wanted : licensing::publications(host, state, settings)) {
    WantedRecord record;
    record.domain = wanted.domain;
    const world::net::ServiceName* const name = world::net::find_name(*model, wanted.domain);
    record.there =
        name != nullptr && std::any_of(name->records.begin(), name->records.end(),
                                       [&](const world::net::SrvRecord& each) {
                                         return each.port == wanted.port &&
                                                equal_ignore_case(each.host, wanted.host);
                                       });
    record.may_write = world::net::may_update(*model, wanted.domain, {info.id, info.name});
    if (const world::net::Zone* const zone = world::net::zone_of(*model, wanted.domain))
      record.rule = world::net::to_text(zone->updates);
    if (name != nullptr && name->owner != 0 && name->owner != info.id) {
      if (const auto owner = world.shared().store().info(name->owner))
        record.first_host = world::net::dns_name(owner->name, owner->domain);
    }
    out.records.push_back(std::move(record));
  }
  if (state.is_kms_host()) return {};
  for (const world::net::Zone& zone : model->zones)
    for (const world::net::ServiceName& name : zone.names)
      if (std::any_of(name.records.begin(), name.records.end(),
                      [&](const auto& each) { return equal_ignore_case(each.host, out.name); }))
        out.leftover_records.push_back(name.domain);
  return {};
}

}  // namespace

Result<DoctorFacts> doctor_facts(world::World& world, std::uint32_t machine) {
  world::WorldShared& shared = world.shared();
  SL_TRY(const world::MachineInfo info, shared.store().info(machine));
  SL_TRY(const std::unique_ptr<world::MachineContext> context,
         world::MachineContext::make(shared, machine));
  SL_TRY(const reg::HiveView view, context->registry()->view());
  const licensing::Host& host = context->host();
  const auto state = licensing::MachineState::read(host, view);
  const licensing::Settings settings = licensing::read_settings(view);
  const licensing::Carried& base = state.base();

  DoctorFacts out;
  out.now = context->clock().now();
  out.name = world::net::dns_name(info.name, info.domain);
  out.role = info.profile->role;
  out.os = host.resolved.os->os;
  out.edition = base.product->name;
  out.channel = base.product->channel;
  out.has_key = base.license.has(licensing::LicenseFlag::kHasKey);
  out.reset_pending = base.license.has(licensing::LicenseFlag::kRearmPending);
  out.status = licensing::status_at(
      base.license, licensing::policy_of(*base.product, *host.resolved.os), out.now);
  out.required = base.product->required_client_count;

  SL_TRY(const world::net::Place me, world::net::place_of(shared, machine));
  out.service = me.network->service(me.peer(), me.now);
  if (!out.service.ok()) out.service_obstacle = me.network->describe(out.service);
  if (state.is_kms_client()) SL_CHECK(add_targets(world, me, settings, view, out));
  out.invalid_registration = licensing::has_invalid_registration(view);
  SL_CHECK(add_records(world, info, host, state, settings, out));
  const licensing::kms::HostState served = licensing::read_kms_host(view);
  out.count = licensing::kms::client_count(served, out.now);
  out.needed = served.largest_requirement;

  LogFacts logs(machine, state.is_kms_client() ? base.license.client_id : 0, me.now);
  SL_CHECK(logs.read(shared.store()));
  out.last_attempt = logs.last_attempt;
  out.online_failure = logs.online_failure;
  out.served = logs.served;
  SL_TRY(const std::unique_ptr<licensing::EventNames> names, world::EventLogs::names_of(shared));
  for (const std::uint32_t each : logs.same_id)
    out.same_id.emplace_back(names->computer(each, kMaxFileTime));
  if (state.is_kms_host())
    for (const std::uint32_t each : logs.twins())
      out.twins.emplace_back(names->computer(each, kMaxFileTime));
  return out;
}

}  // namespace slwmi::report
