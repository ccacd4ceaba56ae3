#include "world/simulation/fuzz.hpp"

#include <algorithm>
#include <array>

#include "base/hash.hpp"
#include "provider/kms_service.hpp"
#include "provider/service.hpp"
#include "world/machine_context.hpp"
#include "world/net/dns.hpp"
#include "world/simulation/build.hpp"
#include "world/simulation/engine.hpp"
#include "world/simulation/laws.hpp"

namespace slwmi::world::simulation {
namespace {

using licensing::ExchangePart;
using licensing::KmsExchange;
using net::FaultKind;

constexpr Offset kDay = 24 * 60;
constexpr std::uint64_t kMostAttempts = 120;  // of one machine, about

// Random numbers one after the other.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(combine(seed, hash64("world"))) {}
  std::uint64_t below(std::uint64_t bound) {
    return random_below(state_ = mix64(state_ + 1), bound);
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  std::uint32_t between(std::uint32_t least, std::uint32_t most) {
    return least + static_cast<std::uint32_t>(below(most - least + 1));
  }
  template <class T, std::size_t kCount>
  T of(const std::array<T, kCount>& choices) {
    return choices[below(kCount)];
  }

 private:
  std::uint64_t state_;
};

constexpr std::array<std::string_view, 5> kWho = {"all", "PC*", "SV*", "PC0*1", "role=kms-client"};
constexpr std::array<std::string_view, 2> kSites = {"Ulm", "Bonn"};

net::Window window(Draws& draws, const Description& world) {
  net::Window out;
  const Offset from = draws.below(world.duration + 1);
  const Offset length = 1 + draws.below(world.duration);
  if (!draws.one_in(5)) out.from = world.start + minutes(static_cast<std::int64_t>(from));
  if (!draws.one_in(5)) out.until = world.start + minutes(static_cast<std::int64_t>(from + length));
  return out;
}

net::Match match(Draws& draws) { return net::parse_match(draws.of(kWho)).value_or(net::Match{}); }

void add_fault(Draws& draws, Description& world) {
  net::Fault fault;
  fault.kind = static_cast<FaultKind>(1 + draws.below(net::fault_kinds().size()));
  fault.who = match(draws);
  fault.window = window(draws, world);
  fault.one_in = draws.between(1, 3);
  if (draws.one_in(2)) fault.share = net::Share::kMachines;
  if (fault.kind == FaultKind::kClockSkew) {
    fault.share = net::Share::kMachines;
    fault.skew = static_cast<std::int32_t>(draws.below(1200)) - 600;
    if (fault.skew == 0) fault.skew = 1;
  }
  (void)net::add_fault(world.network, std::move(fault));  // a name of its own: it is taken
}

Group group(std::string name, std::uint32_t count, std::string os, std::string role) {
  Group out;
  out.name = std::move(name);
  out.count = count;
  out.spec.os = std::move(os);
  out.spec.role = std::move(role);
  return out;
}

void add_machines(Draws& draws, Description& world) {
  world.groups.push_back(group("KMS#", draws.between(1, 3), "2008", "kms-host"));
  world.groups.push_back(group("SV##", draws.between(1, 12), "2008", "kms-client"));
  if (draws.one_in(2))
    world.groups.push_back(
        group("PC##", draws.between(1, draws.one_in(3) ? 90 : 34), "vista-sp1", "kms-client"));
  if (draws.one_in(4)) {
    world.groups.push_back(group("VM##", draws.between(1, 6), "2008", "kms-client"));
    world.groups.back().spec.virtual_machine = true;
  }
  if (draws.one_in(3)) {
    world.images.push_back({"image", draws.one_in(2), draws.below(20 * kDay)});
    world.groups.push_back(group("CL##", draws.between(2, 8), "vista-rtm", "kms-client"));
    world.groups.back().image = "image";
  }
  if (draws.one_in(3)) world.groups.push_back(group("MK1", 1, "vista-sp1", "mak"));
  for (Group& each : world.groups) {
    each.spec.site = draws.of(kSites);
    if (each.spec.role != "kms-client") continue;
    each.spread = draws.below(draws.one_in(2) ? 3 : 2 * kDay);  // many in a minute, or few
    each.spec.slic_table = draws.one_in(6);
    each.spec.windows_marker = each.spec.slic_table && draws.one_in(2);
    each.spec.upgraded = !draws.one_in(6);
  }
  for (std::uint32_t i = 1; i <= world.groups.front().count; ++i) {
    net::SrvRecord record;
    record.host = "KMS" + std::to_string(i) + ".contoso.com";
    (void)net::add_record(world.network, "contoso.com", record);
  }
}

// A policy of named settings and their texts.
void add_policy(Description& world, std::string_view name, std::string_view machines,
                const std::vector<policy::NamedText>& settings) {
  auto document = policy::make_document(name, "", settings);
  if (document) world.policies.push_back({*std::move(document), std::string(machines)});
}

void add_policies(Draws& draws, Description& world) {
  // Intervals that leave a machine about as many attempts as are affordable.
  const auto least = static_cast<std::uint32_t>(world.duration / kMostAttempts);
  const auto interval = [&] {
    return std::to_string(std::clamp<std::uint32_t>(
        least + static_cast<std::uint32_t>(draws.below(20'000)), 15, 43'200));
  };
  const auto setting = [](std::string_view name, std::string text) {
    return policy::NamedText{std::string(name), {std::move(text)}, false};
  };
  add_policy(
      world, "hosts", "KMS*",
      {setting("VLActivationInterval", interval()), setting("VLRenewalInterval", interval())});
  add_policy(
      world, "clients", "role=kms-client",
      {setting("VLActivationInterval", interval()), setting("VLRenewalInterval", interval())});
  if (draws.one_in(4)) add_policy(world, "low", "KMS1", {setting("EnableKmsLowPriority", "1")});
  if (draws.one_in(4)) add_policy(world, "manual", "SV*1", {setting("Manual", "1")});
  if (draws.one_in(3)) {
    add_policy(
        world, "fixed", "PC*",
        {setting("KeyManagementServiceName", draws.one_in(3) ? "gone" : "KMS1.contoso.com")});
  }
}

void add_network(Draws& draws, Description& world) {
  for (std::uint64_t i = draws.below(5); i > 0; --i) add_fault(draws, world);
  if (draws.one_in(4))
    world.network.links.push_back({"Ulm", "Bonn", draws.one_in(2), window(draws, world)});
  if (draws.one_in(4)) {
    net::PortRule rule;
    rule.from = match(draws);
    rule.open = draws.one_in(3);
    rule.window = window(draws, world);
    world.network.ports.push_back(rule);
  }
}

// Sums up what is seen, and hands it on to the laws.
class Tally final : public Observer {
 public:
  Tally(Laws& laws, FuzzTotals& totals) : laws_(laws), totals_(totals) {}
  void exchanged(const KmsExchange& exchange, std::string_view server) override {
    laws_.exchanged(exchange, server);
    ++totals_.exchanges;
    if (exchange.has(ExchangePart::kBound)) ++totals_.activations;
    if (failed(exchange.requested)) ++totals_.failures[exchange.requested];
    // Two kinds have one code: a lost response was one, a busy host gave none.
    const FaultKind other =
        exchange.has(ExchangePart::kServed) ? FaultKind::kHostBusy : FaultKind::kResponseLost;
    for (const net::FaultInfo& info : net::fault_kinds())
      if (failed(info.code) && info.code == exchange.requested && info.kind != other)
        ++totals_.faults[info.kind];
    if (exchange.client_skew != 0 || exchange.host_skew != 0)
      ++totals_.faults[FaultKind::kClockSkew];
  }

 private:
  Laws& laws_;
  FuzzTotals& totals_;
};

// What the services of the world answer at the end, so that faults of theirs show: to machines that
// activate online, and to hosts that publish.
Result<> ask_services(World& world, FuzzTotals& totals) {
  SL_TRY(const std::vector<std::string> names, world.machine_names());
  for (const std::string& name : names) {
    SL_TRY(const Machine machine, world.machine(name));
    SL_TRY(const std::unique_ptr<MachineContext> context,
           MachineContext::make(world.shared(), machine.id()));
    const auto note = [&](HResult code) {
      for (const net::FaultInfo& info : net::fault_kinds())
        if (info.code != HResult::kSOk && info.code == code) ++totals.faults[info.kind];
    };
    const auto ask = [&]() -> Result<> {
      SL_CHECK(context->refresh());
      SL_TRY(const reg::HiveView view, context->registry()->view());
      const licensing::Host& host = context->host();
      const auto state = licensing::MachineState::read(host, view);
      for (const auto& record : licensing::records_wanted(host, state, view))
        if (const Result<> done = host.network->register_kms(record); !done)
          note(done.error().code);
      if (state.base().product->channel != licensing::Channel::kMak) return {};
      const auto done =
          licensing::Service(host, context->clock()).activate(state.base().product->sku_text);
      if (!done) note(done.error().code);
      return {};
    };
    SL_CHECK(context->run(ask));
  }
  return {};
}

Result<std::unique_ptr<World>> made(const Description& description) {
  SL_TRY(std::unique_ptr<World> world, World::in_memory(description.seed));
  SL_CHECK(build(*world, description));
  return world;
}

// The digest after a run that is cut where `cuts` says.
Result<std::string> digest_of(const Description& description, Driver driver, std::uint64_t cuts) {
  SL_TRY(const std::unique_ptr<World> world, made(description));
  RunOptions options;
  options.driver = driver;
  Draws draws(description.seed + cuts);
  const FileTime end = description.start + minutes(static_cast<std::int64_t>(description.duration));
  for (std::uint64_t i = 0; i < cuts; ++i) {
    SL_TRY(const FileTime now, world->now());
    const auto left = static_cast<std::uint64_t>(whole_minutes(end - now));
    options.checkpoint = 1 + draws.below(left + 1);
    SL_CHECK(run(world->shared(), now + minutes(static_cast<std::int64_t>(draws.below(left + 1))),
                 options));
  }
  SL_CHECK(run(world->shared(), end, options));
  return world->digest();
}

}  // namespace

Description random_description(std::uint64_t seed) {
  Draws draws(seed);
  Description out;
  out.name = "fuzz " + std::to_string(seed);
  out.seed = seed;
  out.start = from_civil({2008, 3, 1, 0, 0, 0, 0}).value_or(FileTime{});
  constexpr std::array<Offset, 4> kLengths = {2 * kDay, 20 * kDay, 100 * kDay, 260 * kDay};
  out.duration = draws.of(kLengths);
  add_machines(draws, out);
  add_policies(draws, out);
  add_network(draws, out);
  return out;
}

Result<std::vector<std::string>> fuzz(std::uint64_t seed, FuzzTotals& totals,
                                      std::uint64_t one_in) {
  const Description description = random_description(seed);
  SL_TRY(const std::unique_ptr<World> world, made(description));
  SL_TRY(std::unique_ptr<Fleet> before, Fleet::load(world->shared()));
  Laws laws(*before);
  Tally tally(laws, totals);
  RunOptions options;
  options.observer = &tally;
  const FileTime end = description.start + minutes(static_cast<std::int64_t>(description.duration));
  SL_CHECK(run(world->shared(), end, options));
  SL_TRY(const std::unique_ptr<Fleet> after, Fleet::load(world->shared()));
  SL_CHECK(laws.finish(*after));
  ++totals.worlds;
  totals.machines += after->size();
  std::vector<std::string> broken = laws.broken();
  if (one_in != 0 && seed % one_in == 0) {
    ++totals.compared;
    SL_TRY(const std::string digest, world->digest());
    SL_TRY(const std::string in_steps, digest_of(description, Driver::kFleet, 3));
    if (in_steps != digest) broken.emplace_back("a run in steps leaves another world");
    SL_TRY(const std::string reference, digest_of(description, Driver::kProvider, 0));
    if (reference != digest) broken.emplace_back("the provider driver leaves another world");
  }
  SL_CHECK(ask_services(*world, totals));
  return broken;
}

}  // namespace slwmi::world::simulation
