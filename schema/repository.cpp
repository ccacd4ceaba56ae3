#include "schema/repository.hpp"

#include <algorithm>
#include <atomic>

#include "schema/object_path.hpp"
#include "schema/schema_image.hpp"

namespace slwmi::cim {
namespace {

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

int depth_of(const Class& cls) {
  int out = 0;
  for (auto above = cls.superclass(); above != nullptr; above = above->superclass()) ++out;
  return out;
}

bool is_system(std::string_view name) { return name.starts_with("__"); }

tl::unexpected<Error> no_namespace(std::string_view ns) {
  return fail(HResult::kWbemEInvalidNamespace, "there is no namespace " + std::string(ns));
}

// `instance` with the slots of `cls`, which has another declaration of the same class.
Instance as_declared(const Instance& instance, const ClassPtr& cls) {
  if (instance.cls() == cls) return instance;
  Instance out(cls);
  for (const Property& property : instance.cls()->properties()) {
    const int slot = cls->find_slot(property.name);
    if (slot >= 0 && cls->properties()[static_cast<std::size_t>(slot)].type == property.type) {
      out.set(slot, instance.at(property.slot));
    }
  }
  return out;
}

}  // namespace

Repository::Repository(std::shared_ptr<const SchemaImage> image)
    : base_(image->base()), image_(std::move(image)) {
  touch();
}

void Repository::touch() { serial_ = next_serial(); }

Result<std::string> Repository::canonical_namespace(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '/' ? '\\' : c;
  if (out.starts_with("\\\\")) {
    const std::size_t end = out.find('\\', 2);
    if (end == std::string::npos || end == 2) return no_namespace(text);
    out.erase(0, end + 1);
  }
  if (out.empty() || out.front() == '\\' || out.back() == '\\' ||
      out.find("\\\\") != std::string::npos) {
    return no_namespace(text);
  }
  return out;
}

bool Repository::has_namespace(std::string_view ns) const {
  return own_.find(ns) != own_.end() || (image_ != nullptr && image_->has_namespace(ns)) ||
         (base_ != nullptr && base_->has_namespace(ns));
}

Result<> Repository::create_namespace(std::string_view ns) {
  if (has_namespace(ns)) return {};
  const std::size_t parent = ns.rfind('\\');
  if (parent != std::string_view::npos && !has_namespace(ns.substr(0, parent))) {
    return no_namespace(ns.substr(0, parent));
  }
  own_[std::string(ns)];
  touch();
  return {};
}

std::vector<std::string> Repository::namespaces() const {
  std::vector<std::string> out =
      base_ == nullptr ? std::vector<std::string>() : base_->namespaces();
  if (image_ != nullptr) image_->append_namespaces(out);
  for (const auto& [name, unused] : own_) out.push_back(name);
  std::erase(out, kSystemNamespace);
  std::sort(out.begin(), out.end(), IgnoreCaseLess());
  out.erase(std::unique(out.begin(), out.end(), IgnoreCaseEqual()), out.end());
  return out;
}

const ClassPtr* Repository::find_layered(std::string_view ns, std::string_view name) const {
  if (const auto space = own_.find(ns); space != own_.end()) {
    const auto cls = space->second.classes.find(name);
    if (cls != space->second.classes.end()) return &cls->second;
  }
  if (image_ != nullptr) {
    if (const ClassPtr* cls = image_->find_class(ns, name)) return cls;
  }
  return base_ == nullptr ? nullptr : base_->find_layered(ns, name);
}

ClassPtr Repository::find_class(std::string_view ns, std::string_view name) const {
  const ClassPtr* found = find_layered(home_of(ns, name), name);
  return found == nullptr ? nullptr : *found;
}

void Repository::collect_names(std::string_view ns, Names& out) const {
  if (base_ != nullptr) base_->collect_names(ns, out);
  if (image_ != nullptr) {
    image_->each_class(ns, [&](std::string_view name, std::string_view) { out.emplace(name); });
  }
  if (const auto space = own_.find(ns); space != own_.end()) {
    for (const auto& [name, unused] : space->second.classes) out.insert(name);
  }
}

// Names of classes that some layer declares below `superclass`; an upper layer may say otherwise.
void Repository::collect_children(std::string_view ns, std::string_view superclass,
                                  Names& out) const {
  if (base_ != nullptr) base_->collect_children(ns, superclass, out);
  if (image_ != nullptr) {
    image_->each_class(ns, [&](std::string_view name, std::string_view above) {
      if (equal_ignore_case(above, superclass)) out.emplace(name);
    });
  }
  if (const auto space = own_.find(ns); space != own_.end()) {
    for (const auto& [name, cls] : space->second.classes) {
      if (cls != nullptr && cls->superclass() != nullptr &&
          equal_ignore_case(cls->superclass()->name(), superclass))
        out.insert(name);
    }
  }
}

void Repository::append_subclasses(std::string_view ns, std::string_view name,
                                   std::vector<ClassPtr>& out) const {
  Names children;
  if (name.starts_with("__")) collect_children(kSystemNamespace, name, children);
  collect_children(ns, name, children);
  for (const std::string& child : children) {
    ClassPtr cls = find_class(ns, child);
    if (cls == nullptr || cls->superclass() == nullptr ||
        !equal_ignore_case(cls->superclass()->name(), name))
      continue;
    out.push_back(std::move(cls));
    append_subclasses(ns, child, out);
  }
}

bool Repository::has_children(std::string_view ns, const Class& cls) const {
  std::vector<ClassPtr> below;
  append_subclasses(ns, cls.name(), below);
  return !below.empty();
}

std::vector<ClassPtr> Repository::classes(std::string_view ns) const {
  Names names;
  collect_names(kSystemNamespace, names);
  collect_names(ns, names);
  std::vector<std::pair<std::size_t, ClassPtr>> all;
  all.reserve(names.size());
  for (const std::string& name : names) {
    ClassPtr cls = find_class(ns, name);
    if (cls != nullptr) all.emplace_back(cls->derivation().size(), std::move(cls));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<ClassPtr> out;
  out.reserve(all.size());
  for (auto& [depth, cls] : all) out.push_back(std::move(cls));
  return out;
}

std::map<std::string, Repository::Namespace, IgnoreCaseLess> Repository::layer() const {
  std::map<std::string, Namespace, IgnoreCaseLess> out;
  if (image_ != nullptr) {
    std::vector<std::string> spaces;
    image_->append_namespaces(spaces);
    for (const std::string& ns : spaces) {
      Namespace& space = out[ns];
      image_->each_class(ns, [&](std::string_view name, std::string_view) {
        space.classes.emplace(name, *image_->find_class(ns, name));
      });
      image_->each_table(ns, [&](std::string_view name) {
        if (InstanceTablePtr table = image_->instances(ns, name))
          space.instances.emplace(name, std::move(table));
      });
    }
  }
  for (const auto& [ns, own] : own_) {
    Namespace& space = out[ns];
    for (const auto& [name, cls] : own.classes) space.classes[name] = cls;
    for (const auto& [name, table] : own.instances) space.instances[name] = table;
  }
  return out;
}

Result<> Repository::put_class(std::string_view ns, ClassPtr cls, PutMode mode) {
  if (ns != kSystemNamespace && !has_namespace(ns)) return no_namespace(ns);
  const ClassPtr old = find_class(ns, cls->name());
  if (old == nullptr && mode == PutMode::kUpdateOnly) {
    return fail(HResult::kWbemENotFound, "there is no class " + cls->name());
  }
  if (old != nullptr && mode == PutMode::kCreateOnly) {
    return fail(HResult::kWbemEAlreadyExists, "class " + cls->name() + " exists already");
  }
  if (cls->superclass() != nullptr &&
      find_class(ns, cls->superclass()->name()) != cls->superclass()) {
    return fail(HResult::kWbemEInvalidSuperclass,
                "superclass " + cls->superclass()->name() + " is not of this namespace");
  }
  if (cls->derivation().size() > static_cast<std::size_t>(kMaxDerivation)) {
    return fail(HResult::kWbemEQuotaViolation, "class " + cls->name() + " is derived too often");
  }
  if (old != nullptr && has_children(ns, *old)) {
    return fail(HResult::kWbemEClassHasChildren, "class " + cls->name() + " has subclasses");
  }
  if (old != nullptr) {
    const InstanceTablePtr table = instances(ns, cls->name());
    if (table != nullptr && !table->rows().empty()) {
      auto next = std::make_shared<InstanceTable>(cls);
      for (const Instance& row : table->rows()) SL_CHECK(next->put(as_declared(row, cls)));
      own_[std::string(ns)].instances[cls->name()] = std::move(next);
    }
  }
  std::string name = cls->name();
  own_[std::string(ns)].classes[std::move(name)] = std::move(cls);
  touch();
  return {};
}

Result<> Repository::delete_class(std::string_view ns, std::string_view name) {
  const ClassPtr cls = find_class(ns, name);
  if (cls == nullptr || is_system(name)) {
    return fail(HResult::kWbemEInvalidClass,
                "there is no class " + std::string(name) + " to delete");
  }
  if (has_children(ns, *cls)) {
    return fail(HResult::kWbemEClassHasChildren, "class " + cls->name() + " has subclasses");
  }
  if (const InstanceTablePtr table = instances(ns, name);
      table != nullptr && !table->rows().empty()) {
    return fail(HResult::kWbemEClassHasInstances, "class " + cls->name() + " has instances");
  }
  const ClassPtr built_in = base_ == nullptr ? nullptr : base_->find_class(ns, name);
  if (built_in != nullptr && !built_in->provider().empty()) {
    return fail(HResult::kWbemEClassHasInstances,
                "class " + cls->name() + " comes with the program and has instances");
  }
  auto& own = own_[std::string(ns)].classes;
  own.erase(cls->name());
  if (find_class(ns, name) != nullptr) own[cls->name()] = nullptr;  // hides what lies below
  touch();
  return {};
}

InstanceTablePtr Repository::instances(std::string_view ns, std::string_view class_name) const {
  if (const auto space = own_.find(ns); space != own_.end()) {
    const auto table = space->second.instances.find(class_name);
    if (table != space->second.instances.end()) return table->second;
  }
  if (image_ != nullptr) {
    if (InstanceTablePtr table = image_->instances(ns, class_name)) return table;
  }
  return base_ == nullptr ? nullptr : base_->instances(ns, class_name);
}

Result<> Repository::put_instance(std::string_view ns, Instance instance, PutMode mode) {
  std::vector<Instance> one;
  one.push_back(std::move(instance));
  return put_instances(ns, std::move(one), mode);
}

Result<> Repository::put_instances(std::string_view ns, std::vector<Instance> instances_in,
                                   PutMode mode) {
  if (!has_namespace(ns)) return no_namespace(ns);
  std::map<std::string, std::shared_ptr<InstanceTable>, IgnoreCaseLess> changed;
  for (Instance& instance : instances_in) {
    const std::string& name = instance.cls()->name();
    const ClassPtr cls = find_class(ns, name);
    if (cls == nullptr) return fail(HResult::kWbemEInvalidClass, "there is no class " + name);
    if (cls->is_abstract())
      return fail(HResult::kWbemEInvalidOperation, "class " + name + " is abstract");
    std::shared_ptr<InstanceTable>& next = changed[name];
    if (next == nullptr) {
      const InstanceTablePtr table = instances(ns, name);
      next = table == nullptr ? std::make_shared<InstanceTable>(cls)
                              : std::make_shared<InstanceTable>(*table);
      next->reserve(next->rows().size() + instances_in.size());
    }
    SL_CHECK(next->put(as_declared(instance, cls), mode));
  }
  for (auto& [name, table] : changed) own_[std::string(ns)].instances[name] = std::move(table);
  touch();
  return {};
}

Result<> Repository::delete_instance(std::string_view ns, std::string_view class_name,
                                     std::string_view relpath) {
  const InstanceTablePtr table = instances(ns, class_name);
  const Instance* row = table == nullptr ? nullptr : table->find(relpath);
  if (row == nullptr)
    return fail(HResult::kWbemENotFound, "there is no instance " + std::string(relpath));
  auto next = std::make_shared<InstanceTable>(*table);
  next->erase(static_cast<std::size_t>(row - table->rows().data()));
  own_[std::string(ns)].instances[std::string(class_name)] = std::move(next);
  touch();
  return {};
}

ClassPtr VersionView::find_class(std::string_view ns, std::string_view name) const {
  const ClassPtr cls = repository_->find_class(ns, name);
  return cls == nullptr ? nullptr : cut(cls);
}

std::vector<ClassPtr> VersionView::classes(std::string_view ns) const {
  std::vector<ClassPtr> out;
  for (const ClassPtr& cls : repository_->classes(ns)) {
    if (ClassPtr seen = cut(cls); seen != nullptr) out.push_back(std::move(seen));
  }
  return out;
}

void VersionView::append_subclasses(std::string_view ns, std::string_view name,
                                    std::vector<ClassPtr>& out) const {
  std::vector<ClassPtr> whole;
  if (name.empty()) {
    whole = repository_->classes(ns);
  } else {
    repository_->append_subclasses(ns, name, whole);
    std::sort(whole.begin(), whole.end(), [](const ClassPtr& a, const ClassPtr& b) {
      const int difference = depth_of(*a) - depth_of(*b);
      return difference != 0 ? difference < 0 : IgnoreCaseLess()(a->name(), b->name());
    });
  }
  for (const ClassPtr& cls : whole) {
    if (ClassPtr seen = cut(cls); seen != nullptr) out.push_back(std::move(seen));
  }
}

ClassPtr VersionView::cut(const ClassPtr& cls) const {
  if (const auto it = cut_.find(cls.get()); it != cut_.end()) return it->second;
  ClassPtr out = cls;
  const ClassPtr above = cls->superclass() == nullptr ? nullptr : cut(cls->superclass());
  const auto gone = [&](const auto& member) { return !available_in(member.qualifiers, version_); };
  if (!available_in(cls->qualifiers(), version_) ||
      (cls->superclass() != nullptr && above == nullptr)) {
    out = nullptr;
  } else if (above != cls->superclass() ||
             std::any_of(cls->properties().begin(), cls->properties().end(), gone) ||
             std::any_of(cls->methods().begin(), cls->methods().end(), gone)) {
    ClassBuilder builder(cls->name(), above);
    for (const Qualifier& q : cls->qualifiers()) {
      if (!q.propagated) builder.qualifier(q);
    }
    for (const Property& p : cls->properties()) {
      if (p.local && !gone(p)) builder.property(p);
    }
    for (const Method& m : cls->methods()) {
      if (m.local && !gone(m)) builder.method(m);
    }
    const Result<ClassPtr> built = builder.build();
    out = built ? *built : nullptr;
  }
  cut_.emplace(cls.get(), out);
  return out;
}

}  // namespace slwmi::cim
