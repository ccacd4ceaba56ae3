// The network of a world as plain data: DNS zones with the service records of KMS hosts, sites and
// what may pass between them, and the troubles that somebody wished for. One blob of the world
// (codec.hpp); dns.hpp has the rules of the records, compiled.hpp answers the questions of
// machines. A model without anything in it is the network of a new world: every machine reaches
// every other, each domain of machines is a DNS zone in which every KMS host may write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/datetime.hpp"
#include "base/result.hpp"

namespace slwmi::world {

using MachineId = std::uint32_t;

}  // namespace slwmi::world

namespace slwmi::world::net {

inline constexpr std::string_view kService = "_vlmcs._tcp";
inline constexpr std::uint16_t kKmsPort = 1688;
inline constexpr std::uint32_t kDefaultTtl = 3600;  // seconds
// The site of machines that were put into none, as a new directory calls it.
inline constexpr std::string_view kDefaultSite = "Default-First-Site-Name";

// --- DNS

// Who may write service records by dynamic update.
enum class Updates : std::uint8_t {
  kEveryHost = 0,    // Microsoft's DNS after its SRV permissions were widened to all KMS hosts
  kFirstHost = 1,    // Microsoft's DNS as installed: only the machine that made the name
  kRefused = 2,      // the server restricts write access
  kUnsupported = 3,  // the server knows no dynamic updates
};

struct SrvRecord {
  std::string host = {};  // the DNS name of the target
  std::uint16_t port = kKmsPort;
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint32_t ttl = kDefaultTtl;
  MachineId owner = 0;    // the machine that registered it; 0: entered by hand
  FileTime written = {};  // when last
  bool operator==(const SrvRecord&) const = default;
};

// `_vlmcs._tcp.<domain>`. It is there as long as it has records.
struct ServiceName {
  std::string domain;
  MachineId owner = 0;         // the machine that made it by dynamic update; 0: made by hand
  bool other_records = false;  // of other types, so that the name exists without a service record
  std::vector<SrvRecord> records;
  bool operator==(const ServiceName&) const = default;
};

struct Zone {
  std::string name;  // "contoso.com"; holds the domains below it too, unless these have a zone
  Updates updates = Updates::kEveryHost;
  std::vector<std::string> writers =
      {};  // patterns of machines that may write although the rule above
           // denies it; of no use where updates are unsupported
  std::vector<ServiceName> names = {};  // by domain
  bool operator==(const Zone&) const = default;
};

// --- who

// Machines by what they are. Each part is a pattern with '*' and '?', or several with '|' between
// them; an empty part asks for nothing.
struct Match {
  std::string name = {}, site = {}, domain = {}, role = {};
  bool everyone() const { return name.empty() && site.empty() && domain.empty() && role.empty(); }
  bool operator==(const Match&) const = default;
};
// A machine as rules see it. `site` is never empty for machines without one: kDefaultSite.
struct Traits {
  std::string_view name, site, domain, role;
};
bool fits(const Match& match, const Traits& machine);
// The two halves of it: the name, and all else.
bool fits_name(const Match& match, std::string_view name);
bool fits_place(const Match& match, const Traits& machine);
// "PC* site=Ulm role=kms-client|mak": a name pattern and the other parts, in any order; "all" or
// nothing for everyone. E_INVALIDARG with the offset of a word that is neither, or comes twice.
Result<Match> parse_match(std::string_view text);
std::string to_text(const Match& match);  // "all" for everyone

// --- sites and what may pass

struct Site {
  std::string name;
  bool internet = true;  // whether its machines have a way to the activation service
  bool operator==(const Site&) const = default;
};

struct Window {
  FileTime from = {};   // the first moment; zero: since ever
  FileTime until = {};  // the first moment after; zero: for ever
  constexpr bool holds(FileTime now) const {
    return now >= from && (until.ticks == 0 || now < until);
  }
  bool operator==(const Window&) const = default;
};

// Whether machines of two sites reach each other, either way. The last link that fits decides;
// where none does they do.
struct Link {
  std::string a, b;  // patterns of site names
  bool open = true;
  Window window = {};
  bool operator==(const Link&) const = default;
};

// A firewall's rule on the way from the asking machine to the asked. The last that fits decides;
// where none does the port is open.
struct PortRule {
  Match from = {}, to = {};
  std::uint16_t port = kKmsPort;  // 0: every port
  bool open = false;
  Window window = {};
  bool operator==(const PortRule&) const = default;
};

// --- faults

enum class FaultKind : std::uint8_t {
  kDnsServerFailure = 1,
  kDnsNameMissing = 2,
  kDnsNoRecords = 3,
  kNoDnsServers = 4,
  kNoDnsSuffix = 5,
  kDnsUpdateRefused = 6,
  kHostUnreachable = 7,
  kResponseLost = 8,
  kServiceUnreachable = 9,
  kServiceTimeout = 10,
  kClockSkew = 11,
  kHostBusy = 12,
};

// What a kind of fault is called, does and answers.
struct FaultInfo {
  FaultKind kind;
  std::string_view name;  // "dns-server-failure"
  HResult code;           // kSOk for clock skew
  bool lookups, updates;  // of service records
  bool asks_host;         // concerns a machine that asks another one, so that `at` counts
  std::string_view help;
};
std::span<const FaultInfo> fault_kinds();
const FaultInfo& info_of(FaultKind kind);
Result<FaultKind> parse_fault_kind(std::string_view name);  // E_INVALIDARG lists them

// How a fault that happens once in N is dealt out.
enum class Share : std::uint8_t {
  kAttempts = 0,  // of the attempts, each for itself
  kMachines = 1,  // of the machines, always the same ones
};

struct Fault {
  std::string name = {};  // unique in the model, without regard to case
  FaultKind kind = FaultKind::kHostUnreachable;
  Match who = {};  // the machine that does something
  Match at = {};   // the machine that it asks; of kinds that ask one
  Window window = {};
  std::uint32_t one_in = 1;  // happens once in so many
  Share share = Share::kAttempts;
  std::uint64_t seed = 0;  // which ones; 0: follows from the name
  std::int32_t skew = 0;   // minutes that the clock is ahead; of clock skew only
  bool operator==(const Fault&) const = default;
};

// --- the whole

struct Model {
  std::vector<Zone> zones;  // by name
  std::vector<Site> sites;  // by name; machines may be in sites that are not listed
  std::vector<Link> links;
  std::vector<PortRule> ports;
  std::vector<Fault> faults;
  bool operator==(const Model&) const = default;
};

struct Limits {
  std::size_t bytes = std::size_t{64} << 20;  // of an encoded model
  std::size_t zones = 4096;
  std::size_t names = 65536;    // of all zones
  std::size_t records = 65536;  // of all zones
  std::size_t writers = 1024;   // of a zone
  std::size_t sites = 4096;
  std::size_t rules = 4096;  // of each kind
};
inline constexpr std::int32_t kMaxSkew = 60 * 24 * 366 * 10;  // minutes, either way

// What every model keeps: names in the form that DNS, directories and rules want, lists in their
// order and within `limits`, records in the zone that is theirs. E_INVALIDARG or
// ERROR_INVALID_NAME says what is wrong with which entry.
Result<> check(const Model& model, const Limits& limits = {});

// A DNS name of 1 to 255 characters in labels of 1 to 63 letters, digits, '-' and '_', without a
// dot at the end. ERROR_INVALID_NAME; `what` says what the name is for.
Result<> check_dns_name(std::string_view name, std::string_view what);

// A site's name: 1 to 63 characters, no blanks and none of | * ? = , \ /. ERROR_INVALID_NAME.
Result<> check_site_name(std::string_view name);

std::string_view to_text(Updates updates);             // "every-host"
Result<Updates> parse_updates(std::string_view text);  // E_INVALIDARG lists them
std::string_view to_text(Share share);                 // "attempts"
Result<Share> parse_share(std::string_view text);

// --- editing: each keeps what check() wants, or changes nothing

// The entry of that name, without regard to case; nullptr when there is none.
const Zone* find_zone(const Model& model, std::string_view name);
Zone* find_zone(Model& model, std::string_view name);
const Site* find_site(const Model& model, std::string_view name);
// Adds what is not there yet and returns it. ERROR_INVALID_NAME.
Result<Zone*> ensure_zone(Model& model, std::string_view name);
Result<Site*> ensure_site(Model& model, std::string_view name);
// ERROR_NOT_FOUND. Machines stay in a site that is removed.
Result<> remove_zone(Model& model, std::string_view name);
Result<> remove_site(Model& model, std::string_view name);
// A fault without a name is called after its kind, with a number where that is taken. Returns the
// name. ERROR_ALREADY_EXISTS.
Result<std::string> add_fault(Model& model, Fault fault);
Result<> remove_fault(Model& model, std::string_view name);  // ERROR_NOT_FOUND

}  // namespace slwmi::world::net
