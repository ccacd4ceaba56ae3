// slmgr.vbs, the script with which administrators manage the licensing of Windows: `run` takes the
// words after its name and gives what it prints and its exit code. It works through WMI as every
// script does and holds no licensing rules; which words, labels and quirks there are is rows of
// era.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/principal.hpp"
#include "base/result.hpp"
#include "tools/slmgr/script.hpp"
#include "world/machine.hpp"

namespace slwmi::slmgr {

inline constexpr std::int32_t kWrongUsage = 1;  // an exit code

struct Finished {
  std::string text;  // all that cscript //nologo prints; every line ends with a line feed
  // 0; 1 for wrong usage; after a failure its code, which as an HRESULT is negative.
  std::int32_t exit_code = 0;
};

// What is left of an exit code of Windows in the 8 bits of a process: 0 to 254 stay, everything
// else is 255.
constexpr int process_exit_code(std::int32_t code) { return code >= 0 && code < 255 ? code : 255; }

// Runs the script.
Finished run(std::span<const std::string> words, const Surroundings& around);

// The same on a machine of a world, by `caller` whatever tool it names: the words may lead to
// another machine. `read_file` reads the argument of /ilc. The Error is the simulation's: the
// machine is gone.
Result<Finished> run(const world::Machine& machine, Principal caller,
                     std::span<const std::string> words, ReadFile read_file);

}  // namespace slwmi::slmgr
