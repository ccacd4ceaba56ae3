// Binds names that MOF declares to C++: a getter per property, a handler per method. What needs no
// code has none: a property whose MOF names a registry value, or gives it a constant default.
// missing() compares both lists, so that a test finds what one of them forgot.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "registry/hive_view.hpp"
#include "schema/batch.hpp"
#include "schema/class.hpp"
#include "schema/provider.hpp"
#include "schema/value.hpp"

namespace slwmi::licensing {

// The registry value that a property's MOF names, ready to be looked up.
struct RegistrySource {
  reg::KeyId key = reg::KeyId::kNone;
  reg::NameId name = reg::NameId::kDefault;
};
// Nothing for a property without RegistryValue. RegistryKey stands beside it or on the class.
std::optional<RegistrySource> registry_source(const cim::Class& cls, const cim::Property& property);
// The value as the property shows it: the raw number of a REG_DWORD, the text of a REG_SZ; the
// declared default when the value is absent or of another type.
cim::Value read_property(const reg::HiveView& view, const RegistrySource& source,
                         const cim::Property& property);

// `Row` is what a getter reads: one instance in the making. It has a member `view`, the
// reg::HiveView.
template <class Row>
class Bindings {
 public:
  using Getter = cim::Value (*)(const Row&);

  Bindings& property(std::string_view name, Getter getter) {
    getters_.push_back({name, getter});
    return *this;
  }
  Getter find(std::string_view name) const;
  std::vector<std::string_view> names() const;

 private:
  struct Named {
    std::string_view name;
    Getter getter;
  };
  std::vector<Named> getters_;
};

// How one class object fills its slots.
template <class Row>
class SlotPlan {
 public:
  SlotPlan(const cim::Class& cls, const Bindings<Row>& bindings);
  std::uint64_t serial() const { return serial_; }
  cim::Value value(const Row& row, int slot) const {
    const Slot& s = slots_[static_cast<std::size_t>(slot)];
    if (s.getter != nullptr) return s.getter(row);
    if (s.from_registry) return read_property(row.view, s.source, *s.property);
    return s.property->default_value;
  }

 private:
  struct Slot {
    typename Bindings<Row>::Getter getter = nullptr;
    bool from_registry = false;
    RegistrySource source;
    const cim::Property* property = nullptr;
  };
  std::vector<Slot> slots_;
  std::uint64_t serial_;
};

// What the two lists lack of each other.
struct Missing {
  std::vector<std::string>
      unbound;  // declared, but neither bound, read from the registry, nor constant
  std::vector<std::string> undeclared;  // bound, but in none of the classes
  bool empty() const { return unbound.empty() && undeclared.empty(); }
};
// The class as each OS version has it.
Missing missing_properties(std::span<const cim::ClassPtr> classes,
                           std::span<const std::string_view> bound);
Missing missing_methods(std::span<const cim::ClassPtr> classes,
                        std::span<const std::string_view> bound);

// Sends `rows` as one batch or, beyond cim::kBatchRows, several.
template <class Row>
void send_rows(const SlotPlan<Row>& plan, const cim::Scan& scan, std::span<const Row> rows,
               const cim::Sink& sink);

// --- implementation

template <class Row>
typename Bindings<Row>::Getter Bindings<Row>::find(std::string_view name) const {
  for (const Named& named : getters_)
    if (named.name == name) return named.getter;
  return nullptr;
}

template <class Row>
std::vector<std::string_view> Bindings<Row>::names() const {
  std::vector<std::string_view> out;
  for (const Named& named : getters_) out.push_back(named.name);
  return out;
}

template <class Row>
SlotPlan<Row>::SlotPlan(const cim::Class& cls, const Bindings<Row>& bindings)
    : serial_(cls.serial()) {
  for (const cim::Property& property : cls.properties()) {
    Slot slot;
    slot.property = &property;
    slot.getter = bindings.find(property.name);
    if (const auto source = registry_source(cls, property)) {
      slot.from_registry = true;
      slot.source = *source;
    }
    slots_.push_back(slot);
  }
}

template <class Row>
void send_rows(const SlotPlan<Row>& plan, const cim::Scan& scan, std::span<const Row> rows,
               const cim::Sink& sink) {
  std::vector<cim::Value> cells;
  std::vector<cim::Column> columns;
  for (std::size_t first = 0; first < rows.size(); first += cim::kBatchRows) {
    const auto part = rows.subspan(first, std::min(cim::kBatchRows, rows.size() - first));
    cells.clear();
    cells.reserve(scan.wanted.size() * part.size());
    columns.clear();
    for (const int slot : scan.wanted) {
      columns.push_back(cim::Column::values(cells.data() + cells.size()));
      for (const Row& row : part) cells.push_back(plan.value(row, slot));
    }
    cim::Batch batch;
    batch.cls = &scan.cls;
    batch.rows = part.size();
    batch.columns = columns;
    if (!sink(batch)) return;
  }
}

}  // namespace slwmi::licensing
