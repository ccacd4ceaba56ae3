#include "report/inventory.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "base/text.hpp"
#include "provider/kms/host.hpp"
#include "provider/machine_state.hpp"
#include "provider/product_key.hpp"
#include "provider/service.hpp"
#include "provider/settings.hpp"
#include "report/reports.hpp"
#include "world/machine_context.hpp"
#include "world/net/lookup.hpp"
#include "world/shared.hpp"
#include "world/simulation/fleet.hpp"
#include "world/world.hpp"

namespace slwmi::report {
namespace {

using licensing::Carried;
using licensing::LicenseFlag;
namespace simulation = world::simulation;

// What all products of a machine share.
Asset machine_asset(const world::MachineInfo& info, const licensing::Host& host,
                    const licensing::MachineState& state, const reg::HiveView& view, FileTime now) {
  const licensing::Settings settings = licensing::read_settings(view);
  const Carried& base = state.base();
  Asset out;
  out.computer = info.name;
  out.domain = info.domain;
  out.site = world::net::traits_of(info).site;
  out.system = host.resolved.os->caption + " " + base.product->edition;
  out.version = host.resolved.os->version;
  out.virtual_machine = host.facts.virtual_machine;
  if (state.is_kms_client()) {
    if (base.license.client_id != 0)
      out.client_machine_id = format_guid(licensing::client_machine_id(base.license.client_id));
    if (settings.kms_name && !settings.kms_name->empty()) {
      out.kms_host = *settings.kms_name + ":" +
                     std::to_string(settings.kms_port.value_or(licensing::kDefaultKmsPort));
    } else if (settings.discovered_name && !settings.discovered_name->empty()) {
      const std::uint16_t cached = licensing::read_port(view, licensing::paths::kServiceSl,
                                                        "DiscoveredKeyManagementServicePort");
      out.kms_host =
          *settings.discovered_name + ":" + std::to_string(settings.kms_port.value_or(cached));
    }
    out.customer_pid = settings.customer_pid.value_or("");
  }
  out.is_kms_host = state.is_kms_host();
  if (out.is_kms_host) {
    out.count = licensing::kms::client_count(licensing::read_kms_host(view), now);
    out.kms_port = settings.listening_port;
  }
  return out;
}

// What the summaries ask for.
void fill_state(Asset& out, const licensing::Product& product, const licensing::License& license,
                const licensing::OperatingSystem& os, FileTime now) {
  out.product = product.name;
  out.channel = licensing::channel_token(product.channel);
  out.addon = product.is_addon();
  out.status = licensing::status_at(license, licensing::policy_of(product, os), now);
  out.until = out.status.remaining == 0 ? FileTime{} : now + minutes(out.status.remaining);
}

void fill_product(Asset& out, const licensing::Host& host, const Carried& carried, FileTime now) {
  const licensing::Product& product = *carried.product;
  fill_state(out, product, carried.license, *host.resolved.os, now);
  out.description = product.description;
  out.activation_id = product.sku_text;
  if (!carried.license.has(LicenseFlag::kHasKey)) return;
  out.partial_key =
      licensing::partial_text({carried.license.key_group, carried.license.key_serial});
  out.product_key_id = licensing::product_id_of(host, product, carried.license);
}

constexpr std::string_view kColumns[] = {"Computer",        "Domain",        "Site",
                                         "System",          "Version",       "Virtual",
                                         "Product",         "Channel",       "PartialProductKey",
                                         "ProductKeyID",    "License state", "Reason",
                                         "Days left",       "Until",         "KMS host",
                                         "ClientMachineID", "CustomerPID",   "KMS service",
                                         "KMS count",       "KMS port",      "ActivationID"};

Value text_or_nothing(const std::string& text) { return text.empty() ? Value() : Value(text); }

// Machines one after the other, as their providers see them; what many of them share is looked up
// once.
class Machines {
 public:
  explicit Machines(world::WorldShared& shared) : shared_(shared) {}

  Result<> open() {
    SL_TRY(definitions_, shared_.definitions());
    SL_TRY(network_, shared_.network());
    SL_TRY(world_now_, shared_.store().now());
    clocks_differ_ = !network_->model().faults.empty();
    return {};
  }

  Result<> read(world::MachineInfo info) {
    info_ = std::move(info);
    SL_TRY(view_, shared_.store().view(info_.id));
    const world::StoredProfile& profile = *info_.profile;
    const auto known = resolved_.find(&profile);
    if (known != resolved_.end()) {
      host_.resolved = known->second;
    } else {
      SL_TRY(host_.resolved,
             definitions_->catalogue->resolve({profile.os, profile.role, profile.edition}));
      resolved_[&profile] = host_.resolved;
    }
    host_.catalogue = definitions_->catalogue.get();
    host_.facts = world::facts_of(info_, shared_.store().seed());
    now_ = world_now_;
    if (clocks_differ_) {
      const world::net::Profile place = network_->profile(world::net::traits_of(info_));
      now_ = network_->clock_of({place, info_.id}, world_now_);
    }
    return {};
  }

  const world::MachineInfo& info() const { return info_; }
  const reg::HiveView& view() const { return view_; }
  const licensing::Host& host() const { return host_; }
  FileTime now() const { return now_; }  // by the machine's clock

 private:
  world::WorldShared& shared_;
  std::shared_ptr<const world::Definitions> definitions_;
  std::shared_ptr<const world::net::CompiledNetwork> network_;
  FileTime world_now_;
  bool clocks_differ_ = false;
  std::map<const world::StoredProfile*, licensing::Catalogue::Resolved> resolved_;
  world::MachineInfo info_;
  reg::HiveView view_;
  licensing::Host host_;
  FileTime now_;
};

// --- summaries

class Counting {
 public:
  explicit Counting(Summary summary) : summary_(summary) {}

  void add(const Asset& asset) {
    switch (summary_) {
      case Summary::kStatus:
        ++count_[{std::string(state_name(asset.status.status))}];
        break;
      case Summary::kProducts:
        ++count_[{asset.product, asset.channel}];
        break;
      case Summary::kExpiration:
        if (asset.until.ticks != 0) ++ranges_[range_of(asset.status.remaining)];
        break;
      case Summary::kKmsHosts:
        if (asset.is_kms_host && !asset.addon) {
          hosts_.push_back({asset.computer, asset.domain, asset.system,
                            text_or_nothing(asset.partial_key),
                            std::string(state_name(asset.status.status)),
                            number(asset.count.value_or(0)), number(asset.kms_port.value_or(0))});
        }
        break;
    }
  }

  Table table() && {
    Table out;
    switch (summary_) {
      case Summary::kStatus:
        out.columns = {"License state", "Licenses"};
        break;
      case Summary::kProducts:
        out.columns = {"Product", "Channel", "Computers"};
        break;
      case Summary::kExpiration:
        out.columns = {"Ends within", "Licenses"};
        for (std::size_t i = 0; i < kRangeNames.size(); ++i)
          out.rows.push_back({std::string(kRangeNames[i].second), number(ranges_[i])});
        return out;
      case Summary::kKmsHosts:
        out.columns = {"Computer",      "Domain",    "System",  "PartialProductKey",
                       "License state", "KMS count", "KMS port"};
        out.rows = std::move(hosts_);
        return out;
    }
    for (const auto& [names, count] : count_) {
      std::vector<Value> row(names.begin(), names.end());
      row.push_back(number(count));
      out.rows.push_back(std::move(row));
    }
    return out;
  }

 private:
  static constexpr std::array<std::pair<std::uint32_t, std::string_view>, 6> kRangeNames = {
      {{1, "1 day"},
       {7, "7 days"},
       {30, "30 days"},
       {90, "90 days"},
       {180, "180 days"},
       {0xFFFFFFFF, "later"}}};
  static std::size_t range_of(std::uint32_t remaining) {
    std::size_t i = 0;
    while (begun_days(minutes(remaining)) > kRangeNames[i].first) ++i;
    return i;
  }

  Summary summary_;
  std::map<std::vector<std::string>, std::uint64_t> count_;
  std::array<std::uint64_t, kRangeNames.size()> ranges_{};
  std::vector<std::vector<Value>> hosts_;
};

// The assets of the machine that was read. False: enough.
bool tell_assets(const Machines& machines, FunctionRef<bool(const Asset&)> sink) {
  const licensing::Host& host = machines.host();
  const FileTime now = machines.now();
  const auto state = licensing::MachineState::read(host, machines.view());
  Asset asset = machine_asset(machines.info(), host, state, machines.view(), now);
  fill_product(asset, host, state.base(), now);
  if (!sink(asset)) return false;
  for (const Carried& carried : state.products()) {
    if (!carried.product->is_addon() || !carried.license.has(LicenseFlag::kHasKey)) continue;
    fill_product(asset, host, carried, now);
    if (!sink(asset)) return false;
  }
  return true;
}

// Counts all assets. What a summary asks of most machines is in the fleet's records; machines with
// add-ons and KMS hosts are read.
Result<> count_fleet(world::World& world, const simulation::Fleet& fleet, Counting& counting) {
  Machines machines(world.shared());
  SL_CHECK(machines.open());
  for (std::uint32_t i = 0; i < fleet.size(); ++i) {
    const simulation::Kind& kind = fleet.kind_of(i);
    if (fleet.has(i, simulation::kMore) || kind.product->channel == licensing::Channel::kKmsHost) {
      SL_CHECK(machines.read(fleet.columns().info(i)));
      tell_assets(machines, [&](const Asset& asset) {
        counting.add(asset);
        return true;
      });
      continue;
    }
    Asset asset;
    fill_state(asset, *kind.product, fleet.machine(i).license, *fleet.profile(kind).os,
               fleet.network().clock_of(fleet.peer(i), fleet.now()));
    counting.add(asset);
  }
  return {};
}

}  // namespace

Result<> each_asset(world::World& world, FunctionRef<bool(const Asset&)> sink) {
  Machines machines(world.shared());
  SL_CHECK(machines.open());
  SL_TRY(const std::shared_ptr<const world::MachineColumns> columns,
         world.shared().store().all_machines());
  for (std::size_t i = 0; i < columns->size(); ++i) {
    SL_CHECK(machines.read(columns->info(i)));
    if (!tell_assets(machines, sink)) return {};
  }
  return {};
}

std::span<const std::string_view> asset_columns() { return kColumns; }

std::vector<Value> row_of(const Asset& asset) {
  const auto yes_or_no = [](bool yes) { return std::string(yes ? "yes" : "no"); };
  return {asset.computer,
          text_or_nothing(asset.domain),
          asset.site,
          asset.system,
          asset.version,
          yes_or_no(asset.virtual_machine),
          asset.product,
          asset.channel,
          text_or_nothing(asset.partial_key),
          text_or_nothing(asset.product_key_id),
          std::string(state_name(asset.status.status)),
          to_hex(asset.status.reason),
          asset.until.ticks == 0 ? Value() : Value(begun_days(minutes(asset.status.remaining))),
          asset.until.ticks == 0 ? Value() : Value(asset.until),
          text_or_nothing(asset.kms_host),
          text_or_nothing(asset.client_machine_id),
          text_or_nothing(asset.customer_pid),
          yes_or_no(asset.is_kms_host),
          asset.count ? number(*asset.count) : Value(),
          asset.kms_port ? number(*asset.kms_port) : Value(),
          asset.activation_id};
}

std::string_view to_text(Summary summary) {
  constexpr std::string_view kNames[] = {"status", "products", "expiration", "kms-hosts"};
  return kNames[static_cast<std::size_t>(summary)];
}

std::span<const Summary> summaries() {
  static constexpr Summary kAll[] = {Summary::kStatus, Summary::kProducts, Summary::kExpiration,
                                     Summary::kKmsHosts};
  return kAll;
}

Result<Table> inventory(world::World& world) {
  Table out;
  out.columns.assign(std::begin(kColumns), std::end(kColumns));
  SL_CHECK(each_asset(world, [&](const Asset& asset) {
    out.rows.push_back(row_of(asset));
    return true;
  }));
  return out;
}

Result<Table> summary_of(world::World& world, Summary summary) {
  Counting counting(summary);
  world::FleetPark& park = world.shared().fleets();
  SL_TRY(std::unique_ptr<simulation::Fleet> fleet, park.take(world.shared()));
  SL_CHECK(count_fleet(world, *fleet, counting));
  park.give(std::move(fleet));
  return std::move(counting).table();
}

}  // namespace slwmi::report
