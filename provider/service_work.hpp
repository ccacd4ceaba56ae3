// Inside licensing::Service: one transaction of the service account, and the small words that the
// files of the service share. Not for other parts.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "provider/event_chunk.hpp"
#include "provider/kms_service.hpp"
#include "provider/service.hpp"
#include "registry/registry.hpp"

namespace slwmi::licensing {

inline ProductKey key_of(const License& license) { return {license.key_group, license.key_serial}; }

inline Event event_of(EventKind kind, bool granted = false) {
  Event event;
  event.kind = kind;
  event.granted = granted;
  return event;
}

// Reads the machine's state once and gathers what is to change; nothing lasts before commit().
class Service::Work {
 public:
  // The first one that meets an altered licence record tells the event log and writes a sound one
  // that says so, which lasts whatever the call comes to.
  static Result<Work> begin(const Host& host, const Clock& clock);

  const MachineState& state() const { return state_; }
  const reg::HiveView& view() const { return view_; }
  FileTime now() const { return now_; }
  Policy policy(const Product& product) const { return policy_of(product, *host_.resolved.os); }

  // A missing key is made.
  Result<> set(const reg::KnownPath& path, std::string_view name, const reg::ValueData& data);
  // Success when there is no such key or value.
  Result<> remove(const reg::KnownPath& path, std::string_view name);
  Result<> write(const Product& product, const License& license);
  // Moves the record of `carried` by an event and writes it; its step on success. `why` is what
  // 8209 says when the event leaves one.
  Result<Step> move(const Carried& carried, const Event& event, HResult why = HResult::kSOk);
  // What the registry says of the installed key: nothing of another one, or none.
  Result<> write_product_id(std::optional<ProductKey> key);
  Result<> forget_kms();
  // Entries of the machine's event logs; they last with what is written. An entry's time becomes
  // now.
  void log(LogEntry entry);
  void log(std::vector<LogEntry> entries);
  void log(KmsExchange exchange, std::string_view server_name);
  // 12291 and 12292, for a Key Management Service that started so.
  void log_start(const KmsStart& start);
  Result<> commit();

 private:
  static Result<Work> open(const Host& host, const Clock& clock);
  // Whether there was any.
  Result<bool> record_tampering();
  // Opens it once. ERROR_FILE_NOT_FOUND.
  Result<reg::Key*> open(const reg::KnownPath& path);
  Work(const Host& host, FileTime now, reg::HiveView view, reg::Registry registry,
       reg::Transaction transaction)
      : host_(host),
        now_(now),
        view_(std::move(view)),
        state_(MachineState::read(host, view_)),
        registry_(std::move(registry)),
        transaction_(std::move(transaction)),
        names_(std::make_unique<ServerNames>()),
        chunk_(names_.get()) {}

  const Host& host_;
  FileTime now_;
  reg::HiveView view_;
  MachineState state_;
  reg::Registry registry_;
  reg::Transaction transaction_;
  std::vector<reg::Key> keys_;  // that are open
  std::unique_ptr<ServerNames> names_;
  ChunkWriter chunk_;
};

}  // namespace slwmi::licensing
