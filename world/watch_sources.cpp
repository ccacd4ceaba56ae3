// Which events there are, and those about classes and namespaces.
#include "world/watch_sources.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "schema/mof_writer.hpp"

namespace slwmi::world {
namespace {

constexpr std::string_view kRaised[] = {
    "__InstanceCreationEvent",  "__InstanceModificationEvent", "__InstanceDeletionEvent",
    "__ClassCreationEvent",     "__ClassModificationEvent",    "__ClassDeletionEvent",
    "__NamespaceCreationEvent", "__NamespaceDeletionEvent",    "RegistryKeyChangeEvent",
    "RegistryValueChangeEvent", "RegistryTreeChangeEvent",
};

// --- what the schema itself tells

// A thing of the schema by name: how it looks as an object, and a text that changes when it does.
struct Named {
  cim::Value object;
  std::string text;
};
using NamedThings = std::map<std::string, Named, IgnoreCaseLess>;

class SchemaSource final : public EventSource {
 public:
  using Read = NamedThings (*)(const Scene&);
  SchemaSource(OperationEvents events, Read read) : events_(std::move(events)), read_(read) {}

  Result<> begin(Scene& scene) override {
    seen_ = scene.picture().definitions;
    things_ = read_(scene);
    return {};
  }

  Result<> look(Scene& scene, EventSink sink) override {
    if (scene.picture().definitions == seen_) return {};
    seen_ = scene.picture().definitions;
    events_.resolve(scene.catalog());
    NamedThings now = read_(scene);
    for (const auto& [name, thing] : now) {
      const auto before = things_.find(name);
      if (before == things_.end()) {
        events_.creation(scene.moment(), thing.object, sink);
      } else if (before->second.text != thing.text) {
        events_.change(scene.moment(), before->second.object, thing.object, sink);
      }
    }
    for (const auto& [name, thing] : things_) {
      if (now.find(name) == now.end()) events_.deletion(scene.moment(), thing.object, sink);
    }
    things_ = std::move(now);
    return {};
  }

  Result<bool> differs(Scene& scene) override { return scene.picture().definitions != seen_; }

 private:
  OperationEvents events_;
  Read read_;
  std::shared_ptr<const Definitions> seen_;
  NamedThings things_;
};

// A class is shown as an instance that has its defaults.
NamedThings read_classes(const Scene& scene) {
  NamedThings out;
  std::vector<cim::ClassPtr> classes;
  scene.catalog().append_subclasses({}, classes);
  for (const cim::ClassPtr& cls : classes) {
    if (cls->name().starts_with("__")) continue;
    out[cls->name()] = {object_of(cim::Instance(cls)), cim::mof::write(*cls)};
  }
  return out;
}

NamedThings read_namespaces(const Scene& scene) {
  NamedThings out;
  const cim::ClassPtr cls = scene.catalog().find_class("__NAMESPACE");
  const std::string prefix = scene.ns() + "\\";
  for (const std::string& ns : scene.picture().definitions->schema->namespaces()) {
    const bool below =
        starts_with_ignore_case(ns, prefix) && ns.find('\\', prefix.size()) == std::string::npos;
    if (!below || cls == nullptr) continue;
    const std::string name = ns.substr(prefix.size());
    cim::Instance instance(cls);
    set_property(instance, "Name", cim::Value::text(name));
    out[name] = {object_of(instance), {}};
  }
  return out;
}

}  // namespace

// --- what sources share

void OperationEvents::resolve(const NamespaceCatalog& catalog) {
  const auto find = [&](std::string_view what) -> cim::ClassPtr {
    cim::ClassPtr cls = catalog.find_class("__" + subject_ + std::string(what));
    return cls != nullptr && cls->is_a(asked_) ? cls : nullptr;
  };
  created_ = find("CreationEvent");
  changed_ = find("ModificationEvent");
  deleted_ = find("DeletionEvent");
}

void OperationEvents::tell(const cim::ClassPtr& cls, FileTime time, const cim::Value* target,
                           const cim::Value* previous, EventSink sink) const {
  if (cls == nullptr) return;
  cim::Instance event = make_event(cls, time);
  set_property(event, "Target" + subject_, *target);
  if (previous != nullptr) set_property(event, "Previous" + subject_, *previous);
  sink(std::move(event));
}

cim::Value object_of(const cim::Instance& instance) {
  return cim::Value::object(std::make_shared<const cim::Instance>(instance));
}

cim::Instance make_event(const cim::ClassPtr& cls, FileTime time) {
  cim::Instance event(cls);
  set_property(event, "TIME_CREATED", cim::Value::unsigned_integer(cim::Type::kUint64, time.ticks));
  return event;
}

void set_property(cim::Instance& event, std::string_view name, cim::Value value) {
  if (const int slot = event.cls()->find_slot(name); slot >= 0) event.set(slot, std::move(value));
}

bool WorldEvents::raises(const cim::Class& event_class) const {
  return std::any_of(std::begin(kRaised), std::end(kRaised), [&](std::string_view name) {
    return equal_ignore_case(name, event_class.name());
  });
}

bool WorldEvents::reports_instances(const cim::Class& target_class) const {
  return target_class.provider().empty();
}

std::vector<std::string> WorldEvents::required_properties(const cim::Class& event_class) const {
  if (event_class.is_a("RegistryKeyChangeEvent")) return {"Hive", "KeyPath"};
  if (event_class.is_a("RegistryValueChangeEvent")) return {"Hive", "KeyPath", "ValueName"};
  if (event_class.is_a("RegistryEvent")) return {"Hive", "RootPath"};
  return {};
}

std::unique_ptr<EventSource> make_class_source(const wql::EventPlan& plan) {
  return std::make_unique<SchemaSource>(OperationEvents(plan.event_class(), "Class"), read_classes);
}

std::unique_ptr<EventSource> make_namespace_source(const wql::EventPlan& plan) {
  return std::make_unique<SchemaSource>(OperationEvents(plan.event_class(), "Namespace"),
                                        read_namespaces);
}

Result<std::vector<std::unique_ptr<EventSource>>> make_sources(const wql::EventPlan& plan,
                                                               Scene& scene) {
  std::vector<std::unique_ptr<EventSource>> out;
  switch (plan.kind()) {
    case wql::EventKind::kInstances:
      out.push_back(make_instance_source(plan, plan.targets()));
      break;
    case wql::EventKind::kClasses:
      out.push_back(make_class_source(plan));
      break;
    case wql::EventKind::kNamespaces:
      out.push_back(make_namespace_source(plan));
      break;
    case wql::EventKind::kExtrinsic: {
      SL_TRY(std::unique_ptr<EventSource> registry, make_registry_source(plan, scene));
      out.push_back(std::move(registry));
      break;
    }
  }
  for (const auto& source : out) SL_CHECK(source->begin(scene));
  return out;
}

}  // namespace slwmi::world
