// The rules of the service records: which zone a domain lies in, who may write there, and what a
// dynamic update or a hand does to the records. Pure functions on the model.
#pragma once

#include <string_view>

#include "world/net/model.hpp"

namespace slwmi::world::net {

// The zone that holds the domain's records: that of the longest name that the domain ends in.
// nullptr where there is none.
const Zone* zone_of(const Model& model, std::string_view domain);
Zone* zone_of(Model& model, std::string_view domain);

// The name of the domain's service records; nullptr when there is none.
const ServiceName* find_name(const Model& model, std::string_view domain);

// What a query for the domain's service records finds: kSOk, DNS_ERROR_RCODE_NAME_ERROR or
// DNS_INFO_NO_RECORDS.
HResult look_up(const Model& model, std::string_view domain);

// A machine that sends an update.
struct Updater {
  MachineId id = 0;
  std::string_view name;  // without the domain; compared with the patterns of a zone's writers
};

// Whether the zone takes the machine's update of the domain's name: kSOk,
// DNS_ERROR_RCODE_NOT_IMPLEMENTED of a server that has no dynamic updates, DNS_ERROR_RCODE_REFUSED
// (restricted, or the name belongs to another machine), DNS_ERROR_RCODE_NAME_ERROR without a zone.
HResult may_update(const Model& model, std::string_view domain, const Updater& updater);

// A dynamic update: writes the record of `record.host` among the domain's, in place of the one that
// the same machine wrote for it before. The codes of may_update(), after which nothing has changed.
// `record.owner` becomes the updater; `implied` says that the domain is a zone although the model
// has none for it, which makes one.
Result<> update_record(Model& model, std::string_view domain, SrvRecord record,
                       const Updater& updater, bool implied);

// By hand, whatever the zone's rule: adds a record, in place of one with the same host and port.
// Makes the zone where there is none. ERROR_INVALID_NAME, E_INVALIDARG.
Result<> add_record(Model& model, std::string_view domain, SrvRecord record);
// Removes the domain's records of `host` (every one when it is empty) at `port` (any when 0); the
// name goes with its last record. Returns how many; ERROR_NOT_FOUND when there is none.
Result<std::size_t> remove_records(Model& model, std::string_view domain, std::string_view host,
                                   std::uint16_t port = 0);
// Whether the name has records of other types, so that it is there without a service record.
// Makes the zone where there is none.
Result<> set_other_records(Model& model, std::string_view domain, bool there);

}  // namespace slwmi::world::net
