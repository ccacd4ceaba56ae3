// `slwmi sim`: described worlds, their runs and what came of them.
#include "base/duration.hpp"
#include "base/text.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "tools/sim_chart.hpp"
#include "tools/sim_files.hpp"
#include "world/simulation/fuzz.hpp"
#include "world/simulation/simulation.hpp"
#include "world/simulation/story.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

namespace simulation = world::simulation;
using simulation::Simulation;

// A progress bar on a terminal, nothing elsewhere.
class Bar {
 public:
  Bar(Invocation& in, const Simulation& run) : in_(in), run_(run) {}
  ~Bar() {
    if (shown_) {
      in_.err() << "\r\x1b[K";
      in_.err().flush();
    }
  }
  Bar(const Bar&) = delete;
  Bar& operator=(const Bar&) = delete;

  void show(FileTime now) {
    if (!in_.around().err_is_terminal) return;
    in_.err() << '\r' << progress_bar(run_.start(), now, run_.end(), in_.around().columns - 1);
    in_.err().flush();
    shown_ = true;
  }

 private:
  Invocation& in_;
  const Simulation& run_;
  bool shown_ = false;
};

struct Opened {
  std::unique_ptr<world::World> world;
  std::unique_ptr<Simulation> simulation;
};

// What is wrong with a description, as compilers tell it: "FILE:LINE:COLUMN: ...". Without FILE it
// is the one that the world keeps.
Error in_description(const Invocation& in, Error error) {
  if (!error.at || error.at->line == 0) return error;
  const std::string line = std::to_string(error.at->line);
  const std::string column = std::to_string(error.at->column);
  const std::string file = in.value("FILE");
  const std::string place = file.empty()
                                ? "line " + line + ", column " + column + " of the description"
                                : file + ":" + line + ":" + column;
  error.message = place + ": " + error.message;
  return error;
}

tl::expected<Opened, Failure> open_unplaced(Invocation& in, bool in_memory) {
  Opened out;
  const std::string file = in.value("FILE");
  in_memory = in_memory || !in.has("world");
  if (in_memory && file.empty()) return usage("name a world description, or a world with -w");
  std::string text;
  std::uint64_t seed = 0;
  if (!file.empty()) {
    SL_TRY(text, read_file(file, in.around()));
    SL_TRY(const simulation::Description description, simulation::read_description(as_bytes(text)));
    seed = description.seed;
  }
  if (in_memory) {
    SL_TRY(out.world, world::World::in_memory(seed));
  } else {
    const auto mode = file.empty() ? world::World::Mode::kOpen : world::World::Mode::kOpenOrCreate;
    SL_TRY(out.world, world::World::open(in.value("world"), mode, seed));
    auto known = Simulation::resume(*out.world);
    if (known && !file.empty() && !(*known)->is_of(as_bytes(text)))
      return fail(HResult::kErrorAlreadyExists,
                  in.value("world") + " holds the simulation of another description");
    if (known) {
      out.simulation = *std::move(known);
      return out;
    }
    if (file.empty() || known.error().code != HResult::kErrorNotFound) return fail(known.error());
  }
  SL_TRY(out.simulation, Simulation::begin(*out.world, as_bytes(text)));
  return out;
}

// The simulation that a file describes, in the world that is named or in memory; or the one that
// the world holds already.
tl::expected<Opened, Failure> open_simulation(Invocation& in, bool in_memory) {
  return open_unplaced(in, in_memory).map_error([&](Failure failure) {
    failure.error = in_description(in, std::move(failure.error));
    return failure;
  });
}

tl::expected<simulation::Driver, Failure> driver_of(const Invocation& in) {
  const std::string name = in.value("driver", "fleet");
  if (name == "fleet") return simulation::Driver::kFleet;
  if (name == "provider") return simulation::Driver::kProvider;
  return usage("--driver is fleet or provider");
}

Outcome print_series(Invocation& in, const Simulation& run) {
  if (in.row_style().chosen) {
    RowPrinter rows = in.rows();
    for (const simulation::Sample& sample : run.series()) rows.add(record_of(sample));
    rows.finish();
    return kDone;
  }
  ChartStyle style;
  style.columns = in.around().columns;
  style.color = in.colored();
  in.out() << chart_of(run.series(), style);
  return kDone;
}

Outcome run_run(Invocation& in) {
  SL_TRY(const simulation::Driver driver, driver_of(in));
  FileTime until = kMaxFileTime;
  SL_TRY(Opened opened, open_simulation(in, false));
  Simulation& run = *opened.simulation;
  if (in.has("until")) {
    const auto offset = parse_duration(in.value("until"));
    if (!offset) return usage("--until is a time after the start, such as 30d");
    until = run.start() + minutes(static_cast<std::int64_t>(*offset));
  }
  std::unique_ptr<ExchangeFile> attempts;
  if (in.has("attempts")) {
    if (driver != simulation::Driver::kFleet) return usage("--attempts goes with the fleet driver");
    SL_TRY(attempts, ExchangeFile::open(in.value("attempts"), *opened.world, run.start()));
  }
  {
    Bar bar(in, run);
    Simulation::Options options;
    options.driver = driver;
    options.observer = attempts.get();
    options.progress = [&](FileTime now) {
      bar.show(now);
      return true;
    };
    if (auto ran = run.run(options, until); !ran)
      return fail(in_description(in, std::move(ran).error()));
  }
  if (attempts != nullptr) SL_CHECK(attempts->close());
  if (in.has("series")) SL_CHECK(write_series(in.value("series"), run.series()));
  if (in.has("digest")) {
    SL_TRY(const std::string digest, opened.world->digest());
    in.out() << digest << '\n';
    return kDone;
  }
  return print_series(in, run);
}

Outcome run_check(Invocation& in) {
  SL_TRY(const Opened opened, open_simulation(in, true));
  const simulation::Description& description = opened.simulation->description();
  in.note(count_of(description.machine_count(), "machine") + ", " +
          format_duration(description.duration) + " from " + format_iso8601(description.start));
  return kDone;
}

Outcome run_replay(Invocation& in) {
  SL_TRY(Opened opened, open_simulation(in, true));
  SL_TRY(const world::Machine machine, opened.world->machine(in.value("MACHINE")));
  simulation::Story story(machine.id());
  Simulation::Options options;
  options.observer = &story;
  if (auto ran = opened.simulation->run(options); !ran)
    return fail(in_description(in, std::move(ran).error()));
  SL_TRY(const std::vector<simulation::StoryLine> lines, story.lines(opened.world->shared()));
  return print_story(in, lines);
}

Outcome run_trace(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_TRY(const world::Machine machine, in.machine(in.value("MACHINE")));
  SL_TRY(const std::vector<simulation::StoryLine> lines,
         simulation::trace(world->shared(), machine.id()));
  return print_story(in, lines);
}

Outcome run_fuzz(Invocation& in) {
  SL_TRY(const std::uint64_t worlds, in.number("worlds", 2000));
  SL_TRY(const std::uint64_t seed, in.number("seed", 0));
  simulation::FuzzTotals totals;
  for (std::uint64_t i = 0; i < worlds; ++i) {
    SL_TRY(const std::vector<std::string> broken, simulation::fuzz(seed + i, totals));
    for (const std::string& law : broken)
      in.out() << "seed " << std::to_string(seed + i) << ": " << law << '\n';
    if (!broken.empty()) return kFailed;
    if (in.around().err_is_terminal && i % 64 == 0) {
      in.err() << '\r' << std::to_string(i) << " worlds";
      in.err().flush();
    }
  }
  if (in.around().err_is_terminal) in.err() << "\r\x1b[K";
  print_totals(in, totals);
  return kDone;
}

constexpr Argument kDescription[] = {{"FILE", "a world description", Count::kOptional}};
constexpr Argument kFile[] = {{"FILE", "a world description"}};
constexpr Argument kFileAndMachine[] = {{"FILE", "a world description"}, {"MACHINE", "its name"}};
constexpr Argument kMachineName[] = {{"MACHINE", "its name"}};

constexpr Option kRunOptions[] = {
    {"--until", "TIME", "stop at this time after the start: 30d"},
    {"--series", "FILE", "write the time series: .json as JSON, else as CSV"},
    {"--attempts", "FILE", "write every KMS exchange as CSV"},
    {"--driver", "NAME", "fleet (the default) or provider, the slow reference"},
    {"--digest", "", "print the world's digest instead of the series"},
};
constexpr Option kFuzzOptions[] = {
    {"--worlds", "N", "how many (default: 2000)"},
    {"--seed", "N", "of the first (default: 0)"},
};

constexpr Option kStoryOptions[] = {
    {"-a,--all", "", "a line for every attempt, however alike they are"},
};

constexpr Command kCommands[] = {
    {"run", "make a described world and let its time pass", kDescription, kRunOptions,
     "Prints the machines by licensing state over time: a chart, or rows with --json, --csv or "
     "--table.\n\nWith -w the world is a file, durable at every checkpoint: a run that was "
     "interrupted goes on from the last one, without FILE too, and ends in the same world.",
     "slwmi sim run contoso.json\nslwmi -w contoso.slwmi sim run contoso.json --series counts.csv\n"
     "slwmi -w contoso.slwmi sim run",
     run_run},
    {"check",
     "tell whether a world description is right",
     kFile,
     {},
     "The world is made in memory, and no time passes. What is wrong is told with file, line and "
     "column, in JSON, INFO and XML alike.",
     "slwmi sim check contoso.json",
     run_check},
    {"replay", "run a described world and tell one machine's story", kFileAndMachine, kStoryOptions,
     "The world is made in memory and thrown away; \"sim trace\" tells the same of one that was "
     "kept.\n\nAttempts that fail in the same way are one line, which counts them; rows (--json, "
     "--csv, --table) and --all have each.",
     "slwmi sim replay contoso.json PC0001\nslwmi sim replay contoso.json PC0001 --all",
     run_replay},
    {"trace", "tell a machine's story from the world's event logs", kMachineName, kStoryOptions,
     "Attempts that fail in the same way are one line, as in \"sim replay\".",
     "slwmi -w contoso.slwmi sim trace PC0001", run_trace},
    {"fuzz",
     "check the laws of activation on random worlds",
     {},
     kFuzzOptions,
     "Each world is watched by the laws; one in fifty is run in steps and by the provider driver, "
     "too, which must leave the same digest. What is broken is told with the seed of its world.",
     "slwmi sim fuzz --worlds 100 --seed 7",
     run_fuzz},
};

}  // namespace

constexpr Group kSim{"sim", "simulate whole worlds: fleets, outages, time series", kCommands};

}  // namespace slwmi::tools
