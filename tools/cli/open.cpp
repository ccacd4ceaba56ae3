// Opening what the common options name. Apart from invocation.cpp, because only these functions
// need the world.
#include <cerrno>
#include <cstring>
#include <sys/stat.h>

#include "base/text.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/cli/parse.hpp"
#include "tools/cli/short_process.hpp"
#include "world/session.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

constexpr const char* kDefaultMachine = "PC1";
constexpr const char* kDefaultProfile = "vista-sp1-kms-client";

bool exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

// Makes every folder above the file.
Result<> make_folders(const std::string& file) {
  for (std::size_t at = file.find('/', 1); at != std::string::npos; at = file.find('/', at + 1)) {
    const std::string folder = file.substr(0, at);
    if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) {
      return fail(HResult::kEAccessdenied,
                  "cannot make the folder " + folder + ": " + std::strerror(errno));
    }
  }
  return {};
}

Error with_hint(Error error, const std::string& hint) {
  if (error.message.empty()) error.message = text_of(error.code);
  error.message += "; " + hint;
  return error;
}

}  // namespace

Result<std::string> Invocation::world_path() {
  if (has("world")) return value("world");
  if (const char* given = around_.environment("SLWMI_WORLD"); given != nullptr && *given != '\0')
    return std::string(given);
  std::string base;
  if (const char* data = around_.environment("XDG_DATA_HOME"); data != nullptr && *data == '/') {
    base = data;
  } else if (const char* home = around_.environment("HOME"); home != nullptr && *home != '\0') {
    base = std::string(home) + "/.local/share";
  } else {
    return fail(HResult::kErrorFileNotFound,
                "there is no home folder for the default world; name one with -w FILE");
  }
  return base + "/slwmi/default.slwmi";
}

bool Invocation::world_is_named() const {
  if (has("world")) return true;
  const char* given = around_.environment("SLWMI_WORLD");
  return given != nullptr && *given != '\0';
}

Result<> Invocation::make_default_world(const std::string& path) {
  SL_CHECK(make_folders(path));
  auto made = world::World::open(path, world::World::Mode::kCreate);
  if (!made) {
    // Another process was faster.
    if (made.error().code == HResult::kErrorAlreadyExists) return {};
    return fail(made.error());
  }
  SL_TRY(world::MachineSpec spec, world::parse_profile(kDefaultProfile));
  spec.name = kDefaultMachine;
  SL_CHECK((*made)->add_machine(spec));
  note("made " + path + " with one machine, " + kDefaultMachine + " (" + kDefaultProfile + ")");
  return {};
}

Result<bool> Invocation::makes_world() {
  SL_TRY(const std::string path, world_path());
  return !world_is_named() && !exists(path);
}

Result<world::World*> Invocation::world() {
  if (world_ != nullptr) return world_.get();
  prepare_for_short_process();
  SL_TRY(const std::string path, world_path());
  SL_TRY(const bool makes, makes_world());
  if (makes) SL_CHECK(make_default_world(path));
  auto opened = world::World::open(path, world::World::Mode::kOpen);
  if (!opened) {
    if (opened.error().code != HResult::kErrorFileNotFound) return fail(opened.error());
    return fail(
        HResult::kErrorFileNotFound,
        "there is no world " + path + "; make one with: slwmi -w " + path + " world create");
  }
  world_ = *std::move(opened);
  return world_.get();
}

Result<world::Machine> Invocation::machine() {
  if (has("machine")) return machine(value("machine"));
  SL_TRY(world::World * opened, world());
  SL_TRY(const std::optional<world::Machine> oldest, opened->oldest_machine());
  if (oldest) return *oldest;
  return fail(HResult::kErrorNotFound,
              "the world has no machine yet; add one with: slwmi machine add PC1");
}

Result<world::Machine> Invocation::machine(const std::string& name) {
  SL_TRY(world::World * opened, world());
  auto found = opened->machine(name);
  if (found || found.error().code != HResult::kErrorNotFound) return found;
  SL_TRY(const std::vector<std::string> names, opened->machine_names());
  const std::vector<std::string_view> views(names.begin(), names.end());
  std::string hint =
      names.empty() ? "the world has no machine yet" : "slwmi machine list shows all";
  if (const std::string_view near = nearest(name, views); !near.empty()) {
    hint = "did you mean " + std::string(near) + "?";
  }
  Error error = found.error();
  error.message = "there is no machine " + name;
  return fail(with_hint(std::move(error), hint));
}

Result<world::Session> Invocation::session() {
  SL_TRY(const world::Machine target, machine());
  SL_TRY(const Principal principal, caller());
  return target.connect(principal, name_space());
}

}  // namespace slwmi::tools
