// Stable hashes: the same bytes give the same number on every compiler, machine and run, so they
// may be written to files. Also the project's only source of randomness: a hash of (seed, entity,
// time, purpose). Not cryptographic.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/datetime.hpp"

namespace slwmi {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
};

// A bijection on 64 bits in which every input bit changes about half of the output bits.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93u;
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93u;
  x ^= x >> 32;
  return x;
}
// Depends on the order of its arguments.
constexpr std::uint64_t combine(std::uint64_t a, std::uint64_t b) {
  return mix64(mix64(a + 0x9E3779B97F4A7C15u) ^ b);
}

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);
std::uint64_t hash64(std::span<const std::byte> bytes, std::uint64_t seed = 0);
// For naming content by its hash; two independent 64-bit hashes.
Hash128 hash128(std::string_view bytes);
Hash128 hash128(std::span<const std::byte> bytes);
// 32 lower-case hex digits.
std::string to_hex(const Hash128& hash);

// The random number of `entity` at `time` for `purpose` in the world of `seed`. Drawing never
// changes another draw.
std::uint64_t random_value(std::uint64_t seed, std::uint64_t entity, FileTime time,
                           std::string_view purpose);
// Maps a random number to 0..bound-1 without measurable bias; 0 when bound is 0.
std::uint64_t random_below(std::uint64_t random, std::uint64_t bound);

}  // namespace slwmi
