#include "provider/kms/host.hpp"

#include <algorithm>
#include <numeric>

#include "base/hash.hpp"

namespace slwmi::licensing::kms {
namespace {

constexpr std::size_t kMaxClients = 65535;

bool is_seen(const Client& client, Minute now) {
  return client.seen > now || now - client.seen < kMemoryMinutes;
}

void count_client(HostState& state, const Request& request, Minute now) {
  auto& clients = state.clients;
  std::erase_if(clients, [&](const Client& c) {
    return c.id == request.client_machine_id || !is_seen(c, now);
  });
  // Virtual machines of this generation are served but not counted.
  if (request.virtual_machine) return;
  state.largest_requirement = std::max(state.largest_requirement, request.required_client_count);
  clients.push_back({request.client_machine_id, now});
  const std::size_t limit = std::min(2 * std::size_t{state.largest_requirement}, kMaxClients);
  if (clients.size() > limit)
    clients.erase(clients.begin(), clients.end() - static_cast<std::ptrdiff_t>(limit));
}

}  // namespace

std::uint32_t Counters::total() const {
  return std::accumulate(by_status.begin(), by_status.end(), std::uint32_t{0});
}

Bytes encode(const HostState& state) {
  ByteWriter out;
  for (const std::uint32_t count : state.counters.by_status) out.u32(count);
  out.u32(state.counters.failed);
  out.u32(state.largest_requirement);
  out.u32(static_cast<std::uint32_t>(state.clients.size()));
  for (const Client& client : state.clients) {
    out.bytes(std::as_bytes(std::span(client.id.bytes)));
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
    const ByteSpan id = in.span(client.id.bytes.size());
    std::transform(id.begin(), id.end(), client.id.bytes.begin(),
                   [](std::byte b) { return static_cast<std::uint8_t>(b); });
    client.seen = in.u32();
    state.clients.push_back(client);
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

Guid release_id(bool prerelease) {
  return guid_from_hash(hash128(prerelease ? "slwmi kms id beta" : "slwmi kms id released"));
}

Result<Response> answer(HostState& state, const HostFacts& host, const Request& request,
                        FileTime now) {
  const auto refuse = [&](HResult code, const char* why) {
    ++state.counters.failed;
    return fail(code, why);
  };
  if (!host.activated)
    return refuse(HResult::kSlEVlKeyManagementServiceNotActivated, "the KMS host is not activated");
  if (host.kms_id != request.kms_id)
    return refuse(HResult::kSlEVlKeyManagementServiceIdMismatch,
                  "one of KMS host and client is a beta and the other is not");
  const std::int64_t skew = whole_minutes(request.client_time - now);
  if (skew > kClockTolerance || skew < -kClockTolerance)
    return refuse(HResult::kSlEMismatchedProductSku, "the time of the request is too far off");
  const std::size_t status =
      std::min<std::size_t>(request.license_status, state.counters.by_status.size() - 1);
  ++state.counters.by_status[status];
  count_client(state, request, minute_of(now));
  return Response{host.pid,
                  request.client_machine_id,
                  request.client_time,
                  client_count(state, now),
                  host.activation_interval,
                  host.renewal_interval};
}

}  // namespace slwmi::licensing::kms
