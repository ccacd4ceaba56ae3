// VA2's Appendix 2, "Troubleshooting by Error Code": every code that KMS hosts and clients meet. A
// world is driven into it; the method's result, LicenseStatusReason, the event logs of the machine
// and of the KMS host and the explanation follow; then the guide's cure is taken.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include <boost/test/unit_test.hpp>

#include "provider/explain.hpp"
#include "tests/world/kms_lab.hpp"

namespace slwmi::world {
namespace {

using H = HResult;
using licensing::EventKind;
using test::KmsLab;
using test::must;
using Step = std::function<void(KmsLab&)>;
using Act = std::function<HResult(KmsLab&)>;

constexpr std::uint64_t kDay = 24 * 60;

void nothing(KmsLab&) {}
void no_faults(KmsLab& lab) { lab.no_faults(); }
HResult activate(KmsLab& lab) { return KmsLab::result(lab.activate("PC1")); }
HResult activate_host(KmsLab& lab) { return KmsLab::result(lab.activate("KMS1")); }
HResult reason(KmsLab& lab) { return lab.reason("PC1"); }

// What the KMS host's last try to write into DNS came to.
HResult publish(KmsLab& lab) {
  must(lab.machine("KMS1").restart());
  const auto entries = must(lab.machine("KMS1").events({.ids = {12293, 12294}}));
  return entries.back().code.value_or(H::kSOk);
}
Act installing(const char* machine, const char* channel, std::uint32_t serial = 2,
               const char* os = "2008") {
  return [=](KmsLab& lab) {
    return KmsLab::result(lab.install(machine, lab.key(channel, serial, "Enterprise", os)));
  };
}
// Makes PC1 ask that host and no other.
Step asking(const char* host) {
  return [=](KmsLab& lab) {
    lab.set("PC1", licensing::paths::kSl, "KeyManagementServiceName", reg::make_sz(host));
  };
}
void count_and_activate(KmsLab& lab) {
  for (const char* name : {"SRV1", "SRV2", "SRV3", "SRV4"}) static_cast<void>(lab.activate(name));
  KmsLab::must(lab.activate("PC1"));
}
void add_vista(KmsLab& lab, int count) {
  for (int i = 1; i <= count; ++i) {
    const std::string name = "VISTA" + std::to_string(i);
    lab.add({.name = name});
    static_cast<void>(lab.activate(name));
  }
}
void beta(KmsLab& lab) {
  std::ifstream file(SLWMI_SOURCE_DIR "/examples/data/vista_beta.mof");
  const std::string mof{std::istreambuf_iterator<char>(file), {}};
  must(lab.world->compile_mof(mof));
  lab.add({.name = "BETA1", .os = "vista-sp1-beta"});
}

struct Row {
  H code;
  const char* why;
  const char* type;  // the guide's "Activation Type" that is shown
  Step spoil = nothing;
  Act act = activate;  // gives the code
  const char* machine = "PC1";
  H reason = H::kSlIOobGracePeriod;  // LicenseStatusReason of `machine` by then
  const char* news = "";             // its event logs
  const char* host_news = "";        // those of KMS1, where that is another machine
  Step cure = nothing;               // what the guide advises ...
  Act again = nullptr;               // ... after which this, or `act`, gives `cured`
  H cured = H::kSOk;
};

const Row kRows[] = {
    {.code = H::kSlEChpaMaximumUnlockExceeded,
     .why = "one host has activated ten times",
     .type = "KMS host",
     .spoil =
         [](KmsLab& lab) {
           KmsLab::must(lab.install("KMS1", lab.key("VOLUME_KMS", 77)));
           for (int i = 0; i < 10; ++i) KmsLab::must(lab.activate("KMS1"));
           KmsLab::must(lab.install("KMS1", lab.key("VOLUME_KMS", 77)));
           lab.news("KMS1");
         },
     .act = activate_host,
     .machine = "KMS1",
     .news = "8198 0xC004C008; ",
     .again = [](KmsLab& lab) { return KmsLab::result(lab.telephone("KMS1")); }},
    {.code = H::kSlEChpaMaximumUnlockExceeded,
     .why = "six other hosts have the key",
     .type = "KMS host",
     .spoil =
         [](KmsLab& lab) {
           const std::string key = lab.key("VOLUME_KMS", 77);
           for (int i = 1; i <= 6; ++i) {
             const std::string name = "HOST" + std::to_string(i);
             lab.add({.name = name, .os = "2008", .role = "kms-host"});
             KmsLab::must(lab.install(name, key));
             KmsLab::must(lab.activate(name));
           }
           KmsLab::must(lab.install("KMS1", key));
           lab.news("KMS1");
         },
     .act = activate_host,
     .machine = "KMS1",
     .news = "8198 0xC004C008; ",
     .cure = [](KmsLab& lab) { must(lab.world->extend_key(lab.key("VOLUME_KMS", 77), 1)); }},
    {.code = H::kSlEGraceTimeExpired,
     .why = "a client that did not activate for 30 days",
     .type = "KMS client",
     .spoil = [](KmsLab& lab) { must(lab.world->advance(30 * kDay)); },
     .act = reason,
     .reason = H::kSlEGraceTimeExpired,
     .cure = count_and_activate,
     .cured = H::kSlEVlInfoProductUserRight},
    {.code = H::kSlEOutOfTolerance,
     .why = "a client whose hardware changed, and 30 days",
     .type = "KMS client",
     .spoil =
         [](KmsLab& lab) {
           KmsLab::must(lab.activate("PC1"));
           lab.news("PC1");
           lab.news("KMS1");
           lab.happened("PC1", EventKind::kHardwareChanged);
           BOOST_TEST(lab.reason("PC1") == H::kSlIOotGracePeriod);
           must(lab.world->advance(30 * kDay));
         },
     .act = reason,
     .reason = H::kSlEOutOfTolerance,
     .news = "1040; 1025 3 43200; ",
     .cure = count_and_activate,
     .cured = H::kSlEVlInfoProductUserRight},
    {.code = H::kSlEOutOfTolerance,
     .why = "a host whose hardware changed without a way to the activation service",
     .type = "KMS host",
     .spoil =
         [](KmsLab& lab) {
           lab.fault(net::FaultKind::kServiceUnreachable, "KMS1");
           lab.happened("KMS1", EventKind::kHardwareChanged);
           must(lab.machine("KMS1").restart());
           must(lab.world->advance(30 * kDay));
         },
     .act = [](KmsLab& lab) { return lab.reason("KMS1"); },
     .machine = "KMS1",
     .reason = H::kSlEOutOfTolerance,
     .news = "1040; 1025 3 43200; 903; 900; 902 6.0.6001.18000; 8198 0x80072EE7; "
             "12294 contoso.com; ",
     .cure =
         [](KmsLab& lab) {
           lab.no_faults();
           must(lab.machine("KMS1").restart());
         }},
    {.code = H::kSlEPkeyNotInstalled,
     .why = "a client without its setup key",
     .type = "KMS client",
     .spoil =
         [](KmsLab& lab) {
           KmsLab::must(lab.session("PC1").call(lab.product("PC1"), "UninstallProductKey"));
         },
     .act =
         [](KmsLab& lab) {
           return KmsLab::result(lab.session("PC1").call(lab.product("PC1"), "Activate"));
         },
     .reason = H::kSlEPkeyNotInstalled,
     .news = "8198 0xC004F014; ",
     .cure = [](KmsLab& lab) { KmsLab::must(lab.install("PC1", lab.key("VOLUME_KMSCLIENT"))); }},
    {.code = H::kSlECidiidInvalidData,
     .why = "a letter in the confirmation ID of a host",
     .type = "KMS host",
     .spoil =
         [](KmsLab& lab) {
           KmsLab::must(lab.install("KMS1", lab.key("VOLUME_KMS", 5)));
           lab.news("KMS1");
         },
     .act = [](KmsLab& lab) { return KmsLab::result(lab.telephone("KMS1", "12345x")); },
     .machine = "KMS1",
     .news = "8198 0xC004F02C; ",
     .again = [](KmsLab& lab) { return KmsLab::result(lab.telephone("KMS1")); }},
    {.code = H::kSlEVlNotWindowsSlp,
     .why = "an ACPI_SLIC table without a Windows marker",
     .type = "KMS client",
     .spoil =
         [](KmsLab& lab) {
           must(lab.world->remove_machine("PC1"));
           lab.add({.name = "PC1", .os = "2008", .slic_table = true});
         },
     .news = "12288 0xC004F035 0x8000000 ; ",
     .cure =  // another board; the guide's other ways are a MAK and a retail key
     [](KmsLab& lab) {
       must(lab.world->remove_machine("PC1"));
       lab.add({.name = "PC1", .os = "2008", .slic_table = true, .windows_marker = true});
     }},
    {.code = H::kSlEVlNotEnoughCount,
     .why = "four physical computers are counted and Server 2008 needs five",
     .type = "KMS client",
     .spoil = [](KmsLab& lab) { lab.add({.name = "VM", .os = "2008", .virtual_machine = true}); },
     .act = [](KmsLab& lab) { return KmsLab::result(lab.activate("VM")); },
     .machine = "VM",
     .news = "12288 0x0 0x8 KMS1.contoso.com:1688; 12289 0x0 0x4000008 0 4; ",
     .host_news = "12290 0x0 5 VM.contoso.com; ",
     .cure = [](KmsLab& lab) { KmsLab::must(lab.activate("PC1")); }},
    {.code = H::kSlEVlNotEnoughCount,
     .why = "24 computers are counted and Windows Vista needs 25",
     .type = "KMS client",
     .spoil =
         [](KmsLab& lab) {
           add_vista(lab, 19);
           lab.add({.name = "VISTA"});
           lab.news("KMS1");
         },
     .act = [](KmsLab& lab) { return KmsLab::result(lab.activate("VISTA")); },
     .machine = "VISTA",
     .news = "12288 0x0 0x8 KMS1.contoso.com:1688; 12289 0x0 0x4000008 0 24; ",
     .host_news = "12290 0x0 25 VISTA.contoso.com; ",
     .cure = [](KmsLab& lab) { static_cast<void>(lab.activate("PC1")); }},
    {.code = H::kSlEVlBindingServiceNotEnabled,
     .why = "the request is not answered",
     .type = "KMS client",
     .spoil = [](KmsLab& lab) { lab.fault(net::FaultKind::kResponseLost, "PC1"); },
     .news = "12288 0xC004F039 0x8 KMS1.contoso.com:1688; ",
     .host_news = "12290 0x0 5 PC1.contoso.com; ",
     .cure = no_faults},
    {.code = H::kSlEVlBindingServiceNotEnabled,
     .why = "a KMS with low priority starves beside the other roles of its computer",
     .type = "KMS client",
     .spoil =
         [](KmsLab& lab) {
           lab.set("KMS1", licensing::paths::kSl, "EnableKmsLowPriority", reg::make_dword(1));
           lab.fault(net::FaultKind::kHostBusy);
         },
     .news = "12288 0xC004F039 0x8 KMS1.contoso.com:1688; ",
     .cure =
         [](KmsLab& lab) {
           lab.set("KMS1", licensing::paths::kSl, "EnableKmsLowPriority", reg::make_dword(0));
         }},
    {.code = H::kSlEVlBindingServiceNotEnabled,
     .why = "the named computer is no KMS host",
     .type = "KMS client",
     .spoil = asking("SRV1"),
     .news = "12288 0xC004F039 0x8 SRV1:1688; ",
     .cure = asking("KMS1")},
    {.code = H::kSlEVlKeyManagementServiceNotActivated,
     .why = "the host has a KMS key and was not activated",
     .type = "KMS client",
     .spoil =
         [](KmsLab& lab) {
           KmsLab::must(lab.install("KMS1", lab.key("VOLUME_KMS", 5)));
           lab.news("KMS1");
         },
     .news = "12288 0xC004F041 0x8 KMS1.contoso.com:1688; ",
     .host_news = "12290 0xC004F041 5 PC1.contoso.com; ",
     .cure = [](KmsLab& lab) { KmsLab::must(lab.telephone("KMS1")); }},
    {.code = H::kSlEVlKeyManagementServiceIdMismatch,
     .why = "a beta client asks a released host",
     .type = "KMS client",
     .spoil = beta,
     .act = [](KmsLab& lab) { return KmsLab::result(lab.activate("BETA1")); },
     .machine = "BETA1",
     .news = "12288 0xC004F042 0x8 KMS1.contoso.com:1688; ",
     .host_news = "12290 0xC004F042 25 BETA1.contoso.com; ",
     .cure =  // a beta host, which has its own key; its count begins anew
     [](KmsLab& lab) {
       lab.add({.name = "KMSB", .os = "vista-sp1-beta", .role = "kms-host"});
       lab.set("BETA1", licensing::paths::kSl, "KeyManagementServiceName", reg::make_sz("KMSB"));
     },
     .cured = H::kSlEVlNotEnoughCount},
    {.code = H::kSlEVlKeyManagementServiceIdMismatch,
     .why = "a released client asks a beta host",
     .type = "KMS client",
     .spoil =
         [](KmsLab& lab) {
           beta(lab);
           lab.add({.name = "KMSB", .os = "vista-sp1-beta", .role = "kms-host"});
           lab.set("PC1", licensing::paths::kSl, "KeyManagementServiceName", reg::make_sz("KMSB"));
         },
     .news = "12288 0xC004F042 0x8 KMSB:1688; ",
     .cure = asking("KMS1")},
    {.code = H::kSlEInvalidProductKey,
     .why = "a beta key on a released host",
     .type = "KMS host",
     .spoil = beta,
     .act = installing("KMS1", "VOLUME_KMS", 2, "vista-sp1-beta"),
     .machine = "KMS1",
     .reason = H::kSOk,
     .again = installing("KMS1", "VOLUME_KMS", 2)},
    {.code = H::kSlEInvalidProductKey,
     .why = "a dash of a text processor in the key",
     .type = "KMS client",
     .act =
         [](KmsLab& lab) {
           std::string key = lab.key("VOLUME_KMSCLIENT");
           key.replace(key.find('-'), 1, "\u2013");
           return KmsLab::result(lab.install("PC1", key));
         },
     .again = installing("PC1", "VOLUME_KMSCLIENT")},
    {.code = H::kSlEBlockedProductKey,
     .why = "a blocked KMS key",
     .type = "KMS host",
     .act = installing("KMS1", "VOLUME_KMS", 13),
     .machine = "KMS1",
     .reason = H::kSOk,
     .again = installing("KMS1", "VOLUME_KMS", 14)},
    {.code = H::kSlEDependentPropertyNotSet,
     .why = "volume media and a key that is no volume key",
     .type = "KMS client",
     .act = installing("PC1", "RETAIL"),
     .again = installing("PC1", "VOLUME_KMSCLIENT")},
    {.code = H::kSlEMismatchedProductSku,
     .why = "the client's clock is five hours ahead",
     .type = "KMS client",
     .spoil = [](KmsLab& lab) { lab.fault(net::FaultKind::kClockSkew, "PC1", 300); },
     .news = "12288 0xC004F069 0x8 KMS1.contoso.com:1688; ",
     .host_news = "12290 0xC004F069 5 PC1.contoso.com; ",
     .cure = no_faults},
    {.code = H::kEAccessdenied,
     .why = "a prompt that is not elevated",
     .type = "KMS client",
     .act =
         [](KmsLab& lab) {
           return KmsLab::result(lab.activate("PC1", "administrator-unelevated"));
         },
     .again = activate},
    {.code = H::kDnsErrorRcodeServerFailure,
     .why = "the host meets a DNS server that fails",
     .type = "KMS host",
     .spoil = [](KmsLab& lab) { lab.fault(net::FaultKind::kDnsServerFailure, "KMS1"); },
     .act = publish,
     .machine = "KMS1",
     .reason = H::kSOk,
     .news = "903; 900; 902 6.0.6001.18000; 12293 0x8007232A contoso.com; ",
     .cure = no_faults},
    {.code = H::kDnsErrorRcodeServerFailure,
     .why = "the client meets a DNS server that fails",
     .type = "KMS client",
     .spoil = [](KmsLab& lab) { lab.fault(net::FaultKind::kDnsServerFailure, "PC1"); },
     .news = "12288 0x8007232A 0x1000008 ; ",
     .cure = asking("KMS1")},
    {.code = H::kDnsErrorRcodeNameError,
     .why = "no host is in DNS",
     .type = "KMS client",
     .spoil = [](KmsLab& lab) { lab.remove_record("KMS1.contoso.com"); },
     .news = "12288 0x8007232B 0x1000008 ; ",
     .cure = [](KmsLab& lab) { must(lab.machine("KMS1").restart()); }},
    {.code = H::kRpcSServerUnavailable,
     .why = "a firewall closes the port of the host",
     .type = "KMS client",
     .spoil =
         [](KmsLab& lab) {
           lab.change([](net::Model& m) { m.ports.push_back({{}, net::match("KMS1"), 1688}); });
         },
     .news = "12288 0x800706BA 0x8 KMS1.contoso.com:1688; ",
     .cure = [](KmsLab& lab) { lab.change([](net::Model& m) { m.ports.clear(); }); }},
    {.code = H::kRpcSServerUnavailable,
     .why = "the service record is stale",
     .type = "KMS client",
     .spoil =
         [](KmsLab& lab) {
           lab.change([](net::Model& m) {
             must(net::add_record(m, "contoso.com", {.host = "GONE.contoso.com"}));
             must(net::remove_records(m, "contoso.com", "KMS1.contoso.com"));
           });
         },
     .news = "12288 0x800706BA 0x8 GONE.contoso.com:1688; ",
     .cure =
         [](KmsLab& lab) {
           lab.remove_record("GONE.contoso.com");
           must(lab.machine("KMS1").restart());
         }},
    {.code = H::kDnsInfoNoRecords,
     .why = "the name has no service record",
     .type = "KMS client",
     .spoil = [](KmsLab& lab) { lab.fault(net::FaultKind::kDnsNoRecords, "PC1"); },
     .news = "12288 0x8007251D 0x1000008 ; ",
     .cure = no_faults},
};

// Codes that no KMS host or client meets, which other tests drive worlds into.
const std::set<H> kOfOthers = {
    H::kSlEChpaProductKeyOutOfRange,
    H::kSlEChpaProductKeyBlocked,
    H::kSlESrvGeneralError,
    H::kSlEChpaDmakLimitExceeded,
    H::kSlEChpaDmakExtensionLimitExceeded,
    H::kSlENongenuineGraceTimeExpired,
    H::kSlINongenuineGracePeriod,
};

BOOST_AUTO_TEST_SUITE(appendix2_kms)

BOOST_AUTO_TEST_CASE(each_code_is_met_logged_explained_and_cured) {
  for (const Row& row : kRows) {
    BOOST_TEST_CONTEXT(to_hex(row.code) << ": " << row.why) {
      KmsLab lab;
      row.spoil(lab);
      BOOST_TEST(row.act(lab) == row.code);
      BOOST_TEST(lab.reason(row.machine) == row.reason);
      BOOST_TEST(lab.news(row.machine) == row.news);
      if (row.machine != std::string_view("KMS1")) BOOST_TEST(lab.news("KMS1") == row.host_news);
      const auto told = licensing::explain(row.code, {6, 0, 6001});
      BOOST_TEST(
          (told.activation == "all" || told.activation.find(row.type) != std::string_view::npos));
      BOOST_TEST(!told.causes.empty());
      BOOST_TEST(!told.steps.empty());
      row.cure(lab);
      BOOST_TEST((row.again ? row.again : row.act)(lab) == row.cured);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_code_of_the_guide_is_left_out) {
  std::set<H> met = kOfOthers;
  for (const Row& row : kRows) met.insert(row.code);
  for (const H code : licensing::appendix2_codes()) BOOST_TEST(met.count(code) == 1u, to_hex(code));
  BOOST_TEST(met.size() == licensing::appendix2_codes().size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::world
