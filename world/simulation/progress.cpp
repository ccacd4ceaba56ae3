#include "world/simulation/progress.hpp"

namespace slwmi::world::simulation {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kSmallestSample = 36;
constexpr std::size_t kSmallestHost = 16;

void put_text(ByteWriter& out, ByteSpan text) {
  out.u32(static_cast<std::uint32_t>(text.size()));
  out.bytes(text);
}
ByteSpan take_text(ByteReader& in) {
  const std::uint32_t size = in.u32();
  return in.span(size);
}
// A number of things of at least `smallest` bytes: more than fit is no number.
std::uint32_t take_count(ByteReader& in, std::size_t smallest) {
  const std::uint32_t count = in.u32();
  if (count > in.remaining() / smallest) in.fail();
  return in.ok() ? count : 0;
}

Sample take_sample(ByteReader& in) {
  Sample out;
  out.at = FileTime{in.u64()};
  for (std::uint32_t& count : out.by_status) count = in.u32();
  const std::uint32_t hosts = take_count(in, kSmallestHost);
  for (std::uint32_t i = 0; i < hosts; ++i) {
    HostSample host;
    host.name = std::string(as_text(take_text(in)));
    host.count = in.u32();
    host.requests = in.u32();
    host.failed = in.u32();
    out.hosts.push_back(std::move(host));
  }
  return out;
}

}  // namespace

Bytes encode(const Progress& progress) {
  ByteWriter out;
  out.u32(kVersion);
  put_text(out, progress.description);
  out.u64(progress.start.ticks);
  out.u64(progress.end.ticks);
  out.u32(progress.actions);
  out.u32(static_cast<std::uint32_t>(progress.series.size()));
  for (const Sample& sample : progress.series) {
    out.u64(sample.at.ticks);
    for (const std::uint32_t count : sample.by_status) out.u32(count);
    out.u32(static_cast<std::uint32_t>(sample.hosts.size()));
    for (const HostSample& host : sample.hosts) {
      put_text(out, as_bytes(host.name));
      out.u32(host.count);
      out.u32(host.requests);
      out.u32(host.failed);
    }
  }
  return out.take();
}

Result<Progress> decode_progress(ByteSpan bytes) {
  ByteReader in(bytes);
  Progress out;
  if (in.u32() != kVersion) in.fail();
  const ByteSpan description = take_text(in);
  out.description.assign(description.begin(), description.end());
  out.start = FileTime{in.u64()};
  out.end = FileTime{in.u64()};
  out.actions = in.u32();
  const std::uint32_t samples = take_count(in, kSmallestSample);
  for (std::uint32_t i = 0; i < samples && in.ok(); ++i) out.series.push_back(take_sample(in));
  if (!in.ok() || !in.at_end()) {
    return fail(HResult::kErrorInvalidData, "the progress of a simulation is damaged",
                SourcePos{in.position(), 0, 0});
  }
  return out;
}

}  // namespace slwmi::world::simulation
