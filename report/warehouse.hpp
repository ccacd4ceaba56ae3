// What the reports are made of, gathered from the event logs of the world's KMS hosts as an agent
// on each host would send it to a data warehouse. Chunks of millions of entries stream through,
// once to find the hosts and once to count; what is kept is a record a client and some counters.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/datetime.hpp"
#include "base/result.hpp"
#include "provider/event_record.hpp"
#include "provider/license.hpp"
#include "report/hosts.hpp"

namespace slwmi::report {

// How a request ended, as host and client logged it.
enum class Outcome : std::uint8_t {
  kNew,         // it licensed a client that was not licensed
  kRenewal,     // it licensed a client that was
  kTooFew,      // answered, but the count does not suffice
  kUnanswered,  // handled without error, but the client got no answer that it could use
  kRefused,     // the host answered with an error
};
inline constexpr std::size_t kOutcomes = 5;
Outcome outcome_of(const licensing::KmsExchange& exchange);

// Requests by outcome.
struct Outcomes {
  std::array<std::uint64_t, kOutcomes> count{};
  std::uint64_t operator[](Outcome outcome) const {
    return count[static_cast<std::size_t>(outcome)];
  }
  std::uint64_t granted() const { return (*this)[Outcome::kNew] + (*this)[Outcome::kRenewal]; }
  void add(Outcome outcome) { ++count[static_cast<std::size_t>(outcome)]; }
  void add(const Outcomes& other) {
    for (std::size_t i = 0; i < kOutcomes; ++i) count[i] += other.count[i];
  }
};

// The historical ranges of Activation Count Summary, in days up to now; 0: ever.
inline constexpr std::array<std::uint32_t, 7> kRanges = {1, 7, 30, 90, 180, 365, 0};

// What the logs say of a KMS client.
struct Client {
  std::uint32_t machine = 0;
  std::uint32_t host = 0;     // that it asked last
  FileTime seen = {};         // its last request
  FileTime activated = {};    // the last that was granted; zero: none
  std::uint32_t minutes = 0;  // "time to expiration" of the last request
  std::uint16_t product = 0;  // key group
  licensing::LicenseStatus status = licensing::LicenseStatus::kUnlicensed;  // of the last request
  bool granted = false;                                                     // its last request was
  bool non_genuine = false;  // it failed a validation: a grant does not end that
  bool virtual_machine = false;
  bool notifies = false;  // its system notifies instead of losing functions
};

// What follows from the last contact: a licence of 180 days from a request that was granted, unless
// the client is not genuine; else what the client said of itself, and then what comes when time
// passes without another request.
struct ClientState {
  licensing::LicenseStatus status = licensing::LicenseStatus::kUnlicensed;
  FileTime until = {};  // the end of that state; zero: it does not end by itself
};
ClientState state_at(const Client& client, FileTime now);

class Warehouse {
 public:
  struct Options {
    std::vector<std::string> hosts;  // of these only, by name or full name; none: of all
  };
  // ERROR_NOT_FOUND for a host that is none. The world must outlive the warehouse.
  static Result<Warehouse> read(world::World& world, const Options& options);

  FileTime now() const { return now_; }
  const std::vector<KmsHost>& hosts() const { return hosts_; }  // all of the world
  bool is_filtered() const { return filtered_; }
  // Requests of hosts that no agent watches, and that are in nothing of the below.
  std::uint64_t missing() const { return missing_; }

  const std::vector<Client>& clients() const { return clients_; }  // in order of the first request

  // Requests by product.
  struct Product {
    std::array<Outcomes, kRanges.size()> ranges{};  // each within the one before, too
    std::vector<std::uint32_t> by_day;              // granted ones; from first_day() on
  };
  const std::map<std::uint16_t, Product>& products() const { return products_; }
  FileTime first_day() const { return first_day_; }  // midnight; zero: there was no request

  // Requests of the past 24 hours by product and host, and by hour, the oldest first.
  struct Activity {
    Outcomes requests;
    std::unordered_set<std::uint32_t> clients;
  };
  const std::map<std::pair<std::uint16_t, std::uint32_t>, Activity>& past_day() const {
    return past_day_;
  }
  const std::array<Outcomes, 24>& by_hour() const { return by_hour_; }

  std::string edition(std::uint16_t product) const;   // "Windows(TM) Vista, Enterprise edition"
  std::string computer(std::uint32_t machine) const;  // its full name now

 private:
  Warehouse() = default;
  Result<> choose(const Options& options);
  bool wanted(std::uint32_t host);
  void add(const licensing::KmsExchange& exchange);
  void add_to_product(const licensing::KmsExchange& exchange, Outcome outcome);
  Client& client_of(const licensing::KmsExchange& exchange);

  FileTime now_;
  std::vector<KmsHost> hosts_;
  bool filtered_ = false;
  std::unordered_map<std::uint32_t, bool> wanted_;  // of the hosts
  std::uint64_t missing_ = 0;
  std::vector<Client> clients_;
  std::unordered_map<std::uint32_t, std::uint32_t> client_of_;  // machine: place in clients_
  std::map<std::uint16_t, Product> products_;
  std::pair<std::uint16_t, Product*> last_{0, nullptr};
  FileTime first_day_;
  std::map<std::pair<std::uint16_t, std::uint32_t>, Activity> past_day_;
  std::array<Outcomes, 24> by_hour_{};
  std::map<std::uint16_t, std::string> editions_;
  std::shared_ptr<const licensing::EventNames> names_;
};

}  // namespace slwmi::report
