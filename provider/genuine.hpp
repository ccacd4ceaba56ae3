// Genuine state: which key a validation checks, what the last one found, and what the machine can
// tell of itself. Source: VA2 "Recovering from a Non-Genuine State". docs/formats.md has the bytes
// of what a validation leaves behind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "provider/machine_state.hpp"

namespace slwmi::licensing {

// Where people go for a validation (VA2), and the template of the ticket that they get there.
inline constexpr std::string_view kValidationUrl = "http://go.microsoft.com/fwlink/?LinkId=64187";
inline constexpr std::string_view kValidationTemplate = "66c92734-d682-4d71-983e-d6ec3f16059f";

// The key that a validation checks. A KMS client that was activated answers for the key of its KMS
// host, which CustomerPID tells; everybody else for the key installed. Nothing without a key.
std::optional<ProductKey> checked_key(const License& base, const reg::HiveView& view);
std::optional<ProductKey> checked_key(const License& base, std::string_view customer_pid);

// What the last validation found. A genuine one is the ticket.
struct Validation {
  FileTime time;
  HResult code = HResult::kSOk;  // a failure: why the system is not genuine
  ProductKey key;                // that was checked
  std::string template_id, server;
  bool operator==(const Validation&) const = default;
};
inline constexpr std::string_view kValidationValue = "Validation";  // in paths::kStore

Bytes encode(const Validation& validation);
Result<Validation> decode_validation(ByteSpan bytes);                  // ERROR_INVALID_DATA
std::optional<Validation> last_validation(const reg::HiveView& view);  // nothing: none, or damaged

// As SL_GENUINE_STATE of the licensing API counts.
enum class GenuineState : std::uint8_t {
  kGenuine = 0,  // the last validation found it so, and the key is the same
  kInvalidLicense = 1,
  kTampered = 2,
  kOffline = 3,  // not found non-genuine, and not validated with its key
};
std::string_view name_of(GenuineState state);  // "genuine", "invalid licence", ...

struct GenuineStatus {
  GenuineState state = GenuineState::kOffline;
  HResult reason = HResult::kSOk;  // a failure: why it is not genuine
  FileTime since;                  // found non-genuine; zero: it is not, or not known
  FileTime until;                  // end of the non-genuine grace period; zero: not in one
  std::optional<ProductKey> key;   // that a validation would check
  std::optional<Validation> last;
};
GenuineStatus genuine_status(const Host& host, const MachineState& state, const reg::HiveView& view,
                             FileTime now);

}  // namespace slwmi::licensing
