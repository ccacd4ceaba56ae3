#include "world/simulation/fleet_loader.hpp"

#include <algorithm>
#include <array>

#include "base/hash.hpp"
#include "provider/kms_service.hpp"
#include "provider/service.hpp"
#include "world/machine_context.hpp"
#include "world/net/lookup.hpp"

namespace slwmi::world::simulation {
namespace {

using licensing::Carried;
using licensing::MachineState;
using licensing::Product;
namespace paths = licensing::paths;

constexpr std::array<std::string_view, 3> kKmsTraces = {
    "CustomerPID", "DiscoveredKeyManagementServiceName", "DiscoveredKeyManagementServicePort"};

// Whether a fleet row stands for the value.
bool is_of_row(reg::KeyId key, reg::NameId name, const Product& product) {
  if (key == paths::kStore.key()) return name == product.record.id;
  if (key != paths::kServiceSl.key()) return false;
  return std::any_of(kKmsTraces.begin(), kKmsTraces.end(),
                     [&](std::string_view trace) { return reg::find_name(trace) == name; });
}

bool has_other_values(const reg::HiveView& view, const Product& product) {
  const reg::Overlay& own = view.own();
  for (std::size_t i = 0; i < own.value_count(); ++i) {
    const reg::OwnValue value = own.value_at(i);
    if (!is_of_row(value.key, value.name(), product)) return true;
  }
  return false;
}

// Whether a policy of the view sets or deletes what a fleet row says.
bool has_policy_over_row(const reg::HiveView& view, const Product& product) {
  if (view.layers() == nullptr) return false;
  const reg::LayerTable& layers = view.layers()->table();
  for (const reg::KnownPath* path : {&paths::kStore, &paths::kServiceSl})
    if (layers.hides_key(path->key()) || layers.hides_values(path->key())) return true;
  if (layers.find(paths::kStore.key(), product.record.id) != nullptr) return true;
  return std::any_of(kKmsTraces.begin(), kKmsTraces.end(), [&](std::string_view trace) {
    const auto name = reg::find_name(trace);
    return name && layers.find(paths::kServiceSl.key(), *name) != nullptr;
  });
}

bool has_policy_over_row(const reg::HiveView& view, const std::vector<const Product*>& carried) {
  return std::any_of(carried.begin(), carried.end(),
                     [&](const Product* product) { return has_policy_over_row(view, *product); });
}

}  // namespace

licensing::Host FleetLoader::host_of(std::uint32_t machine) const {
  const MachineColumns& columns = *fleet_.columns_;
  licensing::Host host;
  host.facts = facts_of(columns.info(machine), fleet_.seed_);
  host.catalogue = fleet_.definitions_->catalogue.get();
  host.resolved = fleet_.resolved_[columns.profile[machine]];
  return host;
}

// --- numbers of what many have in common

const net::Profile& FleetLoader::network_of(std::uint32_t machine) {
  const MachineColumns& columns = *fleet_.columns_;
  net::Profiles& networks = *fleet_.networks_;
  return networks[networks.add(net::traits_of(columns, machine))];
}

Result<std::uint32_t> FleetLoader::server(std::string_view name, std::uint16_t port) {
  const auto [at, fresh] = fleet_.server_numbers_.try_emplace(
      {std::string(name), port}, static_cast<std::uint32_t>(fleet_.servers_.size()));
  if (!fresh) return at->second;
  SL_TRY(const MachineId machine, net::machine_of(fleet_.world_, name));
  fleet_.servers_.push_back(std::make_unique<Server>(Server{std::string(name), port, machine, -1}));
  return at->second;
}

std::uint32_t FleetLoader::pid(std::string_view text) {
  if (text.empty()) return 0;
  const auto [at, fresh] = fleet_.pid_numbers_.try_emplace(
      std::string(text), static_cast<std::uint32_t>(fleet_.pids_.size()));
  if (fresh) fleet_.pids_.emplace_back(text);
  return at->second;
}

std::uint32_t FleetLoader::kind(std::uint32_t machine, const Product& product,
                                const Reading& reading) {
  const MachineColumns& columns = *fleet_.columns_;
  const net::Profile& network = network_of(machine);
  const std::array<std::uint64_t, 8> key = {
      columns.profile[machine],
      reinterpret_cast<std::uintptr_t>(&product),
      columns.flags[machine],
      reading.timers.activation_interval,
      reading.timers.renewal_interval,
      (reading.timers.automatic ? 1u : 0u) | (reading.invalid_registration ? 2u : 0u),
      (std::uint64_t{reading.port} << 32) | reading.fixed,
      reinterpret_cast<std::uintptr_t>(&network)};
  const auto [at, fresh] =
      fleet_.kind_numbers_.try_emplace(key, static_cast<std::uint32_t>(fleet_.kinds_.size()));
  if (!fresh) return at->second;
  Kind kind;
  kind.profile = columns.profile[machine];
  kind.product = &product;
  kind.facts = licensing::client_facts(host_of(machine), product);
  kind.facts.seed = 0;
  kind.facts.machine = 0;
  kind.facts.clock_skew = 0;
  kind.timers = reading.timers;
  kind.fixed = reading.fixed;
  kind.port = reading.port;
  kind.invalid_registration = reading.invalid_registration;
  kind.network = &network;
  fleet_.kinds_.push_back(kind);
  return at->second;
}

Result<FleetLoader::Reading> FleetLoader::reading_of(const reg::HiveView& view,
                                                     const licensing::Settings& settings) {
  Reading out;
  out.timers = licensing::timers_of(settings);
  out.invalid_registration = licensing::has_invalid_registration(view);
  out.port = settings.kms_port.value_or(0);
  if (settings.kms_name && !settings.kms_name->empty()) {
    SL_TRY(out.fixed, server(*settings.kms_name, licensing::kDefaultKmsPort));
  }
  return out;
}

// --- machines

Result<> FleetLoader::all() {
  Store::Fleet stored;
  for (;;) {  // all of one state
    SL_TRY(fleet_.definitions_, fleet_.world_.definitions());
    SL_TRY(fleet_.network_, fleet_.world_.network());
    SL_TRY(fleet_.columns_, store_.all_machines());
    SL_TRY(fleet_.now_, store_.now());
    SL_TRY(stored, store_.fleet());
    SL_TRY(fleet_.generation_, store_.generation());
    if (stored.generation == fleet_.generation_ &&
        fleet_.columns_->generation <= fleet_.generation_)
      break;
  }
  const MachineColumns& columns = *fleet_.columns_;
  for (const StoredProfile* profile : columns.profiles) {
    SL_TRY(auto resolved,
           fleet_.definitions_->catalogue->resolve({profile->os, profile->role, profile->edition}));
    fleet_.resolved_.push_back(std::move(resolved));
  }
  fleet_.networks_ = std::make_unique<net::Profiles>(*fleet_.network_);
  fleet_.machines_.resize(columns.size());
  fleet_.pid_.resize(columns.size());
  fleet_.marks_.resize(columns.size(), kMoved);
  return rows(stored);
}

Result<> FleetLoader::rows(const Store::Fleet& stored) {
  Texts texts;
  std::vector<std::uint32_t> numbers;
  for (const FleetPage& page : stored.pages) {
    for (const FleetRow& row : page.rows)
      for (const std::uint32_t number : {row.product, row.host, row.pid})
        if (number != 0 && texts.by_number.try_emplace(number).second) numbers.push_back(number);
  }
  SL_TRY(const std::vector<std::string> known, store_.texts(numbers));
  for (std::size_t i = 0; i < numbers.size(); ++i) texts.by_number[numbers[i]] = known[i];

  const MachineColumns& columns = *fleet_.columns_;
  auto page = stored.pages.begin();
  auto written = stored.written.begin();
  for (std::uint32_t i = 0; i < columns.size(); ++i) {
    const MachineId id = columns.id[i];
    while (page != stored.pages.end() && page->page < id / kFleetPageRows) ++page;
    while (written != stored.written.end() && *written < id) ++written;
    const bool paged = page != stored.pages.end() && page->page == id / kFleetPageRows;
    const FleetRow* const row = paged ? &page->rows[id % kFleetPageRows] : nullptr;
    if (row != nullptr && row->product != 0) {
      SL_CHECK(unpack(i, *row, texts));
    } else if (written != stored.written.end() && *written == id) {
      SL_CHECK(one(i));
    } else {
      SL_CHECK(untouched(i));
    }
  }
  return {};
}

// The settings of the machines with this one's profile and policies that have written nothing of
// their own.
Result<std::optional<FleetLoader::Reading>> FleetLoader::common_reading(std::uint32_t machine) {
  const MachineColumns& columns = *fleet_.columns_;
  const std::uint64_t key =
      (std::uint64_t{columns.profile[machine]} << 32) | columns.policies[machine];
  if (const auto known = common_.find(key); known != common_.end()) return known->second;
  SL_TRY(const reg::HiveView view, store_.view(columns.id[machine]));
  std::optional<Reading>& out = common_[key];
  if (!has_policy_over_row(view, fleet_.resolved_[columns.profile[machine]].carried)) {
    SL_TRY(out, reading_of(view, licensing::read_settings(view)));
  }
  return out;
}

Result<> FleetLoader::unpack(std::uint32_t machine, const FleetRow& row, const Texts& texts) {
  SL_TRY(const std::optional<Reading> reading, common_reading(machine));
  const Product* const product =
      fleet_.definitions_->catalogue->find(texts.by_number.at(row.product));
  if (!reading || product == nullptr) return one(machine);
  Packed& packed = fleet_.machines_[machine];
  packed.license = row.license;
  packed.kind = kind(machine, *product, *reading);
  if (row.host != 0) {
    SL_TRY(packed.server, server(texts.by_number.at(row.host), row.port));
  }
  if (row.pid != 0) fleet_.pid_[machine] = pid(texts.by_number.at(row.pid));
  return {};
}

Result<> FleetLoader::untouched(std::uint32_t machine) {
  SL_TRY(const std::optional<Reading> reading, common_reading(machine));
  if (!reading) return one(machine);
  const licensing::Catalogue::Resolved& profile =
      fleet_.resolved_[fleet_.columns_->profile[machine]];
  Packed& packed = fleet_.machines_[machine];
  packed.license = licensing::initial_license(profile, fleet_.columns_->installed[machine]);
  packed.kind = kind(machine, *profile.product, *reading);
  return {};
}

// One machine by its registry.
Result<> FleetLoader::one(std::uint32_t machine) {
  SL_TRY(const reg::HiveView view, store_.view(fleet_.columns_->id[machine]));
  const licensing::Host host = host_of(machine);
  const MachineState state = MachineState::read(host, view);
  const licensing::Settings settings = licensing::read_settings(view);
  const Carried base = state.base();
  Packed& packed = fleet_.machines_[machine];
  packed.license = base.license;
  SL_TRY(const Reading reading, reading_of(view, settings));
  packed.kind = kind(machine, *base.product, reading);
  packed.server = 0;
  if (settings.discovered_name && !settings.discovered_name->empty()) {
    const std::uint16_t port =
        licensing::read_port(view, paths::kServiceSl, "DiscoveredKeyManagementServicePort");
    SL_TRY(packed.server, server(*settings.discovered_name, port));
  }
  fleet_.pid_[machine] = pid(settings.customer_pid.value_or(std::string()));
  std::uint8_t marks = kMoved;
  if (has_other_values(view, *base.product) || has_policy_over_row(view, host.resolved.carried))
    marks |= kOwn;
  for (const Carried& carried : state.products()) {
    if (carried.product != base.product && carried.stored) marks |= kMore;
    if (carried.damaged) marks |= kDamaged;
  }
  for (const auto& product : state.documented()) {
    marks |= kMore | kOwn;
    if (product.get() == base.product) fleet_.documented_.insert(product);
  }
  fleet_.marks_[machine] = marks;
  return {};
}

Result<> FleetLoader::some(std::span<const MachineId> changed, reg::Generation generation) {
  SL_TRY(fleet_.now_, store_.now());
  for (const MachineId id : changed) {
    const auto machine = fleet_.index_of(id);
    if (!machine) return fail(HResult::kErrorFileCorrupt, "the journal names an unknown machine");
    SL_CHECK(one(*machine));
    if (const auto number = fleet_.host_numbers_.find(id); number != fleet_.host_numbers_.end())
      SL_CHECK(fill_host(*machine, *fleet_.hosts_[number->second]));
  }
  fleet_.generation_ = generation;
  return {};
}

// --- hosts

Result<std::uint32_t> FleetLoader::host(std::uint32_t machine) {
  const MachineId id = fleet_.columns_->id[machine];
  const auto [at, fresh] =
      fleet_.host_numbers_.try_emplace(id, static_cast<std::uint32_t>(fleet_.hosts_.size()));
  if (!fresh) return at->second;
  const std::uint32_t number = at->second;
  Host host;
  SL_CHECK(fill_host(machine, host));
  fleet_.hosts_.push_back(std::make_unique<Host>(std::move(host)));
  return number;
}

Result<> FleetLoader::fill_host(std::uint32_t machine, Host& out) {
  SL_TRY(const reg::HiveView view, store_.view(fleet_.columns_->id[machine]));
  const licensing::Host host = host_of(machine);
  const MachineState state = MachineState::read(host, view);
  const Carried& base = state.base();
  out.machine = fleet_.columns_->id[machine];
  out.index = machine;
  out.pid = pid(licensing::product_id_of(host, *base.product, base.license));
  out.network = &network_of(machine);
  out.port = licensing::read_port(view, paths::kSl, "KeyManagementServiceListeningPort");
  out.enabled = state.is_kms_host() && licensing::kms_start(view).runs();
  out.low_priority = licensing::has_low_priority(view);
  out.facts = licensing::kms_host_facts(host, state, view, fleet_.now_);
  out.license = base.license;
  out.policy = policy_of(*base.product, *host.resolved.os);
  out.state = licensing::read_kms_host(view);
  out.dirty = false;
  out.asked_at = {};
  out.status_from = out.status_until = {};
  return {};
}

}  // namespace slwmi::world::simulation
