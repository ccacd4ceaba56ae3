// One row of a result.
#include "base/text.hpp"
#include "query/embedded.hpp"
#include "query/plan.hpp"

namespace slwmi::wql {
namespace {

cim::Type type_of(const ClassScan& scan, std::size_t column) {
  return scan.cls->properties()[static_cast<std::size_t>(scan.wanted[column])].type;
}

}  // namespace

std::vector<std::string> column_names(const Plan& plan) {
  std::vector<std::string> names;
  for (const OutputColumn& column : plan.columns) names.push_back(column.name());
  if (plan.select_all && plan.kind == QueryKind::kData)
    for (const cim::Property& property : plan.cls->properties()) names.push_back(property.name);
  return names;
}

std::size_t Row::size() const {
  return plan_->select_all ? cls()->properties().size() : plan_->columns.size();
}

const std::string& Row::name(std::size_t column) const {
  return plan_->select_all ? cls()->properties()[column].name : plan_->columns[column].name();
}

cim::Value Row::other_value(std::size_t column) const {
  if (scan_ == nullptr) {
    if (class_ != nullptr) return (*class_)->properties()[column].default_value;
    return instance_->at(static_cast<int>(column));
  }
  if (plan_->select_all)
    return cim::value_at(batch_->columns[column], row_, type_of(*scan_, column));
  const OutputColumn& output = plan_->columns[column];
  if (output.kind == OutputColumn::Kind::kSystem) return system(output.text);
  cim::Value value = cim::value_at(batch_->columns[static_cast<std::size_t>(output.column)], row_,
                                   output.property->type);
  return output.path.empty() ? value : follow(std::move(value), output.path);
}

cim::Instance Row::instance() const {
  if (instance_ != nullptr) return *instance_;
  if (class_ != nullptr) return cim::Instance(*class_);
  std::vector<cim::Value> values;
  const std::vector<cim::Property>& properties = scan_->cls->properties();
  values.reserve(properties.size());
  if (plan_->select_all) {  // `wanted` is all slots in order
    for (std::size_t i = 0; i < properties.size(); ++i) {
      values.push_back(cim::value_at(batch_->columns[i], row_, properties[i].type));
    }
    return cim::Instance(scan_->cls, std::move(values));
  }
  for (const cim::Property& property : properties) {
    values.push_back(cim::Value::null(property.type, property.is_array));
  }
  for (std::size_t i = 0; i < scan_->selected; ++i) {
    const auto slot = static_cast<std::size_t>(scan_->wanted[i]);
    values[slot] = cim::value_at(batch_->columns[i], row_, properties[slot].type);
  }
  return cim::Instance(scan_->cls, std::move(values));
}

cim::Value Row::system(std::string_view name) const {
  if (class_ != nullptr) return cim::system_property(**class_, name, server(), plan_->ns);
  if (instance_ != nullptr) return cim::system_property(*instance_, name, server(), plan_->ns);
  const bool per_row = equal_ignore_case(name, "__relpath") || equal_ignore_case(name, "__path");
  if (per_row) return cim::system_property(instance(), name, server(), plan_->ns);
  if (equal_ignore_case(name, "__genus")) return cim::Value::integer(cim::Type::kSint32, 2);
  return cim::system_property(*scan_->cls, name, server(), plan_->ns);
}

}  // namespace slwmi::wql
