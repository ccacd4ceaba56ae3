#include "provider/catalogue_loader.hpp"

#include <charconv>
#include <string>
#include <utility>

#include "schema/instance.hpp"

namespace slwmi::licensing {
namespace {

// Reads the rows of one table. Every row is asked for the same properties in the same order, so
// that a property is looked up by its name in the first row only.
class Rows {
 public:
  explicit Rows(const cim::Class& cls) : cls_(cls) {}

  void start(const cim::Instance& row) {
    row_ = &row;
    next_ = 0;
  }
  const cim::Instance& row() const { return *row_; }
  const cim::Value& get(std::string_view property) {
    static const cim::Value kNone{};
    if (next_ == slots_.size()) slots_.push_back(cls_.find_slot(property));
    const int slot = slots_[next_++];
    return slot < 0 ? kNone : row_->at(slot);
  }

 private:
  const cim::Class& cls_;
  const cim::Instance* row_ = nullptr;
  std::vector<int> slots_;
  std::size_t next_ = 0;
};

std::string text(Rows& in, std::string_view property) {
  return std::string(in.get(property).as_text());
}
std::uint32_t number(Rows& in, std::string_view property) { return in.get(property).as_uint32(); }

tl::unexpected<Error> bad(const Rows& in, std::string_view property) {
  return fail(HResult::kEInvalidarg,
              in.row().relpath() + ": " + std::string(property) + " cannot be used");
}

Result<OsVersion> parse_os_version(Rows& in) {
  const auto version = cim::parse_version(text(in, "Version"));
  if (!version || version->major > 0xFFFF || version->minor > 0xFFFF || version->build > 0xFFFF)
    return bad(in, "Version");
  return OsVersion{static_cast<std::uint16_t>(version->major),
                   static_cast<std::uint16_t>(version->minor),
                   static_cast<std::uint16_t>(version->build)};
}

Result<OperatingSystem> read_system(Rows& in) {
  OperatingSystem out;
  out.id = text(in, "Id");
  out.version = text(in, "Version");
  SL_TRY(out.os, parse_os_version(in));
  out.image = text(in, "Image");
  out.service_version = text(in, "ServiceVersion");
  out.caption = text(in, "Caption");
  out.service_pack = text(in, "ServicePack");
  out.service_pack_number = static_cast<std::uint16_t>(number(in, "ServicePackNumber"));
  out.product_type = number(in, "ProductType");
  out.revision = static_cast<std::uint16_t>(number(in, "Revision"));
  out.volume_media = text(in, "VolumeMedia");
  out.retail_media = text(in, "RetailMedia");
  out.volume_edition = text(in, "VolumeEdition");
  out.retail_edition = text(in, "RetailEdition");
  return out;
}

// "3" for every operating system, "vista-sp1=5" for one.
Result<> read_rearms(Rows& in, Product& out) {
  for (const cim::Value& element : in.get("Rearms").elements()) {
    const std::string_view entry = element.as_text();
    const std::size_t equals = entry.find('=');
    const std::string_view digits =
        equals == std::string_view::npos ? entry : entry.substr(equals + 1);
    std::uint8_t rearms = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), rearms);
    if (error != std::errc{} || end != digits.data() + digits.size()) return bad(in, "Rearms");
    if (equals == std::string_view::npos) {
      out.rearms = rearms;
    } else {
      out.rearms_by_os.emplace_back(entry.substr(0, equals), rearms);
    }
  }
  return {};
}

Result<Product> read_product(Rows& in) {
  Product out;
  const auto sku = parse_guid(text(in, "SkuId"));
  if (!sku) return bad(in, "SkuId");
  out.sku = *sku;
  out.application = text(in, "ApplicationId");
  out.name = text(in, "Name");
  out.family = text(in, "Family");
  out.edition = text(in, "Edition");
  const auto channel = parse_channel(text(in, "Channel"));
  if (!channel) return bad(in, "Channel");
  out.channel = *channel;
  out.license_family = text(in, "LicenseFamily");
  out.depends_on = text(in, "LicenseDependsOn");
  for (const cim::Value& media : in.get("Media").elements())
    out.media.emplace_back(media.as_text());
  out.key_group = static_cast<std::uint16_t>(number(in, "KeyGroup"));
  SL_CHECK(read_rearms(in, out));
  out.required_client_count = number(in, "RequiredClientCount");
  if (const cim::Value& end = in.get("EvaluationEndDate"); !end.is_null()) {
    const auto parsed = parse_cim_datetime(end.as_text());
    if (!parsed || !parsed->time) return bad(in, "EvaluationEndDate");
    out.evaluation_end = *parsed->time;
  }
  out.operating_system_sku = number(in, "OperatingSystemSku");
  out.upgrade_only = in.get("UpgradeOnly").as_boolean();
  out.prerelease = in.get("Prerelease").as_boolean();
  for (const cim::Value& serial : in.get("BlockedSerials").elements())
    out.blocked_serials.push_back(serial.as_uint32());
  out.activation_limit = number(in, "ActivationLimit");
  out.processor_url = text(in, "ProcessorURL");
  out.machine_url = text(in, "MachineURL");
  out.product_key_url = text(in, "ProductKeyURL");
  out.use_license_url = text(in, "UseLicenseURL");
  return out;
}

}  // namespace

Result<std::shared_ptr<const Catalogue>> load_catalogue(const cim::Repository& repository) {
  auto catalogue = std::make_shared<Catalogue>();
  if (const auto table = repository.instances(kCatalogueNamespace, "SlwmiOperatingSystem")) {
    Rows rows(*table->cls());
    for (const cim::Instance& row : table->rows()) {
      rows.start(row);
      SL_TRY(OperatingSystem os, read_system(rows));
      SL_CHECK(catalogue->add(std::move(os)));
    }
  }
  if (const auto table = repository.instances(kCatalogueNamespace, "SlwmiProduct")) {
    Rows rows(*table->cls());
    for (const cim::Instance& row : table->rows()) {
      rows.start(row);
      SL_TRY(Product product, read_product(rows));
      SL_CHECK(catalogue->add(std::move(product)));
    }
  }
  return std::shared_ptr<const Catalogue>(std::move(catalogue));
}

}  // namespace slwmi::licensing
