#include "provider/machine_state.hpp"

#include <charconv>

#include "base/text.hpp"
#include "provider/installed_license.hpp"

namespace slwmi::licensing {
namespace {

// A record that does not decode means that somebody altered the trusted store.
void read_record(const reg::ValueView& value, Carried& carried) {
  const auto license = decode(value.data, carried.product->sku);
  carried.stored = true;
  carried.damaged = !license || value.type != reg::ValueType::kBinary;
  carried.license = carried.damaged ? License{} : *license;
  if (carried.damaged) carried.license.set(LicenseFlag::kTampered);
}

}  // namespace

MachineState MachineState::read(const Host& host, const reg::HiveView& view) {
  MachineState state;
  state.products_.reserve(host.resolved.carried.size());
  for (const Product* product : host.resolved.carried) state.products_.push_back({product, {}});
  for (const reg::NamedValue& value : view.values(paths::kLicenses.key())) {
    auto product = installed_license(value.value);
    if (product == nullptr) continue;
    Carried carried{product.get(), {}};
    state.installed_.push_back(std::move(product));
    bool replaced = false;
    for (Carried& other : state.products_) {
      if (other.product->sku != carried.product->sku) continue;
      other.product = carried.product;
      replaced = true;
    }
    if (!replaced) state.products_.push_back(carried);
  }
  std::optional<std::size_t> stored_base;
  for (std::size_t i = 0; i < state.products_.size(); ++i) {
    Carried& carried = state.products_[i];
    if (carried.product->sku == host.resolved.product->sku) state.base_ = i;
    const auto record = view.find(paths::kStore.key(), carried.product->record.id);
    if (!record) continue;
    read_record(*record, carried);
    if (!carried.product->is_addon()) stored_base = i;
  }
  if (stored_base) {
    state.base_ = *stored_base;
  } else {
    state.products_[state.base_].license = initial_license(host.resolved, host.facts.installed);
  }
  return state;
}

const Carried* MachineState::find(std::string_view sku_text) const {
  for (const Carried& carried : products_)
    if (equal_ignore_case(carried.product->sku_text, sku_text)) return &carried;
  return nullptr;
}

bool MachineState::is_kms_host() const {
  return base().product->channel == Channel::kKmsHost && base().license.has(LicenseFlag::kHasKey);
}

bool MachineState::is_kms_client() const {
  return base().product->channel == Channel::kKmsClient && base().license.has(LicenseFlag::kHasKey);
}

std::optional<reg::ValueView> find_value(const reg::HiveView& view, const reg::KnownPath& path,
                                         std::string_view name) {
  const auto id = reg::find_name(name);
  return id ? view.find(path.key(), *id) : std::nullopt;
}

std::optional<std::uint32_t> read_number(const reg::HiveView& view, const reg::KnownPath& path,
                                         std::string_view name) {
  const auto value = find_value(view, path, name);
  if (!value || value->type != reg::ValueType::kDword) return std::nullopt;
  return reg::as_dword(*value);
}

std::optional<std::string> read_text(const reg::HiveView& view, const reg::KnownPath& path,
                                     std::string_view name) {
  const auto value = find_value(view, path, name);
  if (!value || value->type != reg::ValueType::kSz) return std::nullopt;
  return reg::as_string(*value);
}

std::uint32_t timer_interval(std::uint32_t from_record, const reg::HiveView& view,
                             std::string_view name, std::uint32_t fallback) {
  if (from_record != 0) return from_record;
  const std::uint32_t number = read_number(view, paths::kSl, name).value_or(fallback);
  return number < kMinInterval || number > kMaxInterval ? fallback : number;
}

std::optional<std::uint16_t> find_port(const reg::HiveView& view, const reg::KnownPath& path,
                                       std::string_view name) {
  const auto text = read_text(view, path, name);
  if (!text) return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), port);
  if (error != std::errc{} || end != text->data() + text->size() || port == 0) return std::nullopt;
  return port;
}

std::uint16_t read_port(const reg::HiveView& view, const reg::KnownPath& path,
                        std::string_view name) {
  return find_port(view, path, name).value_or(kDefaultKmsPort);
}

kms::HostState read_kms_host(const reg::HiveView& view) {
  const auto value = find_value(view, paths::kStore, kKmsHostValue);
  if (!value || value->type != reg::ValueType::kBinary) return {};
  return kms::decode_host_state(value->data).value_or(kms::HostState{});
}

}  // namespace slwmi::licensing
