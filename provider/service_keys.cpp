// Product keys and licence documents.
#include <algorithm>

#include "base/text.hpp"
#include "provider/event_rules.hpp"
#include "provider/firmware.hpp"
#include "provider/installed_license.hpp"
#include "provider/kms_service.hpp"
#include "provider/license_document.hpp"
#include "provider/pid.hpp"
#include "provider/service_work.hpp"

namespace slwmi::licensing {
namespace {

Event key_event(ProductKey key) {
  Event event;
  event.kind = EventKind::kKeyInstalled;
  event.key_group = key.group;
  event.key_serial = key.serial;
  return event;
}

// An OEM key needs the manufacturer's firmware and the certificate that comes with its installation
// or as a licence of its own.
Result<> check_oem(const Host& host, const Product& product) {
  const FirmwareInfo& firmware = info_of(firmware_of(host.facts));
  if (firmware.oem != HResult::kSOk)
    return fail(firmware.oem, "the firmware has " + std::string(firmware.help));
  const bool delivered = host.resolved.product->channel == Channel::kOemSlp;
  const bool installed = host.catalogue->find(product.sku) != &product;
  if (delivered || installed) return {};
  return fail(HResult::kSlESlpOemCertMissing,
              "the certificate of the computer's manufacturer is not installed");
}

}  // namespace

// --- keys

Result<> Service::install_product_key(std::string_view text) {
  SL_TRY(const ProductKey key, parse_product_key(text));
  SL_TRY(Work work, Work::begin(host_, clock_));
  const Carried* target = nullptr;
  for (const Carried& carried : work.state().products())
    if (carried.product->key_group == key.group) target = &carried;
  const Product* product =
      target != nullptr ? target->product : host_.catalogue->find_key_group(key.group);
  KeyFacts facts;
  facts.group_known = product != nullptr;
  facts.edition_on_media = target != nullptr;
  facts.upgraded = host_.facts.upgraded;
  if (product != nullptr) {
    const auto& blocked = product->blocked_serials;
    facts.blocked = std::find(blocked.begin(), blocked.end(), key.serial) != blocked.end();
    facts.prerelease_mismatch = product->prerelease != host_.resolved.product->prerelease;
    facts.upgrade_only = product->upgrade_only;
  }
  if (const HResult verdict = judge_key(facts, host_.resolved.os->os); failed(verdict))
    return fail(verdict, "the product key is refused");
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): an edition not on the media is refused
  const bool oem = target->product->channel == Channel::kOemSlp;
  if (oem) SL_CHECK(check_oem(host_, *target->product));

  // Base products share one state, which moves to the product of the new key.
  const Carried& base = work.state().base();
  Carried from = *target;
  if (!target->product->is_addon()) from.license = base.license;
  SL_TRY(Step done, work.move(from, key_event(key)));
  if (oem) {
    from.license = done.next;
    SL_TRY(done, work.move(from, event_of(EventKind::kActivated)));
  }
  if (!target->product->is_addon() && target->product != base.product) {
    SL_CHECK(work.remove(paths::kStore, base.product->sku_text));
    SL_CHECK(work.write(*target->product, done.next));
  }
  // An add-on's key says nothing of Windows' own product ID and KMS host.
  if (target->product->is_addon()) return work.commit();
  SL_CHECK(work.forget_kms());
  SL_CHECK(work.write_product_id(key));
  if (target->product->channel != Channel::kKmsHost) return work.commit();
  // The service starts with its key, on a table that is sound, and tells DNS.
  KmsStart start = kms_start(work.view());
  if (!start.runs()) SL_CHECK(work.remove(paths::kStore, kKmsHostValue));
  start.service = HResult::kSOk;
  work.log_start(start);
  SL_CHECK(work.commit());
  return publish();
}

Result<> Service::clear_product_key_from_registry() {
  SL_TRY(Work work, Work::begin(host_, clock_));
  const std::string id =
      read_text(work.view(), paths::kCurrentVersion, "ProductId").value_or(short_product_id({}));
  SL_CHECK(work.set(paths::kCurrentVersion, "DigitalProductId",
                    reg::make_binary(digital_product_id(id, {}))));
  return work.commit();
}

Result<> Service::uninstall_product_key(std::string_view sku) {
  SL_TRY(Work work, Work::begin(host_, clock_));
  const Carried* carried = work.state().find(sku);
  if (carried == nullptr) return fail(HResult::kWbemENotFound, "no product has that ID");
  SL_CHECK(work.move(*carried, event_of(EventKind::kKeyUninstalled)));
  if (carried->product->is_addon()) return work.commit();
  SL_CHECK(work.write_product_id({}));
  SL_CHECK(work.forget_kms());
  return work.commit();
}

// --- licences

Result<> Service::add_licenses(const std::vector<Product>& products) {
  SL_TRY(Work work, Work::begin(host_, clock_));
  for (const Product& product : products) {
    const Product* other = host_.catalogue->find_key_group(product.key_group);
    if (product.key_group != 0 && other != nullptr && other->sku != product.sku)
      return fail(HResult::kSlEInvalidLicense, "the key group belongs to another product");
    SL_CHECK(work.set(paths::kLicenses, product.sku_text, license_value(product)));
    work.log(license_installed(product, work.now()));
  }
  SL_CHECK(work.move(work.state().base(), event_of(EventKind::kLicenseInstalled)));
  return work.commit();
}

Result<> Service::install_license(std::string_view document) {
  SL_TRY(Product product, parse_license(document));
  return add_licenses({std::move(product)});
}

Result<> Service::install_license_package(std::string_view document) {
  SL_TRY(const std::vector<Product> products, parse_package(document));
  return add_licenses(products);
}

}  // namespace slwmi::licensing
