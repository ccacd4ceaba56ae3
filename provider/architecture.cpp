#include "provider/architecture.hpp"

#include "base/text.hpp"
#include "provider/machine_state.hpp"
#include "registry/registry.hpp"

namespace slwmi::licensing {
namespace {

constexpr std::string_view kValue = "PROCESSOR_ARCHITECTURE";
constexpr std::string_view kAmd64 = "AMD64";

}  // namespace

bool is_sixty_four_bit(const reg::HiveView& view) {
  const auto architecture = read_text(view, kSystemEnvironment, kValue);
  return architecture && equal_ignore_case(*architecture, kAmd64);
}

Result<> set_sixty_four_bit(const Host& host, const Clock& clock) {
  return reg::Registry(host.store, system_principal(), clock)
      .set(kSystemEnvironment, kValue, reg::make_sz(kAmd64));
}

}  // namespace slwmi::licensing
