#include "world/fleet_row.hpp"

#include <algorithm>
#include <array>
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
constexpr std::size_t kColumns = kFleetRowSize / 4;
// How a page keeps a column; from the last on, the number of one before that has the same.
constexpr std::uint8_t kConstant = 0, kVaried = 1, kAsColumn = 2;

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

// Column by column, a column being the same four bytes of each row: most have one value throughout,
// and some have what another has.
Bytes encode(std::span<const FleetRow> rows) {
  using Column = std::array<std::uint32_t, kFleetPageRows>;
  const ByteSpan bytes = std::as_bytes(rows);
  std::array<Column, kColumns> columns;
  std::array<std::uint8_t, kColumns> kinds{};
  ByteWriter data;
  for (std::size_t i = 0; i < kColumns && !rows.empty(); ++i) {
    Column& column = columns[i];
    std::uint32_t differs = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      std::memcpy(&column[row], bytes.data() + row * kFleetRowSize + i * 4, 4);
      differs |= column[row] ^ column[0];
    }
    const std::size_t size = differs == 0 ? 4 : rows.size() * 4;
    const auto same = std::find_if(columns.begin(), columns.begin() + i, [&](const Column& other) {
      return differs != 0 && std::memcmp(other.data(), column.data(), size) == 0;
    });
    const auto before = static_cast<std::size_t>(same - columns.begin());
    kinds[i] = differs == 0  ? kConstant
               : before != i ? static_cast<std::uint8_t>(kAsColumn + before)
                             : kVaried;
    if (before == i) data.bytes(std::as_bytes(std::span(column)).first(size));
  }
  ByteWriter out;
  out.bytes(std::as_bytes(std::span(kinds)));
  out.bytes(data.data());
  return out.take();
}

Result<std::vector<FleetRow>> decode_fleet_rows(ByteSpan bytes) {
  ByteReader in(bytes);
  const ByteSpan kinds = in.span(kColumns);
  std::array<ByteSpan, kColumns> columns;
  std::vector<FleetRow> out(kFleetPageRows);
  auto* const rows = reinterpret_cast<std::byte*>(out.data());
  for (std::size_t i = 0; i < kColumns && in.ok(); ++i) {
    const auto kind = static_cast<std::uint8_t>(kinds[i]);
    if (kind >= kAsColumn + i) {
      in.fail();
      break;
    }
    columns[i] = kind >= kAsColumn ? columns[kind - kAsColumn]
                                   : in.span(kind == kConstant ? 4 : kFleetPageRows * 4);
    if (!in.ok()) break;
    const std::size_t step = columns[i].size() == 4 ? 0 : 4;
    for (std::size_t row = 0; row < kFleetPageRows; ++row)
      std::memcpy(rows + row * kFleetRowSize + i * 4, columns[i].data() + row * step, 4);
  }
  if (!in.at_end() || !in.ok())
    return fail(HResult::kErrorInvalidData, "a fleet page is cut short, too long or out of range",
                SourcePos{in.position(), 0, 0});
  return out;
}

}  // namespace slwmi::world
