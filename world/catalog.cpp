#include "world/catalog.hpp"

#include "base/text.hpp"
#include "provider/event_classes.hpp"
#include "provider/experience_class.hpp"
#include "provider/licensing_classes.hpp"
#include "provider/registry_class.hpp"
#include "provider/win32_classes.hpp"
#include "schema/static_provider.hpp"

namespace slwmi::world {
namespace {

// __NAMESPACE: the namespaces directly below this one.
class NamespaceProvider final : public cim::Provider {
 public:
  NamespaceProvider(const cim::Repository& repository, std::string_view ns)
      : repository_(repository), ns_(ns) {}

  Result<> enumerate(const cim::Call&, const cim::Scan& scan, const cim::Sink& sink) override {
    const std::string prefix = ns_ + "\\";
    for (const std::string& name : repository_.namespaces()) {
      if (!starts_with_ignore_case(name, prefix) ||
          name.find('\\', prefix.size()) != std::string::npos)
        continue;
      const cim::Value value = cim::Value::text(std::string_view(name).substr(prefix.size()));
      const std::vector<cim::Column> columns(scan.wanted.size(), cim::Column::constant(value));
      cim::Batch batch;
      batch.cls = &scan.cls;
      batch.rows = 1;
      batch.columns = columns;
      if (!sink(batch)) break;
    }
    return {};
  }

 private:
  const cim::Repository& repository_;
  std::string ns_;
};

}  // namespace

NamespaceCatalog::NamespaceCatalog(cim::RepositoryPtr repository, cim::Version version,
                                   std::string ns, const licensing::Host& host)
    : view_(std::move(repository), version), ns_(std::move(ns)), host_(host) {}

NamespaceCatalog::~NamespaceCatalog() = default;

cim::ClassPtr NamespaceCatalog::find_class(std::string_view name) const {
  return view_.find_class(ns_, name);
}

void NamespaceCatalog::append_subclasses(std::string_view name,
                                         std::vector<cim::ClassPtr>& out) const {
  auto known = below_.find(name);
  if (known == below_.end()) {
    std::vector<cim::ClassPtr> below;
    view_.append_subclasses(ns_, name, below);
    known = below_.emplace(name, std::move(below)).first;
  }
  out.insert(out.end(), known->second.begin(), known->second.end());
}

cim::Provider* NamespaceCatalog::provider_of(const cim::Class& cls) const {
  const auto known = provider_of_.find(&cls);
  if (known != provider_of_.end()) return known->second;
  cim::Provider* provider = nullptr;
  if (!cls.is_abstract()) {
    std::unique_ptr<cim::Provider>& own = providers_[cls.name()];
    if (own == nullptr) own = make_provider(cls);
    provider = own.get();
  }
  provider_of_.emplace(&cls, provider);
  return provider;
}

// Which code stands behind the classes that MOF calls dynamic. Everything else has static
// instances.
std::unique_ptr<cim::Provider> NamespaceCatalog::make_provider(const cim::Class& cls) const {
  const auto is = [&](std::string_view name) { return equal_ignore_case(cls.name(), name); };
  if (is("__NAMESPACE")) return std::make_unique<NamespaceProvider>(view_.repository(), ns_);
  if (is("SoftwareLicensingProduct")) return licensing::make_product_provider(host_);
  if (is("SoftwareLicensingService")) return licensing::make_service_provider(host_);
  if (is("StdRegProv")) {
    return licensing::make_registry_provider(
        host_, [this](std::string_view name) { return find_class(name); });
  }
  if (is("Win32_OperatingSystem")) return licensing::make_operating_system_provider(host_);
  if (is("Win32_ComputerSystem")) return licensing::make_computer_system_provider(host_);
  if (is("Win32_NTLogEvent")) return licensing::make_event_provider(host_);
  if (is("Win32_NTEventlogFile")) return licensing::make_log_file_provider(host_);
  if (is("SlwmiUserExperience")) return licensing::make_experience_provider(host_);
  return std::make_unique<cim::StaticProvider>(view_.repository_ptr(), ns_);
}

}  // namespace slwmi::world
