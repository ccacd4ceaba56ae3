#include "world/world.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "provider/architecture.hpp"
#include "provider/catalogue.hpp"
#include "provider/catalogue_loader.hpp"
#include "provider/embedded_schema.hpp"
#include "provider/firmware.hpp"
#include "provider/service.hpp"
#include "schema/mof_compiler.hpp"
#include "world/machine_context.hpp"
#include "world/net/model.hpp"
#include "world/network.hpp"
#include "world/shared.hpp"
#include "world/simulation/engine.hpp"

namespace slwmi::world {
namespace {

constexpr std::size_t kMaxMachineName = 63;  // a DNS label

Result<NewMachine> checked(const MachineSpec& spec, const licensing::Catalogue& catalogue) {
  SL_CHECK(check_machine_name(spec.name));
  if (!spec.domain.empty()) SL_CHECK(net::check_dns_name(spec.domain, "a domain"));
  if (!spec.site.empty()) SL_CHECK(net::check_site_name(spec.site));
  SL_TRY(const licensing::Catalogue::Resolved resolved,
         catalogue.resolve({spec.os, spec.role, spec.edition}));
  NewMachine out{spec.name, spec.domain, {resolved.os->id, ascii_lower(spec.role), spec.edition},
                 0,         spec.site,   spec.installed};
  const bool oem = out.profile.role == "oem";
  out.flags =
      (spec.virtual_machine ? kVirtualMachine : 0u) | (spec.slic_table || oem ? kSlicTable : 0u) |
      (spec.windows_marker || oem ? kWindowsMarker : 0u) |
      (spec.slic_malformed && !oem ? kSlicMalformed : 0u) | (spec.upgraded ? kUpgraded : 0u);
  return out;
}

const licensing::Catalogue& embedded_catalogue() {
  static const std::shared_ptr<const licensing::Catalogue> kCatalogue =
      licensing::load_catalogue(*licensing::embedded_schema())
          .value_or(std::make_shared<licensing::Catalogue>());
  return *kCatalogue;
}

}  // namespace

Result<> check_machine_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= kMaxMachineName && name.front() != '-' &&
                    name.back() != '-' && std::all_of(name.begin(), name.end(), [](char c) {
                      return is_ascii_alpha(c) || is_digit(c) || c == '-' || c == '_';
                    });
  if (good) return {};
  return fail(
      HResult::kErrorInvalidName,
      "\"" + std::string(name) + "\" is no computer name: 1 to 63 letters, digits, '-' or '_'");
}

class World::StoreClock final : public Clock {
 public:
  explicit StoreClock(Store& store) : store_(store) {}
  FileTime now() const override { return store_.now().value_or(FileTime{}); }

 private:
  Store& store_;
};

std::vector<std::string> profile_names() {
  std::vector<std::string> out;
  for (const licensing::OperatingSystem& os : embedded_catalogue().operating_systems()) {
    for (const std::string_view role : licensing::role_names())
      out.push_back(os.id + "-" + std::string(role));
  }
  return out;
}

Result<MachineSpec> parse_profile(std::string_view profile) {
  for (const licensing::OperatingSystem& os : embedded_catalogue().operating_systems()) {
    for (const std::string_view role : licensing::role_names()) {
      if (!equal_ignore_case(os.id + "-" + std::string(role), profile)) continue;
      MachineSpec out;
      out.os = os.id;
      out.role = std::string(role);
      return out;
    }
  }
  // An operating system that a world's own catalogue may have: who adds machines looks there.
  for (const std::string_view role : licensing::role_names()) {
    if (profile.size() < role.size() + 2) continue;
    const std::string_view os = profile.substr(0, profile.size() - role.size() - 1);
    if (!equal_ignore_case("-" + std::string(role), profile.substr(os.size()))) continue;
    MachineSpec out;
    out.os = std::string(os);
    out.role = std::string(role);
    return out;
  }
  std::string message = "there is no profile \"" + std::string(profile) + "\"; there are";
  for (const std::string& name : profile_names()) message += " " + name;
  return fail(HResult::kEInvalidarg, std::move(message));
}

void MachineSpec::set_firmware(licensing::Firmware firmware) {
  slic_table = firmware != licensing::Firmware::kNone;
  windows_marker = firmware == licensing::Firmware::kMarked;
  slic_malformed = firmware == licensing::Firmware::kMalformed;
}

World::World() = default;
World::~World() = default;

Result<std::unique_ptr<World>> World::open(const std::string& path, Mode mode, std::uint64_t seed) {
  std::unique_ptr<World> out(new World);
  SL_TRY(out->shared_, WorldShared::open(path, static_cast<Database::Mode>(mode), seed));
  out->clock_ = std::make_unique<StoreClock>(out->shared_->store());
  return out;
}

Result<std::unique_ptr<World>> World::in_memory(std::uint64_t seed) {
  std::unique_ptr<World> out(new World);
  SL_TRY(out->shared_, WorldShared::in_memory(seed));
  out->clock_ = std::make_unique<StoreClock>(out->shared_->store());
  return out;
}

bool World::created() const { return shared_->store().created(); }
std::uint64_t World::seed() const { return shared_->store().seed(); }
const Clock& World::clock() const { return *clock_; }

// --- machines

Result<Machine> World::add_machine(const MachineSpec& spec) {
  SL_TRY(const auto known, shared_->definitions());
  SL_TRY(const NewMachine machine, checked(spec, *known->catalogue));
  SL_TRY(const std::vector<MachineId> ids, shared_->store().add_machines({&machine, 1}));
  SL_CHECK(start_services({&spec, 1}, ids));
  return Machine(*this, ids.front());
}

Result<> World::check_machine(const MachineSpec& spec) {
  SL_TRY(const auto known, shared_->definitions());
  SL_CHECK(checked(spec, *known->catalogue));
  return {};
}

Result<> World::add_machines(std::span<const MachineSpec> specs) {
  SL_TRY(const auto known, shared_->definitions());
  std::vector<NewMachine> machines;
  machines.reserve(specs.size());
  for (const MachineSpec& spec : specs) {
    SL_TRY(NewMachine machine, checked(spec, *known->catalogue));
    machines.push_back(std::move(machine));
  }
  SL_TRY(const std::vector<MachineId> ids, shared_->store().add_machines(machines));
  return start_services(specs, ids);
}

// What new machines do at once: setup of 64-bit Windows says so in the registry and setup tells of
// firmware that it does not like; a KMS host publishes itself, later when it is installed later.
Result<> World::start_services(std::span<const MachineSpec> specs, std::span<const MachineId> ids) {
  SL_TRY(const FileTime now, shared_->store().now());
  const auto is_host = [&](const MachineSpec& spec) {
    return equal_ignore_case(spec.role, "kms-host") && spec.installed <= now;
  };
  const auto is_checked = [](const MachineSpec& spec) {
    return spec.slic_table && (!spec.windows_marker || spec.slic_malformed);
  };
  const auto starts = [&](const MachineSpec& spec) {
    return spec.x64 || is_host(spec) || is_checked(spec);
  };
  if (std::none_of(specs.begin(), specs.end(), starts)) return {};
  return without_conflict(shared_->store(), [&]() -> Result<> {
    Batch batch(shared_->store());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!starts(specs[i])) continue;
      SL_TRY(const std::unique_ptr<MachineContext> machine,
             MachineContext::make(*shared_, ids[i], batch));
      licensing::Service service(machine->host(), machine->clock());
      if (specs[i].x64) SL_CHECK(licensing::set_sixty_four_bit(machine->host(), machine->clock()));
      if (is_checked(specs[i])) SL_CHECK(service.set_up());
      if (is_host(specs[i])) SL_CHECK(service.publish());
    }
    if (batch.empty()) return {};
    SL_CHECK(batch.commit());
    return {};
  });
}

Result<> World::remove_machine(std::string_view name) {
  SL_TRY(const Machine machine, this->machine(name));
  return shared_->store().remove_machine(machine.id());
}

Result<Machine> World::machine(std::string_view name) {
  SL_TRY(const std::optional<MachineId> id, shared_->store().find_machine(name));
  if (!id) return fail(HResult::kErrorNotFound, "there is no machine " + std::string(name));
  return Machine(*this, *id);
}

Result<std::optional<Machine>> World::oldest_machine() {
  SL_TRY(const std::optional<MachineId> id, shared_->store().oldest_machine());
  return id ? std::optional<Machine>(Machine(*this, *id)) : std::nullopt;
}

Result<std::vector<std::string>> World::machine_names() { return shared_->store().names(); }
Result<std::size_t> World::machine_count() { return shared_->store().machine_count(); }

Result<bool> is_x64(const Machine& machine) {
  SL_TRY(const reg::HiveView view, machine.world().shared().store().view(machine.id()));
  return licensing::is_sixty_four_bit(view);
}

// --- clock

Result<FileTime> World::now() { return shared_->store().now(); }

Result<> World::advance(std::uint64_t by) {
  SL_TRY(const FileTime now, this->now());
  const std::uint64_t left =
      (kMaxFileTime.ticks - now.ticks) / static_cast<std::uint64_t>(minutes(1).ticks);
  if (by > left)
    return fail(HResult::kEInvalidarg, "the clock stops at " + format_iso8601(kMaxFileTime));
  SL_CHECK(simulation::run(*shared_, now + minutes(static_cast<std::int64_t>(by))));
  return {};
}

Result<> World::set_clock(FileTime to) {
  if (to.ticks > kMaxFileTime.ticks)
    return fail(HResult::kEInvalidarg, "the clock stops at " + format_iso8601(kMaxFileTime));
  SL_TRY(const FileTime now, this->now());
  if (to < now) return shared_->store().set_now(to);
  SL_CHECK(simulation::run(*shared_, to));
  return {};
}

// --- the whole

Result<> World::snapshot(std::string_view name, bool replace) {
  if (name.empty()) return fail(HResult::kEInvalidarg, "a snapshot has a name");
  return shared_->store().snapshot(name, replace);
}
Result<> World::restore(std::string_view name) { return shared_->store().restore(name); }
Result<std::vector<std::string>> World::snapshot_names() {
  return shared_->store().snapshot_names();
}
Result<std::uint64_t> World::generation() { return shared_->store().generation(); }

Result<std::string> World::digest() {
  SL_TRY(const Hash128 hash, shared_->store().digest());
  return to_hex(hash);
}

Result<> World::compile_mof(std::string_view text, std::string_view ns) {
  return shared_->change_schema([&](cim::Repository& schema) -> Result<> {
    cim::mof::CompileOptions options;
    SL_TRY(options.ns, cim::Repository::canonical_namespace(ns));
    if (!schema.has_namespace(options.ns))
      return fail(HResult::kWbemEInvalidNamespace, "there is no namespace " + options.ns);
    return cim::mof::compile(text, schema, options);
  });
}

Result<std::vector<std::string>> World::namespaces() {
  SL_TRY(const auto known, shared_->definitions());
  return known->schema->namespaces();
}

}  // namespace slwmi::world
