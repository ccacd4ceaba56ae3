#include "world/fleet_row.hpp"

#include <bit>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "base/guid.hpp"
#include "provider/machine_state.hpp"
#include "registry/path.hpp"

namespace slwmi::world {
namespace {

namespace paths = licensing::paths;

// The bytes of a row are those of the file: little-endian, without padding.
static_assert(std::endian::native == std::endian::little);
static_assert(sizeof(FleetRow) == kFleetRowSize);
static_assert(std::has_unique_object_representations_v<FleetRow>);

reg::SpellingId name(std::string_view text) { return reg::intern_name(text).spelling; }

// As Registry::set makes what is missing of a path.
reg::KeyId make_key(reg::OpBuilder& ops, std::string_view path) {
  const auto parsed = reg::parse_path(path).value();
  return ops.create_key(reg::resolve(parsed.root, {}), parsed.components);
}

}  // namespace

Result<std::vector<reg::Op>> expand(const FleetRow& row, const FleetTexts& texts) {
  const auto sku = parse_guid(texts.product);
  if (!sku) return fail(HResult::kErrorInvalidData, texts.product + " is no product ID");
  reg::OpBuilder ops;
  const reg::KeyId store = make_key(ops, paths::kStore);
  const licensing::Record record = licensing::encode(row.license, *sku);
  ops.set_value(store, name(texts.product), reg::make_binary(record));
  struct Trace {
    std::string_view name;
    bool there;
    std::string text;
  };
  const Trace traces[] = {
      {"DiscoveredKeyManagementServiceName", row.host != 0, texts.host},
      {"DiscoveredKeyManagementServicePort", row.host != 0, std::to_string(row.port)},
      {"CustomerPID", row.pid != 0, texts.pid}};
  const reg::KeyId service = make_key(ops, paths::kServiceSl);
  for (const Trace& trace : traces) {
    if (trace.there) {
      ops.set_value(service, name(trace.name), reg::make_sz(trace.text));
    } else {
      ops.delete_value(service, name(trace.name));
    }
  }
  return ops.take();
}

Bytes encode(std::span<const FleetRow> rows) {
  Bytes out(rows.size() * kFleetRowSize);
  if (!rows.empty()) std::memcpy(out.data(), rows.data(), out.size());
  return out;
}

Result<std::vector<FleetRow>> decode_fleet_rows(ByteSpan bytes) {
  if (bytes.size() != kFleetPageRows * kFleetRowSize)
    return fail(HResult::kErrorInvalidData, "a fleet page of another size");
  std::vector<FleetRow> out(kFleetPageRows);
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

}  // namespace slwmi::world
