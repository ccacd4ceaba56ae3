#include "world/simulation/simulation.hpp"

#include <algorithm>

#include "world/simulation/build.hpp"
#include "world/simulation/census.hpp"
#include "world/simulation/progress.hpp"

namespace slwmi::world::simulation {

// The simulation as a series of stops: samples at whole intervals since the start and at the end,
// actions at their times. What is done at a time comes before the sample of that time.
class Simulation::Work final : public Stops {
 public:
  Work(World& world, Description description, Progress progress)
      : world_(world), description_(std::move(description)), progress_(std::move(progress)) {}

  const Description& description() const { return description_; }
  const Progress& progress() const { return progress_; }
  World& world() { return world_; }
  Result<FileTime> now() { return world_.shared().store().now(); }

  Result<RunTotals> run(const Options& options, FileTime until) {
    until = std::min(until, progress_.end);
    RunOptions run_options;
    run_options.driver = options.driver;
    run_options.checkpoint = description_.checkpoint;
    run_options.observer = options.observer;
    run_options.stops = this;
    run_options.blobs = [this] { return blobs(); };
    run_options.progress = options.progress;
    RunTotals totals;
    SL_TRY(totals.now, now());
    for (;;) {
      SL_CHECK(act(totals.now));
      const FileTime target = std::min(until, next_action());
      if (totals.now >= until) return totals;
      SL_TRY(const RunTotals part, simulation::run(world_.shared(), target, run_options));
      totals.now = part.now;
      totals.attempts += part.attempts;
      totals.checkpoints += part.checkpoints;
      totals.stopped = part.stopped;
      if (part.stopped) return totals;
    }
  }

  // A sample of the world as it stands at `now`.
  Result<> open(FileTime now) {
    census_.reset();
    SL_TRY(const std::unique_ptr<Fleet> fleet, Fleet::load(world_.shared()));
    SL_CHECK(sample(*fleet, now));
    census_.reset();
    return save();
  }

  // --- Stops

  FileTime next(FileTime now) override {
    if (now >= progress_.end) return kMaxFileTime;
    if (now < progress_.start) return progress_.start;
    const auto interval =
        static_cast<std::uint64_t>(minutes(static_cast<std::int64_t>(description_.sample)).ticks);
    const std::uint64_t passed = now.ticks - progress_.start.ticks;
    const FileTime regular{progress_.start.ticks + (passed / interval + 1) * interval};
    return std::min(regular, progress_.end);
  }

  Result<> reached(Fleet& fleet, FileTime now) override {
    return now == next_action() ? Result<>() : sample(fleet, now);
  }

 private:
  FileTime next_action() const {
    if (progress_.actions >= description_.actions.size()) return kMaxFileTime;
    const Action& action = description_.actions[progress_.actions];
    return progress_.start + minutes(static_cast<std::int64_t>(action.at));
  }

  // What is to be done now, and the sample of now when one is due, together with the note that it
  // is done.
  Result<> act(FileTime now) {
    if (next_action() > now || now >= progress_.end) return {};
    const Progress before = progress_;
    const auto everything = [&]() -> Result<> {
      while (next_action() <= now) {
        SL_CHECK(perform(world_, description_.actions[progress_.actions]));
        ++progress_.actions;
      }
      return next(FileTime{now.ticks - 1}) == now ? open(now) : save();
    };
    Result<> done = world_.shared().store().as_one(everything);
    if (!done) progress_ = before;
    return done;
  }

  Result<> sample(Fleet& fleet, FileTime now) {
    if (census_ == nullptr || counted_ != fleet.epoch()) census_ = std::make_unique<Census>(fleet);
    counted_ = fleet.epoch();
    Sample out;
    out.at = now;
    out.by_status = census_->count(now);
    SL_TRY(const std::vector<std::uint32_t> hosts, fleet.kms_hosts());
    for (const std::uint32_t number : hosts) {
      const Host& host = fleet.host(number);
      out.hosts.push_back({std::string(fleet.name(host.index)),
                           licensing::kms::client_count(host.state, now),
                           host.state.counters.total(), host.state.counters.failed});
    }
    std::vector<Sample>& series = progress_.series;
    if (!series.empty() && series.back().at == now) series.pop_back();
    series.push_back(std::move(out));
    return {};
  }

  std::vector<std::pair<std::string, Bytes>> blobs() const {
    std::vector<std::pair<std::string, Bytes>> out;
    out.emplace_back(kProgressBlob, encode(progress_));
    return out;
  }
  Result<> save() {
    return world_.shared().store().set_blob(kProgressBlob, encode(progress_), JournalKind::kNone);
  }

  World& world_;
  Description description_;
  Progress progress_;
  std::unique_ptr<Census> census_;
  std::uint64_t counted_ = 0;  // epoch of the fleet that it counts
};

Simulation::Simulation(std::unique_ptr<Work> work) : work_(std::move(work)) {}
Simulation::~Simulation() = default;

Result<std::unique_ptr<Simulation>> Simulation::begin(World& world, ByteSpan bytes) {
  SL_TRY(Description description, read_description(bytes));
  Progress progress;
  progress.description.assign(bytes.begin(), bytes.end());
  progress.start = description.start;
  progress.end = description.start + minutes(static_cast<std::int64_t>(description.duration));
  const FileTime start = progress.start;
  std::unique_ptr<Work> work;
  const auto make = [&]() -> Result<> {
    SL_CHECK(build(world, description));
    work = std::make_unique<Work>(world, std::move(description), std::move(progress));
    return work->open(start);
  };
  SL_CHECK(world.shared().store().as_one(make));
  return std::unique_ptr<Simulation>(new Simulation(std::move(work)));
}

Result<std::unique_ptr<Simulation>> Simulation::resume(World& world) {
  SL_TRY(const std::optional<Bytes> stored, world.shared().store().blob(kProgressBlob));
  if (!stored) return fail(HResult::kErrorNotFound, "no simulation was begun in this world");
  SL_TRY(Progress progress, decode_progress(*stored));
  SL_TRY(Description description, read_description(progress.description));
  return std::unique_ptr<Simulation>(
      new Simulation(std::make_unique<Work>(world, std::move(description), std::move(progress))));
}

const Description& Simulation::description() const { return work_->description(); }
bool Simulation::is_of(ByteSpan description) const {
  const Bytes& known = work_->progress().description;
  return std::equal(known.begin(), known.end(), description.begin(), description.end());
}
const std::vector<Sample>& Simulation::series() const { return work_->progress().series; }
FileTime Simulation::start() const { return work_->progress().start; }
FileTime Simulation::end() const { return work_->progress().end; }
Result<FileTime> Simulation::now() const { return work_->now(); }

Result<RunTotals> Simulation::run(const Options& options, FileTime until) {
  return work_->run(options, until);
}

}  // namespace slwmi::world::simulation
