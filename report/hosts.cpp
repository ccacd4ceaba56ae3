#include "report/hosts.hpp"

#include <algorithm>
#include <set>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "provider/architecture.hpp"
#include "provider/event_chunk.hpp"
#include "provider/machine_state.hpp"
#include "provider/settings.hpp"
#include "world/event_logs.hpp"
#include "world/machine_context.hpp"
#include "world/net/lookup.hpp"
#include "world/shared.hpp"
#include "world/simulation/fleet.hpp"
#include "world/world.hpp"

namespace slwmi::report {
namespace {

using licensing::EventId;
using licensing::KmsExchange;
using licensing::LogEntry;

constexpr std::string_view kGroupBlob = "kms-computer-group";  // a pattern a line

bool is_of_host(const LogEntry& entry) {
  switch (entry.event) {
    case EventId::kKmsInitializationFailed:
    case EventId::kPublishingFailed:
    case EventId::kPublishingDone:
      return true;
    default:
      return false;
  }
}

// Machines whose logs say that they were a host.
Result<std::set<std::uint32_t>> hosts_of_logs(world::Store& store) {
  std::set<std::uint32_t> out;
  std::uint32_t last = 0;
  const auto exchange = [&](const KmsExchange& each) {
    if (each.host != last && each.has(licensing::ExchangePart::kServed)) {
      last = each.host;
      out.insert(each.host);
    }
    return true;
  };
  const auto entry = [&](const LogEntry& each) {
    if (is_of_host(each)) out.insert(each.machine);
    return true;
  };
  SL_CHECK(world::read_chunks(
      store, {}, [&](const licensing::ChunkReader& reader) { reader.each(exchange, entry); }));
  out.erase(0);
  return out;
}

// Those that are one now, whether a log tells so or not.
Result<> add_hosts(world::WorldShared& shared, std::set<std::uint32_t>& machines) {
  SL_TRY(std::unique_ptr<world::simulation::Fleet> fleet, shared.fleets().take(shared));
  SL_TRY(const std::vector<std::uint32_t> hosts, fleet->kms_hosts());
  for (const std::uint32_t number : hosts) machines.insert(fleet->host(number).machine);
  shared.fleets().give(std::move(fleet));
  return {};
}

std::vector<std::string> lines_of(ByteSpan bytes) {
  std::vector<std::string> out;
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end != 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

Bytes bytes_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  const ByteSpan span = as_bytes(text);
  return Bytes(span.begin(), span.end());
}

Result<> change_group(world::World& world,
                      FunctionRef<Result<>(std::vector<std::string>&)> change) {
  return world.shared().store().update_blob(kGroupBlob, world::JournalKind::kNone,
                                            [&](ByteSpan before) -> Result<Bytes> {
                                              std::vector<std::string> lines = lines_of(before);
                                              SL_CHECK(change(lines));
                                              return bytes_of(lines);
                                            });
}

Result<KmsHost> host_of(world::World& world, std::uint32_t machine,
                        const std::vector<world::net::Match>& group) {
  SL_TRY(const world::MachineInfo info, world.shared().store().info(machine));
  SL_TRY(const std::unique_ptr<world::MachineContext> context,
         world::MachineContext::make(world.shared(), machine));
  SL_TRY(const reg::HiveView view, context->registry()->view());
  const auto state = licensing::MachineState::read(context->host(), view);
  const world::net::Traits traits = world::net::traits_of(info);

  HostFacts facts;
  facts.enabled = state.is_kms_host();
  facts.has_version_value = licensing::read_settings(view).kms_version.has_value();
  facts.vista_rtm = context->host().resolved.os->os == licensing::OsVersion{6, 0, 6000};
  facts.sixty_four_bit = licensing::is_sixty_four_bit(view);
  facts.in_custom_group = std::any_of(group.begin(), group.end(), [&](const auto& match) {
    return world::net::fits(match, traits);
  });

  KmsHost out;
  out.machine = machine;
  out.name = info.name;
  out.full_name = world::net::dns_name(info.name, info.domain);
  out.os = info.profile->os;
  out.sixty_four_bit = facts.sixty_four_bit;
  out.installed = info.installed;
  out.enabled = facts.enabled;
  out.activated = is_activated(context->host(), state, context->clock().now());
  out.membership = membership_of(facts);
  return out;
}

}  // namespace

std::string_view to_text(Membership membership) {
  switch (membership) {
    case Membership::kDiscovered:
      return "discovered";
    case Membership::kCustomGroup:
      return "custom group";
    case Membership::kFormer:
      return "former host";
    case Membership::kNotFound:
      break;
  }
  return "not found";
}

bool is_activated(const licensing::Host& host, const licensing::MachineState& state, FileTime now) {
  const licensing::Carried& base = state.base();
  const licensing::Policy policy = licensing::policy_of(*base.product, *host.resolved.os);
  return state.is_kms_host() && licensing::status_at(base.license, policy, now).status ==
                                    licensing::LicenseStatus::kLicensed;
}

Membership membership_of(const HostFacts& facts) {
  const bool found_by_itself = !(facts.vista_rtm && facts.sixty_four_bit);
  if (found_by_itself && (facts.enabled || facts.has_version_value)) return Membership::kDiscovered;
  if (facts.in_custom_group) return Membership::kCustomGroup;
  return found_by_itself ? Membership::kFormer : Membership::kNotFound;
}

Result<std::vector<KmsHost>> kms_hosts(world::World& world) {
  world::Store& store = world.shared().store();
  SL_TRY(std::set<std::uint32_t> machines, hosts_of_logs(store));
  SL_CHECK(add_hosts(world.shared(), machines));
  SL_TRY(const std::shared_ptr<const world::MachineColumns> columns, store.all_machines());
  std::vector<world::net::Match> group;
  SL_TRY(const std::vector<std::string> patterns, custom_group(world));
  for (const std::string& pattern : patterns) {
    SL_TRY(world::net::Match match, world::net::parse_match(pattern));
    group.push_back(std::move(match));
  }
  for (std::size_t i = 0; i < columns->size(); ++i)
    if (columns->profiles[columns->profile[i]]->role == "kms-host") machines.insert(columns->id[i]);

  std::vector<KmsHost> out;
  for (const std::uint32_t machine : machines) {
    // What is gone by now is no host any more.
    if (!std::binary_search(columns->id.begin(), columns->id.end(), machine)) continue;
    SL_TRY(KmsHost host, host_of(world, machine, group));
    out.push_back(std::move(host));
  }
  return out;
}

Result<std::vector<KmsHost>> choose_hosts(std::vector<KmsHost> hosts,
                                          const std::vector<std::string>& names) {
  const auto is = [](const KmsHost& host, const std::string& name) {
    return equal_ignore_case(host.name, name) || equal_ignore_case(host.full_name, name);
  };
  for (const std::string& name : names)
    if (std::none_of(hosts.begin(), hosts.end(), [&](const auto& host) { return is(host, name); }))
      return fail(HResult::kErrorNotFound, "there is no KMS host " + name);
  if (!names.empty())
    std::erase_if(hosts, [&](const KmsHost& host) {
      return std::none_of(names.begin(), names.end(),
                          [&](const std::string& name) { return is(host, name); });
    });
  return hosts;
}

Result<std::vector<std::string>> custom_group(world::World& world) {
  SL_TRY(const std::optional<Bytes> blob, world.shared().store().blob(kGroupBlob));
  return blob ? lines_of(*blob) : std::vector<std::string>();
}

Result<> add_to_custom_group(world::World& world, std::string_view pattern) {
  if (pattern.find_first_not_of(" ,") == std::string_view::npos)
    return fail(HResult::kEInvalidarg, "which hosts is missing: a name, a pattern, or all");
  SL_TRY(const world::net::Match match, world::net::parse_match(pattern));
  const std::string text = world::net::to_text(match);
  return change_group(world, [&](std::vector<std::string>& lines) -> Result<> {
    if (std::find(lines.begin(), lines.end(), text) != lines.end())
      return fail(HResult::kErrorAlreadyExists, text + " is in the group already");
    lines.push_back(text);
    return {};
  });
}

Result<> remove_from_custom_group(world::World& world, std::string_view pattern) {
  SL_TRY(const world::net::Match match, world::net::parse_match(pattern));
  const std::string text = world::net::to_text(match);
  return change_group(world, [&](std::vector<std::string>& lines) -> Result<> {
    if (std::erase(lines, text) == 0)
      return fail(HResult::kErrorNotFound, text + " is not in the group");
    return {};
  });
}

}  // namespace slwmi::report
