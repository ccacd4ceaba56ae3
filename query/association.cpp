// The plan is a list of association classes with the properties that may lead from the source and
// to the answer; the run reads them all and follows what matches. Providers are told nothing about
// references: there are many spellings of one path, and a provider that compared texts would lose
// rows.
#include "query/association.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "query/references.hpp"
#include "schema/object_path.hpp"

namespace slwmi::wql {

struct AssociationPlan {
  struct Candidate {
    cim::ClassPtr cls;
    std::vector<int> sources;  // reference slots that may name the source
    std::vector<int> results;  // reference slots that may name an answer
  };
  bool references = false;   // REFERENCES OF
  bool definitions = false;  // answers are classes
  bool keys_only = false;
  std::string result_class;
  std::string required_qualifier;
  cim::ObjectPath source;
  cim::ClassPtr source_class;
  std::vector<Candidate> candidates;
  std::vector<cim::ClassPtr> classes;  // of a query about a class: the whole answer
};

namespace {

using Candidate = AssociationPlan::Candidate;

bool is_wanted(const std::string& filter, std::string_view name) {
  return filter.empty() || equal_ignore_case(filter, name);
}

// The answer's class, or the association's own for REFERENCES OF.
bool is_result_class(const AssociationPlan& plan, const cim::Class& cls) {
  return (plan.result_class.empty() || cls.is_a(plan.result_class)) &&
         (plan.required_qualifier.empty() || cls.qualifiers().has(plan.required_qualifier));
}

// Associations tie objects of one namespace of one computer. The catalog of many computers has no
// server of its own.
bool is_here(const cim::ObjectPath& path, const Catalog& catalog) {
  const bool server = path.is_local() || catalog.server().empty() ||
                      equal_ignore_case(path.server(), catalog.server());
  return server && (path.ns().empty() || equal_ignore_case(path.ns(), catalog.ns()));
}

void add_once(std::vector<cim::ClassPtr>& classes, const cim::ClassPtr& cls) {
  const bool known = std::any_of(classes.begin(), classes.end(),
                                 [&](const cim::ClassPtr& c) { return c->name() == cls->name(); });
  if (!known) classes.push_back(cls);
}

class AssociationPlanner {
 public:
  AssociationPlanner(const Query& query, const Catalog& catalog)
      : query_(query), catalog_(catalog) {}

  Result<std::shared_ptr<const AssociationPlan>> make() {
    const AssociationFilter& filter = query_.filter;
    plan_->references = query_.form == Form::kReferences;
    plan_->definitions = filter.class_defs_only || filter.schema_only;
    plan_->keys_only = filter.keys_only;
    plan_->result_class = text(filter.result_class);
    plan_->required_qualifier = text(filter.required_qualifier);
    SL_CHECK(find_source());
    std::vector<cim::ClassPtr> all;
    catalog_.append_subclasses({}, all);
    for (const cim::ClassPtr& cls : all) {
      if (cls->is_association()) add_candidate(cls);
    }
    if (plan_->source.is_class() || filter.schema_only) answer_with_classes();
    return std::shared_ptr<const AssociationPlan>(std::move(plan_));
  }

 private:
  std::string text(Span span) const { return std::string(query_.str(span)); }

  Result<> find_source() {
    auto path = cim::ObjectPath::parse(query_.str(query_.path));
    const SourcePos at{query_.path.offset, 0, 0};
    if (!path || path->class_name().empty()) {
      return fail(HResult::kWbemEInvalidObjectPath,
                  "the text in braces is no path of a class or instance", at, text(query_.path));
    }
    if (!is_here(*path, catalog_)) {
      return fail(HResult::kWbemEInvalidObjectPath,
                  "the path is on another computer or in another namespace", at, text(query_.path));
    }
    plan_->source_class = catalog_.find_class(path->class_name());
    if (plan_->source_class == nullptr) {
      return fail(HResult::kWbemEInvalidClass, "there is no class " + path->class_name(), at,
                  path->class_name());
    }
    if (path->is_instance() && !path->resolve(*plan_->source_class)) {
      return fail(HResult::kWbemEInvalidObjectPath, "the path's keys are not those of the class",
                  at, text(query_.path));
    }
    plan_->source = std::move(*path);
    return {};
  }

  // Whether an object of the source's class can be what the reference names.
  bool may_name_source(const cim::Property& reference) const {
    if (reference.reference_class.empty() || equal_ignore_case(reference.reference_class, "object"))
      return true;
    if (plan_->source_class->is_a(reference.reference_class)) return true;
    const cim::ClassPtr declared = catalog_.find_class(reference.reference_class);
    return declared != nullptr && declared->is_a(plan_->source_class->name());
  }

  void add_candidate(const cim::ClassPtr& cls) {
    const AssociationFilter& filter = query_.filter;
    const std::string role = text(filter.role), result_role = text(filter.result_role);
    const std::string assoc_class = text(filter.assoc_class);
    const std::string assoc_qualifier = text(filter.required_assoc_qualifier);
    if (!assoc_class.empty() && !cls->is_a(assoc_class)) return;
    if (!assoc_qualifier.empty() && !cls->qualifiers().has(assoc_qualifier)) return;
    if (plan_->references && !is_result_class(*plan_, *cls)) return;
    Candidate candidate;
    candidate.cls = cls;
    for (const cim::Property& property : cls->properties()) {
      if (property.type != cim::Type::kReference || property.is_array) continue;
      if (is_wanted(role, property.name) && may_name_source(property))
        candidate.sources.push_back(property.slot);
      if (is_wanted(result_role, property.name)) candidate.results.push_back(property.slot);
    }
    if (candidate.sources.empty()) return;
    plan_->candidates.push_back(std::move(candidate));
  }

  // A question about a class: what the declarations say.
  void answer_with_classes() {
    plan_->definitions = true;
    for (const Candidate& candidate : plan_->candidates) {
      if (plan_->references) {
        add_once(plan_->classes, candidate.cls);
        continue;
      }
      for (const int source : candidate.sources) {
        for (const int result : candidate.results) {
          if (result == source) continue;
          const cim::Property& property =
              candidate.cls->properties()[static_cast<std::size_t>(result)];
          const cim::ClassPtr cls = catalog_.find_class(property.reference_class);
          if (cls != nullptr && is_result_class(*plan_, *cls)) add_once(plan_->classes, cls);
        }
      }
    }
    plan_->candidates.clear();
    plan_->source = {};
  }

  const Query& query_;
  const Catalog& catalog_;
  std::shared_ptr<AssociationPlan> plan_ = std::make_shared<AssociationPlan>();
};

std::vector<int> all_slots(const cim::Class& cls) {
  std::vector<int> slots(cls.properties().size());
  for (std::size_t i = 0; i < slots.size(); ++i) slots[i] = static_cast<int>(i);
  return slots;
}

class AssociationRun {
 public:
  AssociationRun(const Plan& plan, const Catalog& catalog, const cim::Call& call, RowSink sink)
      : plan_(plan), association_(*plan.association), catalog_(catalog), call_(call), sink_(sink) {}

  Result<> run() {
    for (const cim::ClassPtr& cls : association_.classes) {
      if (!sink_(Row(plan_, cls))) return {};
    }
    if (association_.candidates.empty() && association_.source.class_name().empty()) return {};
    SL_CHECK(check_source());
    for (const Candidate& candidate : association_.candidates) {
      SL_CHECK(read(candidate));
      if (!more_) return {};
    }
    for (const cim::ClassPtr& cls : definitions_) {
      if (!sink_(Row(plan_, cls))) return {};
    }
    return {};
  }

 private:
  // WBEM_E_NOT_FOUND when the source is not there.
  Result<> check_source() {
    cim::Provider* const provider = catalog_.provider_of(*association_.source_class);
    if (provider == nullptr) return {};
    const auto found = provider->get(call_, association_.source_class, association_.source,
                                     association_.source_class->key_slots());
    if (!found && found.error().code != HResult::kWbemEProviderNotCapable)
      return fail(found.error());
    return {};
  }

  Result<> read(const Candidate& candidate) {
    cim::Provider* const provider = catalog_.provider_of(*candidate.cls);
    if (provider == nullptr) return {};
    const std::vector<int> wanted = all_slots(*candidate.cls);
    Result<> outcome;
    const auto on_batch = [&](const cim::Batch& batch) {
      if (batch.columns.size() < wanted.size()) {
        outcome = fail(HResult::kWbemEProviderFailure,
                       "the provider of " + candidate.cls->name() + " sent a bad batch");
        return false;
      }
      for (std::size_t i = 0;
           more_ && i < (batch.selected != nullptr ? batch.selected_count : batch.rows); ++i) {
        outcome = follow(candidate, batch, batch.selected != nullptr ? batch.selected[i] : i);
        if (!outcome) return false;
      }
      return more_;
    };
    SL_CHECK(provider->enumerate(call_, cim::Scan{*candidate.cls, wanted, {}}, on_batch));
    return outcome;
  }

  cim::Value reference(const cim::Batch& batch, std::size_t row, int slot) const {
    return cim::value_at(batch.columns[static_cast<std::size_t>(slot)], row, cim::Type::kReference);
  }

  Result<> follow(const Candidate& candidate, const cim::Batch& batch, std::size_t row) {
    for (const int source : candidate.sources) {
      const auto path = cim::ObjectPath::parse(reference(batch, row, source).as_text());
      if (!path || !is_here(*path, catalog_) || !same_object(*path, association_.source)) continue;
      if (association_.references) return emit_association(candidate, batch, row);
      for (const int result : candidate.results) {
        if (result == source) continue;
        const cim::Value end = reference(batch, row, result);
        if (!end.is_null()) SL_CHECK(emit_endpoint(end.as_text()));
        if (!more_) return {};
      }
    }
    return {};
  }

  Result<> emit_association(const Candidate& candidate, const cim::Batch& batch, std::size_t row) {
    if (association_.definitions) {
      add_once(definitions_, candidate.cls);
      return {};
    }
    std::vector<cim::Value> values;
    for (const cim::Property& property : candidate.cls->properties()) {
      const bool fill = !association_.keys_only || property.key;
      values.push_back(fill ? cim::value_at(batch.columns[static_cast<std::size_t>(property.slot)],
                                            row, property.type)
                            : cim::Value::null(property.type, property.is_array));
    }
    more_ = sink_(Row(plan_, cim::Instance(candidate.cls, std::move(values))));
    return {};
  }

  // References to what is not there, or to elsewhere, lead nowhere.
  Result<> emit_endpoint(std::string_view text) {
    const auto path = cim::ObjectPath::parse(text);
    if (!path || !path->is_instance() || !is_here(*path, catalog_)) return {};
    const cim::ClassPtr cls = catalog_.find_class(path->class_name());
    if (cls == nullptr || !is_result_class(association_, *cls)) return {};
    if (association_.definitions) {
      add_once(definitions_, cls);
      return {};
    }
    if (association_.keys_only) return emit_keys(cls, *path);
    cim::Provider* const provider = catalog_.provider_of(*cls);
    if (provider == nullptr) return {};
    const std::vector<int> wanted = all_slots(*cls);
    const auto found = provider->get(call_, cls, *path, wanted);
    if (found) {
      more_ = sink_(Row(plan_, *found));
    } else if (found.error().code != HResult::kWbemENotFound) {
      return fail(found.error());
    }
    return {};
  }

  Result<> emit_keys(const cim::ClassPtr& cls, const cim::ObjectPath& path) {
    const auto keys = path.resolve(*cls);
    if (!keys) return {};
    std::vector<cim::Value> values;
    for (const cim::Property& property : cls->properties()) {
      values.push_back(cim::Value::null(property.type, property.is_array));
    }
    for (std::size_t i = 0; i < keys->size(); ++i)
      values[static_cast<std::size_t>(cls->key_slots()[i])] = (*keys)[i];
    more_ = sink_(Row(plan_, cim::Instance(cls, std::move(values))));
    return {};
  }

  const Plan& plan_;
  const AssociationPlan& association_;
  const Catalog& catalog_;
  const cim::Call& call_;
  RowSink sink_;
  bool more_ = true;
  std::vector<cim::ClassPtr> definitions_;
};

}  // namespace

Result<std::shared_ptr<const AssociationPlan>> plan_association(const Query& query,
                                                                const Catalog& catalog) {
  return AssociationPlanner(query, catalog).make();
}

Result<> run_association(const Plan& plan, const Catalog& catalog, const cim::Call& call,
                         RowSink sink) {
  return AssociationRun(plan, catalog, call, sink).run();
}

void explain_association(const AssociationPlan& plan, std::string& out) {
  for (const cim::ClassPtr& cls : plan.classes) out += "class " + cls->name() + "\n";
  for (const Candidate& candidate : plan.candidates) {
    const auto names = [&](const std::vector<int>& slots) {
      std::string text;
      for (const int slot : slots) {
        text += (text.empty() ? "" : ", ") +
                candidate.cls->properties()[static_cast<std::size_t>(slot)].name;
      }
      return text;
    };
    out += "scan " + candidate.cls->name() + "\n  from: " + names(candidate.sources) + "\n";
    if (!plan.references) out += "  to: " + names(candidate.results) + "\n";
  }
}

}  // namespace slwmi::wql
