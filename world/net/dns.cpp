#include "world/net/dns.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "policy/targeting.hpp"

namespace slwmi::world::net {
namespace {

template <class Zones>
auto search_zone(Zones& zones, std::string_view domain) -> decltype(&zones.front()) {
  for (std::string_view rest = domain; !rest.empty();) {
    const auto at = std::lower_bound(zones.begin(), zones.end(), rest,
                                     [](const Zone& zone, std::string_view name) {
                                       return compare_ignore_case(zone.name, name) < 0;
                                     });
    if (at != zones.end() && equal_ignore_case(at->name, rest)) return &*at;
    const std::size_t dot = rest.find('.');
    rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
  }
  return nullptr;
}

auto place_of(std::vector<ServiceName>& names, std::string_view domain) {
  return std::lower_bound(names.begin(), names.end(), domain,
                          [](const ServiceName& name, std::string_view wanted) {
                            return compare_ignore_case(name.domain, wanted) < 0;
                          });
}

ServiceName* find_in(Zone& zone, std::string_view domain) {
  const auto at = place_of(zone.names, domain);
  return at != zone.names.end() && equal_ignore_case(at->domain, domain) ? &*at : nullptr;
}

ServiceName& ensure_name(Zone& zone, std::string_view domain, MachineId owner) {
  if (ServiceName* const known = find_in(zone, domain)) return *known;
  ServiceName name;
  name.domain = std::string(domain);
  name.owner = owner;
  return *zone.names.insert(place_of(zone.names, domain), std::move(name));
}

// A name without records is none.
void drop_if_empty(Zone& zone, std::string_view domain) {
  std::erase_if(zone.names, [&](const ServiceName& name) {
    return equal_ignore_case(name.domain, domain) && name.records.empty() && !name.other_records;
  });
}

Result<Zone*> zone_for_hand(Model& model, std::string_view domain) {
  SL_CHECK(check_dns_name(domain, "a domain"));
  if (Zone* const zone = zone_of(model, domain)) return zone;
  return ensure_zone(model, domain);
}

Result<> check_record(const SrvRecord& record) {
  SL_CHECK(check_dns_name(record.host, "the target of a service record"));
  if (record.port == 0)
    return fail(HResult::kEInvalidarg, "the port of a service record is 1 to 65535");
  return {};
}

Result<> permit(const Model& model, std::string_view domain, const Updater& updater) {
  const HResult verdict = may_update(model, domain, updater);
  if (!failed(verdict)) return {};
  return fail(verdict, "the update of " + std::string(kService) + "." + std::string(domain) +
                           " failed: " + std::string(text_of(verdict)));
}

}  // namespace

const Zone* zone_of(const Model& model, std::string_view domain) {
  return search_zone(model.zones, domain);
}
Zone* zone_of(Model& model, std::string_view domain) { return search_zone(model.zones, domain); }

const ServiceName* find_name(const Model& model, std::string_view domain) {
  const Zone* const zone = zone_of(model, domain);
  return zone == nullptr ? nullptr : find_in(const_cast<Zone&>(*zone), domain);
}

HResult look_up(const Model& model, std::string_view domain) {
  const ServiceName* const name = find_name(model, domain);
  if (name == nullptr) return HResult::kDnsErrorRcodeNameError;
  return name->records.empty() ? HResult::kDnsInfoNoRecords : HResult::kSOk;
}

HResult may_update(const Model& model, std::string_view domain, const Updater& updater) {
  const Zone* const zone = zone_of(model, domain);
  if (zone == nullptr) return HResult::kDnsErrorRcodeNameError;
  if (zone->updates == Updates::kUnsupported) return HResult::kDnsErrorRcodeNotImplemented;
  if (zone->updates == Updates::kEveryHost) return HResult::kSOk;
  const bool named = std::any_of(
      zone->writers.begin(), zone->writers.end(),
      [&](const std::string& writer) { return policy::matches_pattern(writer, updater.name); });
  if (named) return HResult::kSOk;
  if (zone->updates == Updates::kRefused) return HResult::kDnsErrorRcodeRefused;
  const ServiceName* const name = find_in(const_cast<Zone&>(*zone), domain);
  return name == nullptr || name->owner == updater.id ? HResult::kSOk
                                                      : HResult::kDnsErrorRcodeRefused;
}

Result<> update_record(Model& model, std::string_view domain, SrvRecord record,
                       const Updater& updater, bool implied) {
  SL_CHECK(check_record(record));
  SL_CHECK(check_dns_name(domain, "a domain"));
  if (implied && zone_of(model, domain) == nullptr) {
    SL_CHECK(ensure_zone(model, domain));
  } else {
    SL_CHECK(permit(model, domain, updater));
  }
  ServiceName& name = ensure_name(*zone_of(model, domain), domain, updater.id);
  record.owner = updater.id;
  const auto same =
      std::find_if(name.records.begin(), name.records.end(), [&](const SrvRecord& known) {
        return equal_ignore_case(known.host, record.host) &&
               (known.owner == updater.id || known.port == record.port);
      });
  if (same != name.records.end()) {
    *same = std::move(record);
  } else {
    name.records.push_back(std::move(record));
  }
  return {};
}

Result<> add_record(Model& model, std::string_view domain, SrvRecord record) {
  SL_CHECK(check_record(record));
  SL_TRY(Zone * zone, zone_for_hand(model, domain));
  ServiceName& name = ensure_name(*zone, domain, 0);
  const auto same =
      std::find_if(name.records.begin(), name.records.end(), [&](const SrvRecord& known) {
        return equal_ignore_case(known.host, record.host) && known.port == record.port;
      });
  if (same != name.records.end()) {
    *same = std::move(record);
  } else {
    name.records.push_back(std::move(record));
  }
  return {};
}

Result<std::size_t> remove_records(Model& model, std::string_view domain, std::string_view host,
                                   std::uint16_t port) {
  Zone* const zone = zone_of(model, domain);
  ServiceName* const name = zone == nullptr ? nullptr : find_in(*zone, domain);
  std::size_t removed = 0;
  if (name != nullptr) {
    removed = std::erase_if(name->records, [&](const SrvRecord& record) {
      return (host.empty() || equal_ignore_case(record.host, host)) &&
             (port == 0 || record.port == port);
    });
    drop_if_empty(*zone, domain);
  }
  if (removed == 0) {
    return fail(HResult::kErrorNotFound,
                std::string(kService) + "." + std::string(domain) + " has no record" +
                    (host.empty() ? std::string() : " of " + std::string(host)) +
                    (port == 0 ? std::string() : " at port " + std::to_string(port)));
  }
  return removed;
}

Result<> set_other_records(Model& model, std::string_view domain, bool there) {
  SL_TRY(Zone * zone, zone_for_hand(model, domain));
  ensure_name(*zone, domain, 0).other_records = there;
  drop_if_empty(*zone, domain);
  return {};
}

}  // namespace slwmi::world::net
