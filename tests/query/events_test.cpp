// Event queries: registration errors, matching, grouping in time.
#include "query/events.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/query/fixture.hpp"

using namespace slwmi;
using namespace slwmi::wql::test;

namespace {

class Sources final : public wql::EventSources {
 public:
  bool reports_instances(std::string_view target) const override {
    return equal_ignore_case(target, "Win32_NTLogEvent");
  }
  std::vector<std::string> required_properties(std::string_view event) const override {
    if (equal_ignore_case(event, "RegistryTreeChangeEvent")) return {"Hive", "RootPath"};
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
  ClassPtr timer = make_class("__TimerEvent",
                              {{"TimerId", Type::kString}, {"NumFirings", Type::kUint32}}, event);
  ClassPtr registry = make_class("RegistryTreeChangeEvent",
                                 {{"Hive", Type::kString}, {"RootPath", Type::kString}}, event);
  ClassPtr aggregate = make_class(
      "__AggregateEvent", {{"Representative", Type::kObject}, {"NumberOfEvents", Type::kUint32}});
  ClassPtr disk = make_class("Disk", {{"Id", Type::kString, true}, {"Free", Type::kUint32}});
  ClassPtr big = make_class("BigDisk", {}, disk);
  TestCatalog catalog;
  Sources sources;

  Space() {
    catalog.classes = {event, operation, creation, change, timer, registry, aggregate, disk, big};
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
    {"polling of everything", "SELECT * FROM __InstanceCreationEvent WITHIN 5", "0x80042001"},
    {"an OR that leaves a way open",
     "SELECT * FROM __InstanceCreationEvent WITHIN 5 WHERE TargetInstance ISA 'Disk' OR "
     "TIME_CREATED = 1",
     "0x80042001"},
    {"what must be pinned is",
     "SELECT * FROM RegistryTreeChangeEvent WHERE hive = 'a' AND rootpath = 'b'", "ok"},
    {"what must be pinned is not",
     "SELECT * FROM RegistryTreeChangeEvent WHERE hive = 'a' OR rootpath = 'b'", "0x80042001"},
    {"nor without condition", "SELECT * FROM RegistryTreeChangeEvent", "0x80042001"},
    {"an event without source rules", "SELECT * FROM __TimerEvent WHERE TimerId = 'x'", "ok"},
    {"no event class", "SELECT * FROM Disk WITHIN 5", "0x80041059"},
    {"no class", "SELECT * FROM Nothing WITHIN 5", "0x80041010"},
    {"an unknown property", "SELECT * FROM __TimerEvent WHERE Nothing = 'x'", "0x80041017"},
    {"a type error", "SELECT * FROM __TimerEvent WHERE NumFirings = 'x'", "0x80041017"},
    {"grouping", "SELECT * FROM __TimerEvent GROUP WITHIN 5 BY TimerId HAVING NumberOfEvents > 2",
     "ok"},
    {"grouping below an object",
     "SELECT * FROM __InstanceCreationEvent WITHIN 1 WHERE TargetInstance ISA 'Disk' GROUP WITHIN "
     "5 BY TargetInstance.Id",
     "ok"},
    {"BY without WITHIN", "SELECT * FROM __TimerEvent GROUP BY TimerId", "0x8004105A"},
    {"BY nothing", "SELECT * FROM __TimerEvent GROUP WITHIN 5 BY", "0x8004105B"},
    {"a dot on a text", "SELECT * FROM __TimerEvent GROUP WITHIN 5 BY TimerId.x", "0x8004105C"},
    {"BY an object",
     "SELECT * FROM __InstanceCreationEvent WITHIN 1 WHERE TargetInstance ISA 'Disk' GROUP WITHIN "
     "5 BY TargetInstance",
     "0x8004105D"},
    {"BY an unknown property", "SELECT * FROM __TimerEvent GROUP WITHIN 5 BY Nothing",
     "0x80041017"},
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
  BOOST_TEST(plan->target_class() == "Disk");
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
