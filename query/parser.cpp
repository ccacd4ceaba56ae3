// Recursive descent over one token of lookahead. The condition goes to a flat postfix array as it
// is read; recursion is bounded by Limits::depth.
#include "query/parser.hpp"

#include <string>

#include "base/text.hpp"
#include "query/lexer.hpp"

namespace slwmi::wql {
namespace {

constexpr std::size_t kTokenInError = 64;

class Parser {
 public:
  Parser(std::string_view text, const Limits& limits, Query& query)
      : text_(text), limits_(limits), query_(query), lexer_(text) {
    query_.text = text;
  }

  bool run() {
    lexer_.next(token_);
    if (token_.kind == TokenKind::kIdentifier) {
      switch (find_keyword(str(token_))) {
        case Keyword::kSelect:
          return select();
        case Keyword::kAssociators:
          query_.form = Form::kAssociators;
          return associations();
        case Keyword::kReferences:
          query_.form = Form::kReferences;
          return associations();
        default:
          break;
      }
    }
    return expected("SELECT, ASSOCIATORS OF or REFERENCES OF");
  }

  Error error() const {
    std::string_view token = text_.substr(at_, at_length_);
    if (token.size() > kTokenInError) {
      std::size_t cut = kTokenInError;
      while (cut > 0 && (static_cast<unsigned char>(token[cut]) & 0xC0u) == 0x80u) --cut;
      token = token.substr(0, cut);
    }
    std::string message(message_);
    if (is_expectation_) {
      message.insert(0, "expected ");
      message += token.empty() ? " but the query ends" : " instead of ";
      message += token;
    }
    return Error{code_, std::move(message), SourcePos{at_, 0, 0}, std::string(token)};
  }

 private:
  std::string_view str(const Token& token) const { return text_.substr(token.begin, token.length); }
  void advance() { lexer_.next(token_); }
  bool at(TokenKind kind) const { return token_.kind == kind; }
  Keyword keyword() const {
    return token_.kind == TokenKind::kIdentifier ? find_keyword(str(token_)) : Keyword::kNone;
  }
  bool take(Keyword wanted, std::string_view what) {
    if (keyword() != wanted) return expected(what);
    advance();
    return true;
  }

  [[gnu::cold, gnu::noinline]] bool refuse(HResult code, std::string_view message, Span where) {
    code_ = code;
    message_ = message;
    at_ = where.offset;
    at_length_ = where.length;
    return false;
  }
  // What the scanner found wrong goes before what the grammar wanted.
  [[gnu::cold, gnu::noinline]] bool expected(std::string_view what) {
    const HResult code = HResult::kWbemEInvalidQuery;
    switch (token_.kind) {
      case TokenKind::kBadCharacter:
        return refuse(code, "no token of WQL starts with this character", token_.span());
      case TokenKind::kBadNumber:
        return refuse(code, "a number needs digits after its sign or dot", token_.span());
      case TokenKind::kBadName:
        return refuse(code, "a dot must join two names", token_.span());
      case TokenKind::kBadEscape:
        return refuse(code, "a backslash may precede only a backslash or a quote", token_.span());
      case TokenKind::kUnterminated:
        return refuse(code, "the string has no end", token_.span());
      case TokenKind::kString:  // show the quotes, too
        is_expectation_ = true;
        return refuse(code, what, {token_.begin - 1, token_.length + 2});
      default:
        is_expectation_ = true;
        return refuse(code, what, token_.span());
    }
  }
  bool expected_end() { return at(TokenKind::kEnd) || expected("the end of the query"); }

  // A name of a class or property; dotted only where `dots`.
  bool take_name(Span& name, bool dots, std::string_view what) {
    if (!at(TokenKind::kIdentifier) || (token_.dotted && !dots)) return expected(what);
    if (token_.length <= 6 && is_reserved(find_keyword(str(token_)))) return expected(what);
    name = token_.span();
    advance();
    return true;
  }

  bool select() {
    advance();
    if (!select_list()) return false;
    if (!take(Keyword::kFrom, "FROM")) return false;
    const Token from = token_;
    if (!take_name(query_.from, false, "the name of a class")) return false;
    query_.schema = same_name(str(from), "meta_class");
    if (query_.schema && !query_.select_all) {
      return refuse(HResult::kWbemEInvalidQuery, "a query of meta_class selects only *",
                    query_.select[0]);
    }
    if (qualifier_.length != 0 && !equal_ignore_case(query_.str(qualifier_), str(from))) {
      return refuse(HResult::kWbemEInvalidQuery, "the class before .* must be the one after FROM",
                    qualifier_);
    }
    if (at(TokenKind::kEnd)) return true;
    if (keyword() == Keyword::kWithin) {
      if (query_.schema) return expected("WHERE or the end of the query");
      query_.has_within = true;
      advance();
      if (!interval(query_.within)) return false;
    }
    if (keyword() == Keyword::kWhere) {
      advance();
      if (!disjunction()) return false;
    }
    if (keyword() == Keyword::kGroup && !query_.schema && !group()) return false;
    if (at(TokenKind::kEnd)) return true;
    return expected(query_.has_having       ? "the end of the query"
                    : !query_.where.empty() ? "AND, OR or the end of the query"
                                            : "WHERE or the end of the query");
  }

  bool select_list() {
    if (at(TokenKind::kStar)) {
      query_.select_all = true;
      advance();
      return true;
    }
    if (at(TokenKind::kDotStar) && dialect::kClassQualifiedNames) {
      qualifier_ = token_.span();
      query_.select_all = true;
      advance();
      return true;
    }
    while (true) {
      Span name;
      if (!take_name(name, true, "the name of a property")) return false;
      query_.select.push_back(name);
      if (!at(TokenKind::kComma)) return true;
      advance();
    }
  }

  // An unsigned number of seconds, a fraction allowed.
  bool interval(Span& seconds) {
    const bool number = at(TokenKind::kInteger) || at(TokenKind::kReal);
    if (!number || text_[token_.begin] == '-') return expected("an interval in seconds");
    seconds = token_.span();
    advance();
    return true;
  }

  bool group() {
    advance();
    if (keyword() == Keyword::kBy) {
      return refuse(HResult::kWbemEMissingGroupWithin,
                    "GROUP BY needs GROUP WITHIN and an interval", token_.span());
    }
    if (!take(Keyword::kWithin, "WITHIN")) return false;
    query_.has_group = true;
    if (!interval(query_.group_within)) return false;
    if (keyword() == Keyword::kBy) {
      advance();
      if (at(TokenKind::kEnd) || keyword() == Keyword::kHaving) {
        return refuse(HResult::kWbemEMissingAggregationList, "BY needs at least one property",
                      token_.span());
      }
      while (true) {
        Span name;
        if (!take_name(name, true, "the name of a property")) return false;
        query_.group_by.push_back(name);
        if (!at(TokenKind::kComma)) break;
        advance();
      }
    }
    return keyword() != Keyword::kHaving || having();
  }

  bool having() {
    advance();
    if (!at(TokenKind::kIdentifier) || !same_name(str(token_), "numberofevents"))
      return expected("NumberOfEvents");
    advance();
    if (!comparison_operator(query_.having_op)) return expected("a comparison operator");
    advance();
    if (!at(TokenKind::kInteger) || text_[token_.begin] == '-')
      return expected("a number of events");
    query_.has_having = true;
    query_.having = token_.span();
    advance();
    return true;
  }

  // --- the condition ---

  bool connective(NodeKind kind, std::uint32_t left) {
    Node node;
    node.kind = kind;
    node.left = left;
    query_.where.push_back(node);
    return true;
  }
  std::uint32_t last() const { return static_cast<std::uint32_t>(query_.where.size() - 1); }
  bool count_connective() {
    if (++connectives_ <= limits_.connectives) return true;
    return refuse(HResult::kWbemEQuotaViolation, "too many ANDs and ORs", token_.span());
  }

  bool disjunction() {
    if (!conjunction()) return false;
    while (keyword() == Keyword::kOr) {
      const std::uint32_t left = last();
      if (!count_connective()) return false;
      advance();
      if (!conjunction() || !connective(NodeKind::kOr, left)) return false;
    }
    return true;
  }

  bool conjunction() {
    if (!negation()) return false;
    while (keyword() == Keyword::kAnd) {
      const std::uint32_t left = last();
      if (!count_connective()) return false;
      advance();
      if (!negation() || !connective(NodeKind::kAnd, left)) return false;
    }
    return true;
  }

  bool negation() {
    const bool negated = keyword() == Keyword::kNot;
    const bool nested = at(TokenKind::kOpen);
    if (!negated && !nested) return predicate();
    if (++depth_ > limits_.depth) {
      return refuse(HResult::kWbemEQuotaViolation, "the condition is nested too deeply",
                    token_.span());
    }
    advance();
    if (negated) {
      if (!dialect::kRepeatedNot && keyword() == Keyword::kNot) return expected("a condition");
      if (!negation()) return false;
      connective(NodeKind::kNot, 0);
    } else {
      if (!disjunction()) return false;
      if (!at(TokenKind::kClose)) return expected("AND, OR or )");
      advance();
    }
    --depth_;
    return true;
  }

  bool predicate() {
    Node node;
    if (literal(node)) {
      if (!comparison_operator(node.op)) return expected("a comparison operator");
      const Span op = token_.span();
      node.op = mirrored(node.op);
      advance();
      if (!take_name(node.property, true, "the name of a property")) return false;
      return finish(node, op);
    }
    if (!take_name(node.property, true, "a condition")) return false;
    const Span op = token_.span();
    if (comparison_operator(node.op)) {
      advance();
      if (!literal(node)) return expected("a constant");
      return finish(node, op);
    }
    switch (keyword()) {
      case Keyword::kIs:
        return is_null(node);
      case Keyword::kLike:
        node.op = Op::kLike;
        return text_operand(node, "a pattern in quotes");
      case Keyword::kIsa:
        node.op = Op::kIsa;
        return text_operand(node, "the name of a class in quotes");
      default:
        return expected("an operator");
    }
  }

  bool is_null(Node& node) {
    advance();
    node.op = Op::kIsNull;
    if (keyword() == Keyword::kNot) {
      node.op = Op::kIsNotNull;
      advance();
    }
    if (!take(Keyword::kNull, node.op == Op::kIsNull ? "NULL or NOT NULL" : "NULL")) return false;
    return finish(node, {});
  }

  bool text_operand(Node& node, std::string_view what) {
    const Span op = token_.span();
    advance();
    if (!at(TokenKind::kString)) return expected(what);
    literal(node);
    return finish(node, op);
  }

  // Takes a constant into the node, if one comes.
  bool literal(Node& node) {
    switch (token_.kind) {
      case TokenKind::kInteger:
        node.literal_kind = LiteralKind::kInteger;
        break;
      case TokenKind::kReal:
        node.literal_kind = LiteralKind::kReal;
        break;
      case TokenKind::kString:
        node.literal_kind = LiteralKind::kString;
        node.escaped = token_.escaped;
        break;
      case TokenKind::kIdentifier:
        switch (find_keyword(str(token_))) {
          case Keyword::kNull:
            node.literal_kind = LiteralKind::kNull;
            break;
          case Keyword::kTrue:
            node.literal_kind = LiteralKind::kTrue;
            break;
          case Keyword::kFalse:
            node.literal_kind = LiteralKind::kFalse;
            break;
          default:
            return false;
        }
        break;
      default:
        return false;
    }
    node.literal = token_.span();
    advance();
    if (!dialect::kKeywordMayTouchNumber && node.literal_kind <= LiteralKind::kReal &&
        at(TokenKind::kIdentifier) && token_.begin == node.literal.offset + node.literal.length) {
      token_.kind = TokenKind::kBadName;
    }
    return true;
  }

  bool comparison_operator(Op& op) const {
    if (token_.kind < TokenKind::kEqual || token_.kind > TokenKind::kGreaterEqual) return false;
    op = static_cast<Op>(static_cast<int>(token_.kind) - static_cast<int>(TokenKind::kEqual));
    return true;
  }

  static Op mirrored(Op op) {
    switch (op) {
      case Op::kLess:
        return Op::kGreater;
      case Op::kLessEqual:
        return Op::kGreaterEqual;
      case Op::kGreater:
        return Op::kLess;
      case Op::kGreaterEqual:
        return Op::kLessEqual;
      default:
        return op;
    }
  }

  // The rules that need no schema: NULL, TRUE and FALSE have no order; meta_class knows only system
  // properties.
  bool finish(Node& node, Span op) {
    const bool equality = node.op == Op::kEqual || node.op == Op::kNotEqual;
    if (node.op < Op::kLike && !equality &&
        (node.literal_kind == LiteralKind::kNull || node.literal_kind == LiteralKind::kTrue ||
         node.literal_kind == LiteralKind::kFalse)) {
      return refuse(HResult::kWbemEInvalidQuery,
                    node.literal_kind == LiteralKind::kNull
                        ? "NULL can only be equal or not equal"
                        : "TRUE and FALSE can only be equal or not equal",
                    op);
    }
    if (equality && node.literal_kind == LiteralKind::kNull) {
      node.op = node.op == Op::kEqual ? Op::kIsNull : Op::kIsNotNull;
    }
    const std::string_view name = query_.str(node.property);
    const bool system = name.size() > 2 && name[0] == '_' && name[1] == '_';
    if (system || query_.schema) {
      const bool is_this = same_name(name, "__this");
      if (is_this ? node.op != Op::kIsa : query_.schema && node.op == Op::kIsa) {
        return refuse(HResult::kWbemEInvalidQuery, "__this goes with ISA", node.property);
      }
      if (!system)
        return refuse(HResult::kWbemEInvalidQuery, "meta_class has only system properties",
                      node.property);
    }
    query_.where.push_back(node);
    return true;
  }

  // --- ASSOCIATORS OF and REFERENCES OF ---

  bool associations() {
    advance();
    if (keyword() != Keyword::kOf) return expected("OF");
    if (!lexer_.take_brace()) {
      advance();
      return expected("an object path in braces");
    }
    const std::uint32_t open = lexer_.position() - 1;
    if (!lexer_.take_path(query_.path)) {
      return refuse(HResult::kWbemEInvalidQuery, "the object path has no closing brace", {open, 1});
    }
    trim(query_.path);
    if (query_.path.empty())
      return refuse(HResult::kWbemEInvalidQuery, "the object path is empty", {open, 1});
    advance();
    if (at(TokenKind::kEnd)) return true;
    if (!take(Keyword::kWhere, "WHERE or the end of the query")) return false;
    do {
      if (!association_keyword()) return false;
    } while (!at(TokenKind::kEnd));
    const AssociationFilter& filter = query_.filter;
    if (filter.class_defs_only && !filter.result_class.empty()) {
      return refuse(HResult::kWbemEInvalidQuery, "ClassDefsOnly and ResultClass exclude each other",
                    filter.result_class);
    }
    if (filter.class_defs_only && filter.schema_only)
      return refuse(HResult::kWbemEInvalidQuery, "ClassDefsOnly and SchemaOnly exclude each other",
                    query_.path);
    return true;
  }

  void trim(Span& span) const {
    while (span.length != 0 && detail::is(text_[span.offset], detail::kBlank)) {
      ++span.offset;
      --span.length;
    }
    while (span.length != 0 && detail::is(text_[span.offset + span.length - 1], detail::kBlank))
      --span.length;
  }

  bool association_keyword() {
    if (!at(TokenKind::kIdentifier) || token_.dotted)
      return expected("a keyword of ASSOCIATORS OF or REFERENCES OF");
    struct Flag {
      std::string_view name;
      bool AssociationFilter::*member;
    };
    struct Setting {
      std::string_view name;
      Span AssociationFilter::*member;
      bool references;  // REFERENCES OF has it, too
    };
    static constexpr Flag kFlags[] = {{"classdefsonly", &AssociationFilter::class_defs_only},
                                      {"keysonly", &AssociationFilter::keys_only},
                                      {"schemaonly", &AssociationFilter::schema_only}};
    static constexpr Setting kSettings[] = {
        {"assocclass", &AssociationFilter::assoc_class, false},
        {"resultclass", &AssociationFilter::result_class, true},
        {"resultrole", &AssociationFilter::result_role, false},
        {"role", &AssociationFilter::role, true},
        {"requiredqualifier", &AssociationFilter::required_qualifier, true},
        {"requiredassocqualifier", &AssociationFilter::required_assoc_qualifier, false}};
    const Span word = token_.span();
    for (const Flag& flag : kFlags) {
      if (!same_name(str(token_), flag.name)) continue;
      if (query_.filter.*flag.member)
        return refuse(HResult::kWbemEInvalidQuery, "the keyword is given twice", word);
      query_.filter.*flag.member = true;
      advance();
      return true;
    }
    for (const Setting& setting : kSettings) {
      if (!same_name(str(token_), setting.name)) continue;
      if (query_.form == Form::kReferences && !setting.references) {
        return refuse(HResult::kWbemEInvalidQuery, "REFERENCES OF has no such keyword", word);
      }
      if (!(query_.filter.*setting.member).empty()) {
        return refuse(HResult::kWbemEInvalidQuery, "the keyword is given twice", word);
      }
      advance();
      if (!at(TokenKind::kEqual)) return expected("=");
      advance();
      return take_name(query_.filter.*setting.member, false, "a name");
    }
    return expected("a keyword of ASSOCIATORS OF or REFERENCES OF");
  }

  std::string_view text_;
  const Limits& limits_;
  Query& query_;
  Lexer lexer_;
  Token token_;
  std::size_t depth_ = 0;
  std::size_t connectives_ = 0;
  Span qualifier_;  // the class in SELECT class.*

  HResult code_ = HResult::kWbemEInvalidQuery;
  std::string_view message_;
  bool is_expectation_ = false;
  std::size_t at_ = 0;
  std::size_t at_length_ = 0;
};

}  // namespace

Result<Query> parse(std::string_view text, const Limits& limits) {
  Result<Query> result(tl::in_place);
  if (text.empty()) {
    result = fail(HResult::kWbemEInvalidParameter, "the query is empty", SourcePos{});
  } else if (text.size() > limits.text_bytes) {
    result = fail(HResult::kWbemEQuotaViolation,
                  "the query is longer than " + std::to_string(limits.text_bytes) + " bytes",
                  SourcePos{limits.text_bytes, 0, 0});
  } else if (Parser parser(text, limits, *result); !parser.run()) {
    result = fail(parser.error());
  }
  return result;
}

}  // namespace slwmi::wql
