#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "registry/formats/reg_file.hpp"
#include "registry/hive_view.hpp"
#include "registry/image_source.hpp"
#include "registry/path.hpp"

namespace slwmi::reg {
namespace {

std::string source(const std::string& name) {
  std::ifstream in(SLWMI_SOURCE_DIR "/registry/images/" + name, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(in.good(), name);
  return {(std::istreambuf_iterator<char>(in)), {}};
}

void append_file(std::vector<Op>& ops, const std::string& name) {
  const auto more = parse_image_file(source(name + ".reg"));
  BOOST_REQUIRE_MESSAGE(more.has_value(), name);
  ops.insert(ops.end(), more->begin(), more->end());
}

HiveView view_of(ImagePtr image) { return {std::move(image), nullptr, {}}; }

HiveView embedded(std::string_view os, std::string_view edition) {
  const auto image = embedded_image(os, edition);
  BOOST_REQUIRE(image.has_value());
  return view_of(*image);
}

void compare_security(const HiveView& a, const HiveView& b, KeyId key) {
  BOOST_TEST_REQUIRE((a.explicit_security(key) == b.explicit_security(key)));
  const auto children = a.subkeys(key);
  for (const Subkey& child : children) compare_security(a, b, child.key);
}

// The guide's registry values that a new machine has; those without a default are absent.
struct {
  const char* path;
  const char* value;
  std::int64_t number;  // -1: absent
} const kGuide[] = {
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "VLActivationInterval", 120},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "VLRenewalInterval", 10080},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "DisableDnsPublishing", -1},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "EnableKmsLowPriority", -1},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "KeyManagementServiceName", -1},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "KeyManagementServicePort", -1},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL",
     "KeyManagementServiceListeningPort", -1},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "DnsDomainPublishList", -1},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "KeyManagementServiceVersion",
     -1},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "UserOperations", -1},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL\\Activation", "Manual", 0},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL\\Activation",
     "NotificationDisabled", 0},
    {"HKU\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "CustomerPID", -1},
    {"HKU\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL",
     "DiscoveredKeyManagementServiceName", -1},
};

struct {
  const char* path;
  const char* who;
  Access want;
  bool granted;
} const kAccess[] = {
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "standard", access::kRead, true},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "standard", access::kSetValue,
     false},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "administrator",
     access::kAllAccess, true},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "administrator-unelevated",
     access::kSetValue, false},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL", "network-service",
     access::kSetValue, true},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL\\Activation", "network-service",
     access::kSetValue, true},
    {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "network-service", access::kSetValue,
     true},
    {"HKLM\\SOFTWARE", "network-service", access::kSetValue, false},
    {"HKLM\\SYSTEM\\CurrentControlSet\\Services\\slsvc\\Store", "network-service",
     access::kAllAccess, true},
    {"HKLM\\SYSTEM\\CurrentControlSet\\Services\\slsvc\\Store", "system", access::kAllAccess, true},
    {"HKLM\\SYSTEM\\CurrentControlSet\\Services\\slsvc\\Store", "administrator",
     access::kQueryValue, false},
    {"HKLM\\SYSTEM\\CurrentControlSet\\Services\\slsvc\\Store", "standard", access::kQueryValue,
     false},
    {"HKLM\\SAM", "administrator", access::kQueryValue, false},
    {"HKU\\S-1-5-20", "network-service", access::kAllAccess, true},
    {"HKU\\S-1-5-20", "standard", access::kQueryValue, false},
    {"HKU\\S-1-5-21-1001001001-2002002002-3003003003-1001", "standard", access::kAllAccess, true},
    {"HKU\\S-1-5-21-1001001001-2002002002-3003003003-1000", "standard", access::kQueryValue, false},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(images)

BOOST_AUTO_TEST_CASE(embedded_images_equal_their_sources) {
  const auto list = parse_image_list(source("images.txt"));
  BOOST_REQUIRE(list.has_value());
  const auto security = parse_image_security(source("security.txt"));
  BOOST_REQUIRE(security.has_value());
  std::size_t images = 0;
  for (const ImageList::System& os : list->systems) {
    for (const ImageList::Edition& edition : list->editions) {
      if (edition.family != os.family) continue;
      BOOST_TEST_CONTEXT(os.name << " " << edition.name) {
        std::vector<Op> ops;
        for (const std::size_t file : os.files) append_file(ops, list->files[file]);
        append_file(ops, list->files[edition.file]);
        ops.insert(ops.end(), security->begin(), security->end());
        const HiveView parsed = view_of(Image::make(ops, {}));
        const HiveView built = embedded(os.name, edition.name);
        for (const KeyId root : {KeyId::kLocalMachine, KeyId::kUsers}) {
          BOOST_TEST((export_reg(built, root) == export_reg(parsed, root)));
          compare_security(built, parsed, root);
        }
        BOOST_TEST(built.image()->key_count() == parsed.image()->key_count());
      }
      ++images;
    }
  }
  BOOST_TEST(embedded_images().size() == images);
  BOOST_TEST(images == 20u);
}

BOOST_AUTO_TEST_CASE(every_value_of_the_guide_has_its_default_in_every_image) {
  for (const ImageName& name : embedded_images()) {
    const HiveView view = embedded(name.os, name.edition);
    for (const auto& c : kGuide) {
      BOOST_TEST_CONTEXT(name.os << " " << name.edition << " " << c.path << " " << c.value) {
        BOOST_TEST(view.exists(key_of(c.path)));
        const auto value = view.find(key_of(c.path), intern_name(c.value).id);
        BOOST_TEST(value.has_value() == (c.number >= 0));
        if (value) BOOST_TEST((as_dword(*value) == static_cast<std::uint32_t>(c.number)));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(keys_are_open_to_whom_they_should_be) {
  const HiveView view = embedded("6.0.6001", "Enterprise");
  for (const auto& c : kAccess) {
    BOOST_TEST_CONTEXT(c.path << " " << c.who << " " << c.want) {
      const SecurityDescriptor& descriptor = security_of(view.security(key_of(c.path)));
      BOOST_TEST(check_access(descriptor, *find_principal(c.who), c.want).has_value() == c.granted);
    }
  }
}

BOOST_AUTO_TEST_CASE(versions_and_editions_differ_where_they_should) {
  const KeyId key = key_of("HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion");
  const auto text = [&](std::string_view os, std::string_view edition, const char* value) {
    const HiveView view = embedded(os, edition);
    const auto found = view.find(key, intern_name(value).id);
    return found ? as_string(*found).value_or("?") : "";
  };
  BOOST_TEST(text("6.0.6000", "Business", "CurrentBuildNumber") == "6000");
  BOOST_TEST(text("6.0.6000", "Business", "CSDVersion") == "");
  BOOST_TEST(text("6.0.6001", "Business", "CurrentBuildNumber") == "6001");
  BOOST_TEST(text("6.0.6001", "Business", "CSDVersion") == "Service Pack 1");
  BOOST_TEST(text("6.0.6001", "Enterprise", "ProductName") == "Windows Vista (TM) Enterprise");
  BOOST_TEST(text("6.0.6001-server", "Enterprise", "ProductName") ==
             "Windows Server (R) 2008 Enterprise");
  BOOST_TEST(text("6.0.6001-server", "Web", "EditionID") == "ServerWeb");
  const HiveView view = embedded("6.0.6000", "Business");
  BOOST_TEST(view.find(key, intern_name("DigitalProductId").id)->data.size() == 164u);
}

BOOST_AUTO_TEST_CASE(an_edition_of_the_users_own_starts_from_its_versions_image) {
  const HiveView view = embedded("6.0.6001", "Invented");
  BOOST_TEST(view.exists(key_of("HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL")));
  BOOST_TEST((embedded_image("5.1.2600", "Professional").error().code == HResult::kErrorNotFound));
}

BOOST_AUTO_TEST_CASE(an_image_is_put_together_once) {
  BOOST_TEST((*embedded_image("6.0.6001", "Business") == *embedded_image("6.0.6001", "Business")));
}

BOOST_AUTO_TEST_CASE(bad_sources_are_refused_with_their_line) {
  BOOST_TEST(parse_image_list("os a b c\nos\n").error().at->line == 2);
  BOOST_TEST(parse_image_security("# c\nD:(X) HKLM\\a\n").error().at->line == 2);
  BOOST_TEST(parse_image_security("D: nowhere\n").error().at->line == 1);
  BOOST_TEST(!parse_image_file("Windows Registry Editor Version 5.00\nwrong\n").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace slwmi::reg
