// Service records: whose zone a domain lies in, who may write, and what updates and hands do.
// Source of the two permission problems: VA2, Table 1; of the codes: RFC 2136, 2.2 (NOTIMP,
// REFUSED).
#include "tests/world/net_fixture.hpp"
#include "world/net/dns.hpp"

namespace slwmi::world::net {
namespace {

constexpr HResult kOk = HResult::kSOk;
constexpr HResult kRefused = HResult::kDnsErrorRcodeRefused;
constexpr HResult kNotImplemented = HResult::kDnsErrorRcodeNotImplemented;
constexpr HResult kNoName = HResult::kDnsErrorRcodeNameError;

constexpr Updater kKms1{1, "KMS1"};
constexpr Updater kKms2{2, "KMS2"};

Model with_zone(Updates updates, std::vector<std::string> writers = {}) {
  Model m;
  Zone* const zone = *ensure_zone(m, "contoso.com");
  zone->updates = updates;
  zone->writers = std::move(writers);
  return m;
}

HResult update(Model& m, const Updater& who, std::string_view domain = "contoso.com",
               bool implied = false) {
  SrvRecord record;
  record.host = std::string(who.name) + ".contoso.com";
  const Model before = m;
  const HResult code = code_of(update_record(m, domain, record, who, implied));
  BOOST_TEST(check(m).has_value());
  if (failed(code)) BOOST_TEST((m == before));
  return code;
}

std::string records(const Model& m, std::string_view domain = "contoso.com") {
  const ServiceName* const name = find_name(m, domain);
  std::string out;
  if (name == nullptr) return "no name";
  for (const SrvRecord& record : name->records) {
    out += (out.empty() ? "" : " ") + record.host + ":" + std::to_string(record.port);
  }
  return out;
}

BOOST_AUTO_TEST_SUITE(net_dns)

BOOST_AUTO_TEST_CASE(a_domain_lies_in_the_zone_of_the_longest_name) {
  Model m;
  for (const char* zone : {"contoso.com", "emea.contoso.com", "com"})
    BOOST_REQUIRE(ensure_zone(m, zone).has_value());
  const struct {
    const char* domain;
    const char* zone;
  } kCases[] = {
      {"contoso.com", "contoso.com"},
      {"CONTOSO.com", "contoso.com"},
      {"a.contoso.com", "contoso.com"},
      {"emea.contoso.com", "emea.contoso.com"},
      {"a.b.Emea.contoso.com", "emea.contoso.com"},
      {"xemea.contoso.com", "contoso.com"},
      {"xcontoso.com", "com"},
      {"contoso.net", ""},
      {"", ""},
  };
  for (const auto& c : kCases) {
    const Zone* const zone = zone_of(m, c.domain);
    BOOST_TEST_CONTEXT(c.domain) BOOST_TEST((zone == nullptr ? "" : zone->name) == c.zone);
  }
}

BOOST_AUTO_TEST_CASE(the_zone_says_which_hosts_may_write) {
  const struct {
    const char* why;
    Updates updates;
    std::vector<std::string> writers;
    HResult first, second, first_again;
  } kCases[] = {
      {"every host writes", Updates::kEveryHost, {}, kOk, kOk, kOk},
      {"only the first KMS host on a Microsoft DNS", Updates::kFirstHost, {}, kOk, kRefused, kOk},
      {"until the permissions are changed", Updates::kFirstHost, {"KMS*"}, kOk, kOk, kOk},
      {"for that host alone", Updates::kFirstHost, {"KMS3"}, kOk, kRefused, kOk},
      {"a server that restricts write access", Updates::kRefused, {}, kRefused, kRefused, kRefused},
      {"until one host is given it", Updates::kRefused, {"kms2"}, kRefused, kOk, kRefused},
      {"a server without dynamic updates",
       Updates::kUnsupported,
       {},
       kNotImplemented,
       kNotImplemented,
       kNotImplemented},
      {"whom no permission helps",
       Updates::kUnsupported,
       {"*"},
       kNotImplemented,
       kNotImplemented,
       kNotImplemented},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      Model m = with_zone(c.updates, c.writers);
      BOOST_TEST(update(m, kKms1) == c.first);
      BOOST_TEST(update(m, kKms2) == c.second);
      BOOST_TEST(update(m, kKms1) == c.first_again);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_first_host_owns_one_name_not_the_zone) {
  Model m = with_zone(Updates::kFirstHost);
  BOOST_TEST(update(m, kKms1) == kOk);
  BOOST_TEST(update(m, kKms2, "emea.contoso.com") == kOk);
  BOOST_TEST(update(m, kKms1, "emea.contoso.com") == kRefused);
  // The name made by hand belongs to nobody's computer account.
  BOOST_REQUIRE(add_record(m, "apac.contoso.com", {.host = "kms.contoso.com"}).has_value());
  BOOST_TEST(update(m, kKms1, "apac.contoso.com") == kRefused);
  // With its last record the name goes, and its owner with it.
  BOOST_TEST(*remove_records(m, "contoso.com", "") == 1u);
  BOOST_TEST(update(m, kKms2) == kOk);
  BOOST_TEST(update(m, kKms1) == kRefused);
}

BOOST_AUTO_TEST_CASE(an_update_needs_a_zone_or_makes_the_implied_one) {
  Model m;
  BOOST_TEST(update(m, kKms1) == kNoName);
  BOOST_TEST(update(m, kKms1, "contoso.com", true) == kOk);
  BOOST_TEST(m.zones.size() == 1u);
  BOOST_TEST((m.zones[0].updates == Updates::kEveryHost));
  BOOST_TEST(update(m, kKms2) == kOk);
  BOOST_TEST(update(m, kKms2, "contoso.net") == kNoName);
  BOOST_TEST(records(m) == "KMS1.contoso.com:1688 KMS2.contoso.com:1688");
  BOOST_TEST(update(m, {3, "a b"}) == HResult::kErrorInvalidName);
}

BOOST_AUTO_TEST_CASE(a_host_replaces_its_own_record_and_leaves_a_stale_one_after_a_rename) {
  Model m = with_zone(Updates::kEveryHost);
  const auto write = [&](const char* host, std::uint16_t port, MachineId id) {
    BOOST_REQUIRE(update_record(m, "contoso.com", {.host = host, .port = port}, {id, "x"}, false)
                      .has_value());
  };
  write("kms1.contoso.com", 1688, 1);
  write("KMS1.contoso.com", 1700, 1);
  BOOST_TEST(records(m) == "KMS1.contoso.com:1700");
  write("NEW1.contoso.com", 1700, 1);
  BOOST_TEST(records(m) == "KMS1.contoso.com:1700 NEW1.contoso.com:1700");
  // A machine that was installed with the failed host's name uses its record.
  write("KMS1.contoso.com", 1700, 9);
  BOOST_TEST(records(m) == "KMS1.contoso.com:1700 NEW1.contoso.com:1700");
  BOOST_TEST(find_name(m, "contoso.com")->records[0].owner == 9u);
  BOOST_TEST(*remove_records(m, "contoso.com", "kms1.contoso.com") == 1u);
  BOOST_TEST(records(m) == "NEW1.contoso.com:1700");
}

BOOST_AUTO_TEST_CASE(hands_write_whatever_the_rule_and_make_the_zone) {
  for (const Updates updates : {Updates::kRefused, Updates::kUnsupported}) {
    Model m = with_zone(updates);
    BOOST_REQUIRE(add_record(m, "contoso.com", {"kms.contoso.com", 1688, 5, 6, 7}).has_value());
    BOOST_REQUIRE(add_record(m, "contoso.com", {"KMS.contoso.com", 1700}).has_value());
    BOOST_REQUIRE(add_record(m, "contoso.com", {"kms.contoso.com", 1688, 8, 6, 7}).has_value());
    BOOST_TEST(records(m) == "kms.contoso.com:1688 KMS.contoso.com:1700");
    BOOST_TEST(find_name(m, "contoso.com")->records[0].priority == 8u);
    BOOST_TEST(find_name(m, "contoso.com")->owner == 0u);
  }
  Model m;
  BOOST_REQUIRE(add_record(m, "a.example", {.host = "k"}).has_value());
  BOOST_TEST(m.zones.size() == 1u);
  BOOST_TEST(code_of(add_record(m, "a.example", {.host = "k", .port = 0})) ==
             HResult::kEInvalidarg);
  BOOST_TEST(code_of(add_record(m, "a.example", {.host = "k."})) == HResult::kErrorInvalidName);
  BOOST_TEST(code_of(add_record(m, "", {.host = "k"})) == HResult::kErrorInvalidName);
}

BOOST_AUTO_TEST_CASE(records_go_by_host_and_port_and_the_name_with_the_last) {
  Model m;
  for (const std::uint16_t port : {std::uint16_t{1688}, std::uint16_t{1689}})
    for (const char* host : {"a.example", "b.example"})
      BOOST_REQUIRE(add_record(m, "x.example", {.host = host, .port = port}).has_value());
  BOOST_TEST(remove_records(m, "x.example", "c.example").error().code == HResult::kErrorNotFound);
  BOOST_TEST(remove_records(m, "y.example", "").error().code == HResult::kErrorNotFound);
  BOOST_TEST(*remove_records(m, "X.example", "A.example", 1689) == 1u);
  BOOST_TEST(*remove_records(m, "x.example", "", 1688) == 2u);
  BOOST_TEST(look_up(m, "x.example") == kOk);
  BOOST_TEST(*remove_records(m, "x.example", "b.example") == 1u);
  BOOST_TEST(look_up(m, "x.example") == kNoName);
  BOOST_TEST(check(m).has_value());
}

BOOST_AUTO_TEST_CASE(a_name_with_records_of_other_types_has_no_service_record) {
  Model m;
  BOOST_TEST(look_up(m, "x.example") == kNoName);
  BOOST_REQUIRE(set_other_records(m, "x.example", true).has_value());
  BOOST_TEST(look_up(m, "x.example") == HResult::kDnsInfoNoRecords);
  BOOST_REQUIRE(add_record(m, "x.example", {.host = "k"}).has_value());
  BOOST_TEST(look_up(m, "x.example") == kOk);
  BOOST_TEST(*remove_records(m, "x.example", "k") == 1u);
  BOOST_TEST(look_up(m, "x.example") == HResult::kDnsInfoNoRecords);
  BOOST_REQUIRE(set_other_records(m, "x.example", false).has_value());
  BOOST_TEST(look_up(m, "x.example") == kNoName);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::world::net
