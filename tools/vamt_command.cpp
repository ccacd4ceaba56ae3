// `slwmi vamt`: the Volume Activation Management Tool, whose computer information list is a file.
#include <cstdio>

#include "base/text.hpp"
#include "policy/targeting.hpp"
#include "tools/cli/files.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "world/session.hpp"
#include "world/vamt.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

using licensing::ComputerList;
using licensing::ListedComputer;
using licensing::ListedProduct;
using world::Vamt;
using world::VamtOutcome;
using world::VamtOutcomes;

Result<ComputerList> load(Invocation& in, const std::string& path) {
  SL_TRY(const std::string text, read_file(path, in.around()));
  auto list = licensing::read_computer_list(text);
  if (list) return list;
  Error error = std::move(list).error();
  std::string place = path;
  if (error.at) {
    place += ":" + std::to_string(error.at->line) + ":" + std::to_string(error.at->column);
  }
  error.message = place + ": " + error.message;
  if (!error.token.empty()) error.message += ": \"" + error.token + "\"";
  return fail(std::move(error));
}

// The old list or the new one lies there, whatever happens in between.
Result<> save(const ComputerList& list, const std::string& path) {
  const std::string fresh = path + ".new";
  Result<> written = write_file(fresh, licensing::write_computer_list(list));
  if (written && (!sync_file(fresh) || std::rename(fresh.c_str(), path.c_str()) != 0))
    written = fail(hresult_from_win32(29), path + " cannot be replaced");
  if (!written) std::remove(fresh.c_str());
  return written;
}

Outcome show_outcomes(Invocation& in, const VamtOutcomes& outcomes) {
  RowPrinter rows(in.out(), table_by_default(in));
  std::size_t failures = 0;
  for (const VamtOutcome& outcome : outcomes) {
    failures += failed(outcome.code) ? 1 : 0;
    Record row;
    if (outcome.computer.empty()) {
      row = {{"Key", outcome.product}};
    } else {
      row = {{"Computer", outcome.computer}, {"Product", cell_or_null(outcome.product)}};
    }
    row.push_back({"Result", to_hex(outcome.code)});
    row.push_back({"Text", outcome.text});
    rows.add(std::move(row));
  }
  rows.finish();
  if (failures != 0)
    in.note(std::to_string(failures) + " of " + count_of(outcomes.size(), "result") + " failed");
  return failures == 0 ? kDone : kFailed;
}

// The machines that the words mean: a name as it is, so that one that nobody has is asked for and
// found missing; a pattern or a condition as targets of policies are.
Result<std::vector<std::string>> targets(Invocation& in, const std::vector<std::string>& words) {
  std::vector<std::string> names;
  std::string patterns;
  for (const std::string& word : words) {
    const bool pattern = word.find_first_of("*?!=") != std::string::npos || word == "all";
    if (pattern) {
      patterns += (patterns.empty() ? "" : " ") + word;
    } else {
      names.push_back(word);
    }
  }
  if (patterns.empty()) return names;
  SL_TRY(const policy::TargetSet set, policy::parse_targets(patterns));
  SL_TRY(world::World * world, in.world());
  SL_TRY(const Principal caller, in.caller());
  SL_TRY(const policy::Selection selection, world->select_machines(set, caller));
  for (const policy::Finding& warning : selection.warnings) in.note(warning.message);
  names.insert(names.end(), selection.machines.begin(), selection.machines.end());
  return names;
}

using Step = FunctionRef<Result<VamtOutcomes>(Vamt&, ComputerList&)>;

// Reads the list, takes a step and writes the list back; `fresh` where a new one is fine.
Outcome take(Invocation& in, bool fresh, Step step) {
  const std::string path = in.value("FILE");
  ComputerList list;
  if (!fresh || is_there(path)) {
    SL_TRY(list, load(in, path));
  }
  SL_TRY(const world::Machine home, in.machine());
  SL_TRY(Principal caller, in.caller());
  Vamt vamt(home, std::move(caller), in.value("user"), in.value("password"));
  SL_TRY(const VamtOutcomes outcomes, step(vamt, list));
  SL_CHECK(save(list, in.value("out", path)));
  return show_outcomes(in, outcomes);
}

Outcome run_collect(Invocation& in) {
  SL_TRY(const std::vector<std::string> names, targets(in, in.values("MACHINE")));
  if (names.empty() && !in.values("MACHINE").empty())
    return fail(Error{HResult::kErrorNotFound, "no machine is meant", {}, {}});
  if (names.empty() && !is_there(in.value("FILE")))
    return usage("which machines: " + in.value("FILE") + " is not there yet");
  return take(in, true, [&](Vamt& vamt, ComputerList& list) { return vamt.collect(list, names); });
}

Outcome run_install(Invocation& in) {
  return take(in, false, [&](Vamt& vamt, ComputerList& list) {
    return vamt.install_key(list, in.value("KEY"), in.values("MACHINE"));
  });
}

Outcome run_activate(Invocation& in) {
  return take(in, false, [&](Vamt& vamt, ComputerList& list) {
    return vamt.activate(list, in.values("MACHINE"));
  });
}

Outcome run_confirm(Invocation& in) {
  return take(in, false, [&](Vamt& vamt, ComputerList& list) {
    return vamt.confirm(list, in.values("MACHINE"));
  });
}

Outcome run_apply(Invocation& in) {
  return take(in, false, [&](Vamt& vamt, ComputerList& list) {
    return vamt.apply(list, in.values("MACHINE"));
  });
}

Outcome run_show(Invocation& in) {
  SL_TRY(const ComputerList list, load(in, in.value("FILE")));
  const RowStyle style = table_by_default(in);
  RowPrinter rows(in.out(), style);
  for (const ListedComputer& computer : list.computers) {
    const std::vector<ListedProduct> none(1);
    for (const ListedProduct& product : computer.products.empty() ? none : computer.products) {
      const bool known = !product.sku.empty();
      const std::string_view phone = product.installation_id.empty()   ? ""
                                     : product.confirmation_id.empty() ? "collected"
                                     : product.applied == FileTime{}   ? "confirmed"
                                                                       : "applied";
      Record row = {
          {"Computer", computer.name},
          {"Product", cell_or_null(product.name)},
          {"Key", cell_or_null(product.partial_key)},
          {"Status", known ? Cell::number(static_cast<std::uint64_t>(product.status)) : Cell()},
          {"Minutes", known ? Cell::number(std::uint64_t{product.minutes}) : Cell()},
          {"Proxy", cell_or_null(phone)},
          {"Last", cell_or_null(computer.action)},
          {"Result", computer.action.empty() ? Cell() : Cell(to_hex(computer.result))}};
      if (style.format != Format::kTable) {
        row.push_back({"Domain", cell_or_null(computer.domain)});
        row.push_back({"Collected", cell_or_null(computer.collected)});
        row.push_back({"Description", cell_or_null(product.description)});
        row.push_back({"Reason", product.reason ? Cell(to_hex(*product.reason)) : Cell()});
        row.push_back({"InstallationId", cell_or_null(product.installation_id)});
        row.push_back({"ConfirmationId", cell_or_null(product.confirmation_id)});
        row.push_back({"Confirmed", cell_or_null(product.confirmed)});
        row.push_back({"Applied", cell_or_null(product.applied)});
      }
      rows.add(std::move(row));
    }
  }
  rows.finish();
  return kDone;
}

Outcome run_keys(Invocation& in) {
  const std::string path = in.value("FILE");
  SL_TRY(ComputerList list, load(in, path));
  if (list.keys.empty())
    return fail(Error{HResult::kErrorNotFound, "the list has no MAK; install one", {}, {}});
  SL_TRY(const world::Machine home, in.machine());
  SL_TRY(Principal caller, in.caller());
  SL_TRY(const VamtOutcomes outcomes, Vamt(home, std::move(caller)).query_keys(list));
  SL_CHECK(save(list, in.value("out", path)));
  return show_outcomes(in, outcomes);
}

constexpr Argument kFile[] = {{"FILE", "the computer information list"}};
constexpr Argument kCollect[] = {
    {"FILE", "the computer information list; it is made when it is not there"},
    {"MACHINE", "names, patterns such as lab-*, conditions such as role=mak (default: the list's)",
     Count::kAny},
};
constexpr Argument kFileAndNames[] = {
    {"FILE", "the computer information list"},
    {"MACHINE", "computers of the list (default: all)", Count::kAny},
};
constexpr Argument kInstall[] = {
    {"FILE", "the computer information list"},
    {"KEY", "the MAK"},
    {"MACHINE", "computers of the list (default: all)", Count::kAny},
};
constexpr Option kRemote[] = {
    {"-u,--user", "NAME", "the user on the other computers (default: the caller)"},
    {"--password", "TEXT", "the user's password"},
    {"-o,--out", "FILE", "write the list there, and leave FILE as it is"},
};
constexpr Option kOut[] = {
    {"-o,--out", "FILE", "write the list there, and leave FILE as it is"},
};

constexpr Command kCommands[] = {
    {"collect", "ask machines for their products and put them into a list", kCollect, kRemote,
     "Goes over the world's network from the machine of -m: it needs a way to port 135 and "
     "administrators' rights on the other machine. Ends with exit code 1 when a machine failed.",
     "slwmi vamt collect lab.xml lab-7\nslwmi vamt collect lab.xml 'PC*' role=kms-client",
     run_collect},
    {"show",
     "what a list knows",
     kFile,
     {},
     "",
     "slwmi vamt show cil.xml\nslwmi vamt show cil.xml --json",
     run_show},
    {"install", "install a MAK on the list's computers", kInstall, kRemote,
     "The key is kept in the list, for `slwmi vamt keys`.",
     "slwmi vamt install cil.xml $(slwmi key make Enterprise VOLUME_MAK) MAK1", run_install},
    {"activate", "MAK Independent: let the computers activate themselves", kFileAndNames, kRemote,
     "Each needs a way to the activation service.", "slwmi vamt activate cil.xml MAK1",
     run_activate},
    {"confirm", "MAK Proxy: ask for confirmation IDs in the computers' place", kFileAndNames, kOut,
     "Needs a way from the machine of -m to the activation service, and none to the computers. A "
     "confirmation ID that the list has is not asked for again.",
     "slwmi vamt confirm cil.xml", run_confirm},
    {"apply", "MAK Proxy: return the confirmation IDs to the computers", kFileAndNames, kRemote,
     "Refused with 0xC004F031 where the installation ID has changed since it was collected.",
     "slwmi vamt confirm cil.xml && slwmi vamt apply cil.xml", run_apply},
    {"keys", "ask the activation service what is left of the list's MAKs", kFile, kOut, "",
     "slwmi vamt keys cil.xml", run_keys},
};

}  // namespace

constexpr Group kVamt{"vamt", "activate machines by MAK over the network, or in their place",
                      kCommands};

}  // namespace slwmi::tools
