// Fills a fleet from the store: packed rows as they lie, machines that differ by reading their
// registry, and the numbers of everything that many have in common. Not for other parts.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "provider/host.hpp"
#include "provider/settings.hpp"
#include "world/simulation/fleet.hpp"

namespace slwmi::world::simulation {

class FleetLoader {
 public:
  explicit FleetLoader(Fleet& fleet) : fleet_(fleet), store_(fleet.world_.store()) {}

  // Everything, at one state of the store.
  Result<> all();
  // The machines of these numbers, which have changed, as of that generation; everything else is as
  // it was.
  Result<> some(std::span<const MachineId> changed, reg::Generation generation);
  // The machine as one that is asked: its number among the hosts.
  Result<std::uint32_t> host(std::uint32_t machine);
  // The number of a name and port among the servers.
  Result<std::uint32_t> server(std::string_view name, std::uint16_t port);

 private:
  // What a machine's registry says of its KMS timers and hosts.
  struct Reading {
    licensing::ClientTimers timers;
    std::uint32_t fixed = 0;
    std::uint16_t port = 0;
    bool invalid_registration = false;
  };
  // How the rows name the texts that they share.
  struct Texts {
    std::unordered_map<std::uint32_t, std::string> by_number;
  };

  Result<> machines();
  Result<> rows(const Store::Fleet& stored);
  Result<> unpack(std::uint32_t machine, const FleetRow& row, const Texts& texts);
  Result<> untouched(std::uint32_t machine);
  Result<> one(std::uint32_t machine);
  Result<std::optional<Reading>> common_reading(std::uint32_t machine);
  Result<Reading> reading_of(const reg::HiveView& view, const licensing::Settings& settings);
  Result<> fill_host(std::uint32_t machine, Host& host);
  licensing::Host host_of(std::uint32_t machine) const;
  const net::Profile& network_of(std::uint32_t machine);
  std::uint32_t kind(std::uint32_t machine, const licensing::Product& product,
                     const Reading& reading);
  std::uint32_t pid(std::string_view text);

  Fleet& fleet_;
  Store& store_;
  // Of the machines that have written nothing of their own, by profile and policies: what their
  // registry says; nothing when a policy says what a row says, so that each is to be looked at.
  std::unordered_map<std::uint64_t, std::optional<Reading>> common_;
};

}  // namespace slwmi::world::simulation
