// Names to slots, constants to the types of properties, the condition to a filter for each class,
// and what of it a provider is told.
#include <algorithm>

#include "base/text.hpp"
#include "query/association.hpp"
#include "query/lexer.hpp"
#include "query/plan.hpp"

namespace slwmi::wql {
namespace {

tl::unexpected<Error> refuse(const Query& query, Span where, std::string message) {
  return fail(HResult::kWbemEInvalidQuery, std::move(message), SourcePos{where.offset, 0, 0},
              std::string(query.str(where)));
}

bool is_system_name(std::string_view name) {
  return name.size() > 2 && name[0] == '_' && name[1] == '_';
}

std::vector<std::string> split_path(std::string_view name) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t dot = name.find('.');
    parts.emplace_back(name.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    name.remove_prefix(dot + 1);
  }
}

// Where a name of the query leads.
struct Target {
  int slot = -1;                  // -1: a system property
  std::string system;             // its name
  std::vector<std::string> path;  // below the slot's object
};

Result<Target> resolve(const Query& query, Span name, const cim::Class& cls) {
  std::string_view text = query.str(name);
  Target target;
  const std::size_t dot = text.find('.');
  std::string_view first = text.substr(0, dot);
  if (dot != std::string_view::npos && dialect::kClassQualifiedNames && cls.find_slot(first) < 0 &&
      equal_ignore_case(first, query.str(query.from))) {
    text.remove_prefix(dot + 1);
    first = text.substr(0, text.find('.'));
  }
  target.slot = cls.find_slot(first);
  if (first.size() != text.size()) target.path = split_path(text.substr(first.size() + 1));
  if (target.slot >= 0) return target;
  if (is_system_name(first) && target.path.empty() &&
      (cim::is_system_property(first) || same_name(first, "__this"))) {
    target.system = std::string(first);
    return target;
  }
  return refuse(query, name, "the class " + cls.name() + " has no property " + std::string(first));
}

// Builds the filter of one class out of the condition.
class FilterBuilder {
 public:
  FilterBuilder(const Query& query, const cim::Class& cls, std::string_view server,
                std::string_view ns, std::vector<int>& wanted)
      : query_(query), cls_(cls), server_(server), ns_(ns), wanted_(wanted) {}

  Result<FilterNode> build() {
    if (query_.where.size() == 1) return predicate(query_.where[0]);
    std::vector<FilterNode> nodes(query_.where.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const Node& node = query_.where[i];
      switch (node.kind) {
        case NodeKind::kPredicate: {
          SL_TRY(nodes[i], predicate(node));
          break;
        }
        case NodeKind::kNot:
          nodes[i] = negation(std::move(nodes[i - 1]));
          break;
        case NodeKind::kAnd:
        case NodeKind::kOr:
          nodes[i] = join(node.kind == NodeKind::kAnd ? FilterKind::kAnd : FilterKind::kOr,
                          std::move(nodes[node.left]), std::move(nodes[i - 1]));
          break;
      }
    }
    return std::move(nodes.back());
  }

  // The filter depends on the class, not only on its slots.
  bool depends_on_class() const { return depends_on_class_; }

 private:
  static FilterNode constant(Truth truth) {
    FilterNode node;
    node.truth = truth;
    return node;
  }

  static FilterNode negation(FilterNode child) {
    if (child.kind == FilterKind::kConstant) return constant(negated(child.truth));
    if (child.kind == FilterKind::kNot) {
      FilterNode inner = std::move(child.children[0]);
      return inner;
    }
    FilterNode node;
    node.kind = FilterKind::kNot;
    node.children.push_back(std::move(child));
    return node;
  }

  static void append(FilterKind kind, std::vector<FilterNode>& children, FilterNode node) {
    if (node.kind == kind) {
      std::move(node.children.begin(), node.children.end(), std::back_inserter(children));
    } else {
      children.push_back(std::move(node));
    }
  }

  // Constants that decide, or do not matter, go; nested nodes of the same kind are merged.
  static FilterNode join(FilterKind kind, FilterNode left, FilterNode right) {
    const Truth decides = kind == FilterKind::kAnd ? Truth::kFalse : Truth::kTrue;
    for (FilterNode* side : {&left, &right}) {
      if (side->kind != FilterKind::kConstant || side->truth == Truth::kUnknown) continue;
      if (side->truth == decides) return constant(decides);
      FilterNode other = std::move(side == &left ? right : left);
      return other;
    }
    if (left.kind == FilterKind::kConstant && right.kind == FilterKind::kConstant)
      return left;            // both unknown
    if (left.kind == kind) {  // the usual chain: a AND b AND c
      append(kind, left.children, std::move(right));
      return left;
    }
    FilterNode node;
    node.kind = kind;
    node.children.reserve(4);
    node.children.push_back(std::move(left));
    append(kind, node.children, std::move(right));
    return node;
  }

  Result<FilterNode> predicate(const Node& node) {
    SL_TRY(const Target target, resolve(query_, node.property, cls_));
    const Literal literal = literal_of(query_, node);
    if (target.slot < 0) return system(node, target.system, literal);
    const cim::Property& property = cls_.properties()[static_cast<std::size_t>(target.slot)];
    FilterNode out;
    out.type = property.type;
    if (!target.path.empty()) {  // an invalid path is no error, it only finds nothing
      auto embedded = std::make_shared<EmbeddedTest>();
      embedded->path = target.path;
      embedded->op = node.op;
      embedded->literal = literal;
      out.kind = FilterKind::kEmbedded;
      out.embedded = std::move(embedded);
    } else {
      SL_TRY(out.condition, bind(node, property.type, property.is_array, literal));
      out.kind = FilterKind::kColumn;
    }
    out.column = column_of(target.slot);
    return out;
  }

  Result<Condition> bind(const Node& node, cim::Type type, bool array,
                         const Literal& literal) const {
    auto condition = bind_condition(type, array, node.op, literal);
    if (condition) return condition;
    const bool about_literal = !array && node.literal.length != 0;
    const bool string = node.literal_kind == LiteralKind::kString;
    const Span literal_span =
        string ? Span{node.literal.offset - 1, node.literal.length + 2} : node.literal;
    return refuse(query_, about_literal ? literal_span : node.property,
                  std::string(query_.str(node.property)) + ": " + condition.error().message);
  }

  Result<FilterNode> system(const Node& node, const std::string& name, const Literal& literal) {
    if (same_name(name, "__this")) {
      depends_on_class_ = true;
      return constant(truth_of(cls_.is_a(literal.text)));
    }
    const bool relative = same_name(name, "__relpath");
    if (relative || same_name(name, "__path")) {
      if (query_.schema) return path_of_class(node, relative, literal);
      FilterNode out;
      out.kind = FilterKind::kPath;
      out.absolute = !relative;
      SL_TRY(out.condition, bind(node, cim::Type::kString, false, literal));
      for (const int slot : cls_.key_slots()) column_of(slot);
      return out;
    }
    depends_on_class_ = true;
    cim::Value value = cim::system_property(cls_, name, server_, ns_);
    if (same_name(name, "__genus") && !query_.schema)
      value = cim::Value::integer(cim::Type::kSint32, 2);
    SL_TRY(const Condition condition, bind(node, value.type(), value.is_array(), literal));
    return constant(condition.test(value));
  }

  Result<FilterNode> path_of_class(const Node& node, bool relative, const Literal& literal) const {
    SL_TRY(const Condition condition, bind(node, cim::Type::kString, false, literal));
    return constant(condition.test(
        cim::system_property(cls_, relative ? "__RELPATH" : "__PATH", server_, ns_)));
  }

  int column_of(int slot) {
    const auto found = std::find(wanted_.begin(), wanted_.end(), slot);
    if (found != wanted_.end()) return static_cast<int>(found - wanted_.begin());
    wanted_.push_back(slot);
    return static_cast<int>(wanted_.size() - 1);
  }

  const Query& query_;
  const cim::Class& cls_;
  std::string_view server_;
  std::string_view ns_;
  std::vector<int>& wanted_;
  bool depends_on_class_ = false;
};

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
      : query_(query), catalog_(catalog), options_(options) {}

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
        SL_TRY(const FilterNode filter,
               FilterBuilder(query_, *cls, plan_.server, plan_.ns, none).build());
        if (filter.truth != Truth::kTrue) continue;
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
      if (per_class || plan_.select_all || options_.ensure_locatable) {
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
    if (options_.ensure_locatable) {
      for (const int slot : cls->key_slots()) {
        if (std::find(scan.wanted.begin(), scan.wanted.end(), slot) == scan.wanted.end())
          scan.wanted.push_back(slot);
      }
    }
    scan.selected = scan.wanted.size();
    if (query_.where.empty()) return {};
    FilterBuilder builder(query_, *cls, plan_.server, plan_.ns, scan.wanted);
    SL_TRY(FilterNode filter, builder.build());
    per_class = per_class || builder.depends_on_class();
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
