#include "provider/service_work.hpp"

#include "provider/event_rules.hpp"
#include "provider/pid.hpp"

namespace slwmi::licensing {
namespace {

// What the machine keeps of a KMS activation beside its record, and of itself as a host of one.
struct Trace {
  const reg::KnownPath& path;
  std::string_view name;
};
constexpr Trace kKmsTraces[] = {
    {paths::kServiceSl, "CustomerPID"},
    {paths::kServiceSl, "DiscoveredKeyManagementServiceName"},
    {paths::kServiceSl, "DiscoveredKeyManagementServicePort"},
    {paths::kServiceSl, "KeyManagementServiceRegisteredDomainName"},
    {paths::kServiceSl, "KeyManagementServiceRegisteredHostName"},
    {paths::kServiceSl, "KeyManagementServiceRegisteredPortNumber"},
    {paths::kStore, kNextPublicationValue},
};

}  // namespace

Result<Service::Work> Service::Work::begin(const Host& host, const Clock& clock) {
  SL_TRY(Work work, open(host, clock));
  SL_TRY(const bool tampered, work.record_tampering());
  if (tampered) return open(host, clock);
  return work;
}

Result<bool> Service::Work::record_tampering() {
  bool found = false;
  for (const Carried& carried : state_.products()) {
    if (!carried.damaged) continue;
    found = true;
    // The record as read is what the event makes of it already, so that it would not be written.
    SL_CHECK(write(*carried.product, carried.license));
    SL_CHECK(move(carried, event_of(EventKind::kTampered)));
  }
  if (found) SL_CHECK(commit());
  return found;
}

Result<Service::Work> Service::Work::open(const Host& host, const Clock& clock) {
  // What it writes follows from what it read; so it reads after the transaction has begun, which is
  // refused when anybody wrote since.
  reg::Registry registry(host.store, network_service(), clock);
  SL_TRY(reg::Transaction transaction, registry.begin());
  transaction.make_exclusive();
  SL_TRY(reg::HiveView view, host.store->view());
  return Work(host, clock.now(), std::move(view), std::move(registry), std::move(transaction));
}

Result<reg::Key*> Service::Work::open(const reg::KnownPath& path) {
  for (reg::Key& key : keys_)
    if (key.id() == path.key()) return &key;
  SL_TRY(reg::Key key, registry_.open(path.key(), reg::access::kSetValue));
  return &keys_.emplace_back(std::move(key));
}

Result<> Service::Work::set(const reg::KnownPath& path, std::string_view name,
                            const reg::ValueData& data) {
  auto key = open(path);
  if (key) return (*key)->set(name, data);
  if (key.error().code != HResult::kErrorFileNotFound) return fail(std::move(key).error());
  return registry_.set(path, name, data);
}

Result<> Service::Work::remove(const reg::KnownPath& path, std::string_view name) {
  SL_TRY(const bool there, registry_.has(path.key(), name));
  if (!there) return {};
  SL_TRY(reg::Key* const key, open(path));
  return key->remove_value(name);
}

Result<> Service::Work::write(const Product& product, const License& license) {
  const Record record = encode(license, product.sku);
  return set(paths::kStore, product.sku_text, reg::make_binary(record));
}

Result<Step> Service::Work::move(const Carried& carried, const Event& event, HResult why) {
  Step done = step(carried.license, policy(*carried.product), event, now_);
  if (failed(done.result)) return fail(done.result, std::string(text_of(done.result)));
  if (done.next != carried.license) SL_CHECK(write(*carried.product, done.next));
  log(entries_of(*carried.product, event, done, now_, why));
  return done;
}

Result<> Service::Work::write_product_id(std::optional<ProductKey> key) {
  const std::string id = short_product_id(key);
  SL_CHECK(set(paths::kCurrentVersion, "ProductId", reg::make_sz(id)));
  return set(paths::kCurrentVersion, "DigitalProductId",
             reg::make_binary(digital_product_id(id, key)));
}

Result<> Service::Work::forget_kms() {
  for (const Trace& trace : kKmsTraces) SL_CHECK(remove(trace.path, trace.name));
  return {};
}

void Service::Work::log(LogEntry entry) {
  entry.clock = host_.facts.clock_skew;
  entry.time = now_ - minutes(entry.clock);
  chunk_.add(entry);
}

void Service::Work::log(std::vector<LogEntry> entries) {
  for (LogEntry& entry : entries) log(std::move(entry));
}

void Service::Work::log(KmsExchange exchange, std::string_view server_name) {
  exchange.server_name = names_->number_of(server_name);
  chunk_.add(exchange);
}

void Service::Work::log_start(const KmsStart& start) {
  if (failed(start.service)) log(failure(EventId::kKmsInitializationFailed, start.service, now_));
  if (failed(start.timer)) log(failure(EventId::kRenewalTimerFailed, start.timer, now_));
}

Result<> Service::Work::commit() {
  if (!chunk_.empty()) transaction_.attach(chunk_.finish());
  SL_TRY([[maybe_unused]] const auto generation, transaction_.commit());
  return {};
}

}  // namespace slwmi::licensing
