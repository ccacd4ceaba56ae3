#include "world/simulation/engine.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"
#include "provider/event_chunk.hpp"
#include "world/net/lookup.hpp"
#include "world/simulation/fleet_storer.hpp"
#include "world/simulation/own_acts.hpp"
#include "world/simulation/provider_driver.hpp"

namespace slwmi::world::simulation {
namespace {

using licensing::AlikeClients;
using licensing::KmsExchange;
using licensing::Minute;
using licensing::minute_of;

// So many exchanges make a chunk of the event log.
constexpr std::size_t kChunkItems = 16384;
// A stage ends when so many bytes of them wait to become durable.
constexpr std::size_t kMostRecorded = std::size_t{128} << 20;

// Collects what happens as chunks of the event log.
class Recorder final : public Observer {
 public:
  Recorder(const Fleet& fleet, Observer* other) : fleet_(fleet), other_(other) {}

  void exchanged(const KmsExchange& exchange, std::string_view server) override {
    const licensing::ClientPart part = client_part(exchange);
    exchanged_alike(exchange, {std::span(&part, 1), 0}, server);
  }
  void exchanged_alike(const KmsExchange& common, const AlikeClients& clients,
                       std::string_view server) override {
    KmsExchange kept = common;
    kept.server_name = number_of(server, common.host);
    writer_.add(kept, clients);
    if (writer_.items() >= kChunkItems) close();
    if (other_ != nullptr) other_->exchanged_alike(common, clients, server);
  }

  std::size_t bytes() const { return bytes_; }  // of the chunks that are full

  // The chunks since the last call.
  std::vector<EventChunk> take() {
    close();
    std::vector<EventChunk> out = std::move(chunks_);
    chunks_.clear();
    bytes_ = 0;
    held_ = std::move(data_);
    data_.clear();
    for (std::size_t i = 0; i < out.size(); ++i) out[i].data = held_[i];
    return out;
  }

 private:
  void close() {
    if (writer_.empty()) return;
    EventChunk chunk;
    chunk.first = writer_.first();
    chunk.last = writer_.last();
    chunk.count = static_cast<std::uint32_t>(writer_.items());
    data_.push_back(writer_.finish());
    bytes_ += data_.back().size();
    chunks_.push_back(chunk);
  }

  // As the store keeps it: 0 for a host's full name. Names of servers do not move while a fleet
  // lives, so that each is told from where it lies.
  std::int32_t number_of(std::string_view server, MachineId host) {
    if (last_ != nullptr && last_text_ == server.data() && last_->host == host)
      return last_->number;
    Known& known = known_[server.data()];
    last_ = &known;
    last_text_ = server.data();
    if (known.number < 0 || known.host != host)
      known = {host, is_name_of(host, server) ? 0 : names_.number_of(server)};
    return known.number;
  }
  bool is_name_of(MachineId machine, std::string_view server) const {
    const auto index = machine != 0 ? fleet_.index_of(machine) : std::nullopt;
    if (!index) return false;
    const MachineInfo info = fleet_.columns().info(*index);
    return equal_ignore_case(server, net::dns_name(info.name, info.domain));
  }

  struct Known {
    MachineId host = 0;
    std::int32_t number = -1;
  };

  const Fleet& fleet_;
  Observer* other_;
  std::unordered_map<const char*, Known> known_;
  const char* last_text_ = nullptr;
  const Known* last_ = nullptr;  // of `last_text_`
  licensing::ServerNames names_;
  licensing::ChunkWriter writer_{&names_, fleet_.seed()};
  std::vector<EventChunk> chunks_;
  std::vector<Bytes> data_, held_;
  std::size_t bytes_ = 0;
};

std::vector<NamedBlob> named(const std::vector<std::pair<std::string, Bytes>>& blobs) {
  std::vector<NamedBlob> out;
  out.reserve(blobs.size());
  for (const auto& [name, data] : blobs) out.push_back({name, data, JournalKind::kNone});
  return out;
}

// A run from its beginning to its end. Between two checkpoints nobody else writes.
class Run {
 public:
  Run(WorldShared& world, FileTime until, const RunOptions& options)
      : world_(world), until_(until), options_(options) {}

  Result<RunTotals> all() {
    const auto stage = [&] {
      return options_.driver == Driver::kFleet ? by_fleet() : by_provider();
    };
    do {
      SL_CHECK(world_.store().in_turn(stage));
      totals_.stopped = options_.progress && !options_.progress(totals_.now);
    } while (totals_.now < until_ && !totals_.stopped);
    return totals_;
  }

 private:
  FileTime next_checkpoint(FileTime now) const {
    if (options_.checkpoint == 0) return until_;
    const TickSpan span = minutes(static_cast<std::int64_t>(options_.checkpoint));
    return until_ - now < span ? until_ : now + span;
  }
  FileTime next_stop(FileTime now, FileTime last) const {
    return options_.stops == nullptr ? last : std::min(last, options_.stops->next(now));
  }

  Result<> by_fleet() {
    SL_TRY(std::unique_ptr<Fleet> fleet, world_.fleets().take(world_));
    totals_.now = fleet->now();
    if (totals_.now < until_) SL_CHECK(stage(fleet));
    world_.fleets().give(std::move(fleet));
    return {};
  }

  // To the next checkpoint; or to just before the next moment in which a KMS host does something;
  // or, when that moment has come, through it.
  Result<> stage(std::unique_ptr<Fleet>& fleet) {
    SL_CHECK(notice_damage(fleet));
    const FileTime now = fleet->now();
    SL_TRY(const FileTime moment, next_moment(*fleet, minute_of(now)));
    if (moment > until_) return go(*fleet, next_checkpoint(now));
    if (const FileTime before{moment.ticks - 1}; before > now)
      return go(*fleet, std::min(next_checkpoint(now), before));
    return world_.store().as_one([&]() -> Result<> {
      if (moment > now) SL_CHECK(world_.store().set_now(moment));
      SL_CHECK(Fleet::follow(world_, fleet));
      SL_TRY(const std::vector<OwnAct> acts, acts_of_hosts(world_, *fleet, minute_of(moment)));
      for (const OwnAct& due : acts) {
        if (due.minute > minute_of(moment)) break;
        SL_TRY(const std::unique_ptr<MachineContext> host,
               MachineContext::make(world_, due.machine));
        SL_CHECK(act(*host));
      }
      SL_CHECK(Fleet::follow(world_, fleet));
      SL_TRY(const FileTime next, next_moment(*fleet, minute_of(moment) + 1));
      return go(*fleet, std::min(next_checkpoint(now), FileTime{next.ticks - 1}));
    });
  }

  Result<> notice_damage(std::unique_ptr<Fleet>& fleet) {
    std::vector<MachineId> damaged;
    for (std::uint32_t i = 0; i < fleet->size(); ++i)
      if (fleet->has(i, kDamaged)) damaged.push_back(fleet->id(i));
    if (damaged.empty()) return {};
    return world_.store().as_one([&]() -> Result<> {
      for (const MachineId id : damaged) {
        SL_TRY(const std::unique_ptr<MachineContext> machine, MachineContext::make(world_, id));
        SL_CHECK(simulation::notice_damage(*machine));
      }
      return Fleet::follow(world_, fleet);
    });
  }

  // The next time at which a host does something, or clocks change while any is about to.
  Result<FileTime> next_moment(Fleet& fleet, Minute earliest) {
    SL_TRY(const std::vector<OwnAct> acts, acts_of_hosts(world_, fleet, earliest));
    if (acts.empty()) return kMaxFileTime;
    const FileTime now = fleet.now();
    FileTime out = std::max(licensing::time_of(acts.front().minute), now);
    for (const FileTime turn : fleet.network().clock_turns())
      if (turn > now) out = std::min(out, turn);
    return out;
  }

  // As far as `last`. What is due at the fleet's own time is so when that is later than the time
  // that was reached.
  Result<> go(Fleet& fleet, FileTime last) {
    Recorder recorder(fleet, options_.observer);
    FleetDriver driver(fleet, recorder);
    while (totals_.now < last && recorder.bytes() < kMostRecorded) {
      const FileTime day = totals_.now + days(1);  // to look at what was recorded
      const FileTime stop = next_stop(totals_.now, std::min(day, last));
      SL_CHECK(driver.run(stop));
      if (options_.stops != nullptr && stop == options_.stops->next(totals_.now)) {
        driver.settle();
        SL_CHECK(options_.stops->reached(fleet, stop));
      }
      totals_.now = stop;
    }
    driver.settle();
    totals_.attempts += driver.attempts();
    return commit(fleet, recorder);
  }

  Result<> commit(Fleet& fleet, Recorder& recorder) {
    const std::vector<EventChunk> events = recorder.take();
    const auto blobs = options_.blobs ? options_.blobs() : decltype(options_.blobs())();
    ++totals_.checkpoints;
    return FleetStorer(fleet).commit(totals_.now, events, named(blobs));
  }

  Result<> by_provider() {
    SL_TRY(totals_.now, world_.store().now());
    const FileTime last = next_checkpoint(totals_.now);
    while (totals_.now < last) {
      const FileTime stop = next_stop(totals_.now, last);
      SL_CHECK(run_by_provider(world_, stop));
      if (options_.stops != nullptr && stop == options_.stops->next(totals_.now)) {
        SL_TRY(const std::unique_ptr<Fleet> fleet, Fleet::load(world_));
        SL_CHECK(options_.stops->reached(*fleet, stop));
      }
      totals_.now = stop;
    }
    ++totals_.checkpoints;
    if (!options_.blobs) return {};
    const auto blobs = options_.blobs();
    SL_TRY([[maybe_unused]] const auto generation, world_.store().commit({.blobs = named(blobs)}));
    return {};
  }

  WorldShared& world_;
  FileTime until_;
  const RunOptions& options_;
  RunTotals totals_;
};

}  // namespace

Result<RunTotals> run(WorldShared& world, FileTime until, const RunOptions& options) {
  return Run(world, until, options).all();
}

}  // namespace slwmi::world::simulation
