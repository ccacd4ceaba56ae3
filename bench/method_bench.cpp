// Every method that lasts, beside the least that lasting costs: one block written over and flushed.
// Each call changes something; what leads up to it is not timed.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/principal.hpp"
#include "bench/folder.hpp"
#include "bench/raw_file.hpp"
#include "bench/timing.hpp"
#include "provider/catalogue.hpp"
#include "provider/license_document.hpp"
#include "world/machine.hpp"
#include "world/session.hpp"
#include "world/world.hpp"

namespace {

using namespace slwmi;
using namespace slwmi::bench;
using namespace slwmi::world;
using Value = cim::Value;

constexpr const char* kService = "SoftwareLicensingService.Version=\"6.0.6001.18000\"";

// A machine of Server 2008 (the third of three, beside a KMS host that has counted enough) and the
// call that is timed.
class Scene {
 public:
  explicit Scene(const Folder& folder, const char* role)
      : world_(World::open(folder.file()).value()) {
    const auto add = [&](const std::string& name, const char* as) {
      must(world_->add_machine({.name = name, .os = "2008", .role = as}).has_value());
      return connect(name);
    };
    Session host = add("KMS", "kms-host");
    must(host.call(product_path(host), "Activate").has_value());
    for (int i = 0; i < 5; ++i) {
      Session server = add("SRV" + std::to_string(i), "kms-client");
      static_cast<void>(server.call(product_path(server), "Activate"));
    }
    session_ = std::make_unique<Session>(add("PC", role));
  }

  World& world() { return *world_; }
  std::uint32_t number() const { return number_; }

  void service(const char* method, Parameters in = {}) {
    path_ = kService;
    method_ = method;
    in_ = std::move(in);
  }
  void product(const char* method, Parameters in = {}) {
    path_ = product_path(*session_);
    method_ = method;
    in_ = std::move(in);
  }
  void call() { must(session_->call(path_, method_, in_).has_value()); }
  void next() { ++number_; }

  std::string key() {
    return world_->product_key("Enterprise", "VOLUME_MAK", 2000 + number_ % 1000, "2008").value();
  }
  void install_key(const std::string& key) {
    service("InstallProductKey", {{"ProductKey", Value::text(key)}});
    call();
  }
  std::string read(const char* property) {
    return std::string(session_->read(product_path(*session_), property)->as_text());
  }
  void restore(const char* snapshot) {
    must(world_->restore(snapshot).has_value());
    must(session_->read(kService, "VLRenewalInterval").has_value());
  }

 private:
  Session connect(const std::string& machine) {
    return world_->machine(machine)
        .value()
        .connect(find_principal("administrator").value())
        .value();
  }
  // The product with the machine's key.
  static std::string product_path(Session& session) {
    auto rows = session.query(
        "SELECT ID FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL");
    const std::string id(rows.value().front().get("ID").as_text());
    return "SoftwareLicensingProduct.ID=\"" + id + "\"";
  }

  std::unique_ptr<World> world_;
  std::unique_ptr<Session> session_;
  std::uint32_t number_ = 0;
  std::string path_;
  const char* method_ = nullptr;
  Parameters in_;
};

std::string license(std::uint32_t number, const char* last_digit = "1") {
  licensing::Product product;
  product.sku = parse_guid(std::string("0f0f0f0f-1111-8222-9333-44444444444") + last_digit).value();
  product.application = "55c92734-d682-4d71-983e-d6ec3f16059f";
  product.name = "Sample " + std::to_string(number);
  product.family = "Windows Operating System - Vista";
  product.edition = "Sample";
  product.channel = licensing::Channel::kMak;
  product.license_family = "0f0f0f0f-1111-8222-9333-555555555555";
  return licensing::to_document(product);
}

// What leads up to a call and names it.
struct Lasting {
  const char* method;
  const char* role;
  void (*prepare)(Scene& scene);
};

constexpr Lasting kLasting[] = {
    {"InstallProductKey", "mak",
     [](Scene& s) {
       s.service("InstallProductKey", {{"ProductKey", Value::text(s.key())}});
     }},
    {"ClearProductKeyFromRegistry", "mak",
     [](Scene& s) {
       s.install_key(s.key());
       s.service("ClearProductKeyFromRegistry");
     }},
    {"UninstallProductKey", "mak",
     [](Scene& s) {
       s.install_key(s.key());
       s.product("UninstallProductKey");
     }},
    {"InstallLicense", "mak",
     [](Scene& s) {
       s.service("InstallLicense", {{"License", Value::text(license(s.number()))}});
     }},
    {"InstallLicensePackage", "mak",
     [](Scene& s) {
       const std::string package = "<licensePackage xmlns=\"urn:slwmi:license:1\">" +
                                   license(s.number()) + license(s.number(), "2") +
                                   "</licensePackage>";
       s.service("InstallLicensePackage", {{"LicensePackage", Value::text(package)}});
     }},
    {"RefreshLicenseStatus", "mak",
     [](Scene& s) {
       s.service("InstallLicense", {{"License", Value::text(license(s.number()))}});
       s.call();
       s.service("RefreshLicenseStatus");
     }},
    {"SetKeyManagementServiceMachine", "kms-client",
     [](Scene& s) {
       const std::string name = "kms" + std::to_string(s.number());
       s.service("SetKeyManagementServiceMachine", {{"MachineName", Value::text(name)}});
     }},
    {"ClearKeyManagementServiceMachine", "kms-client",
     [](Scene& s) {
       s.service("SetKeyManagementServiceMachine", {{"MachineName", Value::text("kms")}});
       s.call();
       s.service("ClearKeyManagementServiceMachine");
     }},
    {"SetVLActivationInterval", "kms-host",
     [](Scene& s) {
       s.service("SetVLActivationInterval",
                 {{"ActivationInterval", Value::uint32(100 + s.number() % 1000)}});
     }},
    {"SetVLRenewalInterval", "kms-host",
     [](Scene& s) {
       s.service("SetVLRenewalInterval",
                 {{"RenewalInterval", Value::uint32(100 + s.number() % 1000)}});
     }},
    {"AcquireGenuineTicket", "mak",
     [](Scene& s) {
       const std::string name = "template" + std::to_string(s.number());
       s.service("AcquireGenuineTicket",
                 {{"TemplateId", Value::text(name)},
                  {"ServerUrl", Value::text("http://validation.contoso.com")}});
     }},
    {"ReArmWindows", "mak",
     [](Scene& s) {
       if (s.number() == 0) must(s.world().snapshot("new").has_value());
       s.restore("new");
       s.service("ReArmWindows");
     }},
    {"Activate_by_MAK", "mak",
     [](Scene& s) {
       const std::string key =
           s.world().product_key("Enterprise", "VOLUME_MAK", 2000, "2008").value();
       must(s.world().extend_key(key, 100).has_value());
       s.install_key(key);
       s.product("Activate");
     }},
    {"Activate_by_KMS", "kms-client", [](Scene& s) { s.product("Activate"); }},
    {"DepositOfflineConfirmationId", "mak",
     [](Scene& s) {
       s.install_key(s.key());
       const std::string installation = s.read("OfflineInstallationId");
       const std::string confirmation = s.world().confirmation_id(installation).value();
       s.product("DepositOfflineConfirmationId", {{"InstallationId", Value::text(installation)},
                                                  {"ConfirmationId", Value::text(confirmation)}});
     }},
};

void call_beside_raw_flush(benchmark::State& state, const Lasting& lasting) {
  constexpr int kWarm = 150;
  const Folder folder;
  Scene scene(folder, lasting.role);
  RawFile raw(folder);
  for (int i = 0; i < kWarm; ++i, scene.next()) {
    lasting.prepare(scene);
    scene.call();
  }
  std::vector<double> calls;
  std::vector<double> flushes;
  for (auto _ : state) {
    lasting.prepare(scene);
    const auto start = std::chrono::steady_clock::now();
    scene.call();
    calls.push_back(seconds_since(start));
    const auto middle = std::chrono::steady_clock::now();
    raw.write_and_flush();
    flushes.push_back(seconds_since(middle));
    scene.next();
  }
  state.counters["call_median_us"] = median(calls) * 1e6;
  state.counters["raw_median_us"] = median(flushes) * 1e6;
  state.counters["ratio_of_medians"] = median(calls) / median(flushes);
  state.counters["ratio_of_means"] = mean(calls) / mean(flushes);
}

const bool kRegistered = [] {
  for (const Lasting& each : kLasting) {
    benchmark::RegisterBenchmark(each.method, call_beside_raw_flush, each)
        ->Iterations(500)
        ->Unit(benchmark::kMicrosecond);
  }
  return true;
}();

}  // namespace
