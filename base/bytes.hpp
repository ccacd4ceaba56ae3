// Little-endian reading and writing of byte formats. Reading past the end never touches memory: the
// reader fails, stays failed, remembers where, and returns zeros, so that a parser checks once per
// record instead of per field.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace slwmi {

using Bytes = std::vector<std::byte>;
using ByteSpan = std::span<const std::byte>;

inline ByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The first `kWidth` bytes at `from` as a number; one load, where GCC makes none of a loop.
template <std::size_t kWidth>
std::uint64_t load_little_endian(const std::byte* from) {
  std::uint64_t value = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&value, from, kWidth);
  } else {
    for (std::size_t i = 0; i < kWidth; ++i)
      value |= static_cast<std::uint64_t>(from[i]) << (8 * i);
  }
  return value;
}

class ByteReader {
 public:
  explicit ByteReader(ByteSpan data) : data_(data) {}

  bool ok() const { return !failed_; }
  // Where the next read starts; after a failure, where the read that failed started.
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return failed_ ? 0 : data_.size() - position_; }
  bool at_end() const { return remaining() == 0; }
  void fail() { failed_ = true; }

  // True when `count` more bytes are there; otherwise the reader has failed.
  bool need(std::size_t count) {
    if (failed_ || count > data_.size() - position_) failed_ = true;
    return !failed_;
  }
  // Moves to an absolute offset, which may be the end but not beyond.
  bool seek(std::size_t offset) {
    if (failed_ || offset > data_.size()) {
      failed_ = true;
      return false;
    }
    position_ = offset;
    return true;
  }
  bool skip(std::size_t count) { return !span(count).empty() || (ok() && count == 0); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(little_endian<1>()); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(little_endian<2>()); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(little_endian<4>()); }
  std::uint64_t u64() { return little_endian<8>(); }
  // Seven bits a byte, the lowest first; all but the last have the highest bit. Fails where there
  // is no end, and where 64 bits do not hold it.
  std::uint64_t varint() {
    const std::size_t start = position_;
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint64_t byte = u8();
      if (failed_ || (shift == 63 && byte > 1)) break;
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    failed_ = true;
    position_ = start;
    return 0;
  }

  // The next `count` bytes, pointing into the data; empty after a failure.
  ByteSpan span(std::size_t count) {
    if (!need(count)) return {};
    const ByteSpan out = data_.subspan(position_, count);
    position_ += count;
    return out;
  }

 private:
  template <std::size_t kWidth>
  std::uint64_t little_endian() {
    if (!need(kWidth)) return 0;
    const std::uint64_t value = load_little_endian<kWidth>(data_.data() + position_);
    position_ += kWidth;
    return value;
  }

  ByteSpan data_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

class ByteWriter {
 public:
  std::size_t position() const { return data_.size(); }
  ByteSpan data() const { return data_; }
  Bytes take() { return std::move(data_); }

  void u8(std::uint8_t value) { data_.push_back(static_cast<std::byte>(value)); }
  void u16(std::uint16_t value) { little_endian<2>(value); }
  void u32(std::uint32_t value) { little_endian<4>(value); }
  void u64(std::uint64_t value) { little_endian<8>(value); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) u8(static_cast<std::uint8_t>(value | 0x80));
    u8(static_cast<std::uint8_t>(value));
  }
  // By pointers: iterators of a span would go byte by byte.
  void bytes(ByteSpan bytes) {
    data_.insert(data_.end(), bytes.data(), bytes.data() + bytes.size());
  }
  void bytes(std::string_view text) { bytes(as_bytes(text)); }
  void zeros(std::size_t count) { data_.resize(data_.size() + count); }
  // Fills with zeros up to a multiple of `alignment`.
  void align(std::size_t alignment) {
    if (const std::size_t over = data_.size() % alignment; over != 0) zeros(alignment - over);
  }
  // Overwrites four bytes written before; `offset` + 4 must not exceed position().
  void patch_u32(std::size_t offset, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i)
      data_[offset + i] = static_cast<std::byte>(value >> (8 * i));
  }

 private:
  template <std::size_t kWidth>
  void little_endian(std::uint64_t value) {
    std::array<std::byte, kWidth> bytes{};
    for (std::size_t i = 0; i < kWidth; ++i) bytes[i] = static_cast<std::byte>(value >> (8 * i));
    data_.insert(data_.end(), bytes.begin(), bytes.end());
  }

  Bytes data_;
};

}  // namespace slwmi
