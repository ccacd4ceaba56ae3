// The list of commands, in the order of the help, and the options that all of them take.
#include <array>

#include "tools/commands.hpp"

namespace slwmi::tools {
namespace {

constexpr Option kCommonOptions[] = {
    {"-w,--world", "FILE",
     "the world; else $SLWMI_WORLD, else slwmi/default.slwmi in the XDG data folder"},
    {"-m,--machine", "NAME", "the machine (default: the one that was added first)"},
    {"--as", "WHO",
     "the caller: administrator (the default), administrator-unelevated, standard, anonymous, "
     "network-service, local-service, system, or a SID"},
    {"-n,--namespace", "NAME", "the WMI namespace (default: root\\cimv2)"},
    {"--via", "TOOL", "the tool that the caller uses, such as slmgr"},
    {"--json", "", "rows as a JSON array of objects, errors as one JSON object"},
    {"--csv", "", "rows as comma-separated values"},
    {"--table", "", "rows as a table (the default on a terminal)"},
    {"--list", "", "rows as a list of name and value (the default elsewhere)"},
    {"-h,--help", "", "what the command does, with examples"},
};

constexpr const Group* kGroups[] = {
#ifdef SLWMI_HAVE_WORLD
    &kTour,       &kWorld,     &kMachine, &kNet,      &kQuery,    &kWatch, &kGet,    &kCall,
    &kPut,        &kDelete,    &kClass,   &kMof,      &kReg,      &kSlmgr, &kEvents, &kReport,
    &kHealth,     &kInventory, &kDoctor,  &kKeyGroup, &kKms,      &kVamt,  &kRights, &kGenuine,
    &kExperience, &kPolicy,    &kClock,   &kSim,      &kWqlGroup,
#endif
    &kExplain,    &kSlui};

}  // namespace

std::span<const Option> common_options() { return kCommonOptions; }
std::span<const Group* const> groups() { return kGroups; }

}  // namespace slwmi::tools
