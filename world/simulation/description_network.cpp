#include "world/simulation/description_network.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "world/net/dns.hpp"

namespace slwmi::world::simulation {
namespace {

// A rule and the time that its window counts from.
template <class T>
struct Timed {
  T rule;
  FileTime start;
};

// "10 days" after the start, or an ISO 8601 time.
Result<> read_time(FileTime& out, FileTime start, const Spot& spot) {
  std::string text;
  SL_CHECK(read_text(text, spot));
  if (const auto after = parse_duration(text)) {
    out = start + minutes(static_cast<std::int64_t>(*after));
    return {};
  }
  const auto time = parse_iso8601(text);
  if (!time) return wrong(spot, "is neither a time after the start, such as '10 days', nor a date");
  out = *time;
  return {};
}
template <class T>
Result<> read_from(Timed<T>& out, const Spot& spot) {
  return read_time(out.rule.window.from, out.start, spot);
}
template <class T>
Result<> read_until(Timed<T>& out, const Spot& spot) {
  return read_time(out.rule.window.until, out.start, spot);
}

Result<> read_match(net::Match& out, const Spot& spot) {
  std::string text;
  SL_CHECK(read_text(text, spot));
  auto match = net::parse_match(text);
  if (!match) return wrong(spot, "names no machines: " + match.error().message);
  out = *std::move(match);
  return {};
}

// A word of a short list, by the function that knows the list.
template <class T>
Result<> read_word(T& out, const Spot& spot, Result<T> (*parse)(std::string_view)) {
  std::string text;
  SL_CHECK(read_text(text, spot));
  const auto word = parse(text);
  if (!word) return wrong(spot, "is wrong: " + word.error().message);
  out = *word;
  return {};
}

Result<> read_texts(std::vector<std::string>& out, const Spot& spot) {
  if (spot.node.shape == policy::Node::Shape::kText) {
    out.emplace_back();
    return read_text(out.back(), spot);
  }
  SL_TRY(const std::vector<Spot> elements, elements_of(spot));
  for (const Spot& element : elements) {
    out.emplace_back();
    SL_CHECK(read_text(out.back(), element));
  }
  return {};
}

struct RecordEntry {
  std::string domain;
  net::SrvRecord record;
};
constexpr Member<RecordEntry> kRecordMembers[] = {
    {"domain", [](RecordEntry& out, const Spot& s) { return read_text(out.domain, s); }},
    {"host", [](RecordEntry& out, const Spot& s) { return read_text(out.record.host, s); }},
    {"port", [](RecordEntry& out, const Spot& s) { return read_number(out.record.port, s, 1); }},
    {"priority",
     [](RecordEntry& out, const Spot& s) { return read_number(out.record.priority, s, 0); }},
    {"weight",
     [](RecordEntry& out, const Spot& s) { return read_number(out.record.weight, s, 0); }},
};

constexpr Member<net::Zone> kZoneMembers[] = {
    {"name", [](net::Zone& out, const Spot& s) { return read_text(out.name, s); }},
    {"updates",
     [](net::Zone& out, const Spot& s) { return read_word(out.updates, s, net::parse_updates); }},
    {"writers", [](net::Zone& out, const Spot& s) { return read_texts(out.writers, s); }},
};

constexpr Member<net::Site> kSiteMembers[] = {
    {"name", [](net::Site& out, const Spot& s) { return read_text(out.name, s); }},
    {"internet", [](net::Site& out, const Spot& s) { return read_flag(out.internet, s); }},
};

using TimedLink = Timed<net::Link>;
constexpr Member<TimedLink> kLinkMembers[] = {
    {"a", [](TimedLink& out, const Spot& s) { return read_text(out.rule.a, s); }},
    {"b", [](TimedLink& out, const Spot& s) { return read_text(out.rule.b, s); }},
    {"open", [](TimedLink& out, const Spot& s) { return read_flag(out.rule.open, s); }},
    {"from", read_from<net::Link>},
    {"until", read_until<net::Link>},
};

using TimedPort = Timed<net::PortRule>;
constexpr Member<TimedPort> kPortMembers[] = {
    {"who", [](TimedPort& out, const Spot& s) { return read_match(out.rule.from, s); }},
    {"at", [](TimedPort& out, const Spot& s) { return read_match(out.rule.to, s); }},
    {"port", [](TimedPort& out, const Spot& s) { return read_number(out.rule.port, s, 0); }},
    {"open", [](TimedPort& out, const Spot& s) { return read_flag(out.rule.open, s); }},
    {"from", read_from<net::PortRule>},
    {"until", read_until<net::PortRule>},
};

using TimedFault = Timed<net::Fault>;
constexpr Member<TimedFault> kFaultMembers[] = {
    {"name", [](TimedFault& out, const Spot& s) { return read_text(out.rule.name, s); }},
    {"kind", [](TimedFault& out,
                const Spot& s) { return read_word(out.rule.kind, s, net::parse_fault_kind); }},
    {"who", [](TimedFault& out, const Spot& s) { return read_match(out.rule.who, s); }},
    {"at", [](TimedFault& out, const Spot& s) { return read_match(out.rule.at, s); }},
    {"from", read_from<net::Fault>},
    {"until", read_until<net::Fault>},
    {"one-in", [](TimedFault& out, const Spot& s) { return read_number(out.rule.one_in, s, 1); }},
    {"share",
     [](TimedFault& out, const Spot& s) { return read_word(out.rule.share, s, net::parse_share); }},
    {"seed", [](TimedFault& out, const Spot& s) { return read_number(out.rule.seed, s, 0); }},
    {"skew",
     [](TimedFault& out, const Spot& s) -> Result<> {
       std::string text;
       SL_CHECK(read_text(text, s));
       const bool behind = !text.empty() && text.front() == '-';
       const auto ahead = parse_duration(std::string_view(text).substr(behind ? 1 : 0));
       if (!ahead || *ahead > static_cast<std::uint64_t>(net::kMaxSkew))
         return wrong(s, "is no difference of clocks, such as '5 hours' or '-30m'");
       const auto value = static_cast<std::int32_t>(*ahead);
       out.rule.skew = behind ? -value : value;
       return {};
     }},
};

struct Network {
  net::Model model;
  FileTime start;
};

// Checks one thing by itself, so that what is wrong with it is told with its place.
Result<> check_alone(const net::Model& alone, const Spot& spot) {
  const auto checked = net::check(alone);
  return checked ? Result<>{} : wrong(spot, "is not right: " + checked.error().message);
}

template <class T, std::size_t kCount>
Result<> read_rules(net::Model& out, std::vector<T> net::Model::*rules, FileTime start,
                    const Spot& spot, const Member<Timed<T>> (&members)[kCount]) {
  SL_TRY(const std::vector<Spot> elements, elements_of(spot));
  for (const Spot& element : elements) {
    Timed<T> one{{}, start};
    SL_CHECK(read_members(one, element, members));
    net::Model alone;
    (alone.*rules).push_back(one.rule);
    SL_CHECK(check_alone(alone, element));
    (out.*rules).push_back(std::move(one.rule));
  }
  return {};
}

// A name that a list may have once.
Result<> note_name(std::set<std::string>& names, const std::string& name, const Spot& element) {
  if (!names.insert(ascii_lower(name)).second)
    return wrong(element, "is described already: " + name);
  return {};
}

constexpr Member<Network> kNetworkMembers[] = {
    {"zones",
     [](Network& out, const Spot& s) -> Result<> {
       SL_TRY(const std::vector<Spot> elements, elements_of(s));
       std::set<std::string> names;
       for (const Spot& element : elements) {
         net::Zone given;
         SL_CHECK(read_members(given, element, kZoneMembers));
         const auto zone = net::ensure_zone(out.model, given.name);
         if (!zone) return wrong(element, "is no zone: " + zone.error().message);
         SL_CHECK(note_name(names, (*zone)->name, element));
         (*zone)->updates = given.updates;
         (*zone)->writers = std::move(given.writers);
         net::Model alone;
         alone.zones.push_back(**zone);
         SL_CHECK(check_alone(alone, element));
       }
       return {};
     }},
    {"records",
     [](Network& out, const Spot& s) -> Result<> {
       SL_TRY(const std::vector<Spot> elements, elements_of(s));
       for (const Spot& element : elements) {
         RecordEntry entry;
         SL_CHECK(read_members(entry, element, kRecordMembers));
         const auto added = net::add_record(out.model, entry.domain, entry.record);
         if (!added) return wrong(element, "is no record: " + added.error().message);
       }
       return {};
     }},
    {"sites",
     [](Network& out, const Spot& s) -> Result<> {
       SL_TRY(const std::vector<Spot> elements, elements_of(s));
       std::set<std::string> names;
       for (const Spot& element : elements) {
         net::Site given;
         SL_CHECK(read_members(given, element, kSiteMembers));
         const auto site = net::ensure_site(out.model, given.name);
         if (!site) return wrong(element, "is no site: " + site.error().message);
         SL_CHECK(note_name(names, (*site)->name, element));
         (*site)->internet = given.internet;
       }
       return {};
     }},
    {"links",
     [](Network& out, const Spot& s) {
       return read_rules(out.model, &net::Model::links, out.start, s, kLinkMembers);
     }},
    {"ports",
     [](Network& out, const Spot& s) {
       return read_rules(out.model, &net::Model::ports, out.start, s, kPortMembers);
     }},
    {"faults",
     [](Network& out, const Spot& s) -> Result<> {
       SL_TRY(const std::vector<Spot> elements, elements_of(s));
       for (const Spot& element : elements) {
         const auto& members = element.node.children;
         if (std::none_of(members.begin(), members.end(),
                          [](const auto& member) { return member.name == "kind"; }))
           return wrong(element, "needs 'kind'");
         TimedFault one{{}, out.start};
         SL_CHECK(read_members(one, element, kFaultMembers));
         const auto added = net::add_fault(out.model, std::move(one.rule));
         if (!added) return wrong(element, "is not right: " + added.error().message);
       }
       return {};
     }},
};

}  // namespace

Result<net::Model> read_network(const Spot& spot, FileTime start) {
  Network out{{}, start};
  SL_CHECK(read_members(out, spot, kNetworkMembers));
  if (const auto checked = net::check(out.model); !checked)
    return wrong(spot, "is not right: " + checked.error().message);
  return std::move(out.model);
}

}  // namespace slwmi::world::simulation
