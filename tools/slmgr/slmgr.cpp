#include "tools/slmgr/slmgr.hpp"

#include "world/remote.hpp"

namespace slwmi::slmgr {
namespace {

constexpr std::string_view kVia = "slmgr";

}  // namespace

Finished run(std::span<const std::string> words, const Surroundings& around) {
  const auto line = parse(words, around.version);
  if (!line) {
    std::string out = line.error();
    if (!out.empty()) out += "\n\n";
    return {out + usage(around.version), kWrongUsage};
  }
  Script script(*line, around);
  const Result<> connected = script.connect();
  if (!connected && !line->target.machine.empty())
    script.say(Text::kNoConnection, {line->target.machine});
  const Result<> done = connected ? line->option->run(script) : connected;
  Finished finished{script.take(), 0};
  if (!done) {
    finished.text += error_line(done.error().code, around.version) + "\n";
    finished.exit_code = static_cast<std::int32_t>(value_of(done.error().code));
  }
  return finished;
}

Result<Finished> run(const world::Machine& machine, Principal caller,
                     std::span<const std::string> words, ReadFile read_file) {
  caller.via = kVia;
  SL_TRY(const std::string version, machine.version());
  const auto connect = [&](const Target& target) {
    return open_wmi([machine, caller, target](std::string_view ns) -> Result<world::Session> {
      if (target.machine.empty()) return machine.connect(caller, ns);
      return world::connect_remote(machine, caller, {target.machine, target.user, target.password},
                                   ns);
    });
  };
  const auto license_files = [&] { return world::license_files(machine); };
  return run(words, {version_of(version), connect, read_file, license_files});
}

}  // namespace slwmi::slmgr
