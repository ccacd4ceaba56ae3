// `slwmi machine`: the machines of a world.
#include <algorithm>
#include <map>

#include "base/function_ref.hpp"
#include "base/text.hpp"
#include "provider/firmware.hpp"
#include "provider/license.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/cli/values.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "tools/machines.hpp"
#include "world/genuine.hpp"
#include "world/session.hpp"
#include "world/shared.hpp"
#include "world/upgrade.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

constexpr std::uint64_t kMostAtOnce = 1'000'000;

// PC, 3 -> PC1 PC2 PC3; with more than nine the numbers get leading zeros, so that names sort as
// they count.
std::vector<std::string> numbered(const std::string& prefix, std::uint64_t count,
                                  std::uint64_t first) {
  const std::size_t width = std::to_string(first + count - 1).size();
  std::vector<std::string> names;
  names.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string digits = std::to_string(first + i);
    names.emplace_back(prefix).append(width - digits.size(), '0').append(digits);
  }
  return names;
}

Outcome run_add(Invocation& in) {
  std::vector<std::string> names = in.values("NAME");
  SL_TRY(const std::uint64_t count, in.number("count", 0));
  SL_TRY(const std::uint64_t first, in.number("first", 1));
  if (in.has("count")) {
    if (names.size() != 1) return usage("--count takes one NAME, which the numbers follow");
    if (count == 0 || count > kMostAtOnce)
      return usage("--count is 1 to " + std::to_string(kMostAtOnce));
    if (first > kMostAtOnce * 1000) return usage("--first is too large");
    names = numbered(names.front(), count, first);
  }
  SL_TRY(world::MachineSpec spec,
         world::parse_profile(in.value("profile", "vista-sp1-kms-client")));
  if (in.has("edition")) spec.edition = in.value("edition");
  if (in.has("domain")) spec.domain = in.value("domain");
  if (in.has("site")) spec.site = in.value("site");
  spec.virtual_machine = in.has("virtual");
  spec.x64 = in.has("x64");
  spec.upgraded = !in.has("clean");
  if (in.has("firmware")) {
    SL_TRY(const licensing::Firmware firmware, licensing::parse_firmware(in.value("firmware")));
    if (spec.role == "oem") return usage("an OEM machine has the firmware of its manufacturer");
    spec.set_firmware(firmware);
  }
  std::vector<world::MachineSpec> specs;
  specs.reserve(names.size());
  for (const std::string& name : names) {
    specs.push_back(spec);
    specs.back().name = name;
  }
  SL_TRY(world::World * world, in.world());
  SL_CHECK(world->add_machines(specs));
  in.note(specs.size() == 1 ? "added " + names.front()
                            : "added " + count_of(names.size(), "machine") + ", " + names.front() +
                                  " to " + names.back());
  SL_TRY(const world::Machine machine, world->machine(names.front()));
  SL_TRY(const HResult found, machine.setup_error());
  if (failed(found))
    in.note("setup reports " + to_hex(found) + " (" + std::string(symbol_of(found)) +
            "): the firmware has no valid Windows marker; activate with a MAK or a retail key");
  return kDone;
}

// Tells machines with 64-bit Windows. Those that have written nothing of their own are as their
// images and policies have them, so that one of many alike is asked.
class Architectures {
 public:
  Result<> open(world::World& world) {
    SL_TRY(columns_, world.shared().store().all_machines());
    SL_TRY(const world::Store::Fleet fleet, world.shared().store().fleet());
    written_ = fleet.written;
    return {};
  }

  Result<bool> is_x64(const world::Machine& machine) {
    const auto at = std::lower_bound(columns_->id.begin(), columns_->id.end(), machine.id());
    const bool alike = at != columns_->id.end() && *at == machine.id() &&
                       !std::binary_search(written_.begin(), written_.end(), machine.id());
    if (!alike) return world::is_x64(machine);
    const auto i = static_cast<std::size_t>(at - columns_->id.begin());
    const std::pair kind(columns_->profile[i], columns_->policies[i]);
    if (const auto known = known_.find(kind); known != known_.end()) return known->second;
    SL_TRY(const bool x64, world::is_x64(machine));
    return known_[kind] = x64;
  }

 private:
  std::shared_ptr<const world::MachineColumns> columns_;
  std::vector<world::MachineId> written_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, bool> known_;
};

std::string_view architecture(bool x64) { return x64 ? "x64" : "x86"; }

Outcome run_list(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::vector<std::string> names, world->machine_names());
  Architectures architectures;
  SL_CHECK(architectures.open(*world));
  RowPrinter rows(in.out(), table_by_default(in));
  for (const std::string& name : names) {
    SL_TRY(const world::Machine machine, world->machine(name));
    SL_TRY(std::string profile, machine.profile());
    SL_TRY(std::string version, machine.version());
    SL_TRY(const bool x64, architectures.is_x64(machine));
    rows.add({{"Name", name},
              {"Profile", std::move(profile)},
              {"Version", std::move(version)},
              {"Architecture", architecture(x64)}});
  }
  rows.finish();
  return kDone;
}

// The products that have a key, as the licensing classes show them.
Result<Cell> licensed_products(Invocation& in, const world::Machine& machine) {
  SL_TRY(const Principal principal, in.caller());
  SL_TRY(world::Session session, machine.connect(principal));
  Cell products;
  products.kind = Cell::Kind::kArray;
  SL_CHECK(session.query(
      "SELECT Name, LicenseStatus FROM SoftwareLicensingProduct WHERE "
      "PartialProductKey IS NOT NULL",
      [&](const world::Row& row) {
        products.items.push_back(object_of({{"Name", cell_of(row.get("Name"))},
                                            {"LicenseStatus", cell_of(row.get("LicenseStatus"))}}));
        return true;
      }));
  return products;
}

Outcome run_show(Invocation& in) {
  SL_TRY(const std::vector<world::Machine> machines, named_machines(in));
  RowPrinter rows(in.out(), list_by_default(in));
  for (const world::Machine& machine : machines) {
    SL_TRY(std::string name, machine.name());
    SL_TRY(std::string profile, machine.profile());
    SL_TRY(std::string version, machine.version());
    SL_TRY(const bool x64, world::is_x64(machine));
    SL_TRY(std::string domain, machine.domain());
    SL_TRY(std::string site, machine.site());
    SL_TRY(const std::vector<std::string> policies, machine.world().policies_of(name));
    SL_TRY(Cell products, licensed_products(in, machine));
    rows.add({{"Name", std::move(name)},
              {"Profile", std::move(profile)},
              {"Version", std::move(version)},
              {"Architecture", architecture(x64)},
              {"Domain", std::move(domain)},
              {"Site", std::move(site)},
              {"Products", std::move(products)},
              {"Policies", array_of(policies)}});
  }
  rows.finish();
  return kDone;
}

Outcome run_remove(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  for (const std::string& name : in.values("NAME")) {
    SL_CHECK(in.machine(name));
  }
  for (const std::string& name : in.values("NAME")) {
    SL_CHECK(world->remove_machine(name));
    in.note("removed " + name);
  }
  return kDone;
}

Outcome run_rename(Invocation& in) {
  SL_TRY(const world::Machine machine, in.machine(in.value("NAME")));
  SL_TRY(const std::string name, machine.name());
  SL_CHECK(machine.world().rename_machine(name, in.value("NEW")));
  in.note("renamed " + name + " to " + in.value("NEW"));
  return kDone;
}

Outcome run_move(Invocation& in) {
  if (in.value("domain").empty() && in.value("site").empty())
    return usage("where to is missing: --domain, --site or both");
  for (const std::string& name : in.values("NAME")) SL_CHECK(in.machine(name));
  SL_TRY(world::World * world, in.world());
  for (const std::string& name : in.values("NAME"))
    SL_CHECK(world->move_machine(name, in.value("domain"), in.value("site")));
  return kDone;
}

// Does something to each machine that is named, or to the one of -m.
Outcome each_machine(Invocation& in, std::string_view done,
                     FunctionRef<Result<>(const world::Machine&)> act) {
  SL_TRY(const std::vector<world::Machine> machines, named_machines(in));
  for (const world::Machine& machine : machines) {
    SL_TRY(const std::string name, machine.name());
    SL_CHECK(act(machine));
    in.note(std::string(done) + " " + name);
  }
  return kDone;
}

Outcome run_restart(Invocation& in) {
  return each_machine(in, "restarted", [](const world::Machine& m) { return m.restart(); });
}

Outcome run_generalize(Invocation& in) {
  return each_machine(in, "generalized", [](const world::Machine& m) { return m.generalize(); });
}

Outcome run_hardware(Invocation& in) {
  return each_machine(in, "changed the hardware of", [](const world::Machine& m) {
    return m.happened({.kind = licensing::EventKind::kHardwareChanged});
  });
}

Outcome run_board(Invocation& in) {
  if (!in.has("firmware")) return usage("--firmware is missing: what the new board has");
  SL_TRY(const licensing::Firmware firmware, licensing::parse_firmware(in.value("firmware")));
  return each_machine(in, "replaced the board of",
                      [&](const world::Machine& m) { return m.replace_board(firmware); });
}

Outcome run_non_genuine(Invocation& in) {
  return each_machine(in, "marked as non-genuine", [&](const world::Machine& m) {
    return m.happened(
        {.kind = licensing::EventKind::kMarkedNonGenuine, .granted = !in.has("no-grace")});
  });
}

Outcome run_tamper(Invocation& in) {
  if (in.has("files"))
    return each_machine(in, "altered files of",
                        [](const world::Machine& m) { return world::tamper_files(m); });
  return each_machine(in, "tampered with", [](const world::Machine& m) {
    return m.happened({.kind = licensing::EventKind::kTampered});
  });
}

// Says what to heed, on standard error; with --check nothing more.
Outcome run_upgrade(Invocation& in) {
  const std::string os = in.value("to", "vista-sp1");
  SL_TRY(const std::vector<world::Machine> machines, named_machines(in));
  std::vector<std::vector<std::string>> advice;
  for (const world::Machine& machine : machines) {
    SL_TRY(std::vector<std::string> remarks, world::upgrade_advice(machine, os));
    advice.push_back(std::move(remarks));
  }
  for (std::size_t i = 0; i < machines.size(); ++i) {
    SL_TRY(const std::string name, machines[i].name());
    for (const std::string& remark : advice[i])
      in.note(std::string(name).append(": ").append(remark));
    if (in.has("check")) continue;
    SL_CHECK(world::upgrade(machines[i], os));
    in.note(std::string("upgraded ").append(name).append(" to ").append(os));
  }
  return kDone;
}

Outcome run_reinstall(Invocation& in) {
  return each_machine(in, "installed Windows again on",
                      [](const world::Machine& m) { return world::reinstall(m); });
}

Outcome run_profiles(Invocation& in) {
  print_names(in, "Profile", world::profile_names());
  return kDone;
}

constexpr Argument kAddArguments[] = {
    {"NAME", "the machine's name; with --count what comes before the number", Count::kMany},
};
constexpr Option kAddOptions[] = {
    {"--profile", "PROFILE", "the operating system and the role (default: vista-sp1-kms-client)"},
    {"--count", "N", "add N machines, numbered"},
    {"--first", "N", "the first number (default: 1)"},
    {"--edition", "NAME", "the edition, such as Business (default: Enterprise)"},
    {"--domain", "NAME", "the DNS domain (default: contoso.com)"},
    {"--site", "NAME", "the site of the network (default: Default-First-Site-Name)"},
    {"--firmware", "KIND",
     "the ACPI_SLIC table: none (the default), no-marker, malformed or marker"},
    {"--clean", "", "no qualifying Windows was there before"},
    {"--virtual", "", "a virtual machine"},
    {"--x64", "", "64-bit Windows"},
};
constexpr Argument kRenameArguments[] = {{"NAME", "the machine"}, {"NEW", "its new name"}};
constexpr Option kMoveOptions[] = {{"--domain", "NAME", "another DNS domain, which restarts it"},
                                   {"--site", "NAME", "another site of the network"}};
constexpr Argument kNames[] = {{"NAME", "the machines", Count::kMany}};
constexpr Option kUpgradeOptions[] = {
    {"--to", "OS", "the operating system (default: vista-sp1)"},
    {"--check", "", "only say what to heed"},
};
constexpr Option kTamperOptions[] = {
    {"--files", "", "files of the system, not the trusted store"},
};
constexpr Option kBoardOptions[] = {
    {"--firmware", "KIND", "its ACPI_SLIC table: none, no-marker, malformed or marker"},
};
constexpr Option kNonGenuineOptions[] = {
    {"--no-grace", "", "without the 30 days to put it right"},
};

constexpr Command kCommands[] = {
    {"add", "add machines to the world", kAddArguments, kAddOptions,
     "A profile is an operating system (vista-rtm, vista-sp1, 2008) and a role (kms-client, "
     "kms-host, mak, oem, "
     "retail, unlicensed): \"slwmi machine profiles\" lists them. All machines of one call are "
     "added, or none.",
     "slwmi machine add PC1\n"
     "slwmi machine add KMS1 --profile 2008-kms-host\n"
     "slwmi machine add PC --count 10000 --profile vista-rtm-kms-client\n"
     "slwmi machine add OLD1 --profile vista-sp1-mak --firmware no-marker --clean\n"
     "slwmi machine add KMS2 --profile vista-rtm-kms-host --x64",
     run_add},
    {"list",
     "list the machines",
     {},
     {},
     "",
     "slwmi machine list\nslwmi machine list --csv",
     run_list},
    {"show",
     "one machine with its products and policies",
     kNamesOrOne,
     {},
     "",
     "slwmi machine show PC1\nslwmi machine show --json",
     run_show},
    {"remove",
     "remove machines with all they hold",
     kNames,
     {},
     "",
     "slwmi machine remove PC1 PC2",
     run_remove},
    {"rename",
     "give a machine another name and restart it",
     kRenameArguments,
     {},
     "A KMS host publishes its new name; the service record of the old one stays until somebody "
     "removes it.",
     "slwmi machine rename KMS1 KMS2",
     run_rename},
    {"move", "put machines into another domain or site", kNames, kMoveOptions, "",
     "slwmi machine move PC1 PC2 --site Ulm\nslwmi machine move KMS1 --domain fabrikam.com",
     run_move},
    {"restart",
     "restart machines at the present time of the clock",
     kNamesOrOne,
     {},
     "What waits for a restart takes effect, such as a rearm.",
     "slwmi machine restart PC1",
     run_restart},
    {"generalize",
     "sysprep /generalize: reset the activation at once",
     kNamesOrOne,
     {},
     "Uses one of the rearms that the edition allows; the client machine ID becomes another.",
     "slwmi machine generalize PC1",
     run_generalize},
    {"change-hardware",
     "change the hardware beyond what an activation tolerates",
     kNamesOrOne,
     {},
     "",
     "slwmi machine change-hardware PC1",
     run_hardware},
    {"replace-board", "replace the board by one with other firmware, and restart", kNamesOrOne,
     kBoardOptions,
     "The hardware is beyond what an activation tolerates; an OEM product is activated again where "
     "the new firmware has a Windows marker.",
     "slwmi machine replace-board PC1 --firmware marker", run_board},
    {"non-genuine", "let a validation find the system not genuine", kNamesOrOne, kNonGenuineOptions,
     "", "slwmi machine non-genuine PC1\nslwmi machine non-genuine PC2 --no-grace",
     run_non_genuine},
    {"tamper", "alter the trusted store of machines, or their licensing files", kNamesOrOne,
     kTamperOptions,
     "An altered store shows at once, altered files with the next validation. Only a new "
     "installation "
     "cures either.",
     "slwmi machine tamper PC1\nslwmi machine tamper PC2 --files", run_tamper},
    {"upgrade", "apply a service pack and restart", kNamesOrOne, kUpgradeOptions,
     "Keys, activation and used resets stay; the new version decides what they mean. A system with "
     "reduced functionality should be activated or reset before, which this command says and "
     "does not enforce. All machines named can be upgraded, or none is.",
     "slwmi machine add OLD1 --profile vista-rtm-mak && slwmi machine upgrade OLD1 --check\n"
     "slwmi machine add OLD2 --profile vista-rtm-mak && slwmi machine upgrade OLD2",
     run_upgrade},
    {"reinstall",
     "install the operating system once more",
     kNamesOrOne,
     {},
     "Registry and event logs are new; hardware, name and policies stay.",
     "slwmi machine reinstall PC1",
     run_reinstall},
    {"profiles", "list the profiles", {}, {}, "", "slwmi machine profiles", run_profiles},
};

}  // namespace

constexpr Group kMachine{"machine",
                         "add, list, show, rename, move and remove machines, and let things happen",
                         kCommands, "list"};

}  // namespace slwmi::tools
