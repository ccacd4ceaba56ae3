// The facade's part of the network: editing it, and asking it as a machine would.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "world/net/dns.hpp"
#include "world/net/lookup.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

namespace slwmi::world {

Result<std::shared_ptr<const net::Model>> World::network() {
  SL_TRY(const std::shared_ptr<const net::CompiledNetwork> network, shared_->network());
  return std::shared_ptr<const net::Model>(network, &network->model());
}

Result<> World::change_network(const std::function<Result<>(net::Model&)>& change) {
  return shared_->change_network(change);
}

Result<std::vector<std::string>> World::domains() {
  SL_TRY(const std::shared_ptr<const net::Model> model, network());
  SL_TRY(const std::shared_ptr<const MachineColumns> machines, shared_->store().all_machines());
  std::set<std::string, IgnoreCaseLess> out;
  const std::set<std::uint32_t> texts(machines->domain.begin(), machines->domain.end());
  for (const std::uint32_t text : texts) out.insert(machines->texts[text]);
  for (const net::Zone& zone : model->zones) {
    for (const net::ServiceName& name : zone.names) out.insert(name.domain);
  }
  out.erase("");
  return std::vector<std::string>(out.begin(), out.end());
}

Result<std::vector<World::SiteStatus>> World::sites() {
  SL_TRY(const std::shared_ptr<const net::Model> model, network());
  SL_TRY(const std::shared_ptr<const MachineColumns> machines, shared_->store().all_machines());
  std::vector<std::size_t> count(machines->texts.size());
  for (const std::uint32_t text : machines->site) ++count[text];
  std::map<std::string, SiteStatus, IgnoreCaseLess> out;
  const auto at = [&](std::string_view name) -> SiteStatus& {
    SiteStatus& site = out[std::string(name)];
    if (site.name.empty()) site.name = std::string(name);
    return site;
  };
  for (const net::Site& site : model->sites) at(site.name).internet = site.internet;
  for (std::size_t i = 0; i < count.size(); ++i) {
    if (count[i] != 0)
      at(machines->texts[i].empty() ? net::kDefaultSite : machines->texts[i]).machines += count[i];
  }
  std::vector<SiteStatus> sites;
  sites.reserve(out.size());
  for (auto& [name, site] : out) sites.push_back(std::move(site));
  return sites;
}

Result<std::optional<Machine>> World::find_host(std::string_view name) {
  SL_TRY(const MachineId id, net::machine_of(*shared_, name));
  if (id == 0) return std::optional<Machine>();
  return std::optional<Machine>(Machine(*this, id));
}

Result<std::vector<net::SrvRecord>> World::lookup(const Machine& machine, std::string_view domain) {
  SL_TRY(const net::Place me, net::place_of(*shared_, machine.id()));
  SL_TRY(const MachineInfo info, shared_->store().info(machine.id()));
  const std::string name(domain.empty() ? std::string_view(info.domain) : domain);
  const net::Answer answer = me.network->lookup(me.peer(), name, me.now);
  if (!answer.verdict.ok()) {
    return fail(
        net::error_of(*me.network, answer.verdict, std::string(net::kService) + "." + name));
  }
  return net::find_name(me.network->model(), name)->records;
}

Result<> World::reach(const Machine& machine, std::string_view host, std::uint16_t port) {
  SL_TRY(const MachineId id, net::machine_of(*shared_, host));
  const std::string what = std::string(host) + ":" + std::to_string(port);
  if (id == 0) return fail(HResult::kRpcSServerUnavailable, "nobody answers at " + what);
  SL_TRY(const net::Place me, net::place_of(*shared_, machine.id()));
  SL_TRY(const net::Place there, net::place_of(*shared_, id));
  const net::Verdict way = me.network->reach(me.peer(), there.peer(), port, me.now);
  if (!way.ok()) return fail(net::error_of(*me.network, way, what));
  return {};
}

Result<> World::rename_machine(std::string_view name, std::string_view to) {
  SL_CHECK(check_machine_name(to));
  SL_TRY(const Machine machine, this->machine(name));
  Store& store = shared_->store();
  SL_TRY(MachineInfo info, store.info(machine.id()));
  if (info.name == to) return {};
  if (!equal_ignore_case(info.name, to)) {
    SL_TRY(const std::optional<MachineId> taken, store.find_machine(to));
    if (taken)
      return fail(HResult::kErrorAlreadyExists,
                  "there is a machine " + std::string(to) + " already");
  }
  info.name = std::string(to);
  SL_CHECK(store.set_row(machine.id(), info));
  return machine.restart();
}

Result<> World::move_machine(std::string_view name, std::string_view domain,
                             std::string_view site) {
  if (!domain.empty()) SL_CHECK(net::check_dns_name(domain, "a domain"));
  if (!site.empty()) SL_CHECK(net::check_site_name(site));
  SL_TRY(const Machine machine, this->machine(name));
  SL_TRY(MachineInfo info, shared_->store().info(machine.id()));
  const bool joins = !domain.empty() && !equal_ignore_case(info.domain, domain);
  const bool moves = !site.empty() && info.site != site;
  if (!joins && !moves) return {};
  if (joins) info.domain = std::string(domain);
  if (moves) info.site = std::string(site);
  SL_CHECK(shared_->store().set_row(machine.id(), info));
  return joins ? machine.restart() : Result<>();
}

}  // namespace slwmi::world
