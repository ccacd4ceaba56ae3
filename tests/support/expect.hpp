// Results in tests: the value, or the case ends and says why.
#pragma once

#include <utility>

#include <boost/test/unit_test.hpp>

#include "base/result.hpp"

namespace slwmi::test {

template <class T>
T must(Result<T> result) {
  BOOST_REQUIRE_MESSAGE(result.has_value(), to_hex(result.error().code)
                                                << " " << result.error().message);
  return *std::move(result);
}

inline void must(const Result<>& result) {
  BOOST_REQUIRE_MESSAGE(result.has_value(), to_hex(result.error().code)
                                                << " " << result.error().message);
}

}  // namespace slwmi::test
