#include "world/net/model.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "policy/targeting.hpp"
#include "world/net/dns.hpp"

namespace slwmi::world::net {
namespace {

constexpr std::size_t kMaxDnsName = 255;
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxPattern = 1024;
constexpr std::string_view kAll = "all";

constexpr FaultInfo kFaults[] = {
    {FaultKind::kDnsServerFailure, "dns-server-failure", HResult::kDnsErrorRcodeServerFailure, true,
     true, false, "the DNS server fails"},
    {FaultKind::kDnsNameMissing, "dns-name-missing", HResult::kDnsErrorRcodeNameError, true, false,
     false, "DNS does not know the name of the service"},
    {FaultKind::kDnsNoRecords, "dns-no-records", HResult::kDnsInfoNoRecords, true, false, false,
     "DNS knows the name, but no service record"},
    {FaultKind::kNoDnsServers, "no-dns-servers", HResult::kDnsErrorNoDnsServers, true, true, false,
     "no DNS server is configured"},
    {FaultKind::kNoDnsSuffix, "no-dns-suffix", HResult::kErrorInvalidName, true, true, false,
     "the machine has no primary DNS suffix"},
    {FaultKind::kDnsUpdateRefused, "dns-update-refused", HResult::kDnsErrorRcodeRefused, false,
     true, false, "DNS refuses the machine's updates"},
    {FaultKind::kHostUnreachable, "host-unreachable", HResult::kRpcSServerUnavailable, false, false,
     true, "the asked machine does not answer"},
    {FaultKind::kResponseLost, "response-lost", HResult::kSlEVlBindingServiceNotEnabled, false,
     false, true, "the host counts the request, but its response is lost"},
    {FaultKind::kServiceUnreachable, "service-unreachable", HResult::kErrorInternetNameNotResolved,
     false, false, false, "the activation service cannot be found"},
    {FaultKind::kServiceTimeout, "service-timeout", HResult::kErrorInternetTimeout, false, false,
     false, "the activation service does not answer in time"},
    {FaultKind::kClockSkew, "clock-skew", HResult::kSOk, false, false, false,
     "the machine's clock is ahead by some minutes, or behind"},
    {FaultKind::kHostBusy, "host-busy", HResult::kSlEVlBindingServiceNotEnabled, false, false, true,
     "the asked machine has much to do, so that a KMS with low priority does not answer"},
};

constexpr std::array<std::string_view, 4> kUpdates = {"every-host", "first-host", "refused",
                                                      "unsupported"};
constexpr std::array<std::string_view, 2> kShares = {"attempts", "machines"};

template <class E, std::size_t kCount>
Result<E> parse_word(const std::array<std::string_view, kCount>& words, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < kCount; ++i) {
    if (equal_ignore_case(words[i], text)) return static_cast<E>(i);
    all += (i == 0 ? "" : i + 1 == kCount ? " and " : ", ") + std::string(words[i]);
  }
  return fail(HResult::kEInvalidarg, "\"" + std::string(text) + "\" is none of " + all);
}

bool is_label_character(char c) { return is_ascii_alpha(c) || is_digit(c) || c == '-' || c == '_'; }

// One of the patterns between '|'.
bool any_fits(std::string_view patterns, std::string_view text) {
  for (;;) {
    const std::size_t bar = std::min(patterns.find('|'), patterns.size());
    if (policy::matches_pattern(patterns.substr(0, bar), text)) return true;
    if (bar == patterns.size()) return false;
    patterns.remove_prefix(bar + 1);
  }
}

// Characters that separate words, patterns and parts of a Match.
bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '=' || c == ',' || c == '\x7f';
  });
}

tl::unexpected<Error> bad(std::string message) {
  return fail(HResult::kEInvalidarg, std::move(message));
}

Result<> check_pattern(std::string_view pattern, std::string_view what) {
  if (pattern.size() <= kMaxPattern && is_plain(pattern) && !find_invalid_utf8(pattern)) return {};
  return bad("\"" + std::string(pattern.substr(0, 64)) + "\" is no pattern of " +
             std::string(what));
}

Result<> check_match(const Match& match) {
  SL_CHECK(check_pattern(match.name, "machine names"));
  SL_CHECK(check_pattern(match.site, "sites"));
  SL_CHECK(check_pattern(match.domain, "domains"));
  SL_CHECK(check_pattern(match.role, "roles"));
  if (match.name == "*" || equal_ignore_case(match.name, kAll))
    return bad("\"" + match.name + "\" is no pattern of machine names; leave it empty");
  return {};
}

Result<> check_window(const Window& window, std::string_view what) {
  if (window.from.ticks > kMaxFileTime.ticks || window.until.ticks > kMaxFileTime.ticks)
    return bad(std::string(what) + " lies after the year 9999");
  if (window.until.ticks != 0 && window.until <= window.from)
    return bad(std::string(what) + " ends before it begins");
  return {};
}

bool is_within(std::string_view domain, std::string_view zone) {
  if (domain.size() < zone.size() ||
      !equal_ignore_case(domain.substr(domain.size() - zone.size()), zone))
    return false;
  return domain.size() == zone.size() || domain[domain.size() - zone.size() - 1] == '.';
}

// Entries in strict order of what `name_of` gives.
template <class T, class NameOf>
bool is_ordered(const std::vector<T>& entries, NameOf name_of) {
  return std::adjacent_find(entries.begin(), entries.end(), [&](const T& a, const T& b) {
           return compare_ignore_case(name_of(a), name_of(b)) >= 0;
         }) == entries.end();
}

// Where an entry called `name` is or would be.
template <class Entries, class NameOf>
auto place_of(Entries& entries, std::string_view name, NameOf name_of) {
  return std::lower_bound(entries.begin(), entries.end(), name,
                          [&](const auto& entry, std::string_view wanted) {
                            return compare_ignore_case(name_of(entry), wanted) < 0;
                          });
}
constexpr auto kNameOf = [](const auto& entry) -> std::string_view { return entry.name; };
constexpr auto kDomainOf = [](const auto& entry) -> std::string_view { return entry.domain; };

template <class Entries>
auto find_entry(Entries& entries, std::string_view name) -> decltype(&entries.front()) {
  const auto at = place_of(entries, name, kNameOf);
  return at != entries.end() && equal_ignore_case(at->name, name) ? &*at : nullptr;
}

template <class T>
Result<> remove_entry(std::vector<T>& entries, std::string_view name, std::string_view what) {
  const auto at = place_of(entries, name, kNameOf);
  if (at == entries.end() || !equal_ignore_case(at->name, name))
    return fail(HResult::kErrorNotFound,
                "there is no " + std::string(what) + " " + std::string(name));
  entries.erase(at);
  return {};
}

Result<> check_record(const SrvRecord& record) {
  SL_CHECK(check_dns_name(record.host, "the target of a service record"));
  if (record.port == 0) return bad("the port of a service record is 1 to 65535");
  return {};
}

Result<> check_zone(const Model& model, const Zone& zone, const Limits& limits) {
  SL_CHECK(check_dns_name(zone.name, "a zone"));
  if (static_cast<std::size_t>(zone.updates) >= kUpdates.size())
    return bad("the zone " + zone.name + " has an unknown rule for updates");
  if (zone.writers.size() > limits.writers)
    return bad("the zone " + zone.name + " has too many writers");
  for (const std::string& writer : zone.writers) {
    if (writer.empty()) return bad("a writer of the zone " + zone.name + " has no name");
    SL_CHECK(check_pattern(writer, "machine names"));
  }
  if (!is_ordered(zone.names, kDomainOf))
    return bad("the names of the zone " + zone.name + " are out of order");
  for (const ServiceName& name : zone.names) {
    SL_CHECK(check_dns_name(name.domain, "a domain"));
    if (zone_of(model, name.domain) != &zone)
      return bad(name.domain + " does not belong to the zone " + zone.name);
    if (name.records.empty() && !name.other_records)
      return bad("the name of " + name.domain + " has no records");
    for (const SrvRecord& record : name.records) SL_CHECK(check_record(record));
  }
  return {};
}

Result<> check_fault(const Fault& fault) {
  const std::string what = "the fault " + fault.name;
  SL_CHECK(check_site_name(fault.name).map_error([](Error error) {
    error.message = "a fault's name has 1 to 63 characters, no blanks and none of | * ? = , \\ /";
    return error;
  }));
  const auto known = std::find_if(std::begin(kFaults), std::end(kFaults),
                                  [&](const FaultInfo& info) { return info.kind == fault.kind; });
  if (known == std::end(kFaults)) return bad(what + " is of an unknown kind");
  if (static_cast<std::size_t>(fault.share) >= kShares.size())
    return bad(what + " is dealt out in an unknown way");
  SL_CHECK(check_match(fault.who));
  SL_CHECK(check_match(fault.at));
  SL_CHECK(check_window(fault.window, what));
  if (!known->asks_host && !fault.at.everyone())
    return bad(what + " concerns no asked machine: " + std::string(known->name) +
               " has only who does it");
  if (fault.one_in == 0) return bad(what + " happens once in 0; the number is at least 1");
  const bool skew = fault.kind == FaultKind::kClockSkew;
  if (skew != (fault.skew != 0) || fault.skew > kMaxSkew || fault.skew < -kMaxSkew)
    return bad(skew ? what + " puts clocks 1 minute to 10 years ahead or behind"
                    : what + " has minutes of clock skew, but is of another kind");
  if (skew && fault.one_in > 1 && fault.share != Share::kMachines)
    return bad(what + " is dealt out to machines: a clock has no attempts");
  return {};
}

Result<> check_count(std::size_t count, std::size_t limit, std::string_view what) {
  if (count <= limit) return {};
  return bad("a network has at most " + std::to_string(limit) + " " + std::string(what));
}

}  // namespace

bool fits(const Match& match, const Traits& machine) {
  return fits_name(match, machine.name) && fits_place(match, machine);
}

bool fits_name(const Match& match, std::string_view name) {
  return match.name.empty() || any_fits(match.name, name);
}

bool fits_place(const Match& match, const Traits& machine) {
  return (match.site.empty() || any_fits(match.site, machine.site)) &&
         (match.domain.empty() || any_fits(match.domain, machine.domain)) &&
         (match.role.empty() || any_fits(match.role, machine.role));
}

Result<Match> parse_match(std::string_view text) {
  constexpr std::pair<std::string_view, std::string Match::*> kParts[] = {
      {"name=", &Match::name},
      {"site=", &Match::site},
      {"domain=", &Match::domain},
      {"role=", &Match::role}};
  Match out;
  bool all = false;
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] == ' ' || text[i] == ',') {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    i = std::min(text.find_first_of(" ,", i), text.size());
    std::string_view word = text.substr(begin, i - begin);
    const auto refuse = [&](const std::string& why) {
      return fail(HResult::kEInvalidarg, "\"" + std::string(word) + "\" " + why,
                  SourcePos{begin, 0, 0}, std::string(word));
    };
    std::string Match::*part = &Match::name;
    std::string_view value = word;
    if (word.find('=') != std::string_view::npos) {
      const auto found = std::find_if(
          std::begin(kParts), std::end(kParts),
          [&](const auto& candidate) { return starts_with_ignore_case(word, candidate.first); });
      if (found == std::end(kParts))
        return refuse("asks for nothing that machines have: name, site, domain and role");
      part = found->second;
      value.remove_prefix(found->first.size());
      if (value.empty()) return refuse("has nothing behind the =");
    } else if (equal_ignore_case(word, kAll)) {
      all = true;
      continue;
    }
    if (!(out.*part).empty()) return refuse("is a second pattern for one thing; join them with |");
    if (!check_pattern(value, "names")) return refuse("is no pattern");
    out.*part = std::string(value);
  }
  if (all && !out.name.empty()) return fail(HResult::kEInvalidarg, "\"all\" and a name at once");
  if (out.name == "*") out.name.clear();
  SL_CHECK(check_match(out));
  return out;
}

std::string to_text(const Match& match) {
  std::string out = match.name;
  const auto add = [&](std::string_view what, const std::string& value) {
    if (value.empty()) return;
    if (!out.empty()) out += ' ';
    out += std::string(what) + value;
  };
  add("site=", match.site);
  add("domain=", match.domain);
  add("role=", match.role);
  return out.empty() ? std::string(kAll) : out;
}

std::span<const FaultInfo> fault_kinds() { return kFaults; }

const FaultInfo& info_of(FaultKind kind) { return kFaults[static_cast<std::size_t>(kind) - 1]; }

Result<FaultKind> parse_fault_kind(std::string_view name) {
  std::string all;
  for (const FaultInfo& info : kFaults) {
    if (equal_ignore_case(info.name, name)) return info.kind;
    all += (all.empty() ? "" : ", ") + std::string(info.name);
  }
  return bad("\"" + std::string(name) + "\" is no kind of fault; there are " + all);
}

std::string_view to_text(Updates updates) { return kUpdates[static_cast<std::size_t>(updates)]; }
Result<Updates> parse_updates(std::string_view text) { return parse_word<Updates>(kUpdates, text); }
std::string_view to_text(Share share) { return kShares[static_cast<std::size_t>(share)]; }
Result<Share> parse_share(std::string_view text) { return parse_word<Share>(kShares, text); }

Result<> check_dns_name(std::string_view name, std::string_view what) {
  const auto refuse = [&](std::string_view why) {
    return fail(HResult::kErrorInvalidName, "\"" + std::string(name.substr(0, 64)) +
                                                "\" is no DNS name for " + std::string(what) +
                                                ": " + std::string(why));
  };
  if (name.empty() || name.size() > kMaxDnsName) return refuse("it has 1 to 255 characters");
  std::size_t label = 0;
  for (const char c : name) {
    if (c != '.' && !is_label_character(c))
      return refuse("it consists of letters, digits, '-', '_' and dots");
    if (c == '.' ? label == 0 : label == kMaxLabel) return refuse("a label has 1 to 63 characters");
    label = c == '.' ? 0 : label + 1;
  }
  if (label == 0) return refuse("it ends in a dot");
  return {};
}

Result<> check_site_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= kMaxLabel && !find_invalid_utf8(name) &&
                    is_plain(name) && name.find_first_of("|*?\\/") == std::string_view::npos;
  if (good) return {};
  return fail(HResult::kErrorInvalidName, "\"" + std::string(name.substr(0, 64)) +
                                              "\" is no name of a site: 1 to 63 characters, no "
                                              "blanks and none of | * ? = , \\ /");
}

Result<> check(const Model& model, const Limits& limits) {
  SL_CHECK(check_count(model.zones.size(), limits.zones, "zones"));
  SL_CHECK(check_count(model.sites.size(), limits.sites, "sites"));
  SL_CHECK(check_count(model.links.size(), limits.rules, "links"));
  SL_CHECK(check_count(model.ports.size(), limits.rules, "port rules"));
  SL_CHECK(check_count(model.faults.size(), limits.rules, "faults"));
  std::size_t names = 0;
  std::size_t records = 0;
  for (const Zone& zone : model.zones) {
    names += zone.names.size();
    for (const ServiceName& name : zone.names) records += name.records.size();
  }
  SL_CHECK(check_count(names, limits.names, "names in its zones"));
  SL_CHECK(check_count(records, limits.records, "service records"));
  if (!is_ordered(model.zones, kNameOf)) return bad("the zones are out of order");
  for (const Zone& zone : model.zones) SL_CHECK(check_zone(model, zone, limits));
  if (!is_ordered(model.sites, kNameOf)) return bad("the sites are out of order");
  for (const Site& site : model.sites) SL_CHECK(check_site_name(site.name));
  for (const Link& link : model.links) {
    for (const std::string* end : {&link.a, &link.b}) {
      if (end->empty()) return bad("a link lacks a site; \"*\" is every site");
      SL_CHECK(check_pattern(*end, "sites"));
    }
    SL_CHECK(check_window(link.window, "the link of " + link.a + " and " + link.b));
  }
  for (const PortRule& rule : model.ports) {
    SL_CHECK(check_match(rule.from));
    SL_CHECK(check_match(rule.to));
    SL_CHECK(check_window(rule.window, "the rule for port " + std::to_string(rule.port)));
  }
  std::vector<std::string_view> fault_names;
  for (const Fault& fault : model.faults) {
    SL_CHECK(check_fault(fault));
    fault_names.push_back(fault.name);
  }
  std::sort(fault_names.begin(), fault_names.end(), IgnoreCaseLess());
  const auto twice = std::adjacent_find(fault_names.begin(), fault_names.end(), IgnoreCaseEqual());
  if (twice != fault_names.end()) return bad("two faults are called " + std::string(*twice));
  return {};
}

const Zone* find_zone(const Model& model, std::string_view name) {
  return find_entry(model.zones, name);
}
Zone* find_zone(Model& model, std::string_view name) { return find_entry(model.zones, name); }
const Site* find_site(const Model& model, std::string_view name) {
  return find_entry(model.sites, name);
}

Result<Zone*> ensure_zone(Model& model, std::string_view name) {
  if (Zone* const known = find_zone(model, name)) return known;
  SL_CHECK(check_dns_name(name, "a zone"));
  Zone zone;
  zone.name = std::string(name);
  // Names that a zone above held so far.
  for (Zone& other : model.zones) {
    if (!is_within(name, other.name)) continue;
    for (ServiceName& held : other.names) {
      if (is_within(held.domain, name)) zone.names.push_back(std::move(held));
    }
    std::erase_if(other.names, [&](const ServiceName& held) {
      return held.domain.empty() || is_within(held.domain, name);
    });
  }
  return &*model.zones.insert(place_of(model.zones, name, kNameOf), std::move(zone));
}

Result<Site*> ensure_site(Model& model, std::string_view name) {
  if (Site* const known = find_entry(model.sites, name)) return known;
  SL_CHECK(check_site_name(name));
  return &*model.sites.insert(place_of(model.sites, name, kNameOf), Site{std::string(name)});
}

Result<> remove_zone(Model& model, std::string_view name) {
  return remove_entry(model.zones, name, "zone");
}
Result<> remove_site(Model& model, std::string_view name) {
  return remove_entry(model.sites, name, "site");
}

Result<std::string> add_fault(Model& model, Fault fault) {
  const auto taken = [&](std::string_view name) {
    return std::any_of(model.faults.begin(), model.faults.end(),
                       [&](const Fault& known) { return equal_ignore_case(known.name, name); });
  };
  if (fault.name.empty()) {
    const std::string kind(info_of(fault.kind).name);
    fault.name = kind;
    for (int i = 2; taken(fault.name); ++i) fault.name = kind + "-" + std::to_string(i);
  } else if (taken(fault.name)) {
    return fail(HResult::kErrorAlreadyExists, "there is a fault " + fault.name + " already");
  }
  SL_CHECK(check_fault(fault));
  model.faults.push_back(std::move(fault));
  return model.faults.back().name;
}

Result<> remove_fault(Model& model, std::string_view name) {
  const auto at = std::find_if(model.faults.begin(), model.faults.end(), [&](const Fault& fault) {
    return equal_ignore_case(fault.name, name);
  });
  if (at == model.faults.end())
    return fail(HResult::kErrorNotFound, "there is no fault " + std::string(name));
  model.faults.erase(at);
  return {};
}

}  // namespace slwmi::world::net
