// Refused until object paths are here: WBEM_E_NOT_SUPPORTED.
#include "query/association.hpp"

namespace slwmi::wql {

struct AssociationPlan {};

Result<std::shared_ptr<const AssociationPlan>> plan_association(const Query&, const Catalog&) {
  return fail(HResult::kWbemENotSupported, "ASSOCIATORS OF and REFERENCES OF do not run yet");
}
Result<> run_association(const Plan&, const Catalog&, const cim::Call&, RowSink) { return {}; }
void explain_association(const AssociationPlan&, std::string&) {}

}  // namespace slwmi::wql
