#include "policy/catalogue.hpp"

#include <set>

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "registry/path.hpp"

using namespace slwmi;
using namespace slwmi::policy;

namespace {

const SettingInfo& setting(std::string_view name) {
  const SettingInfo* info = find_setting(name);
  BOOST_REQUIRE_MESSAGE(info != nullptr, name);
  return *info;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(policy_catalogue)

// VA2 Appendix 1, "KMS Registry Keys / Values" and "To disable the WAU link": the four paths.
BOOST_AUTO_TEST_CASE(has_every_value_that_the_guide_documents) {
  struct {
    const char* key;
    const char* value;
    reg::ValueType type;
  } const kDocumented[] = {
      {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "DisableDnsPublishing",
       reg::ValueType::kDword},
      {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "EnableKmsLowPriority",
       reg::ValueType::kDword},
      {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "KeyManagementServiceName",
       reg::ValueType::kSz},
      {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "KeyManagementServicePort",
       reg::ValueType::kSz},
      {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL",
       "KeyManagementServiceListeningPort", reg::ValueType::kSz},
      {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "DnsDomainPublishList",
       reg::ValueType::kMultiSz},
      {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "VLActivationInterval",
       reg::ValueType::kDword},
      {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "VLRenewalInterval",
       reg::ValueType::kDword},
      {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "KeyManagementServiceVersion",
       reg::ValueType::kSz},
      {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "UserOperations",
       reg::ValueType::kDword},
      {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL\\Activation", "Manual",
       reg::ValueType::kDword},
      {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL\\Activation",
       "NotificationDisabled", reg::ValueType::kDword},
      {"HKU\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL",
       "KeyManagementServiceRegisteredDomainName", reg::ValueType::kSz},
      {"HKU\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL",
       "KeyManagementServiceRegisteredHostName", reg::ValueType::kSz},
      {"HKU\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL",
       "KeyManagementServiceRegisteredPortNumber", reg::ValueType::kSz},
      {"HKU\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL",
       "DiscoveredKeyManagementServiceName", reg::ValueType::kSz},
      {"HKU\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL",
       "DiscoveredKeyManagementServicePort", reg::ValueType::kSz},
      {"HKU\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "CustomerPID",
       reg::ValueType::kSz},
      {"HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\Explorer\\WAU", "Disabled",
       reg::ValueType::kDword},
  };
  for (const auto& c : kDocumented) {
    BOOST_TEST_CONTEXT(c.value) {
      const SettingInfo* info = find_setting(reg::key_of(c.key), reg::intern_name(c.value).id);
      BOOST_REQUIRE(info != nullptr);
      BOOST_TEST((type_of(info->kind) == c.type));
      BOOST_TEST(find_setting(info->name) == info);
    }
  }
  BOOST_TEST(catalogue().size() == std::size(kDocumented));
}

BOOST_AUTO_TEST_CASE(is_consistent) {
  for (const SettingInfo& info : catalogue()) {
    BOOST_TEST_CONTEXT(info.name) {
      BOOST_TEST(!info.description.empty());
      BOOST_TEST(!info.source.empty());
      BOOST_TEST((info.key_id != reg::KeyId::kNone));
      BOOST_TEST(info.min <= info.max);
      const bool numbers = info.kind != Kind::kHost && info.kind != Kind::kDomains;
      BOOST_TEST(numbers == (info.max != 0));
      if (info.default_text) {
        const std::string text[] = {*info.default_text};
        BOOST_TEST(parse_setting(info, text, false).has_value());
      }
    }
  }
  BOOST_TEST(setting("VLRenewalInterval").min == 15u);
  BOOST_TEST(setting("VLRenewalInterval").max == 43200u);
  BOOST_TEST(setting("vlrenewalinterval").name == "VLRenewalInterval");
}

BOOST_AUTO_TEST_CASE(reads_texts_as_their_registry_values) {
  struct {
    const char* why;
    const char* name;
    std::vector<std::string> texts;
    bool list;
    reg::ValueData data;
  } const kGood[] = {
      {"a plain number of minutes", "VLRenewalInterval", {"10080"}, false, reg::make_dword(10080)},
      {"days", "VLRenewalInterval", {"7 days"}, false, reg::make_dword(10080)},
      {"one week, other case", "VLRenewalInterval", {" 1 Week "}, false, reg::make_dword(10080)},
      {"no space before the unit", "VLActivationInterval", {"2hours"}, false, reg::make_dword(120)},
      {"the least", "VLActivationInterval", {"15"}, false, reg::make_dword(15)},
      {"the greatest", "VLActivationInterval", {"30 days"}, false, reg::make_dword(43200)},
      {"hex", "VLActivationInterval", {"0x3C"}, false, reg::make_dword(60)},
      {"true", "Manual", {"true"}, false, reg::make_dword(1)},
      {"false", "Manual", {"FALSE"}, false, reg::make_dword(0)},
      {"a flag that is on with any number",
       "DisableDnsPublishing",
       {"4294967295"},
       false,
       reg::make_dword(0xFFFFFFFF)},
      {"a port is text", "KeyManagementServicePort", {"1688"}, false, reg::make_sz("1688")},
      {"a host",
       "KeyManagementServiceName",
       {"kms01.contoso.com"},
       false,
       reg::make_sz("kms01.contoso.com")},
      {"an address", "KeyManagementServiceName", {"10.0.0.7"}, false, reg::make_sz("10.0.0.7")},
      {"an IPv6 address", "KeyManagementServiceName", {"fd00::7"}, false, reg::make_sz("fd00::7")},
      {"domains",
       "DnsDomainPublishList",
       {"a.example", "b.example, 10, 5"},
       true,
       reg::make_multi_sz(std::vector<std::string>{"a.example", "b.example, 10, 5"})},
      {"one domain without a list",
       "DnsDomainPublishList",
       {"a.example"},
       false,
       reg::make_multi_sz(std::vector<std::string>{"a.example"})},
      {"no domain", "DnsDomainPublishList", {}, true, reg::make_multi_sz({})},
  };
  for (const auto& c : kGood) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto data = parse_setting(setting(c.name), c.texts, c.list);
      BOOST_REQUIRE(data.has_value());
      BOOST_TEST((*data == c.data));
      BOOST_TEST(check_setting(setting(c.name), data->view()).has_value());
      const auto texts = setting_texts(setting(c.name), data->view());
      BOOST_REQUIRE(texts.has_value());
      const auto again = parse_setting(setting(c.name), *texts, texts->size() != 1);
      BOOST_TEST((again.has_value() && *again == *data));
    }
  }
}

BOOST_AUTO_TEST_CASE(refuses_what_is_out_of_range_or_of_another_form) {
  struct {
    const char* why;
    const char* name;
    std::vector<std::string> texts;
    bool list;
    const char* message;
  } const kBad[] = {
      {"one under the range",
       "VLRenewalInterval",
       {"14"},
       false,
       "14 is outside 15 to 43200 minutes"},
      {"one over the range",
       "VLActivationInterval",
       {"43201"},
       false,
       "43201 is outside 15 to 43200 minutes"},
      {"days over the range",
       "VLRenewalInterval",
       {"31 days"},
       false,
       "44640 is outside 15 to 43200 minutes"},
      {"a number that overflows",
       "VLRenewalInterval",
       {"99999999999999999999 weeks"},
       false,
       "'99999999999999999999 weeks' is not a number of minutes, or a time such as '7 days'"},
      {"an unknown unit",
       "VLRenewalInterval",
       {"7 fortnights"},
       false,
       "'7 fortnights' is not a number of minutes, or a time such as '7 days'"},
      {"a negative number",
       "VLRenewalInterval",
       {"-15"},
       false,
       "'-15' is not a number of minutes, or a time such as '7 days'"},
      {"a list for one value",
       "VLRenewalInterval",
       {"15", "16"},
       true,
       "wants one minutes, not a list"},
      {"a flag over its range", "UserOperations", {"2"}, false, "2 is outside 0 to 1"},
      {"a word for a flag", "UserOperations", {"yes"}, false, "'yes' is not 0, 1, true or false"},
      {"port 0", "KeyManagementServicePort", {"0"}, false, "0 is outside 1 to 65535"},
      {"a port over 65535",
       "KeyManagementServicePort",
       {"65536"},
       false,
       "65536 is outside 1 to 65535"},
      {"a hex port", "KeyManagementServicePort", {"0x10"}, false, "'0x10' is no port number"},
      {"an empty host",
       "KeyManagementServiceName",
       {""},
       false,
       "is empty; list the setting under 'remove' to take the value away"},
      {"a host with a space",
       "KeyManagementServiceName",
       {"kms 01"},
       false,
       "'kms 01' is no host name or address"},
      {"a host with a port",
       "KeyManagementServiceName",
       {"kms01:1688"},
       false,
       "'kms01:1688' is no host name or address"},
      {"a domain with a bad weight",
       "DnsDomainPublishList",
       {"a.example, 1, x"},
       true,
       "'a.example, 1, x' is no domain name with a priority and a weight up to 65535"},
      {"an empty label",
       "DnsDomainPublishList",
       {"a..example"},
       true,
       "'a..example' is no domain name"},
  };
  for (const auto& c : kBad) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto data = parse_setting(setting(c.name), c.texts, c.list);
      BOOST_REQUIRE(!data.has_value());
      BOOST_TEST((data.error().code == HResult::kEInvalidarg));
      BOOST_TEST(data.error().message == c.message);
    }
  }
}

BOOST_AUTO_TEST_CASE(guesses_the_name_that_was_meant) {
  struct {
    const char* written;
    const char* meant;
  } const kCases[] = {
      {"VLRenewallInterval", "VLRenewalInterval"},
      {"VLActivtaionInterval", "VLActivationInterval"},
      {"manaul", "Manual"},
      {"KeyManagementServiceListenPort", "KeyManagementServiceListeningPort"},
      {"Colour", ""},
      {"", ""},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.written) BOOST_TEST(nearest_setting(c.written) == c.meant);
  }
}

BOOST_AUTO_TEST_SUITE_END()
