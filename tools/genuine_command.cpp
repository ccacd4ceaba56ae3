// `slwmi genuine`: genuine validation of machines, and product keys that went bad.
#include "provider/license.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "tools/machines.hpp"
#include "world/genuine.hpp"

namespace slwmi::tools {
namespace {

using licensing::GenuineStatus;

Cell code_cell(HResult code) {
  return failed(code) ? Cell(to_hex(code) + " " + std::string(text_of(code))) : Cell();
}

Outcome run_status(Invocation& in) {
  SL_TRY(const std::vector<world::Machine> machines, named_machines(in));
  RowPrinter rows(in.out(), machines.size() == 1 ? list_by_default(in) : in.row_style());
  for (const world::Machine& machine : machines) {
    SL_TRY(std::string name, machine.name());
    SL_TRY(const GenuineStatus status, world::genuine_status(machine));
    Record row = {{"Name", std::move(name)},
                  {"GenuineState", licensing::name_of(status.state)},
                  {"Reason", code_cell(status.reason)},
                  {"Since", cell_or_null(status.since)},
                  {"GraceUntil", cell_or_null(status.until)},
                  {"CheckedKey", status.key ? Cell(licensing::partial_text(*status.key)) : Cell()},
                  {"LastValidation", cell_or_null(status.last ? status.last->time : FileTime{})},
                  {"LastResult", status.last ? Cell(to_hex(status.last->code)) : Cell()}};
    rows.add(std::move(row));
  }
  rows.finish();
  return kDone;
}

Outcome run_validate(Invocation& in) {
  SL_TRY(const std::vector<world::Machine> machines, named_machines(in));
  RowPrinter rows(in.out(), table_by_default(in));
  bool good = true;
  for (const world::Machine& machine : machines) {
    SL_TRY(std::string name, machine.name());
    const Result<> done = world::validate(machine);
    const HResult code = done ? HResult::kSOk : done.error().code;
    good &= done.has_value();
    rows.add({{"Name", std::move(name)},
              {"Result", to_hex(code)},
              {"Meaning", done ? "the system is genuine" : done.error().message}});
  }
  rows.finish();
  return good ? kDone : kFailed;
}

Outcome run_mark(Invocation& in) {
  if (in.has("undo") && in.has("no-grace"))
    return usage("--undo and --no-grace exclude each other");
  SL_TRY(world::World * world, in.world());
  SL_CHECK(world->mark_non_genuine(in.value("KEY"), !in.has("undo"), !in.has("no-grace")));
  return kDone;
}

Outcome run_uses(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::vector<world::KeyUse> uses, world::uses_of_key(*world, in.value("KEY")));
  RowPrinter rows(in.out(), table_by_default(in));
  for (const world::KeyUse& use : uses) {
    rows.add({{"Name", use.machine},
              {"Use", use.kms_host    ? "its key as a KMS host"
                      : use.installed ? "its key"
                                      : "activated by a KMS host with it"},
              {"LicenseStatus", Cell::number(static_cast<std::uint64_t>(use.status))}});
  }
  rows.finish();
  return kDone;
}

constexpr Argument kKey[] = {{"KEY", "the product key"}};
constexpr Option kMarkOptions[] = {
    {"--no-grace", "", "without the 30 days to put it right"},
    {"--undo", "", "take the mark back"},
};

constexpr Command kCommands[] = {
    {"status",
     "the genuine state of machines and what their last validation found",
     kNamesOrOne,
     {},
     "A KMS client answers for the key of the KMS host that activated it.",
     "slwmi genuine status\nslwmi genuine status PC1 --json",
     run_status},
    {"validate",
     "let machines go to the validation site",
     kNamesOrOne,
     {},
     "Prints each result; exit code 1 when one is no success. A failed validation leaves event "
     "8209, "
     "which has its reason, and begins the non-genuine grace period. A system that was found "
     "non-genuine stays so until it was activated with a good key and then validated.",
     "slwmi genuine validate PC1",
     run_validate},
    {"mark", "mark a product key that was lost or misused as non-genuine", kKey, kMarkOptions,
     "It activates nothing more, and systems that answer for it fail validations.",
     "slwmi genuine mark $(slwmi key make Enterprise VOLUME_MAK)\n"
     "slwmi genuine mark $(slwmi key make Enterprise VOLUME_KMS) --no-grace",
     run_mark},
    {"uses",
     "the machines that a product key licenses",
     kKey,
     {},
     "Before a bad key is replaced: every KMS host that has it needs another one.",
     "slwmi genuine uses $(slwmi key make Enterprise VOLUME_KMS)",
     run_uses},
};

}  // namespace

constexpr Group kGenuine{"genuine", "validate machines, and mark product keys that went bad",
                         kCommands, "status"};

}  // namespace slwmi::tools
