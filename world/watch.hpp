// Subscription: an event query at work on one machine. It follows what any process commits and
// answers when it is asked; waiting is the caller's business, because nothing here knows real time.
//
// Time is the world's clock. Instances are looked at at multiples of WITHIN after the registration,
// as of those moments even when the clock jumped over many of them; what is always reported comes
// with the time of its commit. Where the clock stands still, the time that the caller has waited
// counts: after WITHIN of waiting there is a look at the present state.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/datetime.hpp"
#include "base/function_ref.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"
#include "schema/instance.hpp"
#include "world/store.hpp"

namespace slwmi::world {

class WorldShared;

// For one thread at a time, which may be another than the session's. The World must outlive it.
class Subscription {
 public:
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  ~Subscription();

  // A bound on looks that lets others have their turn.
  static constexpr std::size_t kFewLooks = 256;
  // The next event that is due, with the selected properties filled; nothing when none is. Never
  // waits. With a bound on the looks at instances that one call may take, nothing may also mean
  // that there is more to do: behind() tells.
  Result<std::optional<cim::Instance>> poll(std::size_t looks = ~std::size_t{0});
  bool behind() const;

  // Waits for the next event: `wait` sleeps about as long as it is told and answers how long it
  // did, or nothing to give up. It is asked with a span of nothing where there is more to do.
  using Wait = FunctionRef<std::optional<TickSpan>(TickSpan)>;
  Result<std::optional<cim::Instance>> next(Wait wait);

  // For callers that wait themselves: tells that real time has passed since the last poll(), and
  // asks how long it is worth to sleep before the next.
  void waited(TickSpan real);
  TickSpan pause() const;

  const std::string& query() const;
  // WITHIN, where instances are polled.
  std::optional<TickSpan> within() const;
  // The names of the select list; empty for all properties and for events in groups.
  std::vector<std::string> columns() const;
  // The class that FROM names; __AggregateEvent for events in groups.
  const cim::ClassPtr& event_class() const;

 private:
  friend class Session;
  struct Impl;
  explicit Subscription(std::unique_ptr<Impl> impl);
  // Beside the codes of parsing and wql::EventPlan::make: what the first look at the instances
  // answers.
  static Result<Subscription> make(WorldShared& world, MachineId machine, const Principal& caller,
                                   const std::string& ns, std::string_view wql);

  std::unique_ptr<Impl> impl_;
};

}  // namespace slwmi::world
