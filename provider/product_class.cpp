#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "provider/binding.hpp"
#include "provider/licensing_classes.hpp"
#include "provider/machine_state.hpp"
#include "provider/product_values.hpp"
#include "provider/service.hpp"
#include "schema/object_path.hpp"

namespace slwmi::licensing {
namespace {

using cim::Type;
using cim::Value;

struct ProductRow {
  const Host& host;
  const reg::HiveView& view;
  const Carried& carried;
  FileTime now;

  const Product& product() const { return *carried.product; }
  bool has_key() const { return carried.license.has(LicenseFlag::kHasKey); }
  Status status() const {
    return status_at(carried.license, policy_of(product(), *host.resolved.os), now);
  }
  // VA2 scope "Retail, MAK, KMS": neither KMS clients nor OEM_SLP.
  bool activates_by_service() const {
    return product().channel != Channel::kKmsClient && product().channel != Channel::kOemSlp;
  }
};

Value text_or_null(const std::string& text) {
  return text.empty() ? Value::null(Type::kString) : Value::text(text);
}
Value url(const ProductRow& row, const std::string& text) {
  return row.activates_by_service() ? text_or_null(text) : Value::null(Type::kString);
}

const Bindings<ProductRow>& bindings() {
  static const Bindings<ProductRow> kTable = [] {
    using R = const ProductRow&;
    Bindings<ProductRow> b;
    b.property("ApplicationID", [](R r) { return Value::text(r.product().application); });
    b.property("Description", [](R r) { return Value::text(r.product().description); });
    b.property("EvaluationEndDate",
               [](R r) { return Value::datetime(r.product().evaluation_end); });
    b.property("GracePeriodRemaining", [](R r) { return Value::uint32(r.status().remaining); });
    b.property("ID", [](R r) { return Value::text(r.product().sku_text); });
    b.property("LicenseDependsOn", [](R r) { return text_or_null(r.product().depends_on); });
    b.property("LicenseFamily", [](R r) { return Value::text(r.product().license_family); });
    b.property("LicenseIsAddon", [](R r) { return Value::boolean(r.product().is_addon()); });
    b.property("LicenseStatus",
               [](R r) { return Value::uint32(static_cast<std::uint32_t>(r.status().status)); });
    b.property("LicenseStatusReason",
               [](R r) { return Value::uint32(value_of(r.status().reason)); });
    b.property("MachineURL", [](R r) { return url(r, r.product().machine_url); });
    b.property("Name", [](R r) { return Value::text(r.product().name); });
    b.property("OfflineInstallationId", [](R r) {
      if (!r.has_key() || !r.activates_by_service()) return Value::null(Type::kString);
      return Value::text(installation_id_of(r.host, r.carried.license));
    });
    b.property("PartialProductKey", [](R r) {
      if (!r.has_key()) return Value::null(Type::kString);
      return Value::text(partial_text({r.carried.license.key_group, r.carried.license.key_serial}));
    });
    b.property("ProcessorURL", [](R r) { return url(r, r.product().processor_url); });
    b.property("ProductKeyID", [](R r) {
      if (!r.has_key()) return Value::null(Type::kString);
      return Value::text(product_id_of(r.host, r.product(), r.carried.license));
    });
    b.property("ProductKeyURL", [](R r) { return url(r, r.product().product_key_url); });
    b.property("UseLicenseURL", [](R r) { return url(r, r.product().use_license_url); });
    return b;
  }();
  return kTable;
}

// Properties that differ between machines with the same product. All others follow from the product
// alone, and from the key being there.
constexpr std::string_view kOfRecord[] = {"GracePeriodRemaining", "LicenseStatus",
                                          "LicenseStatusReason", "PartialProductKey"};
constexpr std::string_view kOfMachine[] = {"OfflineInstallationId", "ProductKeyID"};

struct Handler {
  std::string_view name;
  Result<> (*run)(Service&, std::string_view sku, const cim::Params& in);
};

constexpr std::array kHandlers = {
    Handler{"UninstallProductKey", [](Service& s, std::string_view sku,
                                      const cim::Params&) { return s.uninstall_product_key(sku); }},
    Handler{"Activate",
            [](Service& s, std::string_view sku, const cim::Params&) { return s.activate(sku); }},
    Handler{"DepositOfflineConfirmationId",
            [](Service& s, std::string_view sku, const cim::Params& in) {
              return s.deposit_confirmation_id(sku, in[0].as_text(), in[1].as_text());
            }},
};

class ProductProvider final : public cim::Provider {
 public:
  explicit ProductProvider(const Host& host) : host_(host) {}

  Result<> enumerate(const cim::Call& call, const cim::Scan& scan, const cim::Sink& sink) override {
    SL_TRY(const reg::HiveView view, host_.store->view());
    const MachineState state = MachineState::read(host_, view);
    const Value* wanted_id = scan.equal_to(scan.cls.find_slot("ID"));
    std::vector<ProductRow> rows;
    rows.reserve(state.products().size());
    for (const Carried& carried : state.products()) {
      if (wanted_id != nullptr && state.find(wanted_id->as_text()) != &carried) continue;
      rows.push_back({host_, view, carried, call.clock.now()});
    }
    send_rows<ProductRow>(plan(scan.cls), scan, rows, sink);
    return {};
  }

  Result<cim::MethodResult> invoke(const cim::Call& call, const cim::ObjectPath& path,
                                   const cim::Method& method, const cim::Params& in) override {
    const Value* sku = path.find_key("ID");
    if (sku == nullptr) return fail(HResult::kWbemEInvalidObjectPath, "the path names no product");
    for (const Handler& handler : kHandlers) {
      if (handler.name != method.name) continue;
      Service service(host_, call.clock);
      SL_CHECK(handler.run(service, sku->as_text(), in));
      return cim::MethodResult{Value::uint32(0), {}};
    }
    return fail(HResult::kWbemEMethodNotImplemented, "the method has no handler");
  }

 private:
  const SlotPlan<ProductRow>& plan(const cim::Class& cls) {
    if (!plan_ || plan_->serial() != cls.serial()) plan_.emplace(cls, bindings());
    return *plan_;
  }

  const Host& host_;
  std::optional<SlotPlan<ProductRow>> plan_;
};

}  // namespace

std::unique_ptr<cim::Provider> make_product_provider(const Host& host) {
  return std::make_unique<ProductProvider>(host);
}

struct ProductValues::Impl {
  explicit Impl(const cim::Class& cls) : plan(cls, bindings()) {
    const auto is_in = [](std::span<const std::string_view> names, std::string_view name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (const cim::Property& property : cls.properties()) {
      varies.push_back(is_in(kOfRecord, property.name)    ? Varies::kByRecord
                       : is_in(kOfMachine, property.name) ? Varies::kByMachine
                       : registry_source(cls, property)   ? Varies::kByRegistry
                                                          : Varies::kByProduct);
    }
  }
  SlotPlan<ProductRow> plan;
  std::vector<Varies> varies;
};

ProductValues::ProductValues(const cim::Class& cls) : impl_(std::make_unique<Impl>(cls)) {}
ProductValues::~ProductValues() = default;

ProductValues::Varies ProductValues::varies(int slot) const {
  return impl_->varies[static_cast<std::size_t>(slot)];
}

cim::Value ProductValues::value(const Host& host, const Carried& carried, FileTime now,
                                int slot) const {
  static const reg::HiveView kNone;
  return impl_->plan.value({host, kNone, carried, now}, slot);
}

BoundNames product_bindings() {
  BoundNames out{bindings().names(), {}};
  for (const Handler& handler : kHandlers) out.methods.push_back(handler.name);
  return out;
}

}  // namespace slwmi::licensing
