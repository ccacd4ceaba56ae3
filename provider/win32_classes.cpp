#include "provider/win32_classes.hpp"

#include <optional>
#include <string>

#include "provider/architecture.hpp"
#include "provider/binding.hpp"
#include "provider/machine_state.hpp"
#include "provider/service.hpp"

namespace slwmi::licensing {
namespace {

using cim::Type;
using cim::Value;

struct MachineRow {
  const Host& host;
  const reg::HiveView& view;
  const MachineState& state;
  FileTime now;

  const OperatingSystem& os() const { return *host.resolved.os; }
  const Product& product() const { return *state.base().product; }
  std::string caption() const { return os().caption + " " + product().edition; }
};

enum DomainRole : std::uint16_t {
  kStandaloneWorkstation = 0,
  kMemberWorkstation = 1,
  kStandaloneServer = 2,
  kMemberServer = 3,
};
constexpr std::uint32_t kWorkstation = 1;

std::uint16_t domain_role(const MachineRow& row) {
  const bool member = !row.host.facts.domain.empty();
  if (row.os().product_type == kWorkstation)
    return member ? kMemberWorkstation : kStandaloneWorkstation;
  return member ? kMemberServer : kStandaloneServer;
}

// The product ID without platform group, version and date, as the system properties show it.
Value serial_number(const MachineRow& row) {
  const License& license = row.state.base().license;
  if (!license.has(LicenseFlag::kHasKey)) return Value::null(Type::kString);
  constexpr std::size_t kFirst = 6, kLength = 19;
  return Value::text(product_id_of(row.host, row.product(), license).substr(kFirst, kLength));
}

using R = const MachineRow&;

const Bindings<MachineRow>& operating_system() {
  static const Bindings<MachineRow> kTable = [] {
    Bindings<MachineRow> b;
    b.property("BuildNumber", [](R r) { return Value::text(std::to_string(r.os().os.build)); });
    b.property("Caption", [](R r) { return Value::text(r.caption()); });
    b.property("CSDVersion", [](R r) {
      return r.os().service_pack.empty() ? Value::null(Type::kString)
                                         : Value::text(r.os().service_pack);
    });
    b.property("CSName", [](R r) { return Value::text(r.host.facts.name); });
    b.property("InstallDate", [](R r) {
      return Value::text(format_cim_datetime(r.host.facts.installed, 0), Type::kDatetime);
    });
    b.property("LastBootUpTime", [](R r) {
      return Value::text(format_cim_datetime(r.host.facts.started, 0), Type::kDatetime);
    });
    b.property("LocalDateTime",
               [](R r) { return Value::text(format_cim_datetime(r.now, 0), Type::kDatetime); });
    b.property("Name", [](R r) {
      return Value::text(r.caption() + "|C:\\Windows|\\Device\\Harddisk0\\Partition1");
    });
    b.property("OperatingSystemSKU",
               [](R r) { return Value::uint32(r.product().operating_system_sku); });
    b.property("OSArchitecture",
               [](R r) { return Value::text(is_sixty_four_bit(r.view) ? "64-bit" : "32-bit"); });
    b.property("ProductType", [](R r) { return Value::uint32(r.os().product_type); });
    b.property("SerialNumber", serial_number);
    b.property("ServicePackMajorVersion", [](R r) {
      return Value::unsigned_integer(Type::kUint16, r.os().service_pack_number);
    });
    b.property("Version", [](R r) { return Value::text(r.os().version); });
    return b;
  }();
  return kTable;
}

const Bindings<MachineRow>& computer_system() {
  static const Bindings<MachineRow> kTable = [] {
    Bindings<MachineRow> b;
    b.property("Caption", [](R r) { return Value::text(r.host.facts.name); });
    b.property("DNSHostName", [](R r) { return Value::text(r.host.facts.name); });
    b.property("Domain", [](R r) {
      const std::string& domain = r.host.facts.domain;
      return Value::text(domain.empty() ? std::string_view("WORKGROUP") : std::string_view(domain));
    });
    b.property("DomainRole",
               [](R r) { return Value::unsigned_integer(Type::kUint16, domain_role(r)); });
    b.property("Name", [](R r) { return Value::text(r.host.facts.name); });
    b.property("PartOfDomain", [](R r) { return Value::boolean(!r.host.facts.domain.empty()); });
    b.property("SystemType", [](R r) {
      return Value::text(is_sixty_four_bit(r.view) ? "x64-based PC" : "X86-based PC");
    });
    b.property("UserName", [](R) { return Value::null(Type::kString); });
    b.property("Workgroup", [](R r) {
      return r.host.facts.domain.empty() ? Value::text("WORKGROUP") : Value::null(Type::kString);
    });
    return b;
  }();
  return kTable;
}

class MachineProvider final : public cim::Provider {
 public:
  MachineProvider(const Host& host, const Bindings<MachineRow>& bindings)
      : host_(host), bindings_(bindings) {}

  Result<> enumerate(const cim::Call& call, const cim::Scan& scan, const cim::Sink& sink) override {
    SL_TRY(const reg::HiveView view, host_.store->view());
    const MachineState state = MachineState::read(host_, view);
    const MachineRow row{host_, view, state, call.clock.now()};
    if (!plan_ || plan_->serial() != scan.cls.serial()) plan_.emplace(scan.cls, bindings_);
    send_rows<MachineRow>(*plan_, scan, {&row, 1}, sink);
    return {};
  }

 private:
  const Host& host_;
  const Bindings<MachineRow>& bindings_;
  std::optional<SlotPlan<MachineRow>> plan_;
};

}  // namespace

std::unique_ptr<cim::Provider> make_operating_system_provider(const Host& host) {
  return std::make_unique<MachineProvider>(host, operating_system());
}
std::unique_ptr<cim::Provider> make_computer_system_provider(const Host& host) {
  return std::make_unique<MachineProvider>(host, computer_system());
}
std::vector<std::string_view> operating_system_bindings() { return operating_system().names(); }
std::vector<std::string_view> computer_system_bindings() { return computer_system().names(); }

}  // namespace slwmi::licensing
