// Names to slots, constants to the types of properties, the condition to a filter for each class,
// and what of it a provider is told.
#include <algorithm>

#include "base/text.hpp"
#include "query/association.hpp"
#include "query/filter_builder.hpp"
#include "query/lexer.hpp"
#include "query/plan.hpp"

namespace slwmi::wql {
namespace {

void push_down(const FilterNode& node, const ClassScan& scan, std::vector<cim::Comparison>& out) {
  if (node.kind == FilterKind::kAnd) {
    for (const FilterNode& child : node.children) push_down(child, scan, out);
    return;
  }
  if (node.kind != FilterKind::kColumn) return;
  cim::Comparison comparison;
  if (to_comparison(node.condition, node.type, comparison)) {
    comparison.slot = scan.wanted[static_cast<std::size_t>(node.column)];
    out.push_back(std::move(comparison));
  }
}

class Planner {
 public:
  Planner(const Query& query, const Catalog& catalog, const PlanOptions& options)
      : query_(query), catalog_(catalog), options_(options), locatable_(options.ensure_locatable) {}

  Result<Plan> make() {
    plan_.kind = query_.kind();
    plan_.select_all = query_.select_all || query_.form != Form::kSelect;
    plan_.ensure_locatable = options_.ensure_locatable;
    plan_.generation = catalog_.generation();
    plan_.server = std::string(catalog_.server());
    plan_.ns = std::string(catalog_.ns());
    switch (plan_.kind) {
      case QueryKind::kEvent:
        return refuse(query_, query_.has_within ? query_.within : query_.group_within,
                      "WITHIN and GROUP belong to notification queries");
      case QueryKind::kAssociators:
      case QueryKind::kReferences: {
        SL_TRY(plan_.association, plan_association(query_, catalog_));
        return std::move(plan_);
      }
      case QueryKind::kSchema:
        SL_CHECK(schema());
        return std::move(plan_);
      case QueryKind::kData:
        SL_CHECK(data());
        return std::move(plan_);
    }
    return std::move(plan_);
  }

  Result<> schema() {
    std::vector<cim::ClassPtr> all;
    catalog_.append_subclasses({}, all);
    std::vector<int> none;
    for (cim::ClassPtr& cls : all) {
      if (!query_.where.empty()) {
        SL_TRY(const BuiltFilter filter, build_filter(query_, *cls, plan_.server, plan_.ns, none));
        if (filter.root.truth != Truth::kTrue) continue;
      }
      plan_.classes.push_back(std::move(cls));
    }
    return {};
  }

  Result<> data() {
    const std::string_view name = query_.str(query_.from);
    plan_.cls = catalog_.find_class(name);
    if (plan_.cls == nullptr) {
      return fail(HResult::kWbemEInvalidClass, "there is no class " + std::string(name),
                  SourcePos{query_.from.offset, 0, 0}, std::string(name));
    }
    SL_CHECK(columns());
    ClassScan first;
    bool per_class = false;
    SL_CHECK(scan_of(plan_.cls, first, per_class));
    std::vector<cim::ClassPtr> below;
    catalog_.append_subclasses(plan_.cls->name(), below);
    const ClassScan shared = below.empty() ? ClassScan{} : first;
    add(std::move(first));
    for (cim::ClassPtr& cls : below) {
      ClassScan scan;
      if (per_class || plan_.select_all || locatable_) {
        SL_CHECK(scan_of(cls, scan, per_class));
      } else {  // slots mean the same below, so the scan is the same
        scan = shared;
        scan.cls = std::move(cls);
      }
      add(std::move(scan));
    }
    return {};
  }

  Result<> columns() {
    plan_.columns.reserve(query_.select.size());
    selected_.reserve(query_.select.size() + 4);
    for (const Span& span : query_.select) {
      SL_TRY(Target target, resolve(query_, span, *plan_.cls));
      OutputColumn column;
      if (target.slot < 0) {
        if (same_name(target.system, "__this")) return refuse(query_, span, "__this is for ISA");
        column.kind = OutputColumn::Kind::kSystem;
        column.text = ascii_upper(target.system);
        locatable_ = locatable_ || column.text == "__PATH" || column.text == "__RELPATH";
      } else {
        const auto found = std::find(selected_.begin(), selected_.end(), target.slot);
        column.column = static_cast<int>(found - selected_.begin());
        if (found == selected_.end()) selected_.push_back(target.slot);
        column.property = &plan_.cls->properties()[static_cast<std::size_t>(target.slot)];
        if (!target.path.empty()) {
          column.kind = OutputColumn::Kind::kEmbedded;
          column.text = column.property->name;
          for (const std::string& part : target.path) column.text += "." + part;
          column.path = std::move(target.path);
        }
      }
      if (!is_repeated(column)) plan_.columns.push_back(std::move(column));
    }
    return {};
  }

  bool is_repeated(const OutputColumn& column) const {
    for (const OutputColumn& other : plan_.columns) {
      if (other.kind != column.kind || other.column != column.column) continue;
      if (column.kind == OutputColumn::Kind::kSlot || equal_ignore_case(other.text, column.text))
        return true;
    }
    return false;
  }

  Result<> scan_of(const cim::ClassPtr& cls, ClassScan& scan, bool& per_class) {
    scan.cls = cls;
    scan.wanted = selected_;
    if (plan_.select_all) {
      scan.wanted.resize(cls->properties().size());
      for (std::size_t i = 0; i < scan.wanted.size(); ++i) scan.wanted[i] = static_cast<int>(i);
    }
    if (locatable_) {
      for (const int slot : cls->key_slots()) {
        if (std::find(scan.wanted.begin(), scan.wanted.end(), slot) == scan.wanted.end())
          scan.wanted.push_back(slot);
      }
    }
    scan.selected = scan.wanted.size();
    if (query_.where.empty()) return {};
    SL_TRY(BuiltFilter built, build_filter(query_, *cls, plan_.server, plan_.ns, scan.wanted));
    per_class = per_class || built.depends_on_class;
    FilterNode& filter = built.root;
    if (filter.kind == FilterKind::kConstant && filter.truth == Truth::kTrue) return {};
    push_down(filter, scan, scan.pushed);
    scan.filter = std::make_shared<const FilterNode>(std::move(filter));
    return {};
  }

  void add(ClassScan scan) {
    if (scan.filter != nullptr && scan.filter->kind == FilterKind::kConstant) {
      plan_.skipped.push_back(scan.cls->name() + ": the condition never holds");
      return;
    }
    scan.provider = catalog_.provider_of(*scan.cls);
    if (scan.provider == nullptr) {
      plan_.skipped.push_back(scan.cls->name() +
                              (scan.cls->is_abstract() ? ": abstract" : ": no provider"));
      return;
    }
    plan_.scans.push_back(std::move(scan));
  }

  Plan& plan() { return plan_; }

 private:
  const Query& query_;
  const Catalog& catalog_;
  const PlanOptions& options_;
  bool locatable_;  // the keys are read in any case
  Plan plan_;
  std::vector<int> selected_;  // slots of the select list
};

// A namespace that has nothing but one class, for checks without a world.
class OneClass final : public Catalog {
 public:
  explicit OneClass(const cim::ClassPtr& cls) : cls_(cls) {}
  cim::ClassPtr find_class(std::string_view) const override { return cls_; }
  void append_subclasses(std::string_view name, std::vector<cim::ClassPtr>& out) const override {
    if (name.empty()) out.push_back(cls_);
  }
  cim::Provider* provider_of(const cim::Class&) const override { return nullptr; }
  std::string_view server() const override { return "."; }
  std::string_view ns() const override { return "root\\cimv2"; }
  std::uint64_t generation() const override { return 0; }

 private:
  const cim::ClassPtr& cls_;
};

}  // namespace

Result<Plan> plan(const Query& query, const Catalog& catalog, const PlanOptions& options) {
  return Planner(query, catalog, options).make();
}

Result<> check(const Query& query, const cim::ClassPtr& cls) {
  if (query.form != Form::kSelect) return {};
  const OneClass catalog(cls);
  const PlanOptions options;
  Planner planner(query, catalog, options);
  return query.schema ? planner.schema() : planner.data();
}

}  // namespace slwmi::wql
