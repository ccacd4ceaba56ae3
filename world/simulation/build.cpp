#include "world/simulation/build.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "policy/targeting.hpp"
#include "provider/license.hpp"
#include "provider/service.hpp"
#include "world/machine_context.hpp"
#include "world/simulation/fleet_storer.hpp"

namespace slwmi::world::simulation {
namespace {

using licensing::License;

TickSpan span_of(Offset offset) { return minutes(static_cast<std::int64_t>(offset)); }

FileTime installed_at(const Description& description, const Group& group, std::uint32_t number) {
  FileTime out = description.start + span_of(group.start);
  if (group.spread == 0) return out;
  const std::uint64_t draw =
      random_value(combine(description.seed, hash64(group.name)), number, {}, "installed");
  return out + span_of(random_below(draw, group.spread + 1));
}

// The state that a clone of `image` wakes up with. Without generalization it has the client machine
// ID of the reference machine, and as much of the grace period behind it.
License clone_state(const Image& image, const Description& description, License license) {
  const std::uint64_t made = hash64(image.name, description.seed);
  const std::uint64_t client_id = combine(made, 1);
  if (image.generalized) {
    license.rearms_used = 1;
    license.generation = 1;
    license.previous_client_id = client_id;
    return license;
  }
  license.client_id = client_id;
  license.generation = 1;
  license.grace_start -= static_cast<licensing::Minute>(image.age);
  license.key_installed_at -= static_cast<licensing::Minute>(image.age);
  return license;
}

tl::unexpected<Error> placed(Error error, const policy::Place& place) {
  error.at = place.at;
  error.message = place.path + " is refused: " + error.message;
  return fail(std::move(error));
}

MachineSpec spec_of(const Description& description, const Group& group, std::uint32_t number) {
  MachineSpec spec = group.spec;
  spec.name = machine_name(group, number);
  spec.installed = installed_at(description, group, number);
  return spec;
}

// Why the machines could not be added, with the place of the group whose fault it is.
tl::unexpected<Error> whose_fault(World& world, const Description& description, Error error) {
  std::unordered_set<std::string> names;
  for (const Group& group : description.groups) {
    for (std::uint32_t i = 0; i < group.count; ++i) {
      const MachineSpec spec = spec_of(description, group, group.first + i);
      if (Result<> fits = world.check_machine(spec); !fits)
        return placed(std::move(fits).error(), group.place);
      if (!names.insert(ascii_lower(spec.name)).second)
        return placed({HResult::kErrorAlreadyExists,
                       "there is a machine " + spec.name + " before it",
                       {},
                       {}},
                      group.place);
    }
  }
  return fail(std::move(error));
}

Result<> add_machines(World& world, const Description& description) {
  std::vector<MachineSpec> specs;
  specs.reserve(description.machine_count());
  for (const Group& group : description.groups)
    for (std::uint32_t i = 0; i < group.count; ++i)
      specs.push_back(spec_of(description, group, group.first + i));
  Result<> added = world.add_machines(specs);
  if (!added) return whose_fault(world, description, std::move(added).error());
  return added;
}

// What installs a key names one that the world's products have.
Result<> check_actions(World& world, const Description& description) {
  for (const Action& action : description.actions) {
    if (action.kind != ActionKind::kInstallKey) continue;
    auto key = world.product_key(action.edition, action.channel, 1);
    if (!key) return placed(std::move(key).error(), action.place);
  }
  return {};
}

// What clones remember of their images, as packed rows. Machines have been numbered in the order of
// their making, from 1.
Result<> imprint(World& world, const Description& description) {
  SL_TRY(const std::unique_ptr<Fleet> fleet, Fleet::load(world.shared()));
  std::uint32_t machine = 0;
  for (const Group& group : description.groups) {
    const Image* const image = description.find_image(group.image);
    for (std::uint32_t i = 0; i < group.count; ++i, ++machine) {
      if (image != nullptr)
        fleet->change(machine, clone_state(*image, description, fleet->machine(machine).license));
    }
  }
  return FleetStorer(*fleet).commit(fleet->now(), {}, {});
}

}  // namespace

Result<> build(World& world, const Description& description) {
  SL_TRY(const std::size_t there, world.machine_count());
  if (there != 0)
    return fail(HResult::kErrorAlreadyExists,
                "the world has machines; a simulation begins in a "
                "new one");
  return world.shared().store().as_one([&]() -> Result<> {
    SL_CHECK(world.shared().store().set_now(description.start));
    SL_CHECK(world.change_network([&](net::Model& model) -> Result<> {
      model = description.network;
      return {};
    }));
    SL_CHECK(check_actions(world, description));
    SL_CHECK(add_machines(world, description));
    if (!description.images.empty()) SL_CHECK(imprint(world, description));
    for (const Push& push : description.policies) {
      SL_TRY(const std::vector<std::string> names, select(world.shared(), push.machines));
      SL_CHECK(world.apply_policy(push.document, names));
    }
    return {};
  });
}

Result<std::vector<std::string>> select(WorldShared& world, std::string_view text) {
  SL_TRY(const policy::TargetSet targets, policy::parse_targets(text));
  if (targets.filter)
    return fail(HResult::kEInvalidarg, "a description selects no machines by WMI filters");
  SL_TRY(const std::shared_ptr<const MachineColumns> machines, world.store().all_machines());
  const auto fits_any = [](const std::vector<std::string>& patterns, std::string_view name) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
      return policy::matches_pattern(pattern, name);
    });
  };
  const auto is_one = [](const std::vector<std::string>& words, std::string_view word) {
    return words.empty() || std::any_of(words.begin(), words.end(), [&](const std::string& w) {
             return equal_ignore_case(w, word);
           });
  };
  std::vector<std::string> out;
  for (std::size_t i = 0; i < machines->size(); ++i) {
    const StoredProfile& profile = *machines->profiles[machines->profile[i]];
    const std::string_view name = machines->name(i);
    if (fits_any(targets.include, name) && !fits_any(targets.exclude, name) &&
        is_one(targets.roles, profile.role) && is_one(targets.versions, profile.os))
      out.emplace_back(name);
  }
  return out;
}

// --- actions

namespace {

// What a deed comes to on a machine is the machine's own affair, unless the world itself failed.
Result<> whatever(Result<> done) {
  if (done) return done;
  switch (done.error().code) {
    case HResult::kErrorFileCorrupt:
    case HResult::kErrorDiskFull:
    case HResult::kEOutofmemory:
    case HResult::kErrorTransactionalConflict:
    case HResult::kEFail:
    case HResult::kEUnexpected:
      return done;
    default:
      return {};
  }
}

Result<> perform_on(World& world, const Action& action, const std::string& name) {
  SL_TRY(const Machine machine, world.machine(name));
  const auto service = [&](auto call) -> Result<> {
    SL_TRY(const std::unique_ptr<MachineContext> context,
           MachineContext::make(world.shared(), machine.id()));
    return whatever(context->run([&]() -> Result<> {
      SL_CHECK(context->refresh());
      licensing::Service made(context->host(), context->clock());
      return call(made, *context);
    }));
  };
  using licensing::EventKind;
  switch (action.kind) {
    case ActionKind::kRestart:
      return machine.restart();
    case ActionKind::kRearm:
      return service([](licensing::Service& s, MachineContext&) { return s.rearm(); });
    case ActionKind::kGeneralize:
      return whatever(machine.generalize());
    case ActionKind::kActivate:
      return service([](licensing::Service& s, MachineContext& context) -> Result<> {
        SL_TRY(const reg::HiveView view, context.registry()->view());
        const auto state = licensing::MachineState::read(context.host(), view);
        return s.activate(state.base().product->sku_text);
      });
    case ActionKind::kChangeHardware:
      return whatever(machine.happened({.kind = EventKind::kHardwareChanged}));
    case ActionKind::kMarkNonGenuine:
      return whatever(machine.happened({.kind = EventKind::kMarkedNonGenuine, .granted = true}));
    case ActionKind::kTamper:
      return whatever(machine.happened({.kind = EventKind::kTampered}));
    case ActionKind::kInstallKey: {
      const std::uint32_t serial = action.serial != 0 ? action.serial : 1000 + machine.id();
      SL_TRY(const std::string key, world.product_key(action.edition, action.channel, serial));
      return service(
          [&](licensing::Service& s, MachineContext&) { return s.install_product_key(key); });
    }
    case ActionKind::kRename:
      return world.rename_machine(name, action.to);
    case ActionKind::kMove:
      return world.move_machine(name, action.to, action.site);
    case ActionKind::kRemove:
      return world.remove_machine(name);
    case ActionKind::kPush:
    case ActionKind::kWithdraw:
      break;
  }
  return {};
}

Result<> perform_everywhere(World& world, const Action& action) {
  SL_TRY(const std::vector<std::string> names, select(world.shared(), action.machines));
  if (action.kind == ActionKind::kPush) {
    SL_CHECK(world.apply_policy(action.document.front(), names));
    return {};
  }
  if (action.kind == ActionKind::kWithdraw) {
    SL_CHECK(world.remove_policy(action.policy, names));
    return {};
  }
  for (const std::string& name : names) SL_CHECK(perform_on(world, action, name));
  return {};
}

}  // namespace

Result<> perform(World& world, const Action& action) {
  Result<> done = perform_everywhere(world, action);
  if (!done) return placed(std::move(done).error(), action.place);
  return done;
}

}  // namespace slwmi::world::simulation
