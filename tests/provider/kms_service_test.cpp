// A KMS host as a service: it starts, publishes itself, answers, and is cured of what went wrong.
#include "provider/kms_service.hpp"

#include <boost/test/unit_test.hpp>

#include "provider/event_chunk.hpp"
#include "provider/installation_id.hpp"
#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using H = HResult;
using test::TestMachine;

constexpr const char* kService = "SoftwareLicensingService";
constexpr const char* kProduct = "SoftwareLicensingProduct";

// A machine that collects what its commits write into the logs.
struct Machine : TestMachine {
  explicit Machine(const char* role, const char* os = "vista-sp1") : TestMachine({os, role, {}}) {
    store->observe([this](const reg::ChangeSet& changes, reg::Generation) {
      for (const Bytes& bytes : changes.events) {
        const auto read = each_chunk(bytes, [this](const ChunkReader& chunk) {
          chunk.each(
              [this](const KmsExchange& exchange) {
                exchanges.push_back(exchange);
                return true;
              },
              [this](const LogEntry& entry) {
                entries.push_back(entry);
                return true;
              });
          return true;
        });
        BOOST_TEST(read.has_value());
      }
    });
  }

  // "12293 0x8007232A contoso.com; " since the last call.
  std::string news() {
    std::string out;
    for (const LogEntry& entry : std::exchange(entries, {})) {
      BOOST_TEST(check(entry).has_value());
      out += std::to_string(static_cast<int>(entry.event));
      for (const EventValue& value : entry.values) {
        const auto* number = std::get_if<std::uint64_t>(&value);
        out += ' ';
        out += number == nullptr ? std::get<std::string>(value) : to_hex(static_cast<H>(*number));
      }
      out += "; ";
    }
    return out;
  }
  std::optional<FileTime> due() {
    const reg::HiveView now = view();
    return next_act(host, MachineState::read(host, now), now, clock.now());
  }
  KmsStatus kms() {
    const reg::HiveView now = view();
    return kms_status(host, MachineState::read(host, now), now, clock.now());
  }
  HResult install(Channel channel) {
    return call(kService, "InstallProductKey", {{"ProductKey", cim::Value::text(key(channel))}});
  }
  KmsAnswer answer(std::uint64_t client, std::uint32_t required = 25) {
    kms::Question question;
    question.client_id = client;
    question.required = required;
    question.status = 2;
    question.client_time = clock.now();
    return service().answer_kms(question).value();
  }
  bool publish() { return service().publish().has_value(); }
  bool act() { return service().act().has_value(); }

  std::vector<LogEntry> entries;
  std::vector<KmsExchange> exchanges;
};

const std::string kHome = "contoso.com", kOther = "fabrikam.com";

BOOST_AUTO_TEST_SUITE(kms_publishing)

BOOST_AUTO_TEST_CASE(writes_a_record_into_each_domain_and_remembers_its_own) {
  Machine m("kms-host");
  m.set(paths::kSl, "DnsDomainPublishList", reg::make_multi_sz(std::vector{kOther}));
  m.set(paths::kSl, "KeyManagementServiceListeningPort", reg::make_sz("1700"));
  BOOST_TEST((m.due() == m.clock.now()));
  BOOST_TEST(m.publish());
  BOOST_TEST(m.news() == "12294 contoso.com; 12294 fabrikam.com; ");
  BOOST_TEST_REQUIRE(m.network.registered.size() == 2u);
  for (const auto& [domain, record] : m.network.registered)
    BOOST_TEST((record == Publication{domain, "PC1.contoso.com", 1700}));
  BOOST_TEST((m.kms().registered == Publication{kHome, "PC1.contoso.com", 1700}));
  BOOST_TEST(!m.due().has_value());
}

BOOST_AUTO_TEST_CASE(tells_what_dns_refused_and_tries_again_a_day_later) {
  const struct {
    const char* why;
    HResult code;
  } kRows[] = {
      {"the server fails", H::kDnsErrorRcodeServerFailure},
      {"no DNS server", H::kDnsErrorNoDnsServers},
      {"the name is another host's", H::kDnsErrorRcodeRefused},
      {"no dynamic updates", H::kDnsErrorRcodeNotImplemented},
      {"no such zone", H::kDnsErrorRcodeNameError},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      Machine m("kms-host");
      m.set(paths::kSl, "DnsDomainPublishList", reg::make_multi_sz(std::vector{kOther}));
      m.network.dns_updates[kOther] = row.code;
      BOOST_TEST(m.publish());
      const std::string failure = "12293 " + to_hex(row.code) + " fabrikam.com; ";
      BOOST_TEST(m.news() == "12294 contoso.com; " + failure);
      const FileTime start = m.clock.now();
      BOOST_TEST((m.due() == start + minutes(kPublicationRetryMinutes)));
      m.advance(kPublicationRetryMinutes - 1);
      BOOST_TEST(m.act());
      BOOST_TEST(m.news() == "");
      m.advance(1);
      BOOST_TEST((m.due() == m.clock.now()));
      BOOST_TEST(m.act());
      BOOST_TEST(m.news() == "12294 contoso.com; " + failure);
      m.advance(kPublicationRetryMinutes + 1);  // overdue
      BOOST_TEST((m.due() == m.clock.now()));
      m.network.dns_updates.clear();
      BOOST_TEST(m.act());
      BOOST_TEST(m.news() == "12294 contoso.com; 12294 fabrikam.com; ");
      BOOST_TEST(!m.due().has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(fails_without_a_network) {
  Machine m("kms-host");
  m.host.network = nullptr;
  BOOST_TEST(m.publish());
  BOOST_TEST(m.news() == "12293 0x8007267C contoso.com; ");  // the guide's example of this event
}

BOOST_AUTO_TEST_CASE(writes_again_after_a_rename_and_after_other_changes_at_the_next_start) {
  Machine m("kms-host");
  BOOST_TEST(m.publish());
  m.news();
  m.host.facts.name = "KMS2";
  BOOST_TEST((m.due() == m.clock.now()));
  BOOST_TEST(m.act());
  BOOST_TEST(m.news() == "12294 contoso.com; ");
  BOOST_TEST(m.network.registered.at(kHome).host == "KMS2.contoso.com");
  BOOST_TEST(m.value(paths::kServiceSl, "KeyManagementServiceRegisteredHostName") ==
             "KMS2.contoso.com");
  BOOST_TEST(m.act());
  BOOST_TEST(m.news() == "", "nothing is due");
  m.set(paths::kSl, "DnsDomainPublishList", reg::make_multi_sz(std::vector{kOther}));
  BOOST_TEST(!m.due().has_value());
  BOOST_TEST(m.service().restarted().has_value());
  BOOST_TEST(m.news() == "903; 900; 902 " + m.host.resolved.os->service_version +
                             "; 12294 contoso.com; 12294 fabrikam.com; ");
}

BOOST_AUTO_TEST_CASE(is_for_hosts_that_want_it) {
  Machine off("kms-host");
  off.set(paths::kSl, "DisableDnsPublishing", reg::make_dword(1));
  Machine client("kms-client"), mak("mak"), workgroup("kms-host");
  workgroup.host.facts.domain.clear();
  for (Machine* m : {&off, &client, &mak, &workgroup}) {
    BOOST_TEST(m->publish());
    BOOST_TEST(m->news() == "");
    BOOST_TEST(m->network.registered.empty());
    BOOST_TEST(m->kms().publications.empty());
  }
  BOOST_TEST(!off.due().has_value());
  workgroup.set(paths::kSl, "DnsDomainPublishList", reg::make_multi_sz(std::vector{kOther}));
  BOOST_TEST(workgroup.publish());
  BOOST_TEST(workgroup.network.registered.at(kOther).host == "PC1");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(kms_key)

BOOST_AUTO_TEST_CASE(installed_on_a_client_by_mistake_makes_a_host_and_the_setup_key_cures_it) {
  Machine m("kms-client");
  BOOST_TEST(m.call(kProduct, "Activate") == H::kSOk);
  m.news();
  BOOST_TEST(m.install(Channel::kKmsHost) == H::kSOk);
  BOOST_TEST(m.text(kService, "IsKeyManagementServiceMachine") == "1");
  BOOST_TEST(m.network.registered.size() == 1u);
  const std::string news = m.news();
  BOOST_TEST(news.find("1016 ") == 0u);
  BOOST_TEST(news.find("12294 contoso.com; ") != std::string::npos);
  // Clients that ask it are refused until it is activated, and it does not try by itself.
  BOOST_TEST(m.answer(1).reply.code == H::kSlEVlKeyManagementServiceNotActivated);
  BOOST_TEST(!m.due().has_value());
  // The cure: the setup key makes it a client again; its record stays in DNS until it is removed.
  BOOST_TEST(m.install(Channel::kKmsClient) == H::kSOk);
  BOOST_TEST(m.text(kService, "IsKeyManagementServiceMachine") == "0");
  BOOST_TEST(m.service().answer_kms({}).error().code == H::kSlEVlBindingServiceNotEnabled);
  BOOST_TEST(m.network.registered.size() == 1u);
  BOOST_TEST(!m.kms().registered.has_value());
  BOOST_TEST((m.due() == m.clock.now()));
  BOOST_TEST(m.act());
  BOOST_TEST(m.status().status == LicenseStatus::kLicensed);
  // By WMI nothing writes KeyManagementServiceVersion: slmgr does.
  BOOST_TEST(m.value(paths::kSl, "KeyManagementServiceVersion") == "(none)");
}

BOOST_AUTO_TEST_CASE(is_activated_online_or_by_telephone_as_any_other) {
  for (const bool online : {true, false}) {
    Machine m("kms-client", "2008");
    BOOST_TEST(m.install(Channel::kKmsHost) == H::kSOk);
    if (online) {
      BOOST_TEST(m.call(kProduct, "Activate") == H::kSOk);
    } else {
      const std::string id = m.text(kProduct, "OfflineInstallationId");
      const std::string answer = confirmation_id(id, m.host.facts.world_seed);
      BOOST_TEST(m.call(kProduct, "DepositOfflineConfirmationId",
                        {{"InstallationId", cim::Value::text(id)},
                         {"ConfirmationId", cim::Value::text(answer)}}) == H::kSOk);
    }
    BOOST_TEST(m.kms().activated);
    BOOST_TEST(m.answer(1, 5).reply.code == H::kSOk);
    BOOST_TEST(m.answer(2, 5).reply.count == 2u);
  }
}

BOOST_AUTO_TEST_CASE(activates_six_hosts_ten_times_each) {
  ActivationLedger ledger;
  const auto activate = [&](std::uint64_t hardware) {
    Machine m("kms-client");
    m.network.ledger = ledger;
    m.host.facts.hardware = hardware;
    BOOST_TEST(m.install(Channel::kKmsHost) == H::kSOk);
    const HResult code = m.call(kProduct, "Activate");
    ledger = m.network.ledger;
    return code;
  };
  for (std::uint64_t host = 1; host <= 6; ++host)
    for (int i = 0; i < 10; ++i) BOOST_TEST(activate(host) == H::kSOk);
  BOOST_TEST(activate(1) == H::kSlEChpaMaximumUnlockExceeded);
  BOOST_TEST(activate(7) == H::kSlEChpaMaximumUnlockExceeded);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(kms_starting)

BOOST_AUTO_TEST_CASE(tells_of_intervals_that_it_cannot_use) {
  const struct {
    const char* why;
    const char* name;
    reg::ValueData value;
    const char* news;
    std::uint32_t activation, renewal;
  } kRows[] = {
      {"the least", "VLActivationInterval", reg::make_dword(15), "", 15, 10080},
      {"too short", "VLActivationInterval", reg::make_dword(14), "12292 0x80070057; ", 120, 10080},
      {"the most", "VLRenewalInterval", reg::make_dword(43200), "", 120, 43200},
      {"too long", "VLRenewalInterval", reg::make_dword(43201), "12292 0x80070057; ", 120, 10080},
      {"no number", "VLRenewalInterval", reg::make_sz("60"), "12292 0xC004F01E; ", 120, 10080},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      Machine m("kms-host");
      m.set(paths::kSl, row.name, row.value);
      BOOST_TEST(m.service().restarted().has_value());
      const std::string started = "903; 900; 902 " + m.host.resolved.os->service_version + "; ";
      BOOST_TEST(m.news() == started + row.news + "12294 contoso.com; ");
      const kms::Reply reply = m.answer(1).reply;
      BOOST_TEST(reply.code == H::kSOk);
      BOOST_TEST(reply.activation_interval == row.activation);
      BOOST_TEST(reply.renewal_interval == row.renewal);
    }
  }
}

BOOST_AUTO_TEST_CASE(fails_with_a_damaged_table_until_the_key_is_installed_again) {
  Machine m("kms-host");
  m.answer(1);
  BOOST_TEST(m.text(kService, "KeyManagementServiceCurrentCount") == "1");
  m.set(paths::kStore, kKmsHostValue, reg::make_binary(std::vector<std::byte>(3)));
  BOOST_TEST(m.service().restarted().has_value());
  BOOST_TEST(m.news().find("12291 0x8007000D; ") != std::string::npos);
  BOOST_TEST(!m.kms().start.runs());
  BOOST_TEST(m.network.registered.empty());
  BOOST_TEST(m.service().answer_kms({}).error().code == H::kSlEVlBindingServiceNotEnabled);
  BOOST_TEST(m.text(kService, "KeyManagementServiceCurrentCount") == "4294967295");
  BOOST_TEST(m.install(Channel::kKmsHost) == H::kSOk);
  BOOST_TEST(m.call(kProduct, "Activate") == H::kSOk);
  BOOST_TEST(m.answer(1).reply.count == 1u);
  BOOST_TEST(m.network.registered.size() == 1u);
  // A key that is installed again on a sound table leaves the counters.
  BOOST_TEST(m.install(Channel::kKmsHost) == H::kSOk);
  BOOST_TEST(m.text(kService, "KeyManagementServiceTotalRequests") == "1");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(kms_status_of_a_host)

BOOST_AUTO_TEST_CASE(says_what_it_was_told_and_whom_it_saw) {
  Machine m("kms-host");
  BOOST_TEST(m.call(kService, "SetVLActivationInterval",
                    {{"ActivationInterval", cim::Value::uint32(30)}}) == H::kSOk);
  m.set(paths::kSl, "EnableKmsLowPriority", reg::make_dword(1));
  for (std::uint64_t id = 1; id <= 12; ++id) m.answer(id, 5);
  const KmsStatus status = m.kms();
  BOOST_TEST(status.enabled);
  BOOST_TEST(status.activated);
  BOOST_TEST(status.start.runs());
  BOOST_TEST(status.low_priority);
  BOOST_TEST(status.dns_publishing);
  BOOST_TEST(status.listening_port == 1688u);
  BOOST_TEST(status.activation_interval == 30u);
  BOOST_TEST(status.renewal_interval == 10080u);
  BOOST_TEST(status.count == 10u);
  BOOST_TEST(status.capacity == 10u);
  BOOST_TEST(status.state.counters.total() == 12u);
  BOOST_TEST(status.state.clients.front().id == 3u);
  BOOST_TEST((status.next_publication == m.clock.now()));
  BOOST_TEST(!Machine("kms-client").kms().enabled);
}

BOOST_AUTO_TEST_CASE(has_no_counts_when_nobody_asked_yet) {
  Machine m("kms-host");
  BOOST_TEST(!m.kms().state.asked());
  BOOST_TEST(m.kms().count == 0u);
  BOOST_TEST(m.kms().capacity == 0u);
  BOOST_TEST(m.text(kService, "KeyManagementServiceCurrentCount") == "4294967295");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(machine_acts)

BOOST_AUTO_TEST_CASE(by_itself_only_when_it_is_due) {
  Machine m("kms-client");
  m.network.kms_answer = H::kRpcSServerUnavailable;
  BOOST_TEST(m.act());  // a failure of the attempt is none of the call
  BOOST_TEST(m.exchanges.size() == 1u);
  BOOST_TEST((m.due() == m.clock.now() + minutes(120)));
  m.advance(119);
  const std::string before = m.digest();
  BOOST_TEST(m.act());
  BOOST_TEST(m.digest() == before);
  BOOST_TEST(m.exchanges.size() == 1u);
  m.network.kms_answer = H::kSOk;
  m.advance(1);
  BOOST_TEST(m.act());
  BOOST_TEST(m.exchanges.size() == 2u);
  BOOST_TEST(m.status().status == LicenseStatus::kLicensed);
  BOOST_TEST((m.due() == m.clock.now() + minutes(44)));
}

BOOST_AUTO_TEST_CASE(not_at_all_without_a_timer) {
  for (const char* role : {"mak", "retail", "oem", "unlicensed"}) {
    Machine m(role);
    BOOST_TEST(!m.due().has_value());
    const std::string before = m.digest();
    BOOST_TEST(m.act());
    BOOST_TEST(m.digest() == before);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
