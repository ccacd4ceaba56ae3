// The products and operating systems of a world, as the licensing rules use them. The instances
// come from MOF (mof/catalogue.mof, mof/products.mof, a user's own); a licence that was installed
// on one machine adds to what that machine carries.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/datetime.hpp"
#include "base/guid.hpp"
#include "base/result.hpp"
#include "provider/license.hpp"
#include "provider/os_version.hpp"
#include "provider/product_key.hpp"
#include "registry/names.hpp"

namespace slwmi::licensing {

struct OperatingSystem {
  std::string id;  // "vista-sp1"
  std::string version;
  OsVersion os;
  std::string image;
  std::string service_version;
  std::string caption;
  std::string service_pack;  // empty: none
  std::uint16_t service_pack_number = 0;
  std::uint32_t product_type = 1;
  std::uint16_t revision = 0;
  std::string volume_media, retail_media;
  std::string volume_edition, retail_edition;
};

struct Product {
  Guid sku;
  std::string sku_text;
  reg::Name record;  // name of the registry value that keeps the licence record
  std::string application;
  std::string name;
  std::string family;       // "Windows Operating System - Vista"
  std::string description;  // family, channel
  std::string edition;
  Channel channel = Channel::kRetail;
  std::string license_family;
  std::string depends_on;  // empty: a base product
  std::vector<std::string> media;
  std::uint16_t key_group = 0;
  std::uint8_t rearms = 3;
  std::vector<std::pair<std::string, std::uint8_t>> rearms_by_os;
  std::uint32_t required_client_count = 0;
  FileTime evaluation_end;  // zero: none
  std::uint32_t operating_system_sku = 0;
  bool upgrade_only = false;
  bool prerelease = false;
  std::vector<std::uint32_t> blocked_serials;
  std::uint32_t activation_limit = 0;
  std::string processor_url, machine_url, product_key_url, use_license_url;

  bool is_addon() const { return !depends_on.empty(); }
};

std::string_view channel_token(Channel channel);        // "VOLUME_KMSCLIENT"
Result<Channel> parse_channel(std::string_view token);  // E_INVALIDARG lists them
Policy policy_of(const Product& product, const OperatingSystem& os);

// Fills what follows from the rest: the SKU's text, the description and the record's name.
Product complete(Product product);

// What a machine starts as. An empty edition takes the operating system's usual one for the role.
struct Profile {
  std::string os = "vista-sp1";
  std::string role = "kms-client";
  std::string edition = {};
};
std::vector<std::string_view> role_names();
Result<std::string_view> parse_role(std::string_view name);  // ERROR_NOT_FOUND lists them

// Immutable once filled; shared by all machines of a world. Pointers to products live as long as
// it.
class Catalogue {
 public:
  // E_INVALIDARG when the id, the SKU or the key group is there already with other content.
  Result<> add(OperatingSystem os);
  Result<> add(Product product);

  const std::vector<OperatingSystem>& operating_systems() const { return systems_; }
  const std::vector<std::unique_ptr<const Product>>& products() const { return products_; }
  const OperatingSystem* find_system(std::string_view id) const;  // nullptr: none
  const Product* find(const Guid& sku) const;
  const Product* find(std::string_view sku_text) const;  // in any case, without braces
  const Product* find_key_group(std::uint16_t group) const;
  // What is on the media, in the order of the catalogue.
  std::vector<const Product*> on_media(std::string_view media) const;

  // What a profile stands for. ERROR_NOT_FOUND names what is unknown and lists what there is.
  struct Resolved {
    const OperatingSystem* os = nullptr;
    const Product* product =
        nullptr;             // the one that the machine's state belongs to at first; never null
    bool has_key = false;    // it starts with a setup key
    bool activated = false;  // it starts licensed for good
    std::vector<const Product*> carried;  // every product of the media
  };
  Result<Resolved> resolve(const Profile& profile) const;

 private:
  std::vector<OperatingSystem> systems_;
  std::vector<std::unique_ptr<const Product>> products_;
};

// The serial number of the key that machines of a profile start with. Every machine of a KMS client
// profile has the same setup key, as the keys on installation media are.
inline constexpr std::uint32_t kSetupSerial = 1;

// The state of `resolved.product` on a machine that was installed at that time and not touched
// since.
License initial_license(const Catalogue::Resolved& resolved, FileTime installed);

}  // namespace slwmi::licensing
