// KMS hosts in a world, as the guide tells of them: failover, a key in the wrong place, cloned
// images, hardware that changed. The rules alone are in tests/provider/kms_*_test.cpp.
#include <boost/test/unit_test.hpp>

#include "provider/service.hpp"
#include "tests/world/kms_lab.hpp"

namespace slwmi::world {
namespace {

using H = HResult;
using licensing::EventKind;
using test::KmsLab;
using test::must;
namespace paths = licensing::paths;

H activate(KmsLab& lab, const char* name) { return KmsLab::result(lab.activate(name)); }

std::uint32_t count(KmsLab& lab, const char* host) {
  return lab.of_service(host, "KeyManagementServiceCurrentCount").as_uint32();
}
std::uint32_t requests(KmsLab& lab, const char* host) {
  return lab.of_service(host, "KeyManagementServiceTotalRequests").as_uint32();
}

// KMS1 is gone with all that it had counted; another host has its KMS key and is activated.
void replace_host(KmsLab& lab, const std::string& name) {
  must(lab.world->remove_machine("KMS1"));
  lab.add({.name = name, .os = "2008"});
  KmsLab::must(lab.install(name, lab.key("VOLUME_KMS")));
  KmsLab::must(lab.activate(name));
}

BOOST_AUTO_TEST_SUITE(kms_host_failover)

BOOST_AUTO_TEST_CASE(of_a_new_name_is_found_by_discovery_once_the_threshold_is_met) {
  KmsLab lab;
  BOOST_TEST(activate(lab, "PC1") == H::kSOk);
  BOOST_TEST(lab.value("PC1", paths::kServiceSl, "DiscoveredKeyManagementServiceName") ==
             "KMS1.contoso.com");
  replace_host(lab, "KMS2");
  BOOST_TEST(lab.records() == "KMS1.contoso.com:1688 KMS2.contoso.com:1688 ");
  lab.news("PC1");
  // The cached host fails, its record is passed over; the new host's count begins at nothing.
  BOOST_TEST(activate(lab, "PC1") == H::kSlEVlNotEnoughCount);
  BOOST_TEST(lab.news("PC1") ==
             "12288 0x800706BA 0x8 KMS1.contoso.com:1688; "
             "12288 0x0 0x8 KMS2.contoso.com:1688; 12289 0x0 0x4000008 0 1; ");
  BOOST_TEST(lab.status("PC1") == 1u);  // until its 180 days are over
  BOOST_TEST(lab.value("PC1", paths::kServiceSl, "DiscoveredKeyManagementServiceName") ==
             "KMS2.contoso.com");
  lab.remove_record("KMS1.contoso.com");  // by hand, as the guide asks
  for (const char* name : {"SRV1", "SRV2", "SRV3"})
    BOOST_TEST(activate(lab, name) == H::kSlEVlNotEnoughCount);
  BOOST_TEST(activate(lab, "SRV4") == H::kSOk);
  BOOST_TEST(activate(lab, "PC1") == H::kSOk);
}

BOOST_AUTO_TEST_CASE(of_a_new_name_needs_clients_without_discovery_to_be_told) {
  KmsLab lab;
  const auto name_host = [&](const char* host) {
    KmsLab::must(lab.session("PC1").call(test::kService, "SetKeyManagementServiceMachine",
                                         {{"MachineName", cim::Value::text(host)}}));
  };
  name_host("kms1.contoso.com");
  BOOST_TEST(activate(lab, "PC1") == H::kSOk);
  replace_host(lab, "KMS2");
  for (int i = 0; i < 2; ++i) BOOST_TEST(activate(lab, "PC1") == H::kRpcSServerUnavailable);
  BOOST_TEST(requests(lab, "KMS2") == 0xFFFFFFFFu);
  name_host("kms2.contoso.com");
  BOOST_TEST(activate(lab, "PC1") == H::kSlEVlNotEnoughCount);
  BOOST_TEST(requests(lab, "KMS2") == 1u);
}

BOOST_AUTO_TEST_CASE(of_the_same_name_uses_the_record_of_the_failed_host) {
  KmsLab lab;
  BOOST_TEST(activate(lab, "PC1") == H::kSOk);
  lab.news("PC1");
  // Not even a DNS server that refuses it keeps the new host from being found.
  lab.change(
      [](net::Model& m) { net::find_zone(m, "contoso.com")->updates = net::Updates::kRefused; });
  replace_host(lab, "KMS1");
  BOOST_TEST(lab.records() == "KMS1.contoso.com:1688 ");
  BOOST_TEST(activate(lab, "PC1") == H::kSlEVlNotEnoughCount);
  BOOST_TEST(lab.news("PC1") == "12288 0x0 0x8 KMS1.contoso.com:1688; 12289 0x0 0x4000008 0 1; ");
}

BOOST_AUTO_TEST_CASE(of_another_domain_publishes_there_and_leaves_its_old_record) {
  KmsLab lab;
  lab.add({.name = "PC2", .os = "2008", .domain = "fabrikam.com"});
  BOOST_TEST(activate(lab, "PC2") == H::kDnsErrorRcodeNameError);
  must(lab.world->move_machine("KMS1", "fabrikam.com", ""));
  BOOST_TEST(lab.news("KMS1") == "903; 900; 902 6.0.6001.18000; 12294 fabrikam.com; ");
  BOOST_TEST(lab.value("KMS1", paths::kServiceSl, "KeyManagementServiceRegisteredDomainName") ==
             "fabrikam.com");
  BOOST_TEST(lab.records() == "KMS1.contoso.com:1688 ");
  BOOST_TEST(activate(lab, "PC2") == H::kSOk);  // the fifth computer that it has seen
  BOOST_TEST(activate(lab, "PC1") == H::kRpcSServerUnavailable);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(kms_key_in_a_world)

BOOST_AUTO_TEST_CASE(installed_on_a_client_by_mistake_misleads_others_until_the_cure) {
  KmsLab lab;
  KmsLab::must(lab.install("PC1", lab.key("VOLUME_KMS")));
  BOOST_TEST(lab.records() == "KMS1.contoso.com:1688 PC1.contoso.com:1688 ");
  lab.remove_record("KMS1.contoso.com");  // so that everybody meets the wrong one
  lab.add({.name = "PC2", .os = "2008"});
  BOOST_TEST(activate(lab, "PC2") == H::kSlEVlKeyManagementServiceNotActivated);
  // The setup key makes it a client again. It restarts; its record has to be deleted by hand.
  KmsLab::must(lab.install("PC1", lab.key("VOLUME_KMSCLIENT", licensing::kSetupSerial)));
  must(lab.machine("PC1").restart());
  BOOST_TEST(lab.of_service("PC1", "IsKeyManagementServiceMachine").as_uint32() == 0u);
  BOOST_TEST(lab.records() == "PC1.contoso.com:1688 ");
  BOOST_TEST(activate(lab, "PC2") == H::kSlEVlBindingServiceNotEnabled);
  lab.remove_record("PC1.contoso.com");
  must(lab.machine("KMS1").restart());
  BOOST_TEST(lab.records() == "KMS1.contoso.com:1688 ");
  BOOST_TEST(activate(lab, "PC2") == H::kSOk);
  BOOST_TEST(activate(lab, "PC1") == H::kSOk);
}

BOOST_AUTO_TEST_CASE(is_activated_online_and_serves_from_then_on) {
  KmsLab lab;
  lab.add({.name = "KMS2", .os = "2008"});
  KmsLab::must(lab.install("KMS2", lab.key("VOLUME_KMS")));
  lab.set("PC1", paths::kSl, "KeyManagementServiceName", reg::make_sz("KMS2"));
  BOOST_TEST(activate(lab, "PC1") == H::kSlEVlKeyManagementServiceNotActivated);
  BOOST_TEST(lab.of_service("KMS2", "KeyManagementServiceFailedRequests").as_uint32() == 1u);
  lab.fault(net::FaultKind::kServiceTimeout, "KMS2");
  BOOST_TEST(activate(lab, "KMS2") == H::kErrorInternetTimeout);
  lab.no_faults();
  BOOST_TEST(activate(lab, "KMS2") == H::kSOk);
  BOOST_TEST(activate(lab, "PC1") == H::kSlEVlNotEnoughCount);
  BOOST_TEST(count(lab, "KMS2") == 1u);
}

BOOST_AUTO_TEST_CASE(of_a_host_whose_hardware_changed_is_activated_again_by_a_restart) {
  const struct {
    const char* why;
    std::uint32_t manual;
    const char* news;
    H answer;
  } kRows[] = {
      {"as the guide says", 0,
       "1040; 1025 3 43200; 903; 900; 902 6.0.6001.18000; 12294 contoso.com; ", H::kSOk},
      {"not with Manual", 1,
       "1040; 1025 3 43200; 903; 900; 902 6.0.6001.18000; 12294 contoso.com; ",
       H::kSlEVlKeyManagementServiceNotActivated},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      KmsLab lab;
      lab.set("KMS1", paths::kActivation, "Manual", reg::make_dword(row.manual));
      lab.happened("KMS1", EventKind::kHardwareChanged);
      BOOST_TEST(lab.status("KMS1") == 3u);
      BOOST_TEST(activate(lab, "PC1") == H::kSlEVlKeyManagementServiceNotActivated);
      must(lab.machine("KMS1").restart());
      BOOST_TEST(lab.news("KMS1") ==
                 std::string(row.news) + "12290 0xC004F041 5 PC1.contoso.com; ");
      BOOST_TEST(activate(lab, "PC1") == row.answer);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(kms_commits)

BOOST_AUTO_TEST_CASE(have_state_and_events_of_both_machines_in_one) {
  KmsLab lab;
  const struct {
    const char* why;
    std::function<void(KmsLab&)> act;
    const char* client;
    const char* host;
  } kRows[] = {
      {"a request", [](KmsLab& l) { KmsLab::must(l.activate("PC1")); },
       "12288 0x0 0x8 KMS1.contoso.com:1688; 12289 0x0 0x8 1 5; ", "12290 0x0 5 PC1.contoso.com; "},
      {"a request whose response is lost",
       [](KmsLab& l) { BOOST_TEST(activate(l, "PC1") == H::kSlEVlBindingServiceNotEnabled); },
       "12288 0xC004F039 0x8 KMS1.contoso.com:1688; ", "12290 0x0 5 PC1.contoso.com; "},
      {"a KMS key, and its record in DNS",
       [](KmsLab& l) { KmsLab::must(l.install("PC1", l.key("VOLUME_KMS"))); }, "1016 ", ""},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      const auto before = must(lab.world->generation());
      row.act(lab);
      BOOST_TEST(must(lab.world->generation()) == before + 1);
      BOOST_TEST(lab.news("PC1").find(row.client) == 0u);
      BOOST_TEST(lab.news("KMS1") == row.host);
    }
    if (row.why == kRows[0].why) lab.fault(net::FaultKind::kResponseLost, "PC1");
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(cloned_images)

BOOST_AUTO_TEST_CASE(count_once_until_they_are_generalized_or_reset) {
  KmsLab lab;
  // PC1 was imaged after its first request; the others were made of that image.
  lab.fault(net::FaultKind::kHostUnreachable, "PC1");
  BOOST_TEST(activate(lab, "PC1") == H::kRpcSServerUnavailable);
  lab.no_faults();
  const std::string path = lab.product("PC1");
  const std::string record = path.substr(path.find('"') + 1, 36);
  auto image = must(lab.machine("PC1").registry(must(find_principal("system"))));
  const reg::ValueData cmid = must(image.get(paths::kStore, record));
  must(lab.world->advance(60));
  for (const char* name : {"KMS2", "CLONE1", "CLONE2", "CLONE3", "CLONE4", "CLONE5"})
    lab.add({.name = name, .os = "2008"});
  KmsLab::must(lab.install("KMS2", lab.key("VOLUME_KMS")));
  KmsLab::must(lab.activate("KMS2"));
  const char* const kClones[] = {"CLONE1", "CLONE2", "CLONE3", "CLONE4", "CLONE5"};
  for (const char* name : kClones) {
    auto disk = must(lab.machine(name).registry(must(find_principal("system"))));
    must(disk.set(paths::kStore, record, cmid));
    lab.set(name, paths::kSl, "KeyManagementServiceName", reg::make_sz("KMS2"));
    BOOST_TEST(lab.of_service(name, "ClientMachineID").as_text() ==
               lab.of_service("PC1", "ClientMachineID").as_text());
    BOOST_TEST(activate(lab, name) == H::kSlEVlNotEnoughCount);
  }
  BOOST_TEST(count(lab, "KMS2") == 1u);
  BOOST_TEST(requests(lab, "KMS2") == 5u);
  // "Clients are not adding to the KMS count": sysprep /generalize or slmgr /rearm.
  for (const char* name : {"CLONE1", "CLONE2", "CLONE3"}) must(lab.machine(name).generalize());
  KmsLab::must(lab.session("CLONE4").call(test::kService, "ReArmWindows"));
  must(lab.machine("CLONE4").restart());
  for (const char* name : {"CLONE1", "CLONE2", "CLONE3"})
    BOOST_TEST(activate(lab, name) == H::kSlEVlNotEnoughCount);
  BOOST_TEST(count(lab, "KMS2") == 4u);
  BOOST_TEST(activate(lab, "CLONE4") == H::kSOk);
  BOOST_TEST(activate(lab, "CLONE5") == H::kSOk);  // the one that kept the ID of the image
  BOOST_TEST(count(lab, "KMS2") == 5u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::world
