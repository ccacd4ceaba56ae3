// Event queries at work: what is seen of a change, when, and what a registration is refused for.
#include "world/watch.hpp"

#include <algorithm>
#include <functional>

#include "base/datetime.hpp"
#include "provider/event_log.hpp"
#include "registry/value.hpp"
#include "schema/instance.hpp"
#include "tests/world/fixture.hpp"
#include "world/net/model.hpp"

using namespace slwmi;
using namespace slwmi::world;
using namespace slwmi::world::test;

namespace {

constexpr const char* kService = "SoftwareLicensingService.Version=\"6.0.6001.18000\"";
constexpr const char* kChanges =
    "SELECT * FROM __InstanceModificationEvent WITHIN 60 WHERE TargetInstance ISA "
    "'SoftwareLicensingService'";
constexpr const char* kLab =
    "class Lab { [key] string Name; uint32 Size; };\n"
    "class BigLab : Lab { uint32 Floors; };\n";

std::unique_ptr<World> small_world() {
  auto world = must(World::in_memory(7));
  must(world->add_machine({.name = "PC1", .role = "retail"}));
  must(world->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host"}));
  return world;
}

std::optional<cim::Instance> poll(Subscription& watch) { return must(watch.poll()); }

std::string time_of(const cim::Instance& event) {
  return format_iso8601(FileTime{event.get("TIME_CREATED").as_uint64()});
}

const cim::Instance& object_of(const cim::Instance& event, const char* name) {
  return *event.get(name).as_object();
}

// What is due, one line an event: time, class, path of the instance.
std::string drain(Subscription& watch) {
  std::string out;
  while (const auto event = poll(watch)) {
    if (!out.empty()) out += '\n';
    if (event->cls()->name() == "__AggregateEvent") {
      out += event->get("NumberOfEvents").to_display() + " of " +
             object_of(*event, "Representative").cls()->name();
      continue;
    }
    out += time_of(*event).substr(5) + " " + event->cls()->name();
    if (event->cls()->find_slot("TargetInstance") >= 0)
      out += " " + object_of(*event, "TargetInstance").relpath();
  }
  return out;
}

void set_interval(World& world, std::uint32_t minutes) {
  Session session = connect(world, "KMS1");
  must(session.call(kService, "SetVLActivationInterval",
                    {{"ActivationInterval", cim::Value::uint32(minutes)}}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(watching)

BOOST_AUTO_TEST_CASE(a_change_is_told_at_the_next_multiple_of_within) {
  auto world = small_world();
  Subscription watch = must(connect(*world, "KMS1", "standard").watch(kChanges));
  set_interval(*world, 15);
  BOOST_TEST(!poll(watch).has_value());
  must(world->advance(1));
  const auto event = poll(watch);
  BOOST_REQUIRE(event.has_value());
  BOOST_TEST(event->cls()->name() == "__InstanceModificationEvent");
  BOOST_TEST(time_of(*event) == "2008-03-01T00:01:00Z");
  BOOST_TEST(object_of(*event, "PreviousInstance").get("VLActivationInterval").as_uint32() == 120u);
  BOOST_TEST(object_of(*event, "TargetInstance").get("VLActivationInterval").as_uint32() == 15u);
  BOOST_TEST(object_of(*event, "TargetInstance").relpath() == kService);
  BOOST_TEST(!poll(watch).has_value());
}

BOOST_AUTO_TEST_CASE(nothing_is_told_of_what_was_undone_between_two_polls) {
  auto world = small_world();
  Subscription watch = must(connect(*world, "KMS1").watch(kChanges));
  set_interval(*world, 15);
  set_interval(*world, 120);
  must(world->advance(10));
  BOOST_TEST(drain(watch) == "");
  set_interval(*world, 15);
  must(world->advance(10));
  set_interval(*world, 120);
  must(world->advance(10));
  BOOST_TEST(drain(watch) == "03-01T00:11:00Z __InstanceModificationEvent " +
                                 std::string(kService) +
                                 "\n03-01T00:21:00Z __InstanceModificationEvent " + kService);
}

BOOST_AUTO_TEST_CASE(entries_of_a_log_are_told_where_nothing_else_changed) {
  auto world = small_world();
  Session session = connect(*world, "PC1");
  Subscription made =
      must(session.watch("SELECT * FROM __InstanceCreationEvent WITHIN 60 WHERE TargetInstance ISA "
                         "'Win32_NTLogEvent'"));
  Subscription gone =
      must(session.watch("SELECT * FROM __InstanceDeletionEvent WITHIN 60 WHERE TargetInstance ISA "
                         "'Win32_NTLogEvent'"));
  const auto products =
      must(session.query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey <> NULL"));
  const auto refused = session.call(
      products.at(0).relpath(), "DepositOfflineConfirmationId",
      {{"InstallationId", cim::Value::text("1")}, {"ConfirmationId", cim::Value::text("1")}});
  BOOST_TEST(!refused.has_value());  // event 8198
  must(world->advance(2));
  BOOST_TEST(drain(made) ==
             "03-01T00:01:00Z __InstanceCreationEvent "
             "Win32_NTLogEvent.Logfile=\"Application\",RecordNumber=1");
  BOOST_TEST(drain(gone) == "");
  must(must(world->machine("PC1")).clear_log(licensing::EventLog::kApplication));
  must(world->advance(2));
  BOOST_TEST(drain(made) == "");
  BOOST_TEST(drain(gone) ==
             "03-01T00:03:00Z __InstanceDeletionEvent "
             "Win32_NTLogEvent.Logfile=\"Application\",RecordNumber=1");
}

BOOST_AUTO_TEST_CASE(what_the_network_changes_is_told_while_the_clock_stands_still) {
  auto world = must(World::in_memory(7));
  must(world->add_machine({.name = "PC1", .os = "vista-rtm", .role = "mak"}));
  must(world->advance(31 * 24 * 60));  // reduced functionality: no telephone with the Internet
  Session session = connect(*world, "PC1", "administrator", "root\\slwmi");
  Subscription watch = must(
      session.watch("SELECT * FROM __InstanceModificationEvent WITHIN 60 WHERE TargetInstance ISA "
                    "'SlwmiUserExperience'"));
  must(world->change_network([](net::Model& model) -> Result<> {
    must(net::ensure_site(model, "Default-First-Site-Name"))->internet = false;
    return {};
  }));
  BOOST_TEST(drain(watch) == "");
  watch.waited(minutes(1));
  BOOST_TEST(drain(watch).find("SlwmiUserExperience") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_jump_of_the_clock_is_looked_at_poll_by_poll) {
  auto world = small_world();
  const char* query =
      "SELECT * FROM __InstanceModificationEvent WITHIN 90 WHERE TargetInstance ISA "
      "'SoftwareLicensingProduct' AND PreviousInstance.LicenseStatus = 2 AND "
      "TargetInstance.LicenseStatus <> 2";
  Session session = connect(*world, "PC1");
  Subscription watch = must(session.watch(query));
  Subscription all = must(session.watch(
      "SELECT TIME_CREATED FROM __InstanceModificationEvent WITHIN 20 WHERE TargetInstance ISA "
      "'SoftwareLicensingProduct' AND TargetInstance.GracePeriodRemaining < 43200"));
  must(world->advance(60 * 24 * 365));
  BOOST_TEST(drain(watch).substr(0, 43) == "03-31T00:00:00Z __InstanceModificationEvent");
  std::uint64_t last = 0;
  std::size_t events = 0;
  while (const auto event = poll(all)) {
    const std::uint64_t time = event->get("TIME_CREATED").as_uint64();
    BOOST_REQUIRE(time > last);
    BOOST_REQUIRE(event->get("TargetInstance").is_null());
    last = time;
    ++events;
  }
  BOOST_TEST(events == 30 * 24 * 60u);
}

BOOST_AUTO_TEST_CASE(bounded_polls_say_that_there_is_more_to_do) {
  auto world = small_world();
  Subscription watch = must(
      connect(*world, "PC1")
          .watch("SELECT * FROM __InstanceModificationEvent WITHIN 60 WHERE TargetInstance ISA "
                 "'SoftwareLicensingProduct' AND TargetInstance.GracePeriodRemaining = 1"));
  must(world->advance(60 * 24 * 31));
  int calls = 0;
  for (auto event = must(watch.poll(100)); !event; event = must(watch.poll(100))) {
    BOOST_REQUIRE(watch.behind());
    BOOST_TEST(watch.pause().ticks == 0);
    ++calls;
  }
  BOOST_TEST(calls > 100);
  BOOST_TEST(!poll(watch).has_value());
  BOOST_TEST(!watch.behind());
}

BOOST_AUTO_TEST_CASE(static_instances_are_reported_without_polling) {
  auto world = small_world();
  must(world->compile_mof(std::string(kLab) + "instance of Lab { Name = \"old\"; Size = 1; };"));
  Session session = connect(*world, "PC1");
  Subscription watch =
      must(session.watch("SELECT * FROM __InstanceOperationEvent WHERE TargetInstance ISA 'Lab'"));
  Subscription exact = must(
      session.watch("SELECT * FROM __InstanceCreationEvent WHERE TargetInstance.__CLASS = 'Lab'"));
  must(world->compile_mof("instance of BigLab { Name = \"b\"; Size = 20; Floors = 3; };"));
  BOOST_TEST(drain(watch) == "03-01T00:00:00Z __InstanceCreationEvent BigLab.Name=\"b\"");
  cim::Instance old = must(session.get("Lab.Name=\"old\""));
  must(old.set("Size", cim::Value::uint32(5)));
  must(session.put(old));
  must(world->advance(2));
  must(session.remove("BigLab.Name=\"b\""));
  const auto change = poll(watch);
  BOOST_REQUIRE(change.has_value());
  BOOST_TEST(object_of(*change, "PreviousInstance").get("Size").as_uint32() == 1u);
  BOOST_TEST(object_of(*change, "TargetInstance").get("Size").as_uint32() == 5u);
  BOOST_TEST(time_of(*change) == "2008-03-01T00:00:00Z");
  BOOST_TEST(drain(watch) == "03-01T00:02:00Z __InstanceDeletionEvent BigLab.Name=\"b\"");
  BOOST_TEST(drain(exact) == "");
  must(world->compile_mof("instance of Lab { Name = \"c\"; Size = 2; };"));
  BOOST_TEST(drain(exact) == "03-01T00:02:00Z __InstanceCreationEvent Lab.Name=\"c\"");
}

BOOST_AUTO_TEST_CASE(classes_and_namespaces_are_reported) {
  auto world = small_world();
  Session session = connect(*world, "PC1");
  Session root = connect(*world, "PC1", "administrator", "root");
  Subscription classes = must(session.watch("SELECT * FROM __ClassOperationEvent"));
  Subscription one = must(session.watch(
      "SELECT TargetClass FROM __ClassCreationEvent WHERE TargetClass.__CLASS = 'BigLab'"));
  Subscription spaces = must(root.watch("SELECT * FROM __NamespaceCreationEvent"));
  must(world->compile_mof(kLab));
  BOOST_TEST(drain(classes) ==
             "03-01T00:00:00Z __ClassCreationEvent\n03-01T00:00:00Z __ClassCreationEvent");
  const auto event = poll(one);
  BOOST_REQUIRE(event.has_value());
  BOOST_TEST(object_of(*event, "TargetClass").cls()->name() == "BigLab");
  BOOST_TEST(!poll(one).has_value());
  must(world->compile_mof("class BigLab : Lab { uint32 Floors; string Roof; };"));
  BOOST_TEST(drain(classes) == "03-01T00:00:00Z __ClassModificationEvent");
  must(session.remove("BigLab"));
  BOOST_TEST(drain(classes) == "03-01T00:00:00Z __ClassDeletionEvent");
  BOOST_TEST(drain(spaces) == "");
  must(world->compile_mof("instance of __Namespace { Name = \"lab\"; };", "root"));
  const auto space = poll(spaces);
  BOOST_REQUIRE(space.has_value());
  BOOST_TEST(object_of(*space, "TargetNamespace").get("Name").as_text() == "lab");
}

BOOST_AUTO_TEST_CASE(groups_stand_for_their_events) {
  auto world = small_world();
  must(world->compile_mof(kLab));
  Session session = connect(*world, "PC1");
  Subscription watch = must(session.watch(
      "SELECT TargetInstance FROM __InstanceCreationEvent WITHIN 60 WHERE TargetInstance ISA 'Lab' "
      "GROUP WITHIN 600 BY TargetInstance.Size HAVING NumberOfEvents >= 2"));
  BOOST_TEST(watch.event_class()->name() == "__AggregateEvent");
  const auto make = [&](const char* name, int size) {
    must(world->compile_mof("instance of Lab { Name = \"" + std::string(name) +
                            "\"; Size = " + std::to_string(size) + "; };"));
  };
  make("a", 1);
  make("b", 2);
  must(world->advance(3));
  make("c", 1);
  must(world->advance(7));
  BOOST_TEST(drain(watch) == "");
  must(world->advance(1));
  const auto event = poll(watch);
  BOOST_REQUIRE(event.has_value());
  BOOST_TEST(event->get("NumberOfEvents").as_uint32() == 2u);
  const cim::Instance& first = object_of(*event, "Representative");
  BOOST_TEST(object_of(first, "TargetInstance").get("Name").as_text() == "a");
  BOOST_TEST(first.get("TIME_CREATED").is_null());
  must(world->advance(100));
  BOOST_TEST(drain(watch) == "");
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_starts_the_polls_anew) {
  auto world = small_world();
  Subscription watch = must(connect(*world, "KMS1").watch(kChanges));
  must(world->advance(60));
  BOOST_TEST(drain(watch) == "");
  set_interval(*world, 15);
  must(world->set_clock(must(parse_iso8601("2008-02-01T00:00:30Z"))));
  BOOST_TEST(drain(watch) == "");
  must(world->advance(1));
  BOOST_TEST(drain(watch).substr(0, 15) == "02-01T00:01:30Z");
}

// What time alone does to a product is told for all the time that was set anew.
BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_and_goes_on_is_followed_from_there) {
  constexpr const char* kProducts =
      "SELECT * FROM __InstanceModificationEvent WITHIN 60 WHERE TargetInstance ISA "
      "'SoftwareLicensingProduct'";
  const auto lines = [](const std::string& text) {
    return static_cast<int>(std::count(text.begin(), text.end(), '\n')) + (text.empty() ? 0 : 1);
  };
  for (const bool asked_between : {true, false}) {
    auto world = small_world();
    must(world->advance(120));
    Subscription watch = must(connect(*world, "PC1").watch(kProducts));
    Subscription groups =
        must(connect(*world, "PC1").watch(std::string(kProducts) + " GROUP WITHIN 600"));
    must(world->advance(5));
    const auto between = [&] {
      if (!asked_between) return std::string();
      BOOST_TEST(drain(groups) == "");
      return drain(watch);
    };
    std::string told = between();
    must(world->set_clock(must(parse_iso8601("2008-03-01T01:00:00Z"))));
    told += between();
    must(world->advance(30));
    told += (told.empty() ? "" : "\n") + drain(watch);
    BOOST_TEST_CONTEXT(asked_between << "\n" << told) {
      BOOST_TEST(lines(told) == 35);
      BOOST_TEST(told.find("03-01T02:05:00Z") != std::string::npos);
      BOOST_TEST(told.find("03-01T01:01:00Z") != std::string::npos);
      BOOST_TEST(told.find("03-01T01:30:00Z") != std::string::npos);
      BOOST_TEST(drain(groups).find("__InstanceModificationEvent") != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(waiting_counts_while_the_clock_stands) {
  auto world = small_world();
  Subscription watch = must(connect(*world, "KMS1").watch(kChanges));
  TickSpan total;
  TickSpan limit = seconds(1000);
  std::function<void()> in_between = [] {};
  const auto wait = [&](TickSpan most) -> std::optional<TickSpan> {
    BOOST_REQUIRE(most.ticks > 0);
    BOOST_REQUIRE(most <= TickSpan{kTicksPerSecond / 50});
    in_between();
    if (total >= limit) return std::nullopt;
    total = total + most;
    return most;
  };
  set_interval(*world, 15);
  auto event = must(watch.next(wait));
  BOOST_REQUIRE(event.has_value());
  BOOST_TEST(time_of(*event) == "2008-03-01T00:00:00Z");
  BOOST_TEST((total == seconds(60)));
  // Polls go on every 60 seconds of waiting, wherever the change falls.
  in_between = [&, done = false]() mutable {
    if (done || total < seconds(60 + 150)) return;
    done = true;
    set_interval(*world, 30);
  };
  event = must(watch.next(wait));
  BOOST_REQUIRE(event.has_value());
  BOOST_TEST((total - seconds(60 + 180)).ticks < kTicksPerSecond / 10);
  BOOST_TEST((total >= seconds(60 + 180)));
  // A clock that moves makes the multiples of WITHIN the time again.
  in_between = [] {};
  set_interval(*world, 60);
  must(world->advance(1));
  BOOST_TEST(time_of(must(watch.next(wait)).value()) == "2008-03-01T00:01:00Z");
  limit = total + seconds(7);
  BOOST_TEST(!must(watch.next(wait)).has_value());
}

BOOST_AUTO_TEST_CASE(within_zero_looks_at_every_commit_that_it_meets) {
  auto world = small_world();
  Subscription watch =
      must(connect(*world, "KMS1")
               .watch("SELECT * FROM __InstanceModificationEvent WITHIN 0 WHERE TargetInstance ISA "
                      "'SoftwareLicensingService'"));
  set_interval(*world, 15);
  BOOST_TEST(drain(watch).substr(0, 15) == "03-01T00:00:00Z");
  set_interval(*world, 30);
  BOOST_TEST(drain(watch).substr(0, 15) == "03-01T00:00:00Z");
  must(world->advance(60 * 24));
  BOOST_TEST(drain(watch) == "");
}

BOOST_AUTO_TEST_CASE(sees_what_another_process_commits) {
  const Folder folder;
  auto here = must(World::open(folder.file(), World::Mode::kCreate));
  must(here->add_machine({.name = "PC1", .role = "retail"}));
  must(here->add_machine({.name = "KMS1", .os = "2008", .role = "kms-host"}));
  auto there = must(World::open(folder.file(), World::Mode::kOpen));
  Subscription watch = must(connect(*here, "KMS1").watch(kChanges));
  Subscription other = must(connect(*here, "PC1").watch(kChanges));
  must(there->advance(10));
  set_interval(*there, 15);
  must(there->advance(10));
  must(there->add_machine({.name = "PC2"}));
  BOOST_TEST(drain(watch).substr(0, 15) == "03-01T00:11:00Z");
  BOOST_TEST(drain(other) == "");
  must(there->remove_machine("KMS1"));
  BOOST_TEST(!watch.poll().has_value());
}

BOOST_AUTO_TEST_CASE(a_restored_snapshot_is_a_change) {
  auto world = small_world();
  must(world->snapshot("fresh"));
  set_interval(*world, 15);
  Subscription watch = must(connect(*world, "KMS1").watch(kChanges));
  must(world->restore("fresh"));
  must(world->advance(1));
  BOOST_TEST(drain(watch).substr(0, 15) == "03-01T00:01:00Z");
}

struct Refusal {
  const char* why;
  const char* ns;
  const char* query;
  const char* code;
};

const Refusal kRefusals[] = {
    {"polling without WITHIN", "root\\cimv2",
     "SELECT * FROM __InstanceModificationEvent WHERE TargetInstance ISA "
     "'SoftwareLicensingProduct'",
     "0x80042002"},
    {"polling of no class", "root\\cimv2", "SELECT * FROM __InstanceModificationEvent WITHIN 1",
     "0x80042001"},
    {"no such class to poll", "root\\cimv2",
     "SELECT * FROM __InstanceModificationEvent WITHIN 1 WHERE TargetInstance ISA 'Nothing'",
     "0x80041010"},
    {"no such event class", "root\\cimv2", "SELECT * FROM Nothing", "0x80041010"},
    {"no event class", "root\\cimv2", "SELECT * FROM SoftwareLicensingService WITHIN 1",
     "0x80041059"},
    {"timers", "root\\cimv2", "SELECT * FROM __TimerEvent WHERE TimerId = 'x'", "0x80041024"},
    {"an event class of a user", "root\\cimv2", "SELECT * FROM LabEvent", "0x80041024"},
    {"registry events lie elsewhere", "root\\cimv2",
     "SELECT * FROM RegistryKeyChangeEvent WHERE Hive = 'HKEY_LOCAL_MACHINE' AND KeyPath = "
     "'SOFTWARE'",
     "0x80041010"},
    {"a registry event without its key", "root\\default",
     "SELECT * FROM RegistryKeyChangeEvent WHERE Hive = 'HKEY_LOCAL_MACHINE'", "0x80042001"},
    {"a value event without its value", "root\\default",
     "SELECT * FROM RegistryValueChangeEvent WHERE Hive = 'HKEY_LOCAL_MACHINE' AND KeyPath = "
     "'SOFTWARE'",
     "0x80042001"},
    {"the documented bad example", "root\\default",
     "SELECT * FROM RegistryTreeChangeEvent WHERE hive = \"hkey_local_machine\" OR rootpath "
     "=\"software\"",
     "0x80042001"},
    {"a key that is not there", "root\\default",
     "SELECT * FROM RegistryKeyChangeEvent WHERE Hive = 'HKEY_LOCAL_MACHINE' AND KeyPath = "
     "'SOFTWARE\\\\Nothing'",
     "0x80041002"},
    {"a user's hive", "root\\default",
     "SELECT * FROM RegistryKeyChangeEvent WHERE Hive = 'HKEY_CURRENT_USER' AND KeyPath = "
     "'Software'",
     "0x80041008"},
    {"a short name of a hive", "root\\default",
     "SELECT * FROM RegistryKeyChangeEvent WHERE Hive = 'HKLM' AND KeyPath = 'SOFTWARE'",
     "0x80041008"},
    {"a syntax error", "root\\cimv2", "SELECT * FORM __InstanceCreationEvent", "0x80041017"},
    {"nothing", "root\\cimv2", "", "0x80041008"},
    {"a data query", "root\\cimv2", "ASSOCIATORS OF {A='b'}", "0x80041017"},
    {"too many groups by an object", "root\\cimv2",
     "SELECT * FROM __InstanceModificationEvent WITHIN 1 WHERE TargetInstance ISA "
     "'SoftwareLicensingProduct' GROUP WITHIN 5 BY TargetInstance",
     "0x8004105D"},
};

BOOST_AUTO_TEST_CASE(registrations_are_refused_with_the_documented_codes) {
  auto world = small_world();
  must(world->compile_mof("class LabEvent : __ExtrinsicEvent { string What; };"));
  for (const Refusal& row : kRefusals) {
    BOOST_TEST_CONTEXT(row.why << ": " << row.query) {
      Session session = connect(*world, "PC1", "administrator", row.ns);
      const auto refused = session.watch(row.query);
      BOOST_TEST((refused ? std::string("accepted") : to_hex(refused.error().code)) == row.code);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(watching_the_registry)

namespace {

constexpr const char* kSl =
    "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";

// One query of each kind on the SL key of PC1.
struct Watches {
  Session session;
  Subscription tree, key, value;
  explicit Watches(World& world)
      : session(connect(world, "PC1", "administrator", "root\\default")),
        tree(must(session.watch(
            "SELECT * FROM RegistryTreeChangeEvent WHERE Hive = 'HKEY_LOCAL_MACHINE' AND "
            "RootPath = 'SOFTWARE\\\\Microsoft\\\\Windows NT'"))),
        key(must(session.watch(
            "SELECT * FROM RegistryKeyChangeEvent WHERE Hive = 'HKEY_LOCAL_MACHINE' AND KeyPath = "
            "'SOFTWARE\\\\Microsoft\\\\Windows NT\\\\CurrentVersion\\\\SL'"))),
        value(must(session.watch(
            "SELECT * FROM RegistryValueChangeEvent WHERE Hive = 'HKEY_LOCAL_MACHINE' AND KeyPath "
            "= 'SOFTWARE\\\\Microsoft\\\\Windows NT\\\\CurrentVersion\\\\SL' AND (ValueName = "
            "'Tag' OR ValueName = 'Other')"))) {}
  // "TKV" when all three tell.
  std::string told() {
    return std::string(drain(tree).empty() ? "" : "T") + (drain(key).empty() ? "" : "K") +
           (drain(value).empty() ? "" : "V");
  }
};

reg::ValueData number(std::uint32_t n) { return reg::make_dword(n); }

}  // namespace

BOOST_AUTO_TEST_CASE(tells_what_touches_a_key_a_tree_or_a_value) {
  auto world = small_world();
  reg::Registry registry =
      must(must(world->machine("PC1")).registry(must(find_principal("administrator"))));
  reg::Key sl = must(registry.open(kSl, reg::access::kAllAccess));
  Watches watches(*world);
  const auto row = [&](const char* why, const char* told, Result<> done) {
    BOOST_TEST_CONTEXT(why) {
      must(std::move(done));
      BOOST_TEST(watches.told() == told);
    }
  };
  row("nothing happened", "", {});
  row("another machine's key", "",
      must(must(world->machine("KMS1")).registry(must(find_principal("administrator"))))
          .set(kSl, "Tag", number(1)));
  row("another tree", "", registry.set("HKEY_LOCAL_MACHINE\\SOFTWARE\\Lab", "Tag", number(1)));
  row("a value", "TK", sl.set("Third", number(1)));
  row("the value", "TKV", sl.set("tag", number(1)));
  row("the value again, the same", "TKV", sl.set("Tag", number(1)));
  row("a key below, with a value", "TK",
      registry.set(std::string(kSl) + "\\Sub", "Tag", number(1)));
  row("its value again", "T", registry.set(std::string(kSl) + "\\Sub", "Tag", number(2)));
  row("the key's subkeys", "TK", sl.remove_key("Sub"));
  row("the value goes", "TKV", sl.remove_value("Tag"));
  row("two values at once", "TKV", [&]() -> Result<> {
    SL_TRY(reg::Transaction transaction, registry.begin());
    SL_CHECK(registry.set(kSl, "Tag", number(5)));
    SL_CHECK(registry.set(kSl, "Other", number(5)));
    SL_CHECK(transaction.commit());
    return {};
  }());
  row("its descriptor", "TK", [&]() -> Result<> {
    SL_TRY(const reg::SecurityDescriptor all, sl.security());
    return sl.set_security(all, reg::kDaclPart);
  }());
}

BOOST_AUTO_TEST_CASE(an_event_says_what_was_watched_and_when) {
  auto world = small_world();
  Watches watches(*world);
  must(world->advance(5));
  reg::Registry registry =
      must(must(world->machine("PC1")).registry(must(find_principal("administrator"))));
  must(registry.set(kSl, "OTHER", number(1)));
  must(world->advance(5));
  const auto event = poll(watches.value);
  BOOST_REQUIRE(event.has_value());
  BOOST_TEST(time_of(*event) == "2008-03-01T00:05:00Z");
  BOOST_TEST(event->get("Hive").as_text() == "HKEY_LOCAL_MACHINE");
  BOOST_TEST(event->get("KeyPath").as_text() ==
             "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL");
  BOOST_TEST(event->get("ValueName").as_text() == "Other");
  BOOST_TEST(!poll(watches.value).has_value());
}

BOOST_AUTO_TEST_CASE(needs_the_right_to_be_notified) {
  auto world = small_world();
  const char* query =
      "SELECT * FROM RegistryKeyChangeEvent WHERE Hive = 'HKEY_LOCAL_MACHINE' AND KeyPath = "
      "'SYSTEM\\\\CurrentControlSet\\\\Services\\\\slsvc\\\\Store'";
  const auto denied = connect(*world, "PC1", "administrator", "root\\default").watch(query);
  BOOST_REQUIRE(!denied.has_value());
  BOOST_TEST(value_of(denied.error().code) == 0x80041003u);
  BOOST_TEST(connect(*world, "PC1", "system", "root\\default").watch(query).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
