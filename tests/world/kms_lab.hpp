// A small network with a KMS host, for the tests that tell the guide's stories of KMS in a world:
// what methods answer, and what the event logs say of it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "provider/event_record.hpp"
#include "provider/license.hpp"
#include "provider/machine_state.hpp"
#include "registry/value.hpp"
#include "tests/provider/printing.hpp"
#include "tests/world/fixture.hpp"
#include "tests/world/net_fixture.hpp"
#include "world/event_logs.hpp"
#include "world/machine_context.hpp"

namespace slwmi::world::test {

inline const std::string kService = "SoftwareLicensingService.Version=\"6.0.6001.18000\"";

// KMS1, an activated host on Server 2008 that has counted SRV1 to SRV4, and PC1, a client on Server
// 2008, which needs five. Clients act only when they are told to.
struct KmsLab {
  std::unique_ptr<World> world = must(World::in_memory(7));

  KmsLab() {
    add({.name = "KMS1", .os = "2008", .role = "kms-host"});
    must(activate("KMS1"));
    for (const char* name : {"SRV1", "SRV2", "SRV3", "SRV4"}) {
      add({.name = name, .os = "2008"});
      BOOST_REQUIRE(result(activate(name)) == HResult::kSlEVlNotEnoughCount);
    }
    add({.name = "PC1", .os = "2008"});
    news("PC1");
    news("KMS1");
  }

  static HResult result(const Result<CallResult>& done) {
    return done ? HResult::kSOk : done.error().code;
  }
  static void must(const Result<CallResult>& done) { BOOST_REQUIRE(result(done) == HResult::kSOk); }
  template <class T>
  static T must(Result<T> done) {
    return test::must(std::move(done));
  }
  static void must(const Result<>& done) { test::must(done); }

  void add(const MachineSpec& spec) {
    must(world->add_machine(spec));
    if (spec.role == "kms-client")
      set(spec.name, licensing::paths::kActivation, "Manual", reg::make_dword(1));
  }
  Machine machine(std::string_view name) { return must(world->machine(name)); }
  Session session(std::string_view name, std::string_view who = "administrator") {
    return connect(*world, name, who);
  }
  // The path of the product that the machine's state belongs to, with a key or without.
  std::string product(std::string_view name) {
    const auto context = must(MachineContext::make(world->shared(), machine(name).id()));
    const reg::HiveView view = must(context->registry()->view());
    const auto state = licensing::MachineState::read(context->host(), view);
    return "SoftwareLicensingProduct.ID=\"" + state.base().product->sku_text + "\"";
  }
  cim::Value of_product(std::string_view name, std::string_view property) {
    return must(session(name).read(product(name), property));
  }
  cim::Value of_service(std::string_view name, std::string_view property) {
    return must(session(name).query("SELECT * FROM SoftwareLicensingService")).at(0).get(property);
  }
  HResult reason(std::string_view name) {
    return static_cast<HResult>(of_product(name, "LicenseStatusReason").as_uint32());
  }
  std::uint32_t status(std::string_view name) {
    return of_product(name, "LicenseStatus").as_uint32();
  }

  Result<CallResult> activate(std::string_view name, std::string_view who = "administrator") {
    return session(name, who).call(product(name), "Activate");
  }
  Result<CallResult> install(std::string_view name, const std::string& key) {
    return session(name).call(kService, "InstallProductKey",
                              {{"ProductKey", cim::Value::text(key)}});
  }
  // By telephone, with the ID that the activation centre reads out, or another.
  Result<CallResult> telephone(std::string_view name, std::string confirmation = {}) {
    const std::string id(of_product(name, "OfflineInstallationId").as_text());
    if (confirmation.empty()) confirmation = must(world->confirmation_id(id));
    return session(name).call(product(name), "DepositOfflineConfirmationId",
                              {{"InstallationId", cim::Value::text(id)},
                               {"ConfirmationId", cim::Value::text(confirmation)}});
  }
  std::string key(std::string_view channel, std::uint32_t serial = 2,
                  std::string_view edition = "Enterprise", std::string_view os = "2008") {
    return must(world->product_key(edition, channel, serial, os));
  }

  void set(std::string_view name, std::string_view path, std::string_view value,
           const reg::ValueData& data) {
    auto registry = must(machine(name).registry(must(find_principal("system"))));
    must(registry.set(path, value, data));
  }
  std::string value(std::string_view name, std::string_view path, std::string_view of) {
    auto registry = must(machine(name).registry(must(find_principal("system"))));
    const auto found = registry.get(path, of);
    return found ? reg::as_string(found->view()).value_or("(no text)") : "(none)";
  }
  void change(const std::function<void(net::Model&)>& edit) {
    must(world->change_network([&](net::Model& model) -> Result<> {
      edit(model);
      return {};
    }));
  }
  void fault(net::FaultKind kind, std::string_view who = "all", std::int32_t skew = 0) {
    change([&](net::Model& model) {
      test::must(net::add_fault(model, {.kind = kind, .who = net::match(who), .skew = skew}));
    });
  }
  void no_faults() {
    change([](net::Model& model) { model.faults.clear(); });
  }
  void remove_record(std::string_view host) {
    change([&](net::Model& m) { must(net::remove_records(m, "contoso.com", host)); });
  }
  // "KMS1.contoso.com:1688 "
  std::string records() {
    std::string out;
    const auto model = must(world->network());
    if (const net::ServiceName* const name = net::find_name(*model, "contoso.com"))
      for (const net::SrvRecord& record : name->records)
        out += record.host + ":" + std::to_string(record.port) + " ";
    return out;
  }
  void happened(std::string_view name, licensing::EventKind kind, bool granted = false) {
    must(machine(name).happened({.kind = kind, .granted = granted}));
  }

  // What both logs of the machine got since the last call, each entry as its number and what tells
  // it from others: "12288 0xC004F039 0x8 KMS1.contoso.com:1688; ".
  std::string news(std::string_view name) {
    std::string out;
    for (const auto log :
         {licensing::EventLog::kApplication, licensing::EventLog::kKeyManagementService}) {
      std::uint64_t& last = seen_[{std::string(name), log}];
      for (const licensing::EventRecord& entry : must(machine(name).events({.log = log}))) {
        if (entry.number <= last) continue;
        last = entry.number;
        out += shown(entry) + "; ";
      }
    }
    return out;
  }

 private:
  static std::string shown(const licensing::EventRecord& entry) {
    using licensing::EventId;
    std::string out = std::to_string(entry.id());
    const auto add = [&](std::initializer_list<std::size_t> which) {
      for (const std::size_t i : which) out += " " + entry.parameters.at(i);
    };
    switch (entry.event->id) {
      case EventId::kRequestSent:  // code, flags, server
        add({0, 1, 2});
        break;
      case EventId::kResponseProcessed:  // code, flags, bound, count
        add({0, 1, 2, 4});
        break;
      case EventId::kRequestProcessed:  // code, requirement, client
        add({0, 1, 2});
        break;
      default:
        for (const std::string& text : entry.parameters)
          if (!parse_guid(text)) out += " " + text;
    }
    return out;
  }

  std::map<std::pair<std::string, licensing::EventLog>, std::uint64_t> seen_;
};

}  // namespace slwmi::world::test
