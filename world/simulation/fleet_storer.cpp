#include "world/simulation/fleet_storer.hpp"

#include <algorithm>

#include "provider/machine_state.hpp"
#include "registry/path.hpp"

namespace slwmi::world::simulation {
namespace {

namespace paths = licensing::paths;

reg::SpellingId spelling(std::string_view text) { return reg::intern_name(text).spelling; }

reg::KeyId make_key(reg::OpBuilder& ops, std::string_view path) {
  const auto parsed = reg::parse_path(path).value();
  return ops.create_key(reg::resolve(parsed.root, {}), parsed.components);
}

}  // namespace

FleetRow FleetStorer::row_of(std::uint32_t machine) const {
  const Packed& packed = fleet_.machines_[machine];
  FleetRow row;
  row.license = packed.license;
  row.product = fleet_.product_texts_.at(fleet_.kinds_[packed.kind].product);
  row.pid = fleet_.pid_texts_[fleet_.pid_[machine]];
  if (packed.server != 0) {
    row.host = fleet_.server_texts_[packed.server];
    row.port = fleet_.servers_[packed.server]->port;
  }
  return row;
}

// What differs from what the registry shows; the rest may be what a policy says.
Result<MachineChanges> FleetStorer::changes_of(std::uint32_t machine, FileTime now) const {
  SL_TRY(const reg::HiveView view, fleet_.world_.store().view(fleet_.id(machine)));
  const Packed& packed = fleet_.machines_[machine];
  const licensing::Product& product = *fleet_.kinds_[packed.kind].product;
  reg::OpBuilder ops;
  const licensing::Record record = licensing::encode(packed.license, product.sku);
  ops.set_value(make_key(ops, paths::kStore), product.record.spelling, reg::make_binary(record));
  const auto set = [&](std::string_view name, std::string_view text) {
    if (licensing::read_text(view, paths::kServiceSl, name) == text) return;
    ops.set_value(make_key(ops, paths::kServiceSl), spelling(name), reg::make_sz(text));
  };
  if (packed.server != 0) {
    const Server& server = *fleet_.servers_[packed.server];
    set("DiscoveredKeyManagementServiceName", server.name);
    set("DiscoveredKeyManagementServicePort", std::to_string(server.port));
  }
  if (fleet_.pid_[machine] != 0) set("CustomerPID", fleet_.pids_[fleet_.pid_[machine]]);
  MachineChanges out;
  out.machine = fleet_.id(machine);
  out.changes = {.ops = ops.take(), .now = now, .base = fleet_.generation_, .exclusive = true};
  return out;
}

MachineChanges FleetStorer::changes_of(const Host& host, reg::Generation base, FileTime now) {
  reg::OpBuilder ops;
  ops.set_value(make_key(ops, paths::kStore), spelling(licensing::kKmsHostValue),
                reg::make_binary(licensing::kms::encode(host.state)));
  MachineChanges out;
  out.machine = host.machine;
  out.changes = {.ops = ops.take(), .now = now, .base = base, .exclusive = true};
  return out;
}

// Machines are in the order of their numbers, so those of a page lie side by side.
Result<> FleetStorer::gather(FileTime now) {
  const auto dirty = [&](std::uint32_t i) { return fleet_.has(i, kDirty); };
  for (std::uint32_t first = 0; first < fleet_.size();) {
    const std::uint32_t number = fleet_.id(first) / kFleetPageRows;
    std::uint32_t end = first;
    std::size_t changed = 0;
    for (; end < fleet_.size() && fleet_.id(end) / kFleetPageRows == number; ++end)
      changed += dirty(end) ? 1 : 0;
    const bool packs = changed >= kFewOfPage;
    FleetPage page{number, {}};
    if (packs) page.rows.resize(kFleetPageRows);
    for (std::uint32_t i = first; i < end; ++i) {
      if (!dirty(i)) continue;
      if (packs && !fleet_.has(i, kOwn)) {
        page.rows[fleet_.id(i) % kFleetPageRows] = row_of(i);
      } else {
        SL_TRY(MachineChanges own, changes_of(i, now));
        machines_.push_back(std::move(own));
      }
    }
    if (packs) pages_.push_back(std::move(page));
    first = end;
  }
  for (const auto& host : fleet_.hosts_)
    if (host->dirty) machines_.push_back(changes_of(*host, fleet_.generation_, now));
  return {};
}

// The store's numbers of the texts that rows name; those that are known stay.
Result<> FleetStorer::number_texts() {
  std::vector<std::string> texts;
  std::vector<std::uint32_t*> numbers;
  const auto want = [&](std::uint32_t& number, const std::string& text) {
    if (number != 0 || text.empty()) return;
    numbers.push_back(&number);
    texts.push_back(text);
  };
  fleet_.server_texts_.resize(fleet_.servers_.size());
  fleet_.pid_texts_.resize(fleet_.pids_.size());
  for (std::size_t i = 0; i < fleet_.servers_.size(); ++i)
    want(fleet_.server_texts_[i], fleet_.servers_[i]->name);
  for (std::size_t i = 0; i < fleet_.pids_.size(); ++i) want(fleet_.pid_texts_[i], fleet_.pids_[i]);
  for (const Kind& kind : fleet_.kinds_)
    want(fleet_.product_texts_[kind.product], kind.product->sku_text);
  if (texts.empty()) return {};
  SL_TRY(const std::vector<std::uint32_t> known, store_.text_numbers(texts));
  for (std::size_t i = 0; i < known.size(); ++i) *numbers[i] = known[i];
  return {};
}

Result<> FleetStorer::commit(FileTime now, std::span<const EventChunk> events,
                             std::span<const NamedBlob> blobs) {
  SL_CHECK(number_texts());
  SL_CHECK(gather(now));
  Commit what;
  what.machines = machines_;
  what.events = events;
  what.fleet = pages_;
  what.fleet_base = fleet_.generation_;
  what.blobs = blobs;
  what.clock = now;
  SL_TRY(fleet_.generation_, store_.commit(what));
  fleet_.now_ = now;
  for (std::uint8_t& marks : fleet_.marks_) marks &= static_cast<std::uint8_t>(~kDirty);
  for (const auto& host : fleet_.hosts_) host->dirty = false;
  return {};
}

}  // namespace slwmi::world::simulation
