// The hash index of an immutable table: finds a row by what it is keyed by. The rows stay where
// they are.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/hash.hpp"
#include "registry/names.hpp"

namespace slwmi::reg {

constexpr std::uint64_t pair_of(KeyId key, NameId name) {
  return (std::uint64_t{number(key)} << 32) | number(name);
}

class Slots {
 public:
  // `key_of(i)` gives the 64-bit key of row i; keys differ.
  template <class KeyOf>
  void build(std::size_t rows, KeyOf key_of) {
    slots_.assign(rows == 0 ? 0 : std::bit_ceil(rows * 2), 0);
    for (std::size_t i = 0; i < rows; ++i) {
      std::size_t at = first(key_of(i));
      while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = static_cast<std::uint32_t>(i + 1);
    }
  }
  // The row of `key`, or -1.
  template <class KeyOf>
  std::ptrdiff_t find(std::uint64_t key, KeyOf key_of) const {
    if (slots_.empty()) return -1;
    for (std::size_t at = first(key); slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
      const std::uint32_t row = slots_[at] - 1;
      if (key_of(row) == key) return row;
    }
    return -1;
  }

 private:
  std::size_t first(std::uint64_t key) const {
    return static_cast<std::size_t>(mix64(key)) & (slots_.size() - 1);
  }
  std::vector<std::uint32_t> slots_;
};

}  // namespace slwmi::reg
