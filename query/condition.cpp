// Conversion of constants by the property's type, and the comparison of single values.
#include "query/condition.hpp"

#include <limits>
#include <optional>

#include "base/text.hpp"
#include "query/dates.hpp"
#include "query/references.hpp"
#include "schema/instance.hpp"

namespace slwmi::wql {
namespace {

constexpr HResult kInvalid = HResult::kWbemEInvalidQuery;

bool is_equality(Op op) { return op == Op::kEqual || op == Op::kNotEqual; }

template <class Order>
bool holds(Op op, Order order) {
  switch (op) {
    case Op::kEqual:
      return order == 0;
    case Op::kNotEqual:
      return order != 0;
    case Op::kLess:
      return order < 0;
    case Op::kLessEqual:
      return order <= 0;
    case Op::kGreater:
      return order > 0;
    case Op::kGreaterEqual:
      return order >= 0;
    default:
      return false;
  }
}

// A decimal integer of any size; `overflow` when the magnitude has more than 64 bits.
struct Integer {
  bool negative = false;
  bool overflow = false;
  std::uint64_t magnitude = 0;
};

bool read_integer(std::string_view text, Integer& out) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    out.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return false;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (out.magnitude > (std::numeric_limits<std::uint64_t>::max() - digit) / 10)
      out.overflow = true;
    out.magnitude = out.magnitude * 10 + digit;
  }
  if (out.magnitude == 0 && !out.overflow) out.negative = false;
  return true;
}

// Where an integer lies in the span of a type: below it, above it, or at `key` counted from the
// least value.
struct Position {
  int side = 0;
  std::uint64_t key = 0;
};

Position position_of(const Integer& n, std::int64_t least, std::uint64_t count_minus_one) {
  if (n.negative) {
    const std::uint64_t depth = least < 0 ? ~static_cast<std::uint64_t>(least) + 1 : 0;
    if (n.overflow || n.magnitude > depth) return {-1, 0};
    return {0, depth - n.magnitude};
  }
  const std::uint64_t below = least < 0 ? ~static_cast<std::uint64_t>(least) + 1 : 0;
  if (n.overflow || n.magnitude > count_minus_one - below) return {1, 0};
  return {0, n.magnitude + below};
}

Condition fixed(bool value) {
  Condition c;
  c.domain = Domain::kFixed;
  c.boolean = value;
  return c;
}

// `x op n` for x in [least, least + top].
Condition integer_condition(Op op, const Integer& n, std::int64_t least, std::uint64_t top) {
  const Position at = position_of(n, least, top);
  if (at.side != 0) {
    const bool less = op == Op::kLess || op == Op::kLessEqual;
    const bool greater = op == Op::kGreater || op == Op::kGreaterEqual;
    return fixed(op == Op::kNotEqual || (at.side > 0 ? less : greater));
  }
  std::uint64_t first = 0, last = top;
  switch (op) {
    case Op::kLess:
      if (at.key == 0) return fixed(false);
      last = at.key - 1;
      break;
    case Op::kLessEqual:
      last = at.key;
      break;
    case Op::kGreater:
      if (at.key == top) return fixed(false);
      first = at.key + 1;
      break;
    case Op::kGreaterEqual:
      first = at.key;
      break;
    default:
      first = last = at.key;
      break;
  }
  Condition c;
  c.domain = Domain::kInteger;
  c.op = op;
  c.range = {static_cast<std::uint64_t>(least) + first, last - first, op == Op::kNotEqual};
  return c;
}

bool integer_bounds(cim::Type type, std::int64_t& least, std::uint64_t& top) {
  using cim::Type;
  switch (type) {
    case Type::kSint8:
      least = -128;
      top = 0xFF;
      return true;
    case Type::kSint16:
      least = -32768;
      top = 0xFFFF;
      return true;
    case Type::kSint32:
      least = std::numeric_limits<std::int32_t>::min();
      top = 0xFFFFFFFF;
      return true;
    case Type::kSint64:
      least = std::numeric_limits<std::int64_t>::min();
      top = ~std::uint64_t{0};
      return true;
    case Type::kUint8:
      least = 0;
      top = 0xFF;
      return true;
    case Type::kUint16:
    case Type::kChar16:
      least = 0;
      top = 0xFFFF;
      return true;
    case Type::kUint32:
      least = 0;
      top = 0xFFFFFFFF;
      return true;
    case Type::kUint64:
      least = 0;
      top = ~std::uint64_t{0};
      return true;
    default:
      return false;
  }
}

bool read_real(std::string_view text, double& out) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::optional<double> number = parse_real(text, false);
  out = number.value_or(0);
  return number.has_value();
}

Result<Condition> bind_integer(cim::Type type, Op op, const Literal& literal, std::int64_t least,
                               std::uint64_t top) {
  Integer n;
  if (type == cim::Type::kChar16 && literal.kind == LiteralKind::kString &&
      utf16_length(literal.text) == 1) {
    n.magnitude = to_utf16(literal.text)[0];
    return integer_condition(op, n, least, top);
  }
  const bool number = literal.kind == LiteralKind::kInteger || literal.kind == LiteralKind::kString;
  if (!number || !read_integer(literal.text, n))
    return fail(kInvalid, "an integer property needs an integer");
  return integer_condition(op, n, least, top);
}

Result<Condition> bind_real(cim::Type type, Op op, const Literal& literal) {
  Condition c;
  c.domain = Domain::kReal;
  c.op = op;
  const bool number = literal.kind == LiteralKind::kInteger || literal.kind == LiteralKind::kReal ||
                      literal.kind == LiteralKind::kString;
  if (!number || !read_real(literal.text, c.real))
    return fail(kInvalid, "a real property needs a number");
  if (type == cim::Type::kReal32) c.real = static_cast<double>(static_cast<float>(c.real));
  return c;
}

Result<Condition> bind_boolean(Op op, const Literal& literal) {
  if (!is_equality(op)) return fail(kInvalid, "a boolean property can only be equal or not equal");
  Integer n;
  bool value = literal.kind == LiteralKind::kTrue;
  if (literal.kind == LiteralKind::kString && equal_ignore_case(literal.text, "true")) {
    value = true;
  } else if (literal.kind == LiteralKind::kString && equal_ignore_case(literal.text, "false")) {
    value = false;
  } else if (literal.kind == LiteralKind::kInteger || literal.kind == LiteralKind::kString) {
    if (!read_integer(literal.text, n) || n.overflow ||
        n.magnitude > 1) {  // TRUE is 1 and, to COM, -1
      return fail(kInvalid, "a boolean property needs TRUE, FALSE, 1 or 0");
    }
    value = n.magnitude == 1;
  } else if (literal.kind == LiteralKind::kReal) {
    return fail(kInvalid, "a boolean property needs TRUE, FALSE, 1 or 0");
  }
  Condition c;
  c.domain = Domain::kBoolean;
  c.op = op;
  c.boolean = value == (op == Op::kEqual);
  return c;
}

Result<Condition> bind_text(Op op, const Literal& literal) {
  Condition c;
  c.domain = Domain::kText;
  c.op = op;
  if (literal.kind == LiteralKind::kTrue || literal.kind == LiteralKind::kFalse) {
    return fail(kInvalid, "a string property needs a string");
  }
  // A number means its digits: `Handle = 0` finds the string "0".
  c.text = literal.kind != LiteralKind::kString && literal.text[0] == '+' ? literal.text.substr(1)
                                                                          : literal.text;
  return c;
}

Result<Condition> bind_moment(Op op, const Literal& literal) {
  if (literal.kind != LiteralKind::kString)
    return fail(kInvalid, "a datetime property needs a date in quotes");
  Condition c;
  c.domain = Domain::kMoment;
  c.op = op;
  if (const auto cim = parse_cim_datetime(literal.text)) {
    if (cim->wildcards) {
      if (!is_equality(op))
        return fail(kInvalid, "a datetime with asterisks can only be equal or not equal");
      c.domain = Domain::kCharacters;
      c.text = literal.text;
      return c;
    }
    c.interval = cim->interval;
    c.moment =
        cim->interval ? cim->span->microseconds : static_cast<std::int64_t>(cim->time->ticks);
    return c;
  }
  const auto time = parse_date_literal(literal.text);
  if (!time) return fail(kInvalid, "the string is no date");
  c.moment = static_cast<std::int64_t>(time->ticks);
  return c;
}

Result<Condition> bind_reference(Op op, const Literal& literal) {
  if (!is_equality(op)) return fail(kInvalid, "a reference can only be equal or not equal");
  if (literal.kind != LiteralKind::kString)
    return fail(kInvalid, "a reference needs an object path in quotes");
  Condition c;
  c.domain = Domain::kReference;
  c.op = op;
  c.text = literal.text;
  return c;
}

Truth test_moment(const Condition& c, std::string_view text) {
  const auto cim = parse_cim_datetime(text);
  if (!cim || cim->wildcards || cim->interval != c.interval) return truth_of(c.op == Op::kNotEqual);
  const std::int64_t at =
      cim->interval ? cim->span->microseconds : static_cast<std::int64_t>(cim->time->ticks);
  return truth_of(holds(c.op, at < c.moment ? -1 : at > c.moment ? 1 : 0));
}

}  // namespace

Literal literal_of(const Query& query, const Node& node) {
  const std::string_view raw = query.str(node.literal);
  return {node.literal_kind, node.escaped ? unescape(raw) : std::string(raw)};
}

Result<Condition> bind_condition(cim::Type type, bool array, Op op, const Literal& literal) {
  if (array) return fail(kInvalid, "an array cannot be compared");
  Condition c;
  if (op == Op::kIsNull || op == Op::kIsNotNull) {
    c.domain = Domain::kNull;
    c.op = op;
    c.boolean = op == Op::kIsNull;
    return c;
  }
  if (type == cim::Type::kObject) {
    if (op != Op::kIsa) return fail(kInvalid, "an object can only be tested by ISA and IS NULL");
    c.domain = Domain::kIsa;
    c.text = literal.text;
    return c;
  }
  if (op == Op::kIsa) return fail(kInvalid, "ISA needs a property that holds an object");
  if (op == Op::kLike) {
    auto like = std::make_shared<const LikePattern>(literal.text);
    if (type == cim::Type::kString) {
      c.domain = Domain::kLike;
      c.op = op;
      c.text = literal.text;
      c.like = std::move(like);
      return c;
    }
    if (like->has_wildcards())
      return fail(kInvalid, "only a string property can be matched with wildcards");
    op = Op::kEqual;
  }
  std::int64_t least = 0;
  std::uint64_t top = 0;
  if (integer_bounds(type, least, top)) return bind_integer(type, op, literal, least, top);
  switch (type) {
    case cim::Type::kReal32:
    case cim::Type::kReal64:
      return bind_real(type, op, literal);
    case cim::Type::kBoolean:
      return bind_boolean(op, literal);
    case cim::Type::kString:
      return bind_text(op, literal);
    case cim::Type::kDatetime:
      return bind_moment(op, literal);
    case cim::Type::kReference:
      return bind_reference(op, literal);
    default:
      return fail(kInvalid, "a property of this type cannot be compared");
  }
}

bool to_comparison(const Condition& c, cim::Type type, cim::Comparison& out) {
  static_assert(static_cast<int>(Op::kIsNotNull) == static_cast<int>(cim::CompareOp::kIsNotNull));
  out.op = static_cast<cim::CompareOp>(c.op);
  switch (c.domain) {
    case Domain::kNull:
      out.value = cim::Value::null(type);
      return true;
    case Domain::kInteger: {
      std::uint64_t bits = c.range.low;
      if (c.op == Op::kLess) bits = c.range.low + c.range.span + 1;
      if (c.op == Op::kLessEqual) bits = c.range.low + c.range.span;
      if (c.op == Op::kGreater) bits = c.range.low - 1;
      out.value = cim::is_signed_integer(type)
                      ? cim::Value::integer(type, static_cast<std::int64_t>(bits))
                      : cim::Value::unsigned_integer(type, bits);
      return true;
    }
    case Domain::kReal:
      out.value = cim::Value::real(c.real, type);
      return true;
    case Domain::kBoolean:
      out.op = cim::CompareOp::kEqual;
      out.value = cim::Value::boolean(c.boolean);
      return true;
    case Domain::kText:
    case Domain::kLike:
      out.value = cim::Value::text(c.text, type);
      return true;
    case Domain::kFixed:
    case Domain::kMoment:
    case Domain::kCharacters:
    case Domain::kReference:  // one path has many spellings
    case Domain::kIsa:
      return false;
  }
  return false;
}

Truth Condition::test(const cim::Value& value) const {
  if (domain == Domain::kNull) return truth_of(value.is_null() == boolean);
  if (value.is_null()) return null_truth();
  switch (domain) {
    case Domain::kFixed:
      return truth_of(boolean);
    case Domain::kInteger:
      return truth_of(range.contains(value.as_uint64()));
    case Domain::kReal: {
      const double x = value.as_real();
      return truth_of(x != x ? op == Op::kNotEqual : holds(op, x < real ? -1 : x > real ? 1 : 0));
    }
    case Domain::kBoolean:
      return truth_of(value.as_boolean() == boolean);
    case Domain::kText:
      if (is_equality(op))
        return truth_of(equal_ignore_case(value.as_text(), text) == (op == Op::kEqual));
      return truth_of(holds(op, compare_ignore_case(value.as_text(), text)));
    case Domain::kLike:
      return truth_of(like->matches(value.as_text()));
    case Domain::kMoment:
      return test_moment(*this, value.as_text());
    case Domain::kCharacters:
      return truth_of((value.as_text() == text) == (op == Op::kEqual));
    case Domain::kReference:
      return truth_of(same_object(value.as_text(), text) == (op == Op::kEqual));
    case Domain::kIsa: {
      const std::shared_ptr<const cim::Instance>& object = value.as_object();
      return truth_of(object != nullptr && object->valid() && object->cls()->is_a(text));
    }
    case Domain::kNull:
      break;
  }
  return Truth::kUnknown;
}

}  // namespace slwmi::wql
