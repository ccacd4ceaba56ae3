#include "world/network.hpp"

#include "provider/activation_service.hpp"
#include "provider/machine_state.hpp"
#include "provider/service.hpp"
#include "world/machine_context.hpp"

namespace slwmi::world {
namespace {

constexpr std::string_view kLedgerBlob = "activation-service";

Result<Bytes> changed_ledger(ByteSpan before,
                             FunctionRef<Result<>(licensing::ActivationLedger&)> change) {
  SL_TRY(licensing::ActivationLedger ledger, licensing::decode_ledger(before));
  SL_CHECK(change(ledger));
  return licensing::encode(ledger);
}

class SimulatedNetwork final : public licensing::Network {
 public:
  SimulatedNetwork(WorldShared& world, MachineId machine, Batch& batch)
      : world_(world), machine_(machine), batch_(batch) {}

  Result<> activate_online(const licensing::ActivationRequest& request) override {
    const auto change = [&](licensing::ActivationLedger& ledger) {
      return licensing::activate(ledger, request.product, request.key, request.hardware);
    };
    return batch_.update_blob(kLedgerBlob, JournalKind::kLedger,
                              [&](ByteSpan before) { return changed_ledger(before, change); });
  }

  Result<std::vector<licensing::KmsRecord>> find_kms() override {
    SL_TRY(const MachineInfo info, world_.store().info(machine_));
    SL_TRY(const std::vector<MachineId> hosts, world_.store().in_role(info.domain, "kms-host"));
    if (hosts.empty()) {
      return fail(HResult::kDnsErrorRcodeNameError,
                  "_vlmcs._tcp." + info.domain + " does not exist");
    }
    std::vector<licensing::KmsRecord> out;
    for (const MachineId id : hosts) {
      SL_TRY(const MachineInfo host, world_.store().info(id));
      SL_TRY(const reg::HiveView view, world_.store().view(id));
      out.push_back(
          {host.domain.empty() ? host.name : host.name + "." + host.domain,
           licensing::read_port(view, licensing::paths::kSl, "KeyManagementServiceListeningPort"),
           id});
    }
    return out;
  }

  Result<licensing::KmsAnswer> ask_kms(const licensing::KmsServer& server,
                                       const licensing::kms::Question& question) override {
    const std::string name(server.name.substr(0, server.name.find('.')));
    SL_TRY(const std::optional<MachineId> id, world_.store().find_machine(name));
    if (!id) return fail(HResult::kRpcSServerUnavailable, "nobody answers at " + name);
    SL_TRY(const std::unique_ptr<MachineContext> host, MachineContext::make(world_, *id, batch_));
    SL_TRY(const reg::HiveView view, host->registry()->view());
    if (licensing::read_port(view, licensing::paths::kSl, "KeyManagementServiceListeningPort") !=
        server.port) {
      return fail(HResult::kRpcSServerUnavailable,
                  "nobody answers at " + name + ":" + std::to_string(server.port));
    }
    return licensing::Service(host->host(), host->clock()).answer_kms(question);
  }

  // Every domain takes every record: find_kms sees hosts by their role.
  Result<> register_kms(const licensing::Publication&) override { return {}; }
  Result<> unregister_kms(const std::string&) override { return {}; }
  bool has_internet() override { return true; }

  Result<bool> validate(std::string_view, const licensing::Product&,
                        licensing::ProductKey key) override {
    SL_TRY(const Bytes stored, batch_.blob(kLedgerBlob));
    SL_TRY(const licensing::ActivationLedger ledger, licensing::decode_ledger(stored));
    const auto known = ledger.keys.find({key.group, key.serial});
    return known == ledger.keys.end() || !known->second.non_genuine;
  }

 private:
  WorldShared& world_;
  MachineId machine_;
  Batch& batch_;
};

}  // namespace

std::unique_ptr<licensing::Network> make_network(WorldShared& world, MachineId machine,
                                                 Batch& batch) {
  return std::make_unique<SimulatedNetwork>(world, machine, batch);
}

Result<> change_ledger(WorldShared& world,
                       const std::function<Result<>(licensing::ActivationLedger&)>& change) {
  return world.store().update_blob(kLedgerBlob, JournalKind::kLedger,
                                   [&](ByteSpan before) { return changed_ledger(before, change); });
}

}  // namespace slwmi::world
