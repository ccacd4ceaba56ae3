// Two generations of plans instead of a list by age: a lookup moves nothing.
#include "query/plan_cache.hpp"

#include "query/parser.hpp"

namespace slwmi::wql {

Result<std::shared_ptr<const Plan>> PlanCache::get(std::string_view text, const Catalog& catalog,
                                                   const PlanOptions& options) {
  const std::uint64_t generation = catalog.generation();
  const auto fresh = [&](const Plan& plan) {
    return plan.generation == generation && plan.ensure_locatable == options.ensure_locatable;
  };
  const auto recent = recent_.find(text);
  if (recent != recent_.end() && fresh(*recent->second)) return recent->second;
  std::shared_ptr<const Plan> plan;
  if (const auto old = older_.find(text); old != older_.end()) {
    if (fresh(*old->second)) plan = std::move(old->second);
    older_.erase(old);
  }
  if (plan == nullptr) {
    SL_TRY(const Query query, parse(text));
    SL_TRY(Plan made, wql::plan(query, catalog, options));
    plan = std::make_shared<const Plan>(std::move(made));
  }
  if (recent_.size() >= capacity_ && recent == recent_.end()) {
    older_ = std::move(recent_);
    recent_.clear();
  }
  recent_.insert_or_assign(std::string(text), plan);
  return plan;
}

void PlanCache::clear() {
  recent_.clear();
  older_.clear();
}

}  // namespace slwmi::wql
