// One CIM value: typed even when null, 16 bytes, and cheap to copy, because texts, arrays and
// embedded objects are shared and never change.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/datetime.hpp"
#include "base/result.hpp"

namespace slwmi::cim {

class Instance;

// CIM types by the numbers that WMI gives them (CIMTYPE_ENUMERATION).
enum class Type : std::uint16_t {
  kEmpty = 0,
  kSint16 = 2,
  kSint32 = 3,
  kReal32 = 4,
  kReal64 = 5,
  kString = 8,
  kBoolean = 11,
  kObject = 13,
  kSint8 = 16,
  kUint8 = 17,
  kUint16 = 18,
  kUint32 = 19,
  kSint64 = 20,
  kUint64 = 21,
  kDatetime = 101,
  kReference = 102,
  kChar16 = 103,
};

std::string_view name_of(Type type);  // "uint32"; "object", "ref" for the last two kinds
std::optional<Type> find_type(std::string_view name);  // in any case
constexpr bool is_signed_integer(Type t) {
  return t == Type::kSint8 || t == Type::kSint16 || t == Type::kSint32 || t == Type::kSint64;
}
constexpr bool is_unsigned_integer(Type t) {
  return t == Type::kUint8 || t == Type::kUint16 || t == Type::kUint32 || t == Type::kUint64;
}
constexpr bool is_integer(Type t) { return is_signed_integer(t) || is_unsigned_integer(t); }
constexpr bool is_real(Type t) { return t == Type::kReal32 || t == Type::kReal64; }
constexpr bool is_numeric(Type t) { return is_integer(t) || is_real(t); }
constexpr bool is_text(Type t) {  // held as text
  return t == Type::kString || t == Type::kDatetime || t == Type::kReference;
}

class Value {
 public:
  Value() = default;  // null of no type
  Value(const Value& other) noexcept
      : payload_(other.payload_), type_(other.type_), state_(other.state_) {
    retain();
  }
  Value(Value&& other) noexcept
      : payload_(other.payload_), type_(other.type_), state_(other.state_) {
    other.state_ = State::kNull;
  }
  Value& operator=(Value other) noexcept {
    std::swap(payload_, other.payload_);
    std::swap(type_, other.type_);
    std::swap(state_, other.state_);
    return *this;
  }
  ~Value() { release(); }

  static Value null(Type type, bool array = false);
  static Value boolean(bool value) { return scalar(Type::kBoolean, value ? 1u : 0u); }
  static Value uint32(std::uint32_t value) { return scalar(Type::kUint32, value); }
  // The number as `type`, which must be an integer type or char16 and must be able to hold it.
  static Value integer(Type type, std::int64_t value);
  static Value unsigned_integer(Type type, std::uint64_t value);
  static Value real(double value, Type type = Type::kReal64);
  // `type` is string, datetime or reference. The text is copied once and shared from then on.
  static Value text(std::string_view value, Type type = Type::kString);
  static Value datetime(FileTime time) { return text(format_cim_datetime(time), Type::kDatetime); }
  static Value array(Type type, std::vector<Value> elements);  // each of `type`, none an array
  static Value object(std::shared_ptr<const Instance> instance);

  Type type() const { return type_; }
  bool is_null() const { return state_ == State::kNull || state_ == State::kNullArray; }
  bool is_array() const { return state_ == State::kArray || state_ == State::kNullArray; }

  // Each of these asks for a value of a fitting type that is neither null nor an array; otherwise
  // zero or empty.
  bool as_boolean() const { return as_uint64() != 0; }
  std::uint32_t as_uint32() const { return static_cast<std::uint32_t>(as_uint64()); }
  std::uint64_t as_uint64() const { return state_ == State::kScalar ? payload_.number : 0; }
  std::int64_t as_sint64() const { return static_cast<std::int64_t>(as_uint64()); }
  double as_real() const;  // integers too
  std::string_view as_text() const {
    if (state_ != State::kText) return {};
    return {reinterpret_cast<const char*>(payload_.text) + sizeof(TextRep), payload_.text->size};
  }
  std::span<const Value> elements() const;  // of an array
  const std::shared_ptr<const Instance>& as_object() const;

  // The value as another type, by WMI's rules: texts that are numbers become numbers, numbers
  // become texts, booleans take 0, 1, -1, "true" and "false", reals are rounded to integers half
  // away from zero. Null stays null. Arrays are cast element by element; a scalar never becomes an
  // array. WBEM_E_TYPE_MISMATCH; WBEM_E_VALUE_OUT_OF_RANGE.
  Result<Value> cast_to(Type type) const;

  // Same type, same null state, same content; texts exactly, embedded objects by content.
  friend bool operator==(const Value& a, const Value& b);
  std::uint64_t hash() const;

  // "42", "TRUE", the text itself, "{1, 2}"; empty for null.
  std::string to_display() const;
  // As a MOF initialiser: quoted and escaped; "NULL" for null.
  std::string to_mof() const;

 private:
  enum class State : std::uint8_t {
    kNull,
    kNullArray,
    kScalar,
    kText,  // from here on the payload is shared
    kObject,
    kArray
  };

  struct TextRep {  // the bytes lie behind it
    mutable std::atomic<std::uint32_t> count;
    std::uint32_t size;
  };
  struct ArrayRep;
  struct ObjectRep;
  union Payload {
    std::uint64_t number = 0;
    double real;
    const TextRep* text;
    const ArrayRep* array;
    const ObjectRep* object;
  };

  static Value scalar(Type type, std::uint64_t number) {
    Value out;
    out.payload_.number = number;
    out.type_ = type;
    out.state_ = State::kScalar;
    return out;
  }
  bool is_shared() const { return state_ >= State::kText; }
  void retain() const noexcept {
    if (is_shared()) add_share();
  }
  void release() noexcept {
    if (is_shared()) drop_share();
  }
  void add_share() const noexcept;
  void drop_share() noexcept;

  Payload payload_;
  Type type_ = Type::kEmpty;
  State state_ = State::kNull;
};
static_assert(sizeof(Value) == 16, "rows are arrays of values");

// `text` as a MOF string literal.
std::string quote_mof(std::string_view text);

}  // namespace slwmi::cim
