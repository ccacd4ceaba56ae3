// What a command's function works with: its parsed arguments, the world, machine and caller that
// the common options name (opened when first asked for), and the way out for rows and text. Include
// world/world.hpp and world/session.hpp where their types are used.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/function_ref.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"
#include "tools/cli/command.hpp"
#include "tools/cli/rows.hpp"
#include "tools/cli/writer.hpp"

namespace slwmi::world {
class Machine;
class Session;
class World;
}  // namespace slwmi::world

namespace slwmi::tools {

// What a process has around it, as arguments so that tests can give their own.
struct Surroundings {
  Writer& out;
  Writer& err;
  FunctionRef<const char*(const char*)> environment;  // as getenv
  FunctionRef<std::string()> standard_input;          // its next piece; empty at its end
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  int columns = 80;
};

// Words by option or argument name, in the order given.
struct Parsed {
  std::vector<std::pair<std::string, std::vector<std::string>>> values;
  const std::vector<std::string>* find(std::string_view name) const;
};

class Invocation {
 public:
  Invocation(const Surroundings& around, const Group& group, const Command& command, Parsed parsed,
             std::vector<std::string> raw);
  ~Invocation();

  const Command& command() const { return command_; }
  std::string full_name() const;  // "machine add"
  bool has(std::string_view option) const { return parsed_.find(option) != nullptr; }
  // The last value given, else `otherwise`. For arguments too.
  std::string value(std::string_view name, std::string_view otherwise = {}) const;
  const std::vector<std::string>& values(std::string_view name) const;
  const std::vector<std::string>& raw() const { return raw_; }
  // The value as a number; a usage Error names the option.
  tl::expected<std::uint64_t, Failure> number(std::string_view name, std::uint64_t otherwise) const;

  Writer& out() { return around_.out; }
  Writer& err() { return around_.err; }
  const Surroundings& around() const { return around_; }
  bool json() const { return has("json"); }
  bool colored() const;  // standard output
  RowStyle row_style() const;
  RowPrinter rows() { return RowPrinter(out(), row_style()); }
  // A remark for people, on standard error.
  void note(std::string_view text);

  // --- what the common options name ---
  Result<std::string> world_path();
  bool world_is_named() const;  // by an option or $SLWMI_WORLD; otherwise it is the default one
  // Whether there is no default world yet, so that world() would make it.
  Result<bool> makes_world();
  // Opens the world; the default one is made on first use.
  Result<world::World*> world();
  Result<world::Machine> machine();
  Result<world::Machine> machine(const std::string& name);
  Result<Principal> caller();
  Result<world::Session> session();
  std::string name_space() const { return value("namespace", "root\\cimv2"); }

 private:
  Result<> make_default_world(const std::string& path);

  Surroundings around_;
  const Group& group_;
  const Command& command_;
  Parsed parsed_;
  std::vector<std::string> raw_;
  std::shared_ptr<world::World> world_;
};

// A file's bytes, "-" being standard input. The Error names the file and the system's reason.
Result<std::string> read_file(const std::string& path, const Surroundings& around);
Result<> write_file(const std::string& path, std::string_view bytes);

}  // namespace slwmi::tools
