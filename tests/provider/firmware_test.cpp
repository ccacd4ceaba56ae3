#include "provider/firmware.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using H = HResult;

const Product& product_of(std::string_view media, Channel channel) {
  for (const Product* product : test::catalogue().on_media(media))
    if (product->channel == channel && !product->is_addon()) return *product;
  BOOST_FAIL("no such product");
  std::abort();
}

BOOST_AUTO_TEST_SUITE(firmware)

// VA2, "Activation of Windows OEM Computers" and Appendix 2, 0xC004F035.
const struct {
  const char* why;
  const char* os;
  const char* media;
  Channel channel;
  Firmware firmware;
  bool upgraded;
  H kms, setup;
} kRows[] = {
    {"no table", "vista-sp1", "vista-volume", Channel::kKmsClient, Firmware::kNone, true, H::kSOk,
     H::kSOk},
    {"a table without a marker", "vista-sp1", "vista-volume", Channel::kKmsClient,
     Firmware::kUnmarked, true, H::kSlEVlNotWindowsSlp, H::kSlEVlNotWindowsSlp},
    {"on RTM too", "vista-rtm", "vista-volume", Channel::kKmsClient, Firmware::kUnmarked, true,
     H::kSlEVlNotWindowsSlp, H::kSlEVlNotWindowsSlp},
    {"a table that cannot be read", "vista-sp1", "vista-volume", Channel::kKmsClient,
     Firmware::kMalformed, true, H::kSlEVlNotWindowsSlp, H::kSlEVlNotWindowsSlp},
    {"a KMS host", "vista-sp1", "vista-volume", Channel::kKmsHost, Firmware::kUnmarked, true,
     H::kSlEVlNotWindowsSlp, H::kSlEVlNotWindowsSlp},
    {"a MAK activates it, though setup complains", "vista-sp1", "vista-volume", Channel::kMak,
     Firmware::kUnmarked, false, H::kSOk, H::kSlEVlNotWindowsSlp},
    {"a retail product", "vista-sp1", "vista-retail", Channel::kRetail, Firmware::kUnmarked, false,
     H::kSOk, H::kSOk},
    {"no qualifying system", "vista-sp1", "vista-volume", Channel::kKmsClient, Firmware::kNone,
     false, H::kSlEVlNotWindowsSlp, H::kSOk},
    {"a KMS host without one", "vista-sp1", "vista-volume", Channel::kKmsHost, Firmware::kNone,
     false, H::kSlEVlNotWindowsSlp, H::kSOk},
    {"the marker proves one", "vista-sp1", "vista-volume", Channel::kKmsClient, Firmware::kMarked,
     false, H::kSOk, H::kSOk},
    {"Server 2008 is no upgrade", "2008", "2008-volume", Channel::kKmsClient, Firmware::kNone,
     false, H::kSOk, H::kSOk},
    {"but needs the marker for a KMS", "2008", "2008-volume", Channel::kKmsClient,
     Firmware::kUnmarked, true, H::kSlEVlNotWindowsSlp, H::kSOk},
};

BOOST_AUTO_TEST_CASE(decides_what_a_kms_activates_and_what_setup_reports) {
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      const OperatingSystem& os = test::system_of(row.os);
      const Product& product = product_of(row.media, row.channel);
      BOOST_TEST(volume_refusal(os, product, row.firmware, row.upgraded) == row.kms);
      BOOST_TEST(setup_error(os, product, row.firmware) == row.setup);
    }
  }
}

BOOST_AUTO_TEST_CASE(has_a_name_and_a_code_of_each_kind) {
  const struct {
    Firmware firmware;
    std::string_view name;
    H oem;
  } kinds[] = {
      {Firmware::kNone, "none", H::kSlESlpMissingAcpiSlic},
      {Firmware::kUnmarked, "no-marker", H::kSlESlpMissingSlpMarker},
      {Firmware::kMalformed, "malformed", H::kSlESlpBadFormat},
      {Firmware::kMarked, "marker", H::kSOk},
  };
  BOOST_TEST(firmware_kinds().size() == std::size(kinds));
  for (const auto& kind : kinds) {
    BOOST_TEST(info_of(kind.firmware).name == kind.name);
    BOOST_TEST(info_of(kind.firmware).oem == kind.oem);
    const auto parsed = parse_firmware(kind.name);
    BOOST_TEST_REQUIRE(parsed.has_value());
    BOOST_TEST((*parsed == kind.firmware));
  }
  const auto unknown = parse_firmware("bios");
  BOOST_TEST_REQUIRE(!unknown);
  BOOST_TEST(unknown.error().code == H::kEInvalidarg);
}

// What the machine itself does by these rules.
BOOST_AUTO_TEST_CASE(refuses_a_kms_host_without_the_marker_online) {
  test::TestMachine host({"vista-sp1", "mak", {}});
  BOOST_TEST(host.service().install_product_key(host.key(Channel::kKmsHost)).has_value());
  host.host.facts.slic_table = true;
  BOOST_TEST(host.call("SoftwareLicensingProduct", "Activate") == H::kSlEVlNotWindowsSlp);
  host.host.facts.windows_marker = true;
  BOOST_TEST(host.call("SoftwareLicensingProduct", "Activate") == H::kSOk);
}

BOOST_AUTO_TEST_CASE(activates_an_oem_product_again_at_its_start) {
  test::TestMachine oem({"vista-sp1", "oem", {}});
  oem.host.facts.slic_table = oem.host.facts.windows_marker = true;
  Event changed;
  changed.kind = EventKind::kHardwareChanged;
  BOOST_TEST(oem.service().happened(changed).has_value());
  BOOST_TEST((oem.status().status == LicenseStatus::kOotGrace));
  oem.host.facts.windows_marker = false;
  BOOST_TEST(oem.service().restarted().has_value());
  BOOST_TEST((oem.status().status == LicenseStatus::kOotGrace));
  oem.host.facts.windows_marker = true;
  BOOST_TEST(oem.service().restarted().has_value());
  BOOST_TEST((oem.status().status == LicenseStatus::kLicensed));
  // A validation that failed is not undone by it.
  Event marked;
  marked.kind = EventKind::kMarkedNonGenuine;
  marked.granted = true;
  BOOST_TEST(oem.service().happened(marked).has_value());
  BOOST_TEST(oem.service().restarted().has_value());
  BOOST_TEST((oem.status().status == LicenseStatus::kNonGenuineGrace));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
