// Which machines a push is for, as a person writes it: names, patterns, roles, OS versions and a
// WQL query that must find a row on the machine (a WMI filter). The fleet is an interface that the
// world implements.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.hpp"
#include "policy/finding.hpp"

namespace slwmi::policy {

// Machines named by the terms, separated by spaces or commas:
//   all            every machine
//   PC0001, lab-*  names, '*' and '?' as in file names, without regard to case
//   !lab-7         not these
//   role=kms-host|kms-client   only of these roles
//   os=vista-sp1|2008          only of these OS versions
//   wmi=SELECT ...  only where the query finds a row (the rest of the text is the query;
//                   wmi:root\cimv2=SELECT ... names the namespace)
// A target with filters only means all machines that pass them.
struct TargetSet {
  std::vector<std::string> include;  // patterns; "*" for all
  std::vector<std::string> exclude;
  std::vector<std::string> roles, versions;
  struct Filter {
    std::string ns = "root\\cimv2";
    std::string query;
  };
  std::optional<Filter> filter;
};
// E_INVALIDARG with the place for an empty text, a filter without a value or twice.
Result<TargetSet> parse_targets(std::string_view text);

// '*' is any text, '?' one character; Windows' upcase unless `match_case`.
bool matches_pattern(std::string_view pattern, std::string_view name, bool match_case = false);

struct MachineFacts {
  std::string_view name, role, os;  // "vista-sp1"
};

class Fleet {
 public:
  virtual ~Fleet() = default;
  // Every machine by upcased name, until `sink` returns false.
  virtual Result<> machines(FunctionRef<bool(const MachineFacts&)> sink) = 0;
  // Whether the query has a row on the machine.
  virtual Result<bool> has_row(std::string_view machine, std::string_view ns,
                               std::string_view query) = 0;
};

struct Selection {
  std::vector<std::string> machines;  // by upcased name
  std::size_t filtered = 0;           // machines that the WMI filter took out
  Findings warnings;                  // no machine; a name that no machine has
};
// A filter that cannot be evaluated on a machine ends the whole selection with its error, as
// Windows ends the application of policy.
Result<Selection> select(const TargetSet& targets, Fleet& fleet);

}  // namespace slwmi::policy
