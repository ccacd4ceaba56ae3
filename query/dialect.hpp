// Every choice that the published rules of WQL leave open, in one table with its reason, and the
// quotas. What is documented is not here: it is simply implemented. docs/fidelity.md repeats the
// list for people.
#pragma once

#include <cstddef>

namespace slwmi::wql {

// Bounds against hostile input; beyond them WBEM_E_QUOTA_VIOLATION. Windows has such limits and
// does not publish them.
struct Limits {
  std::size_t text_bytes = 64 * 1024;
  std::size_t depth = 256;         // open parentheses and NOTs
  std::size_t connectives = 1024;  // ANDs and ORs
};

namespace dialect {

// `p <> 'x'` and `NOT p = 'x'` do not match a row where p is null: three-valued logic as in SQL.
// Peers differ and Windows' documentation is silent; false makes a comparison with null simply
// false, so that NOT over it holds.
inline constexpr bool kNullIsUnknown = true;

// `a=1AND b=2`: a keyword may follow a number without a blank, as it may follow a string (seen in
// the field).
inline constexpr bool kKeywordMayTouchNumber = true;

// `NOT NOT a = 1` is accepted: nothing forbids it.
inline constexpr bool kRepeatedNot = true;

// `SELECT C.p FROM C` and `SELECT C.* FROM C` name the class itself; an embedded property called C
// goes first.
inline constexpr bool kClassQualifiedNames = true;

// An interval of 0 seconds in WITHIN is accepted: "as fast as possible".
inline constexpr bool kZeroInterval = true;

// `[` that no `]` closes stands for itself in LIKE.
inline constexpr bool kUnclosedSetIsLiteral = true;

// NULL rows aside, a string literal that is no number never equals a number; comparing is refused
// rather than false.
inline constexpr bool kRefuseNonNumericText = true;

}  // namespace dialect
}  // namespace slwmi::wql
