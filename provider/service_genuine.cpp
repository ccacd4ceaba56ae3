// Genuine validation, as the component on the machine does it.
#include "provider/event_rules.hpp"
#include "provider/genuine.hpp"
#include "provider/service_work.hpp"

namespace slwmi::licensing {
namespace {

bool is_activated(const License& license) {
  return license.has(LicenseFlag::kActivated) || license.has(LicenseFlag::kKmsActivated);
}

// Whether the files are whole is seen on the machine; all else the service knows.
Result<Verdict> judge(const Host& host, const License& license, ProductKey key,
                      std::string_view server_url) {
  if (license.has(LicenseFlag::kTampered))
    return fail(HResult::kSlRemappingSpPubTsTampered, "the trusted store was altered");
  if (host.facts.tampered_files) return Verdict{HResult::kSlETamperDetected};
  if (host.network == nullptr)
    return fail(HResult::kErrorInternetNameNotResolved, "the computer has no way to the server");
  SL_TRY(const Verdict verdict, host.network->validate(server_url, key));
  if (!failed(verdict.code) && license.has(LicenseFlag::kNonGenuine) && !is_activated(license))
    return fail(HResult::kSlENotGenuine, "the system must be activated before it is validated");
  return verdict;
}

}  // namespace

Result<> Service::acquire_genuine_ticket(std::string_view template_id,
                                         std::string_view server_url) {
  if (template_id.empty() || server_url.empty())
    return fail(HResult::kEInvalidarg, "template and server must be given");
  SL_TRY(Work work, Work::begin(host_, clock_));
  const Carried& base = work.state().base();
  const std::optional<ProductKey> key = checked_key(base.license, work.view());
  if (!key && !base.license.has(LicenseFlag::kTampered))
    return fail(HResult::kSlEPkeyNotInstalled, "no product key is installed");
  Result<Verdict> verdict = judge(host_, base.license, key.value_or(ProductKey{}), server_url);
  if (!verdict && verdict.error().code == HResult::kErrorTransactionalConflict)
    return fail(std::move(verdict).error());
  if (!verdict) {
    work.log(ticket_failed(verdict.error().code, template_id, work.now()));
    SL_CHECK(work.commit());
    return fail(std::move(verdict).error());
  }
  const bool genuine = !failed(verdict->code);
  const Event event = genuine ? event_of(EventKind::kValidated, true)
                              : event_of(EventKind::kMarkedNonGenuine, verdict->grace);
  SL_CHECK(work.move(base, event, verdict->code));
  const Validation found{work.now(), verdict->code, *key, std::string(template_id),
                         std::string(server_url)};
  SL_CHECK(work.set(paths::kStore, kValidationValue, reg::make_binary(encode(found))));
  SL_CHECK(work.commit());
  if (genuine) return {};
  return fail(HResult::kSlENotGenuine, "the validation found the system not genuine: " +
                                           std::string(text_of(verdict->code)));
}

}  // namespace slwmi::licensing
