#include "world/watch_timeline.hpp"

#include <algorithm>
#include <iterator>

namespace slwmi::world {
namespace {

constexpr std::size_t kJournalPage = 1000;
constexpr std::size_t kMostStates = 4096;  // kept for a subscription that nobody asks

// Whether the commit may have changed what is seen of the machine.
bool concerns(const JournalEntry& entry, MachineId machine) {
  using enum JournalKind;
  // Of entries of event logs the journal does not say whose they are, and the network is
  // everybody's.
  if (has(entry.kind, kSchema | kRestored | kFleet | kEvents | kNetwork)) return true;
  if (!has(entry.kind, kRegistry | kPolicies | kMachineRow | kMachines)) return false;
  if (entry.machine != 0) return entry.machine == machine;
  if (!entry.machines.empty()) {
    return std::find(entry.machines.begin(), entry.machines.end(), machine) != entry.machines.end();
  }
  return has(entry.kind, kRegistry | kPolicies | kMachineRow);
}

}  // namespace

// Where the machine was changed: the times of the first and the last change.
struct Timeline::Changes {
  bool any = false;
  bool lost = false;   // the journal does not reach back that far
  TickSpan back = {};  // that much was the clock set back meanwhile,
  FileTime set_to;     // the last time to this;
  FileTime until;      // and so long had nothing changed before the first time
  FileTime first, last;
};

Result<std::unique_ptr<Timeline>> Timeline::make(WorldShared& world, MachineId machine) {
  std::unique_ptr<Timeline> out(new Timeline(world));
  SL_TRY(out->context_, MachineContext::make(world, machine));
  world.add_witness(*out);
  world.store().add_witness(machine, *out);
  SL_CHECK(out->context_->refresh());
  Span first;
  SL_TRY(first.picture, out->picture());
  first.generation = first.picture.view.generation();
  first.since = first.until = out->clock_ = out->context_->clock().now();
  out->word_ = out->context_->word();
  out->spans_.push_back(std::move(first));
  return out;
}

Timeline::~Timeline() {
  world_.remove_witness(*this);
  world_.store().remove_witness(*this);
}

Result<Picture> Timeline::picture() {
  Picture out;
  out.host = std::make_shared<const licensing::Host>(context_->host());
  out.definitions = context_->definitions();
  out.version = context_->version();
  SL_TRY(out.view, context_->registry()->view());
  return out;
}

// --- what this process ends, told by the thread that does

void Timeline::set_polls(PollTimes polls) {
  const std::lock_guard guard(lock_);
  polls_ = polls;
}

void Timeline::state_ends(const reg::HiveView& view, FileTime at, FileTime clock) {
  keep(Ended{view, nullptr, at, clock});
}

void Timeline::schema_ends(const std::shared_ptr<const Definitions>& before) {
  const auto view = world_.store().view(context_->id());
  const auto now = world_.store().now();
  if (view && now) keep(Ended{*view, before, *now, *now});
}

void Timeline::keep(Ended state) {
  const std::lock_guard guard(lock_);
  if (ended_.size() > 1 && ended_.back().definitions == nullptr) {
    const FileTime from = ended_[ended_.size() - 2].until, to = ended_.back().until;
    const bool unseen = polls_.interval != 0 && from >= polls_.start && to >= from &&
                        polls_.last_before(from) == polls_.last_before(to);
    if (unseen || ended_.size() >= kMostStates) ended_.pop_back();
  }
  ended_.push_back(std::move(state));
}

// The states of up to `generation`; later ones stay.
std::vector<Timeline::Ended> Timeline::take_ended(reg::Generation generation) {
  const std::lock_guard guard(lock_);
  const auto later = std::find_if(ended_.begin(), ended_.end(), [&](const Ended& state) {
    return state.view.generation() > generation;
  });
  std::vector<Ended> out(std::make_move_iterator(ended_.begin()), std::make_move_iterator(later));
  ended_.erase(ended_.begin(), later);
  return out;
}

// --- following the world

// What the journal says after `known`, up to `upto`, when the world's clock showed `clock_now`. A
// commit that moves the clock has the time before; what it changed may have come to be until after.
Result<Timeline::Changes> Timeline::changes_between(reg::Generation known, reg::Generation upto,
                                                    FileTime clock_now) {
  Changes out;
  bool at_start = true, moved_clock = false;
  const auto clock_shows = [&](FileTime time) {
    if (time < clock_) {
      if (out.back == TickSpan{}) out.until = out.any ? out.first : clock_;
      out.back = out.back + (clock_ - time);
      out.set_to = time;
    }
    if (moved_clock || time < clock_) out.last = time;
    clock_ = time;
    moved_clock = false;
  };
  while (known < upto) {
    SL_TRY(const std::vector<JournalEntry> page, world_.store().journal(known, kJournalPage));
    out.lost = page.empty() || (at_start && page.front().generation != known + 1);
    if (out.lost) break;
    at_start = false;
    for (const JournalEntry& entry : page) {
      if (entry.generation > upto) break;
      known = entry.generation;
      clock_shows(entry.at);
      if (!concerns(entry, context_->id())) continue;
      if (!out.any) out.first = entry.at;
      out.any = true;
      out.last = entry.at;
      moved_clock = has(entry.kind, JournalKind::kClock);
    }
  }
  out.any = out.any || out.lost;
  clock_shows(clock_now);
  return out;
}

// Adds a state that was seen at `now`, when the world's clock showed `clock_now`.
Result<> Timeline::absorb(Picture seen, FileTime now, FileTime clock_now) {
  const reg::Generation generation = seen.view.generation();
  Span& last = spans_.back();
  if (generation < last.generation) return {};
  SL_TRY(const Changes changes, changes_between(last.generation, generation, clock_now));
  const bool back = changes.back != TickSpan{};
  if (!back) now = std::max(now, last.until);
  if (!changes.any && !back) {
    last.until = now;
    last.generation = generation;
    return {};
  }
  Span next;
  next.picture = std::move(seen);
  next.generation = generation;
  next.since = next.until = now;
  if (back) {
    next.set_back = changes.back;
    next.set_to = changes.set_to;
    last.until = std::max(last.until, changes.until);
    if (!changes.lost) next.since = std::clamp(changes.last, changes.set_to, now);
  } else if (!changes.lost) {
    last.until = std::clamp(changes.first, last.until, now);
    next.since = std::clamp(changes.last, last.until, now);
  }
  spans_.push_back(std::move(next));
  return {};
}

Result<Timeline::News> Timeline::follow() {
  if (world_.store().change_word() == word_) return News{};
  SL_CHECK(context_->refresh());
  SL_TRY(Picture now, picture());
  const FileTime before = spans_.back().until;
  std::vector<Ended> past = take_ended(now.view.generation());
  std::shared_ptr<const Definitions> definitions = now.definitions;
  for (auto each = past.rbegin(); each != past.rend(); ++each) {
    if (each->definitions != nullptr) definitions = each->definitions;
    each->definitions = definitions;
  }
  for (Ended& each : past) {
    Picture seen = now;
    seen.view = std::move(each.view);
    seen.definitions = std::move(each.definitions);
    SL_CHECK(absorb(std::move(seen), each.until, each.clock));
  }
  const FileTime clock_now = context_->clock().now();
  SL_CHECK(absorb(std::move(now), clock_now, clock_now));
  word_ = context_->word();
  return News{true, spans_.back().until != before};
}

}  // namespace slwmi::world
