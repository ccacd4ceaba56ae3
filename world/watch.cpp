// The order of things in time: when the states that the machine was in are looked at, and which
// groups end between.
#include "world/watch.hpp"

#include <algorithm>
#include <deque>

#include "query/events.hpp"
#include "query/parser.hpp"
#include "world/watch_scene.hpp"
#include "world/watch_sources.hpp"
#include "world/watch_timeline.hpp"

namespace slwmi::world {
namespace {

constexpr TickSpan kShortestPause{kTicksPerSecond / 1000};
constexpr TickSpan kLongestPause{kTicksPerSecond / 50};

}  // namespace

struct Subscription::Impl {
  std::string text;
  std::unique_ptr<Timeline> timeline;
  Scene scene;
  wql::EventPlan plan;
  std::vector<std::unique_ptr<EventSource>> sources;
  std::optional<wql::Aggregator> groups;
  cim::ClassPtr shown_class;

  PollTimes polls;
  std::uint64_t next_poll = 1;  // the n of the next
  std::uint64_t stride = 1;     // how many polls passed between the last two changes by time alone
  TickSpan since_poll = {};     // waited while the clock stood still
  TickSpan standing = {};       // waited since the clock moved
  int idle = 0;                 // calls without news
  bool behind = false;
  std::deque<cim::Instance> ready;

  Impl(const Principal& caller, const std::string& ns) : scene(caller, ns) {}

  bool polled() const { return plan.within().has_value(); }
  const Span& present() const { return timeline->spans().back(); }

  Result<> follow() {
    SL_TRY(const Timeline::News news, timeline->follow());
    idle = news.any ? 0 : idle + 1;
    if (news.clock_moved) standing = since_poll = {};
    return {};
  }

  // Polls are at multiples of WITHIN after `start`.
  void start_polls(FileTime start) {
    if (!polled()) return;
    polls.start = start;
    polls.interval = static_cast<std::uint64_t>(std::max<std::int64_t>(plan.within()->ticks, 1));
    next_poll = 1;
    timeline->set_polls(polls);
  }

  // --- what happens, one thing after another

  void end_groups(FileTime now) {
    if (!groups) return;
    for (wql::Aggregate& aggregate : groups->due(now)) {
      aggregate.representative = plan.project(aggregate.representative);
      ready.push_back(wql::make_aggregate_event(shown_class, aggregate));
    }
  }

  void take(cim::Instance event, FileTime time) {
    if (!plan.matches(event)) return;
    if (!groups) {
      ready.push_back(plan.project(event));
    } else {
      end_groups(time);
      groups->add(event, time);
    }
  }

  Result<> look(Span& span, FileTime time) {
    scene.show(span.picture);
    scene.set_time(time);
    const FileTime felt = time + (time == present().until ? standing : TickSpan{});
    for (const auto& source : sources) {
      SL_CHECK(source->look(scene, [&](cim::Instance event) { take(std::move(event), felt); }));
    }
    span.looked_at = true;
    span.timeless = !scene.time_was_asked();
    since_poll = {};
    return {};
  }

  // Whether the sources would find another state at the n-th poll; of the picture that is shown.
  Result<bool> differs(std::uint64_t n) {
    scene.set_time(polls.at(n));
    for (const auto& source : sources) {
      SL_TRY(const bool other, source->differs(scene));
      if (other) return true;
    }
    return false;
  }

  // The first poll of next_poll..last that finds another state by time alone; last + 1 when none
  // does. What time alone changes does not come back, so that polls between two that find the same
  // need no look. Changes often come at equal distances, so that is tried first.
  Result<std::uint64_t> first_that_differs(const Span& span, std::uint64_t last,
                                           std::size_t& looks) {
    scene.show(span.picture);
    std::uint64_t same = next_poll - 1, other = last + 1;
    for (std::uint64_t step = stride; same < last && other > last; step *= 2) {
      const std::uint64_t probe = same + std::min(last - same, step);
      SL_TRY(const bool found, differs(probe));
      (found ? other : same) = probe;
      ++looks;
    }
    for (bool guess = true; same + 1 < other; guess = false) {
      const std::uint64_t probe = guess ? other - 1 : same + (other - same) / 2;
      SL_TRY(const bool found, differs(probe));
      (found ? other : same) = probe;
      ++looks;
    }
    return other;
  }

  bool overlooks() const {
    return std::any_of(sources.begin(), sources.end(),
                       [](const auto& source) { return source->overlooks(); });
  }

  // Passes the next thing that is due; false when nothing is.
  Result<bool> pass(std::size_t& looks) {
    std::deque<Span>& spans = timeline->spans();
    Span& span = spans.front();
    const bool last = spans.size() == 1;
    if (polled()) {
      const std::uint64_t end = polls.last_before(span.until);
      if (next_poll <= end) {
        std::uint64_t n = next_poll;
        if (span.looked_at && span.timeless) {
          n = end + 1;
        } else if (span.looked_at) {
          SL_TRY(n, first_that_differs(span, end, looks));
          if (n <= end) stride = n - next_poll + 1;
          // What changed until then without being an event is what PreviousInstance shows.
          if (n <= end && n > next_poll && overlooks()) SL_CHECK(look(span, polls.at(n - 1)));
        }
        next_poll = std::min(n, end) + 1;
        if (n > end) return true;
        ++looks;
        SL_CHECK(look(span, polls.at(n)));
        return true;
      }
      if (last && !span.looked_at && since_poll >= *plan.within()) {
        ++looks;
        SL_CHECK(look(span, span.until));
        return true;
      }
    } else if (!span.looked_at) {
      ++looks;
      SL_CHECK(look(span, span.since));
      return true;
    }
    if (last) {
      end_groups(span.until + standing);
      return false;
    }
    spans.pop_front();
    Span& next = spans.front();
    if (next.set_back != TickSpan{}) {
      if (groups) groups->move({-next.set_back.ticks});
      start_polls(next.set_to);
    }
    if (polled()) {  // polls at times of which nothing is known did not happen
      next_poll = std::max(next_poll, polls.last_before(next.since - TickSpan{1}) + 1);
    }
    return true;
  }
};

Subscription::Subscription(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&&) noexcept = default;
Subscription::~Subscription() = default;

Result<Subscription> Subscription::make(WorldShared& world, MachineId machine,
                                        const Principal& caller, const std::string& ns,
                                        std::string_view wql) {
  SL_TRY(const wql::Query query, wql::parse(wql));
  auto impl = std::make_unique<Impl>(caller, ns);
  impl->text = std::string(wql);
  SL_TRY(impl->timeline, Timeline::make(world, machine));
  Span& present = impl->timeline->spans().back();
  impl->scene.show(present.picture);
  impl->scene.set_time(present.since);
  const NamespaceCatalog& catalog = impl->scene.catalog();
  SL_TRY(impl->plan, wql::EventPlan::make(query, catalog, WorldEvents()));
  SL_TRY(impl->sources, make_sources(impl->plan, impl->scene));
  present.looked_at = true;
  present.timeless = !impl->scene.time_was_asked();
  impl->start_polls(present.since);
  impl->shown_class = impl->plan.event_class();
  if (impl->plan.grouping()) {
    impl->groups.emplace(*impl->plan.grouping());
    impl->shown_class = catalog.find_class("__AggregateEvent");
  }
  return Subscription(std::move(impl));
}

Result<std::optional<cim::Instance>> Subscription::poll(std::size_t looks) {
  Impl& s = *impl_;
  if (s.ready.empty()) SL_CHECK(s.follow());
  s.behind = false;
  for (std::size_t done = 0; s.ready.empty();) {
    if (done >= looks) {
      s.behind = true;
      return std::nullopt;
    }
    SL_TRY(const bool more, s.pass(done));
    if (!more) break;
  }
  if (s.ready.empty()) return std::nullopt;
  cim::Instance event = std::move(s.ready.front());
  s.ready.pop_front();
  return event;
}

bool Subscription::behind() const { return impl_->behind; }

Result<std::optional<cim::Instance>> Subscription::next(Wait wait) {
  for (;;) {
    SL_TRY(std::optional<cim::Instance> event, poll(kFewLooks));
    if (event) return event;
    const std::optional<TickSpan> real = wait(pause());
    if (!real) return std::nullopt;
    waited(*real);
  }
}

void Subscription::waited(TickSpan real) {
  Impl& s = *impl_;
  s.standing = s.standing + real;
  s.since_poll = s.since_poll + real;
  // Polls that found nothing new.
  if (s.polled() && s.present().looked_at)
    s.since_poll.ticks %= static_cast<std::int64_t>(s.polls.interval);
}

TickSpan Subscription::pause() const {
  const Impl& s = *impl_;
  if (s.behind || !s.ready.empty()) return {};
  TickSpan out{kShortestPause.ticks << std::clamp(s.idle, 0, 5)};
  out = std::min(out, kLongestPause);
  const Span& now = s.present();
  if (s.polled() && !now.looked_at) out = std::min(out, *s.plan.within() - s.since_poll);
  if (s.groups && s.groups->next())
    out = std::min(out, *s.groups->next() - (now.until + s.standing));
  return std::max(out, TickSpan{1});
}

const std::string& Subscription::query() const { return impl_->text; }
std::optional<TickSpan> Subscription::within() const { return impl_->plan.within(); }
const cim::ClassPtr& Subscription::event_class() const { return impl_->shown_class; }

std::vector<std::string> Subscription::columns() const {
  std::vector<std::string> out;
  if (impl_->groups) return out;
  const std::vector<cim::Property>& properties = impl_->plan.event_class()->properties();
  for (const int slot : impl_->plan.selected())
    out.push_back(properties[static_cast<std::size_t>(slot)].name);
  return out;
}

}  // namespace slwmi::world
