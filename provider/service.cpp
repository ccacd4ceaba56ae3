#include "provider/service.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "provider/installation_id.hpp"
#include "provider/license_document.hpp"
#include "provider/pid.hpp"

namespace slwmi::licensing {
namespace {

bool is_host_character(char c) {
  return is_digit(c) || is_ascii_alpha(c) || c == '-' || c == '.' || c == '_' || c == ':' ||
         c == '[' || c == ']' || static_cast<unsigned char>(c) >= 0x80;
}

ProductKey key_of(const License& license) { return {license.key_group, license.key_serial}; }

Event key_event(ProductKey key) {
  Event event;
  event.kind = EventKind::kKeyInstalled;
  event.key_group = key.group;
  event.key_serial = key.serial;
  return event;
}

Event event_of(EventKind kind, bool granted = false) {
  Event event;
  event.kind = kind;
  event.granted = granted;
  return event;
}

// What the machine keeps of a KMS activation beside its record.
constexpr std::string_view kKmsTraces[] = {"CustomerPID", "DiscoveredKeyManagementServiceName",
                                           "DiscoveredKeyManagementServicePort"};

}  // namespace

// One transaction of the service account on the machine's registry.
class Service::Work {
 public:
  static Result<Work> begin(const Host& host, const Clock& clock) {
    SL_TRY(reg::HiveView view, host.store->view());
    reg::Registry registry(host.store, network_service(), clock);
    SL_TRY(reg::Transaction transaction, registry.begin());
    return Work(host, clock.now(), std::move(view), std::move(registry), std::move(transaction));
  }

  const MachineState& state() const { return state_; }
  const reg::HiveView& view() const { return view_; }
  FileTime now() const { return now_; }
  Policy policy(const Product& product) const { return policy_of(product, *host_.resolved.os); }

  Result<> set(std::string_view path, std::string_view name, const reg::ValueData& data) {
    return registry_.set(path, name, data);
  }
  // Success when there is no such key or value.
  Result<> remove(std::string_view path, std::string_view name) {
    auto key = registry_.open(path, reg::access::kSetValue);
    if (!key && key.error().code == HResult::kErrorFileNotFound) return {};
    if (!key) return fail(std::move(key).error());
    auto removed = key->remove_value(name);
    if (!removed && removed.error().code == HResult::kErrorFileNotFound) return {};
    return removed;
  }
  Result<> write(const Product& product, const License& license) {
    const Record record = encode(license, product.sku);
    return set(paths::kStore, product.sku_text, reg::make_binary(record));
  }
  // Moves the record of `carried` by an event and writes it; its step on success.
  Result<Step> move(const Carried& carried, const Event& event) {
    Step done = step(carried.license, policy(*carried.product), event, now_);
    if (failed(done.result)) return fail(done.result, std::string(text_of(done.result)));
    if (done.next != carried.license) SL_CHECK(write(*carried.product, done.next));
    return done;
  }
  // What the registry says of the installed key: nothing of another one, or none.
  Result<> write_product_id(std::optional<ProductKey> key) {
    const std::string id = short_product_id(key);
    SL_CHECK(set(paths::kCurrentVersion, "ProductId", reg::make_sz(id)));
    return set(paths::kCurrentVersion, "DigitalProductId",
               reg::make_binary(digital_product_id(id, key)));
  }
  Result<> forget_kms() {
    for (const std::string_view name : kKmsTraces) SL_CHECK(remove(paths::kServiceSl, name));
    return {};
  }
  Result<> commit() {
    SL_TRY([[maybe_unused]] const auto generation, transaction_.commit());
    return {};
  }

 private:
  Work(const Host& host, FileTime now, reg::HiveView view, reg::Registry registry,
       reg::Transaction transaction)
      : host_(host),
        now_(now),
        view_(std::move(view)),
        state_(MachineState::read(host, view_)),
        registry_(std::move(registry)),
        transaction_(std::move(transaction)) {}

  const Host& host_;
  FileTime now_;
  reg::HiveView view_;
  MachineState state_;
  reg::Registry registry_;
  reg::Transaction transaction_;
};

std::string installation_id_of(const Host& host, const License& license) {
  return installation_id({key_of(license), host.facts.hardware}, host.facts.world_seed);
}

std::string product_id_of(const Host& host, const Product& product, const License& license) {
  PidFields fields;
  fields.key = key_of(license);
  fields.channel = product.channel;
  fields.os = host.resolved.os->os;
  fields.revision = host.resolved.os->revision;
  fields.installed = time_of(license.key_installed_at);
  return extended_product_id(fields);
}

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
    facts.prerelease_mismatch = product->prerelease;
    facts.upgrade_only = product->upgrade_only;
  }
  if (const HResult verdict = judge_key(facts, host_.resolved.os->os); failed(verdict))
    return fail(verdict, "the product key is refused");
  const bool oem = target->product->channel == Channel::kOemSlp;
  if (oem && !host_.facts.slic_table)
    return fail(HResult::kSlESlpMissingAcpiSlic, "the firmware has no ACPI_SLIC table");
  if (oem && !host_.facts.windows_marker)
    return fail(HResult::kSlESlpMissingSlpMarker, "the ACPI_SLIC table has no Windows marker");

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
  SL_CHECK(work.forget_kms());
  SL_CHECK(work.write_product_id(key));
  return work.commit();
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
    SL_CHECK(work.set(paths::kLicenses, product.sku_text, reg::make_sz(to_document(product))));
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

Result<> Service::refresh() { return apply_to_base(event_of(EventKind::kRefreshed)); }

// --- settings

Result<> Service::set_value(std::string_view path, std::string_view name,
                            const reg::ValueData& data) {
  SL_TRY(Work work, Work::begin(host_, clock_));
  SL_CHECK(work.set(path, name, data));
  return work.commit();
}

Result<> Service::set_kms_machine(std::string_view name) {
  if (name.empty()) return fail(HResult::kEInvalidarg, "the name of the KMS host is empty");
  constexpr std::size_t kMaxName = 255;
  if (name.size() > kMaxName || !std::all_of(name.begin(), name.end(), is_host_character))
    return fail(HResult::kErrorInvalidName, "the text is no host name or address");
  return set_value(paths::kSl, "KeyManagementServiceName", reg::make_sz(name));
}

Result<> Service::clear_kms_machine() {
  SL_TRY(Work work, Work::begin(host_, clock_));
  SL_CHECK(work.remove(paths::kSl, "KeyManagementServiceName"));
  return work.commit();
}

Result<> Service::set_activation_interval(std::uint32_t minutes) {
  return set_value(paths::kSl, "VLActivationInterval", reg::make_dword(minutes));
}

Result<> Service::set_renewal_interval(std::uint32_t minutes) {
  return set_value(paths::kSl, "VLRenewalInterval", reg::make_dword(minutes));
}

// --- state

Result<> Service::apply_to_base(const Event& event) {
  SL_TRY(Work work, Work::begin(host_, clock_));
  SL_CHECK(work.move(work.state().base(), event));
  return work.commit();
}

Result<> Service::rearm() { return apply_to_base(event_of(EventKind::kRearmRequested)); }

Result<> Service::restarted() {
  SL_TRY(Work work, Work::begin(host_, clock_));
  const bool reset = work.state().base().license.has(LicenseFlag::kRearmPending);
  SL_CHECK(work.move(work.state().base(), event_of(EventKind::kRestarted)));
  if (reset) SL_CHECK(work.forget_kms());
  return work.commit();
}

Result<> Service::generalized() {
  SL_TRY(Work work, Work::begin(host_, clock_));
  SL_CHECK(work.move(work.state().base(), event_of(EventKind::kGeneralized)));
  SL_CHECK(work.forget_kms());
  return work.commit();
}

Result<> Service::happened(const Event& event) { return apply_to_base(event); }

Result<> Service::acquire_genuine_ticket(std::string_view template_id,
                                         std::string_view server_url) {
  if (template_id.empty() || server_url.empty())
    return fail(HResult::kEInvalidarg, "template and server must be given");
  SL_TRY(Work work, Work::begin(host_, clock_));
  const Carried& base = work.state().base();
  if (!base.license.has(LicenseFlag::kHasKey))
    return fail(HResult::kSlEPkeyNotInstalled, "no product key is installed");
  if (host_.network == nullptr)
    return fail(HResult::kErrorInternetNameNotResolved, "the computer has no way to the server");
  SL_TRY(const bool genuine,
         host_.network->validate(server_url, *base.product, key_of(base.license)));
  SL_CHECK(work.move(base, event_of(EventKind::kValidated, genuine)));
  SL_CHECK(work.commit());
  if (!genuine) return fail(HResult::kSlENotGenuine, "the validation found the system not genuine");
  return {};
}

// --- activation

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
  if (failed(probe.result)) return fail(probe.result, std::string(text_of(probe.result)));
  if (product.is_addon()) {
    const auto base = work.state().base();
    const Status status = status_at(base.license, work.policy(*base.product), work.now());
    if (base.product->license_family != product.depends_on ||
        status.status != LicenseStatus::kLicensed)
      return fail(HResult::kSlEBaseSkuNotAvailable, "the base product is missing or not licensed");
  }
  return product.channel == Channel::kKmsClient ? activate_by_kms(work, *carried)
                                                : activate_by_service(work, *carried);
}

Result<> Service::activate_by_service(Work& work, const Carried& carried) {
  if (host_.network == nullptr)
    return fail(HResult::kErrorInternetNameNotResolved,
                "the computer has no way to the activation service");
  SL_CHECK(host_.network->activate_online(
      {*carried.product, key_of(carried.license), host_.facts.hardware}));
  SL_CHECK(work.move(carried, event_of(EventKind::kActivated)));
  return work.commit();
}

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
  SL_CHECK(check_confirmation(installation_id_of(host_, carried->license), installation_id,
                              confirmation_id, host_.facts.world_seed));
  SL_CHECK(work.move(*carried, event_of(EventKind::kActivated)));
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
