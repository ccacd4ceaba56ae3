// The health of the KMS hosts of a world: what the rules (health_rules.hpp) say of each, now and
// over time. The logs stream through, once to find the hosts and once for the rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "report/health_rules.hpp"
#include "report/hosts.hpp"
#include "report/report.hpp"

namespace slwmi::report {

struct HostHealth {
  KmsHost host;
  Severity worst = Severity::kSuccess;
  std::vector<Change> rules;    // the present verdict of each rule that looks at the host
  std::vector<Change> history;  // all verdicts, in order of time
  std::uint32_t count = 0;      // by its log
  std::uint32_t needed = 0;     // by its clients of the past 30 days; 0: there are none
  std::optional<FileTime> last_request;
};
struct Health {
  FileTime now;
  std::vector<HostHealth> hosts;  // those that are, or were made out to be, KMS hosts; by id
  Severity worst() const;
};

// Hosts by name or full name; none: all. ERROR_NOT_FOUND for a name that is none.
Result<Health> health_of(world::World& world, const std::vector<std::string>& hosts = {});

// As a report: a row a rule, figures, and what was when for each host.
Report to_report(const Health& health);
// A row a change since a time.
Table history_table(const Health& health, FileTime since = {});

Tone tone_of(Severity severity);

}  // namespace slwmi::report
