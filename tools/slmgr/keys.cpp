// /ipk, /upk, /cpky, /ilc, /rilc: product keys and licences.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "registry/formats/ansi.hpp"
#include "tools/slmgr/script.hpp"

namespace slwmi::slmgr {
namespace {

// Monitoring finds KMS hosts by the value KeyManagementServiceVersion (VA2): it is there while a
// KMS key is installed. A user whom UserOperations lets install keys may not remove it.
Result<> mark_kms_host(Script& script) {
  SL_TRY(const std::vector<Row> products, script.products({}));
  const bool host = std::any_of(products.begin(), products.end(), [](const Row& product) {
    return product.has("PartialProductKey") && is_kms_host(product);
  });
  const Place place = sl_value("KeyManagementServiceVersion");
  if (host) return write_text(script.wmi(), place, script.service_version());
  Result<> removed = remove_value(script.wmi(), place);
  if (!removed && removed.error().code == kRegistryDenied) return {};
  return removed;
}

// A licence file's text: UTF-16 or UTF-8 by its byte-order mark, otherwise UTF-8 where it is such,
// and the ANSI code page.
std::string decode(std::string_view bytes) {
  if (bytes.substr(0, 2) == "\xFF\xFE") return from_utf16le(as_bytes(bytes.substr(2)));
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") return std::string(bytes.substr(3));
  return find_invalid_utf8(bytes) ? reg::from_ansi(as_bytes(bytes)) : std::string(bytes);
}

Result<> install_license(Script& script, const std::string& text) {
  return script.call_service("InstallLicense", {{"License", cim::Value::text(text)}});
}

}  // namespace

Result<> run_ipk(Script& script) {
  const std::string_view key = script.argument(0);
  SL_CHECK(script.call_service("InstallProductKey", {{"ProductKey", cim::Value::text(key)}}));
  SL_CHECK(script.refresh_status());
  SL_CHECK(mark_kms_host(script));
  script.say(Text::kKeyInstalled, {key});
  return {};
}

Result<> run_upk(Script& script) {
  SL_TRY(std::vector<Row> products, script.products({}));
  const std::string_view id = script.argument(0);
  std::erase_if(products, [&](const Row& product) {
    return !product.has("PartialProductKey") ||
           (id.empty() ? product.flag("LicenseIsAddon")
                       : !equal_ignore_case(product.text("ID"), id));
  });
  for (const Row& product : products) {
    SL_CHECK(script.call_product(product, "UninstallProductKey"));
    SL_CHECK(script.refresh_status());
    SL_CHECK(mark_kms_host(script));
    script.say(Text::kKeyUninstalled);
  }
  if (products.empty()) script.say(Text::kKeyNotFound);
  return {};
}

Result<> run_cpky(Script& script) {
  SL_CHECK(script.call_service("ClearProductKeyFromRegistry"));
  script.say(Text::kKeyCleared);
  return {};
}

Result<> run_ilc(Script& script) {
  const std::string path(script.argument(0));
  const auto bytes = script.around().read_file(path);
  if (!bytes) return fail(bytes.error());
  SL_CHECK(install_license(script, decode(*bytes)));
  script.say(Text::kLicenseInstalled, {path});
  return {};
}

Result<> run_rilc(Script& script) {
  SL_TRY(const std::vector<world::LicenseFile> files, script.around().license_files());
  script.say(Text::kReinstalling);
  for (const world::LicenseFile& file : files) {
    SL_CHECK(install_license(script, file.text));
    script.say(Text::kLicenseInstalled, {file.path});
  }
  script.say(Text::kReinstalled);
  return {};
}

}  // namespace slwmi::slmgr
