// Numbers that the writer and the reader of schema images share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace slwmi::cim::image {

inline constexpr std::uint32_t kMagic = 0x49534C53;  // "SLSI"
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kHeaderBytes = 40;
inline constexpr std::size_t kHashedFrom = 16;  // the hash covers all that follows it
inline constexpr std::size_t kNamespaceBytes = 20;
inline constexpr std::size_t kEntryBytes = 12;
inline constexpr std::uint32_t kNoString = 0xFFFFFFFF;
inline constexpr int kMaxDepth = 64;

enum MemberFlag : std::uint8_t {
  kArrayFlag = 1,
  kClassFlag = 2,  // a class's name follows
  kInFlag = 4,
  kOutFlag = 8,
  kVoidFlag = 16,
};
enum ValueState : std::uint8_t { kNullValue, kNullArrayValue, kScalarValue, kArrayValue };

}  // namespace slwmi::cim::image
