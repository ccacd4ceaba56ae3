// `slwmi net`: the simulated network of a world. Rules are written in net_rules.cpp.
#include "base/text.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "tools/net_rules.hpp"
#include "tools/net_text.hpp"
#include "world/net/dns.hpp"

namespace slwmi::tools {
namespace {

namespace net = world::net;

// --- show

// A section's rows under its title; nothing for an empty one.
void print_titled(Invocation& in, const NetSection& section, bool& first) {
  if (section.rows.empty()) return;
  if (!first) in.out() << '\n';
  first = false;
  in.out() << section.title << '\n';
  RowPrinter rows(in.out(), table_by_default(in));
  for (const Record& row : section.rows) rows.add(row);
  rows.finish();
}

Outcome run_show(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  std::vector<NetSection> sections(7);
  SL_TRY(sections[0], net_zones(*world));
  SL_TRY(sections[1], net_records(*world, {}));
  SL_TRY(sections[2], net_sites(*world));
  SL_TRY(sections[3], net_links(*world));
  SL_TRY(sections[4], net_ports(*world));
  SL_TRY(sections[5], net_faults(*world, false));
  SL_TRY(sections[6], net_faults(*world, true));
  const RowStyle style = in.row_style();
  if (style.chosen && style.format == Format::kJson) {
    Record whole;
    for (const NetSection& section : sections) {
      Cell rows;
      rows.kind = Cell::Kind::kArray;
      for (const Record& row : section.rows) rows.items.push_back(object_of(row));
      whole.push_back({section.title, std::move(rows)});
    }
    RowPrinter rows(in.out(), style);
    rows.add(std::move(whole));
    rows.finish();
    return kDone;
  }
  if (style.chosen && style.format == Format::kCsv) {
    RowPrinter rows(in.out(), style);
    for (const NetSection& section : sections) {
      for (Record row : section.rows) {
        row.insert(row.begin(), {"Section", section.title});
        rows.add(std::move(row));
      }
    }
    rows.finish();
    return kDone;
  }
  bool first = true;
  for (const NetSection& section : sections) print_titled(in, section, first);
  return kDone;
}

// --- zones

Outcome run_zones(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  return print_section(in, net_zones(*world));
}

// What the options say of a zone.
Outcome set_zone(Invocation& in, bool must_be_new) {
  std::optional<net::Updates> updates;
  if (in.has("updates")) {
    const auto word = net::parse_updates(in.value("updates"));
    if (!word) return usage("--updates: " + word.error().message);
    updates = *word;
  }
  const std::string name = in.value("ZONE");
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::vector<std::string> domains, world->domains());
  SL_CHECK(world->change_network([&](net::Model& model) -> Result<> {
    const bool known = net::find_zone(model, name) != nullptr;
    const bool implied =
        std::any_of(domains.begin(), domains.end(),
                    [&](const std::string& domain) { return equal_ignore_case(domain, name); });
    if (must_be_new && known)
      return fail(HResult::kErrorAlreadyExists, "there is a zone " + name + " already");
    if (!must_be_new && !known && !implied)
      return fail(HResult::kErrorNotFound, "there is no zone " + name);
    SL_TRY(net::Zone * zone, net::ensure_zone(model, name));
    if (updates) zone->updates = *updates;
    if (in.has("no-writers")) zone->writers.clear();
    for (const std::string& writer : in.values("writer")) zone->writers.push_back(writer);
    return {};
  }));
  return kDone;
}
Outcome run_add_zone(Invocation& in) { return set_zone(in, true); }
Outcome run_set_zone(Invocation& in) { return set_zone(in, false); }

Outcome run_remove_zone(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_CHECK(world->change_network(
      [&](net::Model& model) { return net::remove_zone(model, in.value("ZONE")); }));
  return kDone;
}

// --- records

Outcome run_records(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  return print_section(in, net_records(*world, in.value("DOMAIN")));
}

Outcome run_add_record(Invocation& in) {
  net::SrvRecord record;
  record.host = in.value("HOST");
  SL_TRY(const std::uint32_t port, number_up_to(in, "port", net::kKmsPort, 0xFFFF));
  SL_TRY(const std::uint32_t priority, number_up_to(in, "priority", 0, 0xFFFF));
  SL_TRY(const std::uint32_t weight, number_up_to(in, "weight", 0, 0xFFFF));
  SL_TRY(record.ttl, number_up_to(in, "ttl", net::kDefaultTtl, 0x7FFFFFFF));
  record.port = static_cast<std::uint16_t>(port);
  record.priority = static_cast<std::uint16_t>(priority);
  record.weight = static_cast<std::uint16_t>(weight);
  SL_TRY(world::World * world, in.world());
  SL_TRY(record.written, world->now());
  SL_CHECK(world->change_network(
      [&](net::Model& model) { return net::add_record(model, in.value("DOMAIN"), record); }));
  return kDone;
}

Outcome run_remove_record(Invocation& in) {
  SL_TRY(const std::uint32_t port, number_up_to(in, "port", 0, 0xFFFF));
  SL_TRY(world::World * world, in.world());
  std::size_t removed = 0;
  SL_CHECK(world->change_network([&](net::Model& model) -> Result<> {
    SL_TRY(removed, net::remove_records(model, in.value("DOMAIN"), in.value("HOST"),
                                        static_cast<std::uint16_t>(port)));
    return {};
  }));
  in.note("removed " + count_of(removed, "record"));
  return kDone;
}

Outcome run_other_records(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_CHECK(world->change_network([&](net::Model& model) {
    return net::set_other_records(model, in.value("DOMAIN"), !in.has("gone"));
  }));
  return kDone;
}

// --- sites

Outcome run_sites(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  return print_section(in, net_sites(*world));
}

Outcome run_set_site(Invocation& in) {
  if (in.has("internet") && in.has("no-internet"))
    return usage("--internet and --no-internet exclude each other");
  SL_TRY(world::World * world, in.world());
  SL_CHECK(world->change_network([&](net::Model& model) -> Result<> {
    SL_TRY(net::Site * site, net::ensure_site(model, in.value("SITE")));
    if (in.has("internet") || in.has("no-internet")) site->internet = in.has("internet");
    return {};
  }));
  return kDone;
}

Outcome run_remove_site(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_CHECK(world->change_network(
      [&](net::Model& model) { return net::remove_site(model, in.value("SITE")); }));
  return kDone;
}

// --- questions

Outcome run_lookup(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_TRY(const world::Machine machine,
         in.has("MACHINE") ? in.machine(in.value("MACHINE")) : in.machine());
  SL_TRY(const std::vector<net::SrvRecord> records, world->lookup(machine, in.value("domain")));
  RowPrinter rows(in.out(), table_by_default(in));
  for (const net::SrvRecord& record : records) {
    rows.add({{"Host", record.host},
              {"Port", Cell::number(std::uint64_t{record.port})},
              {"Priority", Cell::number(std::uint64_t{record.priority})},
              {"Weight", Cell::number(std::uint64_t{record.weight})},
              {"TTL", Cell::number(std::uint64_t{record.ttl})}});
  }
  rows.finish();
  return kDone;
}

Outcome run_reach(Invocation& in) {
  SL_TRY(std::uint32_t port, number_up_to(in, "port", net::kKmsPort, 0xFFFF));
  std::string host = in.value("HOST");
  if (const std::size_t colon = host.rfind(':'); colon != std::string::npos) {
    if (in.has("port")) return usage("the port is given twice, in HOST and by --port");
    const std::string text = host.substr(colon + 1);
    const auto given = parse_unsigned(text);
    if (!given || *given < 1 || *given > 0xFFFF)
      return usage("\"" + text + "\" is no port: 1 to 65535");
    port = static_cast<std::uint32_t>(*given);
    host.resize(colon);
  }
  SL_TRY(world::World * world, in.world());
  SL_TRY(const world::Machine machine, in.machine(in.value("FROM")));
  SL_CHECK(world->reach(machine, host, static_cast<std::uint16_t>(port)));
  in.note(in.value("FROM") + " reaches " + host + " at port " + std::to_string(port));
  return kDone;
}

Outcome run_reset(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_CHECK(world->change_network([&](net::Model& model) -> Result<> {
    if (!in.has("all")) {
      model.faults.clear();
      model.links.clear();
      model.ports.clear();
    } else {
      model = {};
    }
    return {};
  }));
  return kDone;
}

constexpr Argument kZone[] = {{"ZONE", "the zone's name, such as contoso.com"}};
constexpr Option kZoneOptions[] = {
    {"--updates", "RULE", "who may write: every-host, first-host, refused or unsupported"},
    {"--writer", "PATTERN", "machines that may write although the rule denies it; repeatable"},
    {"--no-writers", "", "take that back from all"},
};
constexpr Argument kDomainIfAny[] = {{"DOMAIN", "only of this domain", Count::kOptional}};
constexpr Argument kDomain[] = {{"DOMAIN", "the domain of _vlmcs._tcp.DOMAIN"}};
constexpr Argument kRecord[] = {{"DOMAIN", "the domain of _vlmcs._tcp.DOMAIN"},
                                {"HOST", "the target, such as kms1.contoso.com"}};
constexpr Argument kRecords[] = {{"DOMAIN", "the domain of _vlmcs._tcp.DOMAIN"},
                                 {"HOST", "the target (default: every one)", Count::kOptional}};
constexpr Option kRecordOptions[] = {{"--port", "N", "the port (default: 1688)"},
                                     {"--priority", "N", "the priority (default: 0)"},
                                     {"--weight", "N", "the weight (default: 0)"},
                                     {"--ttl", "SECONDS", "the time to live (default: 3600)"}};
constexpr Option kRemoveRecordOptions[] = {{"--port", "N", "only at this port"}};
constexpr Option kOtherOptions[] = {{"--gone", "", "it has none any more"}};
constexpr Argument kSite[] = {{"SITE", "the site's name"}};
constexpr Option kSiteOptions[] = {{"--internet", "", "its machines reach the activation service"},
                                   {"--no-internet", "", "they do not"}};
constexpr Argument kEnds[] = {{"A", "a site or a pattern of sites; * is every site"},
                              {"B", "the other end"}};
constexpr Option kWindowOptions[] = {kFromOption, kUntilOption};
constexpr Argument kNumber[] = {{"NUMBER", "the number that the list shows"}};
constexpr Argument kPort[] = {{"PORT", "1 to 65535, or all"}};
constexpr Option kPortOptions[] = {{"--who", "WHO", kWhoHelp},
                                   {"--at", "WHO", "the asked machines (default: all)"},
                                   kFromOption,
                                   kUntilOption};
constexpr Argument kKind[] = {{"KIND", "one of slwmi net fault kinds"}};
constexpr Option kNameOption{"--name", "NAME", "what it is called (default: after its kind)"};
constexpr Option kOneInOption{"--one-in", "N", "it happens once in N (default: 1)"};
constexpr Option kSeedOption{"--seed", "N", "which ones (default: follows from the name)"};
constexpr Option kFaultOptions[] = {
    {"--who", "WHO", kWhoHelp},
    {"--at", "WHO", "the asked machines, of kinds that ask one (default: all)"},
    kFromOption,
    kUntilOption,
    kOneInOption,
    {"--of", "WHAT", "once in N attempts, or machines: always the same ones (default: attempts)"},
    kSeedOption,
    kNameOption};
constexpr Argument kFaultNames[] = {{"NAME", "the names of the faults", Count::kMany}};
constexpr Argument kSkew[] = {{"WHO", kWhoHelp},
                              {"TIME", "how far ahead, such as 5h or 30m; behind: --behind"}};
constexpr Option kSkewOptions[] = {{"--behind", "", "the clock is behind by TIME"},
                                   kFromOption,
                                   kUntilOption,
                                   {"--one-in", "N", "only of one machine in N (default: 1)"},
                                   kSeedOption,
                                   kNameOption};
constexpr Argument kMachineIfAny[] = {
    {"MACHINE", "who asks (default: the one of -m)", Count::kOptional}};
constexpr Option kLookupOptions[] = {{"--domain", "NAME", "another domain than the machine's own"}};
constexpr Argument kReach[] = {{"FROM", "the machine that asks"},
                               {"HOST", "a machine's name or a DNS name, with or without :PORT"}};
constexpr Option kReachOptions[] = {{"--port", "N", "the port (default: 1688)"}};
constexpr Option kResetOptions[] = {{"--all", "", "zones, records and sites, too"}};

constexpr std::string_view kUpdatesHelp =
    "every-host is Microsoft's DNS with its permissions widened to all KMS hosts, and what a "
    "domain of machines has that no zone is made for. first-host is Microsoft's DNS as installed: "
    "the host that made the records is the only one that may write them. refused and unsupported "
    "are other servers, which restrict dynamic updates or have none.";

constexpr Command kCommands[] = {
    {"show",
     "the whole network: zones, records, sites and rules",
     {},
     {},
     "",
     "slwmi net show\nslwmi net show --json",
     run_show},
    {"zone list",
     "the DNS zones",
     {},
     {},
     "",
     "slwmi net zone list\nslwmi net zone list --json",
     run_zones},
    {"zone add", "add a DNS zone", kZone, kZoneOptions, kUpdatesHelp,
     "slwmi net zone add fabrikam.com\nslwmi net zone add lab.contoso.com --updates unsupported",
     run_add_zone},
    {"zone set", "say who may write in a zone", kZone, kZoneOptions, kUpdatesHelp,
     "slwmi net zone set contoso.com --updates first-host\n"
     "slwmi net zone set contoso.com --writer 'KMS*'",
     run_set_zone},
    {"zone remove",
     "remove a zone with its records",
     kZone,
     {},
     "A domain of machines is a zone of every-host again then.",
     "slwmi net zone remove fabrikam.com",
     run_remove_zone},
    {"record list",
     "the service records of KMS hosts",
     kDomainIfAny,
     {},
     "A stale record names a host that is not there.",
     "slwmi net record list\nslwmi net record list contoso.com --json",
     run_records},
    {"record add", "enter a service record by hand", kRecord, kRecordOptions,
     "Whoever may write by dynamic update, this adds the record; one of the same host and port is "
     "replaced.",
     "slwmi net record add contoso.com kms1.contoso.com\n"
     "slwmi net record add contoso.com kms2.contoso.com --port 1700 --priority 10",
     run_add_record},
    {"record remove", "remove service records", kRecords, kRemoveRecordOptions,
     "KMS hosts write their records but never take them away: those of a host that failed or was "
     "renamed, and of a machine that had a KMS key by mistake, are removed by hand.",
     "slwmi net record remove contoso.com old-kms.contoso.com\n"
     "slwmi net record remove contoso.com --port 1700",
     run_remove_record},
    {"record other", "say that the name has records of other types", kDomain, kOtherOptions,
     "Without a service record the name is still there then: clients get 0x8007251D instead of "
     "0x8007232B.",
     "slwmi net record other contoso.com\nslwmi net record other contoso.com --gone",
     run_other_records},
    {"site list",
     "the sites and how many machines are in each",
     {},
     {},
     "Machines come into a site with: slwmi machine add --site, slwmi machine move --site.",
     "slwmi net site list",
     run_sites},
    {"site set", "add a site or change it", kSite, kSiteOptions, "",
     "slwmi net site set Lab --no-internet\nslwmi net site set Lab --internet", run_set_site},
    {"site remove",
     "forget what was said of a site",
     kSite,
     {},
     "Machines stay in it.",
     "slwmi net site remove Lab",
     run_remove_site},
    {"link list",
     "the links between sites that were cut or opened",
     {},
     {},
     "Where no link fits, sites reach each other; of several that fit the last one decides.",
     "slwmi net link list",
     run_net_links},
    {"link cut", "let nothing pass between two sites", kEnds, kWindowOptions, "",
     "slwmi net link cut Lab '*'\nslwmi net link cut Ulm Berlin --from 2008-04-01 --until "
     "2008-05-01",
     run_net_cut},
    {"link open", "let everything pass between two sites", kEnds, kWindowOptions, "",
     "slwmi net link open Lab Ulm", run_net_link},
    {"link remove", "take a link back", kNumber, {}, "", "slwmi net link remove 1", run_net_unlink},
    {"port list",
     "the rules of firewalls",
     {},
     {},
     "Where no rule fits, ports are open; of several that fit the last one decides.",
     "slwmi net port list",
     run_net_ports},
    {"port close", "close a port", kPort, kPortOptions,
     "On the KMS host name it with --at, on the clients with --who.",
     "slwmi net port close 1688 --at KMS1\n"
     "slwmi net port close all --who 'site=Ulm' --at role=kms-host --until 30d",
     run_net_close},
    {"port open", "open a port that another rule closes", kPort, kPortOptions, "",
     "slwmi net port open 1688 --who PC1 --at KMS1", run_net_open},
    {"port remove",
     "take a rule back",
     kNumber,
     {},
     "",
     "slwmi net port remove 1",
     run_net_remove_port},
    {"fault list",
     "the faults that were wished for",
     {},
     {},
     "",
     "slwmi net fault list\nslwmi net fault list --json",
     run_net_faults},
    {"fault kinds",
     "what may go wrong, and with which code",
     {},
     {},
     "",
     "slwmi net fault kinds",
     run_net_fault_kinds},
    {"fault add", "let something go wrong", kKind, kFaultOptions,
     "Which attempts of one in N fail follows from the world's seed, the fault, the machines and "
     "the time: a second attempt at the same moment ends like the first.",
     "slwmi net fault add host-unreachable --at KMS1 --until 200d\n"
     "slwmi net fault add response-lost --who site=Ulm --one-in 10\n"
     "slwmi net fault add dns-server-failure --one-in 20 --of machines",
     run_net_add_fault},
    {"fault remove",
     "take faults back",
     kFaultNames,
     {},
     "Clocks too.",
     "slwmi net fault remove host-unreachable",
     run_net_remove_fault},
    {"skew list",
     "the clocks that are ahead or behind",
     {},
     {},
     "",
     "slwmi net skew list",
     run_net_clocks},
    {"skew set", "put clocks ahead or behind", kSkew, kSkewOptions,
     "Several that fit add up. Take one back with: slwmi net fault remove NAME.",
     "slwmi net skew set PC1 5h\nslwmi net skew set 'PC*' 30m --behind --one-in 10",
     run_net_set_clock},
    {"lookup", "the service records as a machine sees them now", kMachineIfAny, kLookupOptions, "",
     "slwmi net lookup PC1\nslwmi net lookup PC1 --domain contoso.com", run_lookup},
    {"reach", "whether a machine reaches another now", kReach, kReachOptions, "",
     "slwmi net reach PC1 KMS1\nslwmi net reach PC1 kms1.contoso.com --port 1700", run_reach},
    {"reset",
     "take every link, port rule and fault back",
     {},
     kResetOptions,
     "",
     "slwmi net reset\nslwmi net reset --all",
     run_reset},
};

}  // namespace

constexpr Group kNet{"net", "DNS, sites and links, closed ports, faults and clocks", kCommands,
                     "show"};

}  // namespace slwmi::tools
