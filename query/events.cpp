// Event queries: what a registration needs, what an event must be, and groups of events in time.
#include "query/events.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "query/filter_builder.hpp"
#include "query/lexer.hpp"

namespace slwmi::wql {
namespace {

// A decimal number of seconds, as the parser let it through; intervals beyond 10,000 years are cut
// there.
TickSpan seconds_of(std::string_view text) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  double seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  return {
      static_cast<std::int64_t>(std::min(seconds, 3e11) * static_cast<double>(kTicksPerSecond))};
}

cim::Value follow(cim::Value value, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (value.type() != cim::Type::kObject || value.is_null() || value.is_array()) return {};
    const std::shared_ptr<const cim::Instance> object = value.as_object();
    if (object == nullptr || !object->valid()) return {};
    cim::Value next = object->get(name);
    if (next.type() == cim::Type::kEmpty) next = cim::system_property(*object, name, {}, {});
    value = std::move(next);
  }
  return value;
}

// Whether every way to satisfy the condition goes through a predicate that `pins` accepts.
template <class Pins>
bool is_pinned(const Query& query, Pins pins) {
  std::vector<bool> pinned(query.where.size());
  for (std::size_t i = 0; i < pinned.size(); ++i) {
    const Node& node = query.where[i];
    switch (node.kind) {
      case NodeKind::kPredicate:
        pinned[i] = pins(node);
        break;
      case NodeKind::kNot:
        pinned[i] = false;
        break;
      case NodeKind::kAnd:
        pinned[i] = pinned[node.left] || pinned[i - 1];
        break;
      case NodeKind::kOr:
        pinned[i] = pinned[node.left] && pinned[i - 1];
        break;
    }
  }
  return !pinned.empty() && pinned.back();
}

class EventPlanner {
 public:
  EventPlanner(const Query& query, const Catalog& catalog, const EventSources& sources)
      : query_(query), catalog_(catalog), sources_(sources) {}

  Result<cim::ClassPtr> event_class() const {
    if (query_.form != Form::kSelect || query_.schema) {
      return fail(HResult::kWbemEInvalidQuery, "a notification query selects events", SourcePos{});
    }
    const std::string_view name = query_.str(query_.from);
    const SourcePos at{query_.from.offset, 0, 0};
    cim::ClassPtr cls = catalog_.find_class(name);
    if (cls == nullptr) {
      return fail(HResult::kWbemEInvalidClass, "there is no class " + std::string(name), at,
                  std::string(name));
    }
    if (!cls->is_a("__Event")) {
      return fail(HResult::kWbemENotEventClass, cls->name() + " is no class of events", at,
                  std::string(name));
    }
    return cls;
  }

  // The class that TargetInstance must be of.
  std::string target_class() const {
    std::string found;
    const bool pinned = is_pinned(query_, [&](const Node& node) {
      const std::string_view name = query_.str(node.property);
      const bool pins = (node.op == Op::kIsa && same_name(name, "targetinstance")) ||
                        (node.op == Op::kEqual && same_name(name, "targetinstance.__class"));
      if (pins && found.empty()) found = literal_of(query_, node).text;
      return pins;
    });
    return pinned ? found : std::string();
  }

  Result<> check_registration(const cim::Class& cls, const std::string& target) const {
    const SourcePos at{query_.from.offset, 0, 0};
    for (const std::string& property : sources_.required_properties(cls.name())) {
      const bool pinned = is_pinned(query_, [&](const Node& node) {
        return node.op == Op::kEqual && equal_ignore_case(query_.str(node.property), property);
      });
      if (!pinned)
        return fail(HResult::kWbemessERegistrationTooBroad,
                    "the condition must say what " + property + " is", at, cls.name());
    }
    const bool instances =
        cls.is_a("__InstanceOperationEvent") && !cls.is_a("__MethodInvocationEvent");
    if (!instances) return {};
    if (!target.empty() && sources_.reports_instances(target)) return {};
    if (!query_.has_within) {
      return fail(HResult::kWbemessERegistrationTooPrecise,
                  "nobody reports these events: WITHIN must say how often to look", at, cls.name());
    }
    if (target.empty()) {
      return fail(HResult::kWbemessERegistrationTooBroad,
                  "the condition must say of which class TargetInstance is", at, cls.name());
    }
    return {};
  }

  Result<Grouping> grouping(const cim::Class& cls) const {
    Grouping grouping;
    grouping.interval = seconds_of(query_.str(query_.group_within));
    for (const Span& name : query_.group_by) {
      SL_TRY(Target target, resolve(query_, name, cls));
      if (target.slot < 0)
        return refuse(query_, name, "events cannot be grouped by a system property");
      const cim::Property& property = cls.properties()[static_cast<std::size_t>(target.slot)];
      const bool object = property.type == cim::Type::kObject && !property.is_array;
      if (!target.path.empty() && !object) {
        return fail(HResult::kWbemEPropertyNotAnObject, property.name + " is no object",
                    SourcePos{name.offset, 0, 0}, std::string(query_.str(name)));
      }
      if (target.path.empty() && object) {
        return fail(HResult::kWbemEAggregatingByObject, property.name + " is an object",
                    SourcePos{name.offset, 0, 0}, std::string(query_.str(name)));
      }
      grouping.by.push_back({target.slot, std::move(target.path)});
    }
    if (query_.has_having) {
      grouping.has_having = true;
      grouping.op = query_.having_op;
      std::string_view digits = query_.str(query_.having);
      if (digits[0] == '+') digits.remove_prefix(1);
      grouping.number = parse_unsigned(digits).value_or(~std::uint64_t{0});
    }
    return grouping;
  }

 private:
  const Query& query_;
  const Catalog& catalog_;
  const EventSources& sources_;
};

}  // namespace

bool Grouping::admits(std::uint64_t events) const {
  if (!has_having) return true;
  switch (op) {
    case Op::kEqual:
      return events == number;
    case Op::kNotEqual:
      return events != number;
    case Op::kLess:
      return events < number;
    case Op::kLessEqual:
      return events <= number;
    case Op::kGreater:
      return events > number;
    default:
      return events >= number;
  }
}

Result<EventPlan> EventPlan::make(const Query& query, const Catalog& catalog,
                                  const EventSources& sources) {
  const EventPlanner planner(query, catalog, sources);
  EventPlan plan;
  SL_TRY(plan.cls_, planner.event_class());
  plan.server_ = std::string(catalog.server());
  plan.ns_ = std::string(catalog.ns());
  plan.select_all_ = query.select_all;
  for (const Span& name : query.select) {
    SL_TRY(const Target target, resolve(query, name, *plan.cls_));
    if (target.slot >= 0) plan.selected_.push_back(target.slot);
  }
  plan.target_class_ = planner.target_class();
  if (!query.where.empty()) {
    SL_TRY(BuiltFilter built,
           build_filter(query, *plan.cls_, plan.server_, plan.ns_, plan.wanted_));
    plan.filter_ = std::make_shared<const FilterNode>(std::move(built.root));
  }
  if (query.has_within) plan.within_ = seconds_of(query.str(query.within));
  if (query.has_group) {
    SL_TRY(plan.grouping_, planner.grouping(*plan.cls_));
  }
  SL_CHECK(planner.check_registration(*plan.cls_, plan.target_class_));
  return plan;
}

bool EventPlan::matches(const cim::Instance& event) const {
  if (!event.valid() || !event.cls()->is_a(cls_->name())) return false;
  if (filter_ == nullptr) return true;
  std::vector<cim::Column> columns;
  columns.reserve(wanted_.size());
  for (const int slot : wanted_) columns.push_back(cim::Column::constant(event.at(slot)));
  FilterState state;
  Mask mask;
  evaluate(*filter_, cim::Batch{event.cls().get(), 1, columns, nullptr, 0}, nullptr, state, mask);
  return mask.at(0) == Truth::kTrue;
}

cim::Instance EventPlan::project(const cim::Instance& event) const {
  if (select_all_) return event;
  cim::Instance out(event.cls());
  for (const cim::Property& property : event.cls()->properties()) {
    const bool selected =
        std::find(selected_.begin(), selected_.end(), property.slot) != selected_.end();
    out.set(property.slot, selected ? event.at(property.slot)
                                    : cim::Value::null(property.type, property.is_array));
  }
  return out;
}

Error as_filter_error(Error error) {
  if (error.code == HResult::kWbemEInvalidQuery) error.code = HResult::kWbemEUnparsableQuery;
  return error;
}

std::vector<cim::Value> Aggregator::key_of(const cim::Instance& event) const {
  std::vector<cim::Value> key;
  key.reserve(grouping_.by.size());
  for (const Grouping::Path& path : grouping_.by) {
    cim::Value value = follow(event.at(path.slot), path.names);
    if (cim::is_text(value.type()) && !value.is_null() &&
        !value.is_array()) {  // letter case does not count
      value = cim::Value::text(fold(value.as_text()), value.type());
    }
    key.push_back(std::move(value));
  }
  return key;
}

void Aggregator::add(const cim::Instance& event, FileTime now) {
  std::vector<cim::Value> key = key_of(event);
  for (Group& group : groups_) {
    if (group.key == key) {
      ++group.aggregate.number_of_events;
      return;
    }
  }
  groups_.push_back({std::move(key), now + grouping_.interval, {event, 1}});
}

std::vector<Aggregate> Aggregator::due(FileTime now) {
  std::vector<Aggregate> out;
  std::size_t ended = 0;
  for (; ended < groups_.size() && groups_[ended].end <= now; ++ended) {
    Aggregate& aggregate = groups_[ended].aggregate;
    if (grouping_.admits(aggregate.number_of_events)) out.push_back(std::move(aggregate));
  }
  groups_.erase(groups_.begin(), groups_.begin() + static_cast<std::ptrdiff_t>(ended));
  return out;
}

std::optional<FileTime> Aggregator::next() const {
  if (groups_.empty()) return std::nullopt;
  return groups_.front().end;
}

cim::Instance make_aggregate_event(const cim::ClassPtr& cls, const Aggregate& aggregate) {
  cim::Instance event(cls);
  const int representative = cls->find_slot("Representative"),
            number = cls->find_slot("NumberOfEvents");
  if (representative >= 0) {
    event.set(representative,
              cim::Value::object(std::make_shared<const cim::Instance>(aggregate.representative)));
  }
  if (number >= 0) {
    const std::uint64_t most = 0xFFFFFFFFu;
    event.set(number, cim::Value::uint32(
                          static_cast<std::uint32_t>(std::min(aggregate.number_of_events, most))));
  }
  return event;
}

}  // namespace slwmi::wql
