// What the troubleshooter knows of a machine, as plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/datetime.hpp"
#include "base/hresult.hpp"
#include "base/result.hpp"
#include "provider/catalogue.hpp"
#include "provider/kms/exchange.hpp"
#include "provider/license.hpp"
#include "provider/os_version.hpp"
#include "world/net/compiled.hpp"
#include "world/net/model.hpp"

namespace slwmi::world {
class World;
}  // namespace slwmi::world

namespace slwmi::report {

// A KMS host that the client would ask.
struct KmsTarget {
  enum class Origin : std::uint8_t { kFixed, kCached, kDns };
  Origin origin = Origin::kDns;
  std::string name;
  std::uint16_t port = 1688;
  std::uint32_t machine = 0;  // 0: nobody has that name
  bool enabled = false;       // a KMS key is installed there
  bool activated = false;
  std::uint16_t listening_port = 1688;
  std::uint32_t count = 0;
  world::net::Verdict way;  // whether the client reaches it at `port`
  std::string obstacle;     // what stands in the way, for people
};

// A service record that a KMS host wants in DNS.
struct WantedRecord {
  std::string domain;
  bool there = false;
  HResult may_write = HResult::kSOk;  // what the zone says to its update now
  std::string rule;                   // of the zone: "first-host"
  std::string first_host;             // whose name it is, when it is somebody else's
};

struct DoctorFacts {
  FileTime now;
  std::string name;  // full
  std::string role;  // that it was installed in
  licensing::OsVersion os;
  // --- its licence
  std::string edition;
  licensing::Channel channel = licensing::Channel::kKmsClient;
  bool has_key = false;
  bool reset_pending = false;  // until it restarts nothing activates it
  licensing::Status status;
  std::uint32_t required = 0;  // KMS clients: the count that they need
  // --- its last attempt as a KMS client, and who else uses its client machine ID
  std::optional<licensing::KmsExchange> last_attempt;
  std::vector<std::string> same_id;
  // --- its last attempt online that failed (8198) after it was installed
  std::optional<HResult> online_failure;
  // --- the way out
  world::net::Verdict service;  // to the activation service
  std::string service_obstacle;
  std::vector<KmsTarget> targets;     // of a client, in the order in which it asks
  HResult lookup = HResult::kSOk;     // DNS's answer to it
  bool invalid_registration = false;  // the registry names a host or port in a wrong type
  // --- as a KMS host
  std::vector<WantedRecord> records;
  std::uint32_t count = 0;
  std::uint32_t needed = 0;  // by its clients
  bool served = false;       // somebody asked it
  // Names of its clients of the past 30 days that share a client machine ID with another.
  std::vector<std::string> twins;
  // --- records in DNS that name the machine although it is no KMS host: their domains
  std::vector<std::string> leftover_records;
};

Result<DoctorFacts> doctor_facts(world::World& world, std::uint32_t machine);

}  // namespace slwmi::report
