// Events about instances: all rows of the classes are read and compared with what was read before.
#include <algorithm>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/text.hpp"
#include "world/watch_sources.hpp"

namespace slwmi::world {
namespace {

class InstanceSource final : public EventSource {
 public:
  InstanceSource(const wql::EventPlan& plan, std::vector<wql::EventTarget> targets)
      : plan_(plan), events_(plan.event_class(), "Instance"), targets_(std::move(targets)) {}

  Result<> begin(Scene& scene) override {
    find_classes(scene);
    SL_TRY(rows_, read(scene, false));
    return {};
  }

  Result<> look(Scene& scene, EventSink sink) override {
    if (is_unchanged(scene)) return {};
    find_classes(scene);
    SL_TRY(std::vector<cim::Instance> rows, read(scene, false));
    if (rows == rows_) return {};
    tell(rows, scene.moment(), sink);
    rows_ = std::move(rows);
    quiet_.reset();
    return {};
  }

  Result<bool> differs(Scene& scene) override {
    if (is_unchanged(scene)) return false;
    find_classes(scene);
    const bool some = overlooks();
    SL_TRY(const std::vector<cim::Instance> rows, read(scene, some));
    if (!some) return rows != rows_;
    return !std::equal(
        rows.begin(), rows.end(), rows_.begin(), rows_.end(),
        [&](const cim::Instance& a, const cim::Instance& b) { return same_part(a, b); });
  }

  // While the properties that the condition looks at stay what they are, all changes are alike to
  // it: when it refuses one it refuses all.
  bool overlooks() const override {
    if (!plan_.looked_at()) return false;
    if (!quiet_) {
      quiet_ = std::none_of(rows_.begin(), rows_.end(), [&](const cim::Instance& row) {
        const cim::Value object = object_of(row);
        bool wanted = false;
        events_.change({}, object, object,
                       [&](const cim::Instance& event) { wanted = plan_.matches(event); });
        return wanted;
      });
    }
    return *quiet_;
  }

 private:
  // Static instances change with the definitions only.
  bool is_unchanged(const Scene& scene) const {
    return all_static_ && scene.picture().definitions == seen_;
  }

  void find_classes(const Scene& scene) {
    if (scene.picture().definitions == seen_) return;
    seen_ = scene.picture().definitions;
    const NamespaceCatalog& catalog = scene.catalog();
    events_.resolve(catalog);
    classes_.clear();
    quiet_.reset();
    for (const wql::EventTarget& target : targets_) {
      cim::ClassPtr cls = catalog.find_class(target.cls->name());
      if (cls == nullptr) continue;
      std::vector<cim::ClassPtr> all{cls};
      if (!target.exact) catalog.append_subclasses(cls->name(), all);
      for (cim::ClassPtr& each : all) {
        const bool known = std::find(classes_.begin(), classes_.end(), each) != classes_.end();
        if (!known) classes_.push_back(std::move(each));
      }
    }
    all_static_ = std::all_of(classes_.begin(), classes_.end(),
                              [](const cim::ClassPtr& cls) { return cls->provider().empty(); });
  }

  // The slots that decide whether a change of a row may be wanted: the condition's and the keys.
  std::vector<int> slots_looked_at(const cim::Class& cls) const {
    std::vector<int> slots = cls.key_slots();
    for (const std::string& name : *plan_.looked_at()) {
      const int slot = cls.find_slot(name);
      if (slot >= 0 && std::find(slots.begin(), slots.end(), slot) == slots.end())
        slots.push_back(slot);
    }
    return slots;
  }

  bool same_part(const cim::Instance& a, const cim::Instance& b) const {
    if (a.cls() != b.cls()) return false;
    const std::vector<int> slots = slots_looked_at(*a.cls());
    return std::all_of(slots.begin(), slots.end(),
                       [&](int slot) { return a.at(slot) == b.at(slot); });
  }

  // All rows; with `part` only the slots that are looked at are filled.
  Result<std::vector<cim::Instance>> read(Scene& scene, bool part) const {
    std::vector<cim::Instance> rows;
    std::vector<int> wanted;
    for (const cim::ClassPtr& cls : classes_) {
      cim::Provider* const provider = scene.catalog().provider_of(*cls);
      if (provider == nullptr) continue;
      const std::vector<cim::Property>& properties = cls->properties();
      if (part) {
        wanted = slots_looked_at(*cls);
      } else {
        wanted.resize(properties.size());
        std::iota(wanted.begin(), wanted.end(), 0);
      }
      const auto keep = [&](const cim::Batch& batch) {
        const std::size_t count = batch.selected == nullptr ? batch.rows : batch.selected_count;
        for (std::size_t i = 0; i < count; ++i) {
          const std::size_t row = batch.selected == nullptr ? i : batch.selected[i];
          std::vector<cim::Value> values(properties.size());
          for (std::size_t column = 0; column < wanted.size(); ++column) {
            const auto slot = static_cast<std::size_t>(wanted[column]);
            values[slot] = cim::value_at(batch.columns[column], row, properties[slot].type);
          }
          rows.emplace_back(cls, std::move(values));
        }
        return true;
      };
      SL_CHECK(provider->enumerate(scene.call(), cim::Scan{*cls, wanted}, keep));
    }
    return rows;
  }

  // Rows without a path are who they are by their content.
  static std::string identity(const cim::Instance& row) {
    std::string path = row.relpath();
    return path.empty() ? row.to_mof() : fold(path);
  }

  static bool same_keys(const cim::Instance& a, const cim::Instance& b) {
    const std::vector<int>& keys = a.cls()->key_slots();
    return a.cls() == b.cls() && (!keys.empty() || a.cls()->is_singleton()) &&
           std::all_of(keys.begin(), keys.end(),
                       [&](int slot) { return a.at(slot) == b.at(slot); });
  }

  // In the order of the rows; what is gone comes last.
  void tell(const std::vector<cim::Instance>& rows, FileTime time, EventSink sink) const {
    const auto compare = [&](const cim::Instance& before, const cim::Instance& now) {
      if (before != now) events_.change(time, object_of(before), object_of(now), sink);
    };
    if (std::equal(rows.begin(), rows.end(), rows_.begin(), rows_.end(), same_keys)) {
      for (std::size_t i = 0; i < rows.size(); ++i) compare(rows_[i], rows[i]);
      return;
    }
    std::unordered_multimap<std::string, const cim::Instance*> before;
    for (const cim::Instance& row : rows_) before.emplace(identity(row), &row);
    std::unordered_set<const cim::Instance*> kept;
    for (const cim::Instance& row : rows) {
      const auto found = before.find(identity(row));
      if (found == before.end()) {
        events_.creation(time, object_of(row), sink);
        continue;
      }
      compare(*found->second, row);
      kept.insert(found->second);
      before.erase(found);
    }
    for (const cim::Instance& row : rows_) {
      if (kept.find(&row) == kept.end()) events_.deletion(time, object_of(row), sink);
    }
  }

  const wql::EventPlan& plan_;
  OperationEvents events_;
  std::vector<wql::EventTarget> targets_;
  std::shared_ptr<const Definitions> seen_;
  std::vector<cim::ClassPtr> classes_;
  bool all_static_ = false;
  std::vector<cim::Instance> rows_;
  mutable std::optional<bool> quiet_;  // no change of what is not looked at is wanted
};

}  // namespace

std::unique_ptr<EventSource> make_instance_source(const wql::EventPlan& plan,
                                                  std::vector<wql::EventTarget> targets) {
  return std::make_unique<InstanceSource>(plan, std::move(targets));
}

}  // namespace slwmi::world
