// How every part reports failure: a value or an Error that carries the HRESULT Windows would give,
// a sentence for people, and the place in the input when there is one. Exceptions are kept for the
// edges.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "base/hresult.hpp"

namespace slwmi {

// A place in a text or a file. `offset` counts bytes from 0; `line` and `column` count from 1, 0
// when unknown.
struct SourcePos {
  std::size_t offset = 0;
  int line = 0;
  int column = 0;
  bool operator==(const SourcePos&) const = default;
};

struct Error {
  HResult code = HResult::kEFail;
  std::string message;  // one sentence without a full stop; names the thing that was wrong
  std::optional<SourcePos> at = {};  // where in the input
  std::string token = {};            // the offending piece of input, when there is one
};

template <class T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(HResult code, std::string message) {
  return tl::make_unexpected(Error{code, std::move(message), std::nullopt, {}});
}
inline tl::unexpected<Error> fail(HResult code, std::string message, SourcePos at,
                                  std::string token = {}) {
  return tl::make_unexpected(Error{code, std::move(message), at, std::move(token)});
}
inline tl::unexpected<Error> fail(Error error) { return tl::make_unexpected(std::move(error)); }

}  // namespace slwmi

#define SLWMI_CONCAT_(a, b) a##b
#define SLWMI_CONCAT(a, b) SLWMI_CONCAT_(a, b)

// SL_TRY(auto x, expr): x is the value of expr, or the enclosing function returns expr's Error.
#define SL_TRY(decl, expr) SL_TRY_(decl, expr, SLWMI_CONCAT(sl_try_, __LINE__))
#define SL_TRY_(decl, expr, tmp)                                  \
  auto tmp = (expr);                                              \
  if (!tmp) return ::tl::make_unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)

// SL_CHECK(expr): the enclosing function returns expr's Error, if it has one.
#define SL_CHECK(expr)                                                  \
  do {                                                                  \
    if (auto sl_check_result = (expr); !sl_check_result)                \
      return ::tl::make_unexpected(std::move(sl_check_result).error()); \
  } while (false)
