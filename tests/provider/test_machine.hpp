// A machine in memory for the tests of this part: the embedded schema, a registry with the
// documented ACLs, a clock that is set, and a network whose answers a test chooses.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/principal.hpp"
#include "provider/activation_service.hpp"
#include "provider/catalogue_loader.hpp"
#include "provider/host.hpp"
#include "provider/machine_state.hpp"
#include "provider/method_call.hpp"
#include "provider/service.hpp"
#include "registry/memory_store.hpp"
#include "schema/instance.hpp"
#include "schema/object_path.hpp"
#include "schema/repository.hpp"

namespace slwmi::licensing::test {

// The schema that comes with the program.
cim::RepositoryPtr schema();
const Catalogue& catalogue();
const OperatingSystem& system_of(std::string_view os);
cim::ClassPtr class_of(std::string_view os, std::string_view name,
                       std::string_view ns = "root\\cimv2");
// The class in each of the three OS versions.
std::vector<cim::ClassPtr> class_in_all(std::string_view name, std::string_view ns = "root\\cimv2");
inline constexpr std::string_view kSystems[] = {"vista-rtm", "vista-sp1", "2008"};

// 2008-03-01T00:00:00Z.
inline const FileTime kStart = *from_civil({2008, 3, 1});

class FakeNetwork final : public Network {
 public:
  Result<> activate_online(const ActivationRequest& request) override;
  Result<std::vector<KmsRecord>> find_kms() override;
  Result<KmsAnswer> ask_kms(const KmsServer& server, const kms::Question& question) override;
  Result<> register_kms(const Publication& record) override;
  bool has_internet() override { return !failed(trouble); }
  Result<Verdict> validate(std::string_view url, ProductKey key) override;

  ActivationLedger ledger;
  HResult trouble = HResult::kSOk;                             // of every call
  HResult kms_answer = HResult::kSOk;                          // of ask_kms
  std::map<std::string, HResult, std::less<>> kms_answers;     // by server, before kms_answer
  std::vector<KmsRecord> records = {{"kms.contoso.com"}};      // none: the name does not exist
  std::map<std::string, HResult, std::less<>> dns_updates;     // by domain: what refuses them
  std::map<std::string, Publication, std::less<>> registered;  // by domain
  std::uint32_t count = 25;
  std::string pid = "host-pid";               // of KMS hosts
  Verdict verdict;                            // of every key without one of its own
  std::map<std::uint32_t, Verdict> verdicts;  // by serial number
  std::vector<std::string> asked;             // servers, in order
  kms::Question last;
};

class TestMachine {
 public:
  explicit TestMachine(Profile profile = {});

  // Shorthands that a test fails on when the call does.
  cim::Value read(std::string_view cls,
                  std::string_view property);  // of the service, or the base product
  std::string text(std::string_view cls, std::string_view property) {
    return read(cls, property).to_display();
  }
  std::vector<cim::Instance> rows(std::string_view cls);
  cim::Instance base_product();

  // Runs the whole pipeline of a method call.
  Result<cim::MethodResult> call(const Principal& who, std::string_view cls,
                                 std::string_view method, const Arguments& arguments = {});
  // The code of a call by an elevated administrator; S_OK when it succeeds.
  HResult call(std::string_view cls, std::string_view method, const Arguments& arguments = {});

  // As the machine's administrator.
  void set(std::string_view path, std::string_view name, const reg::ValueData& data);
  void remove(std::string_view path, std::string_view name);
  std::string value(std::string_view path, std::string_view name);  // for people; "(none)"
  Service service() { return Service(host, clock); }
  License license();
  Status status();
  std::string key(Channel channel, std::uint32_t serial = 2, std::string_view edition = {});
  void advance(std::int64_t n) { clock.advance(minutes(n)); }

  // Everything in the hive; equal when nothing changed.
  std::string digest();
  reg::HiveView view() { return store->view().value(); }

  ManualClock clock{kStart};
  FakeNetwork network;
  std::shared_ptr<reg::MemoryStore> store;
  Host host;

 private:
  cim::Provider& provider(std::string_view cls);
  std::map<std::string, std::unique_ptr<cim::Provider>, std::less<>> providers_;
};

Principal principal(std::string_view name, std::string_view via = {});

}  // namespace slwmi::licensing::test
