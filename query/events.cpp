// Event queries: what a registration needs, what an event must be, and groups of events in time.
#include "query/events.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "query/embedded.hpp"
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

Result<> check_event_class(const Query& query, const cim::Class& cls) {
  if (cls.is_a("__Event")) return {};
  return fail(HResult::kWbemENotEventClass, cls.name() + " is no class of events",
              SourcePos{query.from.offset, 0, 0}, std::string(query.str(query.from)));
}

Result<Grouping> grouping_of(const Query& query, const cim::Class& cls) {
  Grouping grouping;
  grouping.interval = seconds_of(query.str(query.group_within));
  for (const Span& name : query.group_by) {
    SL_TRY(Target target, resolve(query, name, cls));
    if (target.slot < 0)
      return refuse(query, name, "events cannot be grouped by a system property");
    const cim::Property& property = cls.properties()[static_cast<std::size_t>(target.slot)];
    const bool object = property.type == cim::Type::kObject && !property.is_array;
    if (!target.path.empty() && !object) {
      return fail(HResult::kWbemEPropertyNotAnObject, property.name + " is no object",
                  SourcePos{name.offset, 0, 0}, std::string(query.str(name)));
    }
    if (target.path.empty() && object) {
      return fail(HResult::kWbemEAggregatingByObject, property.name + " is an object",
                  SourcePos{name.offset, 0, 0}, std::string(query.str(name)));
    }
    grouping.by.push_back({target.slot, std::move(target.path)});
  }
  if (query.has_having) {
    grouping.has_having = true;
    grouping.op = query.having_op;
    std::string_view digits = query.str(query.having);
    if (digits[0] == '+') digits.remove_prefix(1);
    grouping.number = parse_unsigned(digits).value_or(~std::uint64_t{0});
  }
  return grouping;
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
    cim::ClassPtr cls = catalog_.find_class(name);
    if (cls == nullptr) {
      return fail(HResult::kWbemEInvalidClass, "there is no class " + std::string(name), at_from(),
                  std::string(name));
    }
    SL_CHECK(check_event_class(query_, *cls));
    return cls;
  }

  Result<EventKind> kind(const cim::Class& cls) const {
    std::vector<cim::ClassPtr> below;
    catalog_.append_subclasses(cls.name(), below);
    const bool raised = sources_.raises(cls) ||
                        std::any_of(below.begin(), below.end(), [&](const cim::ClassPtr& each) {
                          return sources_.raises(*each);
                        });
    if (!raised) {
      return fail(HResult::kWbemEProviderNotCapable, "nobody raises " + cls.name() + " events",
                  at_from(), cls.name());
    }
    if (cls.is_a("__InstanceOperationEvent")) return EventKind::kInstances;
    if (cls.is_a("__ClassOperationEvent")) return EventKind::kClasses;
    if (cls.is_a("__NamespaceOperationEvent")) return EventKind::kNamespaces;
    if (cls.is_a("__ExtrinsicEvent") && !same_name(cls.name(), "__extrinsicevent"))
      return EventKind::kExtrinsic;
    return fail(HResult::kWbemessERegistrationTooBroad,
                cls.name() + " is all kinds of events; name one", at_from(), cls.name());
  }

  // The classes that TargetInstance may be of; none in `open` says that it may be of any.
  Result<std::vector<EventTarget>> targets(bool& open) const {
    SL_TRY(const std::vector<Pins> ways, pins_of(query_, 1, [&](const Node& node) {
             const std::string_view name = query_.str(node.property);
             const bool pins = (node.op == Op::kIsa && same_name(name, "targetinstance")) ||
                               (node.op == Op::kEqual && same_name(name, "targetinstance.__class"));
             return pins ? 0 : -1;
           }));
    std::vector<EventTarget> out;
    for (const Pins& way : ways) {
      if (!way[0]) {
        open = true;
        continue;
      }
      cim::ClassPtr cls = catalog_.find_class(way[0]->text);
      if (cls == nullptr) {
        return fail(HResult::kWbemEInvalidClass, "there is no class " + way[0]->text,
                    SourcePos{way[0]->offset, 0, 0}, way[0]->text);
      }
      out.push_back({std::move(cls), way[0]->exact});
    }
    return out;
  }

  Result<> check_instances(const std::vector<EventTarget>& targets, bool open) const {
    const auto reported = [&](const EventTarget& target) {
      if (!sources_.reports_instances(*target.cls)) return false;
      std::vector<cim::ClassPtr> below;
      if (!target.exact) catalog_.append_subclasses(target.cls->name(), below);
      return std::all_of(below.begin(), below.end(), [&](const cim::ClassPtr& cls) {
        return sources_.reports_instances(*cls);
      });
    };
    const std::string_view name = query_.str(query_.from);
    if (!query_.has_within && (open || !std::all_of(targets.begin(), targets.end(), reported))) {
      return fail(HResult::kWbemessERegistrationTooPrecise,
                  "nobody reports these events: WITHIN must say how often to look", at_from(),
                  std::string(name));
    }
    if (open) {
      return fail(HResult::kWbemessERegistrationTooBroad,
                  "the condition must say of which class TargetInstance is", at_from(),
                  std::string(name));
    }
    return {};
  }

  std::optional<std::vector<std::string>> looked_at() const {
    std::vector<std::string> out;
    for (const Node& node : query_.where) {
      if (node.kind != NodeKind::kPredicate) continue;
      std::string_view name = query_.str(node.property);
      const std::size_t dot = std::min(name.find('.'), name.size());
      const std::string_view object = name.substr(0, dot);
      if (!same_name(object, "targetinstance") && !same_name(object, "previousinstance"))
        return std::nullopt;
      if (dot == name.size()) continue;
      name.remove_prefix(dot + 1);
      out.emplace_back(name.substr(0, name.find('.')));
    }
    return out;
  }

  Result<std::vector<std::vector<Pin>>> pinned(const cim::Class& cls) const {
    const std::vector<std::string> required = sources_.required_properties(cls);
    SL_TRY(std::vector<Pins> ways, pins_of(query_, required.size(), [&](const Node& node) {
             if (node.op != Op::kEqual) return -1;
             const std::string_view name = query_.str(node.property);
             const auto found = std::find_if(
                 required.begin(), required.end(),
                 [&](const std::string& each) { return equal_ignore_case(each, name); });
             return found == required.end() ? -1 : static_cast<int>(found - required.begin());
           }));
    std::vector<std::vector<Pin>> out;
    for (Pins& way : ways) {
      std::vector<Pin>& values = out.emplace_back();
      for (std::size_t i = 0; i < required.size(); ++i) {
        if (!way[i]) {
          return fail(HResult::kWbemessERegistrationTooBroad,
                      "the condition must say what " + required[i] + " is", at_from(), cls.name());
        }
        values.push_back(*std::move(way[i]));
      }
    }
    return out;
  }

 private:
  SourcePos at_from() const { return SourcePos{query_.from.offset, 0, 0}; }

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

Result<> check_event(const Query& query, const cim::Class& cls) {
  SL_CHECK(check_event_class(query, cls));
  if (query.has_group) SL_CHECK(grouping_of(query, cls));
  return {};
}

Result<EventPlan> EventPlan::make(const Query& query, const Catalog& catalog,
                                  const EventSources& sources) {
  const EventPlanner planner(query, catalog, sources);
  EventPlan plan;
  SL_TRY(plan.cls_, planner.event_class());
  SL_TRY(plan.kind_, planner.kind(*plan.cls_));
  plan.server_ = std::string(catalog.server());
  plan.ns_ = std::string(catalog.ns());
  plan.select_all_ = query.select_all;
  for (const Span& name : query.select) {
    SL_TRY(const Target target, resolve(query, name, *plan.cls_));
    const auto end = plan.selected_.end();
    if (target.slot >= 0 && std::find(plan.selected_.begin(), end, target.slot) == end)
      plan.selected_.push_back(target.slot);
  }
  if (!query.where.empty()) {
    SL_TRY(BuiltFilter built,
           build_filter(query, *plan.cls_, plan.server_, plan.ns_, plan.wanted_));
    plan.filter_ = std::make_shared<const FilterNode>(std::move(built.root));
  }
  if (query.has_group) {
    SL_TRY(plan.grouping_, grouping_of(query, *plan.cls_));
  }
  if (plan.kind_ == EventKind::kInstances) {
    bool open = false;
    SL_TRY(plan.targets_, planner.targets(open));
    SL_CHECK(planner.check_instances(plan.targets_, open));
    plan.looked_at_ = planner.looked_at();
    if (query.has_within) plan.within_ = seconds_of(query.str(query.within));
  } else if (plan.kind_ == EventKind::kExtrinsic) {
    SL_TRY(plan.pinned_, planner.pinned(*plan.cls_));
  }
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
  std::uint64_t hash = key.size();
  for (const cim::Value& value : key) hash = combine(hash, value.hash());
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto at = first; at != last; ++at) {
    if (at->second->key != key) continue;
    ++at->second->aggregate.number_of_events;
    return;
  }
  Group& made =
      groups_.emplace_back(Group{std::move(key), hash, now + grouping_.interval, {event, 1}});
  by_hash_.emplace(hash, &made);
}

std::vector<Aggregate> Aggregator::due(FileTime now) {
  std::vector<Aggregate> out;
  for (; !groups_.empty() && groups_.front().end <= now; groups_.pop_front()) {
    Group& group = groups_.front();
    const auto [first, last] = by_hash_.equal_range(group.hash);
    by_hash_.erase(std::find_if(first, last, [&](const auto& at) { return at.second == &group; }));
    if (grouping_.admits(group.aggregate.number_of_events))
      out.push_back(std::move(group.aggregate));
  }
  return out;
}

std::optional<FileTime> Aggregator::next() const {
  if (groups_.empty()) return std::nullopt;
  return groups_.front().end;
}

void Aggregator::move(TickSpan by) {
  for (Group& group : groups_) group.end = group.end + by;
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
