#include "world/simulation/description.hpp"

#include <boost/test/unit_test.hpp>

#include "world/simulation/simulation.hpp"

using namespace slwmi;
using namespace slwmi::world;
using namespace slwmi::world::simulation;

namespace {

Result<Description> read(std::string_view text) { return read_description(as_bytes(text)); }

std::string why(const Error& error) {
  const SourcePos at = error.at.value_or(SourcePos{});
  return std::to_string(at.line) + ":" + std::to_string(at.column) + " " + error.message;
}
std::string why(const Result<Description>& result) { return result ? "read" : why(result.error()); }

constexpr const char* kJson = R"({
  "world": "contoso", "seed": 7, "start": "2008-04-01T08:00", "duration": "90 days",
  "sample": "12h", "checkpoint": "1 week",
  "images": [{"name": "corp", "generalized": false, "age": "3 days"}],
  "machines": [
    {"name": "KMS1", "os": "2008", "role": "kms-host", "site": "Ulm"},
    {"name": "PC####", "count": 40, "image": "corp", "virtual": true, "start": "1d", "spread": "8h"}
  ],
  "policies": [{"machines": "PC*", "document": {"policy": "clients", "settings": {"Manual": 1}}}],
  "network": {
    "zones": [{"name": "contoso.com", "updates": "first-host", "writers": ["KMS*"]}],
    "records": [{"domain": "contoso.com", "host": "old.contoso.com"}],
    "sites": [{"name": "Ulm", "internet": false}],
    "links": [{"a": "Ulm", "b": "*", "open": false, "from": "10 days", "until": "12 days"}],
    "ports": [{"who": "PC*", "at": "KMS*"}],
    "faults": [{"kind": "clock-skew", "who": "PC0001", "skew": "-5 hours", "one-in": 1}]
  },
  "actions": [
    {"at": "20 days", "do": "rename", "machines": "KMS1", "to": "KMS9"},
    {"at": "2 days", "do": "rearm", "machines": "PC0002"}
  ]
})";

constexpr const char* kInfo = R"(
world contoso
seed 7
start "2008-04-01T08:00"
duration "90 days"
sample 12h
checkpoint "1 week"
images { item { name corp  generalized false  age "3 days" } }
machines {
  item { name KMS1  os 2008  role kms-host  site Ulm }
  item { name "PC####"  count 40  image corp  virtual true  start 1d  spread 8h }
}
policies { item { machines "PC*"  document { policy clients  settings { Manual 1 } } } }
network {
  zones { item { name contoso.com  updates first-host  writers { item "KMS*" } } }
  records { item { domain contoso.com  host old.contoso.com } }
  sites { item { name Ulm  internet false } }
  links { item { a Ulm  b "*"  open false  from "10 days"  until "12 days" } }
  ports { item { who "PC*"  at "KMS*" } }
  faults { item { kind clock-skew  who PC0001  skew "-5 hours"  one-in 1 } }
}
actions {
  item { at "20 days"  do rename  machines KMS1  to KMS9 }
  item { at "2 days"  do rearm  machines PC0002 }
}
)";

constexpr const char* kXml = R"(<document world="contoso" seed="7" start="2008-04-01T08:00"
    duration="90 days" sample="12h" checkpoint="1 week">
  <images><item name="corp" generalized="false" age="3 days"/></images>
  <machines>
    <item name="KMS1" os="2008" role="kms-host" site="Ulm"/>
    <item name="PC####" count="40" image="corp" virtual="true" start="1d" spread="8h"/>
  </machines>
  <policies><item machines="PC*"><document policy="clients"><settings Manual="1"/></document></item>
  </policies>
  <network>
    <zones><item name="contoso.com" updates="first-host"><writers><item>KMS*</item></writers></item>
    </zones>
    <records><item domain="contoso.com" host="old.contoso.com"/></records>
    <sites><item name="Ulm" internet="false"/></sites>
    <links><item a="Ulm" b="*" open="false" from="10 days" until="12 days"/></links>
    <ports><item who="PC*" at="KMS*"/></ports>
    <faults><item kind="clock-skew" who="PC0001" skew="-5 hours" one-in="1"/></faults>
  </network>
  <actions>
    <item at="20 days" do="rename" machines="KMS1" to="KMS9"/>
    <item at="2 days" do="rearm" machines="PC0002"/>
  </actions>
</document>)";

}  // namespace

BOOST_AUTO_TEST_SUITE(world_descriptions)

BOOST_AUTO_TEST_CASE(json_info_and_xml_describe_the_same_world) {
  for (const char* text : {kJson, kInfo, kXml}) {
    const auto description = read(text);
    BOOST_TEST_CONTEXT(std::string(text).substr(0, 12)) {
      BOOST_REQUIRE_MESSAGE(description.has_value(), why(description));
      const Description& d = *description;
      BOOST_TEST(d.name == "contoso");
      BOOST_TEST(d.seed == 7u);
      BOOST_TEST(format_iso8601(d.start) == "2008-04-01T08:00:00Z");
      BOOST_TEST(d.duration == 129600u);
      BOOST_TEST(d.sample == 720u);
      BOOST_TEST(d.checkpoint == 10080u);
      BOOST_TEST(d.machine_count() == 41u);
      BOOST_REQUIRE(d.groups.size() == 2u);
      BOOST_TEST(d.groups[0].spec.role == "kms-host");
      BOOST_TEST(d.groups[0].spec.site == "Ulm");
      BOOST_TEST(d.groups[1].spec.virtual_machine);
      BOOST_TEST(d.groups[1].start == 1440u);
      BOOST_TEST(d.groups[1].spread == 480u);
      BOOST_TEST(machine_name(d.groups[1], 7) == "PC0007");
      BOOST_REQUIRE(d.find_image("CORP") != nullptr);
      BOOST_TEST(!d.find_image("corp")->generalized);
      BOOST_TEST(d.find_image("corp")->age == 4320u);
      BOOST_REQUIRE(d.policies.size() == 1u);
      BOOST_TEST(d.policies[0].document.name == "clients");
      BOOST_TEST(d.policies[0].machines == "PC*");
      BOOST_REQUIRE(d.network.zones.size() == 1u);
      BOOST_TEST((d.network.zones[0].updates == net::Updates::kFirstHost));
      BOOST_TEST(d.network.zones[0].writers.size() == 1u);
      BOOST_TEST(d.network.zones[0].names.size() == 1u);
      BOOST_TEST(!d.network.sites.at(0).internet);
      BOOST_TEST(format_iso8601(d.network.links.at(0).window.from) == "2008-04-11T08:00:00Z");
      BOOST_TEST(d.network.ports.at(0).port == 1688u);
      BOOST_TEST(d.network.faults.at(0).skew == -300);
      BOOST_REQUIRE(d.actions.size() == 2u);  // by time
      BOOST_TEST(name_of(d.actions[0].kind) == "rearm");
      BOOST_TEST(d.actions[1].to == "KMS9");
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_left_out_has_its_usual_value) {
  const auto description = read(R"({"machines": {"name": "PC1"}})");
  BOOST_REQUIRE_MESSAGE(description.has_value(), why(description));
  BOOST_TEST(description->duration == 259200u);
  BOOST_TEST(description->sample == 1440u);
  BOOST_TEST(format_iso8601(description->start) == "2008-03-01T00:00:00Z");
  BOOST_TEST(description->groups[0].spec.os == "vista-sp1");
  BOOST_TEST(description->groups[0].spec.role == "kms-client");
  BOOST_TEST(description->groups[0].spec.domain == "contoso.com");
  BOOST_TEST(machine_name(description->groups[0], 1) == "PC1");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_told_with_its_place) {
  struct {
    const char* what;
    const char* text;
    const char* error;
  } const kBad[] = {
      {"no machines", "{}", "1:1 the description has no 'machines'"},
      {"an unknown member", R"({"machine": []})",
       "1:2 machine is not known here; known are world, seed, start, duration, sample, checkpoint, "
       "images, machines, policies, network, actions"},
      {"a member twice", R"({"seed": 1, "seed": 2})", "1:13 seed stands here twice"},
      {"a count that is no number", R"({"machines": [{"name": "P#", "count": "x"}]})",
       "1:30 machines[0].count is not a number"},
      {"a count of none", R"({"machines": [{"name": "P#", "count": 0}]})",
       "1:30 machines[0].count is not within 1 to 10000000"},
      {"many machines of one name", R"({"machines": [{"name": "P", "count": 2}]})",
       "1:15 machines[0] has several machines and no # in its 'name'"},
      {"two numbers in a name", R"({"machines": [{"name": "P#-#", "count": 2}]})",
       "1:15 machines[0] has two runs of # in its 'name'"},
      {"a list that is a text", R"({"machines": "PC1"})", "1:2 machines is not a list"},
      {"a machine that is a text", R"({"machines": ["PC1"]})", "1:15 machines[0] is not an object"},
      {"two images of one name", R"({"images": [{"name": "a"}, {"name": "A"}]})",
       "1:28 images[1] is described already: A"},
      {"an image nobody described", R"({"machines": [{"name": "P", "image": "x"}]})",
       "1:15 machines[0] names an 'image' that is not described: x"},
      {"a duration without a unit", R"({"duration": 30})",
       "1:2 duration is no length of time, such as '180 days' or '1d12h'"},
      {"sampling all the time", R"({"sample": "0m", "machines": [{"name": "P"}]})",
       "1:2 sample is no time at all"},
      {"a start that is no date", R"({"start": "tomorrow"})",
       "1:2 start is no time, such as 2008-03-01T08:00"},
      {"an unknown deed", R"({"actions": [{"at": "1d", "do": "explode"}]})",
       "1:27 actions[0].do is nothing that can be done; known are restart, rearm, generalize, "
       "activate, change-hardware, mark-non-genuine, tamper, install-key, rename, move, remove, "
       "push, withdraw"},
      {"a deed without a time", R"({"actions": [{"do": "rearm"}]})",
       "1:14 actions[0] needs 'at', a time after the start, and 'do'"},
      {"a renaming to nothing", R"({"actions": [{"at": "1d", "do": "rename"}]})",
       "1:14 actions[0] needs 'to'"},
      {"a move to nowhere", R"({"actions": [{"at": "1d", "do": "move"}]})",
       "1:14 actions[0] needs 'to', a domain, or 'site'"},
      {"an unknown fault", R"({"network": {"faults": [{"kind": "fire"}]}})", "1:26 "},
      {"a window that is no time", R"({"network": {"links": [{"a": "*", "b": "*", "from": "x"}]}})",
       "1:45 network.links[0].from is neither a time after the start, such as '10 days', nor a "
       "date"},
      {"a policy that is none",
       R"({"policies": [{"document": {"policy": "p", "settings": {"No": 1}}}]})",
       "1:57 policies[0].document is no policy: settings.No: "},
      {"a policy with two errors",
       "{\"policies\": [{\"document\": {\"policy\": \"p\",\n  \"settings\": {\"No\": 1,\n    "
       "\"Nor\": 1}}}]}",
       "2:16 policies[0].document is no policy: 2 errors\n  2:16: settings.No: "},
      {"a policy without a name", R"({"policies": [{"document": {"settings": {}}}]})",
       "1:16 policies[0].document is no policy: the document has no 'policy', the policy's name"},
      {"a policy that is a text", R"({"policies": [{"document": "p"}]})",
       "1:16 policies[0].document is not an object"},
      {"a policy with stray text in XML",
       "<document><policies><item>\n<document "
       "policy='p'>text<x/></document></item></policies></document>",
       "2:26 policies[0].document is no policy: x: is not known here"},
      {"a policy for machines by WMI filter",
       R"({"policies": [{"machines": "wmi=SELECT * FROM Win32_OperatingSystem"}]})",
       "1:16 policies[0].machines has a WMI filter, which selects no machines here"},
      {"a name that no machine can have",
       R"({"actions": [{"at": "1d", "do": "rename", "to": "a b"}]})",
       "1:43 actions[0].to is wrong: "},
      {"a domain that is none", R"({"actions": [{"at": "1d", "do": "move", "to": "a..b"}]})",
       "1:41 actions[0].to is wrong: "},
      {"a site that is none", R"({"actions": [{"at": "1d", "do": "move", "site": "a b"}]})",
       "1:41 actions[0].site is wrong: "},
      {"a link without an end", R"({"network": {"links": [{"a": "*", "b": "*"}, {"a": "*"}]}})",
       "1:46 network.links[1] is not right: a link lacks a site"},
      {"the second fault of a name",
       R"({"network": {"faults": [{"kind": "host-unreachable", "name": "x"}, {"kind": "host-unreachable", "name": "x"}]}})",
       "1:68 network.faults[1] is not right: there is a fault x already"},
      {"two zones of one name", R"({"network": {"zones": [{"name": "a.b"}, {"name": "A.B"}]}})",
       "1:41 network.zones[1] is described already: a.b"},
      {"two sites of one name", R"({"network": {"sites": [{"name": "s"}, {"name": "S"}]}})",
       "1:39 network.sites[1] is described already: s"},
      {"a writer without a name",
       R"({"network": {"zones": [{"name": "a.b"}, {"name": "b.c", "writers": [""]}]}})",
       "1:41 network.zones[1] is not right: a writer of the zone b.c has no name"},
      {"a time after the last", R"({"duration": "600000 days", "start": "9000-01-01T00:00"})",
       "1:2 duration ends after the last time there is"},
      {"a start before the last", R"({"start": "9999-12-01T00:00", "machines": {"name": "P"}})",
       "1:1 the description ends after the last time there is"},
      {"INFO: what is unknown", "machines {\n  item { name PC1 }\n  item { name PC2  rank 1 }\n}",
       "3:20 machines[1].rank is not known here; "},
      {"INFO: what is no number", "world x\nseed \"y z\"\n", "2:1 seed is not a number"},
      {"XML: an attribute", "<document\n  seed='x'/>", "2:3 seed is not a number"},
      {"XML: an element",
       "<document>\n <machines>\n  <item name='PC1'/>\n  <item count='2'/>\n "
       "</machines></document>",
       "4:3 machines[1] has no 'name'"},
      {"a Registry.pol", "PReg\x01", "0:0 a Registry.pol describes no world"},
      {"no tree at all", "{\"a\"", "1:5 "},
  };
  for (const auto& row : kBad) {
    BOOST_TEST_CONTEXT(row.what) {
      const auto description = read(row.text);
      BOOST_TEST(!description.has_value());
      BOOST_TEST(why(description).substr(0, std::string(row.error).size()) == row.error);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_names_nothing_in_the_description_is_told_with_its_place) {
  const std::string head =
      R"({"duration": "9d", "machines": [{"name": "PC##", "first": 7, "count": 10},)"
      R"({"name": "KMS1", "os": "2008", "role": "kms-host", "site": "Ulm"}],)"
      "\n";
  struct {
    const char* what;
    const char* text;
    const char* error;
  } const kBad[] = {
      {"a deed at the end", R"("actions": [{"at": "9d", "do": "rearm"}]})",
       "2:14 actions[0].at is never done: the simulated time ends before"},
      {"a deed with what another one takes",
       R"("actions": [{"at": "1d", "do": "rename", "to": "X", "site": "Ulm"}]})",
       "2:53 actions[0].site is not known here; known are at, do, machines, to"},
      {"a restart with a document",
       R"("actions": [{"at": "1d", "do": "restart", "document": {"policy": "p"}}]})",
       "2:43 actions[0].document is not known here; known are at, do, machines"},
      {"a policy that nobody pushed",
       R"("actions": [{"at": "1d", "do": "withdraw", "policy": "p"}]})",
       "2:44 actions[0].policy names no policy that was pushed before"},
      {"a policy that is pushed later",
       R"("actions": [{"at": "1d", "do": "withdraw", "policy": "p"},
          {"at": "2d", "do": "push", "document": {"policy": "p"}}]})",
       "2:44 actions[0].policy names no policy that was pushed before"},
      {"a policy for nobody", R"("policies": [{"machines": "LAB*", "document": {"policy": "p"}}]})",
       "2:15 policies[0].machines names no machine of the description: \"LAB*\""},
      {"a number over the last", R"("actions": [{"at": "1d", "do": "rearm", "machines": "PC17"}]})",
       "2:41 actions[0].machines names no machine of the description: \"PC17\""},
      {"a number under the first",
       R"("actions": [{"at": "1d", "do": "rearm", "machines": "PC06"}]})",
       "2:41 actions[0].machines names no machine of the description: \"PC06\""},
      {"a number of fewer digits",
       R"("actions": [{"at": "1d", "do": "rearm", "machines": "PC7"}]})",
       "2:41 actions[0].machines names no machine of the description: \"PC7\""},
      {"nobody left out", R"("actions": [{"at": "1d", "do": "rearm", "machines": "!LAB"}]})",
       "2:41 actions[0].machines names no machine of the description: \"LAB\""},
      {"an unknown role",
       R"("actions": [{"at": "1d", "do": "rearm", "machines": "role=kms-hots"}]})",
       "2:41 actions[0].machines names no role of the description: \"kms-hots\""},
      {"an unknown system", R"("actions": [{"at": "1d", "do": "rearm", "machines": "os=xp"}]})",
       "2:41 actions[0].machines names no operating system of the description: \"xp\""},
      {"a port for nobody", R"("network": {"ports": [{"who": "PC*|LAB*"}]}})",
       "2:24 network.ports[0].who names no machine of the description: \"LAB*\""},
      {"a fault at nobody", R"("network": {"faults": [{"kind": "host-busy", "at": "KMS2"}]}})",
       "2:46 network.faults[0].at names no machine of the description: \"KMS2\""},
      {"a fault of an unknown role",
       R"("network": {"faults": [{"kind": "no-dns-suffix", "who": "role=mak"}]}})",
       "2:50 network.faults[0].who names no role of the description: \"mak\""},
      {"a fault in an unknown domain",
       R"("network": {"faults": [{"kind": "no-dns-suffix", "who": "domain=b.c"}]}})",
       "2:50 network.faults[0].who names no domain of the description: \"b.c\""},
      {"a fault in an unknown site",
       R"("network": {"faults": [{"kind": "no-dns-suffix", "who": "site=Bonn"}]}})",
       "2:50 network.faults[0].who names no site of the description: \"Bonn\""},
      {"a link of an unknown site", R"("network": {"links": [{"a": "*", "b": "Bonn"}]}})",
       "2:34 network.links[0].b names no site of the description: \"Bonn\""},
      {"a record in an unknown zone",
       R"("network": {"records": [{"domain": "a.fabrikam.com", "host": "k.a.com"}]}})",
       "2:26 network.records[0].domain names no zone of the description: \"a.fabrikam.com\""},
      {"a writer that nobody is",
       R"("network": {"zones": [{"name": "a.b", "updates": "first-host", "writers": ["LAB*"]}]}})",
       "2:76 network.zones[0].writers[0] names no machine of the description: \"LAB*\""},
  };
  for (const auto& row : kBad) {
    BOOST_TEST_CONTEXT(row.what) {
      const auto description = read(head + row.text);
      BOOST_TEST(!description.has_value());
      BOOST_TEST(why(description) == row.error);
    }
  }
  constexpr const char* kGood[] = {
      R"("actions": [{"at": "8d23h", "do": "rearm", "machines": "pc07 PC16 !PC1? role=KMS-Host|kms-client os=2008"}]})",
      R"("actions": [{"at": "2d", "do": "withdraw", "policy": "P"}, {"at": "2d", "do": "restart"},
                     {"at": "1d", "do": "push", "document": {"policy": "p"}}]})",
      R"("policies": [{"document": {"policy": "p"}}],
         "actions": [{"at": "2d", "do": "withdraw", "policy": "P", "machines": "PC*"}]})",
      R"("network": {"records": [{"domain": "contoso.com", "host": "k.a.com"},
                                 {"domain": "eu.contoso.com", "host": "k.a.com"}]}})",
      R"("network": {"zones": [{"name": "a.b", "writers": "KMS?"}], "records": [{"domain": "A.B", "host": "k.a.com"}],
                     "sites": [{"name": "Bonn"}], "links": [{"a": "B*", "b": "Default*"}]}})",
      R"("actions": [{"at": "1d", "do": "rename", "machines": "KMS1", "to": "KMS9"},
                     {"at": "1d", "do": "move", "machines": "KMS9", "to": "b.c", "site": "Bonn"}],
         "network": {"faults": [{"kind": "host-busy", "who": "site=Bonn domain=b.c", "at": "KMS9"}]}})",
  };
  for (const char* text : kGood) {
    const auto description = read(head + text);
    BOOST_TEST_CONTEXT(text) BOOST_TEST(why(description) == "read");
  }
}

// What only the world knows is told when it is made.
BOOST_AUTO_TEST_CASE(what_a_world_refuses_is_told_with_its_place) {
  struct {
    const char* what;
    const char* text;
    const char* error;
  } const kBad[] = {
      {"an unknown system", "machines {\n item { name PC1 }\n item { name PC2  os 97 }\n}",
       "3:2 machines[1] is refused: \"97\" is no operating system"},
      {"an unknown role", "machines {\n item { name PC1  role king }\n}",
       "2:2 machines[0] is refused: \"king\" is no role"},
      {"an unknown edition", R"({"machines": [{"name": "PC1", "edition": "Huge"}]})",
       "1:15 machines[0] is refused: no kms-client product of edition \"Huge\""},
      {"a name that no machine can have", R"({"machines": {"name": "P C"}})",
       "1:2 machines is refused: \"P C\" is no computer name"},
      {"names that become too long",
       R"({"machines": [{"name": "PC###############################################################"}]})",
       "1:15 machines[0] is refused: "},
      {"a name of two groups",
       "<document>\n<machines><item name='PC#' count='12'/>\n<item "
       "name='pc1#'/></machines></document>",
       "3:1 machines[1] is refused: there is a machine pc11 before it"},
      {"a site that is none", R"({"machines": [{"name": "PC1", "site": "a b"}]})",
       "1:15 machines[0] is refused: \"a b\" is no name of a site"},
      {"a key of no product",
       "{\"machines\": {\"name\": \"PC1\"}, \"actions\": [\n  {\"at\": \"1d\", \"do\": "
       "\"install-key\", "
       "\"edition\": \"Huge\", \"channel\": \"VOLUME_MAK\"}]}",
       "2:3 actions[0] is refused: the catalogue has no Huge"},
  };
  for (const auto& row : kBad) {
    BOOST_TEST_CONTEXT(row.what) {
      const auto world = World::in_memory().value();
      const auto begun = Simulation::begin(*world, as_bytes(std::string_view(row.text)));
      BOOST_REQUIRE(!begun.has_value());
      const std::string told = why(begun.error());
      BOOST_TEST(told.substr(0, std::string(row.error).size()) == row.error);
      BOOST_TEST(world->machine_count().value() == 0u);
    }
  }
  const auto world = World::in_memory().value();
  BOOST_TEST(Simulation::begin(*world, as_bytes(std::string_view(kJson))).has_value());
}

BOOST_AUTO_TEST_CASE(what_fails_while_time_passes_is_told_with_its_place) {
  constexpr std::string_view kText =
      "{\"machines\": {\"name\": \"PC#\", \"count\": 2}, \"duration\": \"3 days\", \"actions\": [\n"
      "  {\"at\": \"1d\", \"do\": \"rename\", \"machines\": \"PC*\", \"to\": \"NEW\"}]}";
  const auto world = World::in_memory().value();
  const auto run = Simulation::begin(*world, as_bytes(kText)).value();
  const auto ran = run->run({});
  BOOST_REQUIRE(!ran.has_value());
  BOOST_TEST(why(ran.error()).substr(0, 26) == "2:3 actions[0] is refused:");
}

BOOST_AUTO_TEST_CASE(limits_hold_for_text_and_machines) {
  DescriptionLimits limits;
  limits.machines = 10;
  const std::string_view many = R"({"machines": [{"name": "P#", "count": 11}]})";
  const std::string_view few = R"({"machines": [{"name": "P#", "count": 10}]})";
  BOOST_TEST(read_description(as_bytes(few), limits).has_value());
  const auto refused = read_description(as_bytes(many), limits);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(to_hex(refused.error().code) == "0x80070057");
  BOOST_TEST(why(refused).substr(0, 4) == "1:2 ");
  const std::string deep = std::string(100'000, '[');
  BOOST_TEST(!read(deep).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
