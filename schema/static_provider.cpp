#include "schema/static_provider.hpp"

#include <algorithm>

#include "schema/object_path.hpp"
#include "schema/table_column.hpp"

namespace slwmi::cim {
namespace {

// The slot of the table's class that `slot` of `cls`, as some OS version has it, stands for; -1
// when there is none of that type.
int slot_in(const InstanceTable& table, const Class& cls, int slot) {
  if (&cls == table.cls().get()) return slot;
  const Property& property = cls.properties()[static_cast<std::size_t>(slot)];
  const Property* same = table.cls()->find_property(property.name);
  const bool fits =
      same != nullptr && same->type == property.type && same->is_array == property.is_array;
  return fits ? same->slot : -1;
}

// Types whose equal values are the same key; two datetimes may differ as texts.
bool is_exact(Type type) {
  return type == Type::kString || type == Type::kBoolean || is_integer(type);
}

// The keys that the pushed comparisons pin, in the order of the class; empty when not all are.
std::vector<Value> pinned_keys(const InstanceTable& table, const Scan& scan) {
  std::vector<Value> keys;
  for (const int key : table.cls()->key_slots()) {
    const Property& property = table.cls()->properties()[static_cast<std::size_t>(key)];
    const int slot = scan.cls.find_slot(property.name);
    const Value* value = slot < 0 ? nullptr : scan.equal_to(slot);
    if (value == nullptr || value->type() != property.type || !is_exact(property.type)) return {};
    keys.push_back(*value);
  }
  return keys;
}

}  // namespace

Result<> StaticProvider::enumerate(const Call&, const Scan& scan, const Sink& sink) {
  const InstanceTablePtr table = repository_->instances(ns_, scan.cls.name());
  if (table == nullptr || table->rows().empty()) return {};
  std::vector<Column> columns(scan.wanted.size());
  Batch batch;
  batch.cls = &scan.cls;
  batch.columns = columns;
  if (const std::vector<Value> keys = pinned_keys(*table, scan); !keys.empty()) {
    const Instance* row = table->find(keys);
    for (std::size_t i = 0; row != nullptr && i < columns.size(); ++i) {
      const int slot = slot_in(*table, scan.cls, scan.wanted[i]);
      if (slot >= 0) columns[i] = Column::values(&row->at(slot));
    }
    batch.rows = 1;
    if (row != nullptr) sink(batch);
    return {};
  }
  std::vector<const TableColumn*> sources;
  sources.reserve(columns.size());
  for (const int wanted : scan.wanted) {
    const int slot = slot_in(*table, scan.cls, wanted);
    sources.push_back(slot < 0 ? nullptr : &table->column(slot));
  }
  const std::size_t total = table->rows().size();
  for (std::size_t first = 0; first < total; first += kBatchRows) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (sources[i] != nullptr) columns[i] = sources[i]->from(first);
    }
    batch.rows = std::min(kBatchRows, total - first);
    if (!sink(batch)) break;
  }
  return {};
}

Result<Instance> StaticProvider::get(const Call&, const ClassPtr& cls, const ObjectPath& path,
                                     std::span<const int>) {
  SL_TRY(const std::vector<Value> keys, path.resolve(*cls));
  const InstanceTablePtr table = repository_->instances(ns_, cls->name());
  const Instance* row = table == nullptr ? nullptr : table->find(keys);
  if (row == nullptr) {
    return fail(HResult::kWbemENotFound, "there is no " + path.text(PathText::kRelativeOnly));
  }
  if (table->cls() == cls) return *row;
  Instance out(cls);
  for (const Property& property : cls->properties()) {
    if (const int slot = slot_in(*table, *cls, property.slot); slot >= 0)
      out.set(property.slot, row->at(slot));
  }
  return out;
}

}  // namespace slwmi::cim
