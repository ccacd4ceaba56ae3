#include "world/session.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "provider/method_call.hpp"
#include "query/plan_cache.hpp"
#include "schema/object_path.hpp"
#include "world/session_impl.hpp"
#include "world/watch.hpp"

namespace slwmi::world {
namespace {

tl::unexpected<Error> no_class(std::string_view name, HResult code) {
  return fail(code, "there is no class " + std::string(name), {0, 0, 0}, std::string(name));
}

}  // namespace

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

const std::string& Session::ns() const { return impl_->ns; }
const std::string& Session::server() const { return impl_->context->host().facts.name; }
const Principal& Session::caller() const { return impl_->caller; }

// What a call needs, brought up to date: the machine's facts and, after a change of the schema, new
// catalogs.
Result<> Session::Impl::refresh() {
  SL_TRY(const bool changed, context->refresh());
  if (catalog != nullptr && !changed) return {};
  catalog = std::make_unique<NamespaceCatalog>(context->repository(), context->version(), ns,
                                               context->host());
  plans.clear();
  reads = {};
  last = {};
  return {};
}

Result<> Session::query_rows(std::string_view wql, wql::RowSink sink) {
  SL_CHECK(impl_->refresh());
  SL_TRY(const std::shared_ptr<const wql::Plan> plan, impl_->plans.get(wql, *impl_->catalog));
  return wql::run(*plan, *impl_->catalog, impl_->call(), sink);
}

Result<> Session::query(std::string_view wql, FunctionRef<bool(const Row&)> sink) {
  return query_rows(wql, [&](const wql::Row& row) { return sink(row.instance()); });
}

Result<std::vector<Row>> Session::query(std::string_view wql) {
  std::vector<Row> out;
  SL_CHECK(query_rows(wql, [&](const wql::Row& row) {
    out.push_back(row.instance());
    return true;
  }));
  return out;
}

Result<wql::ResultSet> Session::collect(std::string_view wql) {
  SL_CHECK(impl_->refresh());
  SL_TRY(const std::shared_ptr<const wql::Plan> plan, impl_->plans.get(wql, *impl_->catalog));
  return wql::collect(*plan, *impl_->catalog, impl_->call());
}

Result<std::vector<std::string>> Session::columns(std::string_view wql) {
  SL_CHECK(impl_->refresh());
  SL_TRY(const std::shared_ptr<const wql::Plan> plan, impl_->plans.get(wql, *impl_->catalog));
  return wql::column_names(*plan);
}

Result<std::string> Session::explain(std::string_view wql) {
  SL_CHECK(impl_->refresh());
  SL_TRY(const std::shared_ptr<const wql::Plan> plan, impl_->plans.get(wql, *impl_->catalog));
  return wql::explain(*plan);
}

Result<const Session::Impl::Target*> Session::Impl::resolve(std::string_view text) {
  SL_CHECK(refresh());
  if (last.target.cls != nullptr && last.text == text) return &last.target;
  SL_TRY(cim::ObjectPath path, cim::ObjectPath::parse(text));
  if (!path.is_local() && !equal_ignore_case(path.server(), context->host().facts.name)) {
    return fail(HResult::kWbemEInvalidObjectPath,
                "the path is on another computer, " + path.server());
  }
  if (!path.ns().empty() && !equal_ignore_case(path.ns(), ns)) {
    return fail(HResult::kWbemEInvalidObjectPath, "the path is in another namespace, " + path.ns());
  }
  if (path.class_name().empty())
    return fail(HResult::kWbemEInvalidObjectPath, "the path names no class");
  cim::ClassPtr cls = catalog->find_class(path.class_name());
  if (cls == nullptr) return no_class(path.class_name(), HResult::kWbemENotFound);
  cim::Provider* const provider = catalog->provider_of(*cls);
  last = {std::string(text), {std::move(path), std::move(cls), provider}};
  return &last.target;
}

Result<cim::Instance> Session::get(std::string_view text) {
  SL_TRY(const Impl::Target* target, impl_->resolve(text));
  if (!target->path.is_instance()) {
    return fail(HResult::kWbemEInvalidObjectPath,
                "the path names a class, not an instance: " + std::string(text));
  }
  if (target->provider == nullptr)
    return fail(HResult::kWbemENotFound, "the class has no instances");
  std::vector<int> wanted(target->cls->properties().size());
  for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = static_cast<int>(i);
  return target->provider->get(impl_->call(), target->cls, target->path, wanted);
}

Result<cim::ClassPtr> Session::get_class(std::string_view name) {
  SL_CHECK(impl_->refresh());
  cim::ClassPtr cls = impl_->catalog->find_class(name);
  if (cls == nullptr) return no_class(name, HResult::kWbemENotFound);
  return cls;
}

Result<std::vector<cim::ClassPtr>> Session::classes(std::string_view superclass, bool deep) {
  SL_CHECK(impl_->refresh());
  if (!superclass.empty() && impl_->catalog->find_class(superclass) == nullptr) {
    return no_class(superclass, HResult::kWbemEInvalidClass);
  }
  std::vector<cim::ClassPtr> out;
  impl_->catalog->append_subclasses(superclass, out);
  if (!deep) {
    std::erase_if(out, [&](const cim::ClassPtr& cls) {
      const cim::ClassPtr& above = cls->superclass();
      return superclass.empty() ? above != nullptr
                                : above == nullptr || !equal_ignore_case(above->name(), superclass);
    });
  }
  return out;
}

Result<cim::Value> Session::read(std::string_view text, std::string_view property) {
  Impl& s = *impl_;
  SL_CHECK(s.refresh());
  const std::uint64_t word = s.context->word();
  const std::size_t at =
      hash64(property, text.size() + (text.empty() ? 0 : static_cast<unsigned char>(text.back())));
  Impl::Read& read = s.reads[at % s.reads.size()];
  const bool known = read.slot >= 0 && read.path == text && read.property == property;
  if (known && read.word == word) return read.value;
  if (!known) {
    SL_TRY(const Impl::Target* target, s.resolve(text));
    const int slot = target->cls->find_slot(property);
    if (slot < 0) {
      return fail(HResult::kWbemENotFound,
                  "class " + target->cls->name() + " has no property " + std::string(property));
    }
    if (!target->path.is_instance() || target->provider == nullptr) {
      return fail(HResult::kWbemEInvalidObjectPath,
                  "the path names no instance: " + std::string(text));
    }
    read = {std::string(text), std::string(property), ~std::uint64_t{0}, slot, *target, {}};
  }
  const int wanted[] = {read.slot};
  read.word = ~std::uint64_t{0};
  SL_TRY(const cim::Instance instance,
         read.target.provider->get(s.call(), read.target.cls, read.target.path, wanted));
  read.value = instance.at(read.slot);
  read.word = word;
  return read.value;
}

Result<CallResult> Session::call(std::string_view path, std::string_view method,
                                 const Parameters& in) {
  return impl_->context->run([&] { return impl_->call_once(path, method, in); });
}

Result<CallResult> Session::Impl::call_once(std::string_view text, std::string_view name,
                                            const Parameters& in) {
  SL_TRY(const Target* target, resolve(text));
  const cim::Method* method = target->cls->find_method(name);
  if (method == nullptr) {
    return fail(HResult::kWbemEInvalidMethod,
                "class " + target->cls->name() + " has no method " + std::string(name));
  }
  if (target->provider == nullptr)
    return fail(HResult::kWbemEMethodNotImplemented, "nobody implements " + method->name);
  SL_TRY(cim::MethodResult result,
         licensing::call_method(context->host(), *target->provider, call(), *target->cls,
                                target->path, method->name, in));
  CallResult out;
  out.return_value = std::move(result.return_value);
  for (std::size_t i = 0; i < method->parameters.size(); ++i) {
    const cim::Parameter& p = method->parameters[i];
    if (!p.out) continue;
    out.out.emplace_back(
        p.name, i < result.out.size() ? result.out[i] : cim::Value::null(p.type, p.is_array));
  }
  std::sort(out.out.begin(), out.out.end(),
            [](const auto& a, const auto& b) { return compare_ignore_case(a.first, b.first) < 0; });
  return out;
}

Result<> Session::put(const cim::Instance& instance) {
  SL_CHECK(impl_->refresh());
  const cim::ClassPtr cls = impl_->catalog->find_class(instance.cls()->name());
  if (cls == nullptr) return no_class(instance.cls()->name(), HResult::kWbemEInvalidClass);
  if (!impl_->caller.elevated) {
    return fail(HResult::kWbemEAccessDenied, "only an elevated administrator may write instances");
  }
  if (!cls->provider().empty()) {
    cim::Provider* const provider = impl_->catalog->provider_of(*cls);
    return provider == nullptr
               ? fail(HResult::kWbemEProviderNotCapable, "nobody writes " + cls->name())
               : impl_->context->run([&] { return provider->put(impl_->call(), instance); });
  }
  return impl_->context->change_schema(
      [&](cim::Repository& schema) { return schema.put_instance(impl_->ns, instance); });
}

Result<> Session::remove(std::string_view text) {
  SL_TRY(const Impl::Target* target, impl_->resolve(text));
  if (!impl_->caller.elevated) {
    return fail(HResult::kWbemEAccessDenied,
                "only an elevated administrator may remove instances and classes");
  }
  if (target->path.is_class()) {
    return impl_->context->change_schema([&](cim::Repository& schema) {
      return schema.delete_class(impl_->ns, target->cls->name());
    });
  }
  if (!target->cls->provider().empty()) {
    return target->provider == nullptr
               ? fail(HResult::kWbemEProviderNotCapable, "nobody removes " + target->cls->name())
               : impl_->context->run([&] {
                   return target->provider->delete_instance(impl_->call(), target->path);
                 });
  }
  SL_TRY(const std::string relpath, target->path.canonical_relpath(*target->cls));
  return impl_->context->change_schema([&](cim::Repository& schema) {
    return schema.delete_instance(impl_->ns, target->cls->name(), relpath);
  });
}

Result<Subscription> Session::watch(std::string_view wql) {
  const MachineContext& context = *impl_->context;
  return Subscription::make(context.world(), context.id(), impl_->caller, impl_->ns, wql);
}

}  // namespace slwmi::world
