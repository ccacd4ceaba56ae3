#include "policy/document.hpp"

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "policy/document_builder.hpp"

using namespace slwmi;
using namespace slwmi::policy;

namespace {

Reading read(std::string_view text, const Limits& limits = {}) {
  return read_document(as_bytes(text), syntax_of(as_bytes(text)), "test", {}, limits);
}

Document good(std::string_view text) {
  Reading reading = read(text);
  for (const Finding& finding : reading.findings) BOOST_TEST_MESSAGE(to_text(finding, "test"));
  BOOST_REQUIRE(reading.document.has_value());
  return *std::move(reading.document);
}

std::string key_text(const Document& document) {
  const auto compiled = compile(document);
  BOOST_REQUIRE(compiled.has_value());
  return to_hex(compiled->hash);
}

constexpr const char* kJson = R"({
  "policy": "kms-hardening",
  "description": "Clients renew every two days",
  "settings": {
    "VLRenewalInterval": "2 days",
    "Manual": false,
    "KeyManagementServicePort": 1688,
    "DnsDomainPublishList": ["a.example", "b.example"]
  },
  "registry": [
    {"key": "HKLM\\SOFTWARE\\Contoso", "value": "Site", "type": "REG_SZ", "data": "a \"quoted\" text"},
    {"key": "HKLM\\SOFTWARE\\Contoso", "value": "Blob", "type": "REG_BINARY", "data": "00 ff 5d"},
    {"key": "HKLM\\SOFTWARE\\Contoso", "value": "Soft", "type": "REG_QWORD", "data": "0x10", "soft": true},
    {"key": "HKLM\\SOFTWARE\\Contoso\\Empty"}
  ],
  "remove": ["KeyManagementServiceName",
             {"key": "HKLM\\SOFTWARE\\Contoso", "value": "Old"},
             {"key": "HKLM\\SOFTWARE\\Contoso\\Gone", "what": "key"}]
})";

constexpr const char* kInfo = R"(
policy "kms-hardening"  ; the same document
description "Clients renew every two days"
settings {
  VLRenewalInterval "2 days"
  Manual false
  KeyManagementServicePort 1688
  DnsDomainPublishList { item a.example
                         item b.example }
}
registry {
  item { key "HKLM\\SOFTWARE\\Contoso" value Site type REG_SZ data "a \"quoted\" text" }
  item { key "HKLM\\SOFTWARE\\Contoso" value Blob type REG_BINARY data "00 ff 5d" }
  item {
    key "HKLM\\SOFTWARE\\Contoso" value Soft
    type REG_QWORD
    data 0x10
    soft true
  }
  item { key "HKLM\\SOFTWARE\\" \
             "Contoso\\Empty"
  }
}
remove {
  item KeyManagementServiceName
  item { key "HKLM\\SOFTWARE\\Contoso" value Old }
  item { key "HKLM\\SOFTWARE\\Contoso\\Gone" what key }
}
)";

constexpr const char* kXml = R"(<?xml version="1.0" encoding="utf-8"?>
<!-- the same document -->
<document policy="kms-hardening">
  <description>Clients renew every two days</description>
  <settings KeyManagementServicePort='1688'>
    <VLRenewalInterval>2 days</VLRenewalInterval>
    <Manual>false</Manual>
    <DnsDomainPublishList><item>a.example</item><item>b.example</item></DnsDomainPublishList>
  </settings>
  <registry>
    <item key="HKLM\SOFTWARE\Contoso" value="Site" type="REG_SZ"><data><![CDATA[a "quoted" text]]></data></item>
    <item key="HKLM\SOFTWARE\Contoso" value="Blob" type="REG_BINARY" data="00 ff 5d"/>
    <item key="HKLM\SOFTWARE\Contoso" value="Soft" type="REG_QWORD" data="0x10" soft="true"/>
    <item key="HKLM\SOFTWARE\Contoso\Empty"/>
  </registry>
  <remove>
    <item>KeyManagementServiceName</item>
    <item key="HKLM\SOFTWARE\Contoso" value="Old"/>
    <item key="HKLM\SOFTWARE\Contoso\Gone" what="key"/>
  </remove>
</document>
)";

}  // namespace

BOOST_AUTO_TEST_SUITE(policy_document)

BOOST_AUTO_TEST_CASE(is_the_same_in_json_info_and_xml) {
  BOOST_TEST((syntax_of(as_bytes(kJson)) == Syntax::kJson));
  BOOST_TEST((syntax_of(as_bytes(kInfo)) == Syntax::kInfo));
  BOOST_TEST((syntax_of(as_bytes(kXml)) == Syntax::kXml));
  const Document json = good(kJson);
  BOOST_TEST(json.name == "kms-hardening");
  BOOST_TEST(json.settings.size() == 11u);
  for (const char* text : {kInfo, kXml}) {
    const Document other = good(text);
    BOOST_TEST(other.name == json.name);
    BOOST_TEST(other.description == json.description);
    BOOST_TEST(key_text(other) == key_text(json));
  }
}

BOOST_AUTO_TEST_CASE(knows_where_each_setting_was_written) {
  const Document json = good(kJson);
  BOOST_TEST(json.settings[0].place.path == "settings.VLRenewalInterval");
  BOOST_TEST(json.settings[0].place.at.line == 5);
  BOOST_TEST(json.settings[0].place.at.column == 5);
  BOOST_TEST(json.settings[3].place.at.line == 8);
  BOOST_TEST(json.settings[4].place.path == "registry[0]");
  BOOST_TEST(json.settings[4].place.at.line == 11);
  BOOST_TEST(json.settings[10].place.path == "remove[2]");
  BOOST_TEST(json.settings[10].place.at.line == 18);
  const Document info = good(kInfo);
  BOOST_TEST(info.settings[3].place.at.line == 8);
  BOOST_TEST(info.settings[5].place.at.line == 13);
  const Document xml = good(kXml);
  BOOST_TEST(xml.settings[0].place.path == "settings.KeyManagementServicePort");
  BOOST_TEST(xml.settings[0].place.at.line == 5);
  BOOST_TEST(xml.settings[0].place.at.column == 13);
  BOOST_TEST(xml.settings[6].place.at.line == 13);
}

BOOST_AUTO_TEST_CASE(compiles_equal_whatever_the_order_of_its_settings) {
  const Document one = good(R"({"policy":"p","settings":{"Manual":1,"UserOperations":1}})");
  const Document two = good(R"({"policy":"q","settings":{"UserOperations":true,"Manual":"1"}})");
  const Document other = good(R"({"policy":"p","settings":{"UserOperations":1,"Manual":0}})");
  BOOST_TEST(key_text(one) == key_text(two));
  BOOST_TEST(key_text(one) != key_text(other));
}

BOOST_AUTO_TEST_CASE(survives_writing_and_reading_in_every_syntax) {
  const Document document = good(kJson);
  for (const Syntax syntax : {Syntax::kJson, Syntax::kInfo, Syntax::kXml}) {
    const auto text = write_document(document, syntax);
    BOOST_REQUIRE(text.has_value());
    BOOST_TEST_CONTEXT(*text) {
      const Document again = good(*text);
      BOOST_TEST(again.name == document.name);
      BOOST_TEST(again.description == document.description);
      BOOST_TEST(key_text(again) == key_text(document));
    }
  }
}

BOOST_AUTO_TEST_CASE(comes_back_from_its_layer) {
  const Document document = good(kJson);
  const auto compiled = compile(document);
  BOOST_REQUIRE(compiled.has_value());
  const Document back = document_of("kms-hardening", "", *compiled->layer);
  BOOST_TEST(key_text(back) == key_text(document));
  const auto text = write_document(back, Syntax::kJson);
  BOOST_REQUIRE(text.has_value());
  BOOST_TEST_CONTEXT(*text) BOOST_TEST(key_text(good(*text)) == key_text(document));
}

BOOST_AUTO_TEST_CASE(reports_every_error_with_its_place) {
  struct {
    const char* why;
    const char* text;
    std::vector<const char*> findings;
  } const kBad[] = {
      {"errors are reported together",
       "{\"policy\": \"p\",\n \"settings\": {\"VLRenewallInterval\": 15,\n  \"Manual\": 7}}",
       {"f:2:15: error: settings.VLRenewallInterval: no setting is called 'VLRenewallInterval'; "
        "did "
        "you mean VLRenewalInterval? [unknown-setting]",
        "f:3:3: error: settings.Manual: 7 is outside 0 to 1 [wrong-value]"}},
      {"no name",
       "{\"settings\": {}}",
       {"f:1:1: error: the document has no 'policy', the policy's name [missing-name]"}},
      {"an unknown member",
       "{\"policy\": \"p\", \"setings\": {}}",
       {"f:1:17: error: setings: is not known here; known are policy, description, scope, "
        "settings, "
        "registry, remove [unknown-member]"}},
      {"a setting twice, in another case",
       "{\"policy\": \"p\", \"settings\": {\"Manual\": 1,\n\"MANUAL\": 0}}",
       {"f:2:1: error: settings.MANUAL: changes what settings.Manual in line 1 changes already "
        "[duplicate-setting]"}},
      {"set and removed",
       "{\"policy\": \"p\", \"settings\": {\"Manual\": 1}, \"remove\": [\"Manual\"]}",
       {"f:1:55: error: remove[0]: changes what settings.Manual in line 1 changes already "
        "[duplicate-setting]"}},
      {"by name and by key",
       "{\"policy\": \"p\", \"settings\": {\"Manual\": 1}, \"registry\": [{\"key\": "
       "\"hklm\\\\software\\\\microsoft\\\\windows nt\\\\currentversion\\\\sl\\\\activation\", "
       "\"value\": \"manual\", \"type\": \"dword\", \"data\": 1}]}",
       {"f:1:57: error: registry[0]: changes what settings.Manual in line 1 changes already "
        "[duplicate-setting]"}},
      {"a member twice",
       "{\"policy\": \"p\", \"policy\": \"q\"}",
       {"f:1:17: error: policy: stands here twice, first in line 1 [duplicate-member]"}},
      {"an object for a value",
       "{\"policy\": \"p\", \"settings\": {\"Manual\": {\"a\": 1}}}",
       {"f:1:30: error: settings.Manual: is an object, not a value [wrong-type]"}},
      {"null",
       "{\"policy\": \"p\", \"settings\": {\"Manual\": null}}",
       {"f:1:30: error: settings.Manual: is null, not a value; list it under 'remove' to take it "
        "away [wrong-type]"}},
      {"a list of lists",
       "{\"policy\": \"p\", \"settings\": {\"DnsDomainPublishList\": [[\"a\"]]}}",
       {"f:1:55: error: settings.DnsDomainPublishList[0]: is a list, not a text [wrong-type]"}},
      {"settings for another machine",
       "{\"policy\": \"p\", \"scope\": \"kms-client\", \"settings\": {\"DisableDnsPublishing\": "
       "1}}",
       {"f:1:53: error: settings.DisableDnsPublishing: is for a kms-host, and the document for a "
        "kms-client [wrong-scope]"}},
      {"a scope that is none",
       "{\"policy\": \"p\", \"scope\": \"users\"}",
       {"f:1:17: error: scope: 'users' is none of all, kms-host and kms-client [unknown-scope]"}},
      {"a name with a backslash",
       "{\"policy\": \"a\\\\b\"}",
       {"f:1:2: error: policy: a policy's name has a control character or one of \\/:*?\"<>| "
        "[bad-name]"}},
      {"registry is no list",
       "{\"policy\": \"p\", \"registry\": {\"key\": \"HKLM\\\\A\"}}",
       {"f:1:17: error: registry: is an object; it must be a list ('item' in INFO and XML) "
        "[wrong-type]"}},
      {"no key",
       "{\"policy\": \"p\", \"registry\": [{\"value\": \"v\"}]}",
       {"f:1:30: error: registry[0]: has no 'key' [missing-key]"}},
      {"HKCU",
       "{\"policy\": \"p\", \"registry\": [{\"key\": \"HKCU\\\\A\"}]}",
       {"f:1:30: error: registry[0]: HKEY_CURRENT_USER depends on who asks; write the key below "
        "HKLM "
        "or HKU (the licensing service's own lies in HKU\\S-1-5-20) [bad-key]"}},
      {"a root alone",
       "{\"policy\": \"p\", \"registry\": [{\"key\": \"HKLM\"}]}",
       {"f:1:30: error: registry[0]: names a root and no key in it [bad-key]"}},
      {"no type",
       "{\"policy\": \"p\", \"registry\": [{\"key\": \"HKLM\\\\A\", \"data\": 1}]}",
       {"f:1:30: error: registry[0]: has no 'type', such as REG_DWORD [missing-type]"}},
      {"an unknown type",
       "{\"policy\": \"p\", \"registry\": [{\"key\": \"HKLM\\\\A\", \"type\": \"REG_INT\", "
       "\"data\": 1}]}",
       {"f:1:49: error: registry[0].type: 'REG_INT' is no registry type [unknown-type]"}},
      {"a DWORD that does not fit",
       "{\"policy\": \"p\", \"registry\": [{\"key\": \"HKLM\\\\A\", \"type\": \"DWORD\", \"data\": "
       "4294967296}]}",
       {"f:1:66: error: registry[0].data: '4294967296' is no number from 0 to 4294967295, as "
        "REG_DWORD "
        "wants [wrong-data]"}},
      {"bytes that are no hex",
       "{\"policy\": \"p\", \"registry\": [{\"key\": \"HKLM\\\\A\", \"type\": \"REG_BINARY\", "
       "\"data\": "
       "\"0g\"}]}",
       {"f:1:71: error: registry[0].data: wants bytes as pairs of hex digits, such as '0a ff' "
        "[wrong-data]"}},
      {"a removal of nothing in particular",
       "{\"policy\": \"p\", \"remove\": [{\"key\": \"HKLM\\\\A\"}]}",
       {"f:1:28: error: remove[0]: needs a 'value', or 'what' with 'values' (all of the key) or "
        "'key' "
        "(with all below) [wrong-removal]"}},
      {"UTF-16", "\xFF\xFE{", {"f:1:1: error: the text is UTF-16; save it as UTF-8 [malformed]"}},
  };
  for (const auto& c : kBad) {
    BOOST_TEST_CONTEXT(c.why) {
      const Reading reading = read(c.text);
      BOOST_TEST(!reading.document.has_value());
      std::vector<std::string> found;
      for (const Finding& finding : reading.findings) found.push_back(to_text(finding, "f"));
      BOOST_TEST(found == c.findings, boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(gives_all_its_errors_as_one) {
  const std::string_view text = "policy p\nsettings { Manual 7\nUserOperations maybe }";
  const auto document = parse_document(as_bytes(text), "f.info");
  BOOST_REQUIRE(!document.has_value());
  BOOST_TEST((document.error().code == HResult::kEInvalidarg));
  BOOST_TEST(document.error().at->line == 2);
  BOOST_TEST(document.error().message ==
             "2 errors in f.info\n  2:12: settings.Manual: 7 is outside 0 to 1\n"
             "  3:1: settings.UserOperations: 'maybe' is not 0, 1, true or false");
}

BOOST_AUTO_TEST_CASE(warns_and_goes_on) {
  const Document document = good(
      R"({"policy":"p","registry":[{"key":"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL",
          "value":"KeyManagementServicePort","type":"REG_DWORD","data":1688}],
          "settings":{"VLRenewalInterval":"2 days","WindowsAnytimeUpgradeDisabled":1,
                      "DisableDnsPublishing":1,"CustomerPID":"x"}})");
  BOOST_REQUIRE(document.warnings.size() == 1u);
  BOOST_TEST(document.warnings[0].message ==
             "KeyManagementServicePort is documented as REG_SZ, this is REG_DWORD");
  const auto codes = [&](std::string_view role) {
    std::vector<std::string> found;
    for (const Finding& finding : lint(document, role)) found.push_back(finding.code);
    return found;
  };
  const std::vector<std::string> whatever{"kept-by-service", "would-tattoo"};
  const std::vector<std::string> client{"replaced-by-host", "kms-only"};
  const std::vector<std::string> host{"client-only", "client-only"};
  BOOST_TEST(codes("") == whatever, boost::test_tools::per_element());
  BOOST_TEST(codes("kms-client") == client, boost::test_tools::per_element());
  BOOST_TEST(codes("kms-host") == host, boost::test_tools::per_element());
  BOOST_TEST(lint(document)[1].message ==
             "4 values lie outside of the policy trees (the first is KeyManagementServicePort): "
             "real Group "
             "Policy would leave them behind when the policy goes; here removal restores what was "
             "there");
}

BOOST_AUTO_TEST_CASE(is_made_from_names_and_texts) {
  const auto made =
      make_document("p", "d", {{"Manual", {"1"}}, {"DnsDomainPublishList", {"a.example"}, true}});
  BOOST_REQUIRE(made.has_value());
  const Document read_one =
      good(R"({"policy":"p","settings":{"DnsDomainPublishList":["a.example"],"Manual":1}})");
  BOOST_TEST(key_text(*made) == key_text(read_one));
  const auto bad = make_document("p", "", {{"Manul", {"1"}}});
  BOOST_REQUIRE(!bad.has_value());
  BOOST_TEST(bad.error().message ==
             "settings.Manul: no setting is called 'Manul'; did you mean Manual?");
}

BOOST_AUTO_TEST_SUITE_END()
