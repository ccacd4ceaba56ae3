// A timing wheel of minutes: when each of a fleet's machines next acts. Scheduling and taking cost
// the same however many machines there are; within a minute machines come in the order of their
// numbers, so that a run does not depend on the history of the wheel. Those of a slot lie side by
// side in blocks, because following them one by one is waiting for memory. Three levels cover every
// Minute: one slot a minute for the next eleven days, one for eleven days each up to eight years,
// one for eight years each; what is far cascades down as time goes by.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/large_pages.hpp"
#include "provider/license.hpp"

namespace slwmi::world::simulation {

using licensing::Minute;

class Wheel {
 public:
  static constexpr Minute kEnd = 0xFFFFFFFF;  // no minute is so late

  // Nothing is due yet; `now` is the first minute that may be taken.
  explicit Wheel(Minute now);

  Minute now() const { return now_; }

  // The machine, which is not due at another time, is due then; a minute that has passed counts as
  // now.
  void schedule(std::uint32_t machine, Minute due) { schedule(std::span(&machine, 1), due); }
  void schedule(std::span<const std::uint32_t> machines, Minute due);

  // The first minute up to `until` in which machines are due. Nothing may be scheduled any more
  // before that minute, or before `until` when there is none.
  std::optional<Minute> next(Minute until);
  // Takes the machines due in `minute`, which next() gave, ascending; they are not scheduled any
  // more, and time has passed to the minute after. Valid until the next call of take().
  const std::vector<std::uint32_t>& take(Minute minute);

  struct Entry {
    std::uint32_t machine;
    Minute due;
  };
  // Some of the machines that come next in the present block of minutes, so that their records can
  // be fetched from memory. Valid until something is scheduled or taken.
  std::span<const Entry> upcoming() const;

 private:
  static constexpr unsigned kLowBits = 14;   // of a minute: its slot in the lowest level
  static constexpr unsigned kHighBits = 22;  // below them the slot of the middle level
  static constexpr std::uint32_t kLowSlots = 1u << kLowBits;
  static constexpr std::uint32_t kMiddleSlots = 1u << (kHighBits - kLowBits);
  static constexpr std::uint32_t kHighSlots = 1u << (32 - kHighBits);
  static constexpr std::uint32_t kMiddle = kLowSlots;
  static constexpr std::uint32_t kHigh = kMiddle + kMiddleSlots;
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  struct alignas(64) Block {
    std::uint32_t next = kNone;
    std::uint32_t used = 0;
    std::array<Entry, 15> entries;
  };
  struct Slot {
    std::uint32_t first = kNone, last = kNone;  // blocks
  };

  static std::uint32_t middle_slot(Minute due) {
    return kMiddle + ((due >> kLowBits) & (kMiddleSlots - 1));
  }
  static std::uint32_t high_slot(Minute due) { return kHigh + (due >> kHighBits); }

  Slot& slot_of(Minute due);
  void append(Slot& slot, Entry entry);
  void append_block(Slot& slot);
  template <class Sink>
  void empty(std::uint32_t slot, const Sink& sink);
  void enter_block(Minute block);
  std::optional<Minute> first_of_block(Minute from) const;

  Minute now_;
  std::vector<Slot> slots_;
  std::vector<std::uint64_t> used_;  // a bit a slot of the lowest level
  std::vector<Block, LargePages<Block>> blocks_;
  std::uint32_t free_ = kNone;  // the first of the blocks that no slot has
  std::vector<std::uint32_t> taken_;
};

}  // namespace slwmi::world::simulation
