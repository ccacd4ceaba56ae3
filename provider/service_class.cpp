#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "provider/binding.hpp"
#include "provider/licensing_classes.hpp"
#include "provider/machine_state.hpp"
#include "provider/service.hpp"
#include "schema/object_path.hpp"

namespace slwmi::licensing {
namespace {

using cim::Type;
using cim::Value;

struct ServiceRow {
  const Host& host;
  const reg::HiveView& view;
  const MachineState& state;
  FileTime now;

  const License& license() const { return state.base().license; }
};

// A counter of the KMS host; unset when this is none or nobody has asked yet.
template <class Read>
Value counter(const ServiceRow& row, Read read) {
  if (!row.state.is_kms_host()) return Value::uint32(kUnset);
  const kms::HostState host = read_kms_host(row.view);
  return Value::uint32(host.asked() ? read(host) : kUnset);
}
template <LicenseStatus kStatus>
Value requests(const ServiceRow& row) {
  return counter(row, [](const kms::HostState& host) {
    return host.counters.by_status[static_cast<std::size_t>(kStatus)];
  });
}

// A KMS host's answer replaces what the registry says until the next reset or key change.
Value interval(std::uint32_t from_host, const ServiceRow& row, std::string_view name,
               std::uint32_t fallback) {
  if (from_host != 0) return Value::uint32(from_host);
  return Value::uint32(read_number(row.view, paths::kSl, name).value_or(fallback));
}

const Bindings<ServiceRow>& bindings() {
  static const Bindings<ServiceRow> kTable = [] {
    using R = const ServiceRow&;
    Bindings<ServiceRow> b;
    b.property("ClientMachineID", [](R r) {
      if (r.license().client_id == 0) return Value::null(Type::kString);
      return Value::text(format_guid(client_machine_id(r.license().client_id)));
    });
    b.property("IsKeyManagementServiceMachine",
               [](R r) { return Value::uint32(r.state.is_kms_host() ? 1 : 0); });
    b.property("KeyManagementServiceCurrentCount", [](R r) {
      return counter(r, [&](const kms::HostState& h) { return kms::client_count(h, r.now); });
    });
    b.property("KeyManagementServiceFailedRequests", [](R r) {
      return counter(r, [](const kms::HostState& h) { return h.counters.failed; });
    });
    b.property("KeyManagementServiceLicensedRequests", requests<LicenseStatus::kLicensed>);
    b.property("KeyManagementServiceNonGenuineGraceRequests",
               requests<LicenseStatus::kNonGenuineGrace>);
    b.property("KeyManagementServiceNotificationRequests", requests<LicenseStatus::kNotification>);
    b.property("KeyManagementServiceOOBGraceRequests", requests<LicenseStatus::kOobGrace>);
    b.property("KeyManagementServiceOOTGraceRequests", requests<LicenseStatus::kOotGrace>);
    b.property("KeyManagementServiceTotalRequests", [](R r) {
      return counter(r, [](const kms::HostState& h) { return h.counters.total(); });
    });
    b.property("KeyManagementServiceUnlicensedRequests", requests<LicenseStatus::kUnlicensed>);
    b.property("PolicyCacheRefreshRequired", [](R r) {
      return Value::uint32(r.license().has(LicenseFlag::kRefreshRequired) ? 1 : 0);
    });
    b.property("RequiredClientCount", [](R r) {
      return Value::uint32(r.state.is_kms_client() ? r.state.base().product->required_client_count
                                                   : kUnset);
    });
    b.property("Version", [](R r) { return Value::text(r.host.resolved.os->service_version); });
    b.property("VLActivationInterval", [](R r) {
      return interval(r.license().activation_interval, r, "VLActivationInterval",
                      kDefaultActivationInterval);
    });
    b.property("VLRenewalInterval", [](R r) {
      return interval(r.license().renewal_interval, r, "VLRenewalInterval",
                      kDefaultRenewalInterval);
    });
    return b;
  }();
  return kTable;
}

struct Handler {
  std::string_view name;
  Result<> (*run)(Service&, const cim::Params& in);
};

constexpr std::array kHandlers = {
    Handler{
        "InstallProductKey",
        [](Service& s, const cim::Params& in) { return s.install_product_key(in[0].as_text()); }},
    Handler{"InstallLicense",
            [](Service& s, const cim::Params& in) { return s.install_license(in[0].as_text()); }},
    Handler{"InstallLicensePackage",
            [](Service& s, const cim::Params& in) {
              return s.install_license_package(in[0].as_text());
            }},
    Handler{"SetKeyManagementServiceMachine",
            [](Service& s, const cim::Params& in) { return s.set_kms_machine(in[0].as_text()); }},
    Handler{"ClearKeyManagementServiceMachine",
            [](Service& s, const cim::Params&) { return s.clear_kms_machine(); }},
    Handler{"SetVLActivationInterval",
            [](Service& s, const cim::Params& in) {
              return s.set_activation_interval(in[0].as_uint32());
            }},
    Handler{"SetVLRenewalInterval",
            [](Service& s, const cim::Params& in) {
              return s.set_renewal_interval(in[0].as_uint32());
            }},
    Handler{"ClearProductKeyFromRegistry",
            [](Service& s, const cim::Params&) { return s.clear_product_key_from_registry(); }},
    Handler{"AcquireGenuineTicket",
            [](Service& s, const cim::Params& in) {
              return s.acquire_genuine_ticket(in[0].as_text(), in[1].as_text());
            }},
    Handler{"ReArmWindows", [](Service& s, const cim::Params&) { return s.rearm(); }},
    Handler{"RefreshLicenseStatus", [](Service& s, const cim::Params&) { return s.refresh(); }},
};

class ServiceProvider final : public cim::Provider {
 public:
  explicit ServiceProvider(const Host& host) : host_(host) {}

  Result<> enumerate(const cim::Call& call, const cim::Scan& scan, const cim::Sink& sink) override {
    const Value* wanted = scan.equal_to(scan.cls.find_slot("Version"));
    if (wanted != nullptr && !is_version(wanted->as_text())) return {};
    SL_TRY(const reg::HiveView view, host_.store->view());
    const MachineState state = MachineState::read(host_, view);
    const ServiceRow row{host_, view, state, call.clock.now()};
    send_rows<ServiceRow>(plan(scan.cls), scan, {&row, 1}, sink);
    return {};
  }

  Result<cim::MethodResult> invoke(const cim::Call& call, const cim::ObjectPath& path,
                                   const cim::Method& method, const cim::Params& in) override {
    const Value* version = path.find_key("Version");
    if (version == nullptr)
      return fail(HResult::kWbemEInvalidObjectPath, "the path names no instance");
    if (!is_version(version->as_text()))
      return fail(HResult::kWbemENotFound, "no service has that version");
    for (const Handler& handler : kHandlers) {
      if (handler.name != method.name) continue;
      Service service(host_, call.clock);
      SL_CHECK(handler.run(service, in));
      return cim::MethodResult{Value::uint32(0), {}};
    }
    return fail(HResult::kWbemEMethodNotImplemented, "the method has no handler");
  }

 private:
  bool is_version(std::string_view text) const {
    return equal_ignore_case(text, host_.resolved.os->service_version);
  }
  const SlotPlan<ServiceRow>& plan(const cim::Class& cls) {
    if (!plan_ || plan_->serial() != cls.serial()) plan_.emplace(cls, bindings());
    return *plan_;
  }

  const Host& host_;
  std::optional<SlotPlan<ServiceRow>> plan_;
};

}  // namespace

std::unique_ptr<cim::Provider> make_service_provider(const Host& host) {
  return std::make_unique<ServiceProvider>(host);
}

BoundNames service_bindings() {
  BoundNames out{bindings().names(), {}};
  for (const Handler& handler : kHandlers) out.methods.push_back(handler.name);
  return out;
}

}  // namespace slwmi::licensing
