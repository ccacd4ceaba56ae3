// The declared settings out of provider/mof/registry_values.mof, which the build compiles and
// embeds here too.

#include "base/bytes.hpp"
#include "policy/catalogue_source.hpp"
#include "schema/repository.hpp"
#include "schema/schema_image.hpp"

namespace slwmi::policy {

ByteSpan embedded_settings_bytes();  // made by slwmi_mofc

namespace {

constexpr std::string_view kNamespace = "root\\slwmi";
constexpr std::string_view kClass = "SlwmiRegistryValue";

std::string text_of(const cim::Instance& row, std::string_view property) {
  return std::string(row.get(property).as_text());
}

// The guide's words.
Scope declared_scope(std::string_view text) {
  if (text == "KMS") return Scope::kKmsHost;
  return text == "KMS client" ? Scope::kKmsClient : Scope::kAll;
}

SettingInfo setting_of(const cim::Instance& row) {
  SettingInfo info;
  info.name = text_of(row, "Setting");
  info.key = text_of(row, "Path");
  info.value = text_of(row, "Name");
  info.kind = kind_of(text_of(row, "Kind")).value_or(Kind::kText);
  info.min = row.get("Min").as_uint32();
  info.max = row.get("Max").as_uint32();
  info.scope = declared_scope(row.get("Scope").as_text());
  if (!row.get("Default").is_null()) info.default_text = text_of(row, "Default");
  info.replaced_by_host = row.get("ReplacedByHost").as_boolean();
  info.kept_by_service = row.get("KeptByService").as_boolean();
  info.description = text_of(row, "Effect");
  info.source = text_of(row, "Source");
  return info;
}

}  // namespace

std::vector<SettingInfo> declared_settings() {
  std::vector<SettingInfo> settings;
  auto image = cim::SchemaImage::open(embedded_settings_bytes(), nullptr, nullptr,
                                      cim::SchemaImage::Origin::kProgram);
  if (!image) return settings;  // a test reads all of them
  const cim::Repository repository(*std::move(image));
  const cim::InstanceTablePtr table = repository.instances(kNamespace, kClass);
  if (table == nullptr) return settings;
  for (const cim::Instance& row : table->rows()) settings.push_back(setting_of(row));
  return settings;
}

}  // namespace slwmi::policy
