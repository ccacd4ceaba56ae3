#include "tests/provider/test_machine.hpp"

#include <numeric>

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "provider/embedded_schema.hpp"
#include "provider/event_classes.hpp"
#include "provider/licensing_classes.hpp"
#include "provider/registry_class.hpp"
#include "provider/win32_classes.hpp"

namespace slwmi::licensing::test {
namespace {

cim::Version version_of(std::string_view os) {
  return cim::parse_version(system_of(os).version).value();
}

void describe(const reg::HiveView& view, reg::KeyId key, std::string& out) {
  out += view.path(key) + '\n';
  for (const reg::NamedValue& value : view.values(key)) {
    out += std::string(reg::text_of(value.spelling)) + '=' +
           std::to_string(static_cast<std::uint32_t>(value.value.type)) + ':';
    out += as_text(value.value.data);
    out += '\n';
  }
  for (const reg::Subkey& subkey : view.subkeys(key)) describe(view, subkey.key, out);
}

}  // namespace

cim::RepositoryPtr schema() { return embedded_schema(); }

const Catalogue& catalogue() {
  static const std::shared_ptr<const Catalogue> loaded = load_catalogue(*schema()).value();
  return *loaded;
}

const OperatingSystem& system_of(std::string_view os) {
  const OperatingSystem* found = catalogue().find_system(os);
  BOOST_TEST_REQUIRE(found != nullptr);
  return *found;
}

cim::ClassPtr class_of(std::string_view os, std::string_view name, std::string_view ns) {
  static std::map<std::string, cim::VersionView> views;
  auto found = views.find(std::string(os));
  if (found == views.end())
    found = views.emplace(os, cim::VersionView(schema(), version_of(os))).first;
  const cim::ClassPtr cls = found->second.find_class(ns, name);
  BOOST_REQUIRE_MESSAGE(cls != nullptr, name);
  return cls;
}

std::vector<cim::ClassPtr> class_in_all(std::string_view name, std::string_view ns) {
  std::vector<cim::ClassPtr> out;
  for (const std::string_view os : kSystems) out.push_back(class_of(os, name, ns));
  return out;
}

Result<> FakeNetwork::activate_online(const ActivationRequest& request) {
  if (failed(trouble)) return fail(trouble, "trouble");
  return activate(ledger, request.product, request.key, request.hardware);
}

Result<std::vector<KmsRecord>> FakeNetwork::find_kms() {
  if (failed(trouble)) return fail(trouble, "trouble");
  if (records.empty()) return fail(HResult::kDnsErrorRcodeNameError, "no KMS in DNS");
  return records;
}

Result<KmsAnswer> FakeNetwork::ask_kms(const KmsServer& server, const kms::Question& question) {
  asked.push_back(std::string(server.name) + ":" + std::to_string(server.port));
  last = question;
  if (failed(trouble)) return fail(trouble, "trouble");
  const auto own = kms_answers.find(server.name);
  const HResult code = own == kms_answers.end() ? kms_answer : own->second;
  if (failed(code)) return fail(code, "refused");
  KmsAnswer out;
  out.pid = pid;
  out.reply.code = HResult::kSOk;
  out.reply.processed = true;
  out.reply.count = count;
  out.reply.activation_interval = 33;
  out.reply.renewal_interval = 44;
  return out;
}

Result<> FakeNetwork::register_kms(const Publication& record) {
  const auto refused = dns_updates.find(record.domain);
  if (refused != dns_updates.end()) return fail(refused->second, "the update is refused");
  registered[record.domain] = record;
  return {};
}

Result<Verdict> FakeNetwork::validate(std::string_view, ProductKey key) {
  if (failed(trouble)) return fail(trouble, "trouble");
  const auto own = verdicts.find(key.serial);
  return own == verdicts.end() ? verdict : own->second;
}

TestMachine::TestMachine(Profile profile) {
  host.facts.name = "PC1";
  host.facts.domain = "contoso.com";
  host.facts.installed = kStart;
  host.facts.started = kStart;
  host.facts.world_seed = 7;
  host.facts.seed = 70;
  host.facts.hardware = 700;
  host.facts.upgraded = true;
  host.catalogue = &catalogue();
  const auto resolved = catalogue().resolve(profile);
  BOOST_TEST_REQUIRE(resolved.has_value());
  host.resolved = *resolved;
  const auto image = reg::embedded_image(resolved->os->image, resolved->product->edition);
  BOOST_TEST_REQUIRE(image.has_value());
  store = std::make_shared<reg::MemoryStore>(reg::HiveView(*image, nullptr, {}));
  host.store = store;
  host.network = &network;
}

cim::Provider& TestMachine::provider(std::string_view cls) {
  auto& slot = providers_[std::string(cls)];
  if (slot != nullptr) return *slot;
  if (cls == "SoftwareLicensingProduct") slot = make_product_provider(host);
  if (cls == "SoftwareLicensingService") slot = make_service_provider(host);
  if (cls == "Win32_OperatingSystem") slot = make_operating_system_provider(host);
  if (cls == "Win32_ComputerSystem") slot = make_computer_system_provider(host);
  if (cls == "Win32_NTLogEvent") slot = make_event_provider(host);
  if (cls == "Win32_NTEventlogFile") slot = make_log_file_provider(host);
  if (cls == "StdRegProv")
    slot = make_registry_provider(host, [this](std::string_view name) {
      return class_of(host.resolved.os->id, name, "root\\default");
    });
  BOOST_TEST_REQUIRE(slot != nullptr);
  return *slot;
}

std::vector<cim::Instance> TestMachine::rows(std::string_view name) {
  const cim::ClassPtr cls = class_of(host.resolved.os->id, name);
  std::vector<int> wanted(cls->properties().size());
  std::iota(wanted.begin(), wanted.end(), 0);
  std::vector<cim::Instance> out;
  const Principal who = principal("standard");
  const auto done =
      provider(name).enumerate({who, clock, {}}, {*cls, wanted, {}}, [&](const cim::Batch& batch) {
        for (std::size_t row = 0; row < batch.rows; ++row) {
          cim::Instance instance(cls);
          for (const int slot : wanted)
            instance.set(slot,
                         cim::value_at(batch.columns[static_cast<std::size_t>(slot)], row,
                                       cls->properties()[static_cast<std::size_t>(slot)].type));
          out.push_back(std::move(instance));
        }
        return true;
      });
  BOOST_TEST_REQUIRE(done.has_value());
  return out;
}

cim::Instance TestMachine::base_product() {
  const std::string sku = MachineState::read(host, view()).base().product->sku_text;
  for (cim::Instance& row : rows("SoftwareLicensingProduct"))
    if (row.get("ID").as_text() == sku) return row;
  BOOST_FAIL("no base product");
  return {};
}

cim::Value TestMachine::read(std::string_view cls, std::string_view property) {
  const cim::Instance instance =
      cls == "SoftwareLicensingProduct" ? base_product() : rows(cls).at(0);
  BOOST_REQUIRE_MESSAGE(instance.cls()->find_slot(property) >= 0, property);
  return instance.get(property);
}

Result<cim::MethodResult> TestMachine::call(const Principal& who, std::string_view name,
                                            std::string_view method, const Arguments& arguments) {
  const cim::ClassPtr cls =
      class_of(host.resolved.os->id, name, name == "StdRegProv" ? "root\\default" : "root\\cimv2");
  cim::ObjectPath path{std::string(name), {}};
  if (name == "SoftwareLicensingProduct")
    path = {std::string(name), {{"ID", base_product().get("ID")}}};
  if (name == "SoftwareLicensingService")
    path = {std::string(name), {{"Version", cim::Value::text(host.resolved.os->service_version)}}};
  return call_method(host, provider(name), {who, clock, {}}, *cls, path, method, arguments);
}

HResult TestMachine::call(std::string_view cls, std::string_view method,
                          const Arguments& arguments) {
  const auto done = call(principal("administrator"), cls, method, arguments);
  if (!done) return done.error().code;
  BOOST_TEST(done->return_value.as_uint32() == 0u);
  return HResult::kSOk;
}

void TestMachine::set(std::string_view path, std::string_view name, const reg::ValueData& data) {
  reg::Registry registry(store, system_principal(), clock);
  BOOST_TEST_REQUIRE(registry.set(path, name, data).has_value());
}

void TestMachine::remove(std::string_view path, std::string_view name) {
  reg::Registry registry(store, system_principal(), clock);
  auto key = registry.open(path, reg::access::kSetValue);
  BOOST_TEST_REQUIRE(key.has_value());
  BOOST_TEST_REQUIRE(key->remove_value(name).has_value());
}

std::string TestMachine::value(std::string_view path, std::string_view name) {
  const auto id = reg::find_name(name);
  const reg::HiveView now = view();
  const auto value = id ? now.find(reg::key_of(path), *id) : std::nullopt;
  if (!value) return "(none)";
  if (const auto number = reg::as_dword(*value)) return std::to_string(*number);
  if (const auto text = reg::as_string(*value)) return *text;
  return "(" + std::to_string(value->data.size()) + " bytes)";
}

License TestMachine::license() { return MachineState::read(host, view()).base().license; }

Status TestMachine::status() {
  const reg::HiveView now = view();
  const MachineState state = MachineState::read(host, now);
  return status_at(state.base().license, policy_of(*state.base().product, *host.resolved.os),
                   clock.now());
}

std::string TestMachine::key(Channel channel, std::uint32_t serial, std::string_view edition) {
  const std::string wanted(edition.empty() ? host.resolved.product->edition : edition);
  for (const auto& product : catalogue().products())
    if (product->channel == channel && product->edition == wanted && !product->prerelease &&
        product->family == host.resolved.product->family)
      return to_text({product->key_group, serial});
  BOOST_FAIL("no such product");
  return {};
}

std::string TestMachine::digest() {
  const reg::HiveView now = view();
  std::string out;
  describe(now, reg::KeyId::kLocalMachine, out);
  describe(now, reg::KeyId::kUsers, out);
  return out;
}

Principal principal(std::string_view name, std::string_view via) {
  Principal who = find_principal(name).value();
  who.via = via;
  return who;
}

}  // namespace slwmi::licensing::test
