// What a machine does without being asked: its KMS host publishes and activates again, its KMS
// client tries.
#include "provider/kms_service.hpp"
#include "provider/service_work.hpp"

namespace slwmi::licensing {

Result<> Service::publish() {
  SL_TRY(Work work, Work::begin(host_, clock_));
  const std::vector<Publication> wanted = records_wanted(host_, work.state(), work.view());
  if (wanted.empty()) return {};
  bool refused = false;
  for (const Publication& record : wanted) {
    Result<> done = fail(HResult::kDnsErrorNoDnsServers, "the computer has no network");
    if (host_.network != nullptr) done = host_.network->register_kms(record);
    if (!done && done.error().code == HResult::kErrorTransactionalConflict) return done;
    refused |= !done;
    work.log(done ? publishing_done(record.domain, work.now())
                  : publishing_failed(done.error().code, record.domain, work.now()));
  }
  const Publication& own = wanted.front();
  SL_CHECK(work.set(paths::kServiceSl, "KeyManagementServiceRegisteredDomainName",
                    reg::make_sz(own.domain)));
  SL_CHECK(work.set(paths::kServiceSl, "KeyManagementServiceRegisteredHostName",
                    reg::make_sz(own.host)));
  SL_CHECK(work.set(paths::kServiceSl, "KeyManagementServiceRegisteredPortNumber",
                    reg::make_sz(std::to_string(own.port))));
  if (refused) {
    SL_CHECK(work.set(paths::kStore, kNextPublicationValue,
                      reg::make_dword(minute_of(work.now()) + kPublicationRetryMinutes)));
  } else {
    SL_CHECK(work.remove(paths::kStore, kNextPublicationValue));
  }
  return work.commit();
}

Result<> Service::reactivate() {
  SL_TRY(Work work, Work::begin(host_, clock_));
  const Carried& base = work.state().base();
  if (!base.license.has(LicenseFlag::kOutOfTolerance) ||
      !read_settings(work.view()).automatic_activation)
    return {};
  Result<> done = activate(base.product->sku_text);
  if (!done && done.error().code == HResult::kErrorTransactionalConflict) return done;
  return {};
}

Result<> Service::act() {
  SL_TRY(Work work, Work::begin(host_, clock_));
  const auto due = next_act(host_, work.state(), work.view(), work.now());
  if (!due || *due > work.now()) return {};
  if (!work.state().is_kms_host()) {
    SL_CHECK(attempt_by_kms(work, work.state().base()));
    return {};
  }
  return publish();
}

}  // namespace slwmi::licensing
