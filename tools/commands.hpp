// Every command group of slwmi. To add one: define it in a file of its own, name it here and in
// tools/cli/groups.cpp.
#pragma once

#include "tools/cli/command.hpp"

namespace slwmi::tools {

extern const Group kTour;
extern const Group kWorld;
extern const Group kMachine;
extern const Group kNet;
extern const Group kQuery;
extern const Group kWatch;
extern const Group kGet;
extern const Group kPut;
extern const Group kDelete;
extern const Group kCall;
extern const Group kClass;
extern const Group kMof;
extern const Group kReg;
extern const Group kPolicy;
extern const Group kClock;
extern const Group kEvents;
extern const Group kReport;
extern const Group kHealth;
extern const Group kInventory;
extern const Group kDoctor;
extern const Group kSim;
extern const Group kKeyGroup;
extern const Group kGenuine;
extern const Group kExperience;
extern const Group kKms;
extern const Group kVamt;
extern const Group kRights;
extern const Group kWqlGroup;
extern const Group kSlmgr;
extern const Group kExplain;
extern const Group kSlui;

}  // namespace slwmi::tools
