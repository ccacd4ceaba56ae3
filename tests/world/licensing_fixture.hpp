// Method calls on a machine of a world, and what its licensing classes and event logs say then.
#pragma once

#include <string>
#include <string_view>

#include "provider/event_record.hpp"
#include "provider/license.hpp"
#include "tests/provider/printing.hpp"
#include "tests/world/fixture.hpp"
#include "world/event_logs.hpp"

namespace slwmi::world::test {

inline HResult code_of(const Result<>& result) {
  return result ? HResult::kSOk : result.error().code;
}

// The product that the machine's key is of; without a key the first base product.
inline Row product_of(World& world, std::string_view machine) {
  Session session = connect(world, machine);
  auto rows = must(
      session.query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"));
  if (rows.empty())
    rows =
        must(session.query("SELECT * FROM SoftwareLicensingProduct WHERE LicenseIsAddon = FALSE"));
  BOOST_REQUIRE(!rows.empty());
  return rows.front();
}

// The code of a call on the product or, by name, on the service; S_OK when it returns 0.
inline HResult call(World& world, std::string_view machine, std::string_view method,
                    const Parameters& in = {}) {
  Session session = connect(world, machine);
  const bool of_product = method == "Activate" || method == "DepositOfflineConfirmationId" ||
                          method == "UninstallProductKey";
  std::string path;
  if (of_product) {
    path = "SoftwareLicensingProduct.ID=\"" +
           std::string(product_of(world, machine).get("ID").as_text()) + "\"";
  } else {
    const auto rows = must(session.query("SELECT Version FROM SoftwareLicensingService"));
    path = "SoftwareLicensingService.Version=\"" +
           std::string(rows.front().get("Version").as_text()) + "\"";
  }
  const auto done = session.call(path, method, in);
  if (!done) return done.error().code;
  BOOST_TEST(done->return_value.as_uint32() == 0u);
  return HResult::kSOk;
}

inline HResult install_key(World& world, std::string_view machine, std::string_view key) {
  return call(world, machine, "InstallProductKey", {{"ProductKey", cim::Value::text(key)}});
}

// Status, reason and minutes as the classes show them. 6.0.6000 has no reason: S_OK then.
inline licensing::Status status_of(World& world, std::string_view machine) {
  const Row row = product_of(world, machine);
  licensing::Status out;
  out.status = static_cast<licensing::LicenseStatus>(row.get("LicenseStatus").as_uint32());
  out.remaining = row.get("GracePeriodRemaining").as_uint32();
  const bool has_reason = row.cls()->find_slot("LicenseStatusReason") >= 0;
  out.reason = has_reason ? HResult{row.get("LicenseStatusReason").as_uint32()} : HResult::kSOk;
  return out;
}

// "8209 0xC004C003; 1025 4 43200; " without GUIDs, of the entries after the first `skip`.
inline std::string events_of(World& world, std::string_view machine, std::size_t skip = 0) {
  std::string out;
  for (const licensing::EventRecord& record : must(must(world.machine(machine)).events({}))) {
    if (skip != 0) {
      --skip;
      continue;
    }
    out += std::to_string(record.id());
    for (const std::string& text : record.parameters) {
      if (parse_guid(text)) continue;
      const auto comma = text.find(", ");
      out += " " + (comma == 36 ? text.substr(38) : text);
    }
    out += "; ";
  }
  return out;
}
inline std::size_t event_count(World& world, std::string_view machine) {
  return must(must(world.machine(machine)).events({})).size();
}

}  // namespace slwmi::world::test
