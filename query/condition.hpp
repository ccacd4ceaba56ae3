// One comparison of a property with a constant, once the property's type is known: the constant is
// converted by WMI's rules and the comparison put in the form that costs least per row.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/datetime.hpp"
#include "base/result.hpp"
#include "query/ast.hpp"
#include "query/like.hpp"
#include "query/truth.hpp"
#include "schema/provider.hpp"
#include "schema/value.hpp"

namespace slwmi::wql {

// A constant out of the text, which it outlives.
struct Literal {
  LiteralKind kind = LiteralKind::kNull;
  std::string text;  // digits as written; a string's value
};
Literal literal_of(const Query& query, const Node& node);

// `(x - low) mod 2^64 <= span`, turned round by `outside`: every comparison of integers.
struct IntegerRange {
  std::uint64_t low = 0;
  std::uint64_t span = 0;
  bool outside = false;
  bool contains(std::uint64_t x) const { return (x - low <= span) != outside; }
};

// How a Condition tests a value. All but kNull are null_truth() for a null value.
enum class Domain : std::uint8_t {
  kNull,        // is the value null? (`boolean`: yes or no is what is wanted)
  kFixed,       // `boolean` for every value
  kInteger,     // `range`
  kReal,        // `op`, `real`
  kBoolean,     // equal to `boolean`
  kText,        // `op`, `text`, without case
  kLike,        // `like`
  kMoment,      // `op`, `time` or `span`
  kCharacters,  // datetimes with asterisks: equal to `text` or not
  kReference,   // object paths: equal to `text` or not
  kIsa,         // embedded objects: of class `text` or below
};

struct Condition {
  Domain domain = Domain::kFixed;
  Op op = Op::kEqual;
  bool boolean = false;
  bool interval = false;  // kMoment: `text` was an interval
  IntegerRange range;
  double real = 0;
  std::int64_t moment = 0;  // kMoment: ticks, of an interval microseconds
  std::string text;
  std::shared_ptr<const LikePattern> like;

  Truth test(const cim::Value& value) const;
};

// The comparison `property op literal` for a property of that type. WBEM_E_INVALID_QUERY, without a
// place, when the type does not know the operator or cannot take the constant.
Result<Condition> bind_condition(cim::Type type, bool array, Op op, const Literal& literal);

// The condition as a hint for a provider, without its slot; false when it cannot be said that way.
bool to_comparison(const Condition& condition, cim::Type type, cim::Comparison& out);

}  // namespace slwmi::wql
