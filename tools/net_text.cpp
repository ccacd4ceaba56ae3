#include "tools/net_text.hpp"

#include "base/duration.hpp"
#include "base/text.hpp"
#include "tools/listing.hpp"
#include "world/net/dns.hpp"

namespace slwmi::tools {
namespace {

namespace net = world::net;

Cell number(std::uint64_t value) { return Cell::number(value); }

void add_window(Record& row, const net::Window& window) {
  row.push_back({"From", cell_or_null(window.from)});
  row.push_back({"Until", cell_or_null(window.until)});
}

// "-5h", "1d2h".
std::string skew_text(std::int32_t minutes) {
  const std::string length = format_duration(static_cast<std::uint64_t>(std::abs(minutes)));
  return minutes < 0 ? "-" + length : length;
}

tl::expected<FileTime, Failure> time_of(Invocation& in, world::World& world,
                                        std::string_view option) {
  if (!in.has(option)) return FileTime{};
  const std::string text = in.value(option);
  if (const auto after = parse_duration(text)) {
    SL_TRY(const FileTime now, world.now());
    return now + minutes(static_cast<std::int64_t>(*after));
  }
  const auto time = parse_iso8601(text);
  if (time && time->ticks != 0) return *time;
  return usage("--" + std::string(option) + ": \"" + text +
               "\" is neither a date such as 2008-04-01 nor a length of time such as 10d");
}

}  // namespace

Result<NetSection> net_zones(world::World& world) {
  NetSection out{"Zones", {}};
  SL_TRY(const auto model, world.network());
  SL_TRY(const std::vector<std::string> domains, world.domains());
  const auto add = [&](const net::Zone& zone, bool implied) {
    std::size_t records = 0;
    for (const net::ServiceName& name : zone.names) records += name.records.size();
    out.rows.push_back({{"Zone", zone.name},
                        {"Updates", net::to_text(zone.updates)},
                        {"Writers", array_of(zone.writers)},
                        {"Names", number(zone.names.size())},
                        {"Records", number(records)},
                        {"Implied", Cell::boolean(implied)}});
  };
  for (const net::Zone& zone : model->zones) add(zone, false);
  for (const std::string& domain : domains) {
    if (domain.empty() || net::zone_of(*model, domain) != nullptr) continue;
    net::Zone zone;
    zone.name = domain;
    add(zone, true);
  }
  return out;
}

Result<NetSection> net_records(world::World& world, std::string_view domain) {
  NetSection out{"Records", {}};
  SL_TRY(const auto model, world.network());
  for (const net::Zone& zone : model->zones) {
    for (const net::ServiceName& name : zone.names) {
      if (!domain.empty() && !equal_ignore_case(name.domain, domain)) continue;
      for (const net::SrvRecord& record : name.records) {
        Cell owner;
        if (record.owner != 0) {
          const auto known = world::Machine(world, record.owner).name();
          owner = known ? Cell(*known) : Cell("machine " + std::to_string(record.owner));
        }
        SL_TRY(const std::optional<world::Machine> host, world.find_host(record.host));
        out.rows.push_back({{"Domain", name.domain},
                            {"Host", record.host},
                            {"Port", number(record.port)},
                            {"Priority", number(record.priority)},
                            {"Weight", number(record.weight)},
                            {"TTL", number(record.ttl)},
                            {"Owner", std::move(owner)},
                            {"Written", cell_or_null(record.written)},
                            {"Stale", Cell::boolean(!host.has_value())}});
      }
    }
  }
  return out;
}

Result<NetSection> net_sites(world::World& world) {
  NetSection out{"Sites", {}};
  SL_TRY(const std::vector<world::World::SiteStatus> sites, world.sites());
  for (const world::World::SiteStatus& site : sites) {
    out.rows.push_back({{"Site", site.name},
                        {"Machines", number(site.machines)},
                        {"Internet", Cell::boolean(site.internet)}});
  }
  return out;
}

Result<NetSection> net_links(world::World& world) {
  NetSection out{"Links", {}};
  SL_TRY(const auto model, world.network());
  for (const net::Link& link : model->links) {
    Record row = {{"Link", number(out.rows.size() + 1)},
                  {"A", link.a},
                  {"B", link.b},
                  {"State", link.open ? "open" : "cut"}};
    add_window(row, link.window);
    out.rows.push_back(std::move(row));
  }
  return out;
}

Result<NetSection> net_ports(world::World& world) {
  NetSection out{"Ports", {}};
  SL_TRY(const auto model, world.network());
  for (const net::PortRule& rule : model->ports) {
    Record row = {{"Rule", number(out.rows.size() + 1)},
                  {"Port", rule.port == 0 ? Cell("all") : number(rule.port)},
                  {"State", rule.open ? "open" : "closed"},
                  {"Who", net::to_text(rule.from)},
                  {"At", net::to_text(rule.to)}};
    add_window(row, rule.window);
    out.rows.push_back(std::move(row));
  }
  return out;
}

Result<NetSection> net_faults(world::World& world, bool clocks) {
  NetSection out{clocks ? "Clocks" : "Faults", {}};
  SL_TRY(const auto model, world.network());
  for (const net::Fault& fault : model->faults) {
    if ((fault.kind == net::FaultKind::kClockSkew) != clocks) continue;
    const net::FaultInfo& info = net::info_of(fault.kind);
    Record row = {{"Fault", fault.name}};
    if (clocks) {
      row.push_back({"Skew", skew_text(fault.skew)});
      row.push_back({"Who", net::to_text(fault.who)});
    } else {
      row.push_back({"Kind", info.name});
      row.push_back({"Code", to_hex(info.code)});
      row.push_back({"Who", net::to_text(fault.who)});
      row.push_back({"At", info.asks_host ? Cell(net::to_text(fault.at)) : Cell()});
    }
    row.push_back({"OneIn", number(fault.one_in)});
    row.push_back({"Of", net::to_text(fault.share)});
    row.push_back({"Seed", fault.seed == 0 ? Cell() : number(fault.seed)});
    add_window(row, fault.window);
    out.rows.push_back(std::move(row));
  }
  return out;
}

Outcome print_section(Invocation& in, const Result<NetSection>& section) {
  if (!section) return tl::make_unexpected(Failure(section.error()));
  RowPrinter rows(in.out(), table_by_default(in));
  for (const Record& row : section->rows) rows.add(row);
  rows.finish();
  return kDone;
}

tl::expected<net::Window, Failure> window_of(Invocation& in, world::World& world) {
  net::Window out;
  SL_TRY(out.from, time_of(in, world, "from"));
  SL_TRY(out.until, time_of(in, world, "until"));
  return out;
}

tl::expected<net::Match, Failure> match_of(Invocation& in, std::string_view option) {
  auto match = net::parse_match(in.value(option));
  if (!match) return usage("--" + std::string(option) + ": " + match.error().message);
  return *std::move(match);
}

tl::expected<std::uint32_t, Failure> number_up_to(Invocation& in, std::string_view option,
                                                  std::uint32_t otherwise, std::uint32_t most) {
  SL_TRY(const std::uint64_t number, in.number(option, otherwise));
  if (number > most)
    return usage("--" + std::string(option) + " is at most " + std::to_string(most));
  return static_cast<std::uint32_t>(number);
}

}  // namespace slwmi::tools
