// A network with something of everything, for the tests of world/net.
#pragma once

#include <string>
#include <string_view>

#include <boost/test/unit_test.hpp>

#include "tests/provider/printing.hpp"
#include "world/net/dns.hpp"

namespace slwmi::world::net {

inline FileTime at(std::string_view iso) {
  const auto time = parse_iso8601(iso);
  BOOST_REQUIRE(time.has_value());
  return *time;
}

inline Match match(std::string_view text) {
  const auto out = parse_match(text);
  BOOST_REQUIRE_MESSAGE(out.has_value(), std::string(text));
  return *out;
}

inline HResult code_of(const Result<>& result) {
  return result ? HResult::kSOk : result.error().code;
}

inline Model rich_model() {
  Model m;
  Zone* const zone = *ensure_zone(m, "contoso.com");
  zone->updates = Updates::kFirstHost;
  zone->writers = {"KMS?", "backup-*"};
  BOOST_REQUIRE(update_record(m, "contoso.com",
                              {.host = "KMS1.contoso.com", .written = at("2008-03-02")},
                              {7, "KMS1"}, false)
                    .has_value());
  BOOST_REQUIRE(add_record(m, "emea.contoso.com",
                           {"kms.emea.contoso.com", 1700, 10, 20, 600, 0, at("2008-03-03")})
                    .has_value());
  BOOST_REQUIRE(set_other_records(m, "contoso.net", true).has_value());
  (*ensure_zone(m, "fabrikam.com"))->updates = Updates::kUnsupported;
  (*ensure_site(m, "Lab"))->internet = false;
  BOOST_REQUIRE(ensure_site(m, "Ulm").has_value());
  m.links.push_back({"Lab", "*", false, {}});
  m.links.push_back({"Lab", "Ulm", true, {at("2008-04-01"), {}}});
  m.ports.push_back({match("PC*"), match("KMS1"), 1688, false, {{}, at("2008-05-01")}});
  BOOST_REQUIRE(add_fault(m, {.kind = FaultKind::kResponseLost,
                              .who = match("site=Ulm"),
                              .at = match("role=kms-host"),
                              .one_in = 10,
                              .seed = 5})
                    .has_value());
  BOOST_REQUIRE(add_fault(m, {.name = "late",
                              .kind = FaultKind::kClockSkew,
                              .who = match("domain=*.contoso.com role=mak|kms-client"),
                              .window = {at("2008-03-01"), at("2008-03-09")},
                              .share = Share::kMachines,
                              .skew = -300})
                    .has_value());
  return m;
}

}  // namespace slwmi::world::net
