#include "world/network.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "provider/machine_state.hpp"
#include "provider/service.hpp"
#include "provider/settings.hpp"
#include "world/machine_context.hpp"
#include "world/net/codec.hpp"
#include "world/net/dns.hpp"
#include "world/net/lookup.hpp"

namespace slwmi::world {
namespace {

constexpr std::string_view kLedgerBlob = "activation-service";

Result<Bytes> changed_ledger(ByteSpan before,
                             FunctionRef<Result<>(licensing::ActivationLedger&)> change) {
  SL_TRY(licensing::ActivationLedger ledger, licensing::decode_ledger(before));
  SL_CHECK(change(ledger));
  return licensing::encode(ledger);
}

std::string service_name(std::string_view domain) {
  return std::string(net::kService) + "." + std::string(domain);
}

class SimulatedNetwork final : public licensing::Network {
 public:
  SimulatedNetwork(WorldShared& world, MachineId machine, Batch& batch)
      : world_(world), machine_(machine), batch_(batch) {}

  Result<> activate_online(const licensing::ActivationRequest& request) override {
    SL_CHECK(ask_service("the activation service cannot be reached"));
    const auto change = [&](licensing::ActivationLedger& ledger) {
      return licensing::activate(ledger, request.product, request.key, request.hardware);
    };
    return batch_.update_blob(kLedgerBlob, JournalKind::kLedger,
                              [&](ByteSpan before) { return changed_ledger(before, change); });
  }

  Result<std::vector<licensing::KmsRecord>> find_kms() override {
    SL_TRY(const net::Place me, net::place_of(world_, machine_));
    const net::Answer answer = me.network->lookup(me.peer(), me.now);
    if (!answer.verdict.ok()) {
      SL_TRY(const MachineInfo info, world_.store().info(machine_));
      return fail(net::error_of(*me.network, answer.verdict, service_name(info.domain)));
    }
    std::vector<licensing::KmsRecord> out;
    out.reserve(answer.targets.size());
    for (const net::Target& target : answer.targets)
      out.push_back({std::string(target.host), target.port, target.machine});
    return out;
  }

  Result<licensing::KmsAnswer> ask_kms(const licensing::KmsServer& server,
                                       const licensing::kms::Question& question) override {
    const std::string who(server.name);
    const std::string nobody = "nobody answers at " + who + ":" + std::to_string(server.port);
    SL_TRY(const MachineId id, net::machine_of(world_, server.name));
    if (id == 0) return fail(HResult::kRpcSServerUnavailable, nobody);
    SL_TRY(const net::Place me, net::place_of(world_, machine_));
    SL_TRY(const net::Place there, net::place_of(world_, id));
    const net::Verdict way = me.network->reach(me.peer(), there.peer(), server.port, me.now);
    if (!way.ok()) return fail(net::error_of(*me.network, way, who));
    SL_TRY(const std::unique_ptr<MachineContext> host, MachineContext::make(world_, id, batch_));
    SL_TRY(const reg::HiveView view, host->registry()->view());
    if (licensing::read_port(view, licensing::paths::kSl, "KeyManagementServiceListeningPort") !=
            server.port ||
        host->host().facts.installed > me.now)
      return fail(HResult::kRpcSServerUnavailable, nobody);
    if (licensing::has_low_priority(view)) {
      const net::Verdict busy = me.network->starve(me.peer(), there.peer(), me.now);
      if (!busy.ok()) return fail(net::error_of(*me.network, busy, who));
    }
    SL_TRY(licensing::KmsAnswer answer,
           licensing::Service(host->host(), host->clock()).answer_kms(question));
    const net::Verdict back = me.network->response(me.peer(), there.peer(), me.now);
    if (!back.ok()) answer.reply.code = back.code;
    return answer;
  }

  Result<> register_kms(const licensing::Publication& record) override {
    SL_TRY(const net::Place me, net::place_of(world_, machine_));
    SL_TRY(const MachineInfo info, world_.store().info(machine_));
    SL_TRY(const bool implied, is_domain(record.domain, info));
    net::SrvRecord written;
    written.host = record.host;
    written.port = record.port;
    written.written = me.now;
    return update(me, record.domain, [&](net::Model& model) {
      return net::update_record(model, record.domain, written, {machine_, info.name}, implied);
    });
  }

  bool has_internet() override {
    const auto me = net::place_of(world_, machine_);
    return me && me->network->service(me->peer(), me->now).ok();
  }

  Result<licensing::Verdict> validate(std::string_view, licensing::ProductKey key) override {
    SL_CHECK(ask_service("the validation service cannot be reached"));
    SL_TRY(const Bytes stored, batch_.blob(kLedgerBlob));
    SL_TRY(const licensing::ActivationLedger ledger, licensing::decode_ledger(stored));
    return licensing::verdict_of(ledger, key);
  }

 private:
  Result<> ask_service(std::string_view trouble) {
    SL_TRY(const net::Place me, net::place_of(world_, machine_));
    const net::Verdict verdict = me.network->service(me.peer(), me.now);
    if (verdict.ok()) return {};
    return fail(net::error_of(*me.network, verdict, trouble));
  }

  // Domains that machines are in are zones, whether the model says so or not.
  Result<bool> is_domain(std::string_view domain, const MachineInfo& me) {
    if (equal_ignore_case(domain, me.domain)) return true;
    SL_TRY(const std::shared_ptr<const MachineColumns> machines, world_.store().all_machines());
    return std::any_of(machines->domain.begin(), machines->domain.end(), [&](std::uint32_t text) {
      return equal_ignore_case(machines->texts[text], domain);
    });
  }

  Result<> update(const net::Place& me, std::string_view domain,
                  FunctionRef<Result<>(net::Model&)> change) {
    const net::Verdict verdict = me.network->update(me.peer(), me.now);
    if (!verdict.ok()) return fail(net::error_of(*me.network, verdict, service_name(domain)));
    return batch_.update_blob(net::kBlob, JournalKind::kNetwork,
                              [&](ByteSpan before) { return net::change(before, change); });
  }

  WorldShared& world_;
  MachineId machine_;
  Batch& batch_;
};

}  // namespace

std::unique_ptr<licensing::Network> make_network(WorldShared& world, MachineId machine,
                                                 Batch& batch) {
  return std::make_unique<SimulatedNetwork>(world, machine, batch);
}

Result<licensing::ActivationLedger> read_ledger(WorldShared& world) {
  SL_TRY(const std::optional<Bytes> stored, world.store().blob(kLedgerBlob));
  return licensing::decode_ledger(stored ? ByteSpan(*stored) : ByteSpan());
}

Result<> change_ledger(WorldShared& world,
                       const std::function<Result<>(licensing::ActivationLedger&)>& change) {
  return world.store().update_blob(kLedgerBlob, JournalKind::kLedger,
                                   [&](ByteSpan before) { return changed_ledger(before, change); });
}

}  // namespace slwmi::world
