// The machine as a client of a KMS and as a KMS host.
#include "provider/kms/client.hpp"
#include "provider/kms_service.hpp"
#include "provider/service_work.hpp"

namespace slwmi::licensing {
namespace {

// A registration in the registry; nothing when there is none or it is of a wrong type.
std::optional<KmsServer> server_of(const std::optional<std::string>& name, std::uint16_t port) {
  if (!name || name->empty()) return std::nullopt;
  return KmsServer{*name, port};
}

// What an attempt asks of the network, with what it does not carry through the rules: texts.
class Peers {
 public:
  explicit Peers(Network* network) : network_(network) {}

  HResult find(std::span<const KmsServer>& servers) {
    if (network_ == nullptr) return note({HResult::kDnsErrorRcodeNameError, kNoHost});
    auto found = network_->find_kms();
    if (!found) return note(std::move(found).error());
    records_ = *std::move(found);
    for (const KmsRecord& record : records_)
      servers_.push_back({record.name, record.port, record.machine});
    servers = servers_;
    return HResult::kSOk;
  }

  kms::Reply ask(const KmsServer& server, const kms::Question& question) {
    kms::Reply reply;
    if (network_ == nullptr) {
      reply.code = note({HResult::kDnsErrorRcodeNameError, kNoHost});
      return reply;
    }
    auto answer = network_->ask_kms(server, question);
    if (!answer && answer.error().code == HResult::kErrorTransactionalConflict)
      conflict_ = answer.error();
    if (!answer) {
      reply.code = note(std::move(answer).error());
      return reply;
    }
    pid_ = std::move(answer->pid);
    if (failed(answer->reply.code)) {
      note({answer->reply.code,
            std::string(server.name) + ": " + std::string(text_of(answer->reply.code))});
    }
    return answer->reply;
  }

  const std::string& pid() const { return pid_; }
  // Somebody else wrote to a host meanwhile: no trouble of the simulated network.
  const std::optional<Error>& conflict() const { return conflict_; }
  // The last trouble; one that has the code, when the rules found one of their own.
  Error error(HResult code) {
    if (error_.code == code) return std::move(error_);
    return {code, std::string(text_of(code))};
  }

 private:
  static constexpr const char* kNoHost = "no KMS host is known";

  HResult note(Error error) {
    error_ = std::move(error);
    return error_.code;
  }

  Network* network_;
  std::vector<KmsRecord> records_;
  std::vector<KmsServer> servers_;
  std::string pid_;
  Error error_;
  std::optional<Error> conflict_;
};

}  // namespace

Result<std::optional<Error>> Service::attempt_by_kms(Work& work, const Carried& carried) {
  const Product& product = *carried.product;
  const reg::HiveView& view = work.view();
  const auto fixed_name = read_text(view, paths::kSl, "KeyManagementServiceName");
  const auto cached_name = read_text(view, paths::kServiceSl, "DiscoveredKeyManagementServiceName");
  ClientSettings settings;
  settings.fixed = server_of(fixed_name, kDefaultKmsPort);
  settings.cached = server_of(
      cached_name, read_port(view, paths::kServiceSl, "DiscoveredKeyManagementServicePort"));
  settings.port = find_port(view, paths::kSl, "KeyManagementServicePort");
  settings.invalid_registration = has_invalid_registration(view);

  Peers peers(host_.network);
  const auto find = [&](std::span<const KmsServer>& servers) { return peers.find(servers); };
  const auto ask = [&](const KmsServer& server, const kms::Question& question) {
    return peers.ask(server, question);
  };
  const auto log = [&](const KmsServer& server, const KmsExchange& exchange) {
    work.log(exchange, server.name);
  };
  const Attempt attempt = attempt_activation(carried.license, client_facts(host_, product),
                                             settings, work.now(), {find, ask, log});

  if (peers.conflict()) return fail(*peers.conflict());

  // Whatever the attempt left behind stays, also when it fails.
  if (attempt.next != carried.license) SL_CHECK(work.write(product, attempt.next));
  if (attempt.discovered) {
    SL_CHECK(work.set(paths::kServiceSl, "DiscoveredKeyManagementServiceName",
                      reg::make_sz(attempt.server.name)));
    SL_CHECK(work.set(paths::kServiceSl, "DiscoveredKeyManagementServicePort",
                      reg::make_sz(std::to_string(attempt.server.port))));
  }
  if (attempt.result == HResult::kSOk)
    SL_CHECK(work.set(paths::kServiceSl, "CustomerPID", reg::make_sz(peers.pid())));
  SL_CHECK(work.commit());
  if (attempt.result == HResult::kSOk) return std::nullopt;
  if (attempt.result != HResult::kSlEVlNotEnoughCount) return peers.error(attempt.result);
  return Error{attempt.result, "the KMS host has counted " + std::to_string(attempt.reply.count) +
                                   " of " + std::to_string(product.required_client_count) +
                                   " computers"};
}

Result<KmsAnswer> Service::answer_kms(const kms::Question& question) {
  SL_TRY(Work work, Work::begin(host_, clock_));
  const Carried& base = work.state().base();
  if (!work.state().is_kms_host())
    return fail(HResult::kSlEVlBindingServiceNotEnabled,
                "the Key Management Service is not enabled");
  if (!kms_start(work.view()).runs())
    return fail(HResult::kSlEVlBindingServiceNotEnabled,
                "the Key Management Service did not start");
  kms::HostState state = read_kms_host(work.view());
  KmsAnswer out;
  out.reply = kms::answer(state, kms_host_facts(host_, work.state(), work.view(), work.now()),
                          question, work.now());
  out.pid = product_id_of(host_, *base.product, base.license);
  SL_CHECK(work.set(paths::kStore, kKmsHostValue, reg::make_binary(kms::encode(state))));
  SL_CHECK(work.commit());
  return out;
}

}  // namespace slwmi::licensing
