#include "world/simulation/wheel.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace slwmi::world::simulation {

Wheel::Wheel(Minute now, std::uint32_t count)
    : now_(now),
      heads_(kLowSlots + kMiddleSlots + kHighSlots, kEnd),
      used_(kLowSlots / 64, 0),
      next_(count, kEnd),
      due_(count, kNever) {}

void Wheel::schedule(std::uint32_t machine, Minute due) {
  if (due_[machine] != kNever) cancel(machine);
  if (due == kNever) return;
  insert(machine, std::max(due, now_));
}

void Wheel::insert(std::uint32_t machine, Minute due) {
  due_[machine] = due;
  const Minute ahead = due - now_;
  std::uint32_t slot = high_slot(due);
  if (ahead < kLowSlots) {
    slot = due & (kLowSlots - 1);
    used_[slot / 64] |= std::uint64_t{1} << (slot % 64);
  } else if (ahead >> kHighBits == 0) {
    slot = middle_slot(due);
  }
  next_[machine] = heads_[slot];
  heads_[slot] = machine;
}

void Wheel::cancel(std::uint32_t machine) {
  const Minute due = due_[machine];
  if (due == kNever) return;
  // Which level has it depends on when it was put there.
  const bool found = unlink(machine, due & (kLowSlots - 1)) || unlink(machine, middle_slot(due)) ||
                     unlink(machine, high_slot(due));
  assert(found);
  (void)found;
  due_[machine] = kNever;
}

bool Wheel::unlink(std::uint32_t machine, std::uint32_t slot) {
  std::uint32_t* link = &heads_[slot];
  while (*link != kEnd && *link != machine) link = &next_[*link];
  if (*link == kEnd) return false;
  *link = next_[machine];
  if (slot < kLowSlots && heads_[slot] == kEnd)
    used_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
  return true;
}

void Wheel::cascade(std::uint32_t slot) {
  std::uint32_t machine = std::exchange(heads_[slot], kEnd);
  while (machine != kEnd) {
    const std::uint32_t following = next_[machine];
    insert(machine, due_[machine]);
    machine = following;
  }
}

void Wheel::enter_block(Minute block) {
  now_ = block;
  if ((block & ((1u << kHighBits) - 1)) == 0) cascade(high_slot(block));
  cascade(middle_slot(block));
}

// The first minute of the present block, from now on, in which something is due.
std::optional<Minute> Wheel::first_of_block() const {
  const std::uint32_t from = now_ & (kLowSlots - 1);
  std::size_t word = from / 64;
  std::uint64_t bits = used_[word] & (~std::uint64_t{0} << (from % 64));
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
    if (const auto found = first_of_block()) {
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
  taken_.clear();
  std::uint32_t machine = std::exchange(heads_[slot], kEnd);
  used_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
  while (machine != kEnd) {
    taken_.push_back(machine);
    due_[machine] = kNever;
    machine = next_[machine];
  }
  sort(taken_);
  const Minute following = minute + 1;
  if ((following & (kLowSlots - 1)) == 0) {
    if (following != 0) enter_block(following);
  } else {
    now_ = following;
  }
  return taken_;
}

// Many are sorted by marking their bits, few by comparing.
void Wheel::sort(std::vector<std::uint32_t>& machines) {
  if (machines.size() < 64 || machines.size() < due_.size() / 64) {
    std::sort(machines.begin(), machines.end());
    return;
  }
  marks_.resize(due_.size() / 64 + 1);
  for (const std::uint32_t machine : machines)
    marks_[machine / 64] |= std::uint64_t{1} << (machine % 64);
  machines.clear();
  for (std::size_t word = 0; word < marks_.size(); ++word) {
    for (std::uint64_t bits = std::exchange(marks_[word], 0); bits != 0; bits &= bits - 1)
      machines.push_back(static_cast<std::uint32_t>(word * 64) +
                         static_cast<std::uint32_t>(std::countr_zero(bits)));
  }
}

std::size_t Wheel::memory() const {
  return (heads_.capacity() + next_.capacity() + due_.capacity() + taken_.capacity()) *
             sizeof(std::uint32_t) +
         (used_.capacity() + marks_.capacity()) * sizeof(std::uint64_t);
}

}  // namespace slwmi::world::simulation
