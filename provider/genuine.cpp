#include "provider/genuine.hpp"

#include "provider/pid.hpp"

namespace slwmi::licensing {
namespace {

void write_text(ByteWriter& out, std::string_view text) {
  constexpr std::size_t kMost = 0xFFFF;
  text = text.substr(0, kMost);
  out.u16(static_cast<std::uint16_t>(text.size()));
  out.bytes(text);
}

std::string read_text(ByteReader& in) { return std::string(as_text(in.span(in.u16()))); }

}  // namespace

std::optional<ProductKey> checked_key(const License& license, std::string_view customer_pid) {
  if (!license.has(LicenseFlag::kHasKey)) return std::nullopt;
  if (license.has(LicenseFlag::kKmsActivated)) {
    if (const auto of_host = key_in(customer_pid)) return of_host;
  }
  return ProductKey{license.key_group, license.key_serial};
}

std::optional<ProductKey> checked_key(const License& license, const reg::HiveView& view) {
  const auto pid = licensing::read_text(view, paths::kServiceSl, "CustomerPID");
  return checked_key(license, pid.value_or(std::string()));
}

Bytes encode(const Validation& validation) {
  ByteWriter out;
  out.u64(validation.time.ticks);
  out.u32(value_of(validation.code));
  out.u16(validation.key.group);
  out.u32(validation.key.serial);
  write_text(out, validation.template_id);
  write_text(out, validation.server);
  return out.take();
}

Result<Validation> decode_validation(ByteSpan bytes) {
  ByteReader in(bytes);
  Validation out;
  out.time = FileTime{in.u64()};
  out.code = HResult{in.u32()};
  out.key.group = in.u16();
  out.key.serial = in.u32();
  out.template_id = read_text(in);
  out.server = read_text(in);
  if (!in.ok() || !in.at_end())
    return fail(HResult::kErrorInvalidData, "the record of a validation is cut short or too long",
                SourcePos{in.position(), 0, 0});
  return out;
}

std::optional<Validation> last_validation(const reg::HiveView& view) {
  const auto value = find_value(view, paths::kStore, kValidationValue);
  if (!value || value->type != reg::ValueType::kBinary) return std::nullopt;
  auto found = decode_validation(value->data);
  if (!found) return std::nullopt;
  return *std::move(found);
}

std::string_view name_of(GenuineState state) {
  switch (state) {
    case GenuineState::kGenuine:
      return "genuine";
    case GenuineState::kInvalidLicense:
      return "invalid licence";
    case GenuineState::kTampered:
      return "tampered";
    case GenuineState::kOffline:
      return "not validated";
  }
  return {};
}

GenuineStatus genuine_status(const Host& host, const MachineState& state, const reg::HiveView& view,
                             FileTime now) {
  const License& license = state.base().license;
  GenuineStatus out;
  out.key = checked_key(license, view);
  out.last = last_validation(view);
  if (license.has(LicenseFlag::kTampered)) {
    out.state = GenuineState::kTampered;
    out.reason = HResult::kSlRemappingSpPubTsTampered;
    return out;
  }
  if (!license.has(LicenseFlag::kNonGenuine)) {
    const bool proved = out.last && out.last->code == HResult::kSOk && out.last->key == out.key;
    out.state = proved ? GenuineState::kGenuine : GenuineState::kOffline;
    return out;
  }
  out.reason = out.last && failed(out.last->code) ? out.last->code : HResult::kSlENotGenuine;
  out.state = out.reason == HResult::kSlETamperDetected ? GenuineState::kTampered
                                                        : GenuineState::kInvalidLicense;
  out.since = time_of(license.non_genuine_at);
  const Policy policy = policy_of(*state.base().product, *host.resolved.os);
  if (status_at(license, policy, now).status == LicenseStatus::kNonGenuineGrace)
    out.until = next_change(license, policy, now).value_or(FileTime{});
  return out;
}

}  // namespace slwmi::licensing
