// Registry events: which of the watched keys, trees and values differ between two views.
#include <algorithm>

#include "base/text.hpp"
#include "registry/difference.hpp"
#include "registry/path.hpp"
#include "world/watch_sources.hpp"

namespace slwmi::world {
namespace {

// What one way of the condition names.
struct Watched {
  cim::Instance event;  // with everything but the time
  reg::KeyId key = reg::KeyId::kNone;
  std::optional<reg::NameId> value = {};  // of RegistryValueChangeEvent
};

constexpr std::uint32_t kFilter = reg::kNotifyName | reg::kNotifyLastSet | reg::kNotifySecurity;

class RegistrySource final : public EventSource {
 public:
  RegistrySource(bool subtree, std::vector<Watched> watched)
      : subtree_(subtree), watched_(std::move(watched)) {}

  Result<> begin(Scene& scene) override {
    view_ = scene.picture().view;
    return {};
  }

  Result<> look(Scene& scene, EventSink sink) override {
    const reg::HiveView now = scene.picture().view;
    const reg::ChangeSet changes = reg::difference(view_, now);
    for (const Watched& watched : watched_) {
      if (changes.ops.empty() || !is_touched(watched, changes, now)) continue;
      cim::Instance event = watched.event;
      set_property(event, "TIME_CREATED",
                   cim::Value::unsigned_integer(cim::Type::kUint64, scene.moment().ticks));
      sink(std::move(event));
    }
    view_ = now;
    return {};
  }

  Result<bool> differs(Scene& scene) override {
    return !reg::difference(view_, scene.picture().view).ops.empty();
  }

 private:
  bool is_touched(const Watched& watched, const reg::ChangeSet& changes,
                  const reg::HiveView& now) const {
    if (!watched.value) return reg::touches(changes, watched.key, subtree_, kFilter);
    const bool written =
        std::any_of(changes.ops.begin(), changes.ops.end(), [&](const reg::Op& op) {
          const bool of_value =
              op.kind == reg::OpKind::kSetValue || op.kind == reg::OpKind::kDeleteValue;
          return of_value && op.key == watched.key && op.name() == *watched.value;
        });
    // One that goes, or comes back, with its key has no row of its own.
    return written || view_.find(watched.key, *watched.value).has_value() !=
                          now.find(watched.key, *watched.value).has_value();
  }

  bool subtree_;
  std::vector<Watched> watched_;
  reg::HiveView view_;
};

// The Error at the literal of the query that it is about.
Error located(Error error, const wql::Pin& literal) {
  error.at = SourcePos{literal.offset, 0, 0};
  error.token = literal.text;
  return error;
}

// The key that Hive and a path name, opened by the caller as RegNotifyChangeKeyValue needs it.
Result<reg::KeyId> open_watched(Scene& scene, const wql::Pin& hive, const wql::Pin& path) {
  const auto root = reg::root_of(hive.text, false);
  const bool watchable = root && (*root == reg::Root::kLocalMachine || *root == reg::Root::kUsers ||
                                  *root == reg::Root::kCurrentConfig);
  if (!watchable) {
    return fail(located({HResult::kWbemEInvalidParameter,
                         "Hive must be HKEY_LOCAL_MACHINE, HKEY_USERS or HKEY_CURRENT_CONFIG, "
                         "not \"" +
                             hive.text + "\"",
                         {},
                         {}},
                        hive));
  }
  auto key = scene.registry().open(hive.text + "\\" + path.text, reg::access::kNotify);
  if (key) return key->id();
  Error error = std::move(key.error());
  if (error.code == HResult::kErrorFileNotFound)
    error.code = HResult::kWbemENotFound;
  else if (error.code == HResult::kEAccessdenied)
    error.code = HResult::kWbemEAccessDenied;
  else
    error.code = HResult::kWbemEInvalidParameter;
  return fail(located(std::move(error), path));
}

}  // namespace

Result<std::unique_ptr<EventSource>> make_registry_source(const wql::EventPlan& plan,
                                                          Scene& scene) {
  const cim::ClassPtr& cls = plan.event_class();
  const bool subtree = cls->is_a("RegistryTreeChangeEvent");
  const bool one_value = cls->is_a("RegistryValueChangeEvent");
  std::vector<Watched> watched;
  for (const std::vector<wql::Pin>& values : plan.pinned()) {
    Watched one{make_event(cls, {})};
    set_property(one.event, "Hive", cim::Value::text(values[0].text));
    set_property(one.event, subtree ? "RootPath" : "KeyPath", cim::Value::text(values[1].text));
    SL_TRY(one.key, open_watched(scene, values[0], values[1]));
    if (one_value) {
      const wql::Pin& name = values[2];
      if (const Result<> fits = reg::check_value_name(name.text); !fits)
        return fail(located(fits.error(), name));
      set_property(one.event, "ValueName", cim::Value::text(name.text));
      one.value = reg::intern_name(name.text).id;
    }
    watched.push_back(std::move(one));
  }
  return std::unique_ptr<EventSource>(
      std::make_unique<RegistrySource>(subtree, std::move(watched)));
}

}  // namespace slwmi::world
