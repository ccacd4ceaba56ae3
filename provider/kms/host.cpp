#include "provider/kms/host.hpp"

#include <algorithm>
#include <numeric>

namespace slwmi::licensing::kms {
namespace {

constexpr std::uint32_t kMaxClients = 65535;

bool is_seen(const Client& client, Minute now) {
  return client.seen > now || now - client.seen < kMemoryMinutes;
}

// A client that is seen again moves to its new place by time; one that is new takes the place of
// the oldest when the table is full.
}  // namespace

std::uint32_t Counters::total() const {
  return std::accumulate(by_status.begin(), by_status.end(), std::uint32_t{0});
}

std::uint32_t capacity(const HostState& state) {
  return 2 * std::min(state.largest_requirement, kMaxClients / 2);
}

Bytes encode(const HostState& state) {
  ByteWriter out;
  for (const std::uint32_t count : state.counters.by_status) out.u32(count);
  out.u32(state.counters.failed);
  out.u32(state.largest_requirement);
  out.u32(static_cast<std::uint32_t>(state.clients.size()));
  for (const Client& client : state.clients) {
    out.u64(client.id);
    out.u32(client.seen);
  }
  return out.take();
}

Result<HostState> decode_host_state(ByteSpan bytes) {
  HostState state;
  if (bytes.empty()) return state;
  ByteReader in(bytes);
  for (std::uint32_t& count : state.counters.by_status) count = in.u32();
  state.counters.failed = in.u32();
  state.largest_requirement = in.u32();
  const std::uint32_t clients = in.u32();
  for (std::uint32_t i = 0; i < clients && in.ok(); ++i) {
    Client client;
    client.id = in.u64();
    client.seen = in.u32();
    state.clients.append(client);
  }
  if (!in.ok() || !in.at_end())
    return fail(HResult::kErrorInvalidData, "the state of a KMS host is cut short or too long",
                SourcePos{in.position(), 0, 0});
  return state;
}

std::uint32_t client_count(const HostState& state, FileTime now) {
  const Minute minute = minute_of(now);
  return static_cast<std::uint32_t>(
      std::count_if(state.clients.begin(), state.clients.end(),
                    [&](const Client& c) { return is_seen(c, minute); }));
}

HResult judge(const HostFacts& host, const Question& question, FileTime now) {
  const std::int64_t skew = whole_minutes(question.client_time - now);
  return !host.activated                          ? HResult::kSlEVlKeyManagementServiceNotActivated
         : host.prerelease != question.prerelease ? HResult::kSlEVlKeyManagementServiceIdMismatch
         : skew > kClockTolerance || skew < -kClockTolerance ? HResult::kSlEMismatchedProductSku
                                                             : HResult::kSOk;
}

bool is_steady(const HostState& state, std::uint32_t required, Minute now) {
  return state.largest_requirement >= required && !state.clients.empty() &&
         state.clients.size() >= required && is_seen(state.clients.front(), now);
}

void count(HostState& state, const HostFacts& host, const Question& question,
           std::span<const ClientPart> clients, Minute now) {
  const std::size_t status =
      std::min<std::size_t>(question.status, state.counters.by_status.size() - 1);
  state.counters.by_status[status] += static_cast<std::uint32_t>(clients.size());
  ClientTable& known = state.clients;
  state.largest_requirement = std::max(state.largest_requirement, question.required);
  while (!known.empty() && !is_seen(known.front(), now)) known.drop_oldest(1);
  if (question.virtual_machine && !host.counts_virtual_machines) return;
  const std::size_t limit = capacity(state);
  for (const ClientPart& client : clients) {
    known.erase(client.client_id);
    if (known.size() >= limit) known.drop_oldest(known.size() - limit + 1);
    if (limit != 0) known.insert({client.client_id, now});
  }
}

Reply answer(HostState& state, const HostFacts& host, const Question& question, FileTime now) {
  Reply reply;
  reply.processed = true;
  reply.machine = host.machine;
  reply.host_skew = host.clock_skew;
  reply.served = reply.code = judge(host, question, now);
  if (failed(reply.code)) {
    ++state.counters.failed;
    return reply;
  }
  count(state, host, question, std::array{ClientPart{question.client_id, 0, 0}}, minute_of(now));
  reply.count = static_cast<std::uint32_t>(state.clients.size());
  reply.activation_interval = host.activation_interval;
  reply.renewal_interval = host.renewal_interval;
  return reply;
}

}  // namespace slwmi::licensing::kms
