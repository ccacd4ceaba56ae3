// The network's blob: what is accepted is written back byte by byte, passes its own check, and can
// be compiled and asked. Small limits keep one input from being many rules times many machines.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "world/net/codec.hpp"
#include "world/net/compiled.hpp"

using namespace slwmi;
using namespace slwmi::world::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  const Limits limits{.bytes = 1 << 16, .zones = 64, .sites = 64, .rules = 64};
  auto model = decode(bytes, limits);
  if (!model) return 0;
  const Bytes again = encode(*model);
  if (!std::equal(again.begin(), again.end(), bytes.begin(), bytes.end())) std::abort();
  if (!check(*model, limits)) std::abort();
  for (const Fault& fault : model->faults) {
    const auto who = parse_match(to_text(fault.who));
    if (!who || !(to_text(*who) == to_text(fault.who))) std::abort();
  }
  const CompiledNetwork net(std::make_shared<const Model>(*std::move(model)), 1,
                            [](std::string_view host) { return host.size() % 2 == 0 ? 7u : 0u; });
  const Profile a = net.profile({"PC1", kDefaultSite, "contoso.com", "kms-client"});
  const Profile b = net.profile({"KMS1", "Ulm", "", "kms-host"});
  for (const FileTime now :
       {FileTime{}, FileTime{1}, FileTime{128487168000000000u}, kMaxFileTime}) {
    const Answer answer = net.lookup({a, 1}, now);
    if (answer.verdict.ok() == answer.targets.empty()) std::abort();
    const Verdict reach = net.reach({a, 1}, {b, 2}, kKmsPort, now);
    if (reach.ok() != net.describe(reach).empty()) std::abort();
    (void)net.update({a, 1}, now);
    (void)net.response({a, 1}, {b, 2}, now);
    (void)net.service({b, 2}, now);
    if (net.clock_of({a, 1}, now).ticks > kMaxFileTime.ticks) std::abort();
  }
  return 0;
}
