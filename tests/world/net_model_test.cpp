// The network as data: who rules are for, what every model keeps, editing, and the bytes.
#include <fstream>
#include <functional>
#include <iterator>

#include "tests/world/net_fixture.hpp"
#include "world/net/codec.hpp"
#include "world/net/model.hpp"

namespace slwmi::world::net {
namespace {

BOOST_AUTO_TEST_SUITE(net_model)

BOOST_AUTO_TEST_CASE(who_is_written_as_a_pattern_and_parts) {
  const struct {
    const char* why;
    const char* text;
    Match match;
    const char* written;
  } kGood[] = {
      {"nothing is everyone", "", {}, "all"},
      {"the word for everyone", "ALL", {}, "all"},
      {"a star, too", "*", {}, "all"},
      {"a name", "PC1", {"PC1", "", "", ""}, "PC1"},
      {"a name by its word", "name=PC?", {"PC?", "", "", ""}, "PC?"},
      {"parts in any order",
       "role=mak, PC* Site=Ulm",
       {"PC*", "Ulm", "", "mak"},
       "PC* site=Ulm role=mak"},
      {"everyone of a domain",
       "all domain=contoso.com",
       {"", "", "contoso.com", ""},
       "domain=contoso.com"},
      {"one of several",
       "role=mak|kms-client",
       {"", "", "", "mak|kms-client"},
       "role=mak|kms-client"},
  };
  for (const auto& c : kGood) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto read = parse_match(c.text);
      BOOST_REQUIRE(read.has_value());
      BOOST_TEST((*read == c.match));
      BOOST_TEST(to_text(*read) == c.written);
      BOOST_TEST((match(to_text(*read)) == c.match));
    }
  }
  const struct {
    const char* why;
    const char* text;
    std::size_t offset;
  } kBad[] = {
      {"an unknown part", "PC1 os=vista", 4},
      {"a part without a pattern", "site=", 0},
      {"two names", "PC1 PC2", 4},
      {"two sites", "site=a site=b", 7},
      {"a pattern with a second =", "site=a=b", 0},
  };
  for (const auto& c : kBad) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto read = parse_match(c.text);
      BOOST_REQUIRE(!read.has_value());
      BOOST_TEST(read.error().code == HResult::kEInvalidarg);
      BOOST_REQUIRE(read.error().at.has_value());
      BOOST_TEST(read.error().at->offset == c.offset);
    }
  }
  BOOST_TEST(parse_match("all PC1").error().code == HResult::kEInvalidarg);
}

BOOST_AUTO_TEST_CASE(all_parts_of_who_must_fit) {
  const Traits pc{"PC17", "Ulm", "emea.contoso.com", "kms-client"};
  const struct {
    const char* text;
    bool fits;
  } kCases[] = {
      {"all", true},
      {"pc17", true},
      {"PC1", false},
      {"PC1?", true},
      {"*7", true},
      {"role=mak", false},
      {"role=MAK|KMS-*", true},
      {"PC* role=mak", false},
      {"site=ulm", true},
      {"site=Lab", false},
      {"domain=contoso.com", false},
      {"domain=*.contoso.com", true},
      {"PC* site=U* domain=emea.* role=kms-client", true},
  };
  for (const auto& c : kCases)
    BOOST_TEST_CONTEXT(c.text) BOOST_TEST(fits(match(c.text), pc) == c.fits);
}

BOOST_AUTO_TEST_CASE(the_words_of_every_kind_read_back) {
  for (const FaultInfo& info : fault_kinds()) {
    BOOST_TEST(&info_of(info.kind) == &info);
    const auto kind = parse_fault_kind(info.name);
    BOOST_REQUIRE(kind.has_value());
    BOOST_TEST((*kind == info.kind));
    BOOST_TEST(!info.help.empty());
    BOOST_TEST(failed(info.code) == (info.kind != FaultKind::kClockSkew));
  }
  for (const Updates updates :
       {Updates::kEveryHost, Updates::kFirstHost, Updates::kRefused, Updates::kUnsupported})
    BOOST_TEST((*parse_updates(to_text(updates)) == updates));
  for (const Share share : {Share::kAttempts, Share::kMachines})
    BOOST_TEST((*parse_share(to_text(share)) == share));
  BOOST_TEST(parse_fault_kind("flood").error().code == HResult::kEInvalidarg);
  BOOST_TEST(parse_updates("some").error().code == HResult::kEInvalidarg);
  BOOST_TEST(parse_share("some").error().code == HResult::kEInvalidarg);
}

BOOST_AUTO_TEST_CASE(dns_names_have_labels) {
  const std::string label(63, 'a');
  const std::string most = label + "." + label + "." + label + "." + std::string(63, 'b');
  for (const std::string& good :
       {std::string("contoso.com"), std::string("a"), label, most, std::string("_x-1.Contoso.COM")})
    BOOST_TEST_CONTEXT(good) BOOST_TEST(check_dns_name(good, "a test").has_value());
  for (const std::string& bad :
       {std::string(), std::string("contoso.com."), std::string(".com"), std::string("a..b"),
        label + "a", most + "b", std::string("a b"), std::string("k\xC3\xB6ln.de")}) {
    BOOST_TEST_CONTEXT(bad)
    BOOST_TEST(code_of(check_dns_name(bad, "a test")) == HResult::kErrorInvalidName);
  }
}

BOOST_AUTO_TEST_CASE(a_model_keeps_its_rules) {
  BOOST_TEST(check(Model{}).has_value());
  BOOST_TEST(check(rich_model()).has_value());
  const struct {
    const char* why;
    std::function<void(Model&)> spoil;
    HResult code = HResult::kEInvalidarg;
  } kBad[] = {
      {"zones out of order", [](Model& m) { std::swap(m.zones[0], m.zones[1]); }},
      {"a zone twice", [](Model& m) { m.zones.insert(m.zones.begin(), m.zones[0]); }},
      {"a zone without a name", [](Model& m) { m.zones[0].name = ""; }, HResult::kErrorInvalidName},
      {"an unknown rule for updates",
       [](Model& m) { m.zones[0].updates = static_cast<Updates>(4); }},
      {"a writer without a name", [](Model& m) { m.zones[0].writers.emplace_back(); }},
      {"a name of another zone", [](Model& m) { m.zones[0].names[0].domain = "a.example"; }},
      {"a name that a zone below should hold",
       [](Model& m) {
         m.zones.push_back({"emea.contoso.com"});
         std::swap(m.zones[1], m.zones[3]);
         std::swap(m.zones[2], m.zones[3]);
       }},
      {"a name without records", [](Model& m) { m.zones[0].names[0].records.clear(); }},
      {"a record at port 0", [](Model& m) { m.zones[0].names[0].records[0].port = 0; }},
      {"a record without a target", [](Model& m) { m.zones[0].names[0].records[0].host = ""; },
       HResult::kErrorInvalidName},
      {"sites out of order", [](Model& m) { std::swap(m.sites[0], m.sites[1]); }},
      {"a site that is a pattern", [](Model& m) { m.sites[0].name = "L*"; },
       HResult::kErrorInvalidName},
      {"a link with one end", [](Model& m) { m.links[0].b = ""; }},
      {"a link that ends before it begins",
       [](Model& m) { m.links[1].window.until = at("2008-03-01"); }},
      {"a rule for a name with a blank", [](Model& m) { m.ports[0].from.name = "PC 1"; }},
      {"a rule for a machine called all", [](Model& m) { m.ports[0].to.name = "All"; }},
      {"a time after all times",
       [](Model& m) { m.ports[0].window.until.ticks = kMaxFileTime.ticks + 1; }},
      {"faults of one name", [](Model& m) { m.faults[0].name = "LATE"; }},
      {"a fault without a name", [](Model& m) { m.faults[0].name = ""; },
       HResult::kErrorInvalidName},
      {"an unknown kind",
       [](Model& m) { m.faults[0].kind = static_cast<FaultKind>(fault_kinds().size() + 1); }},
      {"kind 0", [](Model& m) { m.faults[0].kind = static_cast<FaultKind>(0); }},
      {"once in 0", [](Model& m) { m.faults[0].one_in = 0; }},
      {"an unknown share", [](Model& m) { m.faults[0].share = static_cast<Share>(2); }},
      {"skew of another kind", [](Model& m) { m.faults[0].skew = 5; }},
      {"a skew of nothing", [](Model& m) { m.faults[1].skew = 0; }},
      {"a skew of more than ten years", [](Model& m) { m.faults[1].skew = kMaxSkew + 1; }},
      {"a skew by attempts",
       [](Model& m) {
         m.faults[1].one_in = 2;
         m.faults[1].share = Share::kAttempts;
       }},
      {"an asked machine where none is asked", [](Model& m) { m.faults[1].at.name = "KMS1"; }},
  };
  for (const auto& c : kBad) {
    BOOST_TEST_CONTEXT(c.why) {
      Model m = rich_model();
      c.spoil(m);
      BOOST_TEST(code_of(check(m)) == c.code);
    }
  }
  Limits few;
  few.rules = 1;
  BOOST_TEST(code_of(check(rich_model(), few)) == HResult::kEInvalidarg);
}

BOOST_AUTO_TEST_CASE(faults_are_named_after_their_kind_when_nobody_names_them) {
  Model m;
  BOOST_TEST(*add_fault(m, {}) == "host-unreachable");
  BOOST_TEST(*add_fault(m, {}) == "host-unreachable-2");
  BOOST_TEST(*add_fault(m, {.name = "Outage"}) == "Outage");
  BOOST_TEST(add_fault(m, {.name = "outage"}).error().code == HResult::kErrorAlreadyExists);
  BOOST_TEST(add_fault(m, {.name = "a b"}).error().code == HResult::kErrorInvalidName);
  BOOST_TEST(add_fault(m, {.one_in = 0}).error().code == HResult::kEInvalidarg);
  BOOST_TEST(m.faults.size() == 3u);
  BOOST_TEST(remove_fault(m, "OUTAGE").has_value());
  BOOST_TEST(code_of(remove_fault(m, "outage")) == HResult::kErrorNotFound);
  BOOST_TEST(*add_fault(m, {.name = "outage"}) == "outage");
}

BOOST_AUTO_TEST_CASE(zones_and_sites_are_found_in_any_case_and_kept_in_order) {
  Model m;
  for (const char* name : {"b.example", "A.example", "c.example"})
    BOOST_TEST(ensure_zone(m, name).has_value());
  BOOST_TEST((*ensure_zone(m, "B.EXAMPLE"))->name == "b.example");
  BOOST_TEST(m.zones.size() == 3u);
  BOOST_TEST(check(m).has_value());
  BOOST_TEST(ensure_zone(m, "a..b").error().code == HResult::kErrorInvalidName);
  BOOST_TEST(remove_zone(m, "a.EXAMPLE").has_value());
  BOOST_TEST(code_of(remove_zone(m, "a.example")) == HResult::kErrorNotFound);
  BOOST_TEST((*ensure_site(m, "Ulm"))->internet);
  BOOST_TEST(find_site(m, "ULM") == &m.sites[0]);
  BOOST_TEST(ensure_site(m, "Neu Ulm").error().code == HResult::kErrorInvalidName);
  BOOST_TEST(remove_site(m, "ulm").has_value());
  BOOST_TEST(code_of(remove_site(m, "ulm")) == HResult::kErrorNotFound);
}

BOOST_AUTO_TEST_CASE(a_zone_below_another_takes_its_names_over) {
  Model m = rich_model();
  BOOST_TEST(ensure_zone(m, "emea.contoso.com").has_value());
  BOOST_TEST(check(m).has_value());
  BOOST_TEST(zone_of(m, "emea.contoso.com")->names.size() == 1u);
  BOOST_TEST(zone_of(m, "contoso.com")->names.size() == 1u);
  BOOST_TEST(look_up(m, "EMEA.contoso.com") == HResult::kSOk);
}

BOOST_AUTO_TEST_CASE(the_bytes_read_back_and_damage_is_found_with_its_place) {
  BOOST_TEST(encode(Model{}).empty());
  BOOST_TEST((*decode({}) == Model{}));
  const Model m = rich_model();
  const Bytes bytes = encode(m);
  BOOST_TEST((*decode(bytes) == m));
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const auto cut = decode(ByteSpan(bytes).first(size));
    BOOST_REQUIRE(!cut.has_value());
    BOOST_TEST(cut.error().code == HResult::kErrorInvalidData);
    BOOST_REQUIRE(cut.error().at.has_value());
    BOOST_TEST(cut.error().at->offset <= size);
  }
  const auto refused = [&](std::size_t offset, std::uint8_t value) {
    Bytes spoilt = bytes;
    spoilt[offset] = static_cast<std::byte>(value);
    const auto read = decode(spoilt);
    return read ? HResult::kSOk : read.error().code;
  };
  BOOST_TEST(refused(0, 'X') == HResult::kErrorInvalidData);          // magic
  BOOST_TEST(refused(4, 2) == HResult::kErrorInvalidData);            // version
  BOOST_TEST(refused(6 + 3, 0x7F) == HResult::kErrorInvalidData);     // number of zones
  BOOST_TEST(refused(6 + 4 + 2, '*') == HResult::kErrorInvalidData);  // a zone's name
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  BOOST_TEST(decode(longer).error().code == HResult::kErrorInvalidData);
  Limits small;
  small.bytes = bytes.size() - 1;
  BOOST_TEST(decode(bytes, small).error().code == HResult::kErrorInvalidData);
  BOOST_TEST(decode(bytes, Limits{.zones = 1}).error().code == HResult::kErrorInvalidData);
}

BOOST_AUTO_TEST_CASE(bytes_of_another_writer_are_the_same_network) {
  std::ifstream file(SLWMI_SOURCE_DIR "/fuzz/corpus/network/whole", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto read = decode(as_bytes(bytes));
  BOOST_REQUIRE(read.has_value());
  Model m = rich_model();
  BOOST_REQUIRE(set_other_records(m, "emea.contoso.com", true).has_value());
  BOOST_TEST((*read == m));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::world::net
