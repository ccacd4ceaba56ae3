// A plan: a query resolved against the classes of one namespace, ready to run any number of times.
// It refers to nothing of the query's text; it is stale once the catalog's generation has moved on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "query/ast.hpp"
#include "query/catalog.hpp"
#include "query/filter.hpp"
#include "schema/class.hpp"
#include "schema/instance.hpp"
#include "schema/provider.hpp"

namespace slwmi::wql {

// One entry of the select list, repetitions left out.
struct OutputColumn {
  enum class Kind : std::uint8_t { kSlot, kSystem, kEmbedded };
  Kind kind = Kind::kSlot;
  int column = -1;                          // kSlot, kEmbedded: index into ClassScan::wanted
  const cim::Property* property = nullptr;  // kSlot, kEmbedded: of Plan::cls
  std::string text;                         // kSystem, kEmbedded: the name
  std::vector<std::string> path;            // kEmbedded: names below the slot's object

  // As the class spells it.
  const std::string& name() const { return kind == Kind::kSlot ? property->name : text; }
};

// The part of a plan that reads one class.
struct ClassScan {
  cim::ClassPtr cls;
  cim::Provider* provider = nullptr;
  std::vector<int> wanted;                   // slots; the select list's and the condition's
  std::shared_ptr<const FilterNode> filter;  // nullptr: every row
  std::vector<cim::Comparison> pushed;       // what the provider is told
  std::size_t selected = 0;                  // the first so many of `wanted` are in the result
};

struct AssociationPlan;  // query/association.hpp

struct Plan {
  QueryKind kind = QueryKind::kData;
  bool select_all = false;
  bool ensure_locatable = false;
  std::uint64_t generation = 0;
  cim::ClassPtr cls;  // of FROM
  std::string server;
  std::string ns;
  std::vector<OutputColumn> columns;  // empty with select_all
  std::vector<ClassScan> scans;       // kData: the class and its subclasses
  std::vector<std::string> skipped;  // kData: classes whose rows cannot match, and why, for explain
  std::vector<cim::ClassPtr> classes;  // kSchema: the answer
  std::shared_ptr<const AssociationPlan> association;
};

struct PlanOptions {
  // WBEM_FLAG_ENSURE_LOCATABLE: the keys are read even when the list does not name them.
  bool ensure_locatable = false;
};

// WBEM_E_INVALID_CLASS for an unknown class, WBEM_E_INVALID_QUERY for an unknown property or a
// comparison that its type refuses, each with offset and token. Event queries are not planned here:
// WBEM_E_INVALID_QUERY.
Result<Plan> plan(const Query& query, const Catalog& catalog, const PlanOptions& options = {});

// The type rules alone: what plan() refuses of a select or schema query on this class.
Result<> check(const Query& query, const cim::ClassPtr& cls);

// What the columns of the rows are called: the select list, or all properties of the class of FROM.
// Empty where no class says it: schema queries and associations.
std::vector<std::string> column_names(const Plan& plan);

// One line a step: what is asked of which provider, what the engine checks.
std::string explain(const Plan& plan);

// One row of a result, valid during the sink's call only.
class Row {
 public:
  Row(const Plan& plan, const ClassScan& scan, const cim::Batch& batch, std::size_t row)
      : plan_(&plan), scan_(&scan), batch_(&batch), row_(row) {}
  // A class definition (schema queries, ClassDefsOnly).
  Row(const Plan& plan, const cim::ClassPtr& cls) : plan_(&plan), class_(&cls) {}
  // An instance that exists already (ASSOCIATORS OF, REFERENCES OF).
  Row(const Plan& plan, const cim::Instance& instance) : plan_(&plan), instance_(&instance) {}

  bool is_class() const { return class_ != nullptr; }
  const cim::ClassPtr& cls() const {
    return class_ ? *class_ : instance_ ? instance_->cls() : scan_->cls;
  }

  // Columns: the select list, or all properties of the row's class.
  std::size_t size() const;
  const std::string& name(std::size_t column) const;
  cim::Value value(std::size_t column) const {
    if (const cim::Column* const lies = lying(column))
      return cim::value_at(*lies, row_, plan_->columns[column].property->type);
    return other_value(column);
  }
  // The text of a column that has texts, without a share in it: valid as long as the row, empty for
  // null. `keep` holds it where it does not lie anywhere.
  std::string_view text(std::size_t column, cim::Value& keep) const {
    if (const cim::Column* const lies = lying(column))
      if (const cim::Value* const value = cim::lying_value_at(*lies, row_)) return value->as_text();
    keep = value(column);
    return keep.as_text();
  }

  // The selected slots, the others null. A class row gives its defaults.
  cim::Instance instance() const;
  // __PATH and the like; __RELPATH and __PATH are null when the row lacks a key.
  cim::Value system(std::string_view name) const;
  // __SERVER as it lies: whose the row is.
  std::string_view server() const {
    return batch_ != nullptr && batch_->servers != nullptr ? batch_->servers[row_]
                                                           : std::string_view(plan_->server);
  }

 private:
  cim::Value other_value(std::size_t column) const;
  const cim::Column* lying(std::size_t column) const {
    if (scan_ == nullptr || plan_->select_all) return nullptr;
    const OutputColumn& output = plan_->columns[column];
    return output.kind == OutputColumn::Kind::kSlot
               ? &batch_->columns[static_cast<std::size_t>(output.column)]
               : nullptr;
  }

  const Plan* plan_;
  const ClassScan* scan_ = nullptr;
  const cim::Batch* batch_ = nullptr;
  const cim::ClassPtr* class_ = nullptr;
  const cim::Instance* instance_ = nullptr;
  std::size_t row_ = 0;
};

using RowSink = FunctionRef<bool(const Row&)>;

// Sends every row of the result to the sink until it answers false. Errors are the providers' own,
// and for associations WBEM_E_INVALID_OBJECT_PATH and WBEM_E_NOT_FOUND.
Result<> run(const Plan& plan, const Catalog& catalog, const cim::Call& call, RowSink sink);

// A result kept in memory.
struct ResultSet {
  std::vector<std::string> columns;  // names of the select list; empty with SELECT *
  std::vector<cim::Instance> rows;
  std::vector<cim::ClassPtr> classes;  // instead of rows where the query asks for class definitions
};
Result<ResultSet> collect(const Plan& plan, const Catalog& catalog, const cim::Call& call);

}  // namespace slwmi::wql
