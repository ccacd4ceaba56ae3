// Three-valued logic, for one row and for a batch of rows at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "query/dialect.hpp"
#include "schema/batch.hpp"

namespace slwmi::wql {

enum class Truth : std::uint8_t { kFalse, kTrue, kUnknown };

constexpr Truth truth_of(bool value) { return value ? Truth::kTrue : Truth::kFalse; }
constexpr Truth negated(Truth t) {
  return t == Truth::kUnknown ? t : t == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
}
// What a comparison with null is.
constexpr Truth null_truth() { return dialect::kNullIsUnknown ? Truth::kUnknown : Truth::kFalse; }

// Two bits a row: known to be true, known to be false. Bits past the batch are unspecified.
struct Mask {
  static constexpr std::size_t kWords = cim::kBatchRows / 64;
  std::array<std::uint64_t, kWords> yes;
  std::array<std::uint64_t, kWords> no;

  void set_all(Truth truth, std::size_t words) {
    for (std::size_t w = 0; w < words; ++w) {
      yes[w] = truth == Truth::kTrue ? ~std::uint64_t{0} : 0;
      no[w] = truth == Truth::kFalse ? ~std::uint64_t{0} : 0;
    }
  }
  void set(std::size_t row, Truth truth) {
    const std::uint64_t bit = std::uint64_t{1} << (row % 64);
    yes[row / 64] = truth == Truth::kTrue ? yes[row / 64] | bit : yes[row / 64] & ~bit;
    no[row / 64] = truth == Truth::kFalse ? no[row / 64] | bit : no[row / 64] & ~bit;
  }
  Truth at(std::size_t row) const {
    if (((yes[row / 64] >> (row % 64)) & 1u) != 0) return Truth::kTrue;
    return ((no[row / 64] >> (row % 64)) & 1u) != 0 ? Truth::kFalse : Truth::kUnknown;
  }
  void negate(std::size_t words) {
    for (std::size_t w = 0; w < words; ++w) {
      const std::uint64_t t = yes[w];
      yes[w] = no[w];
      no[w] = t;
    }
  }
  void conjoin(const Mask& other, std::size_t words) {
    for (std::size_t w = 0; w < words; ++w) {
      yes[w] &= other.yes[w];
      no[w] |= other.no[w];
    }
  }
  void disjoin(const Mask& other, std::size_t words) {
    for (std::size_t w = 0; w < words; ++w) {
      yes[w] |= other.yes[w];
      no[w] &= other.no[w];
    }
  }
};

}  // namespace slwmi::wql
