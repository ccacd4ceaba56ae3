// What the methods of both licensing classes do, on plain values: each reads the machine's state,
// asks the pure rules, and writes in one registry transaction as the service account. A failure
// leaves not a byte changed; the exceptions are named beside the method. Who may call what, and
// what parameters must look like, was decided before (method_call.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "provider/host.hpp"
#include "provider/machine_state.hpp"
#include "provider/settings.hpp"

namespace slwmi::licensing {

class Service {
 public:
  // Both must outlive the service.
  Service(const Host& host, const Clock& clock) : host_(host), clock_(clock) {}

  // --- SoftwareLicensingService
  // The codes of parse_product_key and judge_key; an OEM key without its firmware: 0xC004F057,
  // 0xC004F058, 0xC004F059; without the manufacturer's certificate: 0xC004F063.
  Result<> install_product_key(std::string_view key);
  Result<> clear_product_key_from_registry();
  Result<> install_license(std::string_view document);
  Result<> install_license_package(std::string_view document);
  // ERROR_INVALID_NAME for a text that can be no host name or address; E_INVALIDARG for the empty
  // one.
  Result<> set_kms_machine(std::string_view name);
  Result<> clear_kms_machine();  // succeeds when none was set
  Result<> set_activation_interval(std::uint32_t minutes);
  Result<> set_renewal_interval(std::uint32_t minutes);
  // A genuine validation (genuine.hpp). One that fails is recorded, starts the non-genuine grace
  // period where one is granted, and answers SL_E_NOT_GENUINE; so does one of a system that was
  // found non-genuine and not activated since, which changes nothing.
  Result<> acquire_genuine_ticket(std::string_view template_id, std::string_view server_url);
  Result<> rearm();
  Result<> refresh();

  // --- SoftwareLicensingProduct; `sku` is the key of the path
  Result<> uninstall_product_key(std::string_view sku);
  // A KMS client that gets no licence still keeps its new client machine ID, the host's intervals,
  // the host it found and when it tried.
  Result<> activate(std::string_view sku);
  Result<> deposit_confirmation_id(std::string_view sku, std::string_view installation_id,
                                   std::string_view confirmation_id);

  // --- what happens to the machine, for the world that simulates it
  // The setup of Windows ends: the log tells what it found wrong (firmware.hpp).
  Result<> set_up();
  // A pending reset takes effect; an OEM_SLP product is activated by firmware that fits.
  Result<> restarted();
  Result<> generalized();                 // sysprep /generalize
  Result<> happened(const Event& event);  // hardware changed, marked non-genuine, tampered, ...

  // The machine as a KMS host: counts the question and answers it; a refusal is a failed
  // reply.code. SL_E_VL_BINDING_SERVICE_NOT_ENABLED when it is none.
  Result<KmsAnswer> answer_kms(const kms::Question& question);
  // A KMS host writes its service records into DNS: all that records_wanted (kms_service.hpp) says.
  // Each leaves 12294 or 12293. The first, which is of its own domain, is cached in the registry
  // whatever DNS said, so that a rename shows. What DNS refuses is no failure of the call.
  Result<> publish();
  // What the machine does by itself, if next_act (kms_service.hpp) says that it is due. An attempt
  // to activate that fails is no failure of the call.
  Result<> act();

 private:
  class Work;
  Result<> apply_to_base(const Event& event);
  bool is_due_to_firmware(const Carried& base, const Status& status) const;
  Result<> set_value(const reg::KnownPath& path, std::string_view name, const reg::ValueData& data);
  Result<> add_licenses(const std::vector<Product>& products);
  // A KMS host whose hardware changed activates again as it starts, unless Manual is set. What the
  // activation service says to that is no failure of the call.
  Result<> reactivate();
  // Why the attempt did not license the product, if it did not. Commits.
  Result<std::optional<Error>> attempt_by_kms(Work& work, const Carried& carried);
  Result<> activate_by_service(Work& work, const Carried& product);
  Result<> refuse(Work& work, const Product& product, Error error);

  const Host& host_;
  const Clock& clock_;
};

// What SoftwareLicensingProduct.OfflineInstallationId shows for a product with a key.
std::string installation_id_of(const Host& host, const License& license);
// What ProductKeyID shows.
std::string product_id_of(const Host& host, const Product& product, const License& license);

}  // namespace slwmi::licensing
