// What a registry value holds: a type number and raw bytes. Nothing here judges the bytes by the
// type: a REG_DWORD of two bytes and a string without its NUL are kept as they are, as Windows
// keeps them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace slwmi::reg {

// Any 32-bit number is a type; these have names.
enum class ValueType : std::uint32_t {
  kNone = 0,
  kSz = 1,
  kExpandSz = 2,
  kBinary = 3,
  kDword = 4,
  kDwordBigEndian = 5,
  kLink = 6,
  kMultiSz = 7,
  kResourceList = 8,
  kFullResourceDescriptor = 9,
  kResourceRequirementsList = 10,
  kQword = 11,
};

// "REG_DWORD"; empty for a number without a name.
std::string_view type_name(ValueType type);
// The type of "REG_DWORD" or "DWORD", without regard to case.
std::optional<ValueType> type_of(std::string_view name);

// A value where it lies; good as long as the view that it came from.
struct ValueView {
  ValueType type = ValueType::kNone;
  ByteSpan data = {};
};
bool operator==(const ValueView& a, const ValueView& b);

// A value of its own: up to eight bytes lie inside, longer ones are shared between copies and never
// change.
class ValueData {
 public:
  ValueData() = default;
  ValueData(ValueType type, ByteSpan data);
  explicit ValueData(const ValueView& view) : ValueData(view.type, view.data) {}
  ValueData(const ValueData& other);
  ValueData(ValueData&& other) noexcept;
  ValueData& operator=(ValueData other) noexcept;
  ~ValueData();

  ValueType type() const { return type_; }
  ByteSpan data() const;
  ValueView view() const { return {type_, data()}; }
  bool operator==(const ValueData& other) const { return view() == other.view(); }

 private:
  struct Shared;
  static constexpr std::uint32_t kInline = 8;

  ValueType type_ = ValueType::kNone;
  std::uint32_t size_ = 0;
  union {
    std::byte inline_[kInline] = {};
    Shared* shared_;
  };
};

// Making values. Text is UTF-8 (WTF-8 for lone surrogates) and gets the NUL that Windows' own
// writers add.
ValueData make_dword(std::uint32_t number);
ValueData make_qword(std::uint64_t number);
ValueData make_sz(std::string_view text);
ValueData make_expand_sz(std::string_view text);
ValueData make_multi_sz(std::span<const std::string> strings);
ValueData make_binary(ByteSpan data);

// Reading values; nullopt when the type is another, or a number has not its exact size.
std::optional<std::uint32_t> as_dword(const ValueView& value);
std::optional<std::uint64_t> as_qword(const ValueView& value);
// REG_SZ and REG_EXPAND_SZ, up to the first NUL; an odd byte at the end is left out.
std::optional<std::string> as_string(const ValueView& value);
// REG_MULTI_SZ: empty strings inside survive; the closing empty one, and a missing NUL at the end,
// do not matter.
std::optional<std::vector<std::string>> as_multi_sz(const ValueView& value);

}  // namespace slwmi::reg
