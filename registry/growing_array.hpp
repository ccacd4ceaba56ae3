// An array that only grows, for tables of ids that live as long as the process: one writer at a
// time, any number of readers without a lock, and no element ever moves.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace slwmi::reg {

// Chunk k has 512 << k elements. A reader must have got the index from the writer through an
// acquire.
template <class T>
class GrowingArray {
 public:
  const T& operator[](std::uint32_t index) const {
    const Place place = place_of(index);
    return chunks_[place.chunk].load(std::memory_order_acquire)[place.offset];
  }
  std::uint32_t size() const { return size_; }
  // Under the writer's lock.
  std::uint32_t append(T value) {
    const Place place = place_of(size_);
    if (chunks_[place.chunk].load(std::memory_order_relaxed) == nullptr) {
      owned_.push_back(std::make_unique<T[]>(std::size_t{kFirst} << place.chunk));
      chunks_[place.chunk].store(owned_.back().get(), std::memory_order_release);
    }
    chunks_[place.chunk].load(std::memory_order_relaxed)[place.offset] = std::move(value);
    return size_++;
  }

 private:
  static constexpr std::uint32_t kFirst = 512;
  struct Place {
    std::uint32_t chunk, offset;
  };
  static Place place_of(std::uint32_t index) {
    const std::uint32_t biased = index + kFirst;
    const auto chunk = static_cast<std::uint32_t>(std::bit_width(index / kFirst + 1) - 1);
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): the width of 1 and more
    return {chunk, biased - (kFirst << chunk)};
  }

  std::array<std::atomic<T*>, 23> chunks_{};
  std::vector<std::unique_ptr<T[]>> owned_;
  std::uint32_t size_ = 0;
};

}  // namespace slwmi::reg
