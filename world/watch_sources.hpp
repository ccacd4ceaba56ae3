// Where events come from. A source compares what it sees with what it saw at its last look and
// tells the difference as event instances; when it looks is the subscription's business.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "query/events.hpp"
#include "schema/instance.hpp"
#include "world/watch_scene.hpp"

namespace slwmi::world {

// Takes an event; answers nothing.
using EventSink = FunctionRef<void(cim::Instance)>;

class EventSource {
 public:
  EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;
  virtual ~EventSource() = default;

  // The first look: what is there now is no event.
  virtual Result<> begin(Scene& scene) = 0;
  // Tells what differs from the last look, as of the scene's moment.
  virtual Result<> look(Scene& scene, EventSink sink) = 0;
  // Whether look() would find another state than the last look did, without looking. Of changes
  // that cannot be events of the query it may say that nothing differs, if it overlooks().
  virtual Result<bool> differs(Scene& scene) = 0;
  virtual bool overlooks() const { return false; }
};

// The three classes of events about one kind of thing, as far as the query asks for them.
class OperationEvents {
 public:
  // `subject` is "Instance", "Class" or "Namespace".
  OperationEvents(const cim::ClassPtr& asked, std::string subject)
      : asked_(asked->name()), subject_(std::move(subject)) {}

  // Looks the classes up.
  void resolve(const NamespaceCatalog& catalog);
  void creation(FileTime time, const cim::Value& now, EventSink sink) const {
    tell(created_, time, &now, nullptr, sink);
  }
  void change(FileTime time, const cim::Value& before, const cim::Value& now,
              EventSink sink) const {
    tell(changed_, time, &now, &before, sink);
  }
  void deletion(FileTime time, const cim::Value& before, EventSink sink) const {
    tell(deleted_, time, &before, nullptr, sink);
  }

 private:
  void tell(const cim::ClassPtr& cls, FileTime time, const cim::Value* target,
            const cim::Value* previous, EventSink sink) const;

  std::string asked_, subject_;
  cim::ClassPtr created_, changed_, deleted_;
};

// Which events a world raises.
class WorldEvents final : public wql::EventSources {
 public:
  bool raises(const cim::Class& event_class) const override;
  bool reports_instances(const cim::Class& target_class) const override;
  std::vector<std::string> required_properties(const cim::Class& event_class) const override;
};

// The sources that an event query needs. WBEM_E_NOT_FOUND for a registry key that is not there,
// WBEM_E_INVALID_PARAMETER for a hive that cannot be watched.
Result<std::vector<std::unique_ptr<EventSource>>> make_sources(const wql::EventPlan& plan,
                                                               Scene& scene);

// Of one kind each; parts of make_sources(). The plan must outlive the source.
std::unique_ptr<EventSource> make_instance_source(const wql::EventPlan& plan,
                                                  std::vector<wql::EventTarget> targets);
std::unique_ptr<EventSource> make_class_source(const wql::EventPlan& plan);
std::unique_ptr<EventSource> make_namespace_source(const wql::EventPlan& plan);
Result<std::unique_ptr<EventSource>> make_registry_source(const wql::EventPlan& plan, Scene& scene);

cim::Value object_of(const cim::Instance& instance);
// An instance of `cls` with its time; other properties have their defaults.
cim::Instance make_event(const cim::ClassPtr& cls, FileTime time);
// Sets a property where the event's class has it.
void set_property(cim::Instance& event, std::string_view name, cim::Value value);

}  // namespace slwmi::world
