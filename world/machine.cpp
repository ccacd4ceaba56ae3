#include "world/machine.hpp"

#include "base/function_ref.hpp"
#include "base/text.hpp"
#include "provider/firmware.hpp"
#include "provider/license.hpp"
#include "provider/service.hpp"
#include "provider/usage_rights.hpp"
#include "schema/object_path.hpp"
#include "world/event_logs.hpp"
#include "world/net/lookup.hpp"
#include "world/session_impl.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

namespace slwmi::world {

Result<std::string> Machine::name() const {
  SL_TRY(const MachineInfo info, world_->shared().store().info(id_));
  return info.name;
}

Result<std::string> Machine::domain() const {
  SL_TRY(const MachineInfo info, world_->shared().store().info(id_));
  return info.domain;
}

Result<std::string> Machine::site() const {
  SL_TRY(const MachineInfo info, world_->shared().store().info(id_));
  return std::string(net::traits_of(info).site);
}

Result<std::string> Machine::profile() const {
  SL_TRY(const MachineInfo info, world_->shared().store().info(id_));
  return info.profile->os + "-" + info.profile->role;
}

Result<std::string> Machine::edition() const {
  SL_TRY(const std::unique_ptr<MachineContext> context,
         MachineContext::make(world_->shared(), id_));
  return context->host().resolved.product->edition;
}

Result<std::string> Machine::version() const {
  SL_TRY(const std::unique_ptr<MachineContext> context,
         MachineContext::make(world_->shared(), id_));
  return context->host().resolved.os->version;
}

Result<Session> Machine::connect(const Principal& caller, std::string_view ns) const {
  if (caller.user == sids::kAnonymous) {
    return fail(HResult::kWbemEAccessDenied, "the anonymous user may not connect");
  }
  auto impl = std::make_unique<Session::Impl>();
  impl->caller = caller;
  SL_TRY(impl->context, MachineContext::make(world_->shared(), id_));
  const std::string& self = impl->context->host().facts.name;
  const cim::Repository& schema = *impl->context->repository();
  SL_TRY(cim::ConnectTarget target,
         cim::connect(
             ns,
             [&](std::string_view host) {
               return host == "." || equal_ignore_case(host, "localhost") ||
                      equal_ignore_case(host, self);
             },
             [&](std::string_view name) { return schema.has_namespace(name); }));
  impl->ns = std::move(target.ns);
  return Session(std::move(impl));
}

Result<reg::Registry> Machine::registry(const Principal& caller) const {
  Store& store = world_->shared().store();
  SL_CHECK(store.info(id_));
  return reg::Registry(std::make_shared<MachineStore>(store, id_), caller, world_->clock());
}

Result<> Machine::restart() const {
  Store& store = world_->shared().store();
  return store.as_one([&]() -> Result<> {
    SL_TRY(const FileTime now, store.now());
    SL_CHECK(serve(world_->shared(), id_,
                   [](licensing::Service& service) { return service.restarted(); }));
    return store.set_started(id_, now);
  });
}

Result<> Machine::generalize() const {
  return serve(world_->shared(), id_,
               [](licensing::Service& service) { return service.generalized(); });
}

Result<> Machine::events(const EventFilter& filter,
                         FunctionRef<bool(const licensing::EventRecord&)> sink) const {
  return EventLogs(world_->shared(), id_).records(filter, sink);
}

Result<std::vector<licensing::EventRecord>> Machine::events(const EventFilter& filter) const {
  std::vector<licensing::EventRecord> out;
  SL_CHECK(events(filter, [&](const licensing::EventRecord& record) {
    out.push_back(record);
    return true;
  }));
  return out;
}

Result<licensing::LogTotals> Machine::log_totals(licensing::EventLog log) const {
  return EventLogs(world_->shared(), id_).totals(log);
}

Result<> Machine::clear_log(licensing::EventLog log, std::optional<std::uint64_t> last) const {
  EventLogs logs(world_->shared(), id_);
  return world_->shared().store().in_turn([&]() -> Result<> {
    SL_TRY(const licensing::LogTotals totals, logs.totals(log));
    if (last && *last != totals.last)
      return fail(HResult::kErrorTransactionalConflict,
                  "something was written to the log meanwhile");
    return logs.clear(log);
  });
}

Result<licensing::Firmware> Machine::firmware() const {
  SL_TRY(const MachineInfo info, world_->shared().store().info(id_));
  return licensing::firmware_of(facts_of(info, 0));
}

Result<> Machine::replace_board(licensing::Firmware firmware) const {
  Store& store = world_->shared().store();
  MachineSpec board;
  board.set_firmware(firmware);
  return store.as_one([&]() -> Result<> {
    SL_TRY(MachineInfo info, store.info(id_));
    info.flags = (info.flags & ~(kSlicTable | kWindowsMarker | kSlicMalformed)) |
                 (board.slic_table ? kSlicTable : 0u) |
                 (board.windows_marker ? kWindowsMarker : 0u) |
                 (board.slic_malformed ? kSlicMalformed : 0u);
    SL_CHECK(store.set_row(id_, info));
    licensing::Event changed;
    changed.kind = licensing::EventKind::kHardwareChanged;
    SL_CHECK(happened(changed));
    return restart();
  });
}

Result<HResult> Machine::setup_error() const {
  SL_TRY(const std::unique_ptr<MachineContext> context,
         MachineContext::make(world_->shared(), id_));
  const licensing::Host& host = context->host();
  return licensing::setup_error(*host.resolved.os, *host.resolved.product,
                                licensing::firmware_of(host.facts));
}

Result<licensing::RightsDecision> Machine::usage_rights(licensing::RightsFacts facts) const {
  SL_TRY(const std::unique_ptr<MachineContext> context,
         MachineContext::make(world_->shared(), id_));
  const licensing::Host& host = context->host();
  facts.os = host.resolved.os;
  facts.bought = host.resolved.product;
  facts.firmware = licensing::firmware_of(host.facts);
  facts.upgraded = host.facts.upgraded;
  SL_TRY(facts.now, world_->now());
  if (facts.edition.empty()) facts.edition = facts.agreement.value_or(facts.os->volume_edition);
  return licensing::decide_rights(facts, *host.catalogue);
}

Result<> Machine::happened(const licensing::Event& event) const {
  if (event.kind == licensing::EventKind::kHardwareChanged)
    SL_CHECK(world_->shared().store().count_hardware_change(id_));
  return serve(world_->shared(), id_,
               [&](licensing::Service& service) { return service.happened(event); });
}

}  // namespace slwmi::world
