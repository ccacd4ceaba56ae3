// A world with KMS hosts and clients whose event logs the tests write, for reports and health.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "provider/event_chunk.hpp"
#include "provider/machine_state.hpp"
#include "tests/world/fixture.hpp"
#include "world/event_logs.hpp"
#include "world/shared.hpp"

namespace slwmi::report::test {

using world::test::must;

inline FileTime at(std::string_view iso) { return must(parse_iso8601(iso)); }
inline const FileTime kStart = at("2008-03-01T00:00:00Z");

constexpr std::uint16_t kVistaEnterprise = 407;  // key groups of KMS clients
constexpr std::uint16_t kVistaBusiness = 401;

struct Lab {
  std::unique_ptr<world::World> world = must(world::World::in_memory(7));
  std::uint32_t host = 0;

  Lab() { host = add({.name = "KMS1", .os = "2008", .role = "kms-host"}); }

  // Clients do nothing by themselves while time passes: the tests write what they log.
  std::uint32_t add(const world::MachineSpec& spec) {
    const std::uint32_t id = must(world->add_machine(spec)).id();
    if (spec.role == "kms-client")
      set(spec.name, licensing::paths::kActivation, "Manual", reg::make_dword(1));
    return id;
  }
  std::vector<std::uint32_t> clients(int count, const std::string& prefix = "PC") {
    std::vector<std::uint32_t> out;
    for (int i = 1; i <= count; ++i) out.push_back(add({.name = prefix + std::to_string(i)}));
    return out;
  }
  void clock(FileTime time) { must(world->set_clock(time)); }

  // A request that the host answered with success and a count that sufficed.
  licensing::KmsExchange granted(
      std::uint32_t client, FileTime time,
      licensing::LicenseStatus before = licensing::LicenseStatus::kOobGrace) const {
    licensing::KmsExchange out;
    out.time = time;
    out.client = client;
    out.client_id = 1000 + client;
    out.host = host;
    out.port = 1688;
    out.product = kVistaEnterprise;
    out.required = 25;
    out.count = 25;
    out.status = static_cast<std::uint8_t>(before);
    out.minutes = 1000;
    out.set(licensing::ExchangePart::kRequested);
    out.set(licensing::ExchangePart::kServed);
    out.set(licensing::ExchangePart::kProcessed);
    out.set(licensing::ExchangePart::kBound);
    return out;
  }
  // ... with a count that is too low.
  licensing::KmsExchange too_few(std::uint32_t client, FileTime time, std::uint16_t count,
                                 std::uint32_t minutes) const {
    licensing::KmsExchange out = granted(client, time);
    out.parts &= static_cast<std::uint8_t>(~static_cast<unsigned>(licensing::ExchangePart::kBound));
    out.set(licensing::BindingFlag::kNotEnoughCount);
    out.count = count;
    out.minutes = minutes;
    return out;
  }
  licensing::KmsExchange refused(std::uint32_t client, FileTime time, HResult code) const {
    licensing::KmsExchange out = too_few(client, time, 0, 1000);
    out.parts = static_cast<std::uint8_t>(licensing::ExchangePart::kRequested) |
                static_cast<std::uint8_t>(licensing::ExchangePart::kServed);
    out.flags = 0;
    out.served = out.requested = code;
    return out;
  }

  template <class Item>
  void log(const std::vector<Item>& items) {
    licensing::ChunkWriter writer;
    for (const Item& item : items) writer.add(item);
    must(world::append_events(world->shared().store(), writer));
  }
  void log(const licensing::KmsExchange& one) { log(std::vector{one}); }
  void log(licensing::LogEntry one, std::uint32_t machine) {
    one.machine = machine;
    log(std::vector{std::move(one)});
  }

  void set(std::string_view machine, std::string_view path, std::string_view name,
           const reg::ValueData& data) {
    reg::Registry registry =
        must(must(world->machine(machine)).registry(must(find_principal("system"))));
    must(registry.set(path, name, data));
  }
  void set_architecture(std::string_view machine, std::string_view name) {
    set(machine, "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment",
        "PROCESSOR_ARCHITECTURE", reg::make_sz(name));
  }
  void make_sixty_four_bit(std::string_view machine) { set_architecture(machine, "AMD64"); }
};

}  // namespace slwmi::report::test
