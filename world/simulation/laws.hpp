// What must hold of every simulated world, whatever its description. The laws look at the exchanges
// of KMS clients and hosts as they go by and count for themselves, the slow and plain way; at the
// end they ask what the hosts have counted.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "world/simulation/fleet_driver.hpp"

namespace slwmi::world::simulation {

class Laws final : public Observer {
 public:
  // The fleet as it is before the run; looked at by this call only.
  explicit Laws(const Fleet& fleet);

  void exchanged(const licensing::KmsExchange& exchange, std::string_view server) override;
  // The hosts' own counters, after the run.
  Result<> finish(Fleet& fleet);

  // What was broken, a sentence each with time and machines; at most a few.
  const std::vector<std::string>& broken() const { return broken_; }
  std::uint64_t exchanges() const { return exchanges_; }

 private:
  struct Client {
    FileTime grace_start;  // by its own clock, as everything here
    FileTime bound;        // the last activation; zero: none
    bool notifies = false;
  };
  struct Seen {
    std::uint64_t client_id;
    FileTime at;  // by the host's clock
  };
  struct Host {
    std::vector<Seen> seen;  // by time, then in the order of the requests
    std::uint32_t largest = 0;
    std::uint32_t valid = 0, failed = 0;
    std::array<std::uint32_t, 6> by_status{};
  };

  void check_order(const licensing::KmsExchange& exchange);
  void check_state(const licensing::KmsExchange& exchange);
  void check_count(const licensing::KmsExchange& exchange);
  void check_outcome(const licensing::KmsExchange& exchange);
  void fail(const licensing::KmsExchange& exchange, const std::string& what);

  std::map<std::uint32_t, Client> clients_;
  std::map<std::uint32_t, Host> hosts_;
  FileTime last_ = {};
  std::uint32_t last_client_ = 0;
  std::uint64_t exchanges_ = 0;
  std::vector<std::string> broken_;
};

}  // namespace slwmi::world::simulation
