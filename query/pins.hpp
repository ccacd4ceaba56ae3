// What a condition fixes: the values that some properties must have for it to hold. An event
// provider can be told of these only, so a registration that leaves one open is too broad.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "query/ast.hpp"

namespace slwmi::wql {

struct Pin {
  std::string text;          // the constant
  bool exact = true;         // false: ISA, the class or one below it
  std::uint32_t offset = 0;  // of the constant in the query
};

// One way to satisfy the condition: a pin for each place, nothing where this way leaves it open.
using Pins = std::vector<std::optional<Pin>>;

// The most ways that a condition is followed in; beyond them WBEM_E_QUOTA_VIOLATION.
inline constexpr std::size_t kMaxPins = 1024;

// All ways to satisfy the condition of `query`, each once, in the order of the text. `place` says
// which place a predicate pins, from 0; -1: none. A way that gives one place two values is left
// out, so there may be none; of two ISA in one way the first counts.
Result<std::vector<Pins>> pins_of(const Query& query, std::size_t places,
                                  FunctionRef<int(const Node&)> place);

}  // namespace slwmi::wql
