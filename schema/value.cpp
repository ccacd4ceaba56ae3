#include "schema/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "schema/instance.hpp"

namespace slwmi::cim {
namespace {

struct TypeName {
  Type type;
  std::string_view name;
};
constexpr TypeName kTypeNames[] = {
    {Type::kSint8, "sint8"},       {Type::kUint8, "uint8"},   {Type::kSint16, "sint16"},
    {Type::kUint16, "uint16"},     {Type::kSint32, "sint32"}, {Type::kUint32, "uint32"},
    {Type::kSint64, "sint64"},     {Type::kUint64, "uint64"}, {Type::kReal32, "real32"},
    {Type::kReal64, "real64"},     {Type::kString, "string"}, {Type::kBoolean, "boolean"},
    {Type::kDatetime, "datetime"}, {Type::kChar16, "char16"}, {Type::kObject, "object"},
    {Type::kReference, "ref"},
};

struct Range {
  std::int64_t low;
  std::uint64_t high;
};
constexpr Range range_of(Type type) {
  switch (type) {
    case Type::kSint8:
      return {-128, 127};
    case Type::kUint8:
      return {0, 255};
    case Type::kSint16:
      return {-32768, 32767};
    case Type::kUint16:
    case Type::kChar16:
      return {0, 65535};
    case Type::kSint32:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case Type::kUint32:
      return {0, std::numeric_limits<std::uint32_t>::max()};
    case Type::kSint64:
      return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
    default:
      return {0, std::numeric_limits<std::uint64_t>::max()};
  }
}

tl::unexpected<Error> mismatch(const Value& value, Type to) {
  return fail(HResult::kWbemETypeMismatch, "a " + std::string(name_of(value.type())) + " \"" +
                                               value.to_display() + "\" cannot become a " +
                                               std::string(name_of(to)));
}
tl::unexpected<Error> out_of_range(const Value& value, Type to) {
  return fail(HResult::kWbemEValueOutOfRange,
              value.to_display() + " does not fit a " + std::string(name_of(to)));
}

// The shortest text that is read back as the same number of that type.
std::string real_text(double value, Type type) {
  std::array<char, 40> buffer{};
  char* const last = buffer.data() + buffer.size();
  const auto end = type == Type::kReal32
                       ? std::to_chars(buffer.data(), last, static_cast<float>(value)).ptr
                       : std::to_chars(buffer.data(), last, value).ptr;
  return {buffer.data(), end};
}

// A whole text that is a number: decimal digits with an optional sign, or a real.
struct Number {
  enum class Kind { kNone, kUnsigned, kSigned, kReal } kind = Kind::kNone;
  std::uint64_t u = 0;
  std::int64_t i = 0;
  double d = 0;
};
Number parse_number(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  Number out;
  if (text.empty()) return out;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const bool negative = text.front() == '-';
  if (!negative) {
    if (const auto r = std::from_chars(begin, end, out.u); r.ec == std::errc{} && r.ptr == end) {
      out.kind = Number::Kind::kUnsigned;
      return out;
    }
  } else if (const auto r = std::from_chars(begin, end, out.i);
             r.ec == std::errc{} && r.ptr == end) {
    out.kind = Number::Kind::kSigned;
    return out;
  }
  if (const auto real = parse_real(text, true)) {
    out.kind = Number::Kind::kReal;
    out.d = *real;
  }
  return out;
}

Result<Value> integer_from(const Value& from, Type to, const Number& number) {
  const Range range = range_of(to);
  switch (number.kind) {
    case Number::Kind::kUnsigned:
      if (number.u > range.high) return out_of_range(from, to);
      return Value::unsigned_integer(to, number.u);
    case Number::Kind::kSigned:
      if (number.i < range.low) return out_of_range(from, to);
      if (number.i >= 0 && static_cast<std::uint64_t>(number.i) > range.high)
        return out_of_range(from, to);
      return Value::integer(to, number.i);
    case Number::Kind::kReal: {
      const double rounded = std::round(number.d);
      if (!(rounded >= -9223372036854775808.0 && rounded < 18446744073709551616.0))
        return out_of_range(from, to);
      Number whole;
      if (rounded < 0) {
        whole.kind = Number::Kind::kSigned;
        whole.i = static_cast<std::int64_t>(rounded);
      } else {
        whole.kind = Number::Kind::kUnsigned;
        whole.u = static_cast<std::uint64_t>(rounded);
      }
      return integer_from(from, to, whole);
    }
    case Number::Kind::kNone:
      break;
  }
  return mismatch(from, to);
}

Number number_of(const Value& value) {
  Number out;
  if (is_real(value.type())) {
    out.kind = Number::Kind::kReal;
    out.d = value.as_real();
  } else if (is_signed_integer(value.type()) && value.as_sint64() < 0) {
    out.kind = Number::Kind::kSigned;
    out.i = value.as_sint64();
  } else {
    out.kind = Number::Kind::kUnsigned;
    out.u = value.as_uint64();
  }
  return out;
}

Result<Value> to_boolean(const Value& from) {
  if (from.type() == Type::kString) {
    if (equal_ignore_case(from.as_text(), "true")) return Value::boolean(true);
    if (equal_ignore_case(from.as_text(), "false")) return Value::boolean(false);
  }
  const Number number =
      from.type() == Type::kString ? parse_number(from.as_text()) : number_of(from);
  if (number.kind == Number::Kind::kUnsigned && number.u <= 1) return Value::boolean(number.u == 1);
  if (number.kind == Number::Kind::kSigned && number.i == -1) return Value::boolean(true);
  return mismatch(from, Type::kBoolean);
}

// A finite number must stay one.
Result<Value> to_real(const Value& from, Type to) {
  double real = from.as_real();
  if (from.type() == Type::kString) {
    const Number number = parse_number(from.as_text());
    switch (number.kind) {
      case Number::Kind::kUnsigned:
        real = static_cast<double>(number.u);
        break;
      case Number::Kind::kSigned:
        real = static_cast<double>(number.i);
        break;
      case Number::Kind::kReal:
        real = number.d;
        break;
      case Number::Kind::kNone:
        return mismatch(from, to);
    }
  }
  Value out = Value::real(real, to);
  const bool given = from.type() != Type::kString && !std::isfinite(from.as_real());
  if (!given && !std::isfinite(out.as_real())) return out_of_range(from, to);
  return out;
}

Result<Value> to_text_type(const Value& from, Type to) {
  if (to == Type::kString) return Value::text(from.to_display());
  if (!is_text(from.type())) return mismatch(from, to);
  if (to == Type::kDatetime) {
    if (auto parsed = parse_cim_datetime(from.as_text()); !parsed) return mismatch(from, to);
  }
  return Value::text(from.as_text(), to);
}

}  // namespace

std::string_view name_of(Type type) {
  for (const TypeName& row : kTypeNames) {
    if (row.type == type) return row.name;
  }
  return "null";
}

std::optional<Type> find_type(std::string_view name) {
  for (const TypeName& row : kTypeNames) {
    if (equal_ignore_case(row.name, name)) return row.type;
  }
  return std::nullopt;
}

struct Value::ArrayRep {
  mutable std::atomic<std::uint32_t> count{1};
  std::vector<Value> elements;
};

struct Value::ObjectRep {
  mutable std::atomic<std::uint32_t> count{1};
  std::shared_ptr<const Instance> instance;
};

void Value::add_share() const noexcept {
  switch (state_) {
    case State::kText:
      payload_.text->count.fetch_add(1, std::memory_order_relaxed);
      break;
    case State::kArray:
      payload_.array->count.fetch_add(1, std::memory_order_relaxed);
      break;
    case State::kObject:
      payload_.object->count.fetch_add(1, std::memory_order_relaxed);
      break;
    default:
      break;
  }
}

void Value::drop_share() noexcept {
  switch (state_) {
    case State::kText:
      if (payload_.text->count.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        payload_.text->~TextRep();
        ::operator delete(const_cast<TextRep*>(payload_.text));
      }
      break;
    case State::kArray:
      if (payload_.array->count.fetch_sub(1, std::memory_order_acq_rel) == 1) delete payload_.array;
      break;
    case State::kObject:
      if (payload_.object->count.fetch_sub(1, std::memory_order_acq_rel) == 1)
        delete payload_.object;
      break;
    default:
      break;
  }
}

Value Value::null(Type type, bool array) {
  Value out;
  out.type_ = type;
  out.state_ = array ? State::kNullArray : State::kNull;
  return out;
}

Value Value::integer(Type type, std::int64_t value) {
  return scalar(type, static_cast<std::uint64_t>(value));
}
Value Value::unsigned_integer(Type type, std::uint64_t value) { return scalar(type, value); }

Value Value::real(double value, Type type) {
  Value out = scalar(type, 0);
  out.payload_.real =
      type == Type::kReal32 ? static_cast<double>(static_cast<float>(value)) : value;
  return out;
}

Value Value::text(std::string_view value, Type type) {
  void* const memory = ::operator new(sizeof(TextRep) + value.size());
  auto* const rep = new (memory) TextRep{{1}, static_cast<std::uint32_t>(value.size())};
  if (!value.empty())
    std::memcpy(static_cast<char*>(memory) + sizeof(TextRep), value.data(), value.size());
  Value out;
  out.payload_.text = rep;
  out.type_ = type;
  out.state_ = State::kText;
  return out;
}

Value Value::array(Type type, std::vector<Value> elements) {
  auto* const rep = new ArrayRep;
  rep->elements = std::move(elements);
  Value out;
  out.payload_.array = rep;
  out.type_ = type;
  out.state_ = State::kArray;
  return out;
}

Value Value::object(std::shared_ptr<const Instance> instance) {
  if (instance == nullptr) return null(Type::kObject);
  auto* const rep = new ObjectRep;
  rep->instance = std::move(instance);
  Value out;
  out.payload_.object = rep;
  out.type_ = Type::kObject;
  out.state_ = State::kObject;
  return out;
}

double Value::as_real() const {
  if (state_ != State::kScalar) return 0;
  if (is_real(type_)) return payload_.real;
  return is_signed_integer(type_) ? static_cast<double>(as_sint64())
                                  : static_cast<double>(payload_.number);
}

std::span<const Value> Value::elements() const {
  if (state_ != State::kArray) return {};
  return payload_.array->elements;
}

const std::shared_ptr<const Instance>& Value::as_object() const {
  static const std::shared_ptr<const Instance> kNone;
  return state_ == State::kObject ? payload_.object->instance : kNone;
}

Result<Value> Value::cast_to(Type to) const {
  if (to == type_) return *this;
  if (is_null()) return null(to, is_array());
  if (is_array()) {
    std::vector<Value> out;
    out.reserve(elements().size());
    for (const Value& element : elements()) {
      SL_TRY(Value cast, element.cast_to(to));
      out.push_back(std::move(cast));
    }
    return array(to, std::move(out));
  }
  if (type_ == Type::kObject || to == Type::kObject) return mismatch(*this, to);
  if (to == Type::kBoolean) return to_boolean(*this);
  if (is_text(to)) return to_text_type(*this, to);
  if (type_ == Type::kDatetime || type_ == Type::kReference) return mismatch(*this, to);
  if (is_real(to)) return to_real(*this, to);
  return integer_from(*this, to,
                      type_ == Type::kString ? parse_number(as_text()) : number_of(*this));
}

bool operator==(const Value& a, const Value& b) {
  if (a.type_ != b.type_ || a.state_ != b.state_) return false;
  switch (a.state_) {
    case Value::State::kNull:
    case Value::State::kNullArray:
      return true;
    case Value::State::kScalar:
      return is_real(a.type_) ? a.payload_.real == b.payload_.real
                              : a.payload_.number == b.payload_.number;
    case Value::State::kText:
      return a.as_text() == b.as_text();
    case Value::State::kArray:
      return a.payload_.array->elements == b.payload_.array->elements;
    case Value::State::kObject:
      return *a.as_object() == *b.as_object();
  }
  return false;
}

std::uint64_t Value::hash() const {
  const auto seed = static_cast<std::uint64_t>(type_);
  switch (state_) {
    case State::kNull:
      return combine(seed, 1);
    case State::kNullArray:
      return combine(seed, 2);
    case State::kScalar:
      if (is_real(type_) && payload_.real == 0) return combine(seed, 3);  // 0.0 equals -0.0
      return combine(seed, payload_.number);
    case State::kText:
      return hash64(as_text(), seed);
    case State::kArray: {
      std::uint64_t out = combine(seed, elements().size());
      for (const Value& element : elements()) out = combine(out, element.hash());
      return out;
    }
    case State::kObject:
      return hash64(as_object()->to_mof(), seed);
  }
  return seed;
}

std::string Value::to_display() const {
  if (is_null()) return {};
  if (is_array()) {
    std::string out = "{";
    for (const Value& element : elements()) {
      if (out.size() > 1) out += ", ";
      out += element.to_display();
    }
    return out + "}";
  }
  if (is_text(type_)) return std::string(as_text());
  if (type_ == Type::kBoolean) return as_boolean() ? "TRUE" : "FALSE";
  if (type_ == Type::kObject) return as_object()->to_mof();
  if (is_real(type_)) return real_text(payload_.real, type_);
  return is_signed_integer(type_) ? std::to_string(as_sint64()) : std::to_string(payload_.number);
}

namespace {

// \x and the four digits of a unit.
void append_escape(std::string& out, char16_t unit) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  out += "\\x";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(unit >> shift) & 15];
}

}  // namespace

std::string quote_mof(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\xED':  // U+D000 to U+DFFF: lone surrogates have no place in a text
        if (i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) >= 0xA0) {
          append_escape(out, static_cast<char16_t>(next_code_point(text, i)));
          --i;  // it stands behind the surrogate
        } else {
          out += c;
        }
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          append_escape(out, static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

namespace {

// A character constant.
std::string quote_unit(char16_t unit) {
  std::string out = "'";
  if (unit == '\'' || unit == '\\') out += '\\';
  if (unit >= 0x20 && unit < 0x7F) {
    out += static_cast<char>(unit);
  } else {
    append_escape(out, unit);
  }
  return out + "'";
}

}  // namespace

std::string Value::to_mof() const {
  if (is_null()) return "NULL";
  if (is_array()) {
    std::string out = "{";
    for (const Value& element : elements()) {
      if (out.size() > 1) out += ", ";
      out += element.to_mof();
    }
    return out + "}";
  }
  if (is_text(type_)) return quote_mof(as_text());
  if (type_ == Type::kChar16) return quote_unit(static_cast<char16_t>(payload_.number));
  if (is_real(type_) && !std::isfinite(payload_.real)) return "NULL";  // MOF has no NaN or infinity
  std::string out = to_display();
  if (type_ == Type::kObject) out.resize(out.rfind('}') + 1);  // as a value it has no semicolon
  if (is_real(type_) && out.find('.') == std::string::npos) {  // 1 and 1e+20 are no real constants
    const std::size_t exponent = std::min(out.find('e'), out.size());
    out.insert(exponent, ".0");
  }
  return out;
}

}  // namespace slwmi::cim
