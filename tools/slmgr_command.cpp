// `slwmi slmgr`: the script slmgr.vbs on a machine of the world; all of it is in tools/slmgr/.
#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"
#include "tools/slmgr/grammar.hpp"
#include "tools/slmgr/slmgr.hpp"
#include "world/session.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

// What the script answers. Its help is not worth making the default world for.
Result<slmgr::Finished> answer(Invocation& in) {
  SL_TRY(const bool makes_world, in.makes_world());
  if (in.raw().empty() && makes_world)
    return slmgr::Finished{slmgr::usage(slmgr::kVistaSp1), slmgr::kWrongUsage};
  SL_TRY(const world::Machine machine, in.machine());
  SL_TRY(Principal caller, in.caller());
  const auto read = [&](const std::string& path) { return read_file(path, in.around()); };
  return slmgr::run(machine, std::move(caller), in.raw(), read);
}

Outcome run_slmgr(Invocation& in) {
  SL_TRY(const slmgr::Finished finished, answer(in));
  if (in.json()) {
    RowPrinter rows = in.rows();
    rows.add(
        {{"text", finished.text}, {"exit_code", Cell::number(std::int64_t{finished.exit_code})}});
    rows.finish();
  } else {
    in.out() << printable(finished.text, in.around().out_is_terminal);
  }
  return slmgr::process_exit_code(finished.exit_code);
}

constexpr Argument kArguments[] = {
    {"MACHINE", "another machine to work on", Count::kOptional},
    {"USER PASSWORD", "an administrator there; without them as the caller", Count::kOptional},
    {"/OPTION", "what to do, with its arguments; without one slmgr lists them all",
     Count::kOptional},
};

constexpr Command kCommands[] = {
    {"",
     "slmgr.vbs: keys, activation, KMS settings, and what /dli and /dlv show",
     kArguments,
     {},
     "Grammar, labels and exit codes are the script's of Windows Vista and Server 2008, under "
     "cscript //nologo. -m and --as, which stand before the word slmgr, say on which machine it "
     "runs and who runs it; the caller's tool is always slmgr, so that UserOperations counts. "
     "Options begin with / or -.\n\n"
     "Exit code 0: done, or nothing found to do it with; 1: wrong usage. A failure ends Windows' "
     "script with its HRESULT, which does not fit an exit code here: it is 255 then, and the code "
     "is in the text, and with --json in exit_code.",
     "slwmi slmgr /dli\n"
     "slwmi --as standard slmgr /dlv all\n"
     "slwmi slmgr /skms kms1.contoso.com:1688\n"
     "slwmi slmgr KMS1 contoso\\\\administrator secret /sri 1440\n"
     "slwmi -m KMS1 slmgr -ipk $(slwmi key make Enterprise VOLUME_KMS --os 2008)",
     run_slmgr,
     false,
     true},
};

}  // namespace

constexpr Group kSlmgr{"slmgr", "slmgr.vbs, as administrators know it", kCommands};

}  // namespace slwmi::tools
