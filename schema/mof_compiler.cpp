#include "schema/mof_compiler.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "schema/mof_parser.hpp"
#include "schema/object_path.hpp"

namespace slwmi::cim::mof {
namespace {

// The flavors that WMI gives its own qualifiers however they are written; any other qualifier
// without written flavors stays where it is.
Flavor known_flavor(std::string_view name) {
  static constexpr struct {
    std::string_view name;
    Flavor flavor;
  } kKnown[] = {
      {"key", Flavor::kToInstance | Flavor::kToSubclass | Flavor::kNotOverridable},
      {"association", Flavor::kToInstance | Flavor::kToSubclass | Flavor::kNotOverridable},
      {"indication", Flavor::kToInstance | Flavor::kToSubclass | Flavor::kNotOverridable},
      {"singleton", Flavor::kToInstance | Flavor::kToSubclass},
      {"read", Flavor::kToSubclass},
      {"write", Flavor::kToSubclass},
      {"in", Flavor::kToSubclass},
      {"out", Flavor::kToSubclass},
      {"static", Flavor::kToSubclass},
      {"Since", Flavor::kToSubclass},
      {"Until", Flavor::kToSubclass},
      {"Units", Flavor::kToSubclass},
  };
  for (const auto& row : kKnown) {
    if (equal_ignore_case(row.name, name)) return row.flavor;
  }
  return Flavor::kNone;
}

class Compiler {
 public:
  Compiler(Repository& repository, const CompileOptions& options)
      : repository_(repository), options_(options), ns_(options.ns) {}

  Result<> run(const Document& document) {
    for (const Item& item : document.items) {
      if (const auto* cls = std::get_if<ClassDecl>(&item)) declared_classes_.insert(cls->name);
    }
    for (const Item& item : document.items) {
      SL_CHECK(std::visit([&](const auto& what) { return this->item(what); }, item));
      if (!std::holds_alternative<InstanceDecl>(item)) SL_CHECK(flush());
    }
    return flush();
  }

 private:
  // --- pragmas ---
  Result<> item(const Pragma& pragma) {
    SL_CHECK(flush());
    const auto is = [&](std::string_view name) { return equal_ignore_case(pragma.name, name); };
    const std::string first = pragma.arguments.empty() ? std::string() : pragma.arguments.front();
    if (is("namespace")) return change_namespace(first, pragma.at);
    if (is("classflags")) return flags(pragma, class_mode_);
    if (is("instanceflags")) return flags(pragma, instance_mode_);
    if (is("deleteclass")) return delete_class(pragma, first);
    if (is("deleteinstance")) return delete_instance(pragma, first);
    if (is("amendment") && std::exchange(amended_, true))
      return fail(HResult::kWbemmofEInvalidDuplicateAmendment, "amendment is written twice",
                  pragma.at, first);
    if (is("include")) {
      return fail(HResult::kWbemmofEErrorInvalidIncludeFile,
                  "include files are not opened here; give them one by one", pragma.at, first);
    }
    return {};  // autorecover, the first amendment, locale, instancelocale and unknown ones:
                // nothing to do
  }

  Result<> change_namespace(const std::string& text, SourcePos at) {
    if (const auto path = ObjectPath::parse(text); path && !path->is_local())
      return fail(HResult::kWbemmofEInvalidNamespaceSpecification,
                  "the namespace is on another computer", at, text);
    auto ns = Repository::canonical_namespace(text);
    if (!ns)
      return fail(HResult::kWbemmofEInvalidNamespaceSyntax, "this is no namespace", at, text);
    if (!repository_.has_namespace(*ns)) {
      if (!options_.create_namespaces) {
        return fail(HResult::kWbemEInvalidNamespace, "there is no namespace " + *ns, at, text);
      }
      SL_CHECK(located(repository_.create_namespace(*ns), at, text));
    }
    ns_ = *std::move(ns);
    return {};
  }

  static Result<> flags(const Pragma& pragma, PutMode& mode) {
    mode = PutMode::kCreateOrUpdate;
    for (const std::string& flag : pragma.arguments) {
      if (equal_ignore_case(flag, "createonly"))
        mode = PutMode::kCreateOnly;
      else if (equal_ignore_case(flag, "updateonly"))
        mode = PutMode::kUpdateOnly;
      else if (!equal_ignore_case(flag, "forceupdate") && !equal_ignore_case(flag, "safeupdate")) {
        return fail(HResult::kWbemmofEInvalidFlagsSyntax, "unknown flag " + flag, pragma.at, flag);
      }
    }
    return {};
  }

  static bool may_fail(const Pragma& pragma) {
    return pragma.arguments.size() > 1 && equal_ignore_case(pragma.arguments[1], "NOFAIL");
  }

  Result<> delete_class(const Pragma& pragma, const std::string& name) {
    if (pragma.arguments.size() != 2) {
      return fail(HResult::kWbemmofEInvalidDeleteclassSyntax, "expected a class and FAIL or NOFAIL",
                  pragma.at);
    }
    Result<> gone = check_replaceable(name);
    if (gone) gone = repository_.delete_class(ns_, name);
    return may_fail(pragma) ? Result<>() : located(gone, pragma.at, name);
  }

  Result<> delete_instance(const Pragma& pragma, const std::string& path) {
    if (pragma.arguments.size() != 2) {
      return fail(HResult::kWbemmofEInvalidDeleteinstanceSyntax,
                  "expected a path and FAIL or NOFAIL", pragma.at);
    }
    const auto parsed = ObjectPath::parse(path);
    if (!parsed) {
      return fail(HResult::kWbemmofEInvalidDeleteinstanceSyntax, parsed.error().message, pragma.at,
                  path);
    }
    const Result<> gone = repository_.delete_instance(ns_, parsed->class_name(),
                                                      parsed->text(PathText::kRelativeOnly));
    return may_fail(pragma) ? Result<>() : located(gone, pragma.at, path);
  }

  // --- qualifiers ---
  Result<> item(const QualifierDecl& declaration) {
    declared_[declaration.name] = declaration;
    return {};
  }

  Result<Value> qualifier_value(const QualifierUse& use) {
    if (!use.value) {
      const auto declaration = declared_.find(use.name);
      if (declaration != declared_.end() && declaration->second.type != Type::kBoolean &&
          declaration->second.value) {
        return literal_of(*declaration->second.value);
      }
      return Value::boolean(true);
    }
    return literal_of(*use.value);
  }

  // Integers of one array have one type: sint64 when they fit it, else uint64.
  static Result<> widen(std::vector<Value>& elements, Value& last) {
    const auto fits = [](const Value& v) { return v.cast_to(Type::kSint64).has_value(); };
    const bool sint64 = fits(last) && std::all_of(elements.begin(), elements.end(), fits);
    const Type type = sint64 ? Type::kSint64 : Type::kUint64;
    for (Value& element : elements) {
      SL_TRY(element, element.cast_to(type));
    }
    SL_TRY(last, last.cast_to(type));
    return {};
  }

  // A qualifier's value has the type that it was written in: sint32 for numbers that fit.
  static Result<Value> literal_of(const Initializer& init) {
    if (const auto* array = std::get_if<Array>(&init.what)) {
      std::vector<Value> elements;
      Type type = Type::kString;
      for (const Initializer& element : array->elements) {
        SL_TRY(Value value, literal_of(element));
        if (value.is_null())
          return fail(HResult::kWbemmofENullArrayElem, "an array has no null elements", element.at,
                      "null");
        if (!elements.empty() && value.type() != type && is_integer(type) &&
            is_integer(value.type())) {
          SL_CHECK(widen(elements, value));
        } else if (!elements.empty() && value.type() != type)
          return fail(HResult::kWbemmofETypeMismatch, "the elements have different types",
                      element.at, value.to_display());
        type = value.type();
        elements.push_back(std::move(value));
      }
      return Value::array(type, std::move(elements));
    }
    const auto* value = std::get_if<Value>(&init.what);
    if (value == nullptr) {
      return fail(HResult::kWbemmofEUnsupportedCimv22QualValue, "a qualifier is a constant",
                  init.at);
    }
    if (!is_integer(value->type())) return *value;
    if (auto small = value->cast_to(Type::kSint32)) return *small;
    return *value;
  }

  Result<> apply(const QualifierUses& uses, QualifierSet& out) {
    for (const QualifierUse& use : uses) {
      SL_TRY(Value value, qualifier_value(use));
      Flavor flavor = use.flavor;
      if (const auto declaration = declared_.find(use.name);
          !use.flavor_given && declaration != declared_.end()) {
        flavor = declaration->second.flavor;
      }
      out.set({use.name, std::move(value), flavor | known_flavor(use.name), false});
    }
    return {};
  }

  // --- classes ---
  // The classes that come with the program and have instances stay as they are, system classes too.
  Result<> check_replaceable(const std::string& name) const {
    const std::shared_ptr<const Repository>& base = repository_.base();
    if (base == nullptr) return {};
    if (name.starts_with("__"))
      return fail(HResult::kWbemmofEInvalidClassDeclaration,
                  "names of system classes are reserved");
    const ClassPtr built_in = base->find_class(ns_, name);
    if (built_in == nullptr) return {};
    if (built_in->provider().empty() && base->instances(ns_, name) == nullptr) return {};
    return fail(HResult::kWbemEClassHasInstances,
                "class " + built_in->name() + " comes with the program and has instances");
  }

  Result<> item(const ClassDecl& declaration) {
    SL_CHECK(located(check_replaceable(declaration.name), declaration.at, declaration.name));
    ClassPtr superclass;
    if (!declaration.superclass.empty()) {
      superclass = repository_.find_class(ns_, declaration.superclass);
      if (superclass == nullptr) {
        return fail(HResult::kWbemEInvalidSuperclass, "there is no class " + declaration.superclass,
                    declaration.at, declaration.superclass);
      }
    }
    ClassBuilder builder(declaration.name, std::move(superclass));
    QualifierSet qualifiers;
    SL_CHECK(apply(declaration.qualifiers, qualifiers));
    for (const Qualifier& qualifier : qualifiers) builder.qualifier(qualifier);
    for (const PropertyDecl& property : declaration.properties) {
      SL_TRY(Property built, build_property(property));
      builder.property(std::move(built));
    }
    for (const MethodDecl& method : declaration.methods) {
      SL_TRY(Method built, build_method(method));
      builder.method(std::move(built));
    }
    auto cls = builder.build();
    if (!cls) return located(tl::make_unexpected(cls.error()), declaration.at, declaration.name);
    const bool system = declaration.name.starts_with("__");
    return located(
        repository_.put_class(system ? Repository::kSystemNamespace : std::string_view(ns_),
                              *std::move(cls), class_mode_),
        declaration.at, declaration.name);
  }

  // An embedded object is of a class that there is, or that the text declares somewhere.
  Result<> check_type(const TypeUse& type) const {
    if (type.type != Type::kObject || type.class_name.empty()) return {};
    if (declared_classes_.count(type.class_name) != 0) return {};
    if (repository_.find_class(ns_, type.class_name) != nullptr) return {};
    return fail(HResult::kWbemmofEUnrecognizedType, "there is no type " + type.class_name, type.at,
                type.class_name);
  }

  Result<Property> build_property(const PropertyDecl& declaration) {
    SL_CHECK(check_type(declaration.type));
    Property out;
    out.name = declaration.name;
    out.type = declaration.type.type;
    out.is_array = declaration.type.is_array;
    out.array_size = declaration.type.array_size;
    out.reference_class = declaration.type.class_name;
    SL_CHECK(apply(declaration.qualifiers, out.qualifiers));
    out.default_value = Value::null(out.type, out.is_array);
    if (declaration.value) {
      SL_TRY(out.default_value, value_of_type(*declaration.value, out.type, out.is_array));
    }
    return out;
  }

  Result<Method> build_method(const MethodDecl& declaration) {
    if (declaration.returns.is_array) {
      return fail(HResult::kWbemmofENoArraysReturned, "a method returns no array", declaration.at,
                  declaration.name);
    }
    SL_CHECK(check_type(declaration.returns));
    Method out;
    out.name = declaration.name;
    out.return_type = declaration.returns.type;
    out.returns_void = declaration.returns_void;
    SL_CHECK(apply(declaration.qualifiers, out.qualifiers));
    for (const PropertyDecl& parameter : declaration.parameters) {
      SL_TRY(Property built, build_property(parameter));
      Parameter p;
      p.name = std::move(built.name);
      p.type = built.type;
      p.is_array = built.is_array;
      p.reference_class = std::move(built.reference_class);
      p.default_value = std::move(built.default_value);
      p.in = built.qualifiers.is_true("in");
      p.out = built.qualifiers.is_true("out");
      if (!p.in && !p.out) {
        return fail(HResult::kWbemmofEMustBeInOrOut,
                    "parameter " + p.name + " is neither in nor out", parameter.at, p.name);
      }
      if (out.find_parameter(p.name) >= 0) {
        return fail(HResult::kWbemEInvalidDuplicateParameter,
                    "parameter " + p.name + " is declared twice", parameter.at, p.name);
      }
      p.qualifiers = std::move(built.qualifiers);
      out.parameters.push_back(std::move(p));
    }
    SL_CHECK(number(declaration, out.parameters));
    return out;
  }

  // The IDs of a method's parameters: written with all and each number from 0 on once, or with none
  // and then by position. Source: IWbemClassObject::PutMethod.
  static Result<> number(const MethodDecl& declaration, std::vector<Parameter>& parameters) {
    const auto id_of = [](const Parameter& p) { return p.qualifiers.find("ID"); };
    const bool written = std::any_of(parameters.begin(), parameters.end(), id_of);
    std::vector<bool> taken(parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      Parameter& p = parameters[i];
      p.id = static_cast<int>(i);
      if (!written) continue;
      const auto refuse = [&](HResult code, const char* why) {
        return fail(code, "parameter " + p.name + why, declaration.parameters[i].at, p.name);
      };
      const Qualifier* const id = id_of(p);
      if (id == nullptr) return refuse(HResult::kWbemEMissingParameterId, " has no ID");
      const Value& value = id->value;
      if (value.is_null() || value.is_array() || !is_integer(value.type()) || value.as_sint64() < 0)
        return refuse(HResult::kWbemEInvalidParameterId, ": its ID is no number from 0 on");
      const auto at = static_cast<std::uint64_t>(value.as_sint64());
      if (at >= taken.size() || taken[at])
        return refuse(HResult::kWbemENonconsecutiveParameterIds,
                      ": IDs are the numbers from 0 on, each once");
      taken[at] = true;
      p.id = static_cast<int>(at);
    }
    return {};
  }

  // --- instances ---
  Result<> item(const InstanceDecl& declaration) {
    if (!pending_.empty() &&
        !equal_ignore_case(pending_.front().cls()->name(), declaration.class_name))
      SL_CHECK(flush());
    SL_TRY(Instance instance, build_instance(declaration));
    if (const std::string& provider = instance.cls()->provider(); !provider.empty()) {
      return fail(HResult::kWbemEProviderNotCapable,
                  "instances of " + instance.cls()->name() + " come from the provider " + provider,
                  declaration.at, declaration.class_name);
    }
    if (equal_ignore_case(declaration.class_name, "__Namespace")) {
      const std::string child = ns_ + "\\" + std::string(instance.get("Name").as_text());
      return located(repository_.create_namespace(child), declaration.at, child);
    }
    if (!declaration.alias.empty()) {
      if (!aliases_.emplace(declaration.alias, instance.relpath()).second) {
        return fail(HResult::kWbemmofEMultipleAliases,
                    "alias $" + declaration.alias + " is used twice", declaration.at,
                    declaration.alias);
      }
    }
    if (pending_.empty()) pending_at_ = declaration.at;
    pending_.push_back(std::move(instance));
    return {};
  }

  // Instances of one class go in together: one copy of their table.
  Result<> flush() {
    if (pending_.empty()) return {};
    const std::string name = pending_.front().cls()->name();
    std::vector<Instance> batch;
    batch.swap(pending_);
    return located(repository_.put_instances(ns_, std::move(batch), instance_mode_), pending_at_,
                   name);
  }

  Result<Instance> build_instance(const InstanceDecl& declaration) {
    const ClassPtr cls = repository_.find_class(ns_, declaration.class_name);
    if (cls == nullptr) {
      return fail(HResult::kWbemEInvalidClass, "there is no class " + declaration.class_name,
                  declaration.at, declaration.class_name);
    }
    Instance out(cls);
    for (const AssignedProperty& assigned : declaration.properties) {
      const Property* property = cls->find_property(assigned.name);
      if (property == nullptr) {
        return fail(HResult::kWbemEInvalidProperty,
                    "class " + cls->name() + " has no property " + assigned.name, assigned.at,
                    assigned.name);
      }
      SL_TRY(Value value, value_of_type(assigned.value, property->type, property->is_array));
      out.set(property->slot, std::move(value));
    }
    return out;
  }

  Result<Value> value_of_type(const Initializer& init, Type type, bool is_array) {
    if (const auto* array = std::get_if<Array>(&init.what)) {
      if (!is_array)
        return fail(HResult::kWbemmofEUnexpectedArrayInit, "this property is no array", init.at,
                    "{");
      std::vector<Value> elements;
      elements.reserve(array->elements.size());
      for (const Initializer& element : array->elements) {
        SL_TRY(Value value, value_of_type(element, type, false));
        if (value.is_null())
          return fail(HResult::kWbemmofENullArrayElem, "an array has no null elements", element.at,
                      "null");
        elements.push_back(std::move(value));
      }
      return Value::array(type, std::move(elements));
    }
    if (const auto* alias = std::get_if<AliasUse>(&init.what)) {
      const auto path = aliases_.find(alias->name);
      if (path == aliases_.end() || !is_text(type)) {
        return fail(HResult::kWbemmofEUnexpectedAlias,
                    "alias $" + alias->name + " does not fit here", init.at, alias->name);
      }
      return Value::text(path->second, type);
    }
    if (const auto* embedded = std::get_if<EmbeddedInstance>(&init.what)) {
      if (type != Type::kObject)
        return fail(HResult::kWbemmofETypeMismatch, "this property holds no object", init.at);
      SL_TRY(Instance instance, build_instance(*embedded->declaration));
      return Value::object(std::make_shared<Instance>(std::move(instance)));
    }
    const Value& literal = std::get<Value>(init.what);
    if (literal.is_null()) return Value::null(type, is_array);
    if (is_array)
      return fail(HResult::kWbemmofETypeMismatch, "an array is written {...}", init.at,
                  literal.to_display());
    return scalar_of_type(literal, type, init.at);
  }

  static Result<Value> scalar_of_type(const Value& literal, Type type, SourcePos at) {
    const bool text = literal.type() == Type::kString;
    const bool truth = literal.type() == Type::kBoolean && type != Type::kBoolean;
    if (text != is_text(type) || type == Type::kObject || truth) {
      return fail(HResult::kWbemmofETypeMismatch,
                  "a " + std::string(name_of(type)) + " cannot be " + literal.to_mof(), at,
                  literal.to_display());
    }
    auto cast = literal.cast_to(type);
    if (cast) return cast;
    const bool range = cast.error().code == HResult::kWbemEValueOutOfRange;
    return fail(range ? HResult::kWbemmofEOutOfRange : HResult::kWbemmofETypeMismatch,
                cast.error().message, at, literal.to_display());
  }

  static Result<> located(Result<> result, SourcePos at, std::string_view token) {
    if (result) return result;
    Error error = std::move(result).error();
    error.at = at;
    error.token = std::string(token);
    return fail(std::move(error));
  }

  Repository& repository_;
  const CompileOptions& options_;
  std::string ns_;
  bool amended_ = false;  // by a pragma
  PutMode class_mode_ = PutMode::kCreateOrUpdate;
  PutMode instance_mode_ = PutMode::kCreateOrUpdate;
  std::map<std::string, QualifierDecl, IgnoreCaseLess> declared_;
  std::set<std::string, IgnoreCaseLess> declared_classes_;
  std::map<std::string, std::string, IgnoreCaseLess> aliases_;
  std::vector<Instance> pending_;
  SourcePos pending_at_ = {};
};

}  // namespace

Result<> compile(const Document& document, Repository& repository, const CompileOptions& options) {
  Repository next = repository;
  SL_CHECK(Compiler(next, options).run(document));
  repository = std::move(next);
  return {};
}

Result<> compile(std::string_view text, Repository& repository, const CompileOptions& options) {
  SL_TRY(const Document document, parse(text));
  return compile(document, repository, options);
}

}  // namespace slwmi::cim::mof
