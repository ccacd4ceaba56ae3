// The order in which Group Policy applies the objects that are linked to a computer's site, domain
// and organisational units. Pure; MS-GPOL 2.2.2 and 3.2.5.1.5.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.hpp"
#include "base/result.hpp"

namespace slwmi::policy {

struct PolicyLink {
  std::string object;  // the distinguished name, without "LDAP://"
  bool disabled = false;
  bool enforced = false;  // means nothing when disabled
  bool operator==(const PolicyLink&) const = default;
};

// The attribute gPLink: "[LDAP://cn={..},..;0][..;2]", in the order of the text. Option bit 0
// disables, bit 1 enforces. ERROR_INVALID_DATA with the place when it has another form; empty text
// is no link.
Result<std::vector<PolicyLink>> parse_links(std::string_view text);

struct Container {
  std::string name;
  std::vector<PolicyLink> links;
  bool blocks_inheritance = false;  // gPOptions bit 0: for links of containers above, not its own
};

// The objects in the order of application, the last wins: `local` (if not empty), then the
// containers from the site over the domain down to the computer's own unit; within one its links
// from left to right, so that the rightmost wins. Enforced links come after all others, those of
// higher containers last. Objects that `applies` refuses (a disabled computer half, an empty
// object, a filter) are left out.
std::vector<std::string> application_order(std::string_view local,
                                           std::span<const Container> containers,
                                           FunctionRef<bool(std::string_view object)> applies);

}  // namespace slwmi::policy
