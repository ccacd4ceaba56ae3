#include "world/world.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "provider/activation_service.hpp"
#include "provider/catalogue.hpp"
#include "provider/catalogue_loader.hpp"
#include "provider/embedded_schema.hpp"
#include "provider/installation_id.hpp"
#include "provider/product_key.hpp"
#include "provider/service.hpp"
#include "schema/mof_compiler.hpp"
#include "world/machine_context.hpp"
#include "world/net/model.hpp"
#include "world/network.hpp"
#include "world/shared.hpp"

namespace slwmi::world {
namespace {

constexpr std::size_t kMaxMachineName = 63;  // a DNS label

Result<NewMachine> checked(const MachineSpec& spec, const licensing::Catalogue& catalogue) {
  SL_CHECK(check_machine_name(spec.name));
  if (!spec.domain.empty()) SL_CHECK(net::check_dns_name(spec.domain, "a domain"));
  if (!spec.site.empty()) SL_CHECK(net::check_site_name(spec.site));
  SL_TRY(const licensing::Catalogue::Resolved resolved,
         catalogue.resolve({spec.os, spec.role, spec.edition}));
  NewMachine out{spec.name,
                 spec.domain,
                 {resolved.os->id, ascii_lower(spec.role), spec.edition},
                 0,
                 spec.site};
  const bool oem = out.profile.role == "oem";
  out.flags = (spec.virtual_machine ? kVirtualMachine : 0u) |
              (spec.slic_table || oem ? kSlicTable : 0u) |
              (spec.windows_marker || oem ? kWindowsMarker : 0u) | (spec.upgraded ? kUpgraded : 0u);
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
  SL_CHECK(start_kms({&spec, 1}, ids));
  return Machine(*this, ids.front());
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
  return start_kms(specs, ids);
}

// The Key Management Service of new hosts starts, which publishes it.
Result<> World::start_kms(std::span<const MachineSpec> specs, std::span<const MachineId> ids) {
  const auto is_host = [](const MachineSpec& spec) {
    return equal_ignore_case(spec.role, "kms-host");
  };
  if (std::none_of(specs.begin(), specs.end(), is_host)) return {};
  return without_conflict(shared_->store(), [&]() -> Result<> {
    Batch batch(shared_->store());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!is_host(specs[i])) continue;
      SL_TRY(const std::unique_ptr<MachineContext> host,
             MachineContext::make(*shared_, ids[i], batch));
      SL_CHECK(licensing::Service(host->host(), host->clock()).publish());
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

// --- clock

Result<FileTime> World::now() { return shared_->store().now(); }

Result<> World::advance(std::uint64_t by) {
  SL_TRY(const FileTime now, this->now());
  const std::uint64_t left =
      (kMaxFileTime.ticks - now.ticks) / static_cast<std::uint64_t>(minutes(1).ticks);
  if (by > left)
    return fail(HResult::kEInvalidarg, "the clock stops at " + format_iso8601(kMaxFileTime));
  return shared_->store().set_now(now + minutes(static_cast<std::int64_t>(by)));
}

Result<> World::set_clock(FileTime to) {
  if (to.ticks > kMaxFileTime.ticks)
    return fail(HResult::kEInvalidarg, "the clock stops at " + format_iso8601(kMaxFileTime));
  return shared_->store().set_now(to);
}

// --- the whole

Result<> World::snapshot(std::string_view name) {
  if (name.empty()) return fail(HResult::kEInvalidarg, "a snapshot has a name");
  return shared_->store().snapshot(name);
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

// --- the activation service

namespace {

Result<> change_key(WorldShared& world, std::string_view text,
                    const std::function<void(licensing::KeyLedger&)>& change) {
  SL_TRY(const licensing::ProductKey key, licensing::parse_product_key(text));
  return change_ledger(world, [&](licensing::ActivationLedger& ledger) -> Result<> {
    change(ledger.keys[{key.group, key.serial}]);
    return {};
  });
}

}  // namespace

Result<> World::block_key(std::string_view key) {
  return change_key(*shared_, key, [](licensing::KeyLedger& ledger) { ledger.blocked = true; });
}
Result<> World::mark_non_genuine(std::string_view key, bool non_genuine, bool grace) {
  return change_key(*shared_, key, [&](licensing::KeyLedger& ledger) {
    ledger.non_genuine = non_genuine;
    ledger.no_grace = non_genuine && !grace;
  });
}
Result<> World::extend_key(std::string_view key, std::uint32_t activations) {
  return change_key(*shared_, key,
                    [&](licensing::KeyLedger& ledger) { ledger.extension += activations; });
}

Result<std::string> World::confirmation_id(std::string_view installation_id) {
  SL_CHECK(licensing::parse_installation_id(installation_id, seed()));
  return licensing::confirmation_id(installation_id, seed());
}

Result<std::string> World::product_key(std::string_view edition, std::string_view channel,
                                       std::uint32_t serial, std::string_view os) {
  SL_TRY(const auto known, shared_->definitions());
  SL_TRY(const licensing::Channel wanted, licensing::parse_channel(channel));
  const licensing::OperatingSystem* const system = known->catalogue->find_system(os);
  if (!os.empty() && system == nullptr)
    return fail(HResult::kErrorNotFound, "there is no system \"" + std::string(os) + "\"");
  const licensing::Product* best = nullptr;
  // Base products that were released come first.
  const auto rank = [](const licensing::Product& product) {
    return (product.is_addon() ? 2 : 0) + (product.prerelease ? 1 : 0);
  };
  for (const auto& product : known->catalogue->products()) {
    const auto& media = product->media;
    const auto carries = [&](const std::string& medium) {
      return std::find(media.begin(), media.end(), medium) != media.end();
    };
    if (product->channel != wanted || !equal_ignore_case(product->edition, edition)) continue;
    if (system != nullptr && !carries(system->volume_media) && !carries(system->retail_media))
      continue;
    if (best == nullptr || rank(*product) < rank(*best)) best = product.get();
  }
  if (best != nullptr) return licensing::to_text({best->key_group, serial});
  return fail(HResult::kErrorNotFound, "the catalogue has no " + std::string(edition) +
                                           " of channel " + std::string(channel) +
                                           (os.empty() ? "" : " for " + std::string(os)));
}

}  // namespace slwmi::world
