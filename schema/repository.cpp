#include "schema/repository.hpp"

#include <algorithm>
#include <atomic>

namespace slwmi::cim {
namespace {

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
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

bool same_declaration(const Class& a, const Class& b) {
  if (a.properties().size() != b.properties().size()) return false;
  for (std::size_t i = 0; i < a.properties().size(); ++i) {
    const Property& p = a.properties()[i];
    const Property& q = b.properties()[i];
    if (!equal_ignore_case(p.name, q.name) || p.type != q.type || p.is_array != q.is_array)
      return false;
  }
  return true;
}

}  // namespace

const Instance* InstanceTable::find(std::string_view relpath) const {
  const auto it = index_.find(relpath);
  return it == index_.end() ? nullptr : &rows_[it->second];
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
  return own_.find(ns) != own_.end() || (base_ != nullptr && base_->has_namespace(ns));
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
  for (const auto& [name, unused] : own_) {
    if (name != kSystemNamespace) out.push_back(name);
  }
  std::sort(out.begin(), out.end(), IgnoreCaseLess());
  out.erase(std::unique(out.begin(), out.end(), IgnoreCaseEqual()), out.end());
  return out;
}

const ClassPtr* Repository::find_own(std::string_view ns, std::string_view name) const {
  const auto space = own_.find(ns);
  if (space != own_.end()) {
    const auto cls = space->second.classes.find(name);
    if (cls != space->second.classes.end()) return &cls->second;
  }
  return base_ == nullptr ? nullptr : base_->find_own(ns, name);
}

ClassPtr Repository::find_class(std::string_view ns, std::string_view name) const {
  const ClassPtr* found = find_own(is_system(name) ? kSystemNamespace : ns, name);
  return found == nullptr ? nullptr : *found;
}

void Repository::collect(std::string_view ns,
                         std::map<std::string, ClassPtr, IgnoreCaseLess>& out) const {
  if (base_ != nullptr) base_->collect(ns, out);
  const auto space = own_.find(ns);
  if (space == own_.end()) return;
  for (const auto& [name, cls] : space->second.classes) {
    if (cls == nullptr) {
      out.erase(name);
    } else {
      out[name] = cls;
    }
  }
}

std::vector<ClassPtr> Repository::classes(std::string_view ns) const {
  std::map<std::string, ClassPtr, IgnoreCaseLess> all;
  collect(kSystemNamespace, all);
  collect(ns, all);
  std::vector<ClassPtr> out;
  out.reserve(all.size());
  for (const auto& [name, cls] : all) out.push_back(cls);
  std::stable_sort(out.begin(), out.end(), [](const ClassPtr& a, const ClassPtr& b) {
    return a->derivation().size() < b->derivation().size();
  });
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
  if (old != nullptr) {
    std::map<std::string, ClassPtr, IgnoreCaseLess> all;
    collect(ns, all);
    for (const auto& [name, other] : all) {
      if (other->superclass() == old) {
        return fail(HResult::kWbemEClassHasChildren,
                    "class " + cls->name() + " has subclasses, such as " + name);
      }
    }
  }
  if (old != nullptr && !same_declaration(*old, *cls)) {
    if (const InstanceTablePtr table = instances(ns, cls->name());
        table != nullptr && !table->rows().empty()) {
      auto next = std::make_shared<InstanceTable>();
      next->serial_ = next_serial();
      next->index_ = table->index_;
      for (const Instance& row : table->rows()) next->rows_.push_back(as_declared(row, cls));
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
  for (const ClassPtr& other : classes(ns)) {
    if (other->superclass() == cls) {
      return fail(HResult::kWbemEClassHasChildren,
                  "class " + cls->name() + " has subclasses, such as " + other->name());
    }
  }
  if (const InstanceTablePtr table = instances(ns, name);
      table != nullptr && !table->rows().empty()) {
    return fail(HResult::kWbemEClassHasInstances, "class " + cls->name() + " has instances");
  }
  own_[std::string(ns)].classes[cls->name()] = nullptr;
  touch();
  return {};
}

InstanceTablePtr Repository::instances(std::string_view ns, std::string_view class_name) const {
  if (const auto space = own_.find(ns); space != own_.end()) {
    const auto table = space->second.instances.find(class_name);
    if (table != space->second.instances.end()) return table->second;
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
      next = table == nullptr ? std::make_shared<InstanceTable>()
                              : std::make_shared<InstanceTable>(*table);
      next->serial_ = next_serial();
    }
    Instance row = as_declared(instance, cls);
    std::string relpath = row.relpath();
    if (relpath.empty()) {
      if (!cls->key_slots().empty())
        return fail(HResult::kWbemEIllegalNull, "a key of class " + name + " is null");
      relpath = "#" + std::to_string(next->rows_.size());  // a class without keys: nameless rows
    }
    const auto [it, fresh] = next->index_.try_emplace(
        std::move(relpath), static_cast<std::uint32_t>(next->rows_.size()));
    if (fresh && mode == PutMode::kUpdateOnly)
      return fail(HResult::kWbemENotFound, "there is no instance " + it->first);
    if (!fresh && mode == PutMode::kCreateOnly) {
      return fail(HResult::kWbemEAlreadyExists, "instance " + it->first + " exists already");
    }
    if (fresh) {
      next->rows_.push_back(std::move(row));
    } else {
      next->rows_[it->second] = std::move(row);
    }
  }
  for (auto& [name, table] : changed) own_[std::string(ns)].instances[name] = std::move(table);
  touch();
  return {};
}

Result<> Repository::delete_instance(std::string_view ns, std::string_view class_name,
                                     std::string_view relpath) {
  const InstanceTablePtr table = instances(ns, class_name);
  if (table == nullptr || table->find(relpath) == nullptr) {
    return fail(HResult::kWbemENotFound, "there is no instance " + std::string(relpath));
  }
  auto next = std::make_shared<InstanceTable>();
  next->serial_ = next_serial();
  for (const auto& [path, row] : table->index_) {
    if (!equal_ignore_case(path, relpath)) next->index_.emplace(path, row);
  }
  const std::uint32_t gone = table->index_.find(relpath)->second;
  for (auto& [path, row] : next->index_) row -= row > gone ? 1 : 0;
  next->rows_ = table->rows_;
  next->rows_.erase(next->rows_.begin() + gone);
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
