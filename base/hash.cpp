// The hash reads eight bytes at a time. Each word is mixed into a state by a multiplication to 128
// bits whose halves are folded together, so that every bit of the word reaches every bit of the
// state; the length enters at the end. Long inputs have four states at first, so that no
// multiplication waits for the one before.
#include "base/hash.hpp"

#include "base/bytes.hpp"

namespace slwmi {
namespace {

constexpr std::uint64_t kOdd1 = 0x9E3779B97F4A7C15u;  // 2^64 / golden ratio
constexpr std::uint64_t kOdd2 = 0xC2B2AE3D27D4EB4Fu;  // an odd number with its bits spread evenly
constexpr std::size_t kLong = 256;                    // bytes

std::uint64_t fold_multiply(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t stir(std::uint64_t state, std::uint64_t word, std::uint64_t odd) {
  return fold_multiply(state ^ word, odd) + (state << 1 | state >> 63);
}

std::uint64_t read_word(ByteSpan bytes) {  // little-endian, at most eight bytes
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    word |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  }
  return word;
}

}  // namespace

std::uint64_t hash64(std::span<const std::byte> bytes, std::uint64_t seed) {
  // The seed is mixed first: plain xor with data could be cancelled by the data. A product with
  // zero loses the state, so the state enters a second time by addition.
  std::uint64_t state = mix64(seed ^ kOdd1);
  const std::size_t size = bytes.size();
  std::size_t i = 0;
  if (size >= kLong) {
    std::uint64_t lanes[4] = {state, mix64(state + 1), mix64(state + 2), mix64(state + 3)};
    for (; size - i >= sizeof lanes; i += sizeof lanes) {
      for (std::size_t k = 0; k < 4; ++k)
        lanes[k] = stir(lanes[k], load_little_endian<8>(bytes.data() + i + 8 * k), kOdd2);
    }
    state = lanes[0];
    for (std::size_t k = 1; k < 4; ++k) state = stir(state, lanes[k], kOdd1);
  }
  for (; size - i >= 8; i += 8) state = stir(state, load_little_endian<8>(bytes.data() + i), kOdd2);
  state = stir(state, read_word(bytes.subspan(i)), kOdd1);
  return mix64(state ^ (static_cast<std::uint64_t>(size) * kOdd2));
}

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  return hash64(as_bytes(bytes), seed);
}

Hash128 hash128(std::span<const std::byte> bytes) {
  return {hash64(bytes, 0x736C776D692D6869u), hash64(bytes, 0x736C776D692D6C6Fu)};
}

Hash128 hash128(std::string_view bytes) { return hash128(as_bytes(bytes)); }

std::string to_hex(const Hash128& hash) {
  std::string out;
  for (const std::uint64_t half : {hash.high, hash.low}) {
    for (int shift = 60; shift >= 0; shift -= 4)
      out.push_back("0123456789abcdef"[(half >> shift) & 15]);
  }
  return out;
}

std::uint64_t random_value(std::uint64_t seed, std::uint64_t entity, FileTime time,
                           std::string_view purpose) {
  return combine(combine(combine(seed, entity), time.ticks), hash64(purpose));
}

std::uint64_t random_below(std::uint64_t random, std::uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(random) * bound) >> 64);
}

}  // namespace slwmi
