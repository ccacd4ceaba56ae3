#include "world/simulation/wheel.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace slwmi::world::simulation {

Wheel::Wheel(Minute now)
    : now_(now), slots_(kLowSlots + kMiddleSlots + kHighSlots), used_(kLowSlots / 64, 0) {}

void Wheel::schedule(std::span<const std::uint32_t> machines, Minute due) {
  due = std::max(due, now_);
  Slot& slot = slot_of(due);
  for (const std::uint32_t machine : machines) append(slot, {machine, due});
}

// For what is due then, now.
Wheel::Slot& Wheel::slot_of(Minute due) {
  const Minute ahead = due - now_;
  if (ahead < kLowSlots) {
    const std::uint32_t number = due & (kLowSlots - 1);
    used_[number / 64] |= std::uint64_t{1} << (number % 64);
    return slots_[number];
  }
  return slots_[ahead >> kHighBits == 0 ? middle_slot(due) : high_slot(due)];
}

void Wheel::append(Slot& slot, Entry entry) {
  if (slot.last == kNone || blocks_[slot.last].used == blocks_[slot.last].entries.size())
    append_block(slot);
  Block& block = blocks_[slot.last];
  block.entries[block.used++] = entry;
}

void Wheel::append_block(Slot& slot) {
  std::uint32_t number = free_;
  if (number != kNone) {
    free_ = blocks_[number].next;
    blocks_[number].next = kNone;
    blocks_[number].used = 0;
  } else {
    number = static_cast<std::uint32_t>(blocks_.size());
    blocks_.emplace_back();
  }
  (slot.last == kNone ? slot.first : blocks_[slot.last].next) = number;
  slot.last = number;
}

// Hands over what the slot has, in the order in which it came.
template <class Sink>
void Wheel::empty(std::uint32_t slot, const Sink& sink) {
  std::uint32_t number = std::exchange(slots_[slot], {}).first;
  while (number != kNone) {
    const Block block = blocks_[number];  // a copy: the sink may need its place
    blocks_[number].next = free_;
    free_ = number;
    for (std::uint32_t i = 0; i < block.used; ++i) sink(block.entries[i]);
    number = block.next;
  }
}

void Wheel::enter_block(Minute block) {
  now_ = block;
  const auto move = [this](Entry entry) { append(slot_of(entry.due), entry); };
  if ((block & ((1u << kHighBits) - 1)) == 0) empty(high_slot(block), move);
  empty(middle_slot(block), move);
}

// The first minute of the present block, from that one on, in which something is due.
std::optional<Minute> Wheel::first_of_block(Minute from) const {
  const std::uint32_t first = from & (kLowSlots - 1);
  std::size_t word = first / 64;
  std::uint64_t bits = used_[word] & (~std::uint64_t{0} << (first % 64));
  while (bits == 0) {
    if (++word == used_.size()) return std::nullopt;
    bits = used_[word];
  }
  const auto slot =
      static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(bits));
  return (now_ & ~(kLowSlots - 1)) + slot;
}

std::optional<Minute> Wheel::next(Minute until) {
  while (now_ <= until) {
    if (const auto found = first_of_block(now_)) {
      if (*found > until) return std::nullopt;
      return found;
    }
    const Minute block = (now_ | (kLowSlots - 1)) + 1;
    if (block > until || block == 0) return std::nullopt;
    enter_block(block);
  }
  return std::nullopt;
}

const std::vector<std::uint32_t>& Wheel::take(Minute minute) {
  const std::uint32_t slot = minute & (kLowSlots - 1);
  used_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
  taken_.clear();
  empty(slot, [this](Entry entry) { taken_.push_back(entry.machine); });
  if (!std::is_sorted(taken_.begin(), taken_.end())) std::sort(taken_.begin(), taken_.end());
  const Minute following = minute + 1;
  if ((following & (kLowSlots - 1)) == 0) {
    if (following != 0) enter_block(following);
  } else {
    now_ = following;
  }
  return taken_;
}

std::span<const Wheel::Entry> Wheel::upcoming() const {
  const auto minute = first_of_block(now_);
  if (!minute) return {};
  if (((*minute + 1) & (kLowSlots - 1)) != 0) {
    if (const auto later = first_of_block(*minute + 1))
      __builtin_prefetch(&blocks_[slots_[*later & (kLowSlots - 1)].first]);
  }
  const Block& block = blocks_[slots_[*minute & (kLowSlots - 1)].first];
  return std::span(block.entries).first(block.used);
}

}  // namespace slwmi::world::simulation
