#include "provider/catalogue.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"

namespace slwmi::licensing {
namespace {

struct ChannelName {
  Channel channel;
  std::string_view token;
};
constexpr ChannelName kChannels[] = {
    {Channel::kKmsClient, "VOLUME_KMSCLIENT"},
    {Channel::kKmsHost, "VOLUME_KMS"},
    {Channel::kMak, "VOLUME_MAK"},
    {Channel::kRetail, "RETAIL"},
    {Channel::kOemSlp, "OEM_SLP"},
    {Channel::kTimebasedEval, "TIMEBASED_EVAL"},
};

struct Role {
  std::string_view name;
  Channel channel;
  bool volume;
  bool has_key;
  bool activated;
};
constexpr Role kRoles[] = {
    {"kms-client", Channel::kKmsClient, true, true, false},
    {"kms-host", Channel::kKmsHost, true, true, true},
    {"mak", Channel::kMak, true, true, false},
    {"oem", Channel::kOemSlp, false, true, true},
    {"retail", Channel::kRetail, false, true, false},
    {"unlicensed", Channel::kMak, true, false, false},
};

template <class List, class Name>
std::string join(const List& list, Name name) {
  std::string out;
  for (const auto& item : list) {
    if (!out.empty()) out += ", ";
    out += name(item);
  }
  return out;
}

Result<const Role*> find_role(std::string_view name) {
  for (const Role& role : kRoles)
    if (equal_ignore_case(role.name, name)) return &role;
  return fail(HResult::kErrorNotFound,
              "\"" + std::string(name) + "\" is no role; there are " +
                  join(kRoles, [](const Role& r) { return std::string(r.name); }));
}

}  // namespace

std::string_view channel_token(Channel channel) {
  for (const ChannelName& c : kChannels)
    if (c.channel == channel) return c.token;
  return {};
}

Result<Channel> parse_channel(std::string_view token) {
  for (const ChannelName& c : kChannels)
    if (equal_ignore_case(c.token, token)) return c.channel;
  return fail(HResult::kEInvalidarg,
              "\"" + std::string(token) + "\" is no channel; there are " +
                  join(kChannels, [](const ChannelName& c) { return std::string(c.token); }));
}

Policy policy_of(const Product& product, const OperatingSystem& os) {
  Policy policy;
  policy.channel = product.channel;
  policy.notification = os.os.notifies();
  policy.rearm_limit = product.rearms;
  for (const auto& [id, rearms] : product.rearms_by_os)
    if (id == os.id) policy.rearm_limit = rearms;
  policy.evaluation_end = product.evaluation_end;
  return policy;
}

Product complete(Product product) {
  product.sku_text = format_guid(product.sku);
  product.description =
      product.family + ", " + std::string(channel_token(product.channel)) + " channel";
  product.record = reg::intern_name(product.sku_text);
  return product;
}

Result<std::string_view> parse_role(std::string_view name) {
  SL_TRY(const Role* const role, find_role(name));
  return role->name;
}

std::vector<std::string_view> role_names() {
  std::vector<std::string_view> names;
  for (const Role& role : kRoles) names.push_back(role.name);
  return names;
}

Result<> Catalogue::add(OperatingSystem os) {
  if (find_system(os.id) != nullptr)
    return fail(HResult::kEInvalidarg, "operating system \"" + os.id + "\" is there already");
  systems_.push_back(std::move(os));
  return {};
}

Result<> Catalogue::add(Product product) {
  if (find(product.sku) != nullptr)
    return fail(HResult::kEInvalidarg, "product " + product.sku_text + " is there already");
  if (find_key_group(product.key_group) != nullptr)
    return fail(HResult::kEInvalidarg,
                "key group " + std::to_string(product.key_group) + " belongs to another product");
  products_.push_back(std::make_unique<const Product>(complete(std::move(product))));
  return {};
}

const OperatingSystem* Catalogue::find_system(std::string_view id) const {
  for (const OperatingSystem& os : systems_)
    if (equal_ignore_case(os.id, id)) return &os;
  return nullptr;
}

const Product* Catalogue::find(const Guid& sku) const {
  for (const auto& product : products_)
    if (product->sku == sku) return product.get();
  return nullptr;
}

const Product* Catalogue::find(std::string_view sku_text) const {
  for (const auto& product : products_)
    if (equal_ignore_case(product->sku_text, sku_text)) return product.get();
  return nullptr;
}

const Product* Catalogue::find_key_group(std::uint16_t group) const {
  for (const auto& product : products_)
    if (product->key_group == group) return product.get();
  return nullptr;
}

std::vector<const Product*> Catalogue::on_media(std::string_view media) const {
  std::vector<const Product*> out;
  for (const auto& product : products_)
    if (std::find(product->media.begin(), product->media.end(), media) != product->media.end())
      out.push_back(product.get());
  return out;
}

Result<Catalogue::Resolved> Catalogue::resolve(const Profile& profile) const {
  Resolved out;
  out.os = find_system(profile.os);
  if (out.os == nullptr)
    return fail(HResult::kErrorNotFound,
                "\"" + profile.os + "\" is no operating system; there are " +
                    join(systems_, [](const OperatingSystem& os) { return os.id; }));
  SL_TRY(const Role* const role, find_role(profile.role));
  out.carried = on_media(role->volume ? out.os->volume_media : out.os->retail_media);
  out.has_key = role->has_key;
  out.activated = role->activated;
  std::string edition = profile.edition;
  if (edition.empty()) edition = role->volume ? out.os->volume_edition : out.os->retail_edition;
  std::string editions;
  for (const Product* product : out.carried) {
    if (product->channel != role->channel || product->is_addon()) continue;
    if (equal_ignore_case(product->edition, edition)) {
      out.product = product;
      return out;
    }
    editions += (editions.empty() ? "" : ", ") + product->edition;
  }
  return fail(HResult::kErrorNotFound, "no " + std::string(role->name) + " product of edition \"" +
                                           edition + "\" is on the media; there are " + editions);
}

License initial_license(const Catalogue::Resolved& resolved, FileTime installed) {
  License license;
  license.grace_start = minute_of(installed);
  if (!resolved.has_key) return license;
  license.set(LicenseFlag::kHasKey);
  license.key_group = resolved.product->key_group;
  license.key_serial = kSetupSerial;
  license.key_installed_at = license.grace_start;
  if (resolved.activated) {
    license.set(LicenseFlag::kActivated);
    license.activated_at = license.grace_start;
  }
  return license;
}

}  // namespace slwmi::licensing
