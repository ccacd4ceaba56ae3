// A timing wheel of minutes: when each of a fleet's machines next acts. Scheduling and taking cost
// the same however many machines there are; within a minute machines come in the order of their
// numbers, so that a run does not depend on the history of the wheel. Three levels cover every
// Minute: one slot a minute for the next eleven days, one for eleven days each up to eight years,
// one for eight years each; what is far cascades down as time goes by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "provider/license.hpp"

namespace slwmi::world::simulation {

using licensing::Minute;

class Wheel {
 public:
  static constexpr Minute kNever = 0xFFFFFFFF;

  // Nothing is due yet; `now` is the first minute that may be taken. Machines are 0 to count - 1.
  Wheel(Minute now, std::uint32_t count);

  std::uint32_t count() const { return static_cast<std::uint32_t>(due_.size()); }
  Minute now() const { return now_; }
  // kNever: not scheduled.
  Minute due(std::uint32_t machine) const { return due_[machine]; }

  // The machine is due then, and no longer when it was before; a minute that has passed counts as
  // now. Moving a machine that is scheduled costs a walk over those of its slot: make a new wheel
  // to move a whole fleet.
  void schedule(std::uint32_t machine, Minute due);
  void cancel(std::uint32_t machine);

  // The first minute up to `until` in which machines are due. Nothing may be scheduled any more
  // before that minute, or before `until` when there is none.
  std::optional<Minute> next(Minute until);
  // Takes the machines due in `minute`, which next() gave, ascending; they are not scheduled any
  // more, and time has passed to the minute after. Valid until the next call of take().
  const std::vector<std::uint32_t>& take(Minute minute);

  std::size_t memory() const;

 private:
  static constexpr unsigned kLowBits = 14;   // of a minute: its slot in the lowest level
  static constexpr unsigned kHighBits = 22;  // below them the slot of the middle level
  static constexpr std::uint32_t kLowSlots = 1u << kLowBits;
  static constexpr std::uint32_t kMiddleSlots = 1u << (kHighBits - kLowBits);
  static constexpr std::uint32_t kHighSlots = 1u << (32 - kHighBits);
  static constexpr std::uint32_t kMiddle = kLowSlots;
  static constexpr std::uint32_t kHigh = kMiddle + kMiddleSlots;
  static constexpr std::uint32_t kEnd = 0xFFFFFFFF;

  static std::uint32_t middle_slot(Minute due) {
    return kMiddle + ((due >> kLowBits) & (kMiddleSlots - 1));
  }
  static std::uint32_t high_slot(Minute due) { return kHigh + (due >> kHighBits); }

  void insert(std::uint32_t machine, Minute due);
  bool unlink(std::uint32_t machine, std::uint32_t slot);
  void cascade(std::uint32_t slot);
  void enter_block(Minute block);
  std::optional<Minute> first_of_block() const;
  void sort(std::vector<std::uint32_t>& machines);

  Minute now_;
  std::vector<std::uint32_t> heads_;  // of the slots' lists; kEnd: empty
  std::vector<std::uint64_t> used_;   // a bit a slot of the lowest level
  std::vector<std::uint32_t> next_;   // of a machine in its list
  std::vector<Minute> due_;
  std::vector<std::uint32_t> taken_;
  std::vector<std::uint64_t> marks_;  // for sorting many, a bit a machine
};

}  // namespace slwmi::world::simulation
