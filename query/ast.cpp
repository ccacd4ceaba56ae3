// The text forms of a parsed query.
#include "query/ast.hpp"

#include <vector>

namespace slwmi::wql {

std::string unescape(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\\' && i + 1 < raw.size()) ++i;
    text += raw[i];
  }
  return text;
}

namespace {

constexpr std::string_view kOpNames[] = {"=",  "<>",   "<",       "<=",          ">",
                                         ">=", "like", "is-null", "is-not-null", "isa"};

std::string literal_text(const Query& query, const Node& node) {
  switch (node.literal_kind) {
    case LiteralKind::kNull:
      return "null";
    case LiteralKind::kTrue:
      return "true";
    case LiteralKind::kFalse:
      return "false";
    case LiteralKind::kString:
      return '"' + unescape(query.str(node.literal)) + '"';
    default:
      return std::string(query.str(node.literal));
  }
}

std::string condition(const Query& query) {
  std::vector<std::string> at(query.where.size());
  for (std::size_t i = 0; i < query.where.size(); ++i) {
    const Node& node = query.where[i];
    const std::string op(kOpNames[static_cast<std::size_t>(node.op)]);
    switch (node.kind) {
      case NodeKind::kAnd:
        at[i] = "(and " + at[node.left] + " " + at[i - 1] + ")";
        break;
      case NodeKind::kOr:
        at[i] = "(or " + at[node.left] + " " + at[i - 1] + ")";
        break;
      case NodeKind::kNot:
        at[i] = "(not " + at[i - 1] + ")";
        break;
      case NodeKind::kPredicate:
        at[i] = "(" + op + " " + std::string(query.str(node.property));
        if (node.op != Op::kIsNull && node.op != Op::kIsNotNull)
          at[i] += " " + literal_text(query, node);
        at[i] += ")";
        break;
    }
  }
  return at.empty() ? "" : " " + at.back();
}

std::string select(const Query& query) {
  std::string text = "(select ";
  if (query.select_all) {
    text += "*";
  } else {
    text += "(";
    for (std::size_t i = 0; i < query.select.size(); ++i) {
      if (i != 0) text += " ";
      text += query.str(query.select[i]);
    }
    text += ")";
  }
  text += " " + std::string(query.str(query.from));
  if (query.has_within) text += " (within " + std::string(query.str(query.within)) + ")";
  text += condition(query);
  if (query.has_group) {
    text += " (group " + std::string(query.str(query.group_within));
    for (const Span& name : query.group_by) text += " " + std::string(query.str(name));
    if (query.has_having) {
      text += " (having " + std::string(kOpNames[static_cast<std::size_t>(query.having_op)]) + " " +
              std::string(query.str(query.having)) + ")";
    }
    text += ")";
  }
  return text + ")";
}

}  // namespace

std::string dump(const Query& query) {
  if (query.form == Form::kSelect) return select(query);
  std::string text = query.form == Form::kAssociators ? "(associators {" : "(references {";
  text += std::string(query.str(query.path)) + "}";
  const AssociationFilter& filter = query.filter;
  const auto add = [&](std::string_view name, Span value) {
    if (!value.empty())
      text += " (" + std::string(name) + " " + std::string(query.str(value)) + ")";
  };
  add("assoc-class", filter.assoc_class);
  add("result-class", filter.result_class);
  add("result-role", filter.result_role);
  add("role", filter.role);
  add("required-qualifier", filter.required_qualifier);
  add("required-assoc-qualifier", filter.required_assoc_qualifier);
  if (filter.class_defs_only) text += " class-defs-only";
  if (filter.keys_only) text += " keys-only";
  if (filter.schema_only) text += " schema-only";
  return text + ")";
}

}  // namespace slwmi::wql
