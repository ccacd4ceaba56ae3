// The machine as a client of a KMS and as a KMS host.
#include "base/hash.hpp"
#include "provider/service_work.hpp"

namespace slwmi::licensing {
Result<> Service::activate_by_kms(Work& work, const Carried& carried) {
  const Product& product = *carried.product;
  if (host_.facts.slic_table && !host_.facts.windows_marker)
    return fail(HResult::kSlEVlNotWindowsSlp,
                "the ACPI_SLIC table of the firmware has no Windows marker");
  Event request_event = event_of(EventKind::kKmsRequested);
  request_event.entropy = combine(host_.facts.seed, hash64("client machine id"));
  SL_TRY(const Step requested, work.move(carried, request_event));
  Carried now_carried = carried;
  now_carried.license = requested.next;

  // Whatever the attempt left behind stays, also when it fails.
  const auto give_up = [&](Error error) -> Result<> {
    SL_CHECK(work.commit());
    return fail(std::move(error));
  };
  KmsServer server;
  const auto fixed = read_text(work.view(), paths::kSl, "KeyManagementServiceName");
  const auto cached =
      read_text(work.view(), paths::kServiceSl, "DiscoveredKeyManagementServiceName");
  bool discovered = false;
  if (fixed) {
    server = {*fixed, read_port(work.view(), paths::kSl, "KeyManagementServicePort")};
  } else if (cached) {
    server = {*cached,
              read_port(work.view(), paths::kServiceSl, "DiscoveredKeyManagementServicePort")};
  }
  if (host_.network == nullptr)
    return give_up({HResult::kDnsErrorRcodeNameError, "no KMS host is known to DNS", {}, {}});
  const Status status = requested.before;
  kms::Request request;
  request.virtual_machine = host_.facts.virtual_machine;
  request.license_status = static_cast<std::uint32_t>(status.status);
  request.binding_expiration = status.remaining;
  if (const auto application = parse_guid(product.application))
    request.application_id = *application;
  request.activation_id = product.sku;
  request.kms_id = kms::release_id(product.prerelease);
  request.client_machine_id = client_machine_id(requested.next.client_id);
  request.required_client_count = product.required_client_count;
  request.client_time = work.now();
  if (requested.next.previous_client_id != 0)
    request.previous_client_machine_id = client_machine_id(requested.next.previous_client_id);
  request.machine_name =
      host_.facts.name + (host_.facts.domain.empty() ? "" : "." + host_.facts.domain);

  Result<kms::Response> response = fail(HResult::kDnsErrorRcodeNameError, "no KMS host is known");
  if (fixed || cached) response = host_.network->ask_kms(server, request);
  if (!fixed && (!cached || !response)) {
    auto found = host_.network->discover_kms();
    if (!found) return give_up(std::move(found).error());
    server = *found;
    discovered = true;
    response = host_.network->ask_kms(server, request);
  }
  if (!response) return give_up(std::move(response).error());

  if (discovered) {
    SL_CHECK(work.set(paths::kServiceSl, "DiscoveredKeyManagementServiceName",
                      reg::make_sz(server.name)));
    SL_CHECK(work.set(paths::kServiceSl, "DiscoveredKeyManagementServicePort",
                      reg::make_sz(std::to_string(server.port))));
  }
  Event answer =
      event_of(EventKind::kKmsAnswered, response->count >= request.required_client_count);
  answer.activation_interval = response->activation_interval;
  answer.renewal_interval = response->renewal_interval;
  SL_CHECK(work.move(now_carried, answer));
  if (!answer.granted)
    return give_up({HResult::kSlEVlNotEnoughCount,
                    "the KMS host has counted " + std::to_string(response->count) + " of " +
                        std::to_string(request.required_client_count) + " computers",
                    {},
                    {}});
  SL_CHECK(work.set(paths::kServiceSl, "CustomerPID", reg::make_sz(response->kms_pid)));
  return work.commit();
}

Result<kms::Response> Service::answer_kms(const kms::Request& request) {
  SL_TRY(Work work, Work::begin(host_, clock_));
  const Carried& base = work.state().base();
  if (!work.state().is_kms_host())
    return fail(HResult::kSlEVlBindingServiceNotEnabled,
                "the Key Management Service is not enabled");
  kms::HostFacts facts;
  const Status status = status_at(base.license, work.policy(*base.product), work.now());
  facts.activated = status.status == LicenseStatus::kLicensed;
  facts.kms_id = kms::release_id(base.product->prerelease);
  facts.activation_interval =
      timer_interval(0, work.view(), "VLActivationInterval", kDefaultActivationInterval);
  facts.renewal_interval =
      timer_interval(0, work.view(), "VLRenewalInterval", kDefaultRenewalInterval);
  facts.pid = product_id_of(host_, *base.product, base.license);
  kms::HostState state = read_kms_host(work.view());
  auto response = kms::answer(state, facts, request, work.now());
  SL_CHECK(work.set(paths::kStore, kKmsHostValue, reg::make_binary(kms::encode(state))));
  SL_CHECK(work.commit());
  return response;
}

Result<> Service::published(const std::vector<Publication>& records) {
  if (records.empty()) return {};
  const Publication& own = records.front();
  SL_TRY(Work work, Work::begin(host_, clock_));
  SL_CHECK(work.set(paths::kServiceSl, "KeyManagementServiceRegisteredDomainName",
                    reg::make_sz(own.domain)));
  SL_CHECK(work.set(paths::kServiceSl, "KeyManagementServiceRegisteredHostName",
                    reg::make_sz(own.host)));
  SL_CHECK(work.set(paths::kServiceSl, "KeyManagementServiceRegisteredPortNumber",
                    reg::make_sz(std::to_string(own.port))));
  return work.commit();
}

}  // namespace slwmi::licensing
