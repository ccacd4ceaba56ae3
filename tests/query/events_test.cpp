// Event queries: registration errors, matching, grouping in time.
#include "query/events.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/query/fixture.hpp"

using namespace slwmi;
using namespace slwmi::wql::test;

namespace {

class Sources final : public wql::EventSources {
 public:
  bool raises(const cim::Class& event) const override {
    return !event.is_a("__TimerEvent") && !event.is_a("__MethodInvocationEvent");
  }
  bool reports_instances(const cim::Class& target) const override {
    return target.name() == "Win32_NTLogEvent" || target.name() == "BigDisk";
  }
  std::vector<std::string> required_properties(const cim::Class& event) const override {
    if (event.is_a("RegistryEvent")) return {"Hive", "RootPath"};
    return {};
  }
};

struct Space {
  ClassPtr event = make_class("__Event", {{"TIME_CREATED", Type::kUint64}});
  ClassPtr operation =
      make_class("__InstanceOperationEvent", {{"TargetInstance", Type::kObject}}, event);
  ClassPtr creation = make_class("__InstanceCreationEvent", {}, operation);
  ClassPtr change =
      make_class("__InstanceModificationEvent", {{"PreviousInstance", Type::kObject}}, operation);
  ClassPtr call = make_class("__MethodInvocationEvent", {{"Method", Type::kString}}, operation);
  ClassPtr classes = make_class("__ClassOperationEvent", {{"TargetClass", Type::kObject}}, event);
  ClassPtr timer = make_class("__TimerEvent", {{"TimerId", Type::kString}}, event);
  ClassPtr extrinsic = make_class("__ExtrinsicEvent", {}, event);
  ClassPtr load =
      make_class("Load", {{"Part", Type::kString}, {"Percent", Type::kUint32}}, extrinsic);
  ClassPtr registry_base = make_class("RegistryEvent", {}, extrinsic);
  ClassPtr registry =
      make_class("RegistryTreeChangeEvent", {{"Hive", Type::kString}, {"RootPath", Type::kString}},
                 registry_base);
  ClassPtr aggregate = make_class(
      "__AggregateEvent", {{"Representative", Type::kObject}, {"NumberOfEvents", Type::kUint32}});
  ClassPtr disk = make_class("Disk", {{"Id", Type::kString, true}, {"Free", Type::kUint32}});
  ClassPtr big = make_class("BigDisk", {}, disk);
  ClassPtr log = make_class("Win32_NTLogEvent", {{"RecordNumber", Type::kUint32, true}});
  TestCatalog catalog;
  Sources sources;

  Space() {
    catalog.classes = {event, operation,     creation, change,    call, classes, timer, extrinsic,
                       load,  registry_base, registry, aggregate, disk, big,     log};
  }

  Result<wql::EventPlan> plan(std::string_view text) const {
    SL_TRY(const wql::Query query, wql::parse(text));
    return wql::EventPlan::make(query, catalog, sources);
  }
  std::string code(std::string_view text) const {
    const auto made = plan(text);
    return made ? "ok" : to_hex(made.error().code);
  }
  Value disk_value(const ClassPtr& cls, const char* id, std::uint32_t free) const {
    Instance row(cls);
    row.set(0, Value::text(id));
    row.set(1, Value::uint32(free));
    return Value::object(std::make_shared<const Instance>(row));
  }
  Instance created(const char* id, std::uint32_t free) const {
    Instance out(creation);
    out.set(1, disk_value(disk, id, free));
    return out;
  }
};

struct Row {
  const char* why;
  const char* text;
  const char* code;
};

const Row kRows[] = {
    {"polling of one class",
     "SELECT * FROM __InstanceCreationEvent WITHIN 5 WHERE TargetInstance ISA 'Disk'", "ok"},
    {"by __CLASS",
     "SELECT * FROM __InstanceCreationEvent WITHIN 5 WHERE TargetInstance.__CLASS = 'Disk'", "ok"},
    {"reported events need no WITHIN",
     "SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA 'Win32_NTLogEvent'", "ok"},
    {"others do", "SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA 'Disk'",
     "0x80042002"},
    {"a class whose subclasses alone are reported",
     "SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA 'Disk'", "0x80042002"},
    {"one that reports itself",
     "SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA "
     "'BigDisk' OR TargetInstance ISA 'Win32_NTLogEvent'",
     "ok"},
    {"beside one that does not",
     "SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA "
     "'BigDisk' OR TargetInstance ISA 'Disk'",
     "0x80042002"},
    {"neither WITHIN nor a class", "SELECT * FROM __InstanceCreationEvent", "0x80042002"},
    {"a class that is not there",
     "SELECT * FROM __InstanceCreationEvent WITHIN 5 WHERE TargetInstance ISA 'Disc'",
     "0x80041010"},
    {"an AND that pins",
     "SELECT * FROM __InstanceCreationEvent WITHIN 5 WHERE TargetInstance.Free > 5 AND NOT "
     "TargetInstance.Id = 'x' AND (TargetInstance ISA 'Disk' OR TargetInstance ISA 'BigDisk')",
     "ok"},
    {"a NOT pins nothing",
     "SELECT * FROM __InstanceCreationEvent WITHIN 5 WHERE NOT TargetInstance ISA 'Disk'",
     "0x80042001"},
    {"no class by another operator",
     "SELECT * FROM __InstanceCreationEvent WITHIN 5 WHERE TargetInstance.__CLASS <> 'Disk'",
     "0x80042001"},
    {"polling of everything", "SELECT * FROM __InstanceCreationEvent WITHIN 5", "0x80042001"},
    {"all kinds of events", "SELECT * FROM __Event WITHIN 5", "0x80042001"},
    {"all kinds of extrinsic events", "SELECT * FROM __ExtrinsicEvent", "0x80042001"},
    {"an event that nobody raises", "SELECT * FROM __TimerEvent", "0x80041024"},
    {"methods that are called",
     "SELECT * FROM __MethodInvocationEvent WHERE TargetInstance ISA 'Disk'", "0x80041024"},
    {"classes need neither WITHIN nor a name", "SELECT * FROM __ClassOperationEvent", "ok"},
    {"WITHIN does not hurt them", "SELECT * FROM __ClassOperationEvent WITHIN 5", "ok"},
    {"an OR that leaves a way open",
     "SELECT * FROM __InstanceCreationEvent WITHIN 5 WHERE TargetInstance ISA 'Disk' OR "
     "TIME_CREATED = 1",
     "0x80042001"},
    {"what must be pinned is",
     "SELECT * FROM RegistryTreeChangeEvent WHERE hive = 'a' AND rootpath = 'b'", "ok"},
    {"in one of two ways",
     "SELECT * FROM RegistryTreeChangeEvent WHERE (hive = 'a' AND rootpath = 'b') OR "
     "(hive = 'c' AND rootpath = 'd')",
     "ok"},
    {"what must be pinned is not",
     "SELECT * FROM RegistryTreeChangeEvent WHERE hive = 'a' OR rootpath = 'b'", "0x80042001"},
    {"nor by LIKE", "SELECT * FROM RegistryTreeChangeEvent WHERE hive = 'a' AND rootpath LIKE 'b'",
     "0x80042001"},
    {"nor without condition", "SELECT * FROM RegistryTreeChangeEvent", "0x80042001"},
    {"nor in a class without the properties", "SELECT * FROM RegistryEvent", "0x80042001"},
    {"an event without source rules", "SELECT * FROM Load WHERE Part = 'x'", "ok"},
    {"no event class", "SELECT * FROM Disk WITHIN 5", "0x80041059"},
    {"no class", "SELECT * FROM Nothing WITHIN 5", "0x80041010"},
    {"an unknown property", "SELECT * FROM Load WHERE Nothing = 'x'", "0x80041017"},
    {"a type error", "SELECT * FROM Load WHERE Percent = 'x'", "0x80041017"},
    {"grouping", "SELECT * FROM Load GROUP WITHIN 5 BY Part HAVING NumberOfEvents > 2", "ok"},
    {"grouping below an object",
     "SELECT * FROM __InstanceCreationEvent WITHIN 1 WHERE TargetInstance ISA 'Disk' GROUP WITHIN "
     "5 BY TargetInstance.Id",
     "ok"},
    {"BY without WITHIN", "SELECT * FROM Load GROUP BY Part", "0x8004105A"},
    {"BY nothing", "SELECT * FROM Load GROUP WITHIN 5 BY", "0x8004105B"},
    {"a dot on a text", "SELECT * FROM Load GROUP WITHIN 5 BY Part.x", "0x8004105C"},
    {"BY an object",
     "SELECT * FROM __InstanceCreationEvent WITHIN 1 WHERE TargetInstance ISA 'Disk' GROUP WITHIN "
     "5 BY TargetInstance",
     "0x8004105D"},
    {"BY an unknown property", "SELECT * FROM Load GROUP WITHIN 5 BY Nothing", "0x80041017"},
    {"no SELECT", "ASSOCIATORS OF {Disk='x'}", "0x80041017"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(wql_events)

BOOST_AUTO_TEST_CASE(registration_answers) {
  const Space space;
  for (const Row& row : kRows) {
    BOOST_TEST_CONTEXT(row.why << ": " << row.text) {
      BOOST_TEST(space.code(row.text) == row.code);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_filter_calls_a_bad_query_unparsable) {
  const auto error = wql::as_filter_error(wql::parse("SELECT").error());
  BOOST_TEST(value_of(error.code) == 0x80041058u);
}

BOOST_AUTO_TEST_CASE(matches_events_by_their_embedded_objects) {
  const Space space;
  const auto plan = space.plan(
      "SELECT TargetInstance FROM __InstanceModificationEvent WITHIN 2.5 WHERE TargetInstance ISA "
      "'Disk' AND "
      "TargetInstance.Free < 10 AND PreviousInstance.Free >= 10");
  BOOST_REQUIRE(plan.has_value());
  BOOST_TEST(plan->within()->ticks == 25'000'000);
  BOOST_REQUIRE(plan->targets().size() == 1u);
  BOOST_TEST(plan->targets()[0].cls->name() == "Disk");
  BOOST_TEST(!plan->targets()[0].exact);
  const auto event = [&](const ClassPtr& cls, std::uint32_t before, std::uint32_t after) {
    Instance out(space.change);
    out.set(0, Value::unsigned_integer(Type::kUint64, 5));
    out.set(1, space.disk_value(cls, "C:", after));
    out.set(2, space.disk_value(cls, "C:", before));
    return out;
  };
  BOOST_TEST(plan->matches(event(space.disk, 10, 9)));
  BOOST_TEST(plan->matches(event(space.big, 10, 9)));
  BOOST_TEST(!plan->matches(event(space.disk, 9, 8)));
  BOOST_TEST(!plan->matches(event(space.aggregate, 10, 9)));
  BOOST_TEST(!plan->matches(space.created("C:", 1)));
  const Instance cut = plan->project(event(space.disk, 10, 9));
  BOOST_TEST(cut.at(0).is_null());
  BOOST_TEST(!cut.at(1).is_null());
  BOOST_TEST(cut.at(2).is_null());
}

BOOST_AUTO_TEST_CASE(names_every_class_and_value_that_the_condition_pins) {
  const Space space;
  const auto targets = [&](const std::string& condition) {
    const auto plan =
        space.plan("SELECT * FROM __InstanceOperationEvent WITHIN 1 WHERE " + condition);
    std::string out = plan ? "" : to_hex(plan.error().code);
    for (const wql::EventTarget& target : plan ? plan->targets() : std::vector<wql::EventTarget>())
      out += (out.empty() ? "" : " ") + std::string(target.exact ? "=" : "") + target.cls->name();
    return out;
  };
  const std::string isa = "TargetInstance ISA ";
  BOOST_TEST(targets(isa + "'disk' OR " + isa + "\"BigDisk\"") == "Disk BigDisk");
  BOOST_TEST(targets(isa + "'Disk' OR " + isa + "'DISK'") == "Disk");
  BOOST_TEST(targets(isa + "'Disk' AND TargetInstance.__Class = 'BigDisk'") == "=BigDisk");
  BOOST_TEST(targets("'BigDisk' = TargetInstance.__Class AND " + isa + "'Disk'") == "=BigDisk");
  BOOST_TEST(targets(isa + "'Disk' AND " + isa + "'BigDisk'") == "Disk");
  BOOST_TEST(targets("TargetInstance.__CLASS = 'Disk' AND TargetInstance.__CLASS = 'BigDisk'") ==
             "");
  const auto plan = space.plan(
      "SELECT * FROM RegistryTreeChangeEvent WHERE Hive = 'H' AND (RootPath = 'a' OR RootPath = "
      "'b' OR RootPath = 'A')");
  BOOST_REQUIRE(plan.has_value());
  std::string pinned;
  for (const std::vector<wql::Pin>& way : plan->pinned())
    for (const wql::Pin& pin : way) pinned += pin.text + "@" + std::to_string(pin.offset) + " ";
  BOOST_TEST(pinned == "H@52 a@72 H@52 b@90 ");
}

BOOST_AUTO_TEST_CASE(a_condition_with_too_many_ways_is_a_quota_violation) {
  const Space space;
  const auto some = [](const char* name, int count) {
    std::string out = "(";
    for (int i = 0; i < count; ++i)
      out += (i == 0 ? "" : " OR ") + std::string(name) + " = '" + std::to_string(i) + "'";
    return out + ")";
  };
  const std::string query = "SELECT * FROM RegistryTreeChangeEvent WHERE ";
  BOOST_TEST(space.code(query + some("Hive", 30) + " AND " + some("RootPath", 30)) == "ok");
  BOOST_TEST(space.code(query + some("Hive", 40) + " AND " + some("RootPath", 40)) == "0x8004106C");
}

BOOST_AUTO_TEST_CASE(groups_events_by_property_and_time) {
  const Space space;
  const auto plan = space.plan(
      "SELECT * FROM __InstanceCreationEvent WITHIN 1 WHERE TargetInstance ISA 'Disk' GROUP WITHIN "
      "10 BY "
      "TargetInstance.Id HAVING NumberOfEvents >= 2");
  BOOST_REQUIRE(plan.has_value() && plan->grouping());
  wql::Aggregator aggregator(*plan->grouping());
  const FileTime start{1000};
  const auto at = [&](int s) { return start + seconds(s); };
  BOOST_TEST(!aggregator.next().has_value());
  aggregator.add(space.created("c:", 1), at(0));
  aggregator.add(space.created("D:", 2), at(3));
  aggregator.add(space.created("C:", 3), at(9));
  BOOST_TEST((*aggregator.next() == at(10)));
  BOOST_TEST(aggregator.due(at(9)).empty());
  const auto first = aggregator.due(at(10));
  BOOST_REQUIRE(first.size() == 1u);
  BOOST_TEST(first[0].number_of_events == 2u);
  BOOST_TEST(first[0].representative.at(1).as_object()->at(1).as_uint32() == 1u);
  BOOST_TEST(aggregator.due(at(20)).empty());  // one event of D: alone
  BOOST_TEST(!aggregator.next().has_value());
  aggregator.add(space.created("C:", 4), at(20));
  aggregator.move(seconds(-15));
  BOOST_TEST((*aggregator.next() == at(15)));
  const Instance event = wql::make_aggregate_event(space.aggregate, first[0]);
  BOOST_TEST(event.get("NumberOfEvents").as_uint32() == 2u);
  BOOST_TEST(event.get("Representative").as_object()->cls()->name() == "__InstanceCreationEvent");
}

BOOST_AUTO_TEST_CASE(having_compares_the_number_of_events) {
  wql::Grouping grouping;
  BOOST_TEST(grouping.admits(1));
  grouping.has_having = true;
  grouping.number = 3;
  const auto admits = [&](wql::Op op) {
    grouping.op = op;
    return std::string() + (grouping.admits(2) ? 'y' : 'n') + (grouping.admits(3) ? 'y' : 'n') +
           (grouping.admits(4) ? 'y' : 'n');
  };
  BOOST_TEST(admits(wql::Op::kEqual) == "nyn");
  BOOST_TEST(admits(wql::Op::kNotEqual) == "yny");
  BOOST_TEST(admits(wql::Op::kLess) == "ynn");
  BOOST_TEST(admits(wql::Op::kLessEqual) == "yyn");
  BOOST_TEST(admits(wql::Op::kGreater) == "nny");
  BOOST_TEST(admits(wql::Op::kGreaterEqual) == "nyy");
}

BOOST_AUTO_TEST_SUITE_END()
