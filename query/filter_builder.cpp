// The condition as a tree over columns: constants folded, comparisons bound to the types of
// properties.
#include "query/filter_builder.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "query/lexer.hpp"
#include "schema/instance.hpp"

namespace slwmi::wql {
namespace {

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
    const bool string = node.literal_kind == LiteralKind::kString;
    const bool about_literal = !array && (string || !node.literal.empty());
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
      depends_on_class_ = true;  // a subclass may add the keys
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

}  // namespace

tl::unexpected<Error> refuse(const Query& query, Span where, std::string message) {
  return fail(HResult::kWbemEInvalidQuery, std::move(message), SourcePos{where.offset, 0, 0},
              std::string(query.str(where)));
}

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

Result<BuiltFilter> build_filter(const Query& query, const cim::Class& cls, std::string_view server,
                                 std::string_view ns, std::vector<int>& wanted) {
  FilterBuilder builder(query, cls, server, ns, wanted);
  BuiltFilter built;
  SL_TRY(built.root, builder.build());
  built.depends_on_class = builder.depends_on_class();
  return built;
}

}  // namespace slwmi::wql
