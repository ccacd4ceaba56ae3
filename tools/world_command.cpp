// `slwmi world`: the file as a whole.
#include <cstdio>
#include <sys/stat.h>

#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

Outcome run_create(Invocation& in) {
  SL_TRY(const std::string path, in.world_path());
  const std::string profile = in.value("profile", "vista-sp1-kms-client");
  SL_TRY(const world::MachineSpec spec, world::parse_profile(profile));
  auto made = world::World::open(path, world::World::Mode::kCreate);
  if (!made) {
    if (made.error().code == HResult::kErrorAlreadyExists) {
      return fail(HResult::kErrorAlreadyExists, path + " is there already");
    }
    return fail(made.error());
  }
  std::vector<world::MachineSpec> specs;
  for (const std::string& name : in.values("MACHINE")) {
    specs.push_back(spec);
    specs.back().name = name;
  }
  if (!specs.empty()) {
    if (const auto added = (*made)->add_machines(specs); !added) {
      made->reset();  // closes the file; what it made goes with it
      for (const char* beside : {"", "-wal", "-shm", "-lock"}) std::remove((path + beside).c_str());
      return fail(added.error());
    }
  }
  in.note("made " + path + " with " + count_of(specs.size(), "machine"));
  return kDone;
}

Outcome run_info(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::string path, in.world_path());
  SL_TRY(const std::size_t machines, world->machine_count());
  SL_TRY(const FileTime now, world->now());
  SL_TRY(const std::uint64_t generation, world->generation());
  SL_TRY(const std::vector<std::string> snapshots, world->snapshot_names());
  SL_TRY(const std::vector<world::World::PolicyStatus> policies, world->policy_status());
  Cell policy_names;
  policy_names.kind = Cell::Kind::kArray;
  for (const auto& policy : policies) policy_names.items.emplace_back(policy.name);
  struct stat info {};
  const bool have_size = ::stat(path.c_str(), &info) == 0;
  RowPrinter rows(in.out(), list_by_default(in));
  rows.add({{"File", path},
            {"Bytes", have_size ? Cell::number(static_cast<std::uint64_t>(info.st_size)) : Cell()},
            {"Machines", Cell::number(std::uint64_t{machines})},
            {"Clock", format_iso8601(now)},
            {"Generation", Cell::number(generation)},
            {"Policies", policy_names},
            {"Snapshots", array_of(snapshots)}});
  rows.finish();
  return kDone;
}

Outcome run_snapshot(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  const std::string name = in.value("NAME");
  if (auto taken = world->snapshot(name, in.has("replace")); !taken) {
    Error error = std::move(taken).error();
    if (error.code == HResult::kErrorAlreadyExists) error.message += "; --replace replaces it";
    return fail(std::move(error));
  }
  in.note("took the snapshot " + name);
  return kDone;
}

Outcome run_restore(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  const std::string name = in.value("NAME");
  if (auto restored = world->restore(name); !restored) {
    if (restored.error().code != HResult::kErrorNotFound) return fail(restored.error());
    return fail(HResult::kErrorNotFound,
                "there is no snapshot " + name + "; slwmi world snapshots shows all");
  }
  in.note("restored the snapshot " + name);
  return kDone;
}

Outcome run_snapshots(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::vector<std::string> names, world->snapshot_names());
  print_names(in, "Snapshot", names);
  return kDone;
}

Outcome run_digest(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::string digest, world->digest());
  const std::string expected = in.value("expect");
  if (in.row_style().chosen) {
    RowPrinter rows = in.rows();
    rows.add({{"Digest", digest}});
    rows.finish();
  } else {
    in.out() << digest << '\n';
  }
  if (in.has("expect") && expected != digest) return kDifferent;
  return kDone;
}

Outcome run_compare(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::string digest, world->digest());
  auto other = world::World::open(in.value("FILE"), world::World::Mode::kOpen);
  if (!other) return fail(other.error());
  SL_TRY(const std::string other_digest, (*other)->digest());
  if (digest == other_digest) return kDone;
  in.note("the worlds differ: " + digest + " and " + other_digest);
  return kDifferent;
}

constexpr Argument kCreateArguments[] = {
    {"MACHINE", "names of machines to start with; none gives an empty world", Count::kAny},
};
constexpr Option kCreateOptions[] = {
    {"--profile", "PROFILE", "the kind of those machines (default: vista-sp1-kms-client)"},
};
constexpr Argument kName[] = {{"NAME", "the snapshot's name"}};
constexpr Option kSnapshotOptions[] = {{"--replace", "", "in place of the one of that name"}};
constexpr Argument kFile[] = {{"FILE", "the other world"}};
constexpr Option kDigestOptions[] = {
    {"--expect", "DIGEST", "exit with 3 when the digest is another"},
};

constexpr Command kCommands[] = {
    {"create", "make a world", kCreateArguments, kCreateOptions,
     "The clock of a new world stands at 2008-03-01T00:00:00Z and moves only by \"slwmi clock\".",
     "slwmi -w lab.slwmi world create\n"
     "slwmi -w lab.slwmi world create PC1 PC2 --profile vista-rtm-mak",
     run_create},
    {"info",
     "what is in the world",
     {},
     {},
     "",
     "slwmi world info\nslwmi -w lab.slwmi world info --json",
     run_info},
    {"snapshot", "keep the present state under a name", kName, kSnapshotOptions, "",
     "slwmi world snapshot before-push\nslwmi world snapshot before-push --replace", run_snapshot},
    {"restore",
     "return to a snapshot",
     kName,
     {},
     "",
     "slwmi world restore before-push",
     run_restore},
    {"snapshots", "list the snapshots", {}, {}, "", "slwmi world snapshots", run_snapshots},
    {"digest",
     "32 hex digits over everything that queries can see",
     {},
     kDigestOptions,
     "Equal worlds have equal digests, whichever machine or compiler made them.",
     "slwmi world digest\n"
     "slwmi world digest --expect $(cat expected.txt) || echo changed",
     run_digest},
    {"compare",
     "exit with 3 when another world differs from this one",
     kFile,
     {},
     "",
     "slwmi -w lab.slwmi world compare other.slwmi",
     run_compare},
};

}  // namespace

constexpr Group kWorld{"world", "make, show, snapshot, restore and compare worlds", kCommands,
                       "info"};

}  // namespace slwmi::tools
