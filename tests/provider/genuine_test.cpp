// Genuine state: the key that is checked, what a validation leaves behind, and tampering that the
// digest of a licence record shows. Source: VA2 "Recovering from a Non-Genuine State".
#include "provider/genuine.hpp"

#include "provider/pid.hpp"
#include "tests/provider/logged_machine.hpp"

namespace slwmi::licensing {
namespace {

using test::Logged;
using test::TestMachine;
using H = HResult;

constexpr const char* kService = "SoftwareLicensingService";
constexpr const char* kProduct = "SoftwareLicensingProduct";

HResult validate(TestMachine& m) {
  const auto done = m.service().acquire_genuine_ticket(kValidationTemplate, kValidationUrl);
  return done ? HResult::kSOk : done.error().code;
}

GenuineStatus status(TestMachine& m) {
  const reg::HiveView view = m.view();
  return genuine_status(m.host, MachineState::read(m.host, view), view, m.clock.now());
}

std::optional<ProductKey> checked(TestMachine& m) {
  const reg::HiveView view = m.view();
  return checked_key(MachineState::read(m.host, view).base().license, view);
}

std::string pid_of(ProductKey key) {
  PidFields fields;
  fields.key = key;
  fields.channel = Channel::kKmsHost;
  fields.installed = test::kStart;
  return extended_product_id(fields);
}

constexpr ProductKey kGood{408, 1'002'003}, kBad{408, 66};

// A KMS client that a host with the key activated.
struct Client : Logged {
  explicit Client(ProductKey host_key) {
    network.pid = pid_of(host_key);
    network.verdicts[kBad.serial] = {H::kSlEChpaProductKeyBlocked};
    BOOST_TEST(call(kProduct, "Activate") == H::kSOk);
    news();
  }
};

BOOST_AUTO_TEST_SUITE(genuine)

BOOST_AUTO_TEST_CASE(an_extended_product_id_tells_its_key) {
  for (const ProductKey key : {ProductKey{1, 1}, kGood, ProductKey{65535, 999'999'999}})
    BOOST_TEST((key_in(pid_of(key)) == key));
  const struct {
    const char* why;
    const char* text;
  } kBadTexts[] = {
      {"nothing", ""},
      {"another platform group", "55041-00408-001-002003-03-1033-6001.0000-0612008"},
      {"cut short", "70007-00408-001-002003"},
      {"a letter", "70007-00408-001-0020x3-03-1033-6001.0000-0612008"},
      {"a group beyond 16 bits", "70007-70408-001-002003-03-1033-6001.0000-0612008"},
      {"shifted", "70007-0408-0001-002003-03-1033-6001.0000-0612008"},
      {"no product ID", "host-pid-of-a-machine-that-is-none"},
  };
  for (const auto& c : kBadTexts) BOOST_TEST_CONTEXT(c.why) BOOST_TEST(!key_in(c.text).has_value());
}

BOOST_AUTO_TEST_CASE(a_validation_checks_the_key_that_the_machine_answers_for) {
  Client client(kGood);
  BOOST_TEST((checked(client) == kGood), "a KMS client answers for its host's key");
  client.set(paths::kServiceSl, "CustomerPID", reg::make_sz("nonsense"));
  BOOST_TEST((checked(client) == ProductKey{client.license().key_group, kSetupSerial}));
  TestMachine fresh;
  BOOST_TEST((checked(fresh) == ProductKey{fresh.license().key_group, kSetupSerial}),
             "not activated yet");
  TestMachine mak({.os = "vista-sp1", .role = "mak"});
  mak.set(paths::kServiceSl, "CustomerPID", reg::make_sz(pid_of(kBad)));
  BOOST_TEST((checked(mak) == ProductKey{mak.license().key_group, mak.license().key_serial}));
  TestMachine bare({.os = "vista-sp1", .role = "unlicensed"});
  BOOST_TEST(!checked(bare).has_value());
}

// covers: AcquireGenuineTicket
BOOST_AUTO_TEST_CASE(reactivation_stays_non_genuine_until_a_validation) {
  Client m(kBad);
  BOOST_TEST((status(m).state == GenuineState::kOffline));
  m.advance(10);
  BOOST_TEST(validate(m) == H::kSlENotGenuine);
  BOOST_TEST(m.news() == "8209 0xC004C003 ID; 1025 4 43200 ID; ");
  BOOST_TEST(
      (m.status() == Status{LicenseStatus::kNonGenuineGrace, H::kSlINongenuineGracePeriod, 43200}));
  const GenuineStatus found = status(m);
  BOOST_TEST((found.state == GenuineState::kInvalidLicense));
  BOOST_TEST(found.reason == H::kSlEChpaProductKeyBlocked);
  BOOST_TEST(found.since.ticks == m.clock.now().ticks);
  BOOST_TEST(found.until.ticks == (m.clock.now() + minutes(43200)).ticks);

  m.advance(100);
  BOOST_TEST(m.call(kProduct, "Activate") == H::kSOk);
  m.news();
  BOOST_TEST(m.status().remaining == 43100u, "the same host: nothing is better");
  BOOST_TEST(validate(m) == H::kSlENotGenuine);
  BOOST_TEST(m.news() == "8209 0xC004C003 ID; ", "the grace period goes on, it does not begin");

  m.network.pid = pid_of(kGood);  // the host got another key
  BOOST_TEST(validate(m) == H::kSlENotGenuine, "not reactivated yet");
  m.news();
  BOOST_TEST(m.call(kProduct, "Activate") == H::kSOk);
  m.news();
  BOOST_TEST((m.status().status == LicenseStatus::kNonGenuineGrace));
  BOOST_TEST(validate(m) == H::kSOk);
  BOOST_TEST(m.news() == "1067 ID 0x0; ");
  BOOST_TEST(
      (m.status() == Status{LicenseStatus::kLicensed, H::kSlEVlInfoProductUserRight, 259200}));
  BOOST_TEST((status(m).state == GenuineState::kGenuine));
  BOOST_TEST(status(m).since.ticks == 0u);
}

BOOST_AUTO_TEST_CASE(another_mak_must_be_activated_before_it_proves_anything) {
  Logged m({.os = "vista-sp1", .role = "mak"});
  BOOST_TEST(m.call(kProduct, "Activate") == H::kSOk);
  m.network.verdicts[m.license().key_serial] = {H::kSlEChpaProductKeyBlocked};
  BOOST_TEST(validate(m) == H::kSlENotGenuine);
  BOOST_TEST(m.call(kService, "InstallProductKey",
                    {{"ProductKey", cim::Value::text(m.key(Channel::kMak, 77))}}) == H::kSOk);
  BOOST_TEST((m.status().status == LicenseStatus::kNonGenuineGrace));
  m.news();
  const std::string before = m.digest();
  BOOST_TEST(validate(m) == H::kSlENotGenuine);
  BOOST_TEST(m.digest() == before);
  BOOST_TEST(m.news() == "8208 0xC004F200 ID; ");
  BOOST_TEST(m.call(kProduct, "Activate") == H::kSOk);
  BOOST_TEST((m.status().status == LicenseStatus::kNonGenuineGrace));
  BOOST_TEST(validate(m) == H::kSOk);
  BOOST_TEST((m.status().status == LicenseStatus::kLicensed));
}

BOOST_AUTO_TEST_CASE(a_verdict_may_grant_no_grace) {
  for (const std::string_view os : test::kSystems) {
    Logged m({.os = std::string(os), .role = "mak"});
    BOOST_TEST(m.call(kProduct, "Activate") == H::kSOk);
    m.network.verdict = {H::kSlEChpaProductKeyBlocked, false};
    BOOST_TEST(validate(m) == H::kSlENotGenuine);
    BOOST_TEST(m.news() == "8209 0xC004C003 ID; ");
    const bool notifies = os != "vista-rtm";
    BOOST_TEST(
        (m.status() == Status{notifies ? LicenseStatus::kNotification : LicenseStatus::kUnlicensed,
                              H::kSlENotGenuine, 0}));
    BOOST_TEST(status(m).until.ticks == 0u);
    m.network.verdict = {};
    BOOST_TEST(validate(m) == H::kSOk, "the key was cleared of it");
    BOOST_TEST((m.status().status == LicenseStatus::kLicensed));
  }
}

BOOST_AUTO_TEST_CASE(altered_files_are_found_without_the_service) {
  Logged m({.os = "vista-sp1", .role = "mak"});
  BOOST_TEST(m.call(kProduct, "Activate") == H::kSOk);
  BOOST_TEST(validate(m) == H::kSOk);
  m.news();
  m.host.facts.tampered_files = true;
  m.host.network = nullptr;
  BOOST_TEST(validate(m) == H::kSlENotGenuine);
  BOOST_TEST(m.news() == "8209 0xC004F027 ID; 1025 4 43200 ID; ");
  BOOST_TEST((status(m).state == GenuineState::kTampered));
  m.host.facts.tampered_files = false;
  BOOST_TEST(validate(m) == H::kErrorInternetNameNotResolved);
  BOOST_TEST((status(m).state == GenuineState::kTampered), "nothing was learnt");
}

BOOST_AUTO_TEST_CASE(what_a_validation_found_is_kept) {
  Logged m({.os = "vista-sp1", .role = "mak"});
  BOOST_TEST(!status(m).last.has_value());
  BOOST_TEST(m.call(kService, "AcquireGenuineTicket",
                    {{"TemplateId", cim::Value::text("T1")},
                     {"ServerUrl", cim::Value::text("http://validation.contoso.com")}}) == H::kSOk);
  const GenuineStatus found = status(m);
  const Validation expected{test::kStart,
                            H::kSOk,
                            {m.license().key_group, m.license().key_serial},
                            "T1",
                            "http://validation.contoso.com"};
  BOOST_TEST_REQUIRE(found.last.has_value());
  BOOST_TEST((*found.last == expected));
  BOOST_TEST((found.state == GenuineState::kGenuine));
  BOOST_TEST(m.call(kService, "InstallProductKey",
                    {{"ProductKey", cim::Value::text(m.key(Channel::kMak, 77))}}) == H::kSOk);
  BOOST_TEST((status(m).state == GenuineState::kOffline), "it was another key's ticket");
}

BOOST_AUTO_TEST_CASE(the_record_of_a_validation_is_read_whole_or_not_at_all) {
  const Validation validation{test::kStart, H::kSlETamperDetected, kGood, "T1", "http://x"};
  const Bytes bytes = encode(validation);
  BOOST_TEST((decode_validation(bytes).value() == validation));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    BOOST_TEST(decode_validation(ByteSpan(bytes).first(size)).error().code == H::kErrorInvalidData);
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  BOOST_TEST(decode_validation(longer).error().code == H::kErrorInvalidData);
  TestMachine m;
  m.set(paths::kStore, kValidationValue, reg::make_binary(longer));
  BOOST_TEST(!last_validation(m.view()).has_value());
  m.set(paths::kStore, kValidationValue, reg::make_binary(bytes));
  BOOST_TEST((last_validation(m.view()).value() == validation));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tampering_with_the_record)

// The licence record of the base product as bytes, and back.
Bytes record_of(TestMachine& m) {
  const Record record = encode(m.license(), m.host.resolved.product->sku);
  return {record.begin(), record.end()};
}
void put_record(TestMachine& m, const Bytes& bytes) {
  m.set(paths::kStore, m.host.resolved.product->sku_text, reg::make_binary(bytes));
}

BOOST_AUTO_TEST_CASE(every_changed_byte_shows) {
  TestMachine m({.os = "vista-sp1", .role = "mak"});
  BOOST_TEST(m.call(kProduct, "Activate") == H::kSOk);
  const Bytes sound = record_of(m);
  for (std::size_t i = 0; i < sound.size(); ++i) {
    Bytes changed = sound;
    changed[i] ^= std::byte{1};
    put_record(m, changed);
    BOOST_TEST_CONTEXT("byte " << i)
    BOOST_TEST(
        (m.status() == Status{LicenseStatus::kNotification, H::kSlRemappingSpPubTsTampered, 0}));
  }
  put_record(m, sound);
  BOOST_TEST((m.status().status == LicenseStatus::kLicensed), "as it was: nothing to see");
}

BOOST_AUTO_TEST_CASE(the_first_call_that_meets_it_says_so_once) {
  const struct {
    const char* why;
    HResult (*act)(TestMachine&);
    HResult code;
    const char* rest;
  } kCases[] = {
      {"a call that fails for it", [](TestMachine& m) { return m.call(kProduct, "Activate"); },
       H::kSlRemappingSpPubTsTampered, "8198 0xC004D301 ID; "},
      {"a refresh", [](TestMachine& m) { return m.call(kService, "RefreshLicenseStatus"); },
       H::kSOk, "1003 ID ID, 5, 0xC004D301; "},
      {"a restart",
       [](TestMachine& m) {
         const auto done = m.service().restarted();
         return done ? H::kSOk : done.error().code;
       },
       H::kSOk, "903; 900; 902 6.0.6001.18000; "},
      {"a validation", validate, H::kSlRemappingSpPubTsTampered, "8208 0xC004D301 ID; "},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      Logged m({.os = "vista-sp1", .role = "mak"});
      BOOST_TEST(m.call(kProduct, "Activate") == H::kSOk);
      Bytes bytes = record_of(m);
      bytes[16] ^= std::byte{0x40};  // activated later than it was
      put_record(m, bytes);
      BOOST_TEST(m.news() == "");
      BOOST_TEST(c.act(m) == c.code);
      BOOST_TEST(m.news() == std::string("8209 0xC004D301 ID; ") + c.rest);
      BOOST_TEST(c.act(m) == c.code);
      BOOST_TEST(m.news() == c.rest, "not again");
      BOOST_TEST(m.status().reason == H::kSlRemappingSpPubTsTampered);
      BOOST_TEST((status(m).state == GenuineState::kTampered));
      BOOST_TEST(m.call(kService, "ReArmWindows") == H::kSlRemappingSpPubTsTampered);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_record_of_another_product_or_type_is_altered_too) {
  TestMachine m({.os = "vista-sp1", .role = "mak"});
  const Bytes other = [&] {
    const Record record = encode(m.license(), *parse_guid("11111111-2222-8333-8444-555555555555"));
    return Bytes(record.begin(), record.end());
  }();
  put_record(m, other);
  BOOST_TEST(m.status().reason == H::kSlRemappingSpPubTsTampered);
  m.set(paths::kStore, m.host.resolved.product->sku_text, reg::make_sz("licensed"));
  BOOST_TEST(m.status().reason == H::kSlRemappingSpPubTsTampered);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
