#include "world/event_logs.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "provider/event_chunk.hpp"
#include "provider/installed_license.hpp"
#include "provider/machine_state.hpp"
#include "world/net/lookup.hpp"

namespace slwmi::world {

using licensing::EventLog;
using licensing::EventRecord;
using licensing::LogLine;

// Names of machines at any time, and of products, as of one state of the store.
class EventLogs::Names final : public licensing::EventNames {
 public:
  explicit Names(WorldShared& world) : world_(world) {}

  Result<> refresh() {
    SL_TRY(std::shared_ptr<const MachineColumns> columns, world_.store().all_machines());
    SL_TRY(std::shared_ptr<const Definitions> definitions, world_.definitions());
    if (columns == columns_ && definitions == definitions_) return {};
    SL_TRY(std::vector<OldName> old, world_.store().old_names());
    columns_ = std::move(columns);
    definitions_ = std::move(definitions);
    machines_.clear();
    products_.clear();
    old_.clear();
    for (OldName& name : old)
      old_[name.machine].push_back({name.until, net::dns_name(name.name.name, name.name.domain)});
    return {};
  }

  std::string_view computer(std::uint32_t machine, FileTime at) const override {
    if (const auto old = old_.find(machine); old != old_.end())
      for (const Until& name : old->second)
        if (at < name.until) return name.text;
    const auto [known, is_new] = machines_.try_emplace(machine);
    if (is_new) known->second = present_name(machine);
    return known->second;
  }

  std::string_view product(std::uint16_t key_group, std::uint32_t machine) const override {
    if (const licensing::Product* product = definitions_->catalogue->find_key_group(key_group))
      return product->sku_text;
    const auto [known, is_new] = products_.try_emplace({machine, key_group});
    if (is_new) known->second = installed_product(machine, key_group);
    return known->second;
  }

 private:
  struct Until {
    FileTime until;
    std::string text;
  };

  // A machine that is gone by now keeps its last name.
  std::string present_name(std::uint32_t machine) const {
    const auto& ids = columns_->id;
    const auto found = std::lower_bound(ids.begin(), ids.end(), machine);
    if (found != ids.end() && *found == machine) {
      const auto row = static_cast<std::size_t>(found - ids.begin());
      return net::dns_name(columns_->name(row), columns_->texts[columns_->domain[row]]);
    }
    const auto old = old_.find(machine);
    return old == old_.end() ? std::string() : old->second.back().text;
  }

  // The ID of a product that a licence document brought to the machine.
  std::string installed_product(std::uint32_t machine, std::uint16_t key_group) const {
    const auto view = world_.store().view(machine);
    if (!view) return {};
    for (const reg::NamedValue& value : view->values(licensing::paths::kLicenses.key())) {
      const auto product = licensing::installed_license(value.value);
      if (product != nullptr && product->key_group == key_group) return product->sku_text;
    }
    return {};
  }

  WorldShared& world_;
  std::shared_ptr<const MachineColumns> columns_;
  std::shared_ptr<const Definitions> definitions_;
  std::unordered_map<std::uint32_t, std::vector<Until>> old_;  // in order of time
  mutable std::unordered_map<std::uint32_t, std::string> machines_;
  mutable std::map<std::pair<std::uint32_t, std::uint16_t>, std::string> products_;
};

EventLogs::EventLogs(WorldShared& world, MachineId machine)
    : world_(world), machine_(machine), names_(std::make_unique<Names>(world)) {}
EventLogs::~EventLogs() = default;

const licensing::EventNames& EventLogs::names() const { return *names_; }

Result<std::unique_ptr<licensing::EventNames>> EventLogs::names_of(WorldShared& world) {
  auto names = std::make_unique<Names>(world);
  SL_CHECK(names->refresh());
  return names;
}

Result<> EventLogs::refresh() {
  Store& store = world_.store();
  const std::uint64_t word = store.change_word();
  if (book_ != nullptr && word == word_) return {};
  SL_CHECK(names_->refresh());
  SL_TRY(const reg::HiveView view, store.view(machine_));
  const licensing::AllLimits limits = licensing::read_all_limits(view);
  const std::uint64_t epoch = store.event_epoch();
  if (book_ == nullptr || limits != limits_ || epoch != epoch_) {
    book_ = std::make_unique<licensing::LogBook>(machine_, limits, *names_);
    limits_ = limits;
    epoch_ = epoch;
    last_ = 0;
  }
  Result<> added;
  SL_CHECK(store.read_events({.machine = machine_, .after = last_}, [&](const EventChunk& chunk) {
    added = book_->add(chunk.data);
    last_ = chunk.id;
    return added.has_value();
  }));
  if (!added) book_ = nullptr;
  SL_CHECK(added);
  word_ = word;
  return {};
}

Result<> EventLogs::read(EventLog log, FunctionRef<bool(const LogLine&, std::uint64_t)> sink) {
  SL_CHECK(refresh());
  const auto& kept = book_->log(log).kept();
  for (auto item = kept.rbegin(); item != kept.rend(); ++item)
    if (!sink(item->line, item->number)) break;
  return {};
}

Result<licensing::LogTotals> EventLogs::totals(EventLog log) {
  SL_CHECK(refresh());
  const auto& window = book_->log(log);
  return licensing::LogTotals{window.kept().size(), window.used(), window.last(), window.lost(),
                              window.limits()};
}

Result<> EventLogs::clear(EventLog log) {
  SL_TRY(const FileTime now, world_.store().now());
  licensing::LogEntry entry = licensing::log_cleared(log, now);
  entry.machine = machine_;
  licensing::ChunkWriter writer;
  writer.add(entry);
  return append_events(world_.store(), writer, machine_);
}

Result<> EventLogs::records(const EventFilter& filter, FunctionRef<bool(const EventRecord&)> sink) {
  SL_CHECK(refresh());
  using Kept = licensing::LogWindow<LogLine>::Kept;
  const auto wanted = [&](const Kept& item) {
    const FileTime time = item.line.world_time();
    if (time < filter.from || time > filter.to) return false;
    const auto id = static_cast<std::uint32_t>(item.line.id);
    return filter.ids.empty() ||
           std::find(filter.ids.begin(), filter.ids.end(), id) != filter.ids.end();
  };
  std::vector<const Kept*> found;
  for (const EventLog log : {EventLog::kApplication, EventLog::kKeyManagementService}) {
    if (filter.log && *filter.log != log) continue;
    for (const Kept& item : book_->log(log).kept())
      if (wanted(item)) found.push_back(&item);
  }
  std::stable_sort(found.begin(), found.end(), [](const Kept* a, const Kept* b) {
    return a->line.world_time() < b->line.world_time();
  });
  if (filter.failures) {
    std::erase_if(found, [&](const Kept* item) {
      const EventRecord record = licensing::read_record(item->line, item->number, *names_);
      return record.event->level != licensing::EventLevel::kError &&
             !(record.code && failed(*record.code));
    });
  }
  if (filter.limit != 0 && found.size() > filter.limit)
    found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(filter.limit));
  if (filter.newest_first) std::reverse(found.begin(), found.end());
  for (const Kept* item : found)
    if (!sink(licensing::read_record(item->line, item->number, *names_))) break;
  return {};
}

Result<> read_chunks(Store& store, const EventQuery& query,
                     FunctionRef<void(const licensing::ChunkReader&)> sink) {
  Result<> good;
  SL_CHECK(store.read_events(query, [&](const EventChunk& chunk) {
    good = licensing::each_chunk(chunk.data, [&](const licensing::ChunkReader& reader) {
      sink(reader);
      return true;
    });
    return good.has_value();
  }));
  return good;
}

Result<> append_events(Store& store, licensing::ChunkWriter& writer, MachineId machine) {
  EventChunk chunk{.machine = machine,
                   .first = writer.first(),
                   .last = writer.last(),
                   .count = static_cast<std::uint32_t>(writer.items())};
  const Bytes bytes = writer.finish();
  chunk.data = bytes;
  SL_TRY([[maybe_unused]] const reg::Generation generation, store.commit({.events = {&chunk, 1}}));
  return {};
}

}  // namespace slwmi::world
