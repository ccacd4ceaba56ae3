// ASSOCIATORS OF and REFERENCES OF: which association classes to ask, and what to make of their
// instances.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "query/plan.hpp"

namespace slwmi::wql {

Result<std::shared_ptr<const AssociationPlan>> plan_association(const Query& query,
                                                                const Catalog& catalog);
Result<> run_association(const Plan& plan, const Catalog& catalog, const cim::Call& call,
                         RowSink sink);
void explain_association(const AssociationPlan& plan, std::string& out);

}  // namespace slwmi::wql
