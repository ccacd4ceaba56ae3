// Event queries: a plan that says whether an event instance is wanted, and the grouping of GROUP
// WITHIN as an object that is only told events and the time. Who makes events, and when, is not
// this part's business.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/datetime.hpp"
#include "base/result.hpp"
#include "query/ast.hpp"
#include "query/catalog.hpp"
#include "query/filter.hpp"
#include "query/pins.hpp"
#include "schema/instance.hpp"

namespace slwmi::wql {

// What the world knows of event providers, which decides what a registration needs.
class EventSources {
 public:
  EventSources() = default;
  EventSources(const EventSources&) = delete;
  EventSources& operator=(const EventSources&) = delete;
  virtual ~EventSources() = default;

  // Somebody raises events of exactly that class.
  virtual bool raises(const cim::Class& event_class) const = 0;
  // Somebody reports creation, change and deletion of the instances of exactly that class, so that
  // nobody must poll for them.
  virtual bool reports_instances(const cim::Class& target_class) const = 0;
  // Properties that a registration for this event class must pin by equality: Hive and RootPath of
  // registry events.
  virtual std::vector<std::string> required_properties(const cim::Class& event_class) const = 0;
};

// What an event class is about.
enum class EventKind : std::uint8_t { kInstances, kClasses, kNamespaces, kExtrinsic };

// A class that the condition pins TargetInstance to.
struct EventTarget {
  cim::ClassPtr cls;
  bool exact = false;  // only this class, none below it
};

// GROUP WITHIN.
struct Grouping {
  struct Path {
    int slot = -1;
    std::vector<std::string> names;  // below an embedded object
  };
  TickSpan interval;
  std::vector<Path> by;
  bool has_having = false;
  Op op = Op::kEqual;
  std::uint64_t number = 0;

  bool admits(std::uint64_t events) const;
};

// What can be said of a query with WITHIN or GROUP by its class alone: WBEM_E_NOT_EVENT_CLASS, and
// the codes of BY.
Result<> check_event(const Query& query, const cim::Class& cls);

class EventPlan {
 public:
  // Beside the codes of plan(): WBEM_E_NOT_EVENT_CLASS; WBEM_E_PROVIDER_NOT_CAPABLE when nobody
  // raises such events; WBEM_E_INVALID_CLASS for an unknown class of TargetInstance;
  // WBEM_E_PROPERTY_NOT_AN_OBJECT for a dot on anything else in BY, WBEM_E_AGGREGATING_BY_OBJECT
  // for an object there; WBEMESS_E_REGISTRATION_TOO_BROAD (0x80042001) for a property that must be
  // pinned and is not, or polling of no class in particular; 0x80042002 for polling without WITHIN.
  static Result<EventPlan> make(const Query& query, const Catalog& catalog,
                                const EventSources& sources);

  const cim::ClassPtr& event_class() const { return cls_; }
  EventKind kind() const { return kind_; }
  // How often to look at instances; nothing without WITHIN and for events that are always reported.
  const std::optional<TickSpan>& within() const { return within_; }
  const std::optional<Grouping>& grouping() const { return grouping_; }
  // kInstances: the classes to look at; none when the condition contradicts itself.
  const std::vector<EventTarget>& targets() const { return targets_; }
  // kExtrinsic: the values of the required properties, one list for each way to satisfy the
  // condition.
  const std::vector<std::vector<Pin>>& pinned() const { return pinned_; }

  // kInstances: the properties of TargetInstance and PreviousInstance that the condition looks at,
  // nothing when it looks at more than those.
  const std::optional<std::vector<std::string>>& looked_at() const { return looked_at_; }

  bool select_all() const { return select_all_; }
  // Slots of the select list, in its order, each once; empty with SELECT *.
  const std::vector<int>& selected() const { return selected_; }

  // Whether `event`, of the event class or below it, is wanted.
  bool matches(const cim::Instance& event) const;
  // The event with only the selected properties; embedded objects stay whole.
  cim::Instance project(const cim::Instance& event) const;

 private:
  cim::ClassPtr cls_;
  EventKind kind_ = EventKind::kExtrinsic;
  std::string server_, ns_;
  std::optional<TickSpan> within_;
  std::optional<Grouping> grouping_;
  std::vector<EventTarget> targets_;
  std::vector<std::vector<Pin>> pinned_;
  std::optional<std::vector<std::string>> looked_at_;
  bool select_all_ = false;
  std::vector<int> selected_;
  std::vector<int> wanted_;
  std::shared_ptr<const FilterNode> filter_;
};

// What a __EventFilter answers: a query that cannot be parsed is WBEM_E_UNPARSABLE_QUERY there.
Error as_filter_error(Error error);

// One __AggregateEvent: the first event of a group and how many there were.
struct Aggregate {
  cim::Instance representative;
  std::uint64_t number_of_events = 0;
};

// Collects events by group. A group's interval starts with its first event; at its end one
// aggregate stands for all of them, if HAVING admits their number. Pure: the same calls give the
// same answers.
class Aggregator {
 public:
  explicit Aggregator(Grouping grouping) : grouping_(std::move(grouping)) {}

  // Takes an event that matches. Intervals that ended before `now` must have been collected by
  // due(now).
  void add(const cim::Instance& event, FileTime now);
  // The aggregates of the intervals that ended at `now` or before, by the time of their ends.
  std::vector<Aggregate> due(FileTime now);
  // When the next interval ends; nothing when no event waits.
  std::optional<FileTime> next() const;
  // Shifts the ends of all intervals: the clock was set.
  void move(TickSpan by);

 private:
  struct Group {
    std::vector<cim::Value> key;
    std::uint64_t hash = 0;
    FileTime end;
    Aggregate aggregate;
  };
  std::vector<cim::Value> key_of(const cim::Instance& event) const;

  Grouping grouping_;
  std::deque<Group> groups_;  // in the order of their ends
  std::unordered_multimap<std::uint64_t, Group*> by_hash_;
};

// The __AggregateEvent instance of an aggregate; `cls` is that class.
cim::Instance make_aggregate_event(const cim::ClassPtr& cls, const Aggregate& aggregate);

}  // namespace slwmi::wql
