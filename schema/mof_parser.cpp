#include "schema/mof_parser.hpp"

#include "base/text.hpp"
#include "schema/mof_lexer.hpp"

namespace slwmi::cim::mof {
namespace {

class Parser {
 public:
  Parser(std::string_view text, const Limits& limits) : lexer_(text), limits_(limits) {}

  Result<Document> document() {
    SL_CHECK(advance());
    Document out;
    while (token_.kind != TokenKind::kEnd) {
      SL_TRY(Item item, this->item());
      out.items.push_back(std::move(item));
    }
    return out;
  }

 private:
  // --- words ---
  Result<> advance() {
    if (++count_ > limits_.items)
      return error(HResult::kWbemEQuotaViolation, "the text has too many words");
    SL_TRY(token_, lexer_.next());
    return {};
  }
  tl::unexpected<Error> error(HResult code, std::string message) const {
    return fail(code, std::move(message), token_.at,
                token_.kind == TokenKind::kEnd ? "end of text" : std::string(token_.text));
  }
  bool word(std::string_view keyword) const {
    return token_.kind == TokenKind::kIdentifier && equal_ignore_case(token_.text, keyword);
  }
  Result<bool> accept(char punctuation) {
    if (!token_.is(punctuation)) return false;
    SL_CHECK(advance());
    return true;
  }
  Result<> expect(char punctuation, HResult code) {
    if (!token_.is(punctuation)) return error(code, std::string("expected '") + punctuation + "'");
    return advance();
  }
  Result<std::string> identifier(HResult code, const char* what) {
    if (token_.kind != TokenKind::kIdentifier) return error(code, std::string("expected ") + what);
    std::string out(token_.text);
    SL_CHECK(advance());
    return out;
  }
  struct Nesting {
    explicit Nesting(int& depth) : depth_(depth) { ++depth_; }
    ~Nesting() { --depth_; }
    int& depth_;
  };
  Result<> check_members(std::size_t count) const {
    if (count >= limits_.members)
      return error(HResult::kWbemEQuotaViolation, "there are too many of these");
    return {};
  }
  Result<> check_depth() const {
    if (depth_ > limits_.depth)
      return error(HResult::kWbemEQuotaViolation, "the text is nested too deeply");
    return {};
  }

  // --- items ---
  Result<Item> item() {
    if (token_.is('#')) return pragma();
    SL_TRY(QualifierUses qualifiers, qualifier_list());
    if (word("class")) return class_declaration(std::move(qualifiers));
    if (word("instance")) {
      SL_TRY(InstanceDecl declaration, instance_declaration(std::move(qualifiers)));
      SL_CHECK(expect(';', HResult::kWbemmofEExpectedSemi));
      return Item(std::move(declaration));
    }
    if (word("qualifier") && qualifiers.empty()) return qualifier_declaration();
    if (word("typedef") || word("enum"))
      return error(HResult::kWbemmofETypedefNotSupported, "MOF has no types of one's own");
    return error(HResult::kWbemmofEUnrecognizedToken,
                 "expected class, instance, qualifier or #pragma");
  }

  Result<Item> pragma() {
    Pragma out;
    out.at = token_.at;
    SL_CHECK(advance());
    if (!word("pragma")) return error(HResult::kWbemmofEInvalidPragma, "expected pragma");
    SL_CHECK(advance());
    SL_TRY(out.name, identifier(HResult::kWbemmofEInvalidPragma, "the pragma's name"));
    SL_TRY(const bool parenthesis, accept('('));
    if (!parenthesis) return Item(std::move(out));
    while (!token_.is(')')) {
      if (token_.kind == TokenKind::kString) {
        SL_TRY(const Value text, string_literal());
        out.arguments.emplace_back(text.as_text());
      } else if (token_.kind == TokenKind::kIdentifier || token_.kind == TokenKind::kNumber) {
        out.arguments.emplace_back(token_.text);
        SL_CHECK(advance());
      } else {
        return error(HResult::kWbemmofEInvalidPragma, "expected a text or ')'");
      }
      SL_TRY(const bool more, accept(','));
      if (!more && !token_.is(')'))
        return error(HResult::kWbemmofEExpectedCloseParen, "expected ')'");
    }
    SL_CHECK(advance());
    return Item(std::move(out));
  }

  Result<Item> qualifier_declaration() {
    QualifierDecl out;
    SL_CHECK(advance());
    out.at = token_.at;
    SL_TRY(out.name, identifier(HResult::kWbemmofEExpectedQualifierName, "the qualifier's name"));
    SL_CHECK(expect(':', HResult::kWbemmofEInvalidQualifierSyntax));
    SL_TRY(const std::string type_name,
           identifier(HResult::kWbemmofEExpectedTypeIdentifier, "a type"));
    const auto type = find_type(type_name);
    if (!type) return error(HResult::kWbemmofEUnrecognizedType, "unknown type " + type_name);
    out.type = *type;
    TypeUse array;
    SL_CHECK(array_suffix(array));
    out.is_array = array.is_array;
    SL_TRY(const bool has_value, accept('='));
    if (has_value) {
      SL_TRY(out.value, initializer());
    }
    SL_TRY(bool more, accept(','));
    while (more) {
      SL_TRY(const std::string clause,
             identifier(HResult::kWbemmofEInvalidQualifierSyntax, "Scope or Flavor"));
      SL_CHECK(expect('(', HResult::kWbemmofEExpectedOpenParen));
      const bool flavor = equal_ignore_case(clause, "flavor");
      if (!flavor && !equal_ignore_case(clause, "scope")) {
        return error(HResult::kWbemmofEInvalidQualifierSyntax, "expected Scope or Flavor");
      }
      do {
        SL_TRY(const std::string name, identifier(HResult::kWbemmofEExpectedFlavorType, "a name"));
        if (flavor) SL_CHECK(add_flavor(name, out.flavor));
        SL_TRY(more, accept(','));
      } while (more);
      SL_CHECK(expect(')', HResult::kWbemmofEExpectedCloseParen));
      SL_TRY(more, accept(','));
    }
    SL_CHECK(expect(';', HResult::kWbemmofEExpectedSemi));
    return Item(std::move(out));
  }

  // Opposites in one list.
  struct FlavorWords {
    std::vector<std::string_view> seen;
    Result<> add(const Parser& parser, std::string_view name) {
      struct Opposites {
        std::string_view a, b;
        HResult code = HResult::kWbemmofEIncompatibleFlavorTypes;
      };
      static constexpr Opposites kOpposites[] = {
          {"EnableOverride", "DisableOverride"},
          {"ToInstance", "NotToInstance"},
          {"ToSubclass", "NotToSubclass"},
          {"ToSubclass", "Restricted", HResult::kWbemmofEIncompatibleFlavorTypes2},
          {"ToInstance", "Restricted", HResult::kWbemmofEIncompatibleFlavorTypes2}};
      for (const std::string_view other : seen) {
        for (const auto& [a, b, code] : kOpposites) {
          if ((equal_ignore_case(name, a) && equal_ignore_case(other, b)) ||
              (equal_ignore_case(name, b) && equal_ignore_case(other, a))) {
            return parser.error(code, "the flavors contradict each other");
          }
        }
      }
      seen.push_back(name);
      return {};
    }
  };

  Result<> add_flavor(std::string_view name, Flavor& flavor) {
    const auto put = [&](Flavor bit, bool on) {
      const auto bits = static_cast<std::uint8_t>(flavor);
      const auto mask = static_cast<std::uint8_t>(bit);
      flavor = static_cast<Flavor>(on ? bits | mask : bits & ~mask);
    };
    if (equal_ignore_case(name, "ToInstance"))
      put(Flavor::kToInstance, true);
    else if (equal_ignore_case(name, "NotToInstance"))
      put(Flavor::kToInstance, false);
    else if (equal_ignore_case(name, "ToSubclass"))
      put(Flavor::kToSubclass, true);
    else if (equal_ignore_case(name, "Restricted") || equal_ignore_case(name, "NotToSubclass"))
      put(Flavor::kToSubclass, false);
    else if (equal_ignore_case(name, "EnableOverride"))
      put(Flavor::kNotOverridable, false);
    else if (equal_ignore_case(name, "DisableOverride"))
      put(Flavor::kNotOverridable, true);
    else if (equal_ignore_case(name, "Amended"))
      put(Flavor::kAmended, true);
    else if (equal_ignore_case(name, "Translatable"))
      put(Flavor::kAmended, has(flavor, Flavor::kAmended));
    else
      return error(HResult::kWbemmofEExpectedFlavorType, "unknown flavor " + std::string(name));
    return {};
  }

  // [a, b(1), c{"x"}: ToInstance Amended], or no list at all.
  Result<QualifierUses> qualifier_list() {
    QualifierUses out;
    SL_TRY(const bool open, accept('['));
    if (!open) return out;
    for (bool more = true; more;) {
      SL_CHECK(check_members(out.size()));
      QualifierUse use;
      use.at = token_.at;
      SL_TRY(use.name, identifier(HResult::kWbemmofEExpectedQualifierName, "a qualifier's name"));
      if (equal_ignore_case(use.name, "CIMTYPE")) {
        return fail(HResult::kWbemmofECimtypeQualifier, "the type says what CIMTYPE would", use.at,
                    use.name);
      }
      for (const QualifierUse& other : out) {
        if (equal_ignore_case(other.name, use.name)) {
          return fail(HResult::kWbemmofEDuplicateQualifier,
                      "qualifier " + use.name + " is written twice", use.at, use.name);
        }
      }
      if (token_.is('(')) {
        SL_CHECK(advance());
        SL_TRY(use.value, initializer());
        SL_CHECK(expect(')', HResult::kWbemmofEExpectedCloseParen));
      } else if (token_.is('{')) {
        SL_TRY(use.value, initializer());
      }
      SL_TRY(const bool flavors, accept(':'));
      use.flavor = Flavor::kNone;
      use.flavor_given = flavors;
      if (flavors) {
        if (token_.kind != TokenKind::kIdentifier)
          return error(HResult::kWbemmofEExpectedFlavorType, "expected a flavor");
        FlavorWords words;
        while (token_.kind == TokenKind::kIdentifier) {
          SL_CHECK(words.add(*this, token_.text));
          SL_CHECK(add_flavor(token_.text, use.flavor));
          SL_CHECK(advance());
        }
      }
      out.push_back(std::move(use));
      SL_TRY(more, accept(','));
    }
    SL_CHECK(expect(']', HResult::kWbemmofEExpectedCloseBracket));
    return out;
  }

  Result<std::string> optional_alias() {
    if (!word("as")) return std::string();
    SL_CHECK(advance());
    if (token_.is('$'))
      return error(HResult::kWbemmofEExpectedAliasName, "expected a name after $");
    if (token_.kind != TokenKind::kAlias)
      return error(HResult::kWbemmofEExpectedDollar, "expected $alias");
    std::string out(token_.text);
    SL_CHECK(advance());
    return out;
  }

  Result<Item> class_declaration(QualifierUses qualifiers) {
    ClassDecl out;
    out.qualifiers = std::move(qualifiers);
    SL_CHECK(advance());
    out.at = token_.at;
    SL_TRY(out.name, identifier(HResult::kWbemmofEExpectedClassName, "the class's name"));
    SL_TRY(out.alias, optional_alias());
    SL_TRY(const bool derived, accept(':'));
    if (derived) {
      SL_TRY(out.superclass,
             identifier(HResult::kWbemmofEExpectedClassName, "the superclass's name"));
    }
    SL_CHECK(expect('{', HResult::kWbemmofEExpectedOpenBrace));
    while (!token_.is('}')) SL_CHECK(member(out));
    SL_CHECK(advance());
    SL_CHECK(expect(';', HResult::kWbemmofEExpectedSemi));
    return Item(std::move(out));
  }

  Result<> member(ClassDecl& cls) {
    SL_CHECK(check_members(cls.properties.size() + cls.methods.size()));
    SL_TRY(QualifierUses qualifiers, qualifier_list());
    if (token_.kind != TokenKind::kIdentifier) {
      return error(HResult::kWbemmofEExpectedBraceOrBadType,
                   "expected '}' or a property or method");
    }
    bool is_void = false;
    SL_TRY(TypeUse type, type_use(is_void));
    const SourcePos at = token_.at;
    SL_TRY(std::string name, identifier(HResult::kWbemmofEExpectedPropertyName, "a name"));
    SL_TRY(const bool method, accept('('));
    if (method)
      return method_rest(cls, std::move(qualifiers), std::move(type), is_void, std::move(name), at);
    if (is_void) return error(HResult::kWbemmofEUnrecognizedType, "a property cannot be void");
    PropertyDecl out{std::move(qualifiers), std::move(type), std::move(name), std::nullopt, at};
    for (const PropertyDecl& other : cls.properties) {
      if (equal_ignore_case(other.name, out.name)) {
        return fail(HResult::kWbemmofEDuplicateProperty,
                    "property " + out.name + " is declared twice", at, out.name);
      }
    }
    SL_CHECK(array_suffix(out.type));
    SL_CHECK(optional_value(out.value));
    SL_CHECK(expect(';', HResult::kWbemmofEExpectedSemi));
    cls.properties.push_back(std::move(out));
    return {};
  }

  Result<> optional_value(std::optional<Initializer>& value) {
    SL_TRY(const bool given, accept('='));
    if (given) {
      SL_TRY(value, initializer());
    }
    return {};
  }

  Result<> method_rest(ClassDecl& cls, QualifierUses qualifiers, TypeUse type, bool is_void,
                       std::string name, SourcePos at) {
    MethodDecl out{std::move(qualifiers), std::move(type), is_void, std::move(name), {}, at};
    for (bool more = !token_.is(')'); more;) {
      SL_CHECK(check_members(out.parameters.size()));
      PropertyDecl parameter;
      SL_TRY(parameter.qualifiers, qualifier_list());
      bool void_type = false;
      SL_TRY(parameter.type, type_use(void_type));
      if (void_type) return error(HResult::kWbemmofEUnrecognizedType, "a parameter cannot be void");
      parameter.at = token_.at;
      SL_TRY(parameter.name,
             identifier(HResult::kWbemmofEExpectedPropertyName, "the parameter's name"));
      SL_CHECK(array_suffix(parameter.type));
      SL_CHECK(optional_value(parameter.value));
      out.parameters.push_back(std::move(parameter));
      SL_TRY(more, accept(','));
    }
    SL_CHECK(expect(')', HResult::kWbemmofEExpectedCloseParen));
    SL_CHECK(expect(';', HResult::kWbemmofEExpectedSemi));
    cls.methods.push_back(std::move(out));
    return {};
  }

  // `uint32`, `void`, `Class ref`, `object:Class` or a class's name (an embedded object).
  Result<TypeUse> type_use(bool& is_void) {
    TypeUse out;
    out.at = token_.at;
    SL_TRY(const std::string name, identifier(HResult::kWbemmofEExpectedTypeIdentifier, "a type"));
    is_void = equal_ignore_case(name, "void");
    if (is_void) return out;
    if (word("ref")) {
      SL_CHECK(advance());
      out.type = Type::kReference;
      out.class_name = equal_ignore_case(name, "object") ? std::string() : name;
      return out;
    }
    if (const auto type = find_type(name); type && *type != Type::kReference) {
      out.type = *type;
    } else {
      out.type = Type::kObject;
      out.class_name = name;
    }
    return out;
  }

  Result<> array_suffix(TypeUse& type) {
    SL_TRY(const bool open, accept('['));
    if (!open) return {};
    type.is_array = true;
    if (token_.kind == TokenKind::kNumber && is_integer(token_.value.type())) {
      type.array_size = token_.value.as_uint32();
      SL_CHECK(advance());
    }
    return expect(']', HResult::kWbemmofEExpectedCloseBracket);
  }

  Result<InstanceDecl> instance_declaration(QualifierUses qualifiers) {
    InstanceDecl out;
    out.qualifiers = std::move(qualifiers);
    out.at = token_.at;
    SL_CHECK(advance());
    if (!word("of")) return error(HResult::kWbemmofEInvalidInstanceDeclaration, "expected of");
    SL_CHECK(advance());
    SL_TRY(out.class_name, identifier(HResult::kWbemmofEExpectedClassName, "the class's name"));
    SL_TRY(out.alias, optional_alias());
    SL_CHECK(expect('{', HResult::kWbemmofEExpectedOpenBrace));
    while (!token_.is('}')) {
      SL_CHECK(check_members(out.properties.size()));
      AssignedProperty property;
      SL_TRY(property.qualifiers, qualifier_list());
      property.at = token_.at;
      SL_TRY(property.name,
             identifier(HResult::kWbemmofEExpectedPropertyName, "a property's name"));
      for (const AssignedProperty& other : out.properties) {
        if (equal_ignore_case(other.name, property.name)) {
          return fail(HResult::kWbemmofEDuplicateProperty, property.name + " is assigned twice",
                      property.at, property.name);
        }
      }
      SL_CHECK(expect('=', HResult::kWbemmofEUnrecognizedToken));
      SL_TRY(property.value, initializer());
      SL_CHECK(expect(';', HResult::kWbemmofEExpectedSemi));
      out.properties.push_back(std::move(property));
    }
    SL_CHECK(advance());
    return out;
  }

  // --- values ---
  Result<Initializer> initializer() {
    const Nesting nesting(depth_);
    SL_CHECK(check_depth());
    Initializer out;
    out.at = token_.at;
    if (token_.is('{')) {
      SL_CHECK(advance());
      Array array;
      for (bool more = !token_.is('}'); more;) {
        SL_TRY(Initializer element, initializer());
        if (std::holds_alternative<Array>(element.what)) {
          return fail(HResult::kWbemmofEUnexpectedArrayInit, "an array inside an array", element.at,
                      "{");
        }
        array.elements.push_back(std::move(element));
        SL_TRY(more, accept(','));
      }
      SL_CHECK(expect('}', HResult::kWbemmofEExpectedCloseBrace));
      out.what = std::move(array);
      return out;
    }
    if (token_.kind == TokenKind::kAlias) {
      out.what = AliasUse{std::string(token_.text)};
      SL_CHECK(advance());
      return out;
    }
    if (word("instance")) {
      SL_TRY(InstanceDecl declaration, instance_declaration({}));
      if (!declaration.alias.empty()) {
        return fail(HResult::kWbemmofEAliasesInEmbedded, "an embedded instance has no alias",
                    declaration.at);
      }
      out.what = EmbeddedInstance{std::make_shared<InstanceDecl>(std::move(declaration))};
      return out;
    }
    SL_TRY(Value literal, this->literal());
    out.what = std::move(literal);
    return out;
  }

  Result<Value> literal() {
    if (token_.kind == TokenKind::kString) return string_literal();
    if (token_.kind == TokenKind::kChar) {
      Value out = token_.value;
      SL_CHECK(advance());
      return out;
    }
    if (word("true") || word("false") || word("null")) {
      Value out = word("null") ? Value() : Value::boolean(word("true"));
      SL_CHECK(advance());
      return out;
    }
    const bool negative = token_.is('-');
    if (negative || token_.is('+')) SL_CHECK(advance());
    if (token_.kind != TokenKind::kNumber) {
      return error(HResult::kWbemmofEIllegalConstantValue, "expected a value");
    }
    Value number = token_.value;
    if (negative && number.type() == Type::kReal64) {
      number = Value::real(-number.as_real());
    } else if (negative) {
      const std::uint64_t magnitude = number.as_uint64();
      if (magnitude > (1ull << 63))
        return error(HResult::kWbemmofEOutOfRange, "the number is too small");
      number = Value::integer(Type::kSint64, static_cast<std::int64_t>(0 - magnitude));
    }
    SL_CHECK(advance());
    return number;
  }

  Result<Value> string_literal() {
    Value out = token_.value;
    SL_CHECK(advance());
    if (token_.kind != TokenKind::kString) return out;
    std::string joined(out.as_text());
    while (token_.kind == TokenKind::kString) {
      joined += token_.value.as_text();
      SL_CHECK(advance());
    }
    return Value::text(joined);
  }

  Lexer lexer_;
  Limits limits_;
  Token token_;
  std::size_t count_ = 0;
  int depth_ = 0;
};

// The text as UTF-8 without a byte-order mark; `storage` holds it when it had to be converted.
Result<std::string_view> as_utf8(std::string_view text, std::string& storage) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const bool little = text.starts_with("\xFF\xFE");
  if (little || text.starts_with("\xFE\xFF")) {
    Bytes bytes(as_bytes(text.substr(2)).begin(), as_bytes(text.substr(2)).end());
    if (!little) {
      for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) std::swap(bytes[i], bytes[i + 1]);
    }
    storage = from_utf16le(bytes);
    return std::string_view(storage);
  }
  if (const auto bad = find_invalid(text)) {
    return fail(HResult::kWbemmofEInvalidFile, "the text is neither UTF-8 nor UTF-16",
                {*bad, 0, 0});
  }
  return text;
}

}  // namespace

Result<Document> parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes)
    return fail(HResult::kWbemEQuotaViolation, "the text is too long", {limits.bytes, 0, 0});
  std::string storage;
  SL_TRY(const std::string_view utf8, as_utf8(text, storage));
  return Parser(utf8, limits).document();
}

}  // namespace slwmi::cim::mof
