// Activation online and by telephone; what a KMS does is in service_kms.cpp.
#include "provider/event_rules.hpp"
#include "provider/firmware.hpp"
#include "provider/installation_id.hpp"
#include "provider/service_work.hpp"

namespace slwmi::licensing {

// An activation that fails on the computer itself is in its log, too.
Result<> Service::refuse(Work& work, const Product& product, Error error) {
  work.log(activation_failed(error.code, product, work.now()));
  SL_CHECK(work.commit());
  return fail(std::move(error));
}

Result<> Service::activate(std::string_view sku) {
  SL_TRY(Work work, Work::begin(host_, clock_));
  const Carried* carried = work.state().find(sku);
  if (carried == nullptr) return fail(HResult::kWbemENotFound, "no product has that ID");
  const Product& product = *carried->product;
  if (product.channel == Channel::kOemSlp)
    return fail(HResult::kSlENotSupported, "OEM_SLP products are activated by their firmware only");
  // What would refuse the success refuses the attempt, before anything goes out.
  const Step probe =
      step(carried->license, work.policy(product), event_of(EventKind::kActivated), work.now());
  if (failed(probe.result))
    return refuse(work, product, {probe.result, std::string(text_of(probe.result))});
  if (product.is_addon()) {
    const auto base = work.state().base();
    const Status status = status_at(base.license, work.policy(*base.product), work.now());
    if (base.product->license_family != product.depends_on ||
        status.status != LicenseStatus::kLicensed)
      return refuse(
          work, product,
          {HResult::kSlEBaseSkuNotAvailable, "the base product is missing or not licensed"});
  }
  if (product.channel != Channel::kKmsClient) return activate_by_service(work, *carried);
  SL_TRY(std::optional<Error> trouble, attempt_by_kms(work, *carried));
  if (trouble) return fail(*std::move(trouble));
  return {};
}

Result<> Service::activate_by_service(Work& work, const Carried& carried) {
  const MachineFacts& machine = host_.facts;
  const HResult volume =
      volume_refusal(*host_.resolved.os, *carried.product, firmware_of(machine), machine.upgraded);
  if (failed(volume))
    return refuse(work, *carried.product,
                  {volume, "the computer does not qualify for a volume edition"});
  Result<> activated = fail(HResult::kErrorInternetNameNotResolved,
                            "the computer has no way to the activation service");
  if (host_.network != nullptr)
    activated = host_.network->activate_online(
        {*carried.product, key_of(carried.license), host_.facts.hardware});
  if (!activated) return refuse(work, *carried.product, std::move(activated).error());
  SL_CHECK(work.move(carried, event_of(EventKind::kActivated)));
  return work.commit();
}

Result<> Service::deposit_confirmation_id(std::string_view sku, std::string_view installation_id,
                                          std::string_view confirmation_id) {
  SL_TRY(Work work, Work::begin(host_, clock_));
  const Carried* carried = work.state().find(sku);
  if (carried == nullptr) return fail(HResult::kWbemENotFound, "no product has that ID");
  const Channel channel = carried->product->channel;
  if (channel == Channel::kKmsClient || channel == Channel::kOemSlp)
    return fail(HResult::kSlENotSupported,
                "products of this channel are not activated by telephone");
  if (!carried->license.has(LicenseFlag::kHasKey))
    return fail(HResult::kSlEPkeyNotInstalled, "no product key is installed");
  Result<> fits = check_confirmation(installation_id_of(host_, carried->license), installation_id,
                                     confirmation_id, host_.facts.world_seed);
  if (!fits) return refuse(work, *carried->product, std::move(fits).error());
  SL_CHECK(work.move(*carried, event_of(EventKind::kActivated)));
  return work.commit();
}

}  // namespace slwmi::licensing
