// Plans by query text, for one session: a script that asks the same again skips parsing and
// planning. Not for use by two threads at once.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.hpp"
#include "base/text.hpp"
#include "query/plan.hpp"

namespace slwmi::wql {

class PlanCache {
 public:
  // Between `capacity` and twice as many plans are kept, the recently used ones.
  explicit PlanCache(std::size_t capacity = 128) : capacity_(capacity) {}

  // The plan of exactly this text for this catalog, made when it is not here or stale. Errors are
  // not kept.
  Result<std::shared_ptr<const Plan>> get(std::string_view text, const Catalog& catalog,
                                          const PlanOptions& options = {});
  void clear();

 private:
  using Plans =
      std::unordered_map<std::string, std::shared_ptr<const Plan>, TextHash, std::equal_to<>>;

  std::size_t capacity_;
  Plans recent_;
  Plans older_;  // what was recent before recent_ was full
};

}  // namespace slwmi::wql
